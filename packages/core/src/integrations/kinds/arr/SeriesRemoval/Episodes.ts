/**
 * Episodes that are wanted or not on their own, whatever their season is. A season's flag takes all its episodes along when
 * it changes, and a show that is added anew has its episodes follow their seasons: what was said of single ones is kept, by
 * numbers that outlast their ids, and set again.
 */
import { Array as Arr, Effect, Schedule, Schema } from "effect"
import { UpstreamMalformed } from "../../../UpstreamErrors.ts"
import { maybe } from "../../Lenient.ts"
import { positiveOrNull } from "../../Values.ts"
import type { ArrAccess } from "../Arr.ts"

/** Those of one season that were wanted while it was not, or the other way round. */
const OddEpisodes = Schema.Struct({
  seasonNumber: Schema.Int,
  /** Their own flag. */
  monitored: Schema.Boolean,
  /** As `keyOf` names them. */
  episodes: Schema.Array(Schema.String)
})
type OddEpisodes = typeof OddEpisodes.Type

/** What a restore keeps of them. What was kept by older versions does not say. */
export const oddEpisodes = { episodes: Schema.optionalKey(Schema.Array(OddEpisodes)) }

const Episode = Schema.Struct({
  id: Schema.Int,
  seasonNumber: Schema.Int,
  episodeNumber: maybe(Schema.Int),
  tvdbId: maybe(Schema.Int),
  monitored: maybe(Schema.Boolean)
})
type Episode = typeof Episode.Type

/** Its number, or where the application counts no episodes, what its provider calls it; `null` = it has no lasting name. */
const keyOf = ({ episodeNumber, tvdbId }: Episode): string | null =>
  typeof episodeNumber === "number"
    ? String(episodeNumber)
    : positiveOrNull(tvdbId) === null
      ? null
      : `tvdb:${String(tvdbId)}`

/** A show that was just added has no episodes until the application has asked its provider: some 30 s of asking for them. */
const untilRefreshed = Schedule.upTo(Schedule.spaced("2 seconds"), { times: 15 })

/** Ids in one request: an application may hand them to its database as they come. */
const idsAtOnce = 500

export const singleEpisodes = ({ application: { api }, integration, upstream }: ArrAccess) => {
  const path = `${api}/episode`

  const list = Effect.fnUntraced(function* (seriesId: number, seasonNumber: number | null) {
    const query = { seriesId, ...(seasonNumber === null ? {} : { seasonNumber }) }
    const all = yield* upstream.getArray(path, Episode, { query })
    return seasonNumber === null ? all : all.filter((episode) => episode.seasonNumber === seasonNumber)
  })

  const set = Effect.fnUntraced(function* (episodes: ReadonlyArray<Episode>, monitored: boolean) {
    const ids = episodes.filter((episode) => episode.monitored !== monitored).map(({ id }) => id)
    for (const episodeIds of Arr.chunksOf(ids, idsAtOnce)) {
      yield* upstream.send("PUT", `${path}/monitor`, { json: { episodeIds, monitored } })
    }
  })

  /** What to keep of a show, or of one of its seasons. */
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

  /** Those that are meant by `kept` among `all`, with the flag that each is to have, and the names of those that are not there. */
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
    /** Those of a season that are wanted although it is not. */
    unmonitor: (seriesId: number, seasonNumber: number) =>
      Effect.flatMap(list(seriesId, seasonNumber), (all) => set(all, false)),
    /** Sets the flags of those that are there. */
    putBack: (seriesId: number, kept: ReadonlyArray<OddEpisodes>) =>
      kept.length === 0 ? Effect.void : Effect.flatMap(listOf(seriesId, kept), (all) => setBoth(match(kept, all))),
    /**
     * Sets the flags as soon as all of them are there. Answers why no search may be sent, `null` where all is as it was: what
     * did not appear in time would be searched for although nobody wants it.
     */
    setWhenThere: Effect.fnUntraced(function* (seriesId: number, kept: ReadonlyArray<OddEpisodes>) {
      if (kept.length === 0) return null
      const matched = yield* Effect.map(listOf(seriesId, kept), (all) => match(kept, all)).pipe(
        Effect.repeat({ schedule: untilRefreshed, until: ({ missing }) => missing.length === 0 })
      )
      yield* setBoth(matched)
      const { missing } = matched
      if (missing.length === 0) return null
      const more = missing.length > namesTold ? ` and ${missing.length - namesTold} more` : ""
      return `episodes that were wanted, or not, apart from their season are not there yet: ${missing.slice(0, namesTold).join(", ")}${more}`
    })
  }
}

const namesTold = 5
