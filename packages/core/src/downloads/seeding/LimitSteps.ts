/** What is to be done about the limits of a download. */
import type { LimitSetting } from "../../integrations/DownloadsCapability.ts"
import type { Rule } from "../../rules/Rule.ts"
import { type LimitChange, limitIn } from "./Changes.ts"
import { isShareField, limitFields, whyLimitRemoves } from "./Habits.ts"
import { isSetTo, limitStep, type OwnLimit } from "./Limits.ts"
import type { Mark } from "./Marks.ts"
import type { Want } from "./SeedingJudging.ts"
import {
  braked,
  type Has,
  isPending,
  limitAspect,
  markOf,
  type NewMark,
  ruleIn,
  type Situation,
  type StepBuilder
} from "./StepBuilder.ts"

/** What is remembered of a limit of ours; `null` = it is not ours. */
const ownLimitIn = (mark: Mark | undefined): OwnLimit | null =>
  mark === undefined
    ? null
    : { before: mark.found as OwnLimit["before"], ours: mark.state === "ours" ? (mark.ours as OwnLimit["ours"]) : null }

export const limitSteps = (situation: Situation, to: StepBuilder, has: Has): void => {
  const { isBraked, marks, one, tools, verdict } = situation
  if (marks.some((mark) => mark.aspect.startsWith("limit/") && isPending(mark))) return
  const changes: Array<{
    readonly change: LimitChange
    readonly rule: Pick<Rule, "id" | "name">
    readonly mark: NewMark
  }> = []
  for (const field of limitFields) {
    const want: Want<LimitSetting> = verdict.wants.limits[field]
    const mark = has(limitAspect(field))
    if (want !== null && want.unknown !== null) {
      to.note("unknown", "limits", want.rule.name, want.unknown)
      continue
    }
    if (!tools.limits.includes(field)) {
      if (want !== null) to.note("refused", "limits", want.rule.name, `${one.clientName} has no limit "${field}"`)
      continue
    }
    const current = limitIn(one.download, field)
    // A limit at which the client stops would end what is owed.
    const isOwed = want !== null && isShareField(field) && verdict.owed !== null
    if (isOwed && verdict.owed !== null) to.note("owed", "limits", want.rule.name, verdict.owed)
    const wanted = want === null || isOwed ? null : want.value
    const ofClient = field === "down" || field === "up" ? one.client.limits[field] : one.client.seedLimits[field]
    const next = limitStep({
      field,
      current,
      ofClient,
      hasOwnCopy: tools.ownLimits.includes(field),
      wanted,
      own: ownLimitIn(mark)
    })
    const rule = want?.rule ?? ruleIn(mark)
    switch (next._tag) {
      case "Keep":
        if (wanted !== null && !isSetTo(field, current, wanted)) {
          to.note(
            current.is === "unknown" ? "unknown" : "left-to-person",
            "limits",
            rule.name,
            `${field}: ${next.because}`
          )
        }
        break
      case "Release":
        to.releases.push(limitAspect(field))
        break
      case "Forget":
        to.drops.push(limitAspect(field))
        break
      case "Set":
      case "Restore": {
        const restores = next._tag === "Restore"
        const removes = whyLimitRemoves(one, field, next.setting)
        const isAllowed = !restores && want?.unknown === null && want.action.mayRemove === true
        if (removes !== null && !isAllowed) {
          to.note("refused", "limits", rule.name, `${removes}, and the rule does not allow that`)
        } else if (removes !== null && isBraked) {
          to.note("waiting", "limits", rule.name, `${removes}, and ${braked}`)
        } else {
          changes.push({
            change: { field, setting: next.setting, before: current, restores },
            rule,
            mark:
              restores && mark !== undefined
                ? { ...mark, state: "restoring" }
                : { ...markOf(limitAspect(field), rule, next.before, next.setting), ours: mark?.ours ?? null }
          })
        }
      }
    }
  }
  const [first] = changes
  if (first === undefined) return
  const isOnlyBack = changes.every(({ change }) => change.restores)
  to.plan(
    "limits",
    first.rule,
    isOnlyBack ? `the rule "${first.rule.name}" no longer sets them` : `the rule "${first.rule.name}" matches`,
    { type: "change", change: { type: "limits", limits: changes.map(({ change }) => change) } },
    changes.map(({ mark }) => mark)
  )
}
