/** Holds runs that would newly act on too large a share of the library, until a person forces them. */
import { Effect } from "effect"
import { isBraked } from "../../acts/Brake.ts"
import type { ActingPreview } from "../../capacity/ActingReport.ts"
import type { Environment } from "../../capacity/Decision.ts"
import { EventLog } from "../../events/EventLog.ts"
import { itemCount } from "../../library/Counting.ts"
import type { ActingRule } from "../../rules/ItemRules.ts"
import { RuleEvents } from "../../rules/RuleEvents.ts"
import { RulesSettings } from "../../rules/RulesSettings.ts"
import { Settings } from "../../settings/Settings.ts"
import type { ActingEvaluation } from "./Evaluation.ts"

export interface Holding extends Effect.Success<typeof makeHolding> {}

export const makeHolding = Effect.gen(function* () {
  const settings = yield* Settings
  const events = yield* EventLog

  /** Why nothing new may be queued or changed; `null` = it may. */
  const why = Effect.fnUntraced(function* (
    { environment }: ActingEvaluation,
    newly: number,
    force: boolean
  ): Effect.fn.Return<ActingPreview["held"]> {
    const { maxActingShare, minActingItems } = yield* settings.get(RulesSettings)
    const share = shareOf(environment, newly)
    if (force || newly < minActingItems || share <= maxActingShare) return null
    const percent = (of: number) => `${Math.round(of * 100)} %`
    const detail = `it would newly act on ${itemCount(newly)} (${percent(share)} of the library, at most ${percent(maxActingShare)} are accepted without a person who forces it)`
    return { items: newly, share, accepted: maxActingShare, detail }
  })

  /** While deletions are switched off, no change is planned. */
  const braked = Effect.fnUntraced(function* ({ environment }: ActingEvaluation, newly: number) {
    if (newly === 0 || !(yield* isBraked(settings))) return null
    const share = shareOf(environment, newly)
    return { items: newly, share, accepted: 0, detail: "deletions are switched off in the settings" }
  })

  const log = ({ rule }: ActingRule, held: NonNullable<ActingPreview["held"]>) =>
    events.append(
      RuleEvents.held.make({
        subject: rule.id,
        message: `The run of the rule "${rule.name}" is held: ${held.detail}`,
        payload: { items: held.items, share: held.share, accepted: held.accepted }
      })
    )

  return { why, braked, log }
})

const shareOf = ({ counting, snapshot }: Environment, items: number): number => {
  const all = counting.tally(snapshot.items).items
  return all === 0 ? 0 : items / all
}
