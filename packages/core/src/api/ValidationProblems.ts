/**
 * Turns a request that does not fit its schema into a problem that names every invalid field, hides internal errors
 * from clients, and adds `Retry-After`.
 */
import { Effect, Layer, Predicate, type Types } from "effect"
import { HttpEffect, HttpServerRequest, HttpServerRespondable, HttpServerResponse } from "effect/http"
import { HttpApiError, HttpApiMiddleware } from "effect/http-api"
import { invalidRequest, issuesOf } from "../problems/Decode.ts"
import { invalidField, InvalidRequest, Problem } from "../problems/Problem.ts"
import { BodyTooLarge, UnsupportedMediaType } from "./RequestBody.ts"

export class InternalError extends Problem<InternalError>()("InternalError", {
  code: "internal-error",
  status: 500,
  title: "Tendarr failed; its log says why"
}) {}

export class ValidationProblems extends HttpApiMiddleware.Service<ValidationProblems>()(
  "tendarr/api/ValidationProblems",
  {
    error: [InvalidRequest, BodyTooLarge, UnsupportedMediaType, InternalError]
  }
) {}

type Answer = HttpServerResponse.HttpServerResponse

export const ValidationProblemsLive = Layer.succeed(ValidationProblems, (httpEffect) =>
  Effect.catch(
    Effect.tapError(httpEffect, addRetryAfter),
    (error): Effect.Effect<Answer, Types.unhandled | InvalidRequest, HttpServerRequest.HttpServerRequest> =>
      HttpApiError.HttpApiSchemaError.is(error) ? explain(error) : Effect.fail(error)
  )
)

const explain = Effect.fnUntraced(function* (error: HttpApiError.HttpApiSchemaError) {
  if (error.kind === "Body" || error.kind === "ResponseHeaders") {
    yield* Effect.logError("An answer does not fit its own schema", error.cause)
    return yield* HttpServerRespondable.toResponse(new InternalError({}))
  }
  if (error.kind === "Payload") {
    const request = yield* HttpServerRequest.HttpServerRequest
    if ((yield* Effect.orDie(request.text)) === "") return yield* invalidField(["payload"], "needs a JSON body")
  }
  return yield* invalidRequest(issuesOf(error.cause.issue, error.kind.toLowerCase()))
})

/** Adds `Retry-After` to refusals that know when the next attempt will be admitted. */
const addRetryAfter = (error: unknown) => {
  if (!Predicate.hasProperty(error, "retryAfterSeconds")) return Effect.void
  const seconds = String(error.retryAfterSeconds)
  return HttpEffect.appendPreResponseHandler((_request, response) =>
    Effect.succeed(HttpServerResponse.setHeader(response, "retry-after", seconds))
  )
}
