/**
 * The span of a request, where traces are collected. It carries the route and not the address, whose query may hold a key and
 * whose path names items. The trace of who asks is gone on with only when a trusted proxy brings it.
 */
import { Effect, Exit, Option, Tracer } from "effect"
import { HttpServerRequest, HttpTraceContext } from "effect/http"
import type { Settings } from "../../settings/Settings.ts"
import { cameByTrustedProxy } from "../Client.ts"
import type { RequestRecord } from "./RequestRecord.ts"

/** `null` = nobody collects traces. */
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

/** What the server answers with is its failure from 500 on; what was wrong with the request before that is not. */
export const endSpan = (span: Tracer.Span, { route }: RequestRecord, status: number, nowNanos: bigint): void => {
  // Over what the router has set: it knows neither the base path nor the prefix.
  if (route !== null) span.attribute("http.route", route)
  span.attribute("http.response.status_code", status)
  if (status >= 500) span.attribute("error.type", String(status))
  span.end(nowNanos, status >= 500 ? Exit.fail(`The answer had the status ${status}`) : Exit.void)
}
