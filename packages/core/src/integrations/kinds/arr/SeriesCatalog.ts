/**
 * Shows and their seasons of a Servarr application as items, from the list of series alone. Specials (season 0) are no
 * season of their own, but their bytes count in the show.
 */
import { Effect, Schema } from "effect"
import type { Progress } from "../../Kind.ts"
import type { CatalogFacts, CatalogItem, TypedId } from "../../Observations.ts"
import { maybe } from "../Lenient.ts"
import { forEachWithPauses } from "../Pauses.ts"
import { folderOf, isoOrNull, positiveOrNull, textOrNull } from "../Values.ts"
import { type ArrAccess, Image, longReadMillis, Named, type Names, posterOf, readNames } from "./Arr.ts"

export const Season = Schema.Struct({
  seasonNumber: Schema.Int,
  monitored: Schema.Boolean,
  statistics: maybe(
    Schema.Struct({
      episodeFileCount: Schema.Int,
      sizeOnDisk: maybe(Schema.Number),
      previousAiring: maybe(Schema.String)
    })
  )
})
export type Season = typeof Season.Type

export const Series = Schema.Struct({
  id: Schema.Int,
  title: Schema.String,
  sortTitle: maybe(Schema.String),
  year: maybe(Schema.Number),
  tvdbId: maybe(Schema.Number),
  tmdbId: maybe(Schema.Number),
  imdbId: maybe(Schema.String),
  path: maybe(Schema.String),
  rootFolderPath: maybe(Schema.String),
  status: maybe(Schema.String),
  monitored: Schema.Boolean,
  monitorNewItems: maybe(Schema.String),
  seasonFolder: maybe(Schema.Boolean),
  seriesType: maybe(Schema.String),
  qualityProfileId: maybe(Schema.Int),
  languageProfileId: maybe(Schema.Int),
  tags: maybe(Schema.Array(Schema.Int)),
  genres: maybe(Schema.Array(Schema.String)),
  added: maybe(Schema.String),
  firstAired: maybe(Schema.String),
  network: maybe(Schema.String),
  runtime: maybe(Schema.Number),
  certification: maybe(Schema.String),
  originalLanguage: maybe(Named),
  images: maybe(Schema.Array(Image)),
  ratings: maybe(Schema.Struct({ value: maybe(Schema.Number) })),
  seasons: maybe(Schema.Array(Season)),
  statistics: maybe(
    Schema.Struct({
      seasonCount: maybe(Schema.Int),
      episodeFileCount: maybe(Schema.Int),
      sizeOnDisk: maybe(Schema.Number)
    })
  )
})
export type Series = typeof Series.Type

/** Typed ids by the numbers that an application tells of a series. 0 and empty texts are how it says "none"; `idOf` knows. */
export type SeriesIds = (series: Pick<Series, "tvdbId" | "tmdbId" | "imdbId">) => ReadonlyArray<TypedId>

export const readSeries = Effect.fn("Arr.readSeries")(function* (
  { application, upstream }: ArrAccess,
  idsOf: SeriesIds,
  progress: Progress
) {
  yield* progress(0, null)
  const all = yield* upstream.getArray(`${application.api}/series`, Series, { timeoutMillis: longReadMillis })
  const names = yield* readNames(upstream, application)
  const items: Array<CatalogItem> = []
  yield* forEachWithPauses(all, (series) => {
    if (fileCountOf(series) > 0) items.push(...itemsOfSeries(series, idsOf, names))
  })
  yield* progress(all.length, all.length)
  return items
})

/** The show's own figure, or its seasons' where they add up to more: statistics may lag behind one another. */
export const sizeOfSeries = (series: Series): number =>
  Math.max(
    series.statistics?.sizeOnDisk ?? 0,
    sumOf(series, (season) => season.statistics?.sizeOnDisk ?? 0)
  )

const sumOf = (series: Series, figure: (season: Season) => number): number =>
  seasonsOf(series).reduce((sum, season) => sum + figure(season), 0)

const seasonsOf = (series: Series): ReadonlyArray<Season> => series.seasons ?? []

const filesOf = (season: Season): number => season.statistics?.episodeFileCount ?? 0

const fileCountOf = (series: Series): number =>
  Math.max(series.statistics?.episodeFileCount ?? 0, sumOf(series, filesOf))

const itemsOfSeries = (series: Series, idsOf: SeriesIds, names: Names): ReadonlyArray<CatalogItem> => {
  const regular = seasonsOf(series).filter((season) => season.seasonNumber > 0)
  // The day of a season's files would cost one call per show; the show's own day is what the list tells.
  const addedAt = isoOrNull(series.added)
  const shared: CatalogFacts = {
    qualityProfile: names.qualityProfile(series.qualityProfileId),
    tags: names.tags(series.tags),
    genres: series.genres ?? [],
    rating: positiveOrNull(series.ratings?.value),
    addedAt,
    language: textOrNull(series.originalLanguage?.name),
    showStatus: statusOf(series.status),
    seasonCount: series.statistics?.seasonCount ?? regular.length,
    studio: textOrNull(series.network),
    runtimeMinutes: positiveOrNull(series.runtime),
    contentRating: textOrNull(series.certification)
  }
  const show: CatalogItem = {
    externalId: String(series.id),
    kind: "show",
    parentExternalId: null,
    title: series.title,
    sortTitle: textOrNull(series.sortTitle),
    year: positiveOrNull(series.year),
    ids: idsOf(series),
    path: textOrNull(series.path),
    rootFolder: textOrNull(series.rootFolderPath) ?? folderOf(series.path),
    sizeBytes: sizeOfSeries(series),
    posterUrl: posterOf(series.images),
    collections: [],
    facts: {
      ...shared,
      monitored: series.monitored,
      releasedAt: isoOrNull(series.firstAired),
      episodeCount: fileCountOf(series)
    }
  }
  const seasons = regular
    .filter((season) => filesOf(season) > 0)
    .map((season): CatalogItem => ({
      ...show,
      externalId: `${series.id}:s${season.seasonNumber}`,
      kind: "season",
      parentExternalId: show.externalId,
      title: `${series.title} - Season ${season.seasonNumber}`,
      sortTitle: show.sortTitle === null ? null : `${show.sortTitle} ${String(season.seasonNumber).padStart(3, "0")}`,
      sizeBytes: season.statistics?.sizeOnDisk ?? 0,
      facts: {
        ...shared,
        monitored: series.monitored && season.monitored,
        releasedAt: isoOrNull(season.statistics?.previousAiring),
        seasonNumber: season.seasonNumber,
        episodeCount: filesOf(season)
      }
    }))
  return [show, ...seasons]
}

const statusOf = (status: string | null | undefined): string | null => {
  const word = status?.toLowerCase() ?? ""
  return ["continuing", "ended", "upcoming", "deleted"].includes(word) ? word : null
}
