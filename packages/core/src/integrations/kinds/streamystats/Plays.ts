/** All plays in the backup of Streamystats, one row for each play, those that Jellyfin only has a mark of included. */
import { Effect, Schema } from "effect"
import type { Progress } from "../../Kind.ts"
import type { PlaybackEntry } from "../../Observations.ts"
import type { OddRecords } from "../../OddRecords.ts"
import { forEachWithPauses } from "../../Pauses.ts"
import type { Upstream } from "../../Upstream.ts"
import { type UpstreamError, UpstreamMalformed } from "../../UpstreamErrors.ts"
import { LenientBoolean, LenientNumber, LenientString, maybe } from "../Lenient.ts"
import { learnSeasons, noKey, type Play, PlayTally } from "../PlayTally.ts"
import { isoOrNull, serverAccount, shareOf, textOrNull } from "../Values.ts"

const text = Schema.optionalKey(LenientString)
const number = Schema.optionalKey(LenientNumber)

const Backup = Schema.Struct({
  counts: Schema.Struct({ sessions: Schema.Int }),
  sessions: Schema.Array(Schema.Unknown)
})

/** What was played, as Jellyfin described it at the time. Imported plays do not contain it. */
const Session = Schema.Struct({
  NowPlayingItem: maybe(Schema.Struct({ Type: text, ParentIndexNumber: number, IndexNumber: number }))
})

const SessionRow = Schema.Struct({
  id: text,
  /** `null` if the account no longer exists. */
  userId: text,
  userName: text,
  /** The movie or the episode; `null` if the item no longer exists. */
  itemId: text,
  itemName: text,
  seriesId: text,
  seriesName: text,
  seasonId: text,
  /** Seconds. */
  playDuration: number,
  startTime: text,
  endTime: text,
  /** 0..100. */
  percentComplete: number,
  completed: maybe(LenientBoolean),
  /** It was marked as played in Jellyfin, without a play that Streamystats has seen. */
  isInferred: maybe(LenientBoolean),
  rawData: maybe(Schema.Unknown)
})
type SessionRow = typeof SessionRow.Type

export interface PlaysOf {
  readonly upstream: Upstream
  readonly integration: string
  readonly serverId: string
}

export const readPlays = Effect.fn("Streamystats.readPlays")(function* (
  { integration, serverId, upstream }: PlaysOf,
  progress: Progress,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  const path = `api/export/${encodeURIComponent(serverId)}`
  const call = `GET ${path}`
  const { head, rows } = yield* upstream.getPage(
    path,
    { head: Backup, rowsOf: ({ sessions }) => sessions, row: SessionRow },
    { timeoutMillis: 300_000, odd }
  )
  const { counts, sessions } = head
  if (counts.sessions !== sessions.length) {
    const detail = `it announces ${counts.sessions} plays and contains ${sessions.length}`
    return yield* new UpstreamMalformed({ integration, call, detail })
  }
  const seasonOf = learnSeasons(rows, (row) => ({ key: row.seasonId, number: itemIn(row)?.ParentIndexNumber }))
  const tally = yield* PlayTally.make
  let place = -1
  yield* forEachWithPauses(rows, (row) => {
    place++
    const item = itemIn(row)
    const isEpisode =
      textOrNull(row.seriesId) !== null || textOrNull(row.seriesName) !== null || item?.Type === "Episode"
    const key = textOrNull(isEpisode ? row.seriesId : row.itemId)
    const title = textOrNull(isEpisode ? row.seriesName : row.itemName)
    if (key === null && title === null) {
      odd.noteUnidentified(call, place, "it has neither a key nor a title")
      return
    }
    const played = { key: key ?? noKey, title }
    // A song has the same form as a movie, but no movie has its key.
    if (isEpisode) tally.episode(played, seasonOf(row), playIn(row))
    else tally.movie(played, playIn(row))
  })
  yield* progress(rows.length, counts.sessions)
  return yield* tally.result()
})

const playIn = (row: SessionRow): Play => {
  const id = textOrNull(row.userId)
  const user = textOrNull(row.userName) ?? id ?? "unknown"
  const marked = row.isInferred === true
  const share = shareOf(row.percentComplete, 100)
  return {
    user,
    ...(id === null || id === user ? {} : { names: [id] }),
    ...serverAccount(id, textOrNull(row.userName)),
    at: isoOrNull(row.endTime) ?? isoOrNull(row.startTime),
    // The date of a mark is not that of a first play.
    ...(marked ? {} : { listed: true as const }),
    ...(marked ? { seen: true } : row.completed === null || row.completed === undefined ? {} : { seen: row.completed }),
    ...(share === null || marked ? {} : { share }),
    ...(typeof row.playDuration === "number" && row.playDuration >= 0 && !marked ? { seconds: row.playDuration } : {}),
    marked,
    episode: textOrNull(row.itemId) ?? textOrNull(row.itemName),
    number: itemIn(row)?.IndexNumber ?? null
  }
}

const isSession = Schema.decodeUnknownOption(Session)

const itemIn = ({ rawData }: SessionRow) => {
  const session = isSession(rawData)
  return session._tag === "Some" ? (session.value.NowPlayingItem ?? null) : null
}
