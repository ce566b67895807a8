/**
 * What happened, as one feed for people: the event log by position and with a total, filtered by type, actor, text, time,
 * or an item together with its collections. It reaches back over the newest events only, so that its cost does not grow
 * with the log.
 */
import { Context, Effect, Layer, Schema } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import { type EventSeverity, StoredEvent } from "../events/Event.ts"
import { eventColumns, type EventRow, toEvent } from "../events/EventLog/EventPages.ts"
import { between } from "../events/EventLog/Stretches.ts"
import { Collections } from "../library/Collections.ts"
import { instantOf } from "../problems/Instants.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import { ReadSql } from "../storage/Database.ts"
import { amongMany, likeAnyCase, readablePart } from "../storage/Dialect.ts"
import type { CountedPage, Window } from "../storage/Pages.ts"
import { rowId } from "../storage/RowId.ts"
import { isRelated } from "../viewers/Relations.ts"

export const ActivityEntry = Schema.Struct({
  ...StoredEvent.fields,
  itemId: Schema.NullOr(Schema.String).annotate({ description: "The item that it is about; `null` = none." }),
  title: Schema.NullOr(Schema.String).annotate({ description: "Title of the item or the collection." }),
  collection: Schema.NullOr(Schema.String).annotate({ description: "Title of the collection that it is about." })
}).annotate({ identifier: "ActivityEntry" })
export type ActivityEntry = typeof ActivityEntry.Type

export interface ActivityQuery {
  /** Types of events, or beginnings of types: `removal.` covers all of removals. Empty = nothing. */
  readonly types?: ReadonlyArray<string>
  /** Types to leave out, in the same form. */
  readonly withoutTypes?: ReadonlyArray<string>
  /** Actors, or beginnings of actors: `account:` covers all people who signed in. */
  readonly actors?: ReadonlyArray<string>
  /** Actors to leave out, in the same form. */
  readonly withoutActors?: ReadonlyArray<string>
  /** What happened to this item, and to the collections that it is in. */
  readonly itemId?: string
  /** What happened to this viewer, and to items that they have played, requested or put on a list. */
  readonly viewer?: string
  readonly severities?: ReadonlyArray<EventSeverity> | undefined
  /** Texts at the top of the payload: `{ fault: "stalled" }`. */
  readonly payload?: Readonly<Record<string, string>>
  /** Part of the message, in any case. */
  readonly search?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
}

/** Newest events that the feed covers. */
export const activityReach = 100_000

export class Activity extends Context.Service<
  Activity,
  {
    /** Newest first. `total` counts the newest 100,000 events of the log; of an item, all that are kept. */
    readonly page: (query: ActivityQuery, window: Window) => Effect.Effect<CountedPage<ActivityEntry>, InvalidRequest>
    /** The newest ones, without their total, which is most of the work. */
    readonly newest: (
      query: ActivityQuery,
      limit: number
    ) => Effect.Effect<ReadonlyArray<ActivityEntry>, InvalidRequest>
  }
