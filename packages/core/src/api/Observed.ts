/** Watches the requests of all mounts: their id, metrics, span and line in the log. It stands around the edges. */
import { Clock, Effect, Exit, Stream } from "effect"
import { HttpBody, HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"
import type { Settings } from "../settings/Settings.ts"
import { currentPeer, PeerAddress } from "./Client.ts"
import type { Edge } from "./Mount.ts"
import { logRequest } from "./Observed/RequestLog.ts"
import { currentRequestId, requestIdHeader } from "./Observed/RequestId.ts"
import { countOpenStream, countRequest } from "./Observed/RequestMetrics.ts"
import { CurrentRecord, type RequestRecord } from "./Observed/RequestRecord.ts"
import { beginSpan, endSpan } from "./Observed/RequestSpan.ts"

type Answer = HttpServerResponse.HttpServerResponse

/** The mount that answers. */
export interface Answering {
  readonly mount: string
  /** The path under which clients see its root; `""` = none. */
  readonly base: string
  readonly edge: Pick<Edge, "methodsOf" | "openApi">
  /** Of the request, under the prefix and without the query. */
  readonly path: string
}

export const observed = <E, R>(
  settings: Settings["Service"],
  answering: Answering,
  answer: Effect.Effect<Answer, E, R>
) =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const peer = yield* currentPeer
    const began = yield* Clock.monotonicTimeNanos
    const record: RequestRecord = {
      id: yield* currentRequestId(settings),
      mount: answering.mount,
      method: request.method,
      route: routeOf(answering),
      principal: null,
      status: null,
      bytes: 0
    }
    const span = yield* beginSpan(settings, record)
    let told = false
    const millis = Effect.map(Clock.monotonicTimeNanos, (now) => Number(now - began) / 1e6)
    /** Once: when all is sent, or when an event stream begins, which may go on for days. */
    const tell = Effect.fnUntraced(function* (status: number) {
      if (told) return
      told = true
      yield* countRequest(record, status, (yield* millis) / 1000)
      if (span !== null) yield* endSpan(span, record, status)
    })
    // The scope of a request closes when its answer has been sent, whether or not somebody waited for all of it.
    yield* Effect.addFinalizer((exit) =>
      Effect.gen(function* () {
        const status = record.status ?? (yield* statusOf(exit))
        yield* tell(status)
        yield* logRequest(settings, record, request.url, status, yield* millis)
      }).pipe(Effect.provideService(PeerAddress, peer))
    )
    const response = yield* answer.pipe(
      Effect.provideService(CurrentRecord, record),
      Effect.annotateLogs("request", record.id),
      (effect) => (span === null ? effect : Effect.withParentSpan(effect, span))
    )
    record.status = response.status
    if (isEventStream(response)) {
      yield* tell(response.status)
      yield* countOpenStream(record, 1)
      yield* Effect.addFinalizer(() => countOpenStream(record, -1))
    }
    return HttpServerResponse.setHeader(weighed(record, request, response), requestIdHeader, record.id)
  })

const routeOf = ({ base, edge, path }: Answering): string | null => {
  const template = edge.openApi?.path === path ? path : edge.methodsOf(path).template
  return template === undefined ? null : `${base}${template}`
}

/** Of a request that was given up before it had an answer: by the client (499), or by the server as it stops. */
const statusOf = (exit: Exit.Exit<unknown, unknown>): Effect.Effect<number> =>
  Exit.isSuccess(exit)
    ? Effect.succeed(500)
    : Effect.map(HttpServerError.causeResponse(exit.cause), ([response]) => response.status)

const isEventStream = ({ body }: Answer): boolean =>
  body._tag === "Stream" && body.contentType.startsWith("text/event-stream")

/** Notes how much is sent: what passes of a stream, else what the body says. */
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
