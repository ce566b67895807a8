/** Seeding as it is shown: what the rules want of each download, what it owes, and what Tendarr has set. */
import { Context, Effect, Layer, Schema } from "effect"
import type { InvalidRequest } from "../../problems/Problem.ts"
import type { RulesUnreadable } from "../../rules/Rules.ts"
import { decodeCursor, encodeCursor, type Page, pageLimit } from "../../storage/Pages.ts"
import { DownloadNotFound } from "../DownloadErrors.ts"
import { Downloads } from "../Downloads.ts"
import { DownloadSchema } from "../DownloadSchema.ts"
import { countedOf } from "./Goals.ts"
import { makeMarkStore, type Mark, markStates } from "./Marks.ts"
import type { SeedingOutlook } from "./Seeding.ts"
import { Seeding } from "./Seeding.ts"
import { type GuardedFolderView, SeedingNote, seedingOutcomes } from "./SeedingReport.ts"

const Text = Schema.NullOr(Schema.String)
const Number = Schema.NullOr(Schema.Finite)

const RuleMatchView = Schema.Struct({
  ruleId: Schema.String,
  rule: Schema.String,
  effect: Schema.String,
  truth: Schema.Literals(["true", "unknown"])
}).annotate({ identifier: "SeedingRule", description: "A rule about seeding that matches, or may match." })

const ObligationView = Schema.Struct({
  ruleId: Schema.String,
  rule: Schema.String,
  state: Schema.Literals(["met", "owed", "unknown"]).annotate({ description: "`unknown` counts as owed." }),
  because: Schema.String
}).annotate({ identifier: "SeedingObligation" })

const GoalView = Schema.Struct({
  ruleId: Schema.String,
  rule: Schema.String,
  met: Schema.Literals(["met", "not-met", "unknown"]),
  because: Schema.String
}).annotate({ identifier: "SeedingGoal" })

export const SeedingView = Schema.Struct({
  downloadId: Schema.String,
  integrationId: Schema.String.annotate({ description: "Id of its download client." }),
  client: Schema.String,
  name: Schema.String,
  state: DownloadSchema.fields.state,
  category: Text,
  tags: DownloadSchema.fields.tags,
  private: DownloadSchema.fields.private,
  ratio: Number,
  seedingHours: Number.annotate({ description: "As its client counts them." }),
  creditedHours: Number.annotate({ description: "Those that a tracker has probably counted." }),
  rules: Schema.Array(RuleMatchView),
  goal: Schema.NullOr(GoalView),
  obligations: Schema.Array(ObligationView),
  notes: Schema.Array(SeedingNote).annotate({ description: "What the next run will do about it, and why it will not." })
}).annotate({ identifier: "Seeding" })
export type SeedingView = typeof SeedingView.Type

const MarkView = Schema.Struct({
  aspect: Schema.String.annotate({ description: "`limit/ratio`, `tag/name`, `category`, `pause/space` and the like." }),
  rule: Schema.String,
  state: Schema.Literals(markStates).annotate({
    description:
      "`setting` and `restoring`: under way. `ours`: set by Tendarr. `released`: changed by somebody else since, and left to them."
  }),
  before: Schema.Unknown.annotate({ description: "What was there before." }),
  wanted: Schema.Unknown,
  at: Schema.String
}).annotate({ identifier: "SeedingMark" })

export const SeedingDetail = Schema.Struct({
  ...SeedingView.fields,
  limits: DownloadSchema.fields.limits,
  seedLimits: DownloadSchema.fields.seedLimits,
  atLimit: DownloadSchema.fields.atLimit,
  habits: Schema.Array(Schema.String).annotate({ description: "What its client does by itself." }),
  set: Schema.Array(MarkView).annotate({ description: "What Tendarr has set." })
}).annotate({ identifier: "SeedingDetail" })
export type SeedingDetail = typeof SeedingDetail.Type

export const SeedingQuery = Schema.Struct({
  integrationId: Schema.optionalKey(Schema.String),
  goals: Schema.optionalKey(Schema.Literals(["none", "one", "several"])).annotate({
    description: "Only downloads for which no rule has a goal, one has, or several have, of which the first decides."
  }),
  outcome: Schema.optionalKey(Schema.Literals(seedingOutcomes)).annotate({
    description: "Only those of which a note has this outcome."
  }),
  search: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(200))).annotate({
    description: "A part of the name, in any case of its letters."
  })
})
export type SeedingQuery = typeof SeedingQuery.Type & { readonly limit?: number; readonly cursor?: string }

export class SeedingViews extends Context.Service<
  SeedingViews,
  {
    /** By name. */
    readonly page: (query: SeedingQuery) => Effect.Effect<Page<SeedingView>, InvalidRequest | RulesUnreadable>
    readonly get: (id: string) => Effect.Effect<SeedingDetail, DownloadNotFound | RulesUnreadable>
    /** The disks that the guard of free space watches. */
    readonly folders: Effect.Effect<ReadonlyArray<GuardedFolderView>, RulesUnreadable>
  }
