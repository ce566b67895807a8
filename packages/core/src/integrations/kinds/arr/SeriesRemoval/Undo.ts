/** Undoing what was done to a show, a season or an episode: see `RemovalCapability.restore`. */
import { Effect } from "effect"
import type { CameBack, RemovalAction, RemovalCapability, UndoOptions } from "../../../Kind.ts"
import { type UpstreamError, UpstreamMalformed } from "../../../UpstreamErrors.ts"
import { Added, type ArrAccess, dropExclusions, presenceOr404 } from "../Arr.ts"
import { makeMonitoring, RawEntry, stripsFiles, unmonitors } from "../Monitoring.ts"
import { bodyOf, decodeRestore, searchFor } from "../Restore.ts"
import { Series, type SeriesIds } from "../SeriesCatalog.ts"
import { singleEpisodes } from "./Episodes.ts"
import { Restore, type SeasonRestore, type ShowRestore } from "./Kept.ts"
import { seasonFlags, type SeasonName } from "./Seasons.ts"
import { singleEpisode } from "./SingleEpisode.ts"

export const seriesUndo = (access: ArrAccess, idsOf: SeriesIds): Pick<RemovalCapability, "restore" | "isBack"> => {
  const { application, integration, probe, upstream } = access
  const { api } = application
  const exclusions = `${api}/importlistexclusion`
  const episodes = singleEpisodes(access)
  const setMonitored = makeMonitoring(access)
  const { monitorSeason } = seasonFlags(access)
  const single = singleEpisode(access, idsOf)
  const malformed = (call: string, detail: string) => new UpstreamMalformed({ integration, call, detail })

  const showBack = Effect.fnUntraced(function* (tvdbId: number) {
    const present = yield* upstream.getArray(`${api}/series`, Series, { query: { tvdbId } })
    const same = present.find((one) => one.tvdbId === tvdbId)
    return same === undefined ? null : { externalId: String(same.id) }
  })

  /** Undoes an action after which the entry still exists. */
  const undoInPlace = Effect.fnUntraced(function* (
    show: typeof ShowRestore.Type,
    externalId: string,
    action: RemovalAction,
    monitor: boolean
  ) {
    if ((show.monitored && unmonitors(action)) || monitor) {
      yield* setMonitored(`${api}/series/${externalId}`, ({ tvdbId }) => tvdbId === show.tvdbId, true)
    }
    if (!stripsFiles(action)) return { externalId }
    return yield* searchFor(upstream, api, externalId, { name: "SeriesSearch", seriesId: Number(externalId) })
  })

  const restoreShow = Effect.fnUntraced(function* (
    show: typeof ShowRestore.Type,
    monitor: boolean,
    action: RemovalAction
  ): Effect.fn.Return<CameBack, UpstreamError> {
    const { episodes: single = [], excluded: _excluded, kind: _kind, ...data } = show
    // A second restore, or one after the show was added by hand, returns the existing show.
    const same = yield* showBack(show.tvdbId)
    if (same !== null && action !== "remove-entry") return yield* undoInPlace(show, same.externalId, action, monitor)
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
    monitor: boolean,
    action: RemovalAction
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
        : restoreShow({ ...show, seasons, episodes: single }, monitor, "remove-entry")
      return { ...added, externalId: `${added.externalId}:s${seasonNumber}` }
    }
    // The show may have been unmonitored with its last season.
    const showFlag = show?.monitored === true || monitor ? { show: true } : {}
    const externalId = `${seriesId}:s${seasonNumber}`
    if (unmonitors(action) || monitor) {
      yield* monitorSeason({ ...season, seriesId }, { season: monitored, ...showFlag })
    }
    const notSearched = unmonitors(action) ? yield* episodes.setWhenThere(seriesId, single) : null
    if (!stripsFiles(action)) return { externalId }
    return notSearched === null
      ? yield* searchFor(upstream, api, externalId, { name: "SeasonSearch", seriesId, seasonNumber })
      : { externalId, notSearched }
  })

  /** Its show exists, and it is monitored as before: its files come later. */
  const seasonBack = Effect.fnUntraced(function* (kept: typeof SeasonRestore.Type, action: RemovalAction) {
    const seriesId = yield* showOf(kept)
    if (seriesId === null) return null
    const series = yield* upstream.get(`${api}/series/${seriesId}`, Series)
    const season = series.seasons?.find((one) => one.seasonNumber === kept.seasonNumber)
    if (season === undefined) return null
    const externalId = `${seriesId}:s${kept.seasonNumber}`
    if (!unmonitors(action) || (season.monitored ?? kept.monitored !== false)) return { externalId }
    // Its removal cleared the monitored flag. If it was not monitored before, the flag says nothing, but its files do,
    // and if these were not deleted, the flags of its episodes do.
    const others =
      action === "unmonitor"
        ? yield* episodes.odd({ id: seriesId, seasons: new Map([[kept.seasonNumber, false]]) }, kept.seasonNumber)
        : []
    const isBack = action === "unmonitor" ? others.length > 0 : (season.statistics?.episodeFileCount ?? 0) > 0
    return isBack ? { externalId } : null
  })

  /** The current id of the show of a season or of an episode; `null` = it does not exist. */
  const showOf = Effect.fnUntraced(function* ({ seriesId, tvdbId }: Pick<SeasonName, "seriesId" | "tvdbId">) {
    const path = `${api}/series/${seriesId}`
    const there = yield* presenceOr404(upstream.get(path, RawEntry), probe, () =>
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
    const { action, monitor = false }: UndoOptions = options ?? {}
    if (data.kind === "episode") {
      return yield* single.restore(data, { action: action ?? "unmonitor-and-delete-files", monitor, showOf })
    }
    return yield* data.kind === "show"
      ? restoreShow(data, monitor, action ?? "remove-entry")
      : restoreSeason(data, monitor, action ?? "unmonitor-and-delete-files")
  })

  const isBack: RemovalCapability["isBack"] = Effect.fn("SeriesRemoval.isBack")(function* (given, action) {
    const data = yield* decodeRestore(Restore, given, integration, `GET ${api}/series`)
    if (data.kind === "season") return yield* seasonBack(data, action ?? "unmonitor-and-delete-files")
    if (data.kind === "episode") return yield* single.isBack(data, action ?? "unmonitor-and-delete-files", showOf)
    const same = yield* showBack(data.tvdbId)
    if (same === null || !unmonitors(action) || !data.monitored) return same
    const { monitored } = yield* upstream.get(`${api}/series/${same.externalId}`, Series)
    return monitored === false ? null : same
  })

  return { restore, isBack }
}
