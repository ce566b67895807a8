/** What the rules about seeding want of a download now. Of several that set the same, the first that matches decides. */
import { Effect } from "effect"
import type { FactSheet } from "../../library/Facts.ts"
import type { Rule } from "../../rules/Rule.ts"
import { matchesOf } from "../../rules/RuleMatches.ts"
import type { ArrangeAction, SeedAction } from "../../rules/SeedingActions.ts"
import { forEachSheet } from "../../rules/SubjectSheets.ts"
import type { LimitSetting } from "../../integrations/DownloadsCapability.ts"
import type { DownloadFactName } from "../DownloadFacts.ts"
import { arrangeEffect, byPrecedence, downloadRules, hitAndRunEffect, seedEffect, targetOf } from "../DownloadRules.ts"
import type { Downloading } from "../Downloading.ts"
import { ignoredBecause, type JudgingContext } from "../Judging.ts"
import { countedOf, goalOf, type Met } from "./Goals.ts"
import { type LimitField, limitFields } from "./Habits.ts"
import { type DownloadMatch, type HitAndRun, hitAndRunsOf, owedBecause } from "./HitAndRun.ts"

export interface Goal {
  readonly rule: Rule
  readonly action: SeedAction
  /** Facts that the condition reads. */
  readonly reads: ReadonlyArray<DownloadFactName>
  /** `unknown` also if it is not known whether the rule matches. */
  readonly met: Met
  readonly because: string
}

/** What is wanted of one aspect; `null` = nothing. `unknown`: it is not known whether an earlier rule matches. */
export type Want<A> =
  | { readonly rule: Rule; readonly unknown: string }
  | { readonly rule: Rule; readonly unknown: null; readonly action: ArrangeAction; readonly value: A }
  | null

export interface Wants {
  readonly limits: Readonly<Record<LimitField, Want<LimitSetting>>>
  readonly category: Want<string>
  readonly tags: Want<ReadonlyArray<string>>
  readonly queue: Want<number>
}

export interface SeedingVerdict {
  /** Why nothing is done about it; `null` = it is judged. */
  readonly held: { readonly outcome: "ignored" | "held"; readonly because: string } | null
  /** Rules about seeding that match, or may match. */
  readonly rules: ReadonlyArray<{ readonly rule: Rule; readonly truth: "true" | "unknown" }>
  readonly hitAndRuns: ReadonlyArray<HitAndRun>
  /** Why nothing may end its seeding; `null` = nothing is owed. */
  readonly owed: string | null
  readonly goal: Goal | null
  readonly wants: Wants
}

const seedingEffects: ReadonlyArray<string> = [seedEffect, hitAndRunEffect, arrangeEffect]

const unknownText = ({ rule: { rule }, unknown }: DownloadMatch): string =>
  `it is not known whether the rule "${rule.name}" matches: ${unknown.join(", ")}`

const goalAmong = (one: Downloading, matches: ReadonlyArray<DownloadMatch>): Goal | null => {
  const [first] = matches.filter(({ rule }) => rule.effect.name === seedEffect)
  const action = first?.rule.rule.action
  if (first === undefined || action?.type !== "seed") return null
  const { condition, rule } = first.rule
  const found =
    first.truth === "unknown"
      ? { met: "unknown" as const, because: unknownText(first) }
      : goalOf(action, countedOf(one))
  return { rule, action, reads: condition.facts, ...found }
}

const wantAmong = <A>(
  matches: ReadonlyArray<DownloadMatch>,
  pick: (action: ArrangeAction) => A | undefined
): Want<A> => {
  for (const match of matches) {
    const { rule } = match.rule
    const { action } = rule
    if (action?.type !== "arrange") continue
    const value = pick(action)
    if (value === undefined) continue
    return match.truth === "unknown" ? { rule, unknown: unknownText(match) } : { rule, unknown: null, action, value }
  }
  return null
}

const valueOf = (value: number | undefined, factor: number): LimitSetting | undefined =>
  value === undefined ? undefined : { is: "value", value: value * factor }

const limitPicks: Readonly<Record<LimitField, (action: ArrangeAction) => LimitSetting | undefined>> = {
  ratio: ({ limits }) => valueOf(limits?.ratio, 1),
  seedingSeconds: ({ limits }) => valueOf(limits?.seedingHours, 3600),
  inactiveSeconds: ({ limits }) => valueOf(limits?.inactiveHours, 3600),
  down: ({ limits }) => valueOf(limits?.downKibps, 1024),
  up: ({ limits }) => valueOf(limits?.upKibps, 1024)
}

const judge = (
  one: Downloading,
  sheet: FactSheet<DownloadFactName>,
  { held, ignoreTag, now, set }: JudgingContext
): SeedingVerdict => {
  const matches = matchesOf(set, targetOf(one), sheet, now)
  const ordered = matches
    .map((match) => ({ match, rule: match.rule.rule }))
    .toSorted(byPrecedence)
    .map(({ match }) => match)
  const hitAndRuns = hitAndRunsOf(one, ordered)
  const ignored = ignoredBecause(one, matches, ignoreTag)
  const because = held.get(one.integrationId)
  return {
    held:
      ignored !== null
        ? { outcome: "ignored", because: ignored }
        : because === null
          ? null
          : { outcome: "held", because: because ?? `${one.clientName} has not been read yet` },
    rules: ordered.flatMap(({ rule: { effect, rule }, truth }) =>
      seedingEffects.includes(effect.name) ? [{ rule, truth }] : []
    ),
    hitAndRuns,
    owed: owedBecause(hitAndRuns),
    goal: goalAmong(one, ordered),
    wants: {
      limits: Object.fromEntries(
        limitFields.map((field) => [field, wantAmong(ordered, limitPicks[field])])
      ) as Wants["limits"],
      category: wantAmong(ordered, ({ category }) => category),
      tags: wantAmong(ordered, ({ tags }) => tags),
      queue: wantAmong(ordered, ({ queue }) => queue)
    }
  }
}

/** The verdicts about all downloads, by their ids. */
export const judgeSeeding = Effect.fn("Seeding.judge")(function* (
  downloads: ReadonlyArray<Downloading>,
  context: JudgingContext
) {
  const verdicts = new Map<string, SeedingVerdict>()
  yield* forEachSheet(
    downloadRules,
    { things: downloads, idOf: ({ id }) => id, context: null, facts: context.set.facts },
    (one, sheet) => verdicts.set(one.id, judge(one, sheet, context))
  )
  return verdicts as ReadonlyMap<string, SeedingVerdict>
})
