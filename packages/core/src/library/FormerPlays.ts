/**
 * Plays that only a media server knew which another one has replaced. They are attached to items by typed ids, and
 * count as long as the former server is not read itself, so that nothing becomes "never played" by the change.
 */
import { Array as Arr, Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import type { PlaybackEntry, TypedId } from "../integrations/Observations.ts"
import { toJson } from "../storage/Rows.ts"
import { requireDocument, textsIn } from "../storage/StoredDocuments.ts"
import { documentFormat } from "../storage/StoredRows.ts"

/** Plays of one title by the accounts of the former server. */
export interface FormerPlays {
  /** The former media server, whose accounts these are. */
  readonly serverId: string
  readonly successorId: string
  /** The name of the former server. */
  readonly source: string
  readonly ids: ReadonlyArray<TypedId>
  readonly entry: PlaybackEntry
}

const Plays = {
  plays: Schema.Finite,
  lastPlayedAt: Schema.NullOr(Schema.String),
  undated: Schema.optionalKey(Schema.Boolean)
}

const Entry = Schema.Struct({
  serverItemId: Schema.Literal(""),
  kind: Schema.Literals(["movie", "show", "season"]),
  seasonNumber: Schema.NullOr(Schema.Int),
  ...Plays,
  untold: Schema.optionalKey(Schema.String),
  users: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      names: Schema.optionalKey(Schema.Array(Schema.String)),
      account: Schema.optionalKey(
        Schema.Struct({
          id: Schema.optionalKey(Schema.String),
          login: Schema.optionalKey(Schema.String),
          sharedIds: Schema.optionalKey(Schema.Array(Schema.String))
        })
      ),
      ...Plays,
      firstPlayedAt: Schema.optionalKey(Schema.String),
      seen: Schema.optionalKey(Schema.Finite),
      lastSeenAt: Schema.optionalKey(Schema.NullOr(Schema.String)),
      furthest: Schema.optionalKey(Schema.Finite)
    })
  )
})

const formats = { ids: textsIn("former_plays", "ids"), entry: documentFormat("former_plays", "entry", Entry) }

interface Row {
  readonly id: number
  readonly former_id: number
  readonly successor_id: number
  readonly source: string
  readonly ids: string
  readonly entry: string
}

/** Those of former servers that are not read any more. Dies if one cannot be read: its title would count as unplayed. */
export const formerPlays = (
  from: SqlClient.SqlClient,
  liveIds: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<FormerPlays>> =>
  from<Row>`SELECT id, former_id, successor_id, source, ids, entry FROM former_plays ORDER BY id`.pipe(
    Effect.map((rows) =>
      rows.flatMap((row): ReadonlyArray<FormerPlays> => {
        if (liveIds.includes(String(row.former_id))) return []
        return [
          {
            serverId: String(row.former_id),
            successorId: String(row.successor_id),
            source: row.source,
            ids: requireDocument(formats.ids, String(row.id), row.ids),
            entry: requireDocument(formats.entry, String(row.id), row.entry)
          }
        ]
      })
    ),
    Effect.orDie
  )

/** Within the caller's transaction. */
export const writeFormerPlays = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  all: ReadonlyArray<FormerPlays>
) {
  const rows = all.map(({ entry, ids, serverId, source, successorId }) => ({
    former_id: Number(serverId),
    successor_id: Number(successorId),
    source,
    kind: entry.kind,
    ids: toJson(ids),
    season_number: entry.seasonNumber,
    entry: toJson(entry)
  }))
  for (const chunk of Arr.chunksOf(rows, rowsAtOnce)) yield* sql`INSERT INTO former_plays ${sql.insert(chunk)}`
}, Effect.orDie)

export const forgetFormerPlays = (sql: SqlClient.SqlClient, formerId: string) =>
  Effect.orDie(sql`DELETE FROM former_plays WHERE former_id = ${Number(formerId)}`)

const rowsAtOnce = 100
