import { Effect, Schema } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { RuleRunReport } from "../../../capacity/ActingReport.ts"
import { RuleTemplates } from "../../../capacity/RuleTemplates.ts"
import { Jobs } from "../../../jobs/Jobs.ts"
import { Collections } from "../../../library/Collections.ts"
import { invalidField } from "../../../problems/Problem.ts"
import { toCondition } from "../../../moving/products/Prunerr/Conditions.ts"
import { scopeOf } from "../../../moving/products/Prunerr/Terms.ts"
import { treeIn } from "../../../moving/products/Prunerr/Trees.ts"
import { ActingRules } from "../../../removals/ActingRules.ts"
import { RuleNotFound, Rules, type StoredRule } from "../../../rules/Rules.ts"
import { Dashboards } from "../../../system/Dashboard.ts"
import { numberOf, refusing } from "../../frame/Values.ts"
import { bytesText, ok, withMessage, messageOnly, whole } from "../Bodies.ts"
import { libraryKinds } from "../Lenses.ts"
import { PrunerrApi } from "../PrunerrApi.ts"
import { definitionOf, mediaTypeOfScope, toBody, toPatch, versionOne, versionTwo } from "./Translation.ts"

/** Seconds for which a request waits for the run that it started. */
const longestWait = 300

const gibibyte = 1024 ** 3

