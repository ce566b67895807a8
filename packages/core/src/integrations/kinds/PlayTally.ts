/**
 * Counts plays row by row into entries per movie, show and season, over all viewers, with the last play of each, and
 * with how much of it each viewer has watched to the end. If somebody needs them, there are entries per episode too.
 */
import { Effect } from "effect"
import { EpisodePlays } from "../EpisodePlays.ts"
import type { PlaybackEntry, ServerAccount, ViewerObservation } from "../Observations.ts"
import { forEachWithPauses } from "../Pauses.ts"

export interface Play {
  /** The viewer's display name. */
  readonly user: string
  /** Further names of the same person: login, mail, id. */
  readonly names?: ReadonlyArray<string>
  /** The viewer's account, if the source identifies it. */
  readonly account?: ServerAccount
  /** ISO-8601 UTC, or `null` if the source does not report it. */
  readonly at: string | null
  /** The number of plays that one row stands for; 0 for a play that may already be counted. Default: 1. */
  readonly times?: number
  /** The source lists every play by itself, so that the first one in its list is the first one. */
  readonly listed?: true
  /** Whether the source counts it as watched; absent if it does not distinguish watched from begun. */
  readonly seen?: boolean
  /** The share that was played, 0..1, if the source reports it. */
  readonly share?: number
  /** How long it was played, without pauses, if the source reports it: over all plays that the row stands for. */
  readonly seconds?: number
  /** Whether it was only marked as watched by hand, without a play, if the source distinguishes that. */
  readonly marked?: boolean
  /** It is being played now. */
  readonly playing?: boolean
  /** Any identifier of the episode within its show. Without one, every watched row counts as a different episode. */
  readonly episode?: string | null
  /** The number of the episode in its season, if the source reports it. */
  readonly number?: number | null
}

/** What was played: the key of the server, and identifiers that can distinguish uses of that key. */
export interface Played {
  /** `noKey` if the row has none. */
  readonly key: string
  /** The lasting id of the movie or of the show. */
  readonly guid?: string | null
  readonly title?: string | null
  readonly year?: number | null
}

/** Used instead of a missing key, if what was played no longer exists. No server has this key. */
export const noKey = ""

interface Count {
  plays: number
  lastPlayedAt: string | null
  undated: boolean
}

interface Viewer extends Count {
  readonly name: string
  readonly names: Set<string>
  readonly account: ServerAccount | undefined
  /** `null` = the source does not list every play with its date. */
  firstPlayedAt: string | null | undefined
  /** What was watched to the end: episodes, or the movie itself. `null` = no row reports it. */
  seen: Set<string> | null
  lastSeenAt: string | null
  furthest: number | null
  /** One of the watched plays has no share. */
  shareUnknown: boolean
  /** `null` = one of the rows does not report it. */
  seconds: number | null
  /** `undefined` = no row yet, `null` = the source does not distinguish marks. */
  marked: number | null | undefined
}

interface Entry extends Count {
  readonly kind: PlaybackEntry["kind"]
  played: Played
  readonly seasonNumber: number | null
  readonly episodeNumber: number | null
  playing: boolean
  untold: string | null
  /** By account, or by name if the source does not identify accounts. */
  readonly viewers: Map<string, Viewer>
}

export class PlayTally {
  /** By key: a key that stood for two things over time has two entries. */
  private readonly entries = new Map<string, Array<Entry>>()
  private readonly perEpisode: boolean
  private rows = 0

  constructor(perEpisode = false) {
    this.perEpisode = perEpisode
  }

  /** Counts per episode if that was asked for. */
  static readonly make = Effect.map(EpisodePlays, (perEpisode) => new PlayTally(perEpisode))

  movie(played: Played, play: Play): void {
    this.rows++
    this.count("movie", played, null, play)
  }

  /** `seasonNumber` is `null` if the row does not contain it; the play may then belong to any season of the show. */
  episode(show: Played, seasonNumber: number | null, play: Play): void {
    this.rows++
    // The share of an episode that was played says nothing about its season.
    const { share: _, ...counted } = play
    this.count("show", show, null, counted)
    this.count("season", show, seasonNumber, counted)
    if (this.perEpisode) this.count("episode", show, seasonNumber, play)
  }

  /** There may be plays of a movie that the source could not report. */
  doubtMovie(played: Played, reason: string): void {
    this.entry("movie", played, null).untold ??= reason
  }

  /** The same for an episode: there may be plays of its season and of its show too. */
  doubtEpisode(show: Played, seasonNumber: number | null, reason: string, number: number | null = null): void {
    this.entry("show", show, null).untold ??= reason
    this.entry("season", show, seasonNumber).untold ??= reason
    if (this.perEpisode) this.entry("episode", show, seasonNumber, number).untold ??= reason
  }

  result(): Effect.Effect<ReadonlyArray<PlaybackEntry>> {
    const observations: Array<PlaybackEntry> = []
    return Effect.as(
      forEachWithPauses(
        [...this.entries.values()].flat(),
        (entry) => void observations.push(observed(entry, this.perEpisode))
      ),
      observations
    )
  }

