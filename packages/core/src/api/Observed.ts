/** Observes the requests of all mounts: their id, metrics, span and line in the log. Wrapped around the edges. */
import { Clock, Context, Effect, Exit, References, Scope, Stream, Tracer } from "effect"
import { HttpBody, HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"
import type { Settings } from "../settings/Settings.ts"
import { PeerAddress, peerIn } from "./Client.ts"
import type { Edge } from "./Mount.ts"
import { logRequest } from "./Observed/RequestLog.ts"
import { currentRequestId, newRequestId, requestIdHeader } from "./Observed/RequestId.ts"
import { countOpenStream, countRequest } from "./Observed/RequestMetrics.ts"
import { CurrentRecord, type RequestRecord } from "./Observed/RequestRecord.ts"
import { beginSpan, endSpan } from "./Observed/RequestSpan.ts"

type Answer = HttpServerResponse.HttpServerResponse

/** The mount that answers a request. */
export interface Answering {
  readonly mount: string
  /** The path at which clients see its root; `""` = none. */
  readonly base: string
  readonly edge: Pick<Edge, "methodsOf" | "openApi">
  /** The path of the request, below the prefix and without the query. */
  readonly path: string
}

/**
 * This runs for every request, so it is one pass over the context of the request, with an effect only where something
 * has to be read or written.
 */
export const observed = <E, R>(
  settings: Settings["Service"],
  answering: Answering,
  answer: Effect.Effect<Answer, E, R>
) =>
  Effect.contextWith((context: Context.Context<HttpServerRequest.HttpServerRequest | Scope.Scope>) => {
    const request = Context.get(context, HttpServerRequest.HttpServerRequest)
    const clock = Context.get(context, Clock.Clock)
    const began = clock.monotonicTimeNanosUnsafe()
    const millis = () => Number(clock.monotonicTimeNanosUnsafe() - began) / 1e6
    const watch = (id: string, span: Tracer.Span | null) => {
      const record: RequestRecord = {
        id,
        mount: answering.mount,
        method: request.method,
        route: routeOf(answering),
        principal: null,
        status: null,
        bytes: 0
      }
      let counted = false
      /** Runs once: when everything has been sent, or when an event stream begins, since that may last for days. */
      const count = (status: number) => {
        if (counted) return
        counted = true
        countRequest(record, status, millis() / 1000, context)
        if (span !== null) endSpan(span, record, status, clock.currentTimeNanosUnsafe())
      }
      const peer = peerIn(context)
      // The scope of a request closes when its answer has been sent, or when the client has disconnected.
      const whenSent = Scope.addFinalizerExit(Context.get(context, Scope.Scope), (exit) =>
        Effect.flatMap(record.status === null ? statusOf(exit) : Effect.succeed(record.status), (status) => {
          count(status)
          return Effect.provideService(
            Effect.provideService(
              logRequest(settings, record, request.url, status, millis()),
              HttpServerRequest.HttpServerRequest,
              request
            ),
            PeerAddress,
            peer
          )
        })
      )
      const annotations = { ...Context.get(context, References.CurrentLogAnnotations), request: id }
      const answered = Effect.updateContext(answer, (given: Context.Context<R>) =>
        Context.add(Context.add(given, CurrentRecord, record), References.CurrentLogAnnotations, annotations)
      )
      return Effect.andThen(
        whenSent,
        Effect.flatMap(span === null ? answered : Effect.withParentSpan(answered, span), (response) => {
          record.status = response.status
          const observedAnswer = HttpServerResponse.setHeader(weighed(record, request, response), requestIdHeader, id)
          if (!isEventStream(response)) return Effect.succeed(observedAnswer)
          count(response.status)
          return countOpenStream(record, 1).pipe(
            Effect.andThen(Effect.addFinalizer(() => countOpenStream(record, -1))),
            Effect.as(observedAnswer)
          )
        })
      )
    }
    // Only a proxy sends an id, and there are spans only if traces are collected.
    if (request.headers[requestIdHeader] === undefined && Context.get(context, Tracer.Tracer) === Tracer.nativeTracer) {
      return watch(newRequestId(), null)
    }
    return Effect.flatMap(currentRequestId(settings), (id) =>
      Effect.flatMap(
        beginSpan(settings, { id, mount: answering.mount, method: request.method, route: routeOf(answering) }),
        (span) => watch(id, span)
      )
    )
  })

const routeOf = ({ base, edge, path }: Answering): string | null => {
  const template = edge.openApi?.path === path ? path : edge.methodsOf(path).template
  return template === undefined ? null : `${base}${template}`
}

/** The status of a request that ended without an answer: by the client (499), or because the server stops. */
const statusOf = (exit: Exit.Exit<unknown, unknown>): Effect.Effect<number> =>
  Exit.isSuccess(exit)
    ? Effect.succeed(500)
    : Effect.map(HttpServerError.causeResponse(exit.cause), ([response]) => response.status)

const isEventStream = ({ body }: Answer): boolean =>
  body._tag === "Stream" && body.contentType.startsWith("text/event-stream")

/** Records how much is sent: the bytes that pass through a stream, or else the size of the body. */
const weighed = (record: RequestRecord, { method }: HttpServerRequest.HttpServerRequest, response: Answer): Answer => {
  const { body } = response
  if (method === "HEAD") return response
  if (body._tag !== "Stream") {
    record.bytes = "contentLength" in body ? (body.contentLength ?? 0) : 0
    return response
  }
  const counted = Stream.map(body.stream, (piece) => {
    record.bytes += piece.byteLength
    return piece
  })
  const replaced = HttpServerResponse.setBody(response, HttpBody.stream(counted, body.contentType, body.contentLength))
  return HttpServerResponse.setHeaders(replaced, response.headers)
}
