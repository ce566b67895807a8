/**
 * Shows and seasons of a Servarr application as items, from the list of series and the import history. Specials are a
 * season like any other; a season without files is not an item; a show without files is one.
 */
import { Effect, Schema } from "effect"
import { nowIso } from "../../../problems/Instants.ts"
import type { ContentsReading, Progress, RemovalTarget } from "../../Kind.ts"
import type { CatalogFactName, CatalogFacts, CatalogItem, TypedId, Untold } from "../../Observations.ts"
import { type OddRecords, untoldOf } from "../../OddRecords.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { maybe } from "../Lenient.ts"
import { identified, orGone } from "../OneItem.ts"
import { forEachWithPauses } from "../../Pauses.ts"
import { folderOf, isoOrNull, positiveOrNull, seasonTitle, textOrNull } from "../Values.ts"
import {
  type ArrAccess,
  idsUnlessOdd,
  Image,
  longReadMillis,
  noFlag,
  Named,
  type Names,
  posterOf,
  readNames,
  readRecord
} from "./Arr.ts"
import { signOfSeries } from "./ContentsSign.ts"
import { type ImportDays, type ImportTerms, readImports, readImportsOf } from "./ImportHistory.ts"
import { both, dayOf, leaving, unmeasured, untoldDay } from "./Parts.ts"
import { numericId } from "./Restore.ts"
import { episodeItems } from "./SeriesEpisodes.ts"
import { broadcastOf, broadcastOfAll, latestOf } from "./SeriesCatalog/Broadcast.ts"
import { oddSeasons, type OddSeasons, showFactsOfField } from "./SeriesCatalog/OddSeasons.ts"

export const Season = Schema.Struct({
  seasonNumber: Schema.Int,
  monitored: maybe(Schema.Boolean),
  /** Absent for a season without episodes. */
  statistics: maybe(
    Schema.Struct({
      episodeFileCount: maybe(Schema.Int),
      episodeCount: maybe(Schema.Int),
      totalEpisodeCount: maybe(Schema.Int),
      sizeOnDisk: maybe(Schema.Number),
      previousAiring: maybe(Schema.String),
      nextAiring: maybe(Schema.String)
    })
  )
})
export type Season = typeof Season.Type

const seriesNames = {
  tvdbId: maybe(Schema.Number),
  tmdbId: maybe(Schema.Number),
  imdbId: maybe(Schema.String)
}
/** The ids of a series at providers. */
export const SeriesNames = Schema.Struct(seriesNames)

export const Series = Schema.Struct({
  id: Schema.Int,
  title: Schema.String,
  sortTitle: maybe(Schema.String),
  year: maybe(Schema.Number),
  ...seriesNames,
  path: maybe(Schema.String),
  rootFolderPath: maybe(Schema.String),
  status: maybe(Schema.String),
  monitored: maybe(Schema.Boolean),
  monitorNewItems: maybe(Schema.String),
  seasonFolder: maybe(Schema.Boolean),
  seriesType: maybe(Schema.String),
  qualityProfileId: maybe(Schema.Int),
  languageProfileId: maybe(Schema.Int),
  tags: maybe(Schema.Array(Schema.Int)),
  genres: maybe(Schema.Array(Schema.String)),
  added: maybe(Schema.String),
  firstAired: maybe(Schema.String),
  nextAiring: maybe(Schema.String),
  network: maybe(Schema.String),
  runtime: maybe(Schema.Number),
  certification: maybe(Schema.String),
  originalLanguage: maybe(Named),
  images: maybe(Schema.Array(Image)),
  ended: maybe(Schema.Boolean),
  ratings: maybe(Schema.Struct({ value: maybe(Schema.Number), votes: maybe(Schema.Number) })),
  seasons: maybe(Schema.Array(Season)),
  statistics: maybe(
    Schema.Struct({
      seasonCount: maybe(Schema.Int),
      episodeFileCount: maybe(Schema.Int),
      episodeCount: maybe(Schema.Int),
      totalEpisodeCount: maybe(Schema.Int),
      sizeOnDisk: maybe(Schema.Number)
    })
  )
})
export type Series = typeof Series.Type

