/** What is to be done about one download now, by its verdict and by what Tendarr has set before. Nothing is sent here. */
import type { Rule } from "../../rules/Rule.ts"
import { sharingFiles } from "../Assembling.ts"
import { aboutOwner, settledMillis } from "../Judging.ts"
import { isComplete } from "../Observation.ts"
import { isPaused } from "./Changes.ts"
import { trashOf, whyCategoryMoves } from "./Habits.ts"
import { limitSteps } from "./LimitSteps.ts"
import type { Goal } from "./SeedingJudging.ts"
import type { SeedingOutcome } from "./SeedingReport.ts"
import {
  braked,
  categoryAspect,
  goalPause,
  goalTag,
  type Has,
  isPending,
  markOf,
  type NewMark,
  ownTag,
  removalAspect,
  ruleIn,
  type Situation,
  StepBuilder,
  type Steps
} from "./StepBuilder.ts"

/** Why its application may still need it, as it is and where it is; `null` = it does not. */
const whyNeeded = ({ one, now }: Situation, reads: ReadonlyArray<string>): string | null => {
  const { ownership } = one
  if (ownership._tag === "Unknown") return ownership.because
  if (ownership._tag === "Nobody") {
    return reads.some((fact) => aboutOwner.some((name) => name === fact))
      ? null
      : "no application knows it, and the rule does not name that case"
  }
  const { entry, importedAt, name } = ownership.owner
  if (entry !== null) return `${name} still has it in its queue`
  if (importedAt === null) return reads.includes("imported") ? null : `${name} has not imported it`
  return Math.abs(now - Date.parse(importedAt)) < settledMillis ? `${name} has imported it only just now` : null
}

export const stepsOf = (situation: Situation): Steps => {
  const { marks, one, verdict } = situation
  const to = new StepBuilder()
  if (verdict.held !== null) {
    to.note(verdict.held.outcome, null, null, verdict.held.because)
    return to
  }
  const has = (aspect: string) => marks.find((mark) => mark.aspect === aspect)
  const { goal } = verdict
  if (goal !== null && goal.met !== "met") {
    to.note(goal.met === "unknown" ? "unknown" : "not-reached", null, goal.rule.name, goal.because)
  } else if (goal !== null) {
    if (one.download.forced === true) to.note("waiting", null, goal.rule.name, "a person has forced it to run")
    else if (one.download.state === "missing-files") {
      to.note("waiting", null, goal.rule.name, "its files are not where its client expects them: a disk may be absent")
    } else if (!isComplete(one.download)) to.note("waiting", null, goal.rule.name, "it is not complete")
    else reached(situation, goal, to, has)
  }
  const isMet = goal?.met === "met"
  // What a goal has done is not taken back; it is only forgotten.
  for (const { aspect, state } of marks) {
    const isOfGoal = aspect === goalPause || aspect.startsWith("goal-tag/")
    if (isOfGoal && !isMet && goal?.met !== "unknown" && (state === "ours" || state === "released"))
      to.drops.push(aspect)
  }
  category(situation, to, has, isMet && goal.action.reached === "category")
  tags(situation, to)
  limitSteps(situation, to, has)
  return to
}

const reached = (situation: Situation, goal: Goal, to: StepBuilder, has: Has): void => {
  const { one, tools, verdict } = situation
  const { action, because, rule } = goal
  const { owed } = verdict
  switch (action.reached) {
    case "nothing":
      return to.note("reached", null, rule.name, because)
    case "remove":
    case "remove-with-data": {
      const step = action.reached
      const withData = step === "remove-with-data"
      const needed = whyNeeded(situation, goal.reads)
      if (isPending(has(removalAspect))) return to.note("waiting", step, rule.name, "it is being removed already")
      if (owed !== null) return to.note("owed", step, rule.name, owed)
      if (needed !== null) return to.note("waiting", step, rule.name, needed)
      if (withData && !tools.removesData) {
        return to.note("refused", step, rule.name, `${one.clientName} removes only the entry, and keeps the files`)
      }
      if (withData && situation.unread !== null) return to.note("waiting", step, rule.name, situation.unread)
      if (withData && one.download.contentPath === null) {
        return to.note("waiting", step, rule.name, "its client does not say where its files are")
      }
      if (situation.isDecided)
        return to.note("left-to-person", step, rule.name, "a person has cancelled or undone its removal")
      if (situation.isBraked) return to.note("waiting", step, rule.name, braked)
      const sharing = withData ? sharingFiles(situation.all, one.id, situation.toCommon) : undefined
      const more = [
        ...(sharing === undefined ? [] : [`its files stay: "${sharing.download.name}" uses them, too`]),
        ...(withData ? [trashOf(one)] : []).flatMap((detail) => detail ?? [])
      ]
      return to.plan(step, rule, [because, ...more].join("; "), { type: "remove", withData }, [
        markOf(removalAspect, rule, null, step)
      ])
    }
    case "pause": {
      const mark = has(goalPause)
      if (isPending(mark)) return to.note("waiting", "pause", rule.name, "it is being paused already")
      if (isPaused(one.download)) return to.note("reached", "pause", rule.name, because)
      if (mark !== undefined) return to.note("left-to-person", "pause", rule.name, "a person has resumed it")
      if (owed !== null) return to.note("owed", "pause", rule.name, owed)
      return to.plan("pause", rule, because, { type: "change", change: { type: "pause" } }, [
        markOf(goalPause, rule, null, null)
      ])
    }
    case "category": {
      const { category: wanted = "", mayMove = false } = action
      return toCategory(situation, to, has, { rule, wanted, mayMove, because, reads: goal.reads })
    }
    case "tag": {
      const present = new Set((one.download.tags ?? []).map((tag) => tag.toLowerCase()))
      const missing = (action.tags ?? []).filter((tag) => !present.has(tag.toLowerCase()))
      if (missing.length === 0) return to.note("reached", "tags", rule.name, because)
      if (!tools.hasTags) return to.note("refused", "tags", rule.name, `${one.clientName} has no tags`)
      const add = missing.filter((tag) => has(goalTag(tag)) === undefined)
      if (add.length === 0) return to.note("left-to-person", "tags", rule.name, "a person has removed the tag")
      return to.plan(
        "tags",
        rule,
        because,
        { type: "change", change: { type: "tags", add, remove: [] } },
        add.map((tag) => markOf(goalTag(tag), rule, null, tag))
      )
    }
  }
}

