/**
 * Jellystat: the plays of a Jellyfin or Emby server, kept longer and counted more accurately than by the server. Its
 * keys are those of that server, whose id is in each library.
 */
import { Effect, Schema } from "effect"
import type { Connected, Kind, Progress } from "../Kind.ts"
import type { PlaybackEntry } from "../Observations.ts"
import type { OddRecords } from "../OddRecords.ts"
import type { Upstream } from "../Upstream.ts"
import type { UpstreamError } from "../UpstreamErrors.ts"
import { type ApiKeyConfig, apiKeyConfig } from "./ApiKey.ts"
import { keySpaces } from "./KeySpaces.ts"
import { LenientBoolean, LenientNumber, LenientString } from "./Lenient.ts"
import { byPageNumber, readPages, totalOfPages } from "./Paging.ts"
import { forEachWithPauses } from "../Pauses.ts"
import { jellystatFacts } from "./jellystat/Facts.ts"
import { learnSeasons, noKey, PlayTally } from "./PlayTally.ts"
import { timedProbe } from "./Probing.ts"
import { distinctTexts, isoOrNull, serverAccount, textOrNull } from "./Values.ts"

/** Each row contains the streams of each single play, about ten kilobytes. */
const pageSize = 500
const path = "api/getHistory"

export const jellystat: Kind<ApiKeyConfig> = {
  id: "jellystat",
  title: "Jellystat",
  description: "Watch statistics of a Jellyfin server. Its plays are attached to the libraries of that server.",
  capabilities: ["playback"],
  itemKinds: ["movie", "show", "season", "episode"],
  watches: [keySpaces.jellyfin, keySpaces.emby],
  config: apiKeyConfig("Made in Jellystat under Settings, API Keys."),
  discovery: {
    defaultPort: 3000,
    hostNames: ["jellystat"],
    path: "auth/isConfigured",
    answer: String.raw`^\s*\{\s*"state"\s*:\s*[0-2]\b`
  },
  syncCost: {
    formula: `1 per ${pageSize} titles that somebody played, counted per viewer, at least 1. The figure assumes that every play is of a different title`,
    calls: ({ plays }) => Math.max(1, Math.ceil(plays / pageSize)),
    reread: "none: its API for a single item is not documented; the media server that it watches is read again instead"
  },
  facts: jellystatFacts,
  connect: (client, connection): Connected => {
    const upstream = client.open({
      integration: connection.name,
      baseUrl: connection.url,
      headers: { "x-api-token": connection.config.apiKey }
    })
    return {
      // It reports its version only after checking the internet for a newer one.
      probe: timedProbe(
        Effect.map(upstream.getArray("api/getLibraries", Library), (libraries) => ({
          appName: "Jellystat",
          version: null,
          watches: { keySpace: null, identity: serverOfLibraries(libraries), name: null }
        }))
      ),
      read: { playback: (progress, odd) => readPlayback(upstream, connection.name, progress, odd) }
    }
  }
}

const text = Schema.optionalKey(LenientString)
const number = Schema.optionalKey(LenientNumber)

const Library = Schema.Struct({ ServerId: text, archived: Schema.optionalKey(LenientBoolean) })

/**
 * The server that all libraries belong to; libraries that no longer exist there are kept, and may be of an earlier
 * server.
 */
const serverOfLibraries = (libraries: ReadonlyArray<typeof Library.Type>): string | null => {
  const ids = distinctTexts(libraries.filter(({ archived }) => archived !== true).map(({ ServerId }) => ServerId))
  return ids.length === 1 ? (ids[0] ?? null) : null
}

const HistoryPage = Schema.Struct({ pages: LenientNumber, results: Schema.Array(Schema.Unknown) })

/** All plays of one movie or episode by one user, with the details of the last one. */
const HistoryRow = Schema.Struct({
  UserId: text,
  UserName: text,
  /** The movie, or the show of an episode. */
  NowPlayingItemId: text,
  /** The movie or the episode. */
  NowPlayingItemName: text,
  /** Missing, `null` or "1" if it is not an episode. */
  EpisodeId: text,
  SeasonId: text,
  SeasonNumber: number,
  EpisodeNumber: number,
  SeriesName: text,
  ActivityDateInserted: text,
  TotalPlays: number,
  /** Seconds. */
  TotalDuration: number
})
type HistoryRow = typeof HistoryRow.Type

const readPlayback = Effect.fn("Jellystat.readPlayback")(function* (
  upstream: Upstream,
  integration: string,
  progress: Progress,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  const rows = yield* readPages({
    integration,
    call: `GET ${path}`,
    pageSize,
    keyOf: (row: HistoryRow) => `${row.UserId}|${row.NowPlayingItemId ?? row.NowPlayingItemName}|${row.EpisodeId}`,
    progress,
    fetch: byPageNumber(pageSize, (page) => historyPage(upstream, page, odd))
  })
  const seasonOf = learnSeasons(rows, (row) => ({ key: row.SeasonId, number: row.SeasonNumber }))
  const tally = yield* PlayTally.make
  let place = -1
  yield* forEachWithPauses(rows, (row) => {
    place++
    const { UserId: id = null, UserName: name = null } = row
    const user = name ?? id ?? "unknown"
    const play = {
      user,
      ...(id === null || id === user ? {} : { names: [id] }),
      ...serverAccount(id, name),
      at: isoOrNull(row.ActivityDateInserted),
      times: Math.max(1, row.TotalPlays ?? 1),
      ...(typeof row.TotalDuration === "number" && row.TotalDuration >= 0 ? { seconds: row.TotalDuration } : {}),
      // The duration of a play is reported, but not that of the item, so begun and watched cannot be distinguished.
      episode: row.EpisodeId ?? null,
      number: row.EpisodeNumber ?? null
    }
    const episode = isEpisode(row)
    const title = textOrNull(episode ? row.SeriesName : row.NowPlayingItemName)
    if ((row.NowPlayingItemId ?? null) === null && title === null) {
      odd.noteUnidentified(`GET ${path}`, place, "it has neither a key nor a title")
      return
    }
    const played = { key: row.NowPlayingItemId ?? noKey, title }
    if (episode) tally.episode(played, seasonOf(row), play)
    // A song has the same form as a movie, but no movie has its key.
    else tally.movie(played, play)
  })
  return yield* tally.result()
})

/**
 * The only order in which its database index helps; a play that is added in the meantime causes the list to be read
 * again.
 */
const historyPage = (upstream: Upstream, page: number, odd: OddRecords) =>
  upstream
    .getPage(
      path,
      { head: HistoryPage, rowsOf: (head) => head.results, row: HistoryRow },
      {
        query: { size: pageSize, page, sort: "ActivityDateInserted", desc: true },
        timeoutMillis: 120_000,
        odd,
        oddFrom: (page - 1) * pageSize
      }
    )
    .pipe(
      Effect.map(({ head, rows }) => {
        const records = head.results.length
        return { rows, records, total: totalOfPages(head.pages ?? 0, page, pageSize, records) }
      })
    )

const isEpisode = (row: HistoryRow): boolean =>
  (row.EpisodeId !== null && row.EpisodeId !== undefined && row.EpisodeId !== "1") ||
  (row.SeriesName !== null && row.SeriesName !== undefined)
