/** Removal of shows and of single seasons from a Servarr application, and the way back. */
import { Effect, Predicate, Schema } from "effect"
import type { Presence, RemovalCapability, RemovalTarget } from "../../Kind.ts"
import { UpstreamMalformed } from "../../UpstreamErrors.ts"
import { folderOf, positiveOrNull, textOrNull } from "../Values.ts"
import { Added, type ArrAccess, dropExclusions, presenceOr404 } from "./Arr.ts"
import { bodyOf, decodeRestore, deleteMillis, numericId } from "./Restore.ts"
import { seasonTitle, Series, type SeriesIds, sizeOfSeries } from "./SeriesCatalog.ts"

const ShowRestore = Schema.Struct({
  kind: Schema.Literal("show"),
  tvdbId: Schema.Int.check(Schema.isGreaterThan(0)),
  title: Schema.String,
  year: Schema.NullOr(Schema.Int),
  qualityProfileId: Schema.Int,
  /** Only version 3 of the application has language profiles, and asks for one. */
  languageProfileId: Schema.NullOr(Schema.Int),
  rootFolderPath: Schema.String,
  monitored: Schema.Boolean,
  monitorNewItems: Schema.NullOr(Schema.String),
  seasonFolder: Schema.NullOr(Schema.Boolean),
  seriesType: Schema.NullOr(Schema.String),
  tags: Schema.Array(Schema.Int),
  seasons: Schema.Array(Schema.Struct({ seasonNumber: Schema.Int, monitored: Schema.Boolean }))
})

const SeasonRestore = Schema.Struct({
  kind: Schema.Literal("season"),
  seriesId: Schema.Int,
  tvdbId: Schema.NullOr(Schema.Int),
  seasonNumber: Schema.Int
})

const Restore = Schema.Union([ShowRestore, SeasonRestore])

export const EpisodeFile = Schema.Struct({ id: Schema.Int, seasonNumber: Schema.Int })

/** A series as it came: what is put back must be whole, unknown keys included. */
const RawSeries = Schema.Record(Schema.String, Schema.Unknown)

