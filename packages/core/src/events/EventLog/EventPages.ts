/**
 * Pages of the log, at a cost that does not grow with its length. One index is used for each query, with time bounds as
 * id bounds; conditions that the index does not cover are checked on a limited number of its events at a time, and a
 * page that has searched long enough ends with a cursor. A text that few of many events contain is found by the index of
 * the messages.
 */
import { Effect, Result } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import { instantOf } from "../../problems/Instants.ts"
import { invalidField, type InvalidRequest } from "../../problems/Problem.ts"
import { decodeCursor, encodeCursor, type Page, pageLimit } from "../../storage/Pages.ts"
import { readDocument, recordIn } from "../../storage/StoredDocuments.ts"
import { amongMany, likeAnyCase } from "../../storage/Dialect.ts"
import type { EventCategory, EventSeverity, StoredEvent } from "../Event.ts"
import type { EventQuery } from "../EventLog.ts"
import { type EventSearch, shortest } from "./Searching.ts"
import { between, type Stretch } from "./Stretches.ts"

export const makeEventPages = (sql: SqlClient.SqlClient, search: EventSearch) =>
  Effect.fn("EventLog.page")(function* (query: EventQuery): Effect.fn.Return<Page<StoredEvent>, InvalidRequest> {
    const limit = yield* pageLimit(query.limit)
    const since = query.since === undefined ? undefined : yield* instantOf("since", query.since)
    const until = query.until === undefined ? undefined : yield* instantOf("until", query.until)
    const before = query.cursor === undefined ? Infinity : yield* idIn(query.cursor)
    if (query.subjectId !== undefined && query.subjectType === undefined) {
      return yield* invalidField(
        ["query", "subjectId"],
        "requires `subjectType`: subjects of different types may have the same id"
      )
    }
    const { checks, leading, others } = conditionsOf(sql, query)
    const text = query.search !== undefined && [...query.search].length >= shortest ? query.search : null
    const indexed = text === null ? 0 : yield* search.indexedUpTo
    const rows: Array<EventRow> = []
    const readSome = (conditions: ReadonlyArray<Statement.Fragment>) =>
      Effect.map(
        Effect.orDie(
          sql<EventRow>`SELECT ${eventColumns(sql)} FROM events WHERE ${sql.and(conditions)}
            ORDER BY id DESC LIMIT ${limit + 1 - rows.length}`
        ),
        (some) => void rows.push(...some)
      )
    let looks = windowsAtOnce
    let width = firstWidth
    for (const { from, to } of (yield* between(sql, since, until)).toReversed()) {
      let high = Math.min(to, before)
      while (from < high && rows.length <= limit) {
        if (looks === 0) return pageOf(rows, limit, high)
        let low =
          others.length === 0
            ? from
            : leading.length === 0 && text !== null
              ? Math.max(from, high - windowSize)
              : yield* lowEndOf(sql, leading, { from, to: high })
        if (text !== null && low > from && high <= indexed + 1) {
          low = Math.max(from, high - width)
          width = Math.min(width * 4, greatestWidth)
          const most = checks.length === 1 ? (limit + 1) * 4 : windowSize
          const ids = yield* search.candidates(text, { from: low, to: high }, most)
          if (ids.length === most) low = ids[most - 1] ?? low
          if (ids.length > 0) yield* readSome([amongMany(sql, sql.literal("id"), ids), ...checks])
        } else {
          if (text !== null && low > from) low = Math.max(low, indexed + 1)
          yield* readSome([...leading, sql`id >= ${low}`, sql`id < ${high}`, ...others])
        }
        high = low
        if (others.length === 0) continue
        looks--
        yield* Effect.yieldNow
      }
    }
    return pageOf(rows, limit, null)
  })