export const RulesHandlers = HttpApiBuilder.group(
  PrunerrApi,
  "rules",
  Effect.fn(function* (handlers) {
    const rules = yield* Rules
    const acting = yield* ActingRules
    const templates = yield* RuleTemplates
    const collections = yield* Collections
    const dashboards = yield* Dashboards
    const jobs = yield* Jobs

    const { ids } = collections
    const titles = Effect.map(ids, (all) => new Map([...all].map(([title, id]) => [id, title])))
    const bodyOf = (rule: StoredRule) => Effect.map(ids, (known) => toBody(rule, known))

    /** Only rules that act are Prunerr's. */
    const find = (id: string) =>
      Effect.catchTag(acting.find(id), "RuleDoesNotAct", () => Effect.fail(new RuleNotFound({ ruleId: id })))

    const list = Effect.gen(function* () {
      const known = yield* ids
      return (yield* rules.list)
        .filter(({ action, subject }) => action !== undefined && subject === "item")
        .toSorted((one, other) => (other.priority ?? 0) - (one.priority ?? 0) || Number(one.id) - Number(other.id))
        .map((rule) => toBody(rule, known))
    })

    return handlers.handleAll({
      list: () => Effect.map(list, whole),
      enabled: () => Effect.map(list, (all) => whole(all.filter(({ enabled }) => enabled))),
      one: ({ params }) => refusing(Effect.map(Effect.flatMap(find(params.id), bodyOf), ok)),
      create: ({ payload }) =>
        refusing(
          Effect.gen(function* () {
            const definition = yield* definitionOf(payload, yield* titles)
            return withMessage(yield* bodyOf(yield* rules.create(definition)), "Rule created")
          })
        ),
      update: ({ params, payload }) =>
        refusing(
          Effect.gen(function* () {
            const before = yield* find(params.id)
            const patch = yield* toPatch(payload, before, yield* titles, yield* ids)
            // What is kept is that of this version.
            const rule = yield* rules.update(params.id, patch, before.version)
            return withMessage(yield* bodyOf(rule), "Rule updated")
          })
        ),
      toggle: ({ params, payload }) =>
        refusing(
          Effect.gen(function* () {
            const { enabled } = yield* find(params.id)
            return ok(yield* bodyOf(yield* rules.update(params.id, { enabled: payload?.enabled ?? !enabled })))
          })
        ),
      remove: ({ params }) =>
        refusing(
          Effect.gen(function* () {
            const { name } = yield* find(params.id)
            yield* rules.remove(params.id)
            return messageOnly(`Rule "${name}" deleted`)
          })
        ),
      run: ({ params }) =>
        refusing(
          Effect.gen(function* () {
            const rule = yield* bodyOf(yield* find(params.id))
            const { id } = yield* acting.start(params.id, {})
            const { error, result, status } = yield* jobs.settle(id, longestWait)
            const report = yield* decodeReport(result).pipe(
              Effect.mapError(() => invalidField(["params", "id"], error?.message ?? `its run is ${status}`))
            )
            return withMessage(
              toRunResult(rule, report),
              `${report.queued.items} item(s) queued, ${report.matched.items} matched`
            )
          })
        ),
      preview: ({ payload }) =>
        refusing(
          Effect.gen(function* () {
            const { conditions, libraryKeys, library_keys, logic, mediaType, media_type, root } = payload
            const given = root === undefined ? conditions : { root }
            if (given === undefined) return yield* invalidField(["payload", "root"], "is missing: give a condition")
            const tree = yield* treeIn(given, ["payload"], logic)
            const preview = yield* acting.preview({
              condition: yield* toCondition(tree, yield* titles, ["payload", "root"]),
              effect: "act",
              action: { type: "remove", graceDays: 0 },
              scope: scopeOf(mediaType ?? media_type ?? "all", libraryKeys ?? library_keys ?? []),
              limit: 10
            })
            const { acting: would, items, matched, unknown } = preview
            const waiting = (of: "items" | "bytes") =>
              would === undefined ? 0 : would.matched[of] - would.kept[of] - would.alreadyQueued[of]
            const freed = waiting("bytes")
            return ok({
              totalMatches: matched.items,
              wouldQueue: waiting("items"),
              wouldSkipProtected: would?.kept.items ?? 0,
              alreadyPending: would?.alreadyQueued.items ?? 0,
              unknown: unknown.items,
              held: would?.held?.detail ?? null,
              storageFreedGB: Math.round((freed / gibibyte) * 100) / 100,
              totalSize: freed,
              totalSizeFormatted: bytesText(freed),
              samples: items.map(({ itemId, reason, sizeBytes, title }) => ({
                id: numberOf(itemId),
                title,
                size: sizeBytes ?? 0,
                rating: null,
                posterUrl: null,
                reason
              }))
            })
          })
        ),
      suggestions: () =>
        refusing(
          Effect.gen(function* () {
            const known = yield* ids
            const { kinds } = yield* dashboards.figures
            const found = yield* templates.list({ matching: true })
            const count = (name: string) => kinds.find(({ kind }) => kind === name)?.items ?? 0
            return ok({
              suggestions: found.map(({ description, id, matched, rule }) => {
                const conditionsV2 = versionTwo(rule.condition, known)
                return {
                  id,
                  name: rule.name,
                  description,
                  icon: "filter",
                  matchCount: matched.items,
                  totalSize: matched.bytes,
                  totalSizeFormatted: bytesText(matched.bytes),
                  conditions: versionOne(conditionsV2.root),
                  conditionsV2,
                  mediaType: mediaTypeOfScope(rule.scope)
                }
              }),
              libraryStats: {
                totalItems: count("movie") + count("show"),
                movies: count("movie"),
                shows: count("show"),
                totalSize: kinds
                  .filter(({ kind }) => libraryKinds.includes(kind))
                  .reduce((sum, { bytes }) => sum + bytes, 0)
              }
            })
          })
        )
    })
  })
)

const decodeReport = Schema.decodeUnknownEffect(RuleRunReport)

const toRunResult = ({ action, id, name }: ReturnType<typeof toBody>, report: RuleRunReport) => ({
  rule: { id, name, action },
  summary: {
    totalScanned: report.evaluated.items,
    matched: report.matched.items,
    processed: report.queued.items + report.planned.items,
    failed: report.changes.failed,
    held: report.held?.detail ?? null
  },
  results: report.items.map(({ because, itemId, outcome, title }) => ({
    id: numberOf(itemId),
    title,
    action: outcome,
    success: outcome === "matched" || outcome === "queued" || outcome === "already-queued",
    reason: because
  }))
})
