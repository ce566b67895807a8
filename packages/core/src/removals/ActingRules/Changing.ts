/** Plans the changes of an acting rule as acts, and carries them out. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { ActRecord, ActState } from "../../acts/ActRecord.ts"
import { openActStates } from "../../acts/ActStates.ts"
import type { RunItems } from "../../capacity/ActingReport.ts"
import { type Environment, sheetOf } from "../../capacity/Decision.ts"
import { Integrations } from "../../integrations/Integrations.ts"
import type { LibraryItem } from "../../library/Item.ts"
import { makeTitles } from "../../library/Titles.ts"
import type { ChangeAction } from "../../rules/RuleAction.ts"
import { Rules } from "../../rules/Rules.ts"
import { transacting } from "../../storage/Transactions.ts"
import { changeOfItem, isAsWanted, isSameChange, keyOfChange } from "./Changes.ts"
import type { ActingEvaluation } from "./Evaluation.ts"
import type { Holding } from "./Holding.ts"
import { ItemChanges } from "./ItemChanges.ts"
import type { RunMode } from "./Queueing.ts"

export const makeChanging = Effect.fnUntraced(function* (holding: Holding) {
  const transact = transacting(yield* SqlClient.SqlClient)
  const integrations = yield* Integrations
  const rules = yield* Rules
  const changes = yield* ItemChanges

  const change = Effect.fnUntraced(function* (
    evaluation: ActingEvaluation,
    action: ChangeAction,
    items: RunItems,
    mode: RunMode
  ) {
    const { environment, rule } = evaluation
    const newest = yield* changes.newest
    // The title may have come back under another id, or in an integration that was connected again.
    const there = new Set((yield* integrations.list).map(({ id }) => id))
    const refusedOf = makeTitles(
      Array.from(newest.values()).flatMap((value) => {
        const { subject } = value
        if (subject?.ruleId !== rule.rule.id || !isRefused(value) || !isSameChange(subject.change, action)) return []
        const integrationId = there.has(subject.integrationId) ? subject.integrationId : null
        return [{ integrationId, kind: subject.kind, ids: subject.ids, seasonNumber: null, episodeNumber: null, value }]
      })
    )
    const wanted: Array<LibraryItem> = []
    for (const { item, verdict } of evaluation.judged) {
      if (verdict._tag !== "Acts") {
        items.add(verdict._tag === "Kept" ? "kept" : "unknown", item, verdict.because)
        continue
      }
      const before = newest.get(keyOfChange(changeOfItem(item, rule.rule.id, action)))
      const same = before?.subject != null && isSameChange(before.subject.change, action) ? before : undefined
      const refused = before === undefined ? refusedOf(item)[0]?.value : isRefused(same) ? same : undefined
      if (refused !== undefined) {
        items.add("kept", item, `act ${refused.id}, which is the same change, was ${refused.state} by a person`)
      } else if (isAsWanted(sheetOf(environment, item), action) || isUnread(environment, item, same)) {
        items.add("as-wanted", item)
      } else if (before !== undefined && isOpen(before.state)) {
        items.add("already-queued", item, `act ${before.id} is ${before.state}`)
      } else wanted.push(item)
    }
    const held =
      (yield* holding.braked(evaluation, wanted.length)) ?? (yield* holding.why(evaluation, wanted.length, mode.force))
    const planned = held === null ? wanted : []
    for (const item of wanted) items.add(held === null ? "planned" : "held", item)
    if (!mode.dryRun) {
      yield* transact(
        Effect.gen(function* () {
          for (const item of planned) {
            const because = `the rule "${rule.rule.name}" matches`
            yield* Effect.catchTag(
              changes.intend(changeOfItem(item, rule.rule.id, action), { because }),
              // Somebody was faster, and the open act is carried out with the others.
              "ActConflict",
              () => Effect.void
            )
            yield* Effect.yieldNow
          }
          if (held !== null) yield* holding.log(rule, held)
        })
      )
    }
    return { held }
  })

  /** Changes whose rule was deleted, switched off, or has another action now. */
  const withdrawOrphans = Effect.gen(function* () {
    if ((yield* changes.nextDue) === null) return
    const alive = new Map((yield* rules.list).map((rule) => [rule.id, rule]))
    yield* changes.withdraw(({ change: planned, ruleId }) => {
      const rule = alive.get(ruleId)
      if (rule === undefined) return "its rule was deleted"
      if (!rule.enabled) return `the rule "${rule.name}" was switched off`
      return rule.action?.type === "change" && isSameChange(rule.action, planned)
        ? null
        : `the rule "${rule.name}" has another action now`
    })
  })

  return { change, carryOut: changes.carryOutDue, withdrawOrphans }
})

/** By a person: nobody else cancels or undoes an act. */
const isRefused = (act: Pick<ActRecord, "state"> | undefined): boolean =>
  act?.state === "undone" || act?.state === "cancelled"

const isOpen = (state: ActState): boolean => openActStates.some((open) => open === state)

/** A change that was carried out after its application was last read: the known facts are older. */
const isUnread = (
  { sources }: Environment,
  { integrationId }: LibraryItem,
  act: Pick<ActRecord, "state" | "endedAt"> | undefined
): boolean => {
  const catalog = sources.catalog(integrationId)
  return act?.state === "done" && act.endedAt !== null && catalog._tag === "Fresh" && catalog.at <= act.endedAt
}
