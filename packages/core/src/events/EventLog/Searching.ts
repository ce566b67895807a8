/**
 * The index of the messages, for searches of a long log. It is extended some hundred events at a time in the background
 * when a search finds that it is far behind; events after the last indexed one are searched without it.
 */
import { Effect, type Scope } from "effect"
import type { SqlClient } from "effect/sql"
import { fillTextIndex, idsWithText } from "../../storage/Dialect.ts"
import { repeatable } from "../../storage/Durability.ts"
import { transacting } from "../../storage/Transactions.ts"
import type { Stretch } from "./Stretches.ts"

export interface EventSearch {
  /** Id up to which events are indexed; 0 = none is. Extends the index in the background if it is far behind. */
  readonly indexedUpTo: Effect.Effect<number>
  /** The newest ids of a stretch whose messages may contain a text of at least `shortest` characters, newest first. */
  readonly candidates: (text: string, stretch: Stretch, most: number) => Effect.Effect<ReadonlyArray<number>>
}

/** The index consists of the parts of this length. */
export const shortest = 3

/** Events that are searched without the index. */
const unindexedEvents = 2_000

/** Events that are indexed per transaction: some milliseconds of work. */
const atOnce = 250

/** Between two transactions, so that a long log does not take the whole processor while it is indexed. */
const pause = "10 millis"

export const makeEventSearch = (
  sql: SqlClient.SqlClient,
  read: SqlClient.SqlClient
): Effect.Effect<EventSearch, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    let isFilling = false

    const markIn = (client: SqlClient.SqlClient) =>
      Effect.map(
        client<{ value: number }>`SELECT value FROM counters WHERE name = 'events.indexed'`,
        ([row]) => row?.value ?? 0
      )

    const fillSome = transacting(sql)(
      Effect.gen(function* () {
        const from = yield* markIn(sql)
        const [last] = yield* sql<{ id: number | null }>`SELECT max(id) AS id FROM (
            SELECT id FROM events WHERE id > ${from} ORDER BY id LIMIT ${atOnce}) AS next`
        if (last?.id == null) return false
        yield* fillTextIndex(sql, "events_search", "events", "message", { after: from, upTo: last.id })
        yield* sql`UPDATE counters SET value = ${last.id} WHERE name = 'events.indexed'`
        return true
      })
    )

    const fill = Effect.gen(function* () {
      while (yield* fillSome) yield* Effect.sleep(pause)
    }).pipe(
      repeatable,
      Effect.catchDefect((defect) => Effect.logWarning("The index of the event log could not be extended", defect)),
      Effect.ensuring(Effect.sync(() => void (isFilling = false))),
      Effect.withSpan("EventLog.fillSearch")
    )

    return {
      indexedUpTo: Effect.gen(function* () {
        const indexed = yield* markIn(read)
        const [newest] = yield* read<{ id: number | null }>`SELECT max(id) AS id FROM events`
        if (!isFilling && (newest?.id ?? 0) - indexed > unindexedEvents) {
          isFilling = true
          yield* Effect.forkIn(fill, scope)
        }
        return indexed
      }).pipe(Effect.orDie),
      candidates: (text, { from, to }, most) =>
        Effect.orDie(idsWithText(read, "events_search", text, { from, to, most }))
    }
  })
