/** The log as frames of event streams, which share what they send. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Layer, Schema, type Scope, Stream, Tracer } from "effect"
import { Sse } from "effect/encoding"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { EventFrame } from "../../src/api/Events/Api.ts"
import { failureFrame, withPings } from "../../src/api/Events/StreamBody.ts"
import type { StoredEvent } from "../../src/events/Event.ts"
import { EventLog, type EventStreamOptions } from "../../src/events/EventLog.ts"
import { EventLogLive } from "../../src/events/EventLogLive.ts"
import type { NewEvent } from "../../src/events/EventType.ts"
import { type LooseEvent, looseEvent } from "../support/LoggedEvents.ts"
import { soon } from "../support/Soon.ts"
import { sqlFile, SqlTest, temporaryDatabase } from "../support/Sql.ts"

const LogTest = EventLogLive.pipe(Layer.provideMerge(SqlTest))
const logFile = (filename: string) => EventLogLive.pipe(Layer.provideMerge(sqlFile(filename)))

const note = (message: string, more: Partial<LooseEvent> = {}): NewEvent =>
  looseEvent({ type: "library.synced", category: "library", message, ...more })

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => note(`event ${from + n}`))

/** The bytes as a client of the API decodes them. */
const framesIn = (pieces: ReadonlyArray<Uint8Array>) => {
  const frames: Array<typeof EventFrame.Type> = []
  const parser = Sse.makeParser((frame) => {
    if (frame._tag !== "Event") return
    const { data, event, id } = frame
    frames.push(Schema.decodeUnknownSync(EventFrame)({ data, event, ...(id === undefined ? {} : { id }) }))
  })
  for (const piece of pieces) parser.feed(new TextDecoder().decode(piece))
  return frames
}

const eventsIn = (pieces: ReadonlyArray<Uint8Array>): ReadonlyArray<StoredEvent> =>
  framesIn(pieces).flatMap(({ data }) => ("type" in data ? [data] : []))

/** A stream that is read step by step, so that it can be slow. */
const follow = Effect.fnUntraced(function* (options: EventStreamOptions = {}) {
  const log = yield* EventLog
  const { moved, next } = yield* log.frames(options)
  const seen: Array<StoredEvent> = []
  const one = Effect.map(next, (pieces) => {
    seen.push(...eventsIn(pieces))
    return pieces
  })
  const all = Effect.gen(function* () {
    while ((yield* one).length > 0);
  })
  return { all, ids: () => seen.map(({ id }) => Number(id)), moved, one, seen }
})

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

/** Statements that read whole events. */
const readsOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const spans: Array<Tracer.NativeSpan> = []
    const tracer = Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    yield* effect.pipe(Effect.withTracer(tracer))
    return spans.filter(({ attributes }) => /SELECT id, at/.test(String(attributes.get("db.query.text")))).length
  })

const test = <A, E>(name: string, effect: Effect.Effect<A, E, EventLog | SqlClient.SqlClient | Scope.Scope>) =>
  it.effect(name, () => effect.pipe(Effect.scoped, Effect.provide(LogTest)))

