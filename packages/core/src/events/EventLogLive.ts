/**
 * The event log in the database. The table is authoritative: after a commit, subscribers only receive a wake-up, and
 * each reads the log from its own last id, so a slow subscriber falls behind but loses nothing.
 */
import { Array as Arr, Effect, Layer, Option, PubSub, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { nowIso } from "../problems/Instants.ts"
import { invalidField, type InvalidRequest } from "../problems/Problem.ts"
import { ReadSql } from "../storage/Database.ts"
import { placeOf } from "../storage/RowId.ts"
import { toJson } from "../storage/Rows.ts"
import { inTransaction, transacting } from "../storage/Transactions.ts"
import { Actor } from "./Actor.ts"
import { eventCategories, type StoredEvent } from "./Event.ts"
import { EventCheck } from "./EventCheck.ts"
import { EventLog, type EventStreamOptions } from "./EventLog.ts"
import { makeCounting } from "./EventLog/Counting.ts"
import { eventColumns, type EventRow, makeEventPages, toEvent } from "./EventLog/EventPages.ts"
import { makeEventSearch } from "./EventLog/Searching.ts"
import { firstSince, stretches } from "./EventLog/Stretches.ts"
import { makeTail } from "./EventLog/Tail.ts"
import type { NewEvent } from "./EventType.ts"

export const EventLogLive: Layer.Layer<EventLog, never, SqlClient.SqlClient | ReadSql> = Layer.effect(
  EventLog,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const transact = transacting(sql)
    const read = yield* ReadSql
    const check = yield* EventCheck
    // One pending wake-up is enough.
    const wakes = yield* PubSub.sliding<void>(1)
    yield* Effect.addFinalizer(() => PubSub.shutdown(wakes))
    let commits = 0

    const append = Effect.fn("EventLog.append")(function* (...events: ReadonlyArray<NewEvent>) {
      if (events.length === 0) return
      if (check !== null) yield* Effect.forEach(events, check, { discard: true })
      const actor = yield* Actor
      const write = Effect.gen(function* () {
        const [newest] = yield* sql<{ at: string }>`SELECT at FROM events ORDER BY id DESC LIMIT 1`
        const at = timeAfter(newest?.at, yield* nowIso)
        const rows = events.map((event) => ({
          at,
          type: event.type,
          category: event.category,
          severity: event.severity,
          actor,
          subject_type: event.subject?.type ?? null,
          subject_id: event.subject?.id ?? null,
          message: event.message,
          payload: toJson(event.payload)
        }))
        for (const chunk of Arr.chunksOf(rows, insertSize)) yield* sql`INSERT INTO events ${sql.insert(chunk)}`
      })
      // Runs even if interrupted after the insert: a superfluous wake-up is harmless, while a missed one would delay an
      // event.
      yield* ((yield* inTransaction(sql)) ? write : transact(write)).pipe(
        Effect.orDie,
        Effect.ensuring(
          sql.afterCommit(
            Effect.suspend(() => {
              commits += 1
              return Effect.asVoid(PubSub.publish(wakes, undefined))
            })
          )
        )
      )
    })

    const head = Effect.orDie(read<{ head: number | null }>`SELECT max(id) AS head FROM events`).pipe(
      Effect.map((rows) => rows[0]?.head ?? 0)
    )

    const page = makeEventPages(read, yield* makeEventSearch(sql, read))
    const counting = makeCounting(sql, read)
    const tail = yield* makeTail({ read, wakes, commits: () => commits, head })

    const frames = Effect.fnUntraced(function* (options: EventStreamOptions) {
      return yield* tail.follow(options, options.after === undefined ? undefined : yield* eventId(options.after))
    })

    const stream = (options: EventStreamOptions): Stream.Stream<StoredEvent, InvalidRequest> =>
      Stream.unwrap(
        Effect.gen(function* () {
          const after = options.after === undefined ? undefined : yield* eventId(options.after)
          // Subscribe before reading the log: events appended in the meantime are either read or cause a wake-up.
          const subscription = yield* PubSub.subscribe(wakes)
          const newest = yield* head
          const from = after === undefined ? newest : Math.min(after, newest)
          return Stream.paginate(from, (cursor) =>
            Effect.gen(function* () {
              const chunk = yield* nextOf(options, cursor)
              if (chunk.events.length === 0 && chunk.cursor === cursor) yield* PubSub.takeAll(subscription)
              return [chunk.events, Option.some(chunk.cursor)] as const
            })
          )
        })
      )

    const prune = Effect.fn("EventLog.prune")(function* (before: string, auditBefore: string | null) {
      let deleted = 0
      yield* counting.countAll
      yield* counting.forgetHours
      for (const stretch of yield* stretches(read)) {
        const old = yield* firstSince(read, stretch, before)
        const oldAudit = auditBefore === null ? stretch.from : yield* firstSince(read, stretch, auditBefore)
        for (const category of eventCategories) {
          const bound = category === "audit" ? oldAudit : old
          for (;;) {
            const gone = yield* Effect.orDie(
              sql`DELETE FROM events WHERE id IN (SELECT id FROM events
                WHERE category = ${category} AND id >= ${stretch.from} AND id < ${bound} ORDER BY id LIMIT ${deleteSize})
                RETURNING id`
            )
            deleted += gone.length
            if (gone.length < deleteSize) break
            yield* Effect.yieldNow
          }
        }
      }
      yield* Effect.orDie(sql`DELETE FROM event_stretches WHERE first_id <= (SELECT min(id) FROM events)`)
      return deleted
    })

    /** The next events after `cursor`, and the id up to which the log was searched for them. */
    const nextOf = Effect.fnUntraced(function* (options: EventStreamOptions, cursor: number) {
      const newest = yield* head
      if (newest <= cursor) return { events: [], cursor }
      const conditions = [
        ...(options.categories === undefined ? [] : [read.in("category", options.categories)]),
        ...(options.types === undefined ? [] : [read.in("type", options.types)])
      ]
      const rows = yield* Effect.orDie(
        read<EventRow>`SELECT ${eventColumns(read)} FROM events
          WHERE ${read.and([read`id > ${cursor}`, read`id <= ${newest}`, ...conditions])} ORDER BY id LIMIT ${readSize}`
      )
      const last = rows[rows.length - 1]
      return { events: rows.map(toEvent), cursor: rows.length < readSize || last === undefined ? newest : last.id }
    })

    return EventLog.of({
      append,
      page,
      counts: counting.counts,
      stream,
      frames,
      checkId: (id) => Effect.asVoid(eventId(id)),
      prune
    })
  })
)

/** Rows per INSERT: nine values each, far below SQLite's limit of parameters. */
const insertSize = 500

/** Number of events that a stream reads at once. */
const readSize = 500

/** Number of events deleted per statement: a millisecond or two. */
const deleteSize = 200

/**
 * Times increase with ids: neither waiting for the connection nor a clock that is set back a little reverses the order.
 * Only when the clock was set back by more, new events use its time again, and the database records the event where
 * this begins.
 */
const timeAfter = (newest: string | undefined, now: string): string =>
  newest !== undefined && now < newest && Date.parse(newest) - Date.parse(now) <= slackMillis ? newest : now

const slackMillis = 60_000

const eventId = (after: string): Effect.Effect<number, InvalidRequest> => {
  const place = placeOf(after)
  return place === null
    ? Effect.fail(invalidField(["query", "after"], "is not the id of an event"))
    : Effect.succeed(place)
}
