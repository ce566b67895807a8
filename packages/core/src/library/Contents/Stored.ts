/** Reads the stored contents of shows back in the form in which they were read. */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { CatalogEpisode, WholeFile } from "../../integrations/Observations.ts"
import { fromBit } from "../../storage/Rows.ts"
import { requireDocument, textsIn } from "../../storage/StoredDocuments.ts"

/** Both lists of a show, if they were read at one sign. */
export interface StoredState {
  readonly itemId: number
  readonly sign: string
  /** When the older one was read, ISO-8601. */
  readonly readAt: string
}

interface StateRow {
  readonly item_id: number
  readonly external_id: string
  readonly signs: number
  readonly lists: number
  readonly sign: string | null
  readonly read_at: string | null
}

export interface EpisodeRow {
  readonly season: number
  readonly place: number
  readonly episode_id: string
  readonly number: number | null
  readonly absolute_number: number | null
  readonly title: string | null
  readonly airs_at: string | null
  readonly air_date_read: number
  readonly monitored: number | null
  readonly has_file: number | null
  readonly file_id: string | null
  readonly finale: string | null
}

interface FileRow {
  readonly file_id: string
  readonly part: string | null
  readonly path: string | null
  readonly size_bytes: number | null
  readonly quality: string | null
  readonly cutoff_met: number | null
  readonly custom_format_score: number | null
  readonly languages: string | null
  readonly audio_languages: string | null
  readonly subtitle_languages: string | null
  readonly video_codec: string | null
  readonly audio_codec: string | null
  readonly release_group: string | null
  readonly added_at: string | null
}

export const storedContents = (sql: SqlClient.SqlClient, integrationId: string) => {
  /** By the external id of the show. */
  const states =
    sql<StateRow>`SELECT i.id AS item_id, i.external_id, count(DISTINCT c.sign) AS signs, count(*) AS lists,
      min(c.sign) AS sign, min(c.read_at) AS read_at
    FROM items i JOIN item_contents c ON c.item_id = i.id
    WHERE i.integration_id = ${Number(integrationId)} AND i.kind = 'show' AND i.gone_at IS NULL
      AND c.read_at IS NOT NULL AND c.failure_reason IS NULL
    GROUP BY i.id, i.external_id`.pipe(
      Effect.map((rows) => {
        const all = new Map<string, StoredState>()
        for (const { external_id: externalId, item_id: itemId, lists, read_at: readAt, sign, signs } of rows) {
          if (lists === 2 && signs === 1 && sign !== null && readAt !== null)
            all.set(externalId, { itemId, sign, readAt })
        }
        return all
      }),
      Effect.orDie
    )

  const contents = Effect.fnUntraced(function* (itemId: number) {
    const episodes = yield* sql<EpisodeRow>`SELECT * FROM item_episodes WHERE item_id = ${itemId}
      ORDER BY season, place, episode_id`
    const files = yield* sql<FileRow>`SELECT * FROM item_files
      WHERE item_id = ${itemId} AND file_id IS NOT NULL ORDER BY position`
    return { episodes: episodes.map(episodeOf), files: files.map(fileOf) }
  }, Effect.orDie)

  return { states, contents }
}

const episodeOf = (row: EpisodeRow): CatalogEpisode => ({
  externalId: row.episode_id,
  seasonNumber: row.season,
  number: row.number,
  absoluteNumber: row.absolute_number,
  title: row.title,
  ...(fromBit(row.air_date_read) ? { airsAt: row.airs_at } : {}),
  ...(row.monitored === null ? {} : { monitored: fromBit(row.monitored) }),
  ...(row.has_file === null ? {} : { hasFile: fromBit(row.has_file) }),
  fileId: row.file_id,
  ...(row.finale === "season" || row.finale === "series" ? { finale: row.finale } : {})
})

const formats = {
  languages: textsIn("item_files", "languages"),
  audio_languages: textsIn("item_files", "audio_languages"),
  subtitle_languages: textsIn("item_files", "subtitle_languages")
}

const fileOf = (row: FileRow): WholeFile => {
  const texts = (column: keyof typeof formats) => {
    const text = row[column]
    return text === null ? undefined : requireDocument(formats[column], row.file_id, text)
  }
  const [languages, audioLanguages, subtitleLanguages] = [
    texts("languages"),
    texts("audio_languages"),
    texts("subtitle_languages")
  ]
  return {
    fileId: row.file_id,
    partExternalId: row.part,
    path: row.path,
    sizeBytes: row.size_bytes,
    ...(row.quality === null ? {} : { quality: row.quality }),
    releaseGroup: row.release_group,
    ...(languages === undefined ? {} : { languages }),
    ...(audioLanguages === undefined ? {} : { audioLanguages }),
    ...(subtitleLanguages === undefined ? {} : { subtitleLanguages }),
    videoCodec: row.video_codec,
    audioCodec: row.audio_codec,
    addedAt: row.added_at,
    ...(row.custom_format_score === null ? {} : { customFormatScore: row.custom_format_score }),
    ...(row.cutoff_met === null ? {} : { cutoffMet: fromBit(row.cutoff_met) })
  }
}
