/** The plays of items by account, as they are stored. */
import { Effect } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import { documentPart, eachMember } from "../storage/Dialect.ts"
import { fromBit, toBit } from "../storage/Rows.ts"
import { requireDocument, textsIn } from "../storage/StoredDocuments.ts"

/** What one account of a media server has played of an item. Times are ISO-8601 UTC. */
export interface AccountPlays {
  readonly serverId: string
  /** The key of the account on that server. */
  readonly key: string
  readonly plays: number
  /** `null` = the sources do not report it. */
  readonly firstPlayedAt: string | null
  /** `null` = no play has a date. */
  readonly lastPlayedAt: string | null
  /** One of the plays has no date. */
  readonly undated: boolean
  /** Plays that count as watched; of a season or a show, distinct episodes. `null` = no source distinguishes them. */
  readonly seen: number | null
  readonly lastSeenAt: string | null
  /** The largest share of a movie that one play covered, 0..1; `null` = not reported. */
  readonly furthest: number | null
  /** How long it was played, without pauses; `null` = not reported for all of the plays. */
  readonly seconds: number | null
  /** How many were only marked as watched by hand: the movie, or episodes; `null` = no source distinguishes them. */
  readonly marked: number | null
  /** The names of the sources. */
  readonly source: string
}

/** The same with whose account it is. */
export interface PlaysOfViewer extends AccountPlays {
  readonly itemId: string
  readonly viewerId: string
  readonly viewerName: string
  readonly names: ReadonlyArray<string>
  readonly ambiguous: ReadonlyArray<string>
}

const columns = [
  "plays",
  "first_played_at",
  "last_played_at",
  "undated",
  "seen",
  "last_seen_at",
  "furthest",
  "watched_seconds",
  "marked",
  "source"
] as const

/** The plays as members of a JSON list, in the form that `writeStagedPlays` reads. */
export const playsDocument = (plays: ReadonlyArray<AccountPlays>): string =>
  JSON.stringify(
    plays
      .toSorted(byAccount)
      .map((one) => ({ server: Number(one.serverId), key: one.key, ...columnsOf(one) }) satisfies Member)
  )

/** So that the order of the sources does not matter. */
const byAccount = (one: AccountPlays, other: AccountPlays): number =>
  Number(one.serverId) - Number(other.serverId) || (one.key < other.key ? -1 : one.key > other.key ? 1 : 0)

interface Member extends Columns {
  readonly server: number
  readonly key: string
}

type Columns = ReturnType<typeof columnsOf>

const columnsOf = (one: AccountPlays) => ({
  plays: one.plays,
  first_played_at: one.firstPlayedAt,
  last_played_at: one.lastPlayedAt,
  undated: toBit(one.undated),
  seen: one.seen,
  last_seen_at: one.lastSeenAt,
  furthest: one.furthest,
  watched_seconds: one.seconds === null ? null : Math.round(one.seconds),
  marked: one.marked,
  source: one.source
})

/**
 * Makes the rows of some items equal to staged ones, and writes no row that is equal already. `staged` is a table with
 * the columns `item_id`, `known` (whether the item may have rows) and `plays` (`playsDocument`); `batch` selects rows of
 * it, under the alias `staged`. Run it in a transaction, after the
 * accounts were written.
 */
export const writeStagedPlays = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  staged: string,
  batch: Statement.Fragment
) {
  const part = (key: string) => documentPart(sql, "member.value", key)
  const table = sql.literal(staged)
  const rows = sql`${table} AS staged, ${eachMember(sql, "staged.plays")}
    JOIN viewer_identities ON viewer_identities.integration_id = ${part("server")}
      AND viewer_identities.key = ${part("key")}`
  yield* sql`DELETE FROM plays
    WHERE item_id IN (SELECT staged.item_id FROM ${table} AS staged WHERE ${batch} AND staged.known = 1)
    AND (item_id, identity_id) NOT IN (SELECT staged.item_id, viewer_identities.id FROM ${rows}
      WHERE ${batch} AND staged.known = 1)`
  const list = (prefix: string) => sql.literal(columns.map((column) => `${prefix}${column}`).join(", "))
  yield* sql`INSERT INTO plays (item_id, identity_id, ${list("")})
    SELECT staged.item_id, viewer_identities.id, ${sql.csv(columns.map(part))} FROM ${rows} WHERE ${batch}
    ON CONFLICT (item_id, identity_id) DO UPDATE SET ${sql.literal(columns.map((column) => `${column} = excluded.${column}`).join(", "))}
    WHERE (${list("plays.")}) IS DISTINCT FROM (${list("excluded.")})`
})

interface Row extends Columns {
  readonly item_id: number
  readonly integration_id: number
  readonly key: string
  readonly viewer_id: number
  readonly viewer_name: string
  readonly identity_id: number
  readonly names: string
  readonly ambiguous: string
}

/** The plays of some hundred items. */
export const playsOfItems = (
  from: SqlClient.SqlClient,
  itemIds: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<PlaysOfViewer>> =>
  from<Row>`SELECT plays.*, viewer_identities.integration_id, viewer_identities.key, viewer_identities.viewer_id,
      viewer_identities.names, viewer_identities.ambiguous, viewers.name AS viewer_name
    FROM plays JOIN viewer_identities ON viewer_identities.id = plays.identity_id
      JOIN viewers ON viewers.id = viewer_identities.viewer_id
    WHERE ${from.in("plays.item_id", itemIds.map(Number))} ORDER BY plays.item_id, plays.identity_id`.pipe(
    Effect.map((rows) => rows.map(toPlays)),
    Effect.orDie
  )

const toPlays = (row: Row): PlaysOfViewer => ({
  itemId: String(row.item_id),
  serverId: String(row.integration_id),
  key: row.key,
  viewerId: String(row.viewer_id),
  viewerName: row.viewer_name,
  names: requireDocument(names, String(row.identity_id), row.names),
  ambiguous: requireDocument(ambiguous, String(row.identity_id), row.ambiguous),
  plays: row.plays,
  firstPlayedAt: row.first_played_at,
  lastPlayedAt: row.last_played_at,
  undated: fromBit(row.undated),
  seen: row.seen,
  lastSeenAt: row.last_seen_at,
  furthest: row.furthest,
  seconds: row.watched_seconds,
  marked: row.marked,
  source: row.source
})

const names = textsIn("viewer_identities", "names")
const ambiguous = textsIn("viewer_identities", "ambiguous")
