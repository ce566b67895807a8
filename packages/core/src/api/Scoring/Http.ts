import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Scoring } from "../../capacity/Scoring.ts"
import { Api } from "../Api.ts"
import { whole } from "../Common.ts"

export const ScoringHandlers = HttpApiBuilder.group(
  Api,
  "scoring",
  Effect.fn(function* (handlers) {
    const scoring = yield* Scoring
    return handlers.handleAll({
      factors: () => Effect.map(scoring.inForce, whole),
      setWeights: ({ payload }) => Effect.map(scoring.setWeights(payload), whole),
      evaluate: ({ payload }) => scoring.evaluate(payload)
    })
  })
)
