import { assert, describe, it } from "@effect/vitest"
import { DateTime, Deferred, Effect, Fiber, Layer, Option, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Actor } from "../../src/events/Actor.ts"
import type { StoredEvent } from "../../src/events/Event.ts"
import { EventLog, type EventQuery } from "../../src/events/EventLog.ts"
import { EventLogLive } from "../../src/events/EventLogLive.ts"
import type { NewEvent } from "../../src/events/EventType.ts"
import type { ReadSql } from "../../src/storage/Database.ts"
import { type LooseEvent, looseEvent } from "../support/LoggedEvents.ts"
import { sqlFile, SqlTest, temporaryDatabase } from "../support/Sql.ts"
import { soon } from "../support/Soon.ts"

const LogTest = EventLogLive.pipe(Layer.provideMerge(SqlTest))
const logFile = (filename: string) => EventLogLive.pipe(Layer.provideMerge(sqlFile(filename)))

const note = (message: string, more: Partial<LooseEvent> = {}): NewEvent =>
  looseEvent({
    type: "library.synced",
    category: "library",
    message,
    ...more
  })

describe("A damaged event", () => {
  it.effect("is returned without its payload, and the others are complete", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const sql = yield* SqlClient.SqlClient
      yield* log.append(note("first", { payload: { v: 3 } }), note("second"))
      yield* sql`UPDATE events SET payload = '{"half' WHERE message = 'second'`
      const [second, first] = (yield* log.page({})).items
      assert.deepStrictEqual(first?.payload, { v: 3 })
      assert.match(
        String(second?.payload["damaged"]),
        /The stored payload of events \d+ cannot be read: it is not JSON/
      )
    }).pipe(Effect.provide(LogTest))
  )
})

const messages = (events: ReadonlyArray<StoredEvent>) => events.map((event) => event.message)

const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `event ${from + n}`)

/** Every page of a query, in order. */
const allPages = Effect.fn(function* (query: EventQuery) {
  const log = yield* EventLog
  const items: Array<StoredEvent> = []
  let cursor: string | null = null
  do {
    const page: { items: ReadonlyArray<StoredEvent>; nextCursor: string | null } = yield* log.page({
      ...query,
      ...(cursor === null ? {} : { cursor })
    })
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return items
})

describe("Appending events", () => {
  it.effect("stores actor, time, subject and severity", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-03-01T12:00:00.250Z"))
      const log = yield* EventLog
      yield* log
        .append(
          looseEvent({
            type: "removal.failed",
            category: "audit",
            severity: "error",
            subject: { type: "removal", id: "7" },
            message: "Radarr refused",
            payload: { status: 500 }
          })
        )
        .pipe(Effect.provideService(Actor, "account:ann"))
      yield* log.append(note("later"))
      assert.deepStrictEqual((yield* log.page({})).items, [
        {
          id: "2",
          at: "2026-03-01T12:00:00.250Z",
          type: "library.synced",
          category: "library",
          severity: "info",
          actor: "system",
          subject: null,
          message: "later",
          payload: {}
        },
        {
          id: "1",
          at: "2026-03-01T12:00:00.250Z",
          type: "removal.failed",
          category: "audit",
          severity: "error",
          actor: "account:ann",
          subject: { type: "removal", id: "7" },
          message: "Radarr refused",
          payload: { status: 500 }
        }
      ])
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("stores and publishes nothing from a transaction that is rolled back", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const sql = yield* SqlClient.SqlClient
      const received = yield* Effect.forkChild(
        log.stream({ after: "0" }).pipe(Stream.take(2), Stream.runCollect, Effect.map(messages))
      )
      yield* TestClock.adjust(1)
      yield* sql
        .withTransaction(Effect.andThen(log.append(note("never happened")), Effect.fail("no")))
        .pipe(Effect.ignore)
      assert.deepStrictEqual(yield* sql`SELECT id FROM events`, [])
      yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* log.append(note("outer"))
          yield* sql
            .withTransaction(Effect.andThen(log.append(note("inner, undone")), Effect.fail("no")))
            .pipe(Effect.ignore)
        })
      )
      yield* log.append(note("after"))
      assert.deepStrictEqual(yield* soon(Fiber.join(received)), ["outer", "after"])
      assert.deepStrictEqual(messages((yield* log.page({})).items), ["after", "outer"])
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("publishes to subscribers only after the commit", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const sql = yield* SqlClient.SqlClient
      const received: Array<string> = []
      const listening = yield* Effect.forkChild(
        log.stream({ after: "0" }).pipe(Stream.runForEach((event) => Effect.sync(() => received.push(event.message))))
      )
      yield* TestClock.adjust(1)
      yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* log.append(note("held back"))
          yield* TestClock.adjust(10)
          assert.deepStrictEqual(received, [])
        })
      )
      yield* TestClock.adjust(10)
      assert.deepStrictEqual(received, ["held back"])
      yield* Fiber.interrupt(listening)
    }).pipe(Effect.provide(Layer.unwrap(Effect.map(temporaryDatabase, logFile))), Effect.scoped)
  )

  it.effect("stores a large batch completely or not at all", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const sql = yield* SqlClient.SqlClient
      const batch = numbered(1, 1_200).map((message) => note(message))
      yield* sql`CREATE TRIGGER refuse BEFORE INSERT ON events WHEN new.message = 'event 1100'
        BEGIN SELECT raise(ABORT, 'no'); END`
      assert.isTrue((yield* Effect.exit(log.append(...batch)))._tag === "Failure")
      assert.deepStrictEqual(yield* sql`SELECT id FROM events`, [])
      yield* sql`DROP TRIGGER refuse`
      yield* log.append(...batch)
      assert.deepStrictEqual(messages(yield* allPages({ limit: 200 })).toReversed(), numbered(1, 1_200))
    }).pipe(Effect.provide(LogTest))
  )
})

