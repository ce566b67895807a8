/**
 * The plays of the users of a Jellyfin or Emby server. There is no history: each movie and episode contains, per user,
 * the number of plays and the last one, which are counted per movie, show and season. Something that is being played
 * now counts as a play too.
 */
import { Effect } from "effect"
import { nowIso } from "../../../problems/Instants.ts"
import type { EntryKeys, Progress } from "../../Kind.ts"
import type { PlaybackEntry } from "../../Observations.ts"
import type { OddRecords } from "../../OddRecords.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { forEachWithPauses } from "../../Pauses.ts"
import { allMeant, type IsMeant, keysOfKind, meantBy } from "../Meant.ts"
import { learnSeasons, noKey, type Play, type Played, PlayTally } from "../PlayTally.ts"
import { isoOrNull, positiveOrNull, shareOf, textOrNull } from "../Values.ts"
import type { Session, User, UserItem } from "./Responses.ts"
import type { MediaBrowser } from "./MediaBrowser.ts"
import { personOf } from "./Person.ts"

export const readPlayback = Effect.fn("MediaBrowser.readPlayback")(function* (
  server: MediaBrowser,
  progress: Progress,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  let seen = 0
  return yield* counted(server, odd, allMeant, (user) => {
    const before = seen
    return Effect.tap(
      server.userItems(user.Id, (done) => progress(before + done, null)),
      (items) => Effect.sync(() => void (seen += items.length))
    )
  })
})

/** Each user's state of these movies, and of the episodes of these shows; and whether one of them is being played. */
export const rereadPlayback = Effect.fn("MediaBrowser.rereadPlayback")(function* (
  server: MediaBrowser,
  entries: ReadonlyArray<EntryKeys>,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  const episodes = yield* Effect.forEach(keysOfKind(entries, "show"), server.episodes)
  const keys = [...keysOfKind(entries, "movie"), ...episodes.flat()]
  return yield* counted(server, odd, meantBy(entries), (user) => server.userItemsWith(user.Id, keys))
})

const counted = Effect.fnUntraced(function* (
  server: MediaBrowser,
  odd: OddRecords,
  isMeant: IsMeant,
  itemsOf: (user: User) => Effect.Effect<ReadonlyArray<UserItem>, UpstreamError>
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  const tally = yield* PlayTally.make
  /** Movies and episodes with several files, by their keys. */
  const several = new Map<string, UserItem>()
  const users = yield* server.users
  for (const user of users) {
    const items = yield* itemsOf(user)
    const seasonOf = seasonsIn(items)
    yield* forEachWithPauses(items, (item) => {
      if (!isMeant(item.Type === "Movie" ? "movie" : "show", playedIn(item))) return
      if ((item.MediaSourceCount ?? 1) > 1) several.set(item.Id, item)
      countItem(tally, item, oddIn(odd, item), seasonOf(item), viewerOf(user.Id, user.Name))
    })
  }
  const primaries = yield* readVersions(server, several)
  const others = [...primaries.keys()]
  for (const user of others.length === 0 ? [] : users) {
    for (const version of yield* server.userItemsWith(user.Id, others)) {
      const item = primaries.get(version.Id)
      if (item === undefined) continue
      // Its plays count for the entry that it is a version of.
      const { IndexNumber = null, Type = null, SeriesId = null, SeriesName = null, ParentIndexNumber = null } = item
      const row = { ...version, Id: item.Id, Type, SeriesId, SeriesName, IndexNumber }
      countItem(tally, row, oddIn(odd, version), ParentIndexNumber, viewerOf(user.Id, user.Name))
    }
  }
  const now = yield* nowIso
  for (const [position, session] of (yield* server.sessions).entries()) {
    if (!countSession(tally, session, primaries, now, isMeant)) {
      odd.noteUnidentified("GET Sessions", position, "what is played there has neither a key nor a title")
    }
  }
  return yield* tally.result()
})

/** The movie, or the show of an episode. */
const playedIn = ({ Id, SeriesId, SeriesName, Type }: UserItem): Played => {
  if (Type === "Movie") return { key: Id }
  return SeriesId === null || SeriesId === undefined ? { key: noKey, title: textOrNull(SeriesName) } : { key: SeriesId }
}

const seasonsIn = (items: ReadonlyArray<UserItem>) =>
  learnSeasons(items, (item) => ({ key: item.SeasonId, number: item.ParentIndexNumber }))

