/** The episodes of a show or a season in pages for people, each with its file. They are read first if they have changed. */
import { Context, Effect, Layer, Result, Schema } from "effect"
import type { ContentsList } from "../integrations/Observations.ts"
import { invalidField, type InvalidRequest } from "../problems/Problem.ts"
import { ReadSql } from "../storage/Database.ts"
import { decodeCursor, encodeCursor, pageLimit, toPage } from "../storage/Pages.ts"
import { fromBit } from "../storage/Rows.ts"
import { readDocument, textsIn } from "../storage/StoredDocuments.ts"
import { Contents } from "./Contents.ts"
import { entryOf } from "./Families.ts"
import { contentsTrust } from "./ItemFacts/Contents.ts"
import { Library } from "./Library.ts"
import { EpisodesUnavailable, type ItemNotFound, NoEpisodes } from "./LibraryErrors.ts"
import { Snapshots } from "./Snapshots.ts"

const Texts = Schema.NullOr(Schema.Array(Schema.String))

/** `null` = the application has not determined it. */
export const EpisodeFile = Schema.Struct({
  path: Schema.NullOr(Schema.String),
  sizeBytes: Schema.NullOr(Schema.Finite),
  quality: Schema.NullOr(Schema.String),
  cutoffMet: Schema.NullOr(Schema.Boolean),
  customFormatScore: Schema.NullOr(Schema.Finite),
  languages: Texts,
  audioLanguages: Texts,
  subtitleLanguages: Texts,
  videoCodec: Schema.NullOr(Schema.String),
  audioCodec: Schema.NullOr(Schema.String),
  releaseGroup: Schema.NullOr(Schema.String),
  addedAt: Schema.NullOr(Schema.String)
}).annotate({ identifier: "EpisodeFile" })
export type EpisodeFile = typeof EpisodeFile.Type

export const Episode = Schema.Struct({
  externalId: Schema.String.annotate({ description: "The id that the managing application uses." }),
  seasonNumber: Schema.Int.annotate({ description: "0 = specials." }),
  number: Schema.NullOr(Schema.Int).annotate({
    description: "Number in the season; `null` if the application does not number its episodes."
  }),
  absoluteNumber: Schema.NullOr(Schema.Int),
  title: Schema.NullOr(Schema.String),
  airsAt: Schema.NullOr(Schema.String).annotate({
    description: "ISO-8601 UTC; `null` if no date is announced, or if it could not be read."
  }),
  monitored: Schema.NullOr(Schema.Boolean),
  hasFile: Schema.NullOr(Schema.Boolean),
  file: Schema.NullOr(EpisodeFile).annotate({
    description: "Several episodes may share one. `null` without a file, or while the files have not been read."
  })
}).annotate({ identifier: "Episode" })
export type Episode = typeof Episode.Type

export const EpisodePage = Schema.Struct({
  items: Schema.Array(Episode),
  nextCursor: Schema.NullOr(Schema.String),
  readAt: Schema.NullOr(Schema.String).annotate({ description: "When the episodes were read; `null` = never." }),
  outdated: Schema.NullOr(Schema.String).annotate({
    description: "Why the episodes or their files may have changed since they were read."
  })
}).annotate({ identifier: "EpisodePage" })
export type EpisodePage = typeof EpisodePage.Type

export interface EpisodeQuery {
  /** Only this season; 0 = specials. */
  readonly season?: number
  readonly limit?: number
  readonly cursor?: string
}

export class Episodes extends Context.Service<
  Episodes,
  {
    /** By season and number. Of a season, only its own. */
    readonly page: (
      itemId: string,
      query?: EpisodeQuery
    ) => Effect.Effect<EpisodePage, InvalidRequest | ItemNotFound | NoEpisodes | EpisodesUnavailable>
  }