describe("Pages of the log", () => {
  it.effect("can be filtered by category, type, subject, time and words", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const at = (iso: string) => TestClock.setTime(Date.parse(iso))
      yield* at("2026-01-01T00:00:00.000Z")
      yield* log.append(note("Plex is slow", { type: "integration.slow", category: "integrations" }))
      yield* at("2026-01-02T00:00:00.000Z")
      yield* log.append(note("100% of Dune removed", { category: "audit", subject: { type: "item", id: "5" } }))
      yield* at("2026-01-03T00:00:00.000Z")
      yield* log.append(note("1000 of them", { category: "audit", subject: { type: "item", id: "6" } }))
      const found = (query: EventQuery) => Effect.map(log.page(query), (page) => messages(page.items))

      assert.deepStrictEqual(yield* found({ category: "audit" }), ["1000 of them", "100% of Dune removed"])
      assert.deepStrictEqual(yield* found({ type: "integration.slow" }), ["Plex is slow"])
      assert.deepStrictEqual(yield* found({ subjectType: "item", subjectId: "5" }), ["100% of Dune removed"])
      assert.deepStrictEqual(yield* found({ search: "plex" }), ["Plex is slow"])
      assert.deepStrictEqual(yield* found({ search: "0%" }), ["100% of Dune removed"])
      assert.deepStrictEqual(yield* found({ since: "2026-01-02T00:00:00Z", until: "2026-01-03T00:00:00Z" }), [
        "100% of Dune removed"
      ])
      assert.deepStrictEqual(yield* found({ since: "2026-01-02T01:00:00+01:00" }), [
        "1000 of them",
        "100% of Dune removed"
      ])
      assert.deepStrictEqual(yield* found({ category: "audit", search: "plex" }), [])
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("are read to the end without gap or repetition while new events arrive", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* log.append(...numbered(1, 25).map((message) => note(message)))
      const first = yield* log.page({ limit: 10 })
      yield* log.append(...numbered(26, 40).map((message) => note(message)))
      const second = yield* log.page({ limit: 10, cursor: first.nextCursor ?? "" })
      yield* log.append(note("event 41"))
      const third = yield* log.page({ limit: 10, cursor: second.nextCursor ?? "" })
      assert.deepStrictEqual(messages([...first.items, ...second.items, ...third.items]).toReversed(), numbered(1, 25))
      assert.isNull(third.nextCursor)
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("refuse an invalid limit, cursor or time, with the field", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const refused = (query: EventQuery) =>
        log.page(query).pipe(
          Effect.flip,
          Effect.map((error) => error.errors[0]?.path)
        )
      assert.deepStrictEqual(yield* refused({ limit: 0 }), ["query", "limit"])
      assert.deepStrictEqual(yield* refused({ limit: 201 }), ["query", "limit"])
      assert.deepStrictEqual(yield* refused({ limit: 1.5 }), ["query", "limit"])
      assert.deepStrictEqual(yield* refused({ cursor: "nonsense" }), ["query", "cursor"])
      assert.deepStrictEqual(yield* refused({ since: "yesterday-ish" }), ["query", "since"])
      assert.deepStrictEqual(yield* refused({ until: "13 o'clock" }), ["query", "until"])
    }).pipe(Effect.provide(LogTest))
  )
})