describe("Frames of the log", () => {
  test(
    "contain the events of the log",
    Effect.gen(function* () {
      const log = yield* EventLog
      const sql = yield* SqlClient.SqlClient
      const live = yield* follow()
      yield* log.append(
        note('a "name"\r\nof two lines, “ünïcode” and \u2028', {
          subject: { type: "item", id: "7" },
          severity: "warning",
          payload: { text: "one\ntwo\r\nthree: data: four", number: 1.5 }
        }),
        note("damaged")
      )
      yield* sql`UPDATE events SET payload = '{"half' WHERE message = 'damaged'`
      const pieces = yield* live.one
      const { items } = yield* log.page({})
      assert.deepStrictEqual(eventsIn(pieces), items.toReversed())
      assert.deepStrictEqual(
        framesIn(pieces).map(({ event, id }) => ({ event, id })),
        items.toReversed().map(({ id, type }) => ({ event: type, id }))
      )
    })
  )

  test(
    "are read and encoded once for all streams",
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* log.append(...numbered(1, 10))
      const streams = yield* Effect.forEach(range(1, 50), () => follow())
      yield* log.append(...numbered(11, 1_010))
      const reads = yield* readsOf(Effect.forEach(streams, ({ all }) => all, { concurrency: "unbounded" }))
      assert.isAtMost(reads, 3)
      for (const { ids } of streams) assert.deepStrictEqual(ids(), range(11, 1_010))
      yield* log.append(note("one more"))
      const pieces = yield* Effect.forEach(streams, ({ one }) => one)
      assert.strictEqual(new Set(pieces.map(([piece]) => piece?.buffer)).size, 1)
    })
  )

  test(
    "are read for nobody when no stream is open",
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* Effect.scoped(
        Effect.gen(function* () {
          const stream = yield* follow()
          yield* log.append(note("seen"))
          yield* stream.all
          assert.deepStrictEqual(stream.ids(), [1])
        })
      )
      assert.strictEqual(yield* readsOf(log.append(...numbered(2, 1_500))), 0)
      const reads = yield* readsOf(
        Effect.gen(function* () {
          const later = yield* follow()
          yield* later.all
          yield* log.append(note("next"))
          yield* later.all
          assert.deepStrictEqual(later.ids(), [1_501])
        })
      )
      assert.isAtMost(reads, 1)
    })
  )

  test(
    "come from the database for a stream that is behind, until it has caught up",
    Effect.gen(function* () {
      const log = yield* EventLog
      const fast = yield* follow()
      const slow = yield* follow()
      const sparse = yield* follow({ types: ["job-run.failed"] })
      const chosen: Array<number> = []
      for (let from = 1; from <= 12_000; from += 500) {
        yield* log.append(...numbered(from, from + 498), note("failed", { type: "job-run.failed", category: "jobs" }))
        chosen.push(from + 499)
        yield* fast.all
        if (from === 1) yield* slow.one
      }
      assert.isBelow(slow.seen.length, 600)
      yield* slow.all
      yield* sparse.all
      const resumed = yield* follow({ after: "3" })
      yield* resumed.all
      yield* log.append(note("at last"))
      assert.strictEqual(yield* readsOf(Effect.forEach([fast, slow, sparse, resumed], ({ all }) => all)), 1)
      assert.deepStrictEqual(fast.ids(), range(1, 12_001))
      assert.deepStrictEqual(slow.ids(), range(1, 12_001))
      assert.deepStrictEqual(sparse.ids(), chosen)
      assert.deepStrictEqual(resumed.ids(), range(4, 12_001))
    })
  )

  test(
    "are those of the categories and types of each stream",
    Effect.gen(function* () {
      const log = yield* EventLog
      const failed = { type: "job-run.failed", category: "jobs" } as const
      const options: ReadonlyArray<EventStreamOptions> = [
        { categories: ["jobs"] },
        { types: ["job-run.failed"] },
        { categories: ["library", "jobs"], types: ["job-run.started", "library.synced"] },
        { categories: ["rules"] },
        { categories: ["library"], types: ["job-run.failed"] }
      ]
      yield* log.append(note("before", failed))
      const streams = yield* Effect.forEach(options, follow)
      const late = yield* Effect.forEach(options, (some) => follow({ ...some, after: "0" }))
      yield* log.append(note("a"), note("b", failed), note("c", failed), note("d"))
      yield* log.append(note("e", { ...failed, type: "job-run.started" }), note("f", failed))
      yield* Effect.forEach([...streams, ...late], ({ all }) => all)
      const messages = (all: typeof streams) => all.map(({ seen }) => seen.map(({ message }) => message).join(" "))
      assert.deepStrictEqual(messages(streams), ["b c e f", "b c f", "a d e", "", ""])
      assert.deepStrictEqual(messages(late), ["before b c e f", "before b c f", "a d e", "", ""])
    })
  )

  it.effect("are of committed events only, and wake a stream after the commit", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const sql = yield* SqlClient.SqlClient
      const stream = yield* follow()
      const woken = yield* Effect.forkChild(stream.moved)
      const failed = yield* Effect.exit(
        sql.withTransaction(
          Effect.gen(function* () {
            yield* log.append(note("never"))
            yield* stream.all
            return yield* Effect.fail("no")
          })
        )
      )
      assert.isTrue(Exit.isFailure(failed))
      yield* stream.all
      yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* log.append(note("later"))
          yield* stream.all
          assert.deepStrictEqual(stream.seen, [])
        })
      )
      yield* soon(Fiber.join(woken))
      yield* stream.all
      assert.deepStrictEqual(
        stream.seen.map(({ message }) => message),
        ["later"]
      )
    }).pipe(Effect.provide(Layer.unwrap(Effect.map(temporaryDatabase, logFile))), Effect.scoped)
  )

  test(
    "have no gap, repetition or wrong order, however streams and writers alternate",
    Effect.gen(function* () {
      const log = yield* EventLog
      const random = seeded(20_261)
      const types = ["library.synced", "job-run.failed", "job-run.started"]
      const written: Array<string> = []
      const streams: Array<{
        from: number
        types: ReadonlyArray<string>
        stream: Effect.Success<ReturnType<typeof follow>>
      }> = []
      for (let step = 0; step < 400; step += 1) {
        const dice = random()
        if (dice < 0.3) {
          const some = Array.from(
            { length: 1 + Math.floor(random() ** 6 * 1_500) },
            () => types[Math.floor(random() * 3)] ?? ""
          )
          yield* log.append(...some.map((type) => note("note", { type })))
          written.push(...some)
        } else if (dice < 0.35) {
          const from = random() < 0.5 ? written.length : Math.floor(random() * written.length)
          const wanted = random() < 0.5 ? types : types.filter(() => random() < 0.5)
          const all = wanted.length === 3 || wanted.length === 0
          streams.push({
            from,
            types: all ? types : wanted,
            stream: yield* follow({ after: String(from), ...(all ? {} : { types: wanted }) })
          })
        } else {
          const chosen = streams[Math.floor(random() * streams.length)]
          if (chosen !== undefined) yield* random() < 0.5 ? chosen.stream.one : chosen.stream.all
        }
      }
      assert.isAbove(written.length, 10_000)
      yield* Effect.forEach(streams, ({ stream }) => stream.all, { concurrency: "unbounded" })
      for (const { from, stream, types: wanted } of streams) {
        const expected = written.flatMap((type, index) => (index >= from && wanted.includes(type) ? [index + 1] : []))
        assert.deepStrictEqual(stream.ids(), expected)
      }
    })
  )

  test(
    "continue after events that were deleted",
    Effect.gen(function* () {
      const log = yield* EventLog
      const sql = yield* SqlClient.SqlClient
      const live = yield* follow()
      yield* log.append(...numbered(1, 5))
      yield* live.all
      yield* sql`DELETE FROM events`
      const behind = yield* follow({ after: "2" })
      const fresh = yield* follow()
      yield* behind.all
      yield* fresh.all
      yield* live.all
      yield* log.append(note("event 6"))
      yield* Effect.forEach([live, behind, fresh], ({ all }) => all)
      assert.deepStrictEqual(live.ids(), range(1, 6))
      assert.deepStrictEqual(behind.ids(), range(3, 6))
      assert.deepStrictEqual(fresh.ids(), [6])
    })
  )
})

