/**
 * Episodes whose monitored flag differs from that of their season. When the flag of a season changes, the flags of all
 * its episodes change with it, and when a show is added again, its episodes follow their seasons. So the flags of
 * single episodes are stored, under numbers that outlast their ids, and restored.
 */
import { Array as Arr, Effect, Schedule, Schema } from "effect"
import { UpstreamMalformed } from "../../../UpstreamErrors.ts"
import { maybe } from "../../Lenient.ts"
import { positiveOrNull } from "../../Values.ts"
import type { ArrAccess } from "../Arr.ts"

/** Episodes of one season that were monitored while the season was not, or vice versa. */
const OddEpisodes = Schema.Struct({
  seasonNumber: Schema.Int,
  /** The flag of the episodes. */
  monitored: Schema.Boolean,
  /** As `keyOf` names them. */
  episodes: Schema.Array(Schema.String)
})
type OddEpisodes = typeof OddEpisodes.Type

/** Stored for a restore. Data stored by older versions does not contain it. */
export const oddEpisodes = { episodes: Schema.optionalKey(Schema.Array(OddEpisodes)) }

const Episode = Schema.Struct({
  id: Schema.Int,
  seasonNumber: Schema.Int,
  episodeNumber: maybe(Schema.Int),
  tvdbId: maybe(Schema.Int),
  monitored: maybe(Schema.Boolean)
})
type Episode = typeof Episode.Type

/**
 * Its episode number, or if the application does not number episodes, its id at the provider; `null` = it has no
 * lasting identifier.
 */
export const keyOf = ({ episodeNumber, tvdbId }: Pick<Episode, "episodeNumber" | "tvdbId">): string | null =>
  typeof episodeNumber === "number"
    ? String(episodeNumber)
    : positiveOrNull(tvdbId) === null
      ? null
      : `tvdb:${String(tvdbId)}`

/**
 * A show that was just added has no episodes until the application has queried its provider: retries for about 30 s.
 */
const untilRefreshed = Schedule.upTo(Schedule.spaced("2 seconds"), { times: 15 })

/** Ids per request: an application may pass them on to its database as they are. */
const idsAtOnce = 500

export const singleEpisodes = ({ application: { api }, integration, upstream }: ArrAccess) => {
  const path = `${api}/episode`

  const list = Effect.fnUntraced(function* (seriesId: number, seasonNumber: number | null) {
    const query = { seriesId, ...(seasonNumber === null ? {} : { seasonNumber }) }
    const all = yield* upstream.getArray(path, Episode, { query })
    return seasonNumber === null ? all : all.filter((episode) => episode.seasonNumber === seasonNumber)
  })

  const set = Effect.fnUntraced(function* (
    episodes: ReadonlyArray<Episode>,
    monitored: boolean,
    { destroys = false }: { readonly destroys?: boolean } = {}
  ) {
    const ids = episodes.filter((episode) => episode.monitored !== monitored).map(({ id }) => id)
    for (const episodeIds of Arr.chunksOf(ids, idsAtOnce)) {
      yield* upstream.send("PUT", `${path}/monitor`, { json: { episodeIds, monitored }, destroys })
    }
  })

  /** The data to store for a show, or for one of its seasons. */
  const odd = Effect.fnUntraced(function* (
    series: { readonly id: number; readonly seasons: ReadonlyMap<number, boolean> },
    seasonNumber: number | null
  ) {
    const kept: Array<OddEpisodes> = []
    const all = yield* list(series.id, seasonNumber)
    for (const [number, monitored] of series.seasons) {
      const own = all.filter(
        (episode) => episode.seasonNumber === number && (episode.monitored ?? monitored) !== monitored
      )
      const keys = own.flatMap((episode) => keyOf(episode) ?? [])
      if (keys.length < own.length) {
        const detail = `an episode of season ${number} that is ${monitored ? "not " : ""}wanted on its own has no number`
        return yield* new UpstreamMalformed({ integration, call: `GET ${path}`, detail })
      }
      if (keys.length > 0) kept.push({ seasonNumber: number, monitored: !monitored, episodes: keys })
    }
    return kept
  })

  /**
   * The episodes among `all` that `kept` refers to, with the flag that each should have, and the names of missing ones.
   */
  const match = (kept: ReadonlyArray<OddEpisodes>, all: ReadonlyArray<Episode>) => {
    const byName = new Map(all.map((episode) => [`${episode.seasonNumber}:${String(keyOf(episode))}`, episode]))
    const wanted = kept.flatMap(({ episodes, monitored, seasonNumber }) =>
      episodes.map((key) => ({ key, monitored, seasonNumber, episode: byName.get(`${seasonNumber}:${key}`) }))
    )
    return {
      set: (monitored: boolean) => wanted.flatMap((one) => (one.monitored === monitored ? (one.episode ?? []) : [])),
      missing: wanted
        .filter(({ episode }) => episode === undefined)
        .map(({ key, seasonNumber }) => `season ${seasonNumber} episode ${key}`)
    }
  }

  const setBoth = (matched: ReturnType<typeof match>) =>
    Effect.andThen(set(matched.set(false), false), set(matched.set(true), true))

  const listOf = (seriesId: number, kept: ReadonlyArray<OddEpisodes>) => {
    const [only, ...others] = kept
    return list(seriesId, only !== undefined && others.length === 0 ? only.seasonNumber : null)
  }

  return {
    odd,
    /** Unmonitors those of a season that are monitored although the season is not. */
    unmonitor: (seriesId: number, seasonNumber: number, how: { readonly destroys: boolean }) =>
      Effect.flatMap(list(seriesId, seasonNumber), (all) => set(all, false, how)),
    /** Restores the flags of existing episodes. */
    putBack: (seriesId: number, kept: ReadonlyArray<OddEpisodes>) =>
      kept.length === 0 ? Effect.void : Effect.flatMap(listOf(seriesId, kept), (all) => setBoth(match(kept, all))),
    /**
     * Sets the flags once all of the episodes exist. Returns why no search may be started, `null` if everything was
     * restored: an episode that did not appear in time would be searched for although it was not monitored.
     */
    setWhenThere: Effect.fnUntraced(function* (seriesId: number, kept: ReadonlyArray<OddEpisodes>) {
      if (kept.length === 0) return null
      const matched = yield* Effect.map(listOf(seriesId, kept), (all) => match(kept, all)).pipe(
        Effect.repeat({ schedule: untilRefreshed, until: ({ missing }) => missing.length === 0 })
      )
      yield* setBoth(matched)
      const { missing } = matched
      if (missing.length === 0) return null
      const more = missing.length > mostNames ? ` and ${missing.length - mostNames} more` : ""
      return `episodes that were wanted, or not, apart from their season are not there yet: ${missing.slice(0, mostNames).join(", ")}${more}`
    })
  }
}

const mostNames = 5
