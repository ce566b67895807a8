/** The body of an event stream: frames of the log, which all streams share, and pings. */
import { type Cause, Clock, DateTime, Effect, Option, Schema, Stream } from "effect"
import { Sse } from "effect/encoding"
import type { EventFrames } from "../../events/EventLog.ts"

/** Shorter than the idle timeout of common proxies. */
const pingMillis = 15_000

/** Before the first ping, which follows the events that are stored already. */
const first = 0

/** New events, with a ping after the stored ones and then at regular intervals. */
export const withPings = ({ moved, next }: EventFrames): Stream.Stream<Uint8Array> =>
  Stream.paginate(first, (pingAt) =>
    Effect.gen(function* () {
      for (;;) {
        const now = yield* Clock.currentTimeMillis
        const ping = [[pingFrame(now)], Option.some(now + pingMillis)] as const
        if (pingAt !== first && now >= pingAt) return ping
        const frames = yield* next
        if (frames.length > 0) return [frames, Option.some(pingAt)] as const
        if (pingAt === first) return ping
        // A clock that is set back must not silence the pings.
        yield* Effect.timeoutOption(moved, Math.min(pingAt - now, pingMillis))
      }
    })
  )

const encoder = new TextEncoder()

const frame = (event: string, data: string): Uint8Array =>
  encoder.encode(Sse.encoder.write({ _tag: "Event", id: undefined, event, data }))

const pingFrame = (now: number) => frame("ping", JSON.stringify({ at: DateTime.formatIso(DateTime.makeUnsafe(now)) }))

/** What `HttpApi` sends before it ends a stream that failed, so that typed clients fail too. */
export const failureFrame = (cause: Cause.Cause<never>) => frame("effect/http-api/stream/failure", encodeCause(cause))

const encodeCause = Schema.encodeSync(
  Schema.fromJsonString(Schema.toCodecJson(Schema.Cause(Schema.Never, Schema.Defect())))
)