export interface EventRow {
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

export const eventColumns = (sql: SqlClient.SqlClient) =>
  sql.literal(
    `id, at, type, category, severity, actor, subject_type AS "subjectType", subject_id AS "subjectId", message, payload`
  )

export const toEvent = (row: EventRow): StoredEvent => ({
  id: String(row.id),
  at: row.at,
  type: row.type,
  category: row.category,
  severity: row.severity,
  actor: row.actor,
  subject: row.subjectType === null || row.subjectId === null ? null : { type: row.subjectType, id: row.subjectId },
  message: row.message,
  payload: payloadOf(row.id, row.payload)
})

/**
 * Pages have up to two hundred events, and streams more, so rows are not decoded by a schema: that takes four times as
 * long as mapping them (20 instead of 5 ms for 20,000). The payload of a type is checked when it is appended, and the
 * types of programs are not known here, so only its outline is checked.
 */
const payloads = recordIn("events", "payload")

const payloadOf = (id: number, text: string): Readonly<Record<string, unknown>> =>
  Result.match(readDocument(payloads, String(id), text), {
    onFailure: ({ message }) => ({ damaged: message }),
    onSuccess: (payload) => payload
  })

const cursorScope = "events"

/** Number of events of the index that are checked before yielding to the event loop: a millisecond or two. */
const windowSize = 2_000
/** Maximum number of such windows per page. */
const windowsAtOnce = 50

/** Ids that are searched in the index of the messages before yielding: first few, as a page is often full soon. */
const firstWidth = 8_192
const greatestWidth = 524_288

/**
 * Conditions that an index followed by ids covers, and those that have to be checked on its rows; `checks` are all of them
 * for rows that are found otherwise, that of the text last.
 */
const conditionsOf = (sql: SqlClient.SqlClient, query: EventQuery) => {
  const { category, search, subjectId, subjectType, type } = query
  // In a form that no index supports, so that SQLite does not prefer another index.
  const other = (column: string, value: string | undefined) =>
    value === undefined ? [] : [sql`coalesce(${sql.literal(column)}, '') = ${value}`]
  const words = search === undefined || search === "" ? [] : [likeAnyCase(sql, "message", search)]
  const checks = [
    ...other("type", type),
    ...other("category", category),
    ...other("subject_type", subjectType),
    ...other("subject_id", subjectId),
    ...words
  ]
  if (subjectType !== undefined && subjectId !== undefined) {
    return {
      leading: [sql`subject_type = ${subjectType}`, sql`subject_id = ${subjectId}`],
      others: [...other("type", type), ...other("category", category), ...words],
      checks
    }
  }
  const about = other("subject_type", subjectType)
  if (type !== undefined) {
    return { leading: [sql`type = ${type}`], others: [...other("category", category), ...about, ...words], checks }
  }
  return { leading: category === undefined ? [] : [sql`category = ${category}`], others: [...about, ...words], checks }
}

/** The lowest id among that many events of the index. */
const lowEndOf = (
  sql: SqlClient.SqlClient,
  leading: ReturnType<typeof conditionsOf>["leading"],
  { from, to }: Stretch
) =>
  sql<{ id: number }>`SELECT id FROM events WHERE ${sql.and([...leading, sql`id >= ${from}`, sql`id < ${to}`])}
    ORDER BY id DESC LIMIT 1 OFFSET ${windowSize - 1}`.pipe(
    Effect.orDie,
    Effect.map(([row]) => row?.id ?? from)
  )

/** `lookedTo` is the id at which the search was stopped; `null` = it is complete. */
const pageOf = (rows: ReadonlyArray<EventRow>, limit: number, lookedTo: number | null): Page<StoredEvent> => {
  const shown = rows.slice(0, limit)
  const next = rows.length > limit ? (shown[shown.length - 1]?.id ?? null) : lookedTo
  return { items: shown.map(toEvent), nextCursor: next === null ? null : encodeCursor(cursorScope, [next]) }
}

const idIn = (cursor: string) =>
  Effect.flatMap(decodeCursor(cursorScope, 1, cursor), ([id]) =>
    typeof id === "number"
      ? Effect.succeed(id)
      : Effect.fail(invalidField(["query", "cursor"], "is not a cursor of this list; take `nextCursor` of a page"))
  )
