/**
 * Jellystat: the plays of a Jellyfin or Emby server, kept longer and counted better than the server does. Its keys are those
 * of that server, whose id stands with each library.
 */
import { Effect, Schema } from "effect"
import type { Connected, Kind, Progress } from "../Kind.ts"
import type { PlaybackEntry } from "../Observations.ts"
import type { Upstream } from "../Upstream.ts"
import type { UpstreamError } from "../UpstreamErrors.ts"
import { ApiKeyConfig, apiKeyField } from "./ApiKey.ts"
import { keySpaces } from "./KeySpaces.ts"
import { LenientBoolean, LenientKey, LenientNumber, LenientString } from "./Lenient.ts"
import { byPageNumber, readPages, totalOfPages } from "./Paging.ts"
import { forEachWithPauses } from "./Pauses.ts"
import { learnSeasons, PlayTally } from "./PlayTally.ts"
import { timedProbe } from "./Probing.ts"
import { distinctTexts, isoOrNull } from "./Values.ts"

/** Rows carry the streams of each single play, some ten kilobytes each. */
const pageSize = 500
const path = "api/getHistory"

export const jellystat: Kind<ApiKeyConfig> = {
  id: "jellystat",
  title: "Jellystat",
  description: "Watch statistics of a Jellyfin server. Its plays are joined to the libraries of that server.",
  capabilities: ["playback"],
  itemKinds: ["movie", "show", "season"],
  watches: [keySpaces.jellyfin, keySpaces.emby],
  fields: [apiKeyField("Made in Jellystat under Settings, API Keys.")],
  config: ApiKeyConfig,
  discovery: {
    defaultPort: 3000,
    hostNames: ["jellystat"],
    path: "auth/isConfigured",
    answer: String.raw`^\s*\{\s*"state"\s*:\s*[0-2]\b`
  },
  syncCost: {
    formula: `1 per ${pageSize} titles that somebody played, counted for each viewer, at least 1. The figure takes every play for another title`,
    calls: ({ plays }) => Math.max(1, Math.ceil(plays / pageSize))
  },
  connect: (door, connection): Connected => {
    const upstream = door.open({
      integration: connection.name,
      baseUrl: connection.url,
      headers: { "x-api-token": connection.config.apiKey }
    })
    return {
      // It tells its version only after asking the internet for a newer one.
      probe: timedProbe(
        Effect.map(upstream.getArray("api/getLibraries", Library), (libraries) => ({
          appName: "Jellystat",
          version: null,
          watches: { keySpace: null, identity: serverOfLibraries(libraries), name: null }
        }))
      ),
      read: { playback: (progress) => readPlayback(upstream, connection.name, progress) }
    }
  }
}

const text = Schema.optionalKey(LenientString)
const number = Schema.optionalKey(LenientNumber)

const Library = Schema.Struct({ ServerId: text, archived: Schema.optionalKey(LenientBoolean) })

/** The server that they all belong to; libraries that are gone from it are kept, and may be of an earlier one. */
const serverOfLibraries = (libraries: ReadonlyArray<typeof Library.Type>): string | null => {
  const ids = distinctTexts(libraries.filter(({ archived }) => archived !== true).map(({ ServerId }) => ServerId))
  return ids.length === 1 ? (ids[0] ?? null) : null
}

const HistoryPage = Schema.Struct({ pages: LenientNumber, results: Schema.Array(Schema.Unknown) })

/** All plays of one movie or episode by one user, with what the last of them was like. */
const HistoryRow = Schema.Struct({
  UserId: text,
  UserName: text,
  /** The movie, or the show of an episode. */
  NowPlayingItemId: LenientKey,
  /** Missing, `null` or "1" for what is no episode. */
  EpisodeId: text,
  SeasonId: text,
  SeasonNumber: number,
  SeriesName: text,
  ActivityDateInserted: text,
  TotalPlays: number
})
type HistoryRow = typeof HistoryRow.Type

const readPlayback = Effect.fn("Jellystat.readPlayback")(function* (
  upstream: Upstream,
  integration: string,
  progress: Progress
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  const rows = yield* readPages({
    integration,
    call: `GET ${path}`,
    pageSize,
    keyOf: (row: HistoryRow) => `${row.UserId}|${row.NowPlayingItemId}|${row.EpisodeId}`,
    progress,
    fetch: byPageNumber(pageSize, (page) => historyPage(upstream, page))
  })
  const seasonOf = learnSeasons(rows, (row) => ({ key: row.SeasonId, number: row.SeasonNumber }))
  const tally = new PlayTally()
  yield* forEachWithPauses(rows, (row) => {
    const play = {
      user: row.UserName ?? row.UserId ?? "unknown",
      at: isoOrNull(row.ActivityDateInserted),
      times: Math.max(1, row.TotalPlays ?? 1)
    }
    if (isEpisode(row)) tally.episode({ key: row.NowPlayingItemId }, seasonOf(row), play)
    // A song stands here as a movie does; no movie has its key.
    else tally.movie({ key: row.NowPlayingItemId }, play)
  })
  return tally.result()
})

/** The only order in which the answer's own index helps; a play that comes meanwhile makes the list be read again. */
const historyPage = (upstream: Upstream, page: number) =>
  upstream
    .getPage(
      path,
      { head: HistoryPage, rowsOf: (head) => head.results, row: HistoryRow },
      { query: { size: pageSize, page, sort: "ActivityDateInserted", desc: true }, timeoutMillis: 120_000 }
    )
    .pipe(Effect.map(({ head, rows }) => ({ rows, total: totalOfPages(head.pages ?? 0, page, pageSize, rows.length) })))

const isEpisode = (row: HistoryRow): boolean =>
  (row.EpisodeId !== null && row.EpisodeId !== undefined && row.EpisodeId !== "1") ||
  (row.SeriesName !== null && row.SeriesName !== undefined)