/** Typed ids from the ids of a series. 0 and empty strings mean "none", which `idOf` handles. */
export type SeriesIds = (names: typeof SeriesNames.Type) => ReadonlyArray<TypedId>

const imports: ImportTerms = {
  eventType: "downloadFolderImported",
  eventNumber: 3,
  query: { includeEpisode: true },
  keysOf: ({ episode, seriesId }) =>
    typeof seriesId !== "number"
      ? []
      : [
          String(seriesId),
          ...(typeof episode?.seasonNumber === "number" ? [seasonId(seriesId, episode.seasonNumber)] : [])
        ]
}

export const readSeries = Effect.fn("Arr.readSeries")(function* (
  access: ArrAccess,
  idsOf: SeriesIds,
  progress: Progress,
  odd: OddRecords
) {
  const { application, upstream } = access
  yield* progress(0, null)
  const path = `${application.api}/series`
  const all = yield* upstream.getArray(path, Series, { timeoutMillis: longReadMillis, odd })
  const names = yield* readNames(upstream, application, odd)
  const days = yield* readImports(access, imports)
  const items = yield* itemsOfAll(all, `GET ${path}`, { idsOf, names, days, odd })
  yield* progress(all.length, all.length)
  return items
})

/** One show with all its seasons, whichever of them is requested, and the episode that is; empty if the show is gone. */
export const rereadSeries = Effect.fn("Arr.rereadSeries")(function* (
  access: ArrAccess,
  idsOf: SeriesIds,
  target: RemovalTarget,
  odd: OddRecords,
  contents: ContentsReading
): Effect.fn.Return<ReadonlyArray<CatalogItem>, UpstreamError> {
  const { application, integration, probe, upstream } = access
  const { episodeId, seriesId } = yield* seriesIdsIn(target.externalId, integration, `${application.api}/series`)
  const path = `${application.api}/series/${seriesId}`
  return yield* identified(integration, `GET ${path}`, odd, (own) =>
    Effect.gen(function* () {
      const series = yield* orGone(readRecord(access, path, Series, own), probe)
      if (series === null) return []
      const names = yield* readNames(upstream, application, own)
      const days = yield* readImportsOf(access, imports, { path: "series", query: { seriesId } })
      const items = yield* itemsOfAll([series], `GET ${path}`, { idsOf, names, days, odd: own })
      const [show] = items
      const { episodes, files } = contents
      if (episodeId === null || show === undefined || episodes === undefined || files === undefined) return items
      const lists = { episodes: yield* episodes(show), files: yield* files(show) }
      const all = episodeItems(show, lists, yield* nowIso)
      // Others in its file are removed with it.
      const meant = all.find(({ externalId }) => externalId === target.externalId)
      return [
        ...items,
        ...all.filter((one) => one === meant || (meant?.filePath != null && one.filePath === meant.filePath))
      ]
    })
  )
})

/** The numbers in the external id of a show, of one of its seasons, or of one of its episodes. */
export const seriesIdsIn = Effect.fnUntraced(function* (externalId: string, integration: string, call: string) {
  const [, series = "", season, episode] = /^([^:]*)(?::s(\d{1,6})|:e([1-9]\d{0,14}))?$/.exec(externalId) ?? []
  const seriesId = yield* numericId(series, integration, call)
  return {
    seriesId,
    seasonNumber: season === undefined ? null : Number(season),
    episodeId: episode === undefined ? null : Number(episode)
  }
})

const itemsOfAll = Effect.fnUntraced(function* (
  all: ReadonlyArray<Series>,
  call: string,
  reading: Omit<Reading, "strange">
): Effect.fn.Return<ReadonlyArray<CatalogItem>> {
  const { odd } = reading
  const items: Array<CatalogItem> = []
  let position = 0
  yield* forEachWithPauses(all, (series) => {
    const strange = oddSeasons(odd, series)
    for (const detail of strange.lost) odd.noteUnidentified(call, position, `"${series.title}": ${detail}`)
    items.push(...itemsOfSeries(series, { ...reading, strange }))
    position++
  })
  return items
})