const toCategory = (
  situation: Situation,
  to: StepBuilder,
  has: Has,
  move: {
    readonly rule: Rule
    readonly wanted: string
    readonly mayMove: boolean
    readonly because: string
    readonly reads: ReadonlyArray<string>
  }
): void => {
  const { isBraked, one, tools } = situation
  const { because, mayMove, rule, wanted } = move
  const note = (outcome: SeedingOutcome, why: string) => to.note(outcome, "category", rule.name, why)
  const mark = has(categoryAspect)
  if (isPending(mark)) return note("waiting", "it is being moved already")
  if (!tools.hasCategories) return note("refused", `${one.clientName} has no categories`)
  if (one.download.category === null) return note("unknown", "its client does not say which category it has")
  if (one.download.category.toLowerCase() === wanted.toLowerCase()) return note("reached", because)
  if (mark !== undefined && String(mark.wanted).toLowerCase() === wanted.toLowerCase()) {
    return note("left-to-person", "a person has moved it since")
  }
  // In another category, its application would not find it any more.
  const needed = one.ownership._tag === "Nobody" ? null : whyNeeded(situation, move.reads)
  if (needed !== null) return note("waiting", needed)
  const moves = whyCategoryMoves(one)
  if (moves !== null && !mayMove) return note("refused", `${moves}, and the rule does not allow that`)
  if (moves !== null && isBraked) return note("waiting", `${moves}, and ${braked}`)
  to.plan(
    "category",
    rule,
    moves === null ? because : `${because}; ${moves}`,
    { type: "change", change: { type: "category", category: wanted } },
    [markOf(categoryAspect, rule, one.download.category, wanted)]
  )
}

const category = (situation: Situation, to: StepBuilder, has: Has, isTaken: boolean): void => {
  const { category: want } = situation.verdict.wants
  // A goal that is reached decides.
  if (isTaken) return
  if (want === null) {
    const mark = has(categoryAspect)
    if (mark !== undefined && !isPending(mark)) to.drops.push(categoryAspect)
    return
  }
  if (want.unknown !== null) return to.note("unknown", "category", want.rule.name, want.unknown)
  const { action, rule, value } = want
  toCategory(situation, to, has, {
    rule,
    wanted: value,
    mayMove: action.mayMove === true,
    because: `the rule "${rule.name}" matches`,
    reads: []
  })
}

const tags = ({ marks, one, tools, verdict }: Situation, to: StepBuilder): void => {
  const { tags: want } = verdict.wants
  if (want !== null && want.unknown !== null) return to.note("unknown", "tags", want.rule.name, want.unknown)
  const own = marks.filter(({ aspect }) => aspect.startsWith("tag/"))
  if (own.some(isPending)) return
  const wanted = want === null ? [] : want.value
  const present = one.download.tags
  if (want !== null && (!tools.hasTags || present === null)) {
    return to.note("refused", "tags", want.rule.name, `${one.clientName} has no tags`)
  }
  const has = (tag: string) => present?.some((each) => each.toLowerCase() === tag.toLowerCase()) === true
  const add = wanted.filter((tag) => !has(tag) && !own.some(({ aspect }) => aspect === ownTag(tag)))
  const ended = own.filter(({ aspect }) => !wanted.some((tag) => ownTag(tag) === aspect))
  const removed = ended.filter(({ state, wanted: tag }) => state === "ours" && has(String(tag)))
  to.drops.push(...ended.filter((mark) => !removed.includes(mark)).map(({ aspect }) => aspect))
  const left = wanted.filter((tag) => !has(tag) && !add.includes(tag))
  if (left.length > 0 && want !== null) {
    to.note("left-to-person", "tags", want.rule.name, `a person has removed ${left.join(", ")}`)
  }
  if (add.length + removed.length === 0) return
  const rule = want?.rule ?? ruleIn(removed[0])
  const because = want === null ? `the rule "${rule.name}" no longer matches` : `the rule "${rule.name}" matches`
  to.plan(
    "tags",
    rule,
    because,
    { type: "change", change: { type: "tags", add, remove: removed.map((mark) => String(mark.wanted)) } },
    [
      ...add.map((tag) => markOf(ownTag(tag), rule, null, tag)),
      ...removed.map((mark): NewMark => ({ ...mark, state: "restoring" }))
    ]
  )
}