>()("tendarr/system/Activity") {
  static readonly layer = Layer.effect(
    Activity,
    Effect.gen(function* () {
      const sql = yield* ReadSql
      const collections = yield* Collections

      const conditionsOf = ({
        actors,
        payload = {},
        search,
        severities,
        types,
        viewer,
        withoutActors = [],
        withoutTypes = []
      }: ActivityQuery) => [
        ...(viewer === undefined ? [] : [aboutViewer(sql, viewer)]),
        ...(types === undefined ? [] : [beginsWith(sql, "type", types)]),
        ...(withoutTypes.length === 0 ? [] : [sql`NOT ${beginsWith(sql, "type", withoutTypes)}`]),
        ...(actors === undefined ? [] : [beginsWith(sql, "actor", actors)]),
        ...(withoutActors.length === 0 ? [] : [sql`NOT ${beginsWith(sql, "actor", withoutActors)}`]),
        ...(severities === undefined ? [] : [sql.in("severity", severities)]),
        ...Object.entries(payload).map(([key, value]) => sql`${readablePart(sql, "payload", key)} = ${value}`),
        ...(search === undefined || search === "" ? [] : [likeAnyCase(sql, "message", search)])
      ]

      /**
       * The ids of a window of the matching events within the reach, newest first, and how many match; if that is not
       * needed, how many were seen until the window was full.
       */
      const matching = Effect.fnUntraced(function* (query: ActivityQuery, { limit, offset }: Window, counted: boolean) {
        const since = query.since === undefined ? undefined : yield* instantOf("since", query.since)
        const until = query.until === undefined ? undefined : yield* instantOf("until", query.until)
        const conditions = conditionsOf(query)
        const stretches = (yield* between(sql, since, until)).toReversed()
        if (query.itemId !== undefined) {
          const about = yield* aboutItem(query.itemId)
          const bounds = stretches.map(({ from, to }) => sql`(id >= ${from} AND id < ${to})`)
          const all = bounds.length === 0 ? [] : yield* idsOf(sql`id IN (${about}) AND (${sql.or(bounds)})`, conditions)
          return { ids: all.slice(offset, offset + limit), total: all.length }
        }
        const ids: Array<number> = []
        let total = 0
        let left = activityReach
        for (const { from, to } of stretches) {
          for (let high = to; high > from && left > 0;) {
            if (!counted && ids.length >= limit) break
            const low = Math.max(from, high - Math.min(pieceSize, left))
            const range = sql`id >= ${low} AND id < ${high}`
            const found = yield* countOf(range, conditions)
            // Ids are read only where the window is: those of all matching events would be a hundred thousand.
            if (ids.length < limit && total + found > offset) {
              const skipped = Math.max(0, offset - total)
              ids.push(...(yield* idsOf(range, conditions, { limit: limit - ids.length, offset: skipped })))
            }
            total += found
            left -= high - low
            high = low
            yield* Effect.yieldNow
          }
        }
        return { ids, total }
      })

      const countOf = (range: Statement.Fragment, conditions: ReadonlyArray<Statement.Fragment>) =>
        sql<{ total: number }>`SELECT count(*) AS total FROM events WHERE ${sql.and([range, ...conditions])}`.pipe(
          Effect.orDie,
          Effect.map(([row]) => row?.total ?? 0)
        )

      const idsOf = (
        range: Statement.Fragment,
        conditions: ReadonlyArray<Statement.Fragment>,
        window: Partial<Window> = {}
      ) =>
        sql<{ id: number }>`SELECT id FROM events WHERE ${sql.and([range, ...conditions])} ORDER BY id DESC
          LIMIT ${window.limit ?? activityReach} OFFSET ${window.offset ?? 0}`.pipe(
          Effect.orDie,
          Effect.map((rows) => rows.map(({ id }) => id))
        )

      /** A query for the ids of events about an item, its removals, and its collections. */
      const aboutItem = Effect.fnUntraced(function* (itemId: string) {
        const groups = yield* collections.of(itemId)
        const ofProtection = sql.or([
          sql`${readablePart(sql, "payload", "itemId")} = ${itemId}`,
          ...groups.map(({ title }) => sql`${readablePart(sql, "payload", "collection")} = ${title}`)
        ])
        return sql`SELECT id FROM events WHERE subject_type = 'item' AND subject_id = ${itemId}
          UNION SELECT e.id FROM removals r JOIN events e
            ON e.subject_type = 'removal' AND e.subject_id = CAST(r.id AS TEXT) WHERE r.item_id = ${rowId(itemId)}
          UNION SELECT id FROM events WHERE type IN ('protection.added', 'protection.removed') AND ${ofProtection}
          UNION SELECT id FROM events WHERE subject_type = 'collection'
            AND ${sql.in("subject_id", groups.length === 0 ? [""] : groups.map(({ id }) => id))}`
      })

      const entriesOf = (ids: ReadonlyArray<number>) =>
        ids.length === 0
          ? Effect.succeed([])
          : Effect.map(
              Effect.orDie(sql<EventRow>`SELECT ${eventColumns(sql)} FROM events
                WHERE ${amongMany(sql, sql.literal("id"), ids)} ORDER BY id DESC`),
              (rows) => rows.map((row) => toEntry(toEvent(row)))
            )

      return Activity.of({
        page: Effect.fn("Activity.page")(function* (query, { limit, offset }) {
          const { ids, total } = yield* matching(query, { limit, offset }, true)
          return { items: yield* entriesOf(ids), total, offset, limit }
        }),
        newest: Effect.fn("Activity.newest")(function* (query, limit) {
          return yield* entriesOf((yield* matching(query, { limit, offset: 0 }, false)).ids)
        })
      })
    })
  )
}

/** Ids that are searched before yielding to the event loop: a millisecond or two. */
const pieceSize = 4_000

const beginsWith = (
  sql: SqlClient.SqlClient,
  column: string,
  beginnings: ReadonlyArray<string>
): Statement.Fragment => {
  if (beginnings.length === 0) return sql`1 = 0`
  const name = sql.literal(column)
  return sql.or(
    beginnings.map((text) =>
      /[.:/]$/.test(text) ? sql`substr(${name}, 1, ${text.length}) = ${text}` : sql`${name} = ${text}`
    )
  )
}

/** Protections name their item in the payload, removals are rows of their own. */
const aboutViewer = (sql: SqlClient.SqlClient, viewerId: string): Statement.Fragment => {
  const item = sql`(CASE subject_type WHEN 'item' THEN CAST(subject_id AS INTEGER)
    WHEN 'removal' THEN (SELECT r.item_id FROM removals r WHERE r.id = CAST(events.subject_id AS INTEGER))
    WHEN 'protection' THEN CAST(${readablePart(sql, "payload", "itemId")} AS INTEGER) END)`
  return sql`((subject_type = 'viewer' AND subject_id = ${viewerId})
    OR (subject_type IN ('item', 'removal', 'protection') AND ${isRelated(sql, item, viewerId, "any")}))`
}

const textAt = (payload: StoredEvent["payload"], key: string): string | null => {
  const value = payload[key]
  return typeof value === "string" ? value : null
}

const toEntry = (event: StoredEvent): ActivityEntry => {
  const { payload, subject } = event
  const collection = textAt(payload, "collection")
  return {
    ...event,
    itemId: textAt(payload, "itemId") ?? (subject?.type === "item" ? subject.id : null),
    title: textAt(payload, "title") ?? collection ?? quoted(event.message),
    collection
  }
}

/** Messages name what they are about in quotation marks. */
const quoted = (message: string): string | null => /"([^"]+)"/.exec(message)?.[1] ?? null
