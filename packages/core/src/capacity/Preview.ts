/** What could go, ranked, in pages: the answer people look at before they let anything happen. */
import { Context, Effect, Layer, Schema } from "effect"
import { itemKinds } from "../integrations/Observations.ts"
import { factNames } from "../library/Facts.ts"
import { invalidField, type InvalidRequest } from "../problems/Problem.ts"
import type { RulesUnreadable } from "../rules/Rules.ts"
import { applyRules } from "../rules/RuleSet.ts"
import { Settings } from "../settings/Settings.ts"
import { decodeCursor, encodeCursor, pageLimit } from "../storage/Rows.ts"
import { allowedUnknownOf, type Decision, decisionStatuses, type Environment, sheetOf } from "./Decision.ts"
import { Engine } from "./Engine.ts"
import { allowanceOf, plan, takenWith, turnsOf } from "./Plan.ts"
import { traceScore } from "./ScoreTrace.ts"

export const previewStatuses = [...decisionStatuses, "planned"] as const

const Tally = Schema.Struct({ items: Schema.Int, bytes: Schema.Finite })

export const PreviewSummary = Schema.Struct({
  evaluated: Schema.Int,
  candidate: Tally,
  undecided: Tally,
  kept: Tally,
  protected: Tally,
  irremovable: Tally,
  /** What a run would take now; an intent that is under way already is not counted. */
  planned: Tally,
  bytesToFree: Schema.Finite
}).annotate({ identifier: "PreviewSummary" })

export const PreviewedItem = Schema.Struct({
  itemId: Schema.String,
  integrationId: Schema.String,
  diskGroupId: Schema.NullOr(Schema.String),
  kind: Schema.Literals(itemKinds),
  title: Schema.String,
  year: Schema.NullOr(Schema.Int),
  sizeBytes: Schema.Finite,
  status: Schema.Literals(decisionStatuses),
  planned: Schema.Boolean,
  score: Schema.Finite,
  rank: Schema.Finite,
  undecidedBecause: Schema.Array(Schema.Literals(factNames)),
  reason: Schema.String
}).annotate({ identifier: "PreviewedItem" })
export type PreviewedItem = typeof PreviewedItem.Type

export interface PreviewQuery {
  readonly diskGroupId?: string
  readonly status?: (typeof previewStatuses)[number]
  readonly limit?: number
  readonly cursor?: string
}

export interface PreviewPage {
  readonly summary: typeof PreviewSummary.Type
  readonly items: ReadonlyArray<PreviewedItem>
  readonly nextCursor: string | null
}

export class Preview extends Context.Service<
  Preview,
  { readonly page: (query: PreviewQuery) => Effect.Effect<PreviewPage, InvalidRequest | RulesUnreadable> }
>()("tendarr/capacity/Preview") {
  static readonly layer = Layer.effect(
    Preview,
    Effect.gen(function* () {
      const engine = yield* Engine
      const settings = yield* Settings

      return Preview.of({
        page: Effect.fn("Preview.page")(function* (query) {
          const environment = yield* engine.environment
          const all = yield* engine.decideAll(environment)
          const { caps } = yield* settings.get("removals")
          const ranked =
            query.diskGroupId === undefined ? all : all.filter(({ item }) => item.diskGroupId === query.diskGroupId)
          const planned = plannedIds(environment, all, caps, query.diskGroupId)
          // Each of these looks at the whole library.
          yield* Effect.yieldNow
          const shown = ranked.filter(
            (decision) =>
              query.status === undefined ||
              (query.status === "planned" ? planned.ids.has(decision.item.id) : decision.status === query.status)
          )
          const scope = `preview/${query.diskGroupId ?? ""}/${query.status ?? ""}`
          const start = query.cursor === undefined ? 0 : yield* positionAfter(scope, query.cursor, shown)
          const limit = yield* pageLimit(query.limit)
          yield* Effect.yieldNow
          const page = shown.slice(start, start + limit)
          const last = page[page.length - 1]
          return {
            summary: summaryOf(environment, ranked, planned),
            items: page.map((decision) => toItem(environment, decision, planned.ids.has(decision.item.id))),
            nextCursor:
              start + limit < shown.length && last !== undefined
                ? encodeCursor(scope, [last.item.id, start + limit])
                : null
          }
        })
      })
    })
  )
}

