/** The episodes and the files of one series, each in one call. */
import { Effect, Schema } from "effect"
import type { ContentsReading } from "../../Kind.ts"
import type { CatalogEpisode } from "../../Observations.ts"
import { OddRecords } from "../../OddRecords.ts"
import { maybe } from "../Lenient.ts"
import { identified } from "../OneItem.ts"
import { isoOrNull, positiveOrNull, textOrNull } from "../Values.ts"
import { type ArrAccess, longReadMillis, Named } from "./Arr.ts"
import { ListedFile, wholeFileOf } from "./MediaFile.ts"
import { seasonId, seriesIdsIn } from "./SeriesCatalog.ts"
import { episodeItems } from "./SeriesEpisodes.ts"

export const airDates = {
  airDateUtc: maybe(Schema.String),
  /** The only date of applications that know no time of day. */
  releaseDate: maybe(Schema.String)
}

const Episode = Schema.Struct({
  id: Schema.Int,
  seasonNumber: Schema.Int,
  episodeNumber: maybe(Schema.Int),
  absoluteEpisodeNumber: maybe(Schema.Int),
  title: maybe(Schema.String),
  ...airDates,
  monitored: maybe(Schema.Boolean),
  hasFile: maybe(Schema.Boolean),
  episodeFileId: maybe(Schema.Int),
  /** Version 4 and later: `season`, `midseason` or `series`. */
  finaleType: maybe(Schema.String)
})
type Episode = typeof Episode.Type

const SeriesFile = Schema.Struct({
  ...ListedFile.fields,
  seasonNumber: Schema.Int,
  /** The only language of a file in versions that know just one. */
  language: maybe(Named)
})

export const seriesContents = (access: ArrAccess): ContentsReading => {
  const { application, integration, upstream } = access
  const [episodes, files] = [`${application.api}/episode`, `${application.api}/episodefile`]
  const listOf = <A extends object>(path: string, row: Schema.Codec<A, unknown>, externalId: string) =>
    Effect.gen(function* () {
      const { seriesId } = yield* seriesIdsIn(externalId, integration, path)
      const request = { query: { seriesId }, timeoutMillis: longReadMillis }
      return yield* identified(integration, `GET ${path}`, new OddRecords(), (odd) =>
        Effect.map(upstream.getArray(path, row, { ...request, odd }), (rows) => ({ seriesId, rows, odd }))
      )
    })
  return {
    episodes: ({ externalId }) =>
      Effect.map(listOf(episodes, Episode, externalId), ({ odd, rows }) => rows.map((row) => episodeOf(row, odd))),
    files: ({ externalId, path }) =>
      Effect.map(listOf(files, SeriesFile, externalId), ({ rows, seriesId }) =>
        rows.map(({ language, ...file }) =>
          wholeFileOf(
            file.languages == null && language != null ? { ...file, languages: [language] } : file,
            path,
            seasonId(seriesId, file.seasonNumber)
          )
        )
      ),
    items: (show, contents, at) => Effect.sync(() => episodeItems(show, contents, at))
  }
}

const episodeOf = (episode: Episode, odd: OddRecords): CatalogEpisode => {
  const { episodeFileId, hasFile, monitored } = episode
  const airsAt = airDateOf(episode, odd)
  const fileId = positiveOrNull(episodeFileId)
  const finale = finaleOf(episode.finaleType)
  return {
    externalId: String(episode.id),
    seasonNumber: episode.seasonNumber,
    number: episode.episodeNumber ?? null,
    absoluteNumber: positiveOrNull(episode.absoluteEpisodeNumber),
    title: textOrNull(episode.title),
    ...(airsAt === undefined ? {} : { airsAt }),
    ...(typeof monitored === "boolean" ? { monitored } : {}),
    ...(typeof hasFile === "boolean" ? { hasFile } : {}),
    fileId: fileId === null ? null : String(fileId),
    ...(finale === undefined ? {} : { finale })
  }
}

const finaleOf = (type: string | null | undefined): CatalogEpisode["finale"] =>
  type === "season" || type === "series" ? type : undefined

/** `undefined` = there is one that cannot be read. */
const airDateOf = (episode: Episode, odd: OddRecords): string | null | undefined => {
  if (odd.fieldsOf(episode).some(({ path }) => path === "airDateUtc" || path === "releaseDate")) return undefined
  return airDateIn(episode)
}

/** `null` = no date; `undefined` = one that is none. */
export const airDateIn = (episode: Pick<Episode, "airDateUtc" | "releaseDate">): string | null | undefined => {
  const text = textOrNull(episode.airDateUtc) ?? textOrNull(episode.releaseDate)
  // .NET writes year 1 for "never".
  return text === null || text.startsWith("0001-") ? null : (isoOrNull(text) ?? undefined)
}
