/** Factors, weights, and the score of given facts. */
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { ScoreTrace } from "../../capacity/ScoreTrace.ts"
import { WeightsInput } from "../../capacity/ScoreWeights.ts"
import { FactorInForce, ScoreRequest } from "../../capacity/Scoring.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import { Authorization } from "../Authorization.ts"
import { about, listOf, NeedsScope } from "../Common.ts"

export class ScoringApi extends HttpApiGroup.make("scoring")
  .add(
    HttpApiEndpoint.get("factors", "/scoring/factors", { success: listOf(FactorInForce) }).annotateMerge(
      about("List factors and their weights")
    ),
    HttpApiEndpoint.patch("setWeights", "/scoring/weights", {
      payload: WeightsInput,
      success: listOf(FactorInForce),
      error: InvalidRequest
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about("Change weights", "By factor key or alias, 0 to 10; factors that are not named keep their weights.")
      ),
    HttpApiEndpoint.post("evaluate", "/scoring/evaluate", {
      payload: ScoreRequest,
      success: ScoreTrace,
      error: InvalidRequest
    })
      .annotate(NeedsScope, "read")
      .annotateMerge(
        about(
          "Score given facts",
          '`null` means known to be none, `{"unknown": "why"}` means unknown, and an omitted fact is one that no integration can know. Returns the full trace.'
        )
      )
  )
  .middleware(Authorization)
  .annotate(OpenApi.Description, "The factors of the score and their weights.") {}
