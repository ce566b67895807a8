/**
 * Pages of other origins, which a browser keeps away unless we say otherwise. Those in `access.allowedOrigins` may call
 * with a key or a token that they hold; the session cookie stays with our own pages, whatever is set.
 */
import { Effect } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import type { Settings } from "../settings/Settings.ts"
import { methodsOf } from "./Methods.ts"

type Answer = HttpServerResponse.HttpServerResponse

export const withCors =
  (settings: Settings["Service"]) =>
  <E, R>(effect: Effect.Effect<Answer, E, R>): Effect.Effect<Answer, E, R | HttpServerRequest.HttpServerRequest> =>
    Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const { allowedOrigins } = yield* settings.get("access")
      if (allowedOrigins.length === 0) return yield* effect
      const { origin } = request.headers
      if (origin === undefined || !allowedOrigins.includes(origin)) return varying(yield* effect)
      const path = request.url.split("?")[0] ?? "/"
      const { methods } = methodsOf(path)
      const isPreflight = request.method === "OPTIONS" && "access-control-request-method" in request.headers
      const response =
        isPreflight && methods.length > 0
          ? HttpServerResponse.empty({
              status: 204,
              headers: {
                "access-control-allow-methods": methods.join(", "),
                "access-control-allow-headers": requestHeaders,
                "access-control-max-age": "600"
              }
            })
          : HttpServerResponse.setHeader(yield* effect, "access-control-expose-headers", answerHeaders)
      return varying(HttpServerResponse.setHeader(response, "access-control-allow-origin", origin))
    })

/** What the API reads of a request beside what every page may send. */
const requestHeaders = "authorization, content-type, if-match, last-event-id, x-api-key"

/** What a page may read of an answer beside what every page may. */
const answerHeaders = "etag, retry-after"

/** A cache must not give one origin the answer to another. */
const varying = (response: Answer): Answer => {
  const { vary } = response.headers
  return HttpServerResponse.setHeader(response, "vary", vary === undefined ? "origin" : `${vary}, origin`)
}
