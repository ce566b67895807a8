import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Scoring } from "../../capacity/Scoring.ts"
import { Api } from "../Api.ts"
import { toList } from "../Common.ts"

export const ScoringHandlers = HttpApiBuilder.group(
  Api,
  "scoring",
  Effect.fn(function* (handlers) {
    const scoring = yield* Scoring
    return handlers.handleAll({
      factors: () => Effect.map(scoring.inForce, toList),
      setWeights: ({ payload }) => Effect.map(scoring.setWeights(payload), toList),
      evaluate: ({ payload }) => scoring.evaluate(payload)
    })
  })
)
