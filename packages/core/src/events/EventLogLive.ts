/**
 * The event log over the database. The table is the truth: what subscribers are sent after a commit is only a wake-up,
 * and each reads the log from its own last id on, so a slow one waits and loses nothing.
 */
import { Array as Arr, DateTime, Effect, Layer, Option, PubSub, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { invalidField, type InvalidRequest } from "../problems/Problem.ts"
import { ReadSql } from "../storage/Database.ts"
import { decodeCursor, encodeCursor, fromJson, pageLimit, toJson, toPage } from "../storage/Rows.ts"
import { Actor } from "./Actor.ts"
import type { EventCategory, EventSeverity, NewEvent, StoredEvent } from "./Event.ts"
import { EventLog, type EventQuery, type EventStreamOptions } from "./EventLog.ts"

export const EventLogLive: Layer.Layer<EventLog, never, SqlClient.SqlClient | ReadSql> = Layer.effect(
  EventLog,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const read = yield* ReadSql
    // One pending wake-up says as much as a thousand.
    const wakes = yield* PubSub.sliding<void>(1)
    yield* Effect.addFinalizer(() => PubSub.shutdown(wakes))

    const append = Effect.fn("EventLog.append")(function* (...events: ReadonlyArray<NewEvent>) {
      const at = DateTime.formatIso(yield* DateTime.now)
      const actor = yield* Actor
      const rows = events.map((event) => ({
        at,
        type: event.type,
        category: event.category,
        severity: event.severity ?? "info",
        actor,
        subject_type: event.subject?.type ?? null,
        subject_id: event.subject?.id ?? null,
        message: event.message,
        payload: toJson(event.payload ?? {})
      }))
      const chunks = Arr.chunksOf(rows, insertSize)
      if (chunks.length === 0) return
      const inserts = Effect.forEach(chunks, (chunk) => sql`INSERT INTO events ${sql.insert(chunk)}`, { discard: true })
      // Also when interrupted after the insert: a wake-up for nothing costs nothing, a missed one costs an event its news.
      yield* (chunks.length === 1 ? inserts : sql.withTransaction(inserts)).pipe(
        Effect.orDie,
        Effect.ensuring(sql.afterCommit(Effect.asVoid(PubSub.publish(wakes, undefined))))
      )
    })

    const page = Effect.fn("EventLog.page")(function* (query: EventQuery) {
      const limit = yield* pageLimit(query.limit)
      const since = query.since === undefined ? undefined : yield* instant("since", query.since)
      const until = query.until === undefined ? undefined : yield* instant("until", query.until)
      const before = query.cursor === undefined ? undefined : (yield* decodeCursor(cursorScope, 1, query.cursor))[0]
      const conditions = [
        ...(query.category === undefined ? [] : [read`category = ${query.category}`]),
        ...(query.type === undefined ? [] : [read`type = ${query.type}`]),
        ...(query.subjectType === undefined ? [] : [read`subject_type = ${query.subjectType}`]),
        ...(query.subjectId === undefined ? [] : [read`subject_id = ${query.subjectId}`]),
        ...(query.search === undefined || query.search === "" ? [] : [contains(query.search)]),
        ...(since === undefined ? [] : [read`at >= ${since}`]),
        ...(until === undefined ? [] : [read`at < ${until}`]),
        ...(before === undefined ? [] : [read`id < ${before}`])
      ]
      const rows = yield* Effect.orDie(
        read<EventRow>`SELECT ${columns} FROM events WHERE ${read.and(conditions)} ORDER BY id DESC LIMIT ${limit + 1}`
      )
      return toPage(rows, limit, (row) => encodeCursor(cursorScope, [row.id]), toEvent)
    })

    const stream = (options: EventStreamOptions): Stream.Stream<StoredEvent, InvalidRequest> =>
      Stream.unwrap(
        Effect.gen(function* () {
          const after = options.after === undefined ? undefined : yield* eventId(options.after)
          // Subscribed before the log is read: what is appended meanwhile is either read or wakes us.
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
      const horizon = auditBefore !== null && auditBefore > before ? auditBefore : before
      let cursor = 0
      let deleted = 0
      // Ids grow with time, so the log is walked from its old end up to the first event that is young enough to stay.
      while (true) {
        const rows = yield* Effect.orDie(
          read<{ id: number; at: string }>`SELECT id, at FROM events WHERE id > ${cursor} ORDER BY id LIMIT ${readSize}`
        )
        const old = rows.findLast((row) => row.at < horizon)
        if (old === undefined) return deleted
        const audit = auditBefore === null ? read.literal("") : read`OR (category = 'audit' AND at < ${auditBefore})`
        const gone = yield* Effect.orDie(
          sql`DELETE FROM events WHERE id > ${cursor} AND id <= ${old.id}
            AND ((category <> 'audit' AND at < ${before}) ${audit}) RETURNING id`
        )
        deleted += gone.length
        cursor = old.id
        if (rows.length < readSize || rows[rows.length - 1]?.id !== old.id) return deleted
      }
    })

    const columns = read.literal(
      `id, at, type, category, severity, actor, subject_type AS "subjectType", subject_id AS "subjectId", message, payload`
    )

    const head = Effect.orDie(read<{ head: number | null }>`SELECT max(id) AS head FROM events`).pipe(
      Effect.map((rows) => rows[0]?.head ?? 0)
    )

    /** The next events after `cursor`, and how far the log was looked through for them. */
    const nextOf = Effect.fnUntraced(function* (options: EventStreamOptions, cursor: number) {
      const newest = yield* head
      if (newest <= cursor) return { events: [], cursor }
      const conditions = [
        ...(options.categories === undefined ? [] : [read.in("category", options.categories)]),
        ...(options.types === undefined ? [] : [read.in("type", options.types)])
      ]
      const rows = yield* Effect.orDie(
        read<EventRow>`SELECT ${columns} FROM events
          WHERE ${read.and([read`id > ${cursor}`, read`id <= ${newest}`, ...conditions])} ORDER BY id LIMIT ${readSize}`
      )
      const last = rows[rows.length - 1]
      return { events: rows.map(toEvent), cursor: rows.length < readSize || last === undefined ? newest : last.id }
    })

    const contains = (search: string) => {
      const pattern = `%${search.replace(/[\\%_]/g, (character) => `\\${character}`)}%`
      return read.onDialectOrElse({
        pg: () => read`message ILIKE ${pattern} ESCAPE '\\'`,
        orElse: () => read`message LIKE ${pattern} ESCAPE '\\'`
      })
    }

    return EventLog.of({ append, page, stream, checkId: (id) => Effect.asVoid(eventId(id)), prune })
  })
)

