/**
 * Counts plays row by row into entries per movie, per show and per season, over all viewers, with the last play of
 * each, and with how much of it each viewer has watched to its end.
 */
import type { PlaybackEntry, ViewerObservation } from "../Observations.ts"

export interface Play {
  /** Who played it; the name that is shown. */
  readonly user: string
  /** Further names of the same person: login, mail, id. */
  readonly names?: ReadonlyArray<string>
  /** ISO-8601 UTC, or `null` when the source does not say. */
  readonly at: string | null
  /** How often, where one row stands for several plays; 1 where absent. */
  readonly times?: number
  /** Whether the source calls what was played watched; absent where it does not tell watched from begun. */
  readonly seen?: boolean
  /** Share that was played, 0..1, where the source tells it. */
  readonly share?: number
  /** It is being played now. */
  readonly playing?: boolean
  /** The episode, by anything that tells the episodes of its show apart. Without it every watched row is another one. */
  readonly episode?: string | null
}

/** What was played, beside the key of the server: what may tell that key from another one. */
export interface Played {
  readonly key: string
  /** The lasting id of the movie or of the show. */
  readonly guid?: string | null
  readonly title?: string | null
  readonly year?: number | null
}

interface Count {
  plays: number
  lastPlayedAt: string | null
  undated: boolean
}

interface Viewer extends Count {
  readonly names: Set<string>
  /** What was watched to its end: episodes, or the movie itself. `null` = no row tells. */
  seen: Set<string> | null
  lastSeenAt: string | null
  furthest: number | null
}

interface Entry extends Count {
  readonly kind: PlaybackEntry["kind"]
  readonly played: Played
  readonly seasonNumber: number | null
  playing: boolean
  readonly viewers: Map<string, Viewer>
}

export class PlayTally {
  private readonly entries = new Map<string, Entry>()
  private rows = 0

  movie(played: Played, play: Play): void {
    this.rows++
    this.count("movie", played, null, play)
  }

  /** `seasonNumber` is `null` when the row does not tell it; the show counts all the same. */
  episode(show: Played, seasonNumber: number | null, play: Play): void {
    this.rows++
    // How far an episode was played says nothing about its season.
    const { share: _, ...counted } = play
    this.count("show", show, null, counted)
    if (seasonNumber !== null) this.count("season", show, seasonNumber, counted)
  }

  result(): ReadonlyArray<PlaybackEntry> {
    return [...this.entries.values()].map((entry): PlaybackEntry => ({
      kind: entry.kind,
      serverItemId: entry.played.key,
      ...(isTold(entry.played.guid) ? { guid: entry.played.guid } : {}),
      ...(isTold(entry.played.title) ? { title: entry.played.title } : {}),
      ...(isTold(entry.played.year) ? { year: entry.played.year } : {}),
      seasonNumber: entry.seasonNumber,
      plays: entry.plays,
      lastPlayedAt: entry.lastPlayedAt,
      ...(entry.undated ? { undated: true } : {}),
      ...(entry.playing ? { playing: true } : {}),
      users: [...entry.viewers].map(([name, viewer]) => observationOf(name, viewer))
    }))
  }

  private count(kind: Entry["kind"], played: Played, seasonNumber: number | null, play: Play): void {
    // One key that stood for two things in the course of time is two entries.
    const key = `${kind}|${played.key}|${played.guid ?? played.title ?? ""}|${seasonNumber ?? ""}`
    const entry = this.entries.get(key) ?? {
      kind,
      played,
      seasonNumber,
      ...nothing,
      playing: false,
      viewers: new Map<string, Viewer>()
    }
    const viewer = entry.viewers.get(play.user) ?? {
      ...nothing,
      names: new Set<string>(),
      seen: null,
      lastSeenAt: null,
      furthest: null
    }
    for (const count of [entry, viewer]) addTo(count, play)
    for (const name of play.names ?? []) if (name !== play.user) viewer.names.add(name)
    if (play.playing === true) entry.playing = true
    if (play.seen !== undefined) {
      viewer.seen ??= new Set()
      if (play.seen) {
        viewer.seen.add(kind === "movie" ? "" : (play.episode ?? `row ${this.rows}`))
        if (play.at !== null && (viewer.lastSeenAt === null || play.at > viewer.lastSeenAt)) viewer.lastSeenAt = play.at
      }
    }
    if (play.share !== undefined) viewer.furthest = Math.max(viewer.furthest ?? 0, play.share)
    entry.viewers.set(play.user, viewer)
    this.entries.set(key, entry)
  }
}

const nothing: Count = { plays: 0, lastPlayedAt: null, undated: false }

const addTo = (count: Count, { at, times = 1 }: Play): void => {
  count.plays += times
  if (at === null) count.undated = true
  else if (count.lastPlayedAt === null || at > count.lastPlayedAt) count.lastPlayedAt = at
}

const observationOf = (name: string, viewer: Viewer): ViewerObservation => ({
  name,
  ...(viewer.names.size === 0 ? {} : { names: [...viewer.names] }),
  plays: viewer.plays,
  lastPlayedAt: viewer.lastPlayedAt,
  ...(viewer.undated ? { undated: true } : {}),
  ...(viewer.seen === null ? {} : { seen: viewer.seen.size, lastSeenAt: viewer.lastSeenAt }),
  ...(viewer.furthest === null ? {} : { furthest: viewer.furthest })
})

const isTold = <A>(value: A | null | undefined): value is A => value !== null && value !== undefined

/** The number of a row's season: its own, or what other rows tell of the same season. Some rows know only the key. */
export const learnSeasons = <Row>(
  rows: ReadonlyArray<Row>,
  seasonOf: (row: Row) => { readonly key: string | null | undefined; readonly number: number | null | undefined }
): ((row: Row) => number | null) => {
  const numbers = new Map<string, number>()
  for (const row of rows) {
    const { key, number } = seasonOf(row)
    if (typeof key === "string" && typeof number === "number") numbers.set(key, number)
  }
  return (row) => {
    const { key, number } = seasonOf(row)
    return number ?? numbers.get(key ?? "") ?? null
  }
}