describe("The body of a stream", () => {
  test(
    "has a ping at once and every 15 seconds, also among events",
    Effect.gen(function* () {
      const log = yield* EventLog
      const body = Stream.unwrap(Effect.map(log.frames({}), withPings))
      const collected = yield* Effect.forkChild(Stream.runCollect(Stream.take(body, 5)))
      yield* TestClock.adjust("14 seconds")
      yield* log.append(note("one"))
      yield* TestClock.adjust("1 second")
      yield* TestClock.adjust("15 seconds")
      yield* log.append(note("two"))
      const frames = framesIn(yield* soon(Fiber.join(collected)))
      assert.deepStrictEqual(
        frames.map(({ data, event }) => (event === "ping" && "at" in data ? data.at : event)),
        [
          "1970-01-01T00:00:00.000Z",
          "library.synced",
          "1970-01-01T00:00:15.000Z",
          "1970-01-01T00:00:30.000Z",
          "library.synced"
        ]
      )
    })
  )

  test(
    "reports its failure in the format of HttpApi",
    Effect.sync(() => {
      const text = new TextDecoder().decode(failureFrame(Cause.die(new Error("no disk"))))
      assert.match(text, /^event: effect\/http-api\/stream\/failure\ndata: \[.*"no disk".*\]\n\n$/)
    })
  )
})

const seeded = (seed: number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
