/** Writes the contents of wholes as they were read. */
import { Array as Arr, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { CatalogEpisode, Contents, ContentsList, WholeFile } from "../../integrations/Observations.ts"
import { dayMillis } from "../../problems/Instants.ts"
import { toBit, toJson } from "../../storage/Rows.ts"
import type { ContentsState, LibraryItem } from "../Item.ts"
import { columnsOfFile } from "../ItemDetails.ts"

/** What became of the attempt to read one list of a whole. */
export type ContentsOutcome =
  | {
      readonly [L in ContentsList]: { readonly _tag: "Read"; readonly list: L; readonly value: Contents[L] }
    }[ContentsList]
  | { readonly _tag: "Failed"; readonly list: ContentsList; readonly failure: NonNullable<ContentsState["failure"]> }

export interface ReadContents {
  readonly whole: Pick<LibraryItem, "id">
  /** The sign that the whole had before its list was read. */
  readonly sign: string
  /** When the attempt began, ISO-8601. */
  readonly at: string
  readonly outcome: ContentsOutcome
}

/** Rows per statement: few enough that one statement does not block the event loop. */
const rowsAtOnce = 100

/** Stores what was read; a failure keeps what was stored before. Run it in a transaction. */
export const writeContents = Effect.fn("Contents.write")(function* (
  sql: SqlClient.SqlClient,
  readings: ReadonlyArray<ReadContents>
) {
  for (const { at, outcome, sign, whole } of readings) {
    const id = Number(whole.id)
    // It may have been removed while it was read.
    const present = yield* sql`SELECT 1 FROM items WHERE id = ${id} AND gone_at IS NULL`
    if (present.length === 0) continue
    const state = { item_id: id, list: outcome.list, attempted_at: at }
    if (outcome._tag === "Failed") {
      const { detail, reason } = outcome.failure
      yield* sql`INSERT INTO item_contents ${sql.insert({ ...state, failure_reason: reason, failure_detail: detail })}
        ON CONFLICT (item_id, list) DO UPDATE SET attempted_at = excluded.attempted_at,
          failure_reason = excluded.failure_reason, failure_detail = excluded.failure_detail`
      continue
    }
    if (outcome.list === "episodes") {
      yield* sql`DELETE FROM item_episodes WHERE item_id = ${id}`
      yield* insertInPieces(
        outcome.value,
        (some) =>
          sql`INSERT INTO item_episodes ${sql.insert(Arr.map(some, (episode) => rowOfEpisode(id, episode)))} ON CONFLICT DO NOTHING`
      )
    } else {
      yield* sql`DELETE FROM item_files WHERE item_id = ${id}`
      const files = [...new Map(outcome.value.map((file) => [file.fileId, file])).values()]
      yield* insertInPieces(
        [...files.entries()],
        (some) =>
          sql`INSERT INTO item_files ${sql.insert(Arr.map(some, ([position, file]) => rowOfFile(id, position, file)))}`
      )
    }
    yield* sql`INSERT INTO item_contents ${sql.insert({ ...state, sign, read_at: at })}
      ON CONFLICT (item_id, list) DO UPDATE SET attempted_at = excluded.attempted_at, sign = excluded.sign,
        read_at = excluded.read_at, failure_reason = NULL, failure_detail = NULL`
    yield* Effect.yieldNow
  }
}, Effect.orDie)

const insertInPieces = <A, E>(
  rows: ReadonlyArray<A>,
  insert: (some: Arr.NonEmptyReadonlyArray<A>) => Effect.Effect<unknown, E>
) => Effect.forEach(Arr.chunksOf(rows, rowsAtOnce), insert, { discard: true })

const rowOfEpisode = (itemId: number, episode: CatalogEpisode) => ({
  item_id: itemId,
  season: episode.seasonNumber,
  place: placeOf(episode),
  episode_id: episode.externalId,
  number: episode.number,
  absolute_number: episode.absoluteNumber,
  title: episode.title,
  airs_at: episode.airsAt ?? null,
  air_date_read: toBit(episode.airsAt !== undefined),
  monitored: episode.monitored === undefined ? null : toBit(episode.monitored),
  has_file: episode.hasFile === undefined ? null : toBit(episode.hasFile),
  file_id: episode.fileId,
  finale: episode.finale ?? null
})

/** The order within a season: by number, or by the day of applications that do not number their episodes. */
const placeOf = ({ airsAt, number }: CatalogEpisode): number =>
  number ?? (typeof airsAt === "string" ? Math.floor(Date.parse(airsAt) / dayMillis) : 0)

const rowOfFile = (itemId: number, position: number, file: WholeFile) => {
  const columns = Object.entries(columnsOfFile(file)).map(([name, value]) => [
    name,
    Array.isArray(value) ? toJson(value) : value
  ])
  return {
    cutoff_met: null,
    ...(Object.fromEntries(columns) as Record<string, string | number | null>),
    item_id: itemId,
    position,
    file_id: file.fileId,
    part: file.partExternalId
  }
}