const cursorScope = "events"

/** Rows per INSERT: nine values each, far below what SQLite binds at most. */
const insertSize = 500

/** Events read at once by a stream. */
const readSize = 500

interface EventRow {
  readonly id: number
  readonly at: string
  readonly type: string
  readonly category: EventCategory
  readonly severity: EventSeverity
  readonly actor: string
  readonly subjectType: string | null
  readonly subjectId: string | null
  readonly message: string
  readonly payload: string
}

const toEvent = (row: EventRow): StoredEvent => ({
  id: String(row.id),
  at: row.at,
  type: row.type,
  category: row.category,
  severity: row.severity,
  actor: row.actor,
  subject: row.subjectType === null || row.subjectId === null ? null : { type: row.subjectType, id: row.subjectId },
  message: row.message,
  payload: fromJson<Record<string, unknown>>(row.payload)
})

/** Any readable instant, in the form in which times are stored. */
const instant = (name: "since" | "until", text: string): Effect.Effect<string, InvalidRequest> =>
  Option.match(DateTime.make(text), {
    onNone: () => Effect.fail(invalidField(["query", name], "is not an ISO-8601 time")),
    onSome: (at) => Effect.succeed(DateTime.formatIso(at))
  })

const eventId = (after: string): Effect.Effect<number, InvalidRequest> =>
  /^\d{1,15}$/.test(after)
    ? Effect.succeed(Number(after))
    : Effect.fail(invalidField(["query", "after"], "is not the id of an event"))
