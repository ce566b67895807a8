/** Removing shows and single seasons from a Servarr application, and restoring them. */
import { Effect, Predicate, Schema } from "effect"
import type { CameBack, EntryFate, Presence, RemovalCapability, RemovalTarget } from "../../Kind.ts"
import { type UpstreamError, UpstreamMalformed } from "../../UpstreamErrors.ts"
import { folderOf, positiveOrNull, textOrNull } from "../Values.ts"
import { Added, type ArrAccess, dropExclusions, excludedBefore, isExcluded, presenceOr404 } from "./Arr.ts"
import { bodyOf, decodeRestore, deleteMillis, searchFor } from "./Restore.ts"
import { seasonTitle, Series, type SeriesIds, seriesIdsIn, sizeOfSeries } from "./SeriesCatalog.ts"
import { oddEpisodes, singleEpisodes } from "./SeriesRemoval/Episodes.ts"

const ShowRestore = Schema.Struct({
  kind: Schema.Literal("show"),
  tvdbId: Schema.Int.check(Schema.isGreaterThan(0)),
  title: Schema.String,
  year: Schema.NullOr(Schema.Int),
  qualityProfileId: Schema.Int,
  /** Only version 3 of the application has language profiles, and requires one. */
  languageProfileId: Schema.NullOr(Schema.Int),
  rootFolderPath: Schema.String,
  monitored: Schema.Boolean,
  monitorNewItems: Schema.NullOr(Schema.String),
  seasonFolder: Schema.NullOr(Schema.Boolean),
  seriesType: Schema.NullOr(Schema.String),
  tags: Schema.Array(Schema.Int),
  seasons: Schema.Array(Schema.Struct({ seasonNumber: Schema.Int, monitored: Schema.Boolean })),
  ...oddEpisodes,
  ...excludedBefore
})

const SeasonRestore = Schema.Struct({
  kind: Schema.Literal("season"),
  seriesId: Schema.Int,
  tvdbId: Schema.NullOr(Schema.Int),
  seasonNumber: Schema.Int,
  /** Whether it was monitored. Data stored by older versions does not contain it, and it was monitored then. */
  monitored: Schema.optionalKey(Schema.Boolean),
  ...oddEpisodes,
  /** The data to restore its show, if that entry was removed with its last season. */
  show: Schema.optionalKey(ShowRestore)
})

const Restore = Schema.Union([ShowRestore, SeasonRestore])

export const EpisodeFile = Schema.Struct({ id: Schema.Int, seasonNumber: Schema.Int })

/** An unmodified series: it must be sent back completely, including unknown keys. */
const RawSeries = Schema.Record(Schema.String, Schema.Unknown)