>()("tendarr/library/Episodes") {
  static readonly layer = Layer.effect(
    Episodes,
    Effect.gen(function* () {
      const sql = yield* ReadSql
      const contents = yield* Contents
      const library = yield* Library
      const snapshots = yield* Snapshots

      const page: Episodes["Service"]["page"] = Effect.fn("Episodes.page")(function* (itemId, query = {}) {
        const { cursor, season } = query
        const limit = yield* pageLimit(query.limit)
        if (season !== undefined && !(Number.isInteger(season) && season >= 0)) {
          return yield* invalidField(["query", "season"], "must be the number of a season, 0 for specials")
        }
        const scope = `episodes/${itemId}/${season ?? ""}`
        const after = cursor === undefined ? null : yield* decodeCursor(scope, 3, cursor)
        const { goneAt, kind } = yield* library.get(itemId)
        if (kind !== "show" && kind !== "season") return yield* new NoEpisodes({ itemId })
        if (goneAt !== null) return { ...none, outdated: "it is no longer in the library" }
        yield* contents.readFor(lists, ({ byId }) => [byId.get(itemId)].flatMap((item) => item ?? []))
        const snapshot = yield* snapshots.get
        const item = snapshot.byId.get(itemId)
        const whole = item === undefined ? undefined : (entryOf(snapshot, item) ?? item)
        if (item === undefined || whole === undefined) return none
        const sources = yield* snapshots.contextOf(snapshot)
        const reasons = [...lists].flatMap((list) => {
          const trust = contentsTrust(item, { sources, family: snapshot }, list)
          return trust._tag === "Unsure" ? [trust.detail] : []
        })
        const readAt = whole.contents?.episodes?.readAt ?? null
        if (readAt === null) return yield* new EpisodesUnavailable({ itemId, detail: reasons[0] ?? "it was not read" })
        const id = Number(whole.id)
        const own = kind === "season" ? (item.data.catalog.seasonNumber ?? null) : null
        const conditions = [
          sql`item_id = ${id}`,
          ...(own === null ? [] : [sql`season = ${own}`]),
          ...(season === undefined ? [] : [sql`season = ${season}`]),
          ...(after === null ? [] : [sql`(season, place, episode_id) > (${after[0]}, ${after[1]}, ${after[2]})`])
        ]
        const rows = yield* Effect.orDie(
          sql<EpisodeRow>`SELECT * FROM item_episodes WHERE ${sql.and(conditions)}
            ORDER BY season, place, episode_id LIMIT ${limit + 1}`
        )
        const ids = rows.flatMap(({ file_id: fileId }) => fileId ?? [])
        const files =
          ids.length === 0
            ? []
            : yield* Effect.orDie(
                sql<FileRow>`SELECT * FROM item_files WHERE item_id = ${id} AND ${sql.in("file_id", ids)}`
              )
        const byId = new Map(files.map((file) => [file.file_id, file]))
        return {
          ...toPage(
            rows,
            limit,
            (row) => encodeCursor(scope, [row.season, row.place, row.episode_id]),
            (row) => toEpisode(row, row.file_id === null ? undefined : byId.get(row.file_id))
          ),
          readAt,
          outdated: reasons[0] ?? null
        }
      })

      return Episodes.of({ page })
    })
  )
}

const lists: ReadonlySet<ContentsList> = new Set(["episodes", "files"])

const none: EpisodePage = { items: [], nextCursor: null, readAt: null, outdated: null }

interface EpisodeRow {
  readonly season: number
  readonly place: number
  readonly episode_id: string
  readonly number: number | null
  readonly absolute_number: number | null
  readonly title: string | null
  readonly airs_at: string | null
  readonly monitored: number | null
  readonly has_file: number | null
  readonly file_id: string | null
}

interface FileRow {
  readonly file_id: string
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

const toEpisode = (row: EpisodeRow, file: FileRow | undefined): Episode => ({
  externalId: row.episode_id,
  seasonNumber: row.season,
  number: row.number,
  absoluteNumber: row.absolute_number,
  title: row.title,
  airsAt: row.airs_at,
  monitored: flagOf(row.monitored),
  hasFile: flagOf(row.has_file),
  file: file === undefined ? null : toFile(file)
})

const toFile = (row: FileRow): EpisodeFile => ({
  path: row.path,
  sizeBytes: row.size_bytes,
  quality: row.quality,
  cutoffMet: flagOf(row.cutoff_met),
  customFormatScore: row.custom_format_score,
  languages: textsOf("languages", row),
  audioLanguages: textsOf("audio_languages", row),
  subtitleLanguages: textsOf("subtitle_languages", row),
  videoCodec: row.video_codec,
  audioCodec: row.audio_codec,
  releaseGroup: row.release_group,
  addedAt: row.added_at
})

const flagOf = (bit: number | null): boolean | null => (bit === null ? null : fromBit(bit))

const formats = {
  languages: textsIn("item_files", "languages"),
  audio_languages: textsIn("item_files", "audio_languages"),
  subtitle_languages: textsIn("item_files", "subtitle_languages")
}

/** A damaged list is shown as one that was not determined; facts that need it report it. */
const textsOf = (column: keyof typeof formats, row: FileRow): ReadonlyArray<string> | null => {
  const text = row[column]
  return text === null ? null : Result.getOrNull(readDocument(formats[column], row.file_id, text))
}
