/**
 * The play history of a Plex server over all accounts, counted per movie, show and season, and what is being played
 * now. A row of the history is a complete play: Plex writes it when it would mark the video as watched. Plays that were
 * only begun are recorded in the entries themselves.
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
import { isoOfSeconds, lastingIdOf, positiveOrNull, serverKeyIn, shareOf, textOrNull, yearOf } from "../Values.ts"
import type { HistoryRow, SessionRow } from "./Container.ts"
import { viewersOf } from "./Owner.ts"
import { historyPath, type PlexReads, type PlexServer, sessionsPath } from "./PlexServer.ts"

export const readPlayback = Effect.fn("Plex.readPlayback")(function* (
  plex: PlexServer,
  progress: Progress,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  const server = plex.reads(odd)
  return yield* counted(server, yield* server.history(progress), odd, allMeant)
})

/** The plays of these entries, and whether one of them is being played. */
export const rereadPlayback = Effect.fn("Plex.rereadPlayback")(function* (
  plex: PlexServer,
  entries: ReadonlyArray<EntryKeys>,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  const server = plex.reads(odd)
  const keys = [...keysOfKind(entries, "movie"), ...keysOfKind(entries, "show")]
  const histories = yield* Effect.forEach(keys, server.historyOf)
  return yield* counted(server, histories.flat(), odd, meantBy(entries))
})

const counted = Effect.fnUntraced(function* (
  server: PlexReads,
  history: ReadonlyArray<HistoryRow>,
  odd: OddRecords,
  isMeant: IsMeant
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  const viewerOf = viewersOf(yield* server.accounts)
  const sessions = yield* server.sessions
  const now = yield* nowIso
  const seasonOf = learnSeasons([...history, ...sessions], (row) => ({
    key: keyIn(row.parentRatingKey, row.parentKey),
    number: row.parentIndex
  }))
  const tally = yield* PlayTally.make
  const count = (row: HistoryRow | SessionRow, played: Played | null, play: Play, list: string, place: number) => {
    const isMovie = typeOf(row) === "movie"
    if (played === null) return odd.noteUnidentified(`GET ${list}`, place, "it has neither a key nor a title")
    if (!isMeant(isMovie ? "movie" : "show", played)) return
    if (isMovie) tally.movie(played, play)
    else tally.episode(played, seasonOf(row), play)
  }
  let place = -1
  yield* forEachWithPauses(history, (row) => {
    place++
    if (!isVideo(row)) return
    const play = {
      ...viewerOf(row.accountID),
      at: isoOfSeconds(row.viewedAt),
      listed: true as const,
      seen: true,
      episode: keyIn(row.ratingKey, row.key),
      number: row.index ?? null
    }
    count(
      row,
      playedIn(row, typeOf(row) === "movie" ? yearOf(row.originallyAvailableAt) : null),
      play,
      historyPath,
      place
    )
  })
  for (const [position, row] of sessions.entries()) {
    // A broadcast is not an entry of a library.
    if (!isVideo(row) || row.live === true) continue
    const share = shareOf(row.viewOffset, row.duration)
    const user = row.User?.[0]
    const play = {
      ...viewerOf(user?.id, user?.title),
      at: now,
      listed: true as const,
      seen: false,
      playing: true,
      episode: keyIn(row.ratingKey, row.key),
      number: row.index ?? null,
      ...(share === null ? {} : { share })
    }
    count(row, playedIn(row, typeOf(row) === "movie" ? positiveOrNull(row.year) : null), play, sessionsPath, position)
  }
  return yield* tally.result()
})

const isVideo = (row: HistoryRow | SessionRow): boolean => typeOf(row) === "movie" || typeOf(row) === "episode"

/** The type of a row. A row without a type may be a video as well. */
const typeOf = (row: HistoryRow | SessionRow): string => {
  if (row.type !== null && row.type !== undefined) return row.type
  const show = keyIn(row.grandparentRatingKey, row.grandparentKey) ?? row.grandparentTitle ?? null
  return show === null ? "movie" : "episode"
}

/** The movie, or the show of an episode; `null` if a row contains neither its key nor its title. */
const playedIn = (row: HistoryRow | SessionRow, year: number | null): Played | null => {
  const isMovie = typeOf(row) === "movie"
  const key = isMovie ? keyIn(row.ratingKey, row.key) : keyIn(row.grandparentRatingKey, row.grandparentKey)
  const title = textOrNull(isMovie ? row.title : row.grandparentTitle)
  if (key === null && title === null) return null
  // Something that is being played now has its current key.
  const guid = "viewedAt" in row ? lastingIdOf(isMovie ? row.guid : row.grandparentGuid) : null
  return { key: key ?? noKey, guid, title, year }
}

/** A rating key, given as such or in a path. */
const keyIn = (ratingKey: string | null | undefined, path: string | null | undefined): string | null =>
  ratingKey ?? serverKeyIn(path)
