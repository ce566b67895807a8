/** The effective factors and weights, and the score of made-up facts. */
import { Context, Effect, Layer, Result, Schema } from "effect"
import { itemKinds } from "../integrations/Observations.ts"
import { isoOf, IsoTime, nowIso } from "../problems/Instants.ts"
import { InvalidRequest, type Issue } from "../problems/Problem.ts"
import { itemRules } from "../rules/ItemRules.ts"
import { Settings } from "../settings/Settings.ts"
import type { Factor } from "./Factors.ts"
import { ScoreFactors } from "./ScoreFactors.ts"
import { type ScoreTrace, traceScore } from "./ScoreTrace.ts"
import { resolveWeights, type Weights, WeightsInput } from "./ScoreWeights.ts"
import { kindOf, RequestFacts, sheetFromRequest } from "./SheetFromRequest.ts"
import { ScoringSettings } from "./ScoringSettings.ts"

export const ScoreRequest = Schema.Struct({
  kind: Schema.optionalKey(Schema.Literals(itemKinds)),
  facts: RequestFacts,
  /** Overrides the effective weights. */
  weights: Schema.optionalKey(WeightsInput),
  /** The time to score at; now by default. */
  at: Schema.optionalKey(IsoTime)
}).annotate({ identifier: "ScoreRequest" })
export type ScoreRequest = typeof ScoreRequest.Type

export const FactorInForce = Schema.Struct({
  key: Schema.String,
  name: Schema.String,
  description: Schema.String,
  weight: Schema.Int,
  defaultWeight: Schema.Int
})
export type FactorInForce = typeof FactorInForce.Type

export class Scoring extends Context.Service<
  Scoring,
  {
    readonly factors: ReadonlyArray<Factor>
    readonly weights: Effect.Effect<Weights>
    readonly inForce: Effect.Effect<ReadonlyArray<FactorInForce>>
    /** Scores given facts instead of those of an item. */
    readonly evaluate: (request: ScoreRequest) => Effect.Effect<ScoreTrace, InvalidRequest>
    /** Changes weights by factor key or alias; other weights are kept. */
    readonly setWeights: (weights: WeightsInput) => Effect.Effect<ReadonlyArray<FactorInForce>, InvalidRequest>
  }
>()("tendarr/capacity/Scoring") {
  static readonly layer = Layer.effect(
    Scoring,
    Effect.gen(function* () {
      const settings = yield* Settings
      const factors = yield* ScoreFactors

      // A stored weight of a factor that this installation does not have is not an error.
      const weights = Effect.map(settings.get(ScoringSettings), ({ weights: stored }) => {
        const known = Object.fromEntries(
          Object.entries(stored).filter(([key]) => factors.some((factor) => factor.key === key))
        )
        return Result.getOrElse(resolveWeights(known, factors), () =>
          Object.fromEntries(factors.map((f) => [f.key, f.defaultWeight]))
        )
      })

      const inForce = Effect.map(weights, (current) =>
        factors.map((factor) => ({
          key: factor.key,
          name: factor.name,
          description: factor.description,
          weight: current[factor.key] ?? factor.defaultWeight,
          defaultWeight: factor.defaultWeight
        }))
      )

      return Scoring.of({
        factors,
        weights,
        inForce,
        evaluate: Effect.fn("Scoring.evaluate")(function* (request) {
          const at = request.at === undefined ? yield* nowIso : isoOf(request.at)
          const kind = kindOf(request)
          const sheet = sheetFromRequest(itemRules, request.facts, { kind, at })
          const given = resolveWeights(request.weights ?? {}, factors, yield* weights)
          if (Result.isFailure(sheet) || Result.isFailure(given)) {
            return yield* invalidPayload([
              ...(Result.isFailure(sheet) ? sheet.failure : []),
              ...(Result.isFailure(given)
                ? given.failure.map((issue) => ({ ...issue, path: ["weights", ...issue.path] }))
                : [])
            ])
          }
          return traceScore(sheet.success, kind, given.success, factors, Date.parse(at), new Set())
        }),
        setWeights: Effect.fn("Scoring.setWeights")(function* (given) {
          const resolved = resolveWeights(given, factors, yield* weights)
          if (Result.isFailure(resolved)) return yield* invalidPayload(resolved.failure)
          yield* settings
            .patch(ScoringSettings, { weights: resolved.success })
            .pipe(Effect.catchTag("SettingsChanged", Effect.die))
          return yield* inForce
        })
      })
    })
  )
}

/** The issues of a body, each under `payload`. */
export const invalidPayload = (issues: ReadonlyArray<Issue>): InvalidRequest =>
  new InvalidRequest({
    detail: issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
    errors: issues.map((issue) => ({ ...issue, path: ["payload", ...issue.path] }))
  })