  private entry(
    kind: Entry["kind"],
    played: Played,
    seasonNumber: number | null,
    episodeNumber: number | null = null
  ): Entry {
    const key = `${kind}|${played.key}|${seasonNumber ?? ""}|${episodeNumber ?? ""}`
    const namesakes = this.entries.get(key) ?? []
    const known = namesakes.find((one) => isSame(one.played, played))
    if (known !== undefined) {
      // Older rows about the same thing may contain less about it.
      if (!isPresent(known.played.guid) && isPresent(played.guid)) known.played = played
      return known
    }
    const entry: Entry = {
      kind,
      played,
      seasonNumber,
      episodeNumber,
      ...nothing,
      playing: false,
      untold: null,
      viewers: new Map<string, Viewer>()
    }
    namesakes.push(entry)
    this.entries.set(key, namesakes)
    return entry
  }

  private count(kind: Entry["kind"], played: Played, seasonNumber: number | null, play: Play): void {
    const entry = this.entry(kind, played, seasonNumber, kind === "episode" ? (play.number ?? null) : null)
    const key = play.account?.id ?? `name ${play.user}`
    const viewer: Viewer = entry.viewers.get(key) ?? {
      ...nothing,
      name: play.user,
      names: new Set<string>(),
      account: play.account,
      firstPlayedAt: undefined,
      seen: null,
      lastSeenAt: null,
      furthest: null,
      shareUnknown: false,
      seconds: 0,
      marked: undefined
    }
    for (const count of [entry, viewer]) addTo(count, play)
    for (const name of [play.user, ...(play.names ?? [])]) if (name !== viewer.name) viewer.names.add(name)
    viewer.firstPlayedAt = firstOf(viewer.firstPlayedAt, play)
    // What is being played now is no mark, and says nothing about others.
    if (play.playing !== true) {
      viewer.marked =
        viewer.marked === null || play.marked === undefined ? null : (viewer.marked ?? 0) + (play.marked ? 1 : 0)
    }
    viewer.seconds = viewer.seconds === null || play.seconds === undefined ? null : viewer.seconds + play.seconds
    if (play.playing === true) entry.playing = true
    if (play.seen !== undefined) {
      viewer.seen ??= new Set()
      if (play.seen) {
        viewer.seen.add(kind === "movie" || kind === "episode" ? "" : (play.episode ?? `row ${this.rows}`))
        if (play.at !== null && (viewer.lastSeenAt === null || play.at > viewer.lastSeenAt)) viewer.lastSeenAt = play.at
      }
    }
    if (play.seen === true && play.share === undefined) viewer.shareUnknown = true
    if (play.share !== undefined) viewer.furthest = Math.max(viewer.furthest ?? 0, play.share)
    entry.viewers.set(key, viewer)
  }
}

const nothing: Count = { plays: 0, lastPlayedAt: null, undated: false }

const addTo = (count: Count, { at, times = 1 }: Play): void => {
  count.plays += times
  if (at === null) count.undated = true
  else if (count.lastPlayedAt === null || at > count.lastPlayedAt) count.lastPlayedAt = at
}

const firstOf = (before: string | null | undefined, { at, listed }: Play): string | null =>
  listed !== true || at === null || before === null ? null : before === undefined || at < before ? at : before

const observed = (entry: Entry, perEpisode: boolean): PlaybackEntry => ({
  kind: entry.kind,
  serverItemId: entry.played.key,
  ...(isPresent(entry.played.guid) ? { guid: entry.played.guid } : {}),
  ...(isPresent(entry.played.title) ? { title: entry.played.title } : {}),
  ...(isPresent(entry.played.year) ? { year: entry.played.year } : {}),
  seasonNumber: entry.seasonNumber,
  ...(entry.kind === "episode" ? { episodeNumber: entry.episodeNumber } : {}),
  ...(entry.kind === "show" && perEpisode ? { byEpisode: true } : {}),
  plays: Math.max(entry.plays, entry.viewers.size === 0 ? 0 : 1),
  lastPlayedAt: entry.lastPlayedAt,
  ...(entry.undated ? { undated: true } : {}),
  ...(entry.playing ? { playing: true } : {}),
  ...(entry.untold === null ? {} : { untold: entry.untold }),
  users: Array.from(entry.viewers.values(), observationOf)
})

const observationOf = (viewer: Viewer): ViewerObservation => ({
  name: viewer.name,
  ...(viewer.names.size === 0 ? {} : { names: [...viewer.names] }),
  ...(viewer.account === undefined ? {} : { account: viewer.account }),
  plays: Math.max(viewer.plays, 1),
  ...(typeof viewer.firstPlayedAt === "string" ? { firstPlayedAt: viewer.firstPlayedAt } : {}),
  lastPlayedAt: viewer.lastPlayedAt,
  ...(viewer.undated ? { undated: true } : {}),
  ...(viewer.seen === null ? {} : { seen: viewer.seen.size, lastSeenAt: viewer.lastSeenAt }),
  ...(viewer.furthest === null || viewer.shareUnknown ? {} : { furthest: viewer.furthest }),
  ...(viewer.seconds === null ? {} : { seconds: viewer.seconds }),
  ...(typeof viewer.marked === "number" ? { marked: viewer.marked } : {})
})

/** Whether two rows with the same key are about the same thing: by lasting id, else by title. */
const isSame = (one: Played, other: Played): boolean =>
  isPresent(one.guid) && isPresent(other.guid)
    ? one.guid === other.guid
    : !isPresent(one.title) || !isPresent(other.title) || one.title === other.title

const isPresent = <A>(value: A | null | undefined): value is A => value !== null && value !== undefined

/** The season number of a row: its own, or that of other rows of the same season. Some rows only contain the key. */
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
