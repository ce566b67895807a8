/** State per user of a simulated Jellyfin or Emby: play counts, last plays, and favourites. */
import type { SandboxWorld } from "../../SandboxWorld.ts"
import { hasBit } from "../../world/Masks.ts"
import type { Person, Play, SeasonRecord } from "../../world/WorldModel.ts"
import { episodeKey, keysOf, type PlexEntry, stateOf } from "../plex/PlexKeys.ts"
import { type AppContext, playsOn } from "../SandboxApp.ts"
import { keyOfEntry, type MediaBrowserKeys } from "./MediaBrowserKeys.ts"

interface Viewing {
  count: number
  lastAt: number
  played: boolean
  /** Share of the last play, 0..1, if it did not reach the end. */
  position: number
}

export interface UserData {
  readonly answer: (person: Person, entry: PlexEntry) => Record<string, unknown>
  readonly isFavourite: (person: Person, entry: PlexEntry) => boolean
  readonly mark: (person: Person, entry: PlexEntry, isFavourite: boolean) => void
  readonly isPlayed: (person: Person, entry: PlexEntry) => boolean
}

export const makeUserData = (context: AppContext, keys: MediaBrowserKeys, kind: string): UserData => {
  const { world } = context
  const marks = new Map<string, boolean>()
  let revision = -1
  let viewings = new Map<Person, Map<number, Viewing>>()

  const viewingsOf = (person: Person): ReadonlyMap<number, Viewing> => {
    if (revision !== world.revision) {
      revision = world.revision
      viewings = gather(world, playsOn(context, kind))
    }
    return viewings.get(person) ?? new Map()
  }

  const markKey = (person: Person, entry: PlexEntry) => `${person.accountId}/${keyOfEntry(entry)}`

  // Marit's favourites are the titles that carry her label; everyone else's are those they mark.
  const isFavourite = (person: Person, entry: PlexEntry): boolean =>
    marks.get(markKey(person, entry)) ??
    ((entry.type === "movie" || entry.type === "show") &&
      person.accountId === 1 &&
      stateOf(entry).labels.has("Marit's"))

  const counts = (person: Person, seasons: ReadonlyArray<SeasonRecord>) => {
    const own = viewingsOf(person)
    let [unplayed, total] = [0, 0]
    for (const season of seasons) {
      for (let episode = 1; episode <= season.work.aired; episode++) {
        if (!hasBit(season.files, episode)) continue
        total++
        if (own.get(episodeKey(season, episode))?.played !== true) unplayed++
      }
    }
    return { unplayed, total }
  }

  const isPlayed = (person: Person, entry: PlexEntry): boolean => {
    if (entry.type === "show") return counts(person, entry.show.seasons).unplayed === 0
    if (entry.type === "season") return counts(person, [entry.season]).unplayed === 0
    return viewingsOf(person).get(keyOfEntry(entry))?.played === true
  }

  return {
    isFavourite,
    isPlayed,
    mark: (person, entry, value) => {
      marks.set(markKey(person, entry), value)
      world.revision++
    },
    answer: (person, entry) => {
      const id = keys.item(keyOfEntry(entry))
      const common = { IsFavorite: isFavourite(person, entry), Key: id, ItemId: id }
      if (entry.type === "show" || entry.type === "season") {
        // Seasons and shows have no play count of their own.
        const { total, unplayed } = counts(person, entry.type === "show" ? entry.show.seasons : [entry.season])
        return {
          PlayedPercentage: total === 0 ? 0 : ((total - unplayed) * 100) / total,
          UnplayedItemCount: unplayed,
          PlaybackPositionTicks: 0,
          PlayCount: 0,
          ...common,
          Played: unplayed === 0
        }
      }
      const viewing = viewingsOf(person).get(keyOfEntry(entry))
      const minutes = (entry.type === "movie" ? entry.movie.work : entry.season.show.work).runtimeMinutes
      return {
        PlaybackPositionTicks: Math.round((viewing?.position ?? 0) * minutes * 60) * 10_000_000,
        PlayCount: viewing?.count ?? 0,
        ...common,
        ...(viewing === undefined ? {} : { LastPlayedDate: world.iso(viewing.lastAt) }),
        Played: viewing?.played ?? false
      }
    }
  }
}

/** Plays are in order of time, so the last one determines the resume position. */
const gather = (world: SandboxWorld, plays: ReadonlyArray<Play>): Map<Person, Map<number, Viewing>> => {
  const viewings = new Map<Person, Map<number, Viewing>>(world.people.map((person) => [person, new Map()]))
  for (const play of plays) {
    const [key] = keysOf(play)
    const own = viewings.get(play.person)
    if (key === undefined || own === undefined) continue
    const before = own.get(key)
    const ended = play.percent >= 90
    own.set(key, {
      count: (before?.count ?? 0) + 1,
      lastAt: play.startedAt + play.durationSeconds * 1000,
      played: (before?.played ?? false) || ended,
      position: ended ? 0 : play.percent / 100
    })
  }
  return viewings
}
