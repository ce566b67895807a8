/** Makes every answer whole: problems for what has no body of its own, and the headers that all of them carry. */
import { Cause, Effect } from "effect"
import { HttpServerError, HttpServerRequest, HttpServerRespondable, HttpServerResponse } from "effect/http"
import { invalidField } from "../problems/Problem.ts"
import type { Settings } from "../settings/Settings.ts"
import { problemOfFault, storageFaultIn } from "../storage/StorageFaults.ts"
import { currentClient } from "./Client.ts"
import { methodsOf } from "./Methods.ts"
import { problemResponse } from "./ProblemResponse.ts"
import { UnsupportedMediaType } from "./RequestBody.ts"
import { InternalError } from "./ValidationProblems.ts"

type Answer = HttpServerResponse.HttpServerResponse

/** Wraps all routes. Only an interruption passes: it means that nobody waits for an answer any more. */
export const withWholeAnswers = <E, R>(settings: Settings["Service"], effect: Effect.Effect<Answer, E, R>) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
    isTaken(request) ? effect : unrouted(request)
  ).pipe(
    Effect.catchCause((cause) => (Cause.hasInterruptsOnly(cause) ? Effect.failCause(cause) : answerOf(cause))),
    Effect.flatMap(withProblem),
    Effect.map(withHeaders),
    Effect.flatMap((response) => withStrictTransport(settings, response))
  )

/** What a failure of the routes answers. Ours are logged, without the query: it may carry a key. */
const answerOf = Effect.fnUntraced(function* (cause: Cause.Cause<unknown>) {
  const request = yield* HttpServerRequest.HttpServerRequest
  const failure = cause.reasons.find(Cause.isFailReason)?.error
  if (failure instanceof HttpServerError.HttpServerError && failure.reason._tag === "RouteNotFound") {
    return yield* unrouted(request)
  }
  const fault = storageFaultIn(cause)
  if (fault !== null) {
    yield* Effect.logError(`${request.method} ${pathOf(request)} failed: ${fault.said}`)
    const problem = problemOfFault(fault)
    const response = yield* HttpServerRespondable.toResponse(problem)
    return problem._tag === "DatabaseHeld"
      ? HttpServerResponse.setHeader(response, "retry-after", String(problem.retryAfterSeconds))
      : response
  }
  const [response, rest] = yield* HttpServerError.causeResponse(cause)
  if (response.status >= 500) yield* Effect.logError(`${request.method} ${pathOf(request)} failed`, rest)
  return response
})

/**
 * Whether the path takes the method, as far as the API knows it. The router would hand `PATCH /settings/schemas` to
 * `/settings/{group}`; a path that stands in the API by itself is never another one's parameter.
 */
const isTaken = (request: HttpServerRequest.HttpServerRequest): boolean => {
  const { methods, own } = methodsOf(pathOf(request))
  return !own || methods.includes(routedMethod(request))
}

const routedMethod = ({ method }: HttpServerRequest.HttpServerRequest) => (method === "HEAD" ? "GET" : method)

/** No route: the methods that the path takes, or 404 for one that does not exist. */
const unrouted = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<Answer> => {
  const path = pathOf(request)
  const known = path in pages ? ["GET"] : methodsOf(path).methods
  const allowed = [...known.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])), "OPTIONS"]
  if (known.length === 0) {
    return Effect.succeed(
      problemResponse(404, "not-found", "There is nothing at this address", `${request.method} ${path}`)
    )
  }
  if (known.includes(routedMethod(request))) {
    return HttpServerRespondable.toResponse(
      invalidField(["params"], "a part of the path is longer than any id, or is not encoded as it must be")
    )
  }
  const response =
    request.method === "OPTIONS"
      ? HttpServerResponse.empty({ status: 204 })
      : problemResponse(
          405,
          "method-not-allowed",
          "This method is not allowed here",
          `${path} takes ${allowed.join(", ")}`
        )
  return Effect.succeed(HttpServerResponse.setHeader(response, "allow", allowed.join(", ")))
}

/** Routes beside the API. */
const pages = { "/": true, "/docs": true, "/openapi.json": true }

const pathOf = (request: HttpServerRequest.HttpServerRequest): string => request.url.split("?")[0] ?? "/"

/** The framework answers some refusals without a body, or with a line of text. */
const withProblem = (response: Answer): Effect.Effect<Answer> => {
  if (response.status < 400 || response.headers["content-type"]?.startsWith("application/") === true) {
    return Effect.succeed(response)
  }
  if (response.status === 415) return HttpServerRespondable.toResponse(new UnsupportedMediaType())
  if (response.status >= 500) return HttpServerRespondable.toResponse(new InternalError())
  // Every operation declares this one: an upload without a body, for instance.
  if (response.status === 400) {
    return HttpServerRespondable.toResponse(invalidField(["payload"], "is missing, or could not be read"))
  }
  return Effect.succeed(
    problemResponse(
      response.status,
      "bad-request",
      "The request could not be read",
      "It is not valid HTTP for this API"
    )
  )
}

const withHeaders = (response: Answer): Answer =>
  HttpServerResponse.setHeaders(response, {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    ...(response.status === 401 ? { "www-authenticate": 'Bearer realm="tendarr"' } : {}),
    ...response.headers,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin"
  })

/** Only over https: a browser does not heed it otherwise, and whoever could write it into http could forbid us. */
const withStrictTransport = Effect.fnUntraced(function* (settings: Settings["Service"], response: Answer) {
  const { strictTransportDays } = yield* settings.get("access")
  if (strictTransportDays === 0 || !(yield* currentClient(settings)).https) return response
  return HttpServerResponse.setHeader(response, "strict-transport-security", `max-age=${strictTransportDays * 86_400}`)
})
