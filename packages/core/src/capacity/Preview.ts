/** What could go, ranked, in pages: the answer people look at before they let anything happen. It lists what counts as an item. */
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
import { planGroups, PreviewSummary, Standings, summarise, unitsOn } from "./Planning.ts"
import { traceScore } from "./ScoreTrace.ts"

export { PreviewSummary }

export const previewStatuses = [...decisionStatuses, "planned"] as const

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
  readonly summary: PreviewSummary
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
      const standings = yield* Standings

      return Preview.of({
        page: Effect.fn("Preview.page")(function* (query) {
          const environment = yield* engine.environment
          const ranked = yield* engine.decideAll(environment)
          const { caps } = yield* settings.get("removals")
          const standing = yield* standings.of(environment)
          const diskGroupIds = query.diskGroupId === undefined ? undefined : [query.diskGroupId]
          const planning = { environment, ranked, standing, caps, diskGroupIds }
          const groups = yield* planGroups(planning)
          const planned = new Set(groups.flatMap(({ plan }) => plan.items.map(({ decision }) => decision.item.id)))
          // Each of these looks at the whole library.
          yield* Effect.yieldNow
          const shown = unitsOn(environment, ranked, diskGroupIds).filter(
            (decision) =>
              query.status === undefined ||
              (query.status === "planned" ? planned.has(decision.item.id) : decision.status === query.status)
          )
          const scope = `preview/${query.diskGroupId ?? ""}/${query.status ?? ""}`
          const start = query.cursor === undefined ? 0 : yield* positionAfter(scope, query.cursor, shown)
          const limit = yield* pageLimit(query.limit)
          yield* Effect.yieldNow
          const page = shown.slice(start, start + limit)
          const last = page[page.length - 1]
          return {
            summary: summarise(planning, groups),
            items: page.map((decision) => toItem(environment, decision, planned.has(decision.item.id))),
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