export const seriesRemoval = (access: ArrAccess, idsOf: SeriesIds): RemovalCapability => {
  const { application, integration, probe, upstream } = access
  const { api } = application
  const exclusions = `${api}/importlistexclusion`
  const episodes = singleEpisodes(access)
  const malformed = (call: string, detail: string) => new UpstreamMalformed({ integration, call, detail })

  const parse = (externalId: string) => seriesIdsIn(externalId, integration, `${api}/series`)

  const presence = Effect.fn("SeriesRemoval.presence")(function* (target: RemovalTarget) {
    const { seasonNumber, seriesId } = yield* parse(target.externalId)
    return yield* presenceOr404(upstream.get(`${api}/series/${seriesId}`, Series), probe, (series) =>
      seasonNumber === null ? presentShow(series) : presentSeason(series, seasonNumber)
    )
  })

  /** The data to restore the entry of a show, without its single episodes. */
  const entryOf = Effect.fnUntraced(function* (series: Series) {
    const excluded = yield* isExcluded(upstream, exclusions, ({ tvdbId }) => tvdbId === series.tvdbId)
    return { ...restoreOf(series), excluded } satisfies typeof ShowRestore.Type
  })

  const presentShow = Effect.fnUntraced(function* (series: Series) {
    return {
      _tag: "Present",
      title: series.title,
      ids: idsOf(series),
      sizeBytes: sizeOfSeries(series),
      path: textOrNull(series.path),
      restore: {
        ...(yield* entryOf(series)),
        episodes: yield* episodes.odd({ id: series.id, seasons: flagsOf(series) }, null)
      } satisfies typeof ShowRestore.Type
    } satisfies Presence
  })

  const presentSeason = Effect.fnUntraced(function* (series: Series, seasonNumber: number) {
    const season = series.seasons?.find((one) => one.seasonNumber === seasonNumber)
    if (season === undefined) return { _tag: "Absent" } satisfies Presence
    if (typeof season.statistics?.episodeFileCount !== "number") {
      return yield* malformed(`GET ${api}/series/${series.id}`, `season ${seasonNumber} has no statistics`)
    }
    if (season.statistics.episodeFileCount === 0) return { _tag: "Absent" } satisfies Presence
    const monitored = season.monitored ?? true
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
        seasonNumber,
        monitored,
        episodes: yield* episodes.odd({ id: series.id, seasons: new Map([[seasonNumber, monitored]]) }, seasonNumber),
        ...(positiveOrNull(series.tvdbId) === null ? {} : { show: yield* entryOf(series) })
      } satisfies typeof SeasonRestore.Type
    } satisfies Presence
  })

  /** The unmodified series, and the requested season. */
  const read = Effect.fnUntraced(function* ({ seasonNumber, seriesId, tvdbId }: SeasonName) {
    const path = `${api}/series/${seriesId}`
    const series = yield* upstream.get(path, RawSeries)
    if (tvdbId !== null && series["tvdbId"] !== tvdbId) {
      return yield* malformed(`GET ${path}`, `another show has this id now: ${String(series["title"])}`)
    }
    const seasons: ReadonlyArray<unknown> = Array.isArray(series["seasons"]) ? series["seasons"] : []
    const isMeant = (season: unknown) =>
      Predicate.hasProperty(season, "seasonNumber") && season.seasonNumber === seasonNumber
    const season = seasons.find(isMeant)
    if (season === undefined) return yield* malformed(`GET ${path}`, `season ${seasonNumber} is not there`)
    const wasWanted = !(Predicate.hasProperty(season, "monitored") && season.monitored === false)
    return { path, series, seasons, isMeant, wasWanted }
  })

  /**
   * Changes the flag of the season, and optionally of the show, and sends the whole series back. Returns whether the
   * season was monitored.
   */
  const monitorSeason = Effect.fnUntraced(function* (
    name: SeasonName,
    flags: { readonly season: boolean; readonly show?: boolean }
  ) {
    const { isMeant, path, seasons, series, wasWanted } = yield* read(name)
    const changed = seasons.map((season) =>
      isMeant(season) && Predicate.isObject(season) ? { ...season, monitored: flags.season } : season
    )
    const show = flags.show === undefined ? {} : { monitored: flags.show }
    yield* upstream.send("PUT", path, { json: { ...series, ...show, seasons: changed } })
    return wasWanted
  })

  const removeSeason = Effect.fnUntraced(function* (seriesId: number, seasonNumber: number) {
    // First unmonitored, then deleted: in the reverse order it could be downloaded again in between.
    const wasWanted = yield* monitorSeason({ seriesId, seasonNumber, tvdbId: null }, { season: false })
    // Setting a flag to its current value does not affect the episodes.
    if (!wasWanted) yield* episodes.unmonitor(seriesId, seasonNumber)
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

  const putBack: RemovalCapability["putBack"] = Effect.fn("SeriesRemoval.putBack")(function* (target, given) {
    const data = yield* decodeRestore(Restore, given, integration, `PUT ${api}/series`)
    const { episodes: single = [] } = data
    // If neither the season nor an episode was monitored, nothing was changed.
    if (data.kind === "show" || (data.monitored === false && single.length === 0)) return
    const { seriesId } = yield* parse(target.externalId)
    const season = { ...data, seriesId }
    yield* data.monitored === false ? read(season) : monitorSeason(season, { season: true })
    yield* episodes.putBack(seriesId, single)
  })

  const settleEntry: RemovalCapability["settleEntry"] = Effect.fn("SeriesRemoval.settleEntry")(
    function* (part, choice, options) {
      const { seriesId } = yield* parse(part.externalId)
      const path = `${api}/series/${seriesId}`
      const series = yield* upstream.get(path, Series)
      const reason = whyNotEmpty(series, part, idsOf)
      if (reason !== null) return kept(reason)
      const files = yield* upstream.getArray(`${api}/episodefile`, EpisodeFile, { query: { seriesId } })
      if (files.length > 0) return kept("it still has files")
      if (choice === "remove") {
        yield* upstream.send("DELETE", path, {
          query: { deleteFiles: false, addImportListExclusion: options.addImportExclusion },
          timeoutMillis: deleteMillis
        })
        return { _tag: "Removed" } satisfies EntryFate
      }
      const raw = yield* upstream.get(path, RawSeries)
      if (raw["tvdbId"] !== series.tvdbId) return kept("another show has this id now")
      if (raw["monitored"] !== false) yield* upstream.send("PUT", path, { json: { ...raw, monitored: false } })
      return { _tag: "Unmonitored" } satisfies EntryFate
    },
    Effect.catchTag("UpstreamRefused", (error) =>
      error.status === 404 ? Effect.succeed(kept("the application no longer lists it")) : Effect.fail(error)
    )
  )

  const showBack = Effect.fnUntraced(function* (tvdbId: number) {
    const present = yield* upstream.getArray(`${api}/series`, Series, { query: { tvdbId } })
    const same = present.find((one) => one.tvdbId === tvdbId)
    return same === undefined ? null : { externalId: String(same.id) }
  })

  const restoreShow = Effect.fnUntraced(function* (
    show: typeof ShowRestore.Type,
    monitor: boolean
  ): Effect.fn.Return<CameBack, UpstreamError> {
    const { episodes: single = [], excluded: _excluded, kind: _kind, ...data } = show
    // A second restore, or one after the show was added by hand, returns the existing show.
    const same = yield* showBack(show.tvdbId)
    if (same !== null && single.length === 0) return same
    const { externalId } = same ?? (yield* addShow(show, { ...data, ...(monitor ? { monitored: true } : {}) }))
    if (single.length === 0) return { externalId }
    const seriesId = Number(externalId)
    const notSearched = yield* episodes.setWhenThere(seriesId, single)
    return notSearched === null
      ? yield* searchFor(upstream, api, externalId, { name: "MissingEpisodeSearch", seriesId })
      : { externalId, notSearched }
  })

  const addShow = Effect.fnUntraced(function* (
    { episodes: single = [], ...show }: typeof ShowRestore.Type,
    data: object
  ) {
    yield* dropExclusions(upstream, exclusions, show, ({ tvdbId }) => tvdbId === show.tvdbId)
    // With add options, the application would reset all flags after it has scanned the disk.
    const options = single.length === 0 ? { addOptions: { searchForMissingEpisodes: true } } : {}
    const added = yield* upstream.send("POST", `${api}/series`, { json: { ...bodyOf(data), ...options } }, Added)
    return { externalId: String(added.id) }
  })

  const restoreSeason = Effect.fnUntraced(function* (
    season: typeof SeasonRestore.Type,
    monitor: boolean
  ): Effect.fn.Return<CameBack, UpstreamError> {
    const { episodes: single = [], seasonNumber, show } = season
    const monitored = monitor || (season.monitored ?? true)
    const seriesId = yield* showOf(season)
    if (seriesId === null) {
      // Its entry was removed with it, and comes back with only this season: the others are not part of this restore.
      const seasons = (show?.seasons ?? []).map((one) => ({
        ...one,
        monitored: one.seasonNumber === seasonNumber && monitored
      }))
      const added = yield* show === undefined
        ? malformed(`GET ${api}/series/${season.seriesId}`, "its show is no longer there")
        : restoreShow({ ...show, seasons, episodes: single }, monitor)
      return { ...added, externalId: `${added.externalId}:s${seasonNumber}` }
    }
    // The show may have been unmonitored with its last season.
    const showFlag = show?.monitored === true || monitor ? { show: true } : {}
    yield* monitorSeason({ ...season, seriesId }, { season: monitored, ...showFlag })
    const externalId = `${seriesId}:s${seasonNumber}`
    const notSearched = yield* episodes.setWhenThere(seriesId, single)
    return notSearched === null
      ? yield* searchFor(upstream, api, externalId, { name: "SeasonSearch", seriesId, seasonNumber })
      : { externalId, notSearched }
  })

  /** Its show exists, and it is monitored as before: its files come later. */
  const seasonBack = Effect.fnUntraced(function* (kept: typeof SeasonRestore.Type) {
    const seriesId = yield* showOf(kept)
    if (seriesId === null) return null
    const series = yield* upstream.get(`${api}/series/${seriesId}`, Series)
    const season = series.seasons?.find((one) => one.seasonNumber === kept.seasonNumber)
    // Its removal cleared the monitored flag. If it was not monitored before, the flag says nothing, but its files do.
    const isBack =
      season !== undefined &&
      ((season.monitored ?? kept.monitored !== false) || (season.statistics?.episodeFileCount ?? 0) > 0)
    return isBack ? { externalId: `${seriesId}:s${kept.seasonNumber}` } : null
  })

  /** The current id of the season's show; `null` = it does not exist. */
  const showOf = Effect.fnUntraced(function* ({ seriesId, tvdbId }: typeof SeasonRestore.Type) {
    const path = `${api}/series/${seriesId}`
    const there = yield* presenceOr404(upstream.get(path, RawSeries), probe, () =>
      Effect.succeed({ _tag: "Present", title: "", ids: [], sizeBytes: 0, path: null, restore: null })
    )
    if (tvdbId === null) return there._tag === "Present" ? seriesId : null
    // The id may have been reassigned to another show since.
    if (there._tag === "Present" && (yield* upstream.get(path, Series)).tvdbId === tvdbId) return seriesId
    const others = yield* upstream.getArray(`${api}/series`, Series, { query: { tvdbId } })
    return others.find((one) => one.tvdbId === tvdbId)?.id ?? null
  })

  const restore: RemovalCapability["restore"] = Effect.fn("SeriesRemoval.restore")(function* (given, options) {
    const data = yield* decodeRestore(Restore, given, integration, `POST ${api}/series`)
    const monitor = options?.monitor === true
    return yield* data.kind === "show" ? restoreShow(data, monitor) : restoreSeason(data, monitor)
  })

  const isBack: RemovalCapability["isBack"] = Effect.fn("SeriesRemoval.isBack")(function* (given) {
    const data = yield* decodeRestore(Restore, given, integration, `GET ${api}/series`)
    return yield* data.kind === "show" ? showBack(data.tvdbId) : seasonBack(data)
  })

  return { kinds: ["show", "season"], presence, remove, putBack, settleEntry, restore, isBack }
}

interface SeasonName {
  readonly seriesId: number
  readonly seasonNumber: number
  /** The id of its show, to verify that no other show has its number; `null` = not known. */
  readonly tvdbId: number | null
}

const flagsOf = (series: Series): ReadonlyMap<number, boolean> =>
  new Map((series.seasons ?? []).map(({ monitored, seasonNumber }) => [seasonNumber, monitored ?? true]))

const kept = (reason: string): EntryFate => ({ _tag: "Kept", reason })

/**
 * Why the entry of a show is kept although its last season is gone; `null` = it is empty, and nothing more is expected.
 */
const whyNotEmpty = (series: Series, part: RemovalTarget, idsOf: SeriesIds): string | null => {
  const ids = idsOf(series)
  if (part.ids.length > 0 && !part.ids.some((id) => ids.includes(id))) return "another show has this id now"
  const seasons = series.seasons ?? []
  const figures = [series.statistics, ...seasons.map((season) => season.statistics)]
  if (typeof series.statistics?.episodeFileCount !== "number")
    return "the application does not say whether files are left"
  if (figures.some((one) => (one?.episodeFileCount ?? 0) > 0 || (one?.sizeOnDisk ?? 0) > 0)) return "it still has files"
  if (!/^(ended|deleted)$/i.test(series.status ?? "")) return "it has not ended"
  const wanted = seasons.find((season) => season.monitored !== false && (season.statistics?.totalEpisodeCount ?? 0) > 0)
  return wanted === undefined ? null : `its season ${wanted.seasonNumber} is still monitored`
}

const restoreOf = (series: Series): typeof ShowRestore.Type => ({
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
})