/** After the item that the last page ended with; where it has left the list meanwhile, after its old position. */
const positionAfter = (
  scope: string,
  cursor: string,
  shown: ReadonlyArray<Decision>
): Effect.Effect<number, InvalidRequest> =>
  Effect.flatMap(decodeCursor(scope, 2, cursor), ([id, position]) => {
    if (typeof position !== "number" || position < 0) {
      return Effect.fail(invalidField(["query", "cursor"], "is not a cursor of this list"))
    }
    const found = shown.findIndex((decision) => decision.item.id === id)
    return Effect.succeed(found === -1 ? position : found + 1)
  })

interface Planned {
  readonly ids: ReadonlySet<string>
  readonly bytes: number
  readonly bytesToFree: number
}

const plannedIds = (
  environment: Environment,
  ranked: ReadonlyArray<Decision>,
  caps: Parameters<typeof allowanceOf>[0],
  diskGroupId: string | undefined
): Planned => {
  const ids = new Set<string>()
  let bytes = 0
  let bytesToFree = 0
  let allowance = allowanceOf(caps, environment.snapshot.items.length)
  const blocked = new Set<string>()
  const groups = [...environment.groups.values()].filter(({ id }) => diskGroupId === undefined || id === diskGroupId)
  for (const { group, skipped } of turnsOf(groups)) {
    if (skipped !== null) continue
    bytesToFree += group.bytesToFree
    const planned = plan({ environment, group, ranked, neededBytes: group.bytesToFree, blocked, allowance })
    for (const { decision } of planned.items) {
      ids.add(decision.item.id)
      for (const { id } of takenWith(environment.snapshot, decision.item)) blocked.add(id)
    }
    bytes += planned.plannedBytes
    allowance = { items: allowance.items - planned.items.length, bytes: allowance.bytes - planned.plannedBytes }
  }
  return { ids, bytes, bytesToFree }
}

const summaryOf = (
  environment: Environment,
  ranked: ReadonlyArray<Decision>,
  planned: Planned
): typeof PreviewSummary.Type => {
  const tallies = Object.fromEntries(decisionStatuses.map((status) => [status, { items: 0, bytes: 0 }])) as Record<
    Decision["status"],
    { items: number; bytes: number }
  >
  const counted = new Set<string>()
  for (const { item, status } of ranked) {
    tallies[status].items++
    // A file that two applications manage takes its bytes once.
    const twins = environment.snapshot.sameFileAs(item)
    if (twins.some(({ id }) => counted.has(id))) continue
    if (twins.length > 0) counted.add(item.id)
    tallies[status].bytes += item.sizeBytes
  }
  return {
    evaluated: ranked.length,
    ...tallies,
    planned: { items: planned.ids.size, bytes: planned.bytes },
    bytesToFree: planned.bytesToFree
  }
}

const toItem = (environment: Environment, decision: Decision, planned: boolean): PreviewedItem => {
  const { item } = decision
  return {
    itemId: item.id,
    integrationId: item.integrationId,
    diskGroupId: item.diskGroupId,
    kind: item.kind,
    title: item.title,
    year: item.year,
    sizeBytes: item.sizeBytes,
    status: decision.status,
    planned,
    score: decision.score,
    rank: decision.rank,
    undecidedBecause: decision.undecidedBecause,
    reason: decision.because ?? whyRanked(environment, decision)
  }
}

/** The factors that weigh most, and the rules that apply. */
const whyRanked = (environment: Environment, { item }: Decision): string => {
  const sheet = sheetOf(environment, item)
  const allowed = allowedUnknownOf(environment, item)
  const trace = traceScore(sheet, item.kind, environment.weights, environment.factors, environment.now, allowed)
  const weighty = trace.factors
    .filter((factor) => factor.contribution !== null && factor.contribution > 0)
    .toSorted((a, b) => (b.contribution ?? 0) - (a.contribution ?? 0))
    .slice(0, 3)
  const matched = applyRules(environment.rules, item, sheet, environment.now, allowed).matched
  const rules = environment.rules.rules.filter(({ rule }) => matched.includes(rule.id))
  return [
    ...weighty.map((factor) => `${factor.reason} (${factor.name} ${((factor.contribution ?? 0) * 100).toFixed(0)} %)`),
    ...rules.map(({ rule }) => `rule "${rule.name}": ${rule.effect}`)
  ].join("; ")
}
