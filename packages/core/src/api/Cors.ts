/**
 * CORS: requests from pages of other origins, which browsers block by default. Origins in `access.allowedOrigins` may
 * call with an API key or a token of their own; the session cookie works only for our own pages, whatever the settings
 * allow.
 */
import { Effect } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import type { Settings } from "../settings/Settings.ts"
import type { Edge } from "./Mount.ts"
import { pathOf } from "./RequestPath.ts"
import { AccessSettings } from "../access/AccessSettings.ts"

type Answer = HttpServerResponse.HttpServerResponse

export const withCors =
  (settings: Settings["Service"], { cors, methodsOf }: Edge) =>
  <E, R>(effect: Effect.Effect<Answer, E, R>): Effect.Effect<Answer, E, R | HttpServerRequest.HttpServerRequest> =>
    Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const { allowedOrigins } = yield* settings.get(AccessSettings)
      if (cors === null || allowedOrigins.length === 0) return yield* effect
      const { origin } = request.headers
      if (origin === undefined || !allowedOrigins.includes(origin)) return varying(yield* effect)
      const { methods } = methodsOf(pathOf(request))
      const isPreflight = request.method === "OPTIONS" && "access-control-request-method" in request.headers
      const response =
        isPreflight && methods.length > 0
          ? HttpServerResponse.empty({
              status: 204,
              headers: {
                "access-control-allow-methods": methods.join(", "),
                "access-control-allow-headers": cors.requestHeaders.join(", "),
                "access-control-max-age": "600"
              }
            })
          : HttpServerResponse.setHeader(yield* effect, "access-control-expose-headers", cors.answerHeaders.join(", "))
      return varying(HttpServerResponse.setHeader(response, "access-control-allow-origin", origin))
    })

/** A cache must not serve the response for one origin to another. */
const varying = (response: Answer): Answer => {
  const { vary } = response.headers
  return HttpServerResponse.setHeader(response, "vary", vary === undefined ? "origin" : `${vary}, origin`)
}