/** The listed entry for each key of an unlisted version. The plays of each version are recorded separately. */
const readVersions = Effect.fnUntraced(function* (
  server: MediaBrowser,
  several: ReadonlyMap<string, UserItem>
): Effect.fn.Return<ReadonlyMap<string, UserItem>, UpstreamError> {
  const primaries = new Map<string, UserItem>()
  if (several.size === 0) return primaries
  for (const { Id, MediaSources } of yield* server.versions([...several.keys()])) {
    const item = several.get(Id)
    for (const source of MediaSources ?? []) {
      const key = source.Id ?? null
      if (item !== undefined && key !== null && !several.has(key)) primaries.set(key, item)
    }
  }
  return primaries
})

type Viewer = Pick<Play, "user" | "names" | "account">

const viewerOf = (id: string | null | undefined, name: string | null | undefined): Viewer => {
  const { name: user, ...person } = personOf(id, name)
  return { user, ...person }
}

/** Why a user's plays of an item are not known, or `null`; also recorded as a fault. */
const oddIn = (odd: OddRecords, item: UserItem): string | null => {
  const unread = odd.fieldsOf(item).find(({ path }) => path.startsWith("UserData"))
  if (unread === undefined) return null
  odd.note(`${item.Type ?? "entry"} ${item.Id}`, `${unread.path}: ${unread.detail}`)
  return `the field ${unread.path} could not be read (${unread.detail})`
}

const countItem = (
  tally: PlayTally,
  item: UserItem,
  odd: string | null,
  season: number | null,
  viewer: Viewer
): void => {
  const played = playedIn(item)
  const missing = odd ?? (item.UserData === null || item.UserData === undefined ? "the server omits it" : null)
  if (missing !== null) {
    const reason = `what ${viewer.user} has played is not known: ${missing}`
    if (item.Type === "Movie") tally.doubtMovie(played, reason)
    if (item.Type === "Episode") tally.doubtEpisode(played, season, reason, item.IndexNumber ?? null)
  }
  const times = timesPlayed(item)
  if (times === 0) return
  const data = item.UserData
  const position = positiveOrNull(data?.PlaybackPositionTicks)
  const share = position === null ? null : shareOf(position, item.RunTimeTicks)
  const seen = isSeen(item)
  const play: Play = {
    ...viewer,
    at: isoOrNull(data?.LastPlayedDate),
    times,
    ...(seen === null ? {} : { seen }),
    // If somebody has watched it and begun again, the reported share is that of the second time.
    ...(share === null || seen !== false ? {} : { share }),
    marked: data?.Played === true && (data.PlayCount ?? 0) === 0,
    episode: item.Id,
    number: item.IndexNumber ?? null
  }
  if (item.Type === "Movie") tally.movie(played, play)
  if (item.Type === "Episode") tally.episode(played, season, play)
}

/** Something that was marked as played by hand, or begun on another device, counts once even if no play was counted. */
const timesPlayed = ({ UserData: data }: UserItem): number => {
  const touched =
    data?.Played === true || (data?.PlaybackPositionTicks ?? 0) > 0 || isoOrNull(data?.LastPlayedDate) !== null
  return Math.max(data?.PlayCount ?? 0, touched ? 1 : 0)
}

/**
 * The mark is cleared when somebody begins again, so one of several plays without it may have been watched to the end.
 */
const isSeen = ({ UserData: data }: UserItem): boolean | null =>
  data?.Played === true ? true : (data?.PlayCount ?? 0) > 1 ? null : false

/** Returns whether it is known what is being played. */
const countSession = (
  tally: PlayTally,
  session: Session,
  primaries: ReadonlyMap<string, UserItem>,
  now: string,
  isMeant: IsMeant
): boolean => {
  const item = session.NowPlayingItem
  if (item === null || item === undefined) return true
  const isEpisode = item.Type === "Episode"
  if (!isEpisode && item.Type !== "Movie") return item.Type !== null && item.Type !== undefined
  const primary = primaries.get(item.Id ?? "")
  const own = primary?.Id ?? item.Id ?? null
  const key = isEpisode ? (item.SeriesId ?? null) : own
  const title = textOrNull(isEpisode ? item.SeriesName : item.Name)
  if (key === null && title === null) return false
  const year = isEpisode ? null : positiveOrNull(item.ProductionYear)
  const played = key === null ? { key: noKey, title, year } : { key }
  if (!isMeant(isEpisode ? "show" : "movie", played)) return true
  const share = shareOf(session.PlayState?.PositionTicks, item.RunTimeTicks)
  const people = [session, ...(session.AdditionalUsers ?? [])]
  for (const { UserId, UserName } of people) {
    const play: Play = {
      ...viewerOf(UserId, UserName),
      at: now,
      // It is already included in the plays of this user.
      times: 0,
      playing: true,
      ...(share === null ? {} : { share }),
      episode: own,
      number: item.IndexNumber ?? null
    }
    if (isEpisode) tally.episode(played, item.ParentIndexNumber ?? null, play)
    else tally.movie(played, play)
  }
  return true
}
