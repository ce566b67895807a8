/**
 * Removing shows from a Servarr application, unmonitoring shows, single seasons and single episodes, deleting their files,
 * and undoing that.
 */
import { Effect, Option, Schema } from "effect"
import {
  type EntryFate,
  type Presence,
  type RemovalCapability,
  removalActions,
  type RemovalTarget,
  usualActionOf
} from "../../Kind.ts"
import { UpstreamMalformed } from "../../UpstreamErrors.ts"
import { deleteMillis, folderOf, positiveOrNull, seasonTitle, textOrNull } from "../Values.ts"
import { type ArrAccess, isExcluded, presenceOr404 } from "./Arr.ts"
import { makeMonitoring, partActions, type RawEntry, stripsFiles, unmonitors } from "./Monitoring.ts"
import { decodeRestore } from "./Restore.ts"
import { Series, SeriesNames, type SeriesIds, seriesIdsIn, sizeOfSeries } from "./SeriesCatalog.ts"
import { singleEpisodes } from "./SeriesRemoval/Episodes.ts"
import { Restore, type SeasonRestore, type ShowRestore } from "./SeriesRemoval/Kept.ts"
import { seasonFlags } from "./SeriesRemoval/Seasons.ts"
import { singleEpisode } from "./SeriesRemoval/SingleEpisode.ts"
import { seriesUndo } from "./SeriesRemoval/Undo.ts"

const namesOf = Schema.decodeUnknownOption(SeriesNames)

export const EpisodeFile = Schema.Struct({ id: Schema.Int, seasonNumber: Schema.Int })

export const seriesRemoval = (access: ArrAccess, idsOf: SeriesIds): RemovalCapability => {
  const { application, integration, probe, upstream } = access
  const { api } = application
  const exclusions = `${api}/importlistexclusion`
  const episodes = singleEpisodes(access)
  const single = singleEpisode(access, idsOf)
  const setMonitored = makeMonitoring(access)
  const { monitorSeason, read } = seasonFlags(access)
  const malformed = (call: string, detail: string) => new UpstreamMalformed({ integration, call, detail })

  const parse = (externalId: string) => seriesIdsIn(externalId, integration, `${api}/series`)

  const presence = Effect.fn("SeriesRemoval.presence")(function* (target: RemovalTarget) {
    const { episodeId, seasonNumber, seriesId } = yield* parse(target.externalId)
    if (episodeId !== null) return yield* single.presence(target, { seriesId, episodeId })
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
      ...(typeof series.statistics?.episodeFileCount === "number"
        ? { hasFiles: series.statistics.episodeFileCount > 0 }
        : {}),
      ...(typeof series.monitored === "boolean" ? { monitored: series.monitored } : {}),
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
    const odd = yield* episodes.odd({ id: series.id, seasons: new Map([[seasonNumber, monitored]]) }, seasonNumber)
    return {
      _tag: "Present",
      title: seasonTitle(series.title, seasonNumber),
      ids: idsOf(series),
      sizeBytes: season.statistics.sizeOnDisk ?? 0,
      path: textOrNull(series.path),
      hasFiles: true,
      monitored: monitored || odd.length > 0,
      restore: {
        kind: "season",
        seriesId: series.id,
        tvdbId: positiveOrNull(series.tvdbId),
        seasonNumber,
        monitored,
        episodes: odd,
        ...(positiveOrNull(series.tvdbId) === null ? {} : { show: yield* entryOf(series) })
      } satisfies typeof SeasonRestore.Type
    } satisfies Presence
  })

  const unmonitorSeason = Effect.fnUntraced(function* (
    seriesId: number,
    seasonNumber: number,
    how: { readonly destroys: boolean }
  ) {
    const name = { seriesId, seasonNumber, tvdbId: null }
    const wasWanted = yield* monitorSeason(name, { season: false }, how)
    // Setting a flag to its current value does not affect the episodes.
    if (!wasWanted) yield* episodes.unmonitor(seriesId, seasonNumber, how)
  })

  const deleteFiles = Effect.fnUntraced(function* (seriesId: number, seasonNumber: number | null) {
    const files = yield* upstream.getArray(`${api}/episodefile`, EpisodeFile, { query: { seriesId } })
    const meant = seasonNumber === null ? files : files.filter((file) => file.seasonNumber === seasonNumber)
    if (meant.length === 0) return
    yield* upstream.send("DELETE", `${api}/episodefile/bulk`, {
      json: { episodeFileIds: meant.map((file) => file.id) },
      timeoutMillis: deleteMillis
    })
  })

  /** Whether an entry is still the show that is meant. */
  const isTarget = (target: RemovalTarget) => (entry: RawEntry) =>
    target.ids.length === 0 ||
    Option.exists(namesOf(entry), (names) => idsOf(names).some((id) => target.ids.includes(id)))

  const remove: RemovalCapability["remove"] = Effect.fn("SeriesRemoval.remove")(function* (target, options) {
    const { episodeId, seasonNumber, seriesId } = yield* parse(target.externalId)
    const path = `${api}/series/${seriesId}`
    const { action = usualActionOf(target.kind), addImportExclusion } = options
    if (action === "remove-entry") {
      return yield* upstream.send("DELETE", path, {
        query: { deleteFiles: true, addImportListExclusion: addImportExclusion },
        timeoutMillis: deleteMillis
      })
    }
    if (episodeId !== null) return yield* single.remove({ seriesId, episodeId }, action)
    // First unmonitored, then deleted: in the reverse order it could be downloaded again in between.
    if (unmonitors(action)) {
      const how = { destroys: action === "unmonitor" }
      yield* seasonNumber === null
        ? setMonitored(path, isTarget(target), false, how)
        : unmonitorSeason(seriesId, seasonNumber, how)
    }
    if (stripsFiles(action)) yield* deleteFiles(seriesId, seasonNumber)
  })

  const putBack: RemovalCapability["putBack"] = Effect.fn("SeriesRemoval.putBack")(function* (target, given, action) {
    if ((action ?? usualActionOf(target.kind)) !== "unmonitor-and-delete-files") return
    const data = yield* decodeRestore(Restore, given, integration, `PUT ${api}/series`)
    if (data.kind === "episode") return yield* single.putBack(data)
    const { episodes: odd = [] } = data
    const { seriesId } = yield* parse(target.externalId)
    if (data.kind === "show") {
      if (data.monitored) yield* setMonitored(`${api}/series/${seriesId}`, isTarget(target), true)
      return
    }
    // If neither the season nor an episode was monitored, nothing was changed.
    if (data.monitored === false && odd.length === 0) return
    const season = { ...data, seriesId }
    yield* data.monitored === false ? read(season) : monitorSeason(season, { season: true })
    yield* episodes.putBack(seriesId, odd)
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
      yield* setMonitored(path, ({ tvdbId }) => tvdbId === series.tvdbId, false)
      return { _tag: "Unmonitored" } satisfies EntryFate
    },
    Effect.catchTag("UpstreamRefused", (error) =>
      error.status === 404 ? Effect.succeed(kept("the application no longer lists it")) : Effect.fail(error)
    )
  )

  const actions = { show: removalActions, season: partActions, episode: partActions }
  const undo = seriesUndo(access, idsOf)
  return { kinds: ["show", "season", "episode"], actions, presence, remove, putBack, settleEntry, ...undo }
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