describe("The live stream", () => {
  it.effect("resumes after a restart with exactly the missed events", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryDatabase
      const session = <A, E>(use: Effect.Effect<A, E, EventLog | ReadSql>) =>
        Effect.scoped(Effect.provide(use, logFile(filename), { local: true }))
      const seen = yield* session(
        Effect.gen(function* () {
          const log = yield* EventLog
          yield* log.append(...numbered(1, 3).map((message) => note(message)))
          return yield* log.stream({ after: "0" }).pipe(Stream.take(2), Stream.runCollect)
        })
      )
      const lastId = seen[seen.length - 1]?.id ?? ""
      yield* session(
        Effect.gen(function* () {
          const log = yield* EventLog
          yield* log.append(...numbered(4, 6).map((message) => note(message)))
        })
      )
      const missed = yield* session(
        Effect.gen(function* () {
          const log = yield* EventLog
          const resumed = yield* Effect.forkChild(log.stream({ after: lastId }).pipe(Stream.take(5), Stream.runCollect))
          yield* TestClock.adjust(1)
          yield* log.append(note("event 7"))
          return yield* soon(Fiber.join(resumed))
        })
      )
      assert.deepStrictEqual(messages([...seen, ...missed]), numbered(1, 7))
    }).pipe(Effect.scoped)
  )

  it.effect("loses nothing for a consumer that is slower than 2,000 events", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const gate = yield* Deferred.make<void>()
      const slow = yield* Effect.forkChild(
        log.stream({ after: "0" }).pipe(
          Stream.tap((event) => (event.message === "event 1" ? Deferred.await(gate) : Effect.void)),
          Stream.take(2_001),
          Stream.runCollect
        )
      )
      yield* TestClock.adjust(1)
      yield* Effect.forEach(numbered(1, 2_000), (message) => log.append(note(message)), { discard: true })
      yield* Deferred.succeed(gate, undefined)
      yield* log.append(note("event 2001"))
      assert.deepStrictEqual(messages(yield* soon(Fiber.join(slow))), numbered(1, 2_001))
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("delivers all events to several consumers while several writers append", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const consumers = yield* Effect.forEach([1, 2, 3], () =>
        Effect.forkChild(log.stream({ after: "0" }).pipe(Stream.take(300), Stream.runCollect))
      )
      yield* Effect.forEach(
        ["a", "b", "c"],
        (writer) =>
          Effect.forEach(
            numbered(1, 100),
            (message) => Effect.andThen(log.append(note(`${writer} ${message}`)), Effect.yieldNow),
            { discard: true }
          ),
        { concurrency: "unbounded", discard: true }
      )
      for (const consumer of consumers) {
        const events = yield* soon(Fiber.join(consumer))
        assert.deepStrictEqual(
          events.map((event) => event.id),
          Array.from({ length: 300 }, (_, n) => String(n + 1))
        )
      }
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("starts with the next event, also after an id that does not exist yet", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* log.append(note("old"))
      const next = (after: { after?: string }) =>
        Effect.forkChild(log.stream(after).pipe(Stream.runHead, Effect.map(Option.map((event) => event.message))))
      const live = yield* next({})
      const beyond = yield* next({ after: "4711" })
      yield* TestClock.adjust(1)
      yield* log.append(note("new"))
      assert.deepStrictEqual(yield* soon(Fiber.join(live)), Option.some("new"))
      assert.deepStrictEqual(yield* soon(Fiber.join(beyond)), Option.some("new"))
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("contains only the requested categories and types, over a long log", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* log.append(...numbered(1, 1_500).map((message) => note(message)))
      yield* log.append(note("wanted", { type: "job-run.failed", category: "jobs" }))
      yield* log.append(note("other type", { type: "job-run.started", category: "jobs" }))
      const filtered = yield* Effect.forkChild(
        log
          .stream({ after: "0", categories: ["jobs"], types: ["job-run.failed"] })
          .pipe(Stream.take(2), Stream.runCollect, Effect.map(messages))
      )
      yield* TestClock.adjust(1)
      yield* log.append(note("noise"))
      yield* log.append(note("wanted again", { type: "job-run.failed", category: "jobs" }))
      assert.deepStrictEqual(yield* soon(Fiber.join(filtered)), ["wanted", "wanted again"])
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("refuses an invalid id", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      for (const after of ["", "abc", "-1", "1.5", "99999999999999999999"]) {
        const error = yield* Effect.flip(Stream.runDrain(log.stream({ after })))
        assert.deepStrictEqual(error.errors[0]?.path, ["query", "after"])
      }
    }).pipe(Effect.provide(LogTest))
  )
})

