/**
 * Removing single episodes: no longer monitoring them, deleting their files, and undoing that. A file with several episodes
 * is removed with all of them, so none of them stays monitored.
 */
import { Array as Arr, Effect, Schema } from "effect"
import type { CameBack, Presence, RemovalAction, RemovalTarget } from "../../../Kind.ts"
import { type UpstreamError, UpstreamMalformed } from "../../../UpstreamErrors.ts"
import { maybe } from "../../Lenient.ts"
import { deleteMillis, positiveOrNull, textOrNull } from "../../Values.ts"
import { type ArrAccess, presenceOr404 } from "../Arr.ts"
import { stripsFiles, unmonitors } from "../Monitoring.ts"
import { searchFor } from "../Restore.ts"
import { Series, type SeriesIds } from "../SeriesCatalog.ts"
import { airDateIn, airDates } from "../SeriesContents.ts"
import { episodeExternalId, titleOfEpisode } from "../SeriesEpisodes.ts"
import { keyOf } from "./Episodes.ts"
import type { EpisodeRestore } from "./Kept.ts"
import type { SeasonName } from "./Seasons.ts"

const Episode = Schema.Struct({
  id: Schema.Int,
  seriesId: Schema.Int,
  seasonNumber: Schema.Int,
  episodeNumber: maybe(Schema.Int),
  tvdbId: maybe(Schema.Int),
  title: maybe(Schema.String),
  ...airDates,
  monitored: maybe(Schema.Boolean),
  hasFile: maybe(Schema.Boolean),
  episodeFileId: maybe(Schema.Int)
})
type Episode = typeof Episode.Type

const EpisodeFile = Schema.Struct({ id: Schema.Int, size: maybe(Schema.Number), path: maybe(Schema.String) })

/** A download that the application is moving into the library, or is about to. */
const QueueRow = Schema.Struct({
  seasonNumber: maybe(Schema.Int),
  title: maybe(Schema.String),
  trackedDownloadState: maybe(Schema.String),
  episode: maybe(Schema.Struct({ seasonNumber: maybe(Schema.Int) }))
})

interface EpisodeName {
  readonly seriesId: number
  readonly episodeId: number
}

type ShowOf = (name: SeasonName) => Effect.Effect<number | null, UpstreamError>