>()("tendarr/downloads/seeding/SeedingViews") {
  static readonly layer = Layer.effect(
    SeedingViews,
    Effect.gen(function* () {
      const downloads = yield* Downloads
      const seeding = yield* Seeding
      const marks = yield* makeMarkStore

      return SeedingViews.of({
        page: Effect.fn("SeedingViews.page")(function* (query) {
          const limit = yield* pageLimit(query.limit)
          const after = query.cursor === undefined ? null : keyIn(yield* decodeCursor(order, 2, query.cursor))
          const { outlooks } = yield* seeding.plan({ integrationId: query.integrationId })
          const found = outlooks
            .map((outlook) => ({
              key: [outlook.one.download.name.toLowerCase(), globalThis.Number(outlook.one.id)] as const,
              outlook
            }))
            .filter(({ key, outlook }) => matches(outlook, query) && (after === null || isAfter(key, after)))
            .toSorted((a, b) => (isAfter(a.key, b.key) ? 1 : -1))
          const shown = found.slice(0, limit)
          const last = shown.at(-1)
          return {
            items: shown.map(({ outlook }) => viewOf(outlook)),
            nextCursor: last === undefined || found.length <= limit ? null : encodeCursor(order, [...last.key])
          }
        }),
        get: Effect.fn("SeedingViews.get")(function* (id) {
          const one = yield* downloads.find(id)
          const { outlooks } = yield* seeding.plan({ integrationId: one.integrationId })
          const outlook = outlooks.find((each) => each.one.id === id)
          if (outlook === undefined) return yield* new DownloadNotFound({ downloadId: id })
          const { atLimit, limits, seedLimits } = outlook.one.download
          return {
            ...viewOf(outlook),
            limits,
            seedLimits,
            atLimit,
            habits: outlook.one.client.habits.flatMap(({ detail, on }) => (on ? [detail] : [])),
            set: (yield* marks.shownOf(id)).map(markView)
          } satisfies SeedingDetail
        }),
        folders: Effect.map(seeding.plan(), ({ folders }) =>
          folders.map(({ client, freeBytes, neededBytes, path, paused }) => ({
            client,
            path,
            freeBytes,
            neededBytes,
            paused
          }))
        )
      })
    })
  )
}

const order = "seeding/name"
type Cursor = readonly [name: string, id: number]

const keyIn = ([name, id]: ReadonlyArray<string | number | null>): Cursor => [String(name), globalThis.Number(id)]

const isAfter = ([name, id]: Cursor, [otherName, otherId]: Cursor): boolean =>
  name > otherName || (name === otherName && id > otherId)

const goalsOf = ({ verdict }: SeedingOutlook): "none" | "one" | "several" => {
  const count = verdict.rules.filter(({ rule }) => rule.action?.type === "seed").length
  return count === 0 ? "none" : count === 1 ? "one" : "several"
}

const matches = (outlook: SeedingOutlook, { goals, outcome, search }: SeedingQuery): boolean =>
  (goals === undefined || goalsOf(outlook) === goals) &&
  (outcome === undefined || notesOf(outlook).some((note) => note.outcome === outcome)) &&
  (search === undefined || outlook.one.download.name.toLowerCase().includes(search.toLowerCase()))

/** What will be done, and why the rest will not. */
const notesOf = ({ steps }: SeedingOutlook): ReadonlyArray<SeedingNote> => [
  ...steps.steps.map(({ because, rule, step }): SeedingNote => ({
    outcome: "planned",
    step,
    rule: rule.name,
    because
  })),
  ...steps.notes
]

const hoursOf = (seconds: number | null): number | null => (seconds === null ? null : seconds / 3600)

const viewOf = (outlook: SeedingOutlook): SeedingView => {
  const { one, verdict } = outlook
  const { category, name, private: isPrivate, state, tags } = one.download
  const { credited, ratio, seconds } = countedOf(one)
  const { goal, hitAndRuns, rules } = verdict
  return {
    downloadId: one.id,
    integrationId: one.integrationId,
    client: one.clientName,
    name,
    state,
    category,
    tags,
    private: isPrivate,
    ratio,
    seedingHours: hoursOf(seconds),
    creditedHours: hoursOf(credited),
    rules: rules.map(({ rule, truth }) => ({ ruleId: rule.id, rule: rule.name, effect: rule.effect, truth })),
    goal: goal === null ? null : { ruleId: goal.rule.id, rule: goal.rule.name, met: goal.met, because: goal.because },
    obligations: hitAndRuns.map(({ because, rule, state: owed }) => ({
      ruleId: rule.id,
      rule: rule.name,
      state: owed,
      because
    })),
    notes: [...notesOf(outlook)]
  }
}

const markView = ({ aspect, at, found, ruleName, state, wanted }: Mark): typeof MarkView.Type => ({
  aspect,
  rule: ruleName,
  state,
  before: found,
  wanted,
  at
})
