/**
 * Completes every response of a mount: gives responses without a body the mount's error format, and adds the common
 * headers.
 */
import { Cause, Effect } from "effect"
import { HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiError } from "effect/http-api"
import { issuesOf, invalidRequest } from "../problems/Decode.ts"
import { invalidField } from "../problems/Problem.ts"
import type { Settings } from "../settings/Settings.ts"
import { problemOfFault, storageFaultIn } from "../storage/StorageFaults.ts"
import { currentClient } from "./Client.ts"
import { type Edge, ExternalBase } from "./Mount.ts"
import { bareRefusal, isProblem, type Refusal, refusalOf } from "./Refusal.ts"
import { pathOf, routedMethod } from "./RequestPath.ts"
import { BodyTooLarge, UnsupportedMediaType } from "./RequestBody.ts"
import { InternalError } from "./ValidationProblems.ts"
import { AccessSettings } from "../access/AccessSettings.ts"

type Answer = HttpServerResponse.HttpServerResponse
type Request = HttpServerRequest.HttpServerRequest

/** Wraps all routes. Only an interruption passes: the client has disconnected. */
export const withCompleteResponses = <E, R>(
  settings: Settings["Service"],
  edge: Edge,
  effect: Effect.Effect<Answer, E, R>
) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
    isTaken(edge, request) ? effect : unrouted(edge, request)
  ).pipe(
    Effect.catchCause((cause) => (Cause.hasInterruptsOnly(cause) ? Effect.failCause(cause) : answerOf(edge, cause))),
    Effect.flatMap((response) => withShape(edge, response)),
    Effect.map((response) => withHeaders(edge, response)),
    Effect.flatMap((response) => withStrictTransport(settings, response))
  )

/** The response to a failure of the routes. Defects are logged, without the query, which may contain a key. */
const answerOf = Effect.fnUntraced(function* (edge: Edge, cause: Cause.Cause<unknown>) {
  const request = yield* HttpServerRequest.HttpServerRequest
  const failure = cause.reasons.find(Cause.isFailReason)?.error
  if (failure instanceof HttpServerError.HttpServerError && failure.reason._tag === "RouteNotFound") {
    return yield* unrouted(edge, request)
  }
  const failed = `${request.method} ${yield* ExternalBase}${pathOf(request)} failed`
  const fault = storageFaultIn(cause)
  if (fault !== null) {
    yield* Effect.logError(`${failed}: ${fault.said}`)
    return yield* refused(edge, problemOfFault(fault))
  }
  const problem = problemIn(cause)
  if (problem !== null) {
    if (problem.status >= 500) yield* Effect.logError(failed, cause)
    return yield* refused(edge, problem)
  }
  const [response, rest] = yield* HttpServerError.causeResponse(cause)
  if (response.status >= 500) yield* Effect.logError(failed, rest)
  return response
})

/** The problem among the reasons of a failure: a domain problem, or a request that does not fit its schema. */
const problemIn = (cause: Cause.Cause<unknown>) => {
  for (const reason of cause.reasons) {
    const error = Cause.isFailReason(reason) ? reason.error : Cause.isDieReason(reason) ? reason.defect : null
    if (isProblem(error)) return error
    if (HttpApiError.HttpApiPayloadTooLarge.is(error)) {
      return new BodyTooLarge({ detail: "It is larger than what may be sent here" })
    }
    if (HttpApiError.HttpApiSchemaError.is(error)) {
      return error.kind === "Body" || error.kind === "ResponseHeaders"
        ? new InternalError()
        : invalidRequest(issuesOf(error.cause.issue, error.kind.toLowerCase()))
    }
  }
  return null
}

/** A problem in the error format of the mount. */
const refused = (edge: Edge, problem: Parameters<typeof refusalOf>[0]): Effect.Effect<Answer> =>
  Effect.map(refusalOf(problem), (refusal) => shaped(edge, refusal))

const shaped = (edge: Edge, refusal: Refusal): Answer =>
  refusal.retryAfterSeconds === null
    ? edge.refuse(refusal)
    : HttpServerResponse.setHeader(edge.refuse(refusal), "retry-after", String(refusal.retryAfterSeconds))

/**
 * Whether the path accepts the method according to the API. The router alone would pass `PATCH /settings/schemas` to
 * `/settings/{group}`; a literal path of the API never matches as a parameter of another one.
 */
const isTaken = (edge: Edge, request: Request): boolean => {
  const { methods, own } = edge.methodsOf(pathOf(request))
  return !own || methods.includes(routedMethod(request))
}

/** No route: 405 with the allowed methods of the path, or 404 if the path does not exist. */
const unrouted = Effect.fnUntraced(function* (edge: Edge, request: Request) {
  const path = pathOf(request)
  const known = edge.openApi?.path === path ? ["GET"] : edge.methodsOf(path).methods
  const allowed = [...known.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])), "OPTIONS"]
  const shown = `${yield* ExternalBase}${path}`
  if (known.length === 0) {
    return shaped(edge, bareRefusal(404, "not-found", "There is nothing at this address", `${request.method} ${shown}`))
  }
  if (known.includes(routedMethod(request))) {
    return yield* refused(
      edge,
      invalidField(["params"], "a part of the path is longer than any id, or is not encoded as it must be")
    )
  }
  const allow = allowed.join(", ")
  const response =
    request.method === "OPTIONS"
      ? HttpServerResponse.empty({ status: 204 })
      : shaped(
          edge,
          bareRefusal(405, "method-not-allowed", "This method is not allowed here", `${shown} takes ${allow}`)
        )
  return HttpServerResponse.setHeader(response, "allow", allow)
})

/** The framework sends some refusals without a body, or as a line of text. */
const withShape = (edge: Edge, response: Answer): Effect.Effect<Answer> => {
  if (response.status < 400 || response.headers["content-type"]?.startsWith("application/") === true) {
    return Effect.succeed(response)
  }
  if (edge.textErrors && response.body._tag !== "Empty") return Effect.succeed(response)
  if (response.status === 415) return refused(edge, new UnsupportedMediaType())
  if (response.status >= 500) return refused(edge, new InternalError())
  // Every operation declares this response: for example an upload without a body.
  if (response.status === 400) {
    return refused(edge, invalidField(["payload"], "is missing, or could not be read"))
  }
  return Effect.succeed(
    shaped(
      edge,
      bareRefusal(response.status, "bad-request", "The request could not be read", "It is not valid HTTP for this API")
    )
  )
}

const withHeaders = (edge: Edge, response: Answer): Answer => {
  const guarded = HttpServerResponse.setHeaders(response, {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    ...(response.status === 401 ? { "www-authenticate": 'Bearer realm="tendarr"' } : {}),
    ...response.headers,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin"
  })
  return Object.entries(edge.headers).reduce((answer, [name, value]) => {
    // A header that the route has set takes precedence over the default.
    if (name in response.headers) return answer
    if (name === "www-authenticate" && response.status !== 401) return answer
    return value === null
      ? HttpServerResponse.removeHeader(answer, name)
      : HttpServerResponse.setHeader(answer, name, value)
  }, guarded)
}

/** Sent over HTTPS only: browsers ignore HSTS on plain HTTP, where an attacker could inject it to lock users out. */
const withStrictTransport = Effect.fnUntraced(function* (settings: Settings["Service"], response: Answer) {
  const { strictTransportDays } = yield* settings.get(AccessSettings)
  if (strictTransportDays === 0 || !(yield* currentClient(settings)).https) return response
  return HttpServerResponse.setHeader(response, "strict-transport-security", `max-age=${strictTransportDays * 86_400}`)
})