describe("Pruning", () => {
  it.effect("deletes old events, and audit events only if configured, and never reuses ids", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const day = (n: number) => DateTime.formatIso(DateTime.makeUnsafe(n * 86_400_000))
      for (let n = 1; n <= 4; n++) {
        yield* TestClock.setTime(n * 86_400_000)
        yield* log.append(
          ...numbered(1, 400).map((message) => note(`day ${n} ${message}`)),
          note(`day ${n} removal`, { category: "audit" })
        )
      }
      assert.strictEqual(yield* log.prune(day(3), null), 800)
      const left = messages(yield* allPages({ limit: 200 }))
      assert.strictEqual(left.length, 804)
      assert.include(left, "day 1 removal")
      assert.notInclude(left, "day 2 event 7")

      assert.strictEqual(yield* log.prune(day(3), day(2)), 1)
      assert.strictEqual(yield* log.prune(day(9), day(9)), 803)
      assert.deepStrictEqual((yield* log.page({})).items, [])
      yield* log.append(note("after all"))
      assert.strictEqual((yield* log.page({})).items[0]?.id, "1605")
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("respects the retention of audit events, even if other events are kept longer", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const day = (n: number) => DateTime.formatIso(DateTime.makeUnsafe(n * 86_400_000))
      for (let n = 1; n <= 4; n++) {
        yield* TestClock.setTime(n * 86_400_000)
        yield* log.append(
          ...numbered(1, 400).map((message) => note(`day ${n} ${message}`)),
          note(`day ${n} removal`, { category: "audit" })
        )
      }
      const left = Effect.map(allPages({ limit: 200 }), messages)
      assert.strictEqual(yield* log.prune(day(2), day(4)), 403)
      const removals = (yield* left).filter((message) => message.endsWith("removal"))
      assert.deepStrictEqual(removals, ["day 4 removal"])
      assert.strictEqual((yield* left).filter((message) => message.startsWith("day 2")).length, 400)
      assert.strictEqual(yield* log.prune(day(0), day(5)), 1)
      assert.strictEqual((yield* left).length, 1200)
    }).pipe(Effect.provide(LogTest))
  )
})
