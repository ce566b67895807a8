/**
 * The span of a request, if traces are collected. It contains the route instead of the address, whose query may contain a
 * key and whose path contains ids. It continues the caller's trace only if a trusted proxy sends that.
 */
import { Effect, Exit, Option, Tracer } from "effect"
import { HttpServerRequest, HttpTraceContext } from "effect/http"
import type { Settings } from "../../settings/Settings.ts"
import { cameByTrustedProxy } from "../Client.ts"
import type { RequestRecord } from "./RequestRecord.ts"

/** `null` = traces are not collected. */
export const beginSpan = (
  settings: Settings["Service"],
  { id, method, mount, route }: Pick<RequestRecord, "id" | "method" | "mount" | "route">
): Effect.Effect<Tracer.Span | null, never, HttpServerRequest.HttpServerRequest> =>
  Effect.gen(function* () {
    if ((yield* Tracer.Tracer) === Tracer.nativeTracer) return null
    const { headers } = yield* HttpServerRequest.HttpServerRequest
    const parent = Option.getOrUndefined(HttpTraceContext.fromHeaders(headers))
    const trusted = parent !== undefined && (yield* cameByTrustedProxy(settings))
    return yield* Effect.makeSpan(route === null ? method : `${method} ${route}`, {
      kind: "server",
      ...(trusted ? { parent } : { root: true }),
      attributes: {
        "http.request.method": method,
        "tendarr.mount": mount,
        "tendarr.request.id": id
      }
    })
  })

/** Only a status of 500 or above is a failure of the server; a lower one is an error in the request. */
export const endSpan = (span: Tracer.Span, { route }: RequestRecord, status: number, nowNanos: bigint): void => {
  // Overrides what the router has set, which knows neither the base path nor the prefix.
  if (route !== null) span.attribute("http.route", route)
  span.attribute("http.response.status_code", status)
  if (status >= 500) span.attribute("error.type", String(status))
  span.end(nowNanos, status >= 500 ? Exit.fail(`The answer had the status ${status}`) : Exit.void)
}