export const seriesRemoval = (
  { application: { api }, integration, probe, upstream }: ArrAccess,
  idsOf: SeriesIds
): RemovalCapability => {
  const malformed = (call: string, detail: string) => new UpstreamMalformed({ integration, call, detail })

  const parse = Effect.fnUntraced(function* (externalId: string) {
    const [, series = "", season] = /^([^:]*)(?::s(\d{1,6}))?$/.exec(externalId) ?? []
    const seriesId = yield* numericId(series, integration, `${api}/series`)
    return { seriesId, seasonNumber: season === undefined ? null : Number(season) }
  })

  const presence = Effect.fn("SeriesRemoval.presence")(function* (target: RemovalTarget) {
    const { seasonNumber, seriesId } = yield* parse(target.externalId)
    return yield* presenceOr404(upstream.get(`${api}/series/${seriesId}`, Series), probe, (series) =>
      seasonNumber === null ? Effect.succeed(presentShow(series, idsOf)) : presentSeason(series, seasonNumber)
    )
  })

  const presentSeason = Effect.fnUntraced(function* (series: Series, seasonNumber: number) {
    const season = series.seasons?.find((one) => one.seasonNumber === seasonNumber)
    if (season === undefined) return { _tag: "Absent" } satisfies Presence
    if (typeof season.statistics?.episodeFileCount !== "number") {
      return yield* malformed(`GET ${api}/series/${series.id}`, `season ${seasonNumber} comes without its statistics`)
    }
    if (season.statistics.episodeFileCount === 0) return { _tag: "Absent" } satisfies Presence
    return {
      _tag: "Present",
      title: seasonTitle(series.title, seasonNumber),
      ids: idsOf(series),
      sizeBytes: season.statistics.sizeOnDisk ?? 0,
      path: textOrNull(series.path),
      restore: {
        kind: "season",
        seriesId: series.id,
        tvdbId: positiveOrNull(series.tvdbId),
        seasonNumber
      } satisfies typeof SeasonRestore.Type
    } satisfies Presence
  })

  /** Reads the series, changes the season's flag, and puts the whole back. */
  const monitorSeason = Effect.fnUntraced(function* (
    seriesId: number,
    seasonNumber: number,
    monitored: boolean,
    tvdbId: number | null
  ) {
    const path = `${api}/series/${seriesId}`
    const series = yield* upstream.get(path, RawSeries)
    if (tvdbId !== null && series["tvdbId"] !== tvdbId) {
      return yield* malformed(`GET ${path}`, `another show stands there now: ${String(series["title"])}`)
    }
    const seasons = Array.isArray(series["seasons"]) ? series["seasons"] : []
    const isMeant = (season: unknown) =>
      Predicate.hasProperty(season, "seasonNumber") && season.seasonNumber === seasonNumber
    if (!seasons.some(isMeant)) return yield* malformed(`GET ${path}`, `season ${seasonNumber} is not there`)
    const changed = seasons.map((season: unknown) =>
      isMeant(season) && Predicate.isObject(season) ? { ...season, monitored } : season
    )
    yield* upstream.send("PUT", path, { json: { ...series, seasons: changed } })
  })

  const removeSeason = Effect.fnUntraced(function* (seriesId: number, seasonNumber: number) {
    // First no longer wanted, then deleted: in the other order it could be downloaded again in between.
    yield* monitorSeason(seriesId, seasonNumber, false, null)
    const files = yield* upstream.getArray(`${api}/episodefile`, EpisodeFile, { query: { seriesId } })
    const episodeFileIds = files.filter((file) => file.seasonNumber === seasonNumber).map((file) => file.id)
    if (episodeFileIds.length === 0) return
    yield* upstream.send("DELETE", `${api}/episodefile/bulk`, { json: { episodeFileIds }, timeoutMillis: deleteMillis })
  })

  const remove: RemovalCapability["remove"] = Effect.fn("SeriesRemoval.remove")(function* (target, options) {
    const { seasonNumber, seriesId } = yield* parse(target.externalId)
    if (seasonNumber !== null) return yield* removeSeason(seriesId, seasonNumber)
    yield* upstream.send("DELETE", `${api}/series/${seriesId}`, {
      query: { deleteFiles: true, addImportListExclusion: options.addImportExclusion },
      timeoutMillis: deleteMillis
    })
  })

  const restoreShow = Effect.fnUntraced(function* (show: typeof ShowRestore.Type) {
    // Whoever restores twice, or after the show was added by hand, gets the one that is there.
    const present = yield* upstream.getArray(`${api}/series`, Series, { query: { tvdbId: show.tvdbId } })
    const same = present.find((one) => one.tvdbId === show.tvdbId)
    if (same !== undefined) return { externalId: String(same.id) }
    yield* dropExclusions(upstream, `${api}/importlistexclusion`, ({ tvdbId }) => tvdbId === show.tvdbId)
    const { kind: _kind, ...kept } = show
    const json = { ...bodyOf(kept), addOptions: { searchForMissingEpisodes: true } }
    const added = yield* upstream.send("POST", `${api}/series`, { json }, Added)
    return { externalId: String(added.id) }
  })

  const restoreSeason = Effect.fnUntraced(function* (season: typeof SeasonRestore.Type) {
    const { seasonNumber, seriesId } = season
    yield* monitorSeason(seriesId, seasonNumber, true, season.tvdbId)
    yield* upstream.send("POST", `${api}/command`, { json: { name: "SeasonSearch", seriesId, seasonNumber } })
    return { externalId: `${seriesId}:s${seasonNumber}` }
  })

  const restore = Effect.fn("SeriesRemoval.restore")(function* (given: unknown) {
    const kept = yield* decodeRestore(Restore, given, integration, `POST ${api}/series`)
    return yield* kept.kind === "show" ? restoreShow(kept) : restoreSeason(kept)
  })

  return { kinds: ["show", "season"], presence, remove, restore }
}

const presentShow = (series: Series, idsOf: SeriesIds): Presence => ({
  _tag: "Present",
  title: series.title,
  ids: idsOf(series),
  sizeBytes: sizeOfSeries(series),
  path: textOrNull(series.path),
  restore: {
    kind: "show",
    tvdbId: series.tvdbId ?? 0,
    title: series.title,
    year: positiveOrNull(series.year),
    qualityProfileId: series.qualityProfileId ?? 0,
    languageProfileId: positiveOrNull(series.languageProfileId),
    rootFolderPath: textOrNull(series.rootFolderPath) ?? folderOf(series.path) ?? "",
    monitored: series.monitored ?? true,
    monitorNewItems: textOrNull(series.monitorNewItems),
    seasonFolder: series.seasonFolder ?? null,
    seriesType: textOrNull(series.seriesType),
    tags: series.tags ?? [],
    seasons: (series.seasons ?? []).map(({ monitored, seasonNumber }) => ({
      seasonNumber,
      monitored: monitored ?? true
    }))
  } satisfies typeof ShowRestore.Type
})