/**
 * The show's own size, or the sum of its seasons if that is larger: the statistics may be out of sync with each other.
 */
export const sizeOfSeries = (series: Series): number =>
  Math.max(
    series.statistics?.sizeOnDisk ?? 0,
    sumOf(series, (season) => season.statistics?.sizeOnDisk ?? 0)
  )

export const seasonId = (seriesId: number, season: number): string => `${seriesId}:s${season}`

const sumOf = (series: Series, figure: (season: Season) => number): number =>
  seasonsOf(series).reduce((sum, season) => sum + figure(season), 0)

const seasonsOf = (series: Series): ReadonlyArray<Season> => series.seasons ?? []

export const filesOf = ({ statistics }: Pick<Season, "statistics">): number => statistics?.episodeFileCount ?? 0

const fileCountOf = (series: Series): number =>
  Math.max(series.statistics?.episodeFileCount ?? 0, sumOf(series, filesOf))

interface Reading {
  readonly idsOf: SeriesIds
  readonly names: Names
  readonly days: ImportDays
  readonly odd: OddRecords
  readonly strange: OddSeasons
}

const itemsOfSeries = (series: Series, { days, idsOf, names, odd, strange }: Reading): ReadonlyArray<CatalogItem> => {
  const all = seasonsOf(series)
  const seasons = all.map((season, index) => {
    const broadcast = broadcastOf(series, season, strange.lost.length > 0)
    return { season, broadcast, untold: strange.untoldOf(index) }
  })
  const rating = positiveOrNull(series.ratings?.value)
  const ended = endedOf(series)
  const seriesType = typeOf(series.seriesType)
  const shared: CatalogFacts = {
    qualityProfile: names.qualityProfile(series.qualityProfileId),
    qualityProfileId: series.qualityProfileId ?? null,
    tags: names.tags(series.tags),
    genres: series.genres ?? [],
    rating,
    ratingVotes: rating === null ? null : positiveOrNull(series.ratings?.votes),
    language: textOrNull(series.originalLanguage?.name),
    showStatus: statusOf(series.status),
    ...(ended === null ? {} : { ended }),
    ...(seriesType === null ? {} : { seriesType }),
    seasonCount: series.statistics?.seasonCount ?? all.filter((season) => season.seasonNumber > 0).length,
    studio: textOrNull(series.network),
    runtimeMinutes: positiveOrNull(series.runtime),
    contentRating: textOrNull(series.certification)
  }
  const status = textOrNull(series.status)
  const type = textOrNull(series.seriesType)
  const untold: Untold<CatalogFactName> = {
    ...(shared.showStatus === null && status !== null
      ? { showStatus: `its status "${status}" is not known to this version` }
      : {}),
    ...(ended === null ? { ended: "the application does not say whether it has ended" } : {}),
    ...(seriesType === null
      ? {
          seriesType:
            type === null
              ? "the application does not report its type"
              : `its type "${type}" is not known to this version`
        }
      : {}),
    ...names.untold({ monitored: series.monitored, tags: series.tags, qualityProfile: series.qualityProfileId }),
    ...untoldOf(odd, series, series.title, showFactsOfField).untold
  }
  const files = fileCountOf(series)
  const size = sizeOfSeries(series)
  const addedAt = isoOrNull(series.added)
  const broadcast = broadcastOfAll(
    series,
    seasons.map((one) => one.broadcast)
  )
  const common = {
    year: positiveOrNull(series.year),
    ids: idsUnlessOdd(odd, series, idsOf(series)),
    path: textOrNull(series.path),
    rootFolder: textOrNull(series.rootFolderPath) ?? folderOf(series.path),
    posterUrl: posterOf(series.images),
    collections: []
  }
  const show: CatalogItem = {
    ...common,
    externalId: String(series.id),
    kind: "show",
    parentExternalId: null,
    title: series.title,
    sortTitle: textOrNull(series.sortTitle),
    sizeBytes: size,
    ...signOfSeries(series, odd),
    ...leaving(
      {
        ...shared,
        ...broadcast.facts,
        ...dayOf(days, String(series.id)),
        ...(addedAt === null ? {} : { addedAt }),
        monitored: series.monitored ?? null,
        releasedAt: isoOrNull(series.firstAired),
        monitoredSeasons: all.filter(({ monitored, seasonNumber }) => seasonNumber > 0 && monitored === true).length,
        episodeCount: files
      },
      {
        ...(all.some(({ monitored, seasonNumber }) => seasonNumber > 0 && typeof monitored !== "boolean")
          ? { monitoredSeasons: noFlag }
          : {}),
        ...broadcast.untold,
        ...unmeasured(files, size),
        ...untoldDay(days),
        ...(addedAt === null ? { addedAt: "the application has no date for it" } : {}),
        ...untold,
        ...strange.untoldOfShow
      }
    )
  }
  const parts = seasons
    .filter(({ season }) => filesOf(season) > 0 || positiveOrNull(season.statistics?.sizeOnDisk) !== null)
    .map(({ broadcast: own, season, untold: ownUntold }): CatalogItem => {
      const number = season.seasonNumber
      const externalId = seasonId(series.id, number)
      const bytes = season.statistics?.sizeOnDisk ?? 0
      const latest = latestOf(series, number, strange.lost.length > 0)
      const inherited = Object.fromEntries(
        ofBoth.flatMap((name) => (untold[name] === undefined ? [] : [[name, untold[name]]]))
      )
      return {
        ...common,
        externalId,
        kind: "season",
        parentExternalId: show.externalId,
        title: seasonTitle(series.title, number),
        wholeTitle: series.title,
        sortTitle: show.sortTitle === null ? null : `${show.sortTitle} ${String(number).padStart(3, "0")}`,
        sizeBytes: bytes,
        ...leaving(
          {
            ...shared,
            ...own.facts,
            ...latest.facts,
            ...dayOf(days, externalId),
            // The list only contains the date of a season's last episode; the first season begins with the show.
            ...(number === 1 ? { releasedAt: isoOrNull(series.firstAired) } : {}),
            monitored: both(series.monitored, season.monitored),
            seasonNumber: number,
            episodeCount: filesOf(season)
          },
          {
            ...own.untold,
            ...latest.untold,
            ...unmeasured(filesOf(season), bytes),
            ...(typeof season.monitored === "boolean" ? {} : { monitored: noFlag }),
            ...untoldDay(days),
            ...inherited,
            ...(number === 1 && untold.releasedAt !== undefined ? { releasedAt: untold.releasedAt } : {}),
            ...ownUntold
          }
        )
      }
    })
  return [show, ...parts]
}

/** Facts that a season takes from its show. */
const ofBoth: ReadonlyArray<CatalogFactName> = [
  ...([
    "year",
    "path",
    "rootFolder",
    "monitored",
    "missingEpisodes",
    "qualityProfile",
    "qualityProfileId",
    "tags",
    "genres",
    "rating",
    "ratingVotes"
  ] as const),
  ...([
    "language",
    "showStatus",
    "ended",
    "seriesType",
    "seasonCount",
    "studio",
    "runtimeMinutes",
    "contentRating"
  ] as const)
]

/** Old versions report only the status. */
const endedOf = ({ ended, status }: Series): boolean | null => {
  if (typeof ended === "boolean") return ended
  const known = statusOf(status)
  return known === null ? null : known === "ended" || known === "deleted"
}

const typeOf = (type: string | null | undefined): string | null => {
  const word = type?.toLowerCase() ?? ""
  return ["standard", "daily", "anime"].includes(word) ? word : null
}

const statusOf = (status: string | null | undefined): string | null => {
  const word = status?.toLowerCase() ?? ""
  return ["continuing", "ended", "upcoming", "deleted"].includes(word) ? word : null
}