export const singleEpisode = (access: ArrAccess, idsOf: SeriesIds) => {
  const { application, integration, probe, upstream } = access
  const { api } = application
  const path = `${api}/episode`
  const malformed = (call: string, detail: string) => new UpstreamMalformed({ integration, call, detail })

  const read = ({ episodeId }: EpisodeName) => upstream.get(`${path}/${episodeId}`, Episode)

  /** The episodes in the file of this one, with itself. */
  const inFileOf = Effect.fnUntraced(function* (episode: Episode) {
    const query = { seriesId: episode.seriesId, seasonNumber: episode.seasonNumber }
    const all = yield* upstream.getArray(path, Episode, { query })
    const fileId = positiveOrNull(episode.episodeFileId)
    const others = all.filter(
      ({ episodeFileId, id }) => id !== episode.id && fileId !== null && episodeFileId === fileId
    )
    return [episode, ...others] as const
  })

  /** Why an import into its season would collide with the deletion; `undefined` = nothing is being imported. */
  const importing = Effect.fnUntraced(function* ({ seasonNumber, seriesId }: Episode) {
    const rows = yield* upstream.getArray(`${api}/queue/details`, QueueRow, {
      query: { seriesId, includeEpisode: true }
    })
    const row = rows.find(({ episode, seasonNumber: own, trackedDownloadState: state }) => {
      const season = own ?? episode?.seasonNumber ?? null
      return /^import(ing|pending)$/i.test(state ?? "") && (season === null || season === seasonNumber)
    })
    return row === undefined ? undefined : `its season is being imported: ${row.title ?? "a download"}`
  })

  const present = Effect.fnUntraced(function* (episode: Episode, target: RemovalTarget, { seriesId }: EpisodeName) {
    const fileId = positiveOrNull(episode.episodeFileId)
    if (typeof episode.hasFile !== "boolean") {
      return yield* malformed(`GET ${path}/${episode.id}`, "the application does not say whether it has a file")
    }
    if (!episode.hasFile) return { _tag: "Absent" } satisfies Presence
    if (fileId === null) return yield* malformed(`GET ${path}/${episode.id}`, "it has a file without an id")
    const series = yield* upstream.get(`${api}/series/${episode.seriesId}`, Series)
    const file = yield* upstream.get(`${api}/episodefile/${fileId}`, EpisodeFile)
    const [, ...others] = yield* inFileOf(episode)
    const title = titleOfEpisode(series.title, placeOf(episode, textOrNull(episode.title)))
    const busy = yield* importing(episode)
    const key = keyOf(episode)
    if (key === null) {
      return yield* malformed(
        `GET ${path}/${episode.id}`,
        "it has neither a number nor an id by which it could come back"
      )
    }
    return {
      _tag: "Present",
      title,
      // Ids are those of its show: if its place in the show is another one now, only an equal title identifies it.
      ids: episode.seriesId === seriesId && isAtPlace(target.title, series.title, episode) ? idsOf(series) : [],
      sizeBytes: file.size ?? 0,
      path: textOrNull(file.path),
      hasFiles: true,
      ...(typeof episode.monitored === "boolean" ? { monitored: episode.monitored } : {}),
      ...(busy === undefined ? {} : { busy }),
      restore: {
        kind: "episode",
        seriesId: episode.seriesId,
        tvdbId: positiveOrNull(series.tvdbId),
        seasonNumber: episode.seasonNumber,
        episode: key,
        monitored: episode.monitored ?? true,
        inSameFile: others.flatMap((other) => (other.monitored === false ? [] : (keyOf(other) ?? [])))
      } satisfies typeof EpisodeRestore.Type
    } satisfies Presence
  })

  const presence = (target: RemovalTarget, name: EpisodeName) =>
    presenceOr404(read(name), probe, (episode) => present(episode, target, name))

  const setMonitored = (
    episodes: ReadonlyArray<Episode>,
    monitored: boolean,
    how: { readonly destroys?: boolean } = {}
  ) => {
    const episodeIds = episodes.filter((one) => one.monitored !== monitored).map(({ id }) => id)
    return Arr.isReadonlyArrayNonEmpty(episodeIds)
      ? Effect.asVoid(upstream.send("PUT", `${path}/monitor`, { json: { episodeIds, monitored }, ...how }))
      : Effect.void
  }

  const remove = Effect.fnUntraced(function* (name: EpisodeName, action: RemovalAction) {
    const episode = yield* read(name)
    if (episode.seriesId !== name.seriesId) {
      return yield* malformed(`GET ${path}/${name.episodeId}`, "it belongs to another show now")
    }
    if (action === "unmonitor") return yield* setMonitored([episode], false, { destroys: true })
    const fileId = positiveOrNull(episode.episodeFileId)
    if (fileId === null) return yield* malformed(`GET ${path}/${name.episodeId}`, "it has a file, and does not name it")
    // First unmonitored, then deleted: in the reverse order it could be downloaded again in between.
    if (unmonitors(action)) yield* setMonitored(yield* inFileOf(episode), false)
    yield* upstream.send("DELETE", `${api}/episodefile/${fileId}`, { timeoutMillis: deleteMillis })
  })

  const byKeys = Effect.fnUntraced(function* (
    seriesId: number,
    { seasonNumber }: typeof EpisodeRestore.Type,
    keys: ReadonlyArray<string>
  ) {
    const all = yield* upstream.getArray(path, Episode, { query: { seriesId, seasonNumber } })
    return all.filter((one) => one.seasonNumber === seasonNumber && keys.includes(keyOf(one) ?? ""))
  })

  const wanted = (kept: typeof EpisodeRestore.Type): ReadonlyArray<string> => [
    ...(kept.monitored ? [kept.episode] : []),
    ...kept.inSameFile
  ]

  const putBack = Effect.fnUntraced(function* (kept: typeof EpisodeRestore.Type) {
    if (wanted(kept).length > 0) yield* setMonitored(yield* byKeys(kept.seriesId, kept, wanted(kept)), true)
  })

  const found = Effect.fnUntraced(function* (kept: typeof EpisodeRestore.Type, showOf: ShowOf) {
    const seriesId = yield* showOf(kept)
    if (seriesId === null) return null
    const [episode] = yield* byKeys(seriesId, kept, [kept.episode])
    return episode === undefined ? null : { seriesId, episode }
  })

  const externalIdOf = ({ episode, seriesId }: { readonly episode: Episode; readonly seriesId: number }) =>
    episodeExternalId(String(seriesId), String(episode.id))

  const restore = Effect.fnUntraced(function* (
    kept: typeof EpisodeRestore.Type,
    { action, monitor, showOf }: { readonly action: RemovalAction; readonly monitor: boolean; readonly showOf: ShowOf }
  ): Effect.fn.Return<CameBack, UpstreamError> {
    const there = yield* found(kept, showOf)
    if (there === null) {
      return yield* malformed(`GET ${path}`, `its show or its season no longer has episode ${kept.episode}`)
    }
    const keys = [
      ...(monitor || (unmonitors(action) && kept.monitored) ? [kept.episode] : []),
      ...(action === "unmonitor-and-delete-files" ? kept.inSameFile : [])
    ]
    const externalId = externalIdOf(there)
    if (keys.length > 0) yield* setMonitored(yield* byKeys(there.seriesId, kept, keys), true)
    if (!stripsFiles(action)) return { externalId }
    return yield* searchFor(upstream, api, externalId, { name: "EpisodeSearch", episodeIds: [there.episode.id] })
  })

  /** It exists, and is monitored as before: its file comes later. If it was not monitored, only its file shows that it is back. */
  const isBack = Effect.fnUntraced(function* (kept: typeof EpisodeRestore.Type, action: RemovalAction, showOf: ShowOf) {
    const there = yield* found(kept, showOf)
    if (there === null) return null
    const { hasFile, monitored } = there.episode
    const isSame = !unmonitors(action) || (kept.monitored ? monitored !== false : hasFile === true)
    return isSame ? { externalId: externalIdOf(there) } : null
  })

  return { presence, remove, putBack, restore, isBack }
}

/** Whether an episode is still at the place in its show that its title named. */
const isAtPlace = (named: string, series: string, episode: Episode): boolean => {
  const place = titleOfEpisode(series, placeOf(episode, null))
  const code = place.slice(series.length)
  return named.includes(`${code} - `) || named.endsWith(code)
}

const placeOf = (episode: Episode, title: string | null) => {
  const airsAt = airDateIn(episode)
  return {
    seasonNumber: episode.seasonNumber,
    number: episode.episodeNumber ?? null,
    title,
    ...(airsAt === undefined ? {} : { airsAt })
  }
}
