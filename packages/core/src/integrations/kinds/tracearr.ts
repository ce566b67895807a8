/**
 * Tracearr: the plays of Plex, Jellyfin and Emby servers. A title is not an identity, so a play counts only if it
 * identifies an item of the media server: by keys, which newer versions contain, or by the path of its poster. For an
 * episode, that poster is the show's.
 *
 * A play without a key may belong to anything with its title: only the plays of those items are then unknown.
 */
import { Effect, Schema } from "effect"
import { configField } from "../ConfigForm.ts"
import type { Connected, Kind, Progress } from "../Kind.ts"
import type { PlaybackEntry } from "../Observations.ts"
import type { OddRecords } from "../OddRecords.ts"
import type { Upstream } from "../Upstream.ts"
import { type UpstreamError, UpstreamMalformed } from "../UpstreamErrors.ts"
import { keySpaces } from "./KeySpaces.ts"
import { LenientBoolean, LenientKey, LenientNumber, LenientString, maybe } from "./Lenient.ts"
import { byPageNumber, readPages } from "./Paging.ts"
import { forEachWithPauses } from "../Pauses.ts"
import { noKey, type Played, PlayTally } from "./PlayTally.ts"
import { timedProbe } from "./Probing.ts"
import { tracearrFacts } from "./tracearr/Facts.ts"
import { isoOrNull, positiveOrNull, serverAccount, serverKeyIn, shareOf, textOrNull } from "./Values.ts"

const TracearrConfig = Schema.Struct({
  token: configField(Schema.String.check(Schema.isNonEmpty()), {
    title: "API token",
    description: "Made in Tracearr under Settings, General; it begins with trr_pub_.",
    ownSecret: true
  }),
  server: Schema.optionalKey(
    configField(Schema.String, {
      title: "Media server",
      description: "Name or id of the media server in Tracearr. Needed only if it watches several.",
      secret: false,
      choosesPart: true
    })
  ),
  skipUnidentified: Schema.optionalKey(
    configField(Schema.Boolean, {
      title: "Skip unidentified plays",
      description: "For former versions, which could not handle a play without a key. It has no effect.",
      former: true
    })
  )
})
type TracearrConfig = typeof TracearrConfig.Type

const watches: ReadonlyArray<string> = [keySpaces.plex, keySpaces.jellyfin, keySpaces.emby]
const api = "api/v1/public"
const pageSize = 100
const pages = (rows: number) => Math.max(1, Math.ceil(rows / pageSize))

export const tracearr: Kind<TracearrConfig> = {
  id: "tracearr",
  title: "Tracearr",
  description: "Watch statistics of a media server. Its plays are attached to the libraries of that server.",
  capabilities: ["playback"],
  itemKinds: ["movie", "show", "season", "episode"],
  watches,
  config: TracearrConfig,
  discovery: {
    defaultPort: 3000,
    hostNames: ["tracearr"],
    path: "health",
    // The first while it is running, the second while it is starting.
    answer: String.raw`"(timescale|wasReady)"\s*:`
  },
  syncCost: {
    formula: "1, 1 per 100 plays (at least 1), and 1 per 100 users. The figure is for one user",
    calls: ({ plays, users = 1 }) => 1 + pages(plays) + pages(users),
    reread:
      "none: its history cannot be queried for a single item; the media server that it watches is read again instead"
  },
  facts: tracearrFacts,
  connect: (client, connection): Connected => {
    const { config, name } = connection
    const upstream = client.open({
      integration: name,
      baseUrl: connection.url,
      headers: { Authorization: `Bearer ${config.token}` },
      secrets: [config.token]
    })
    return {
      probe: timedProbe(
        Effect.gen(function* () {
          const health = yield* upstream.get(`${api}/health`, Health)
          const server = yield* serverOf(health, config, name)
          const keySpace = watches.find((known) => known === server.type) ?? null
          return {
            appName: "Tracearr",
            version: health.version ?? null,
            // Its own id of that server: it identifies the part of Tracearr that is read here.
            identity: server.id,
            // The identity that the server reports for itself is not available.
            watches: { keySpace, identity: null, name: server.name ?? null }
          }
        })
      ),
      read: { playback: (progress, odd) => readPlayback(upstream, config, name, progress, odd) }
    }
  }
}

const text = Schema.optionalKey(LenientString)

const Health = Schema.Struct({
  version: text,
  servers: Schema.Array(Schema.Struct({ id: Schema.String, name: text, type: text }))
})
type Server = (typeof Health.Type)["servers"][number]

const Page = Schema.Struct({
  data: Schema.Array(Schema.Unknown),
  meta: Schema.Struct({ total: Schema.Int })
})

const number = Schema.optionalKey(LenientNumber)

/** One play, including pauses. */
const HistoryRow = Schema.Struct({
  id: text,
  state: text,
  mediaType: text,
  mediaTitle: text,
  showTitle: text,
  year: number,
  seasonNumber: number,
  episodeNumber: number,
  thumbPath: text,
  /** Keys of the media server, in versions that contain them: of what was played, and of its show. */
  ratingKey: text,
  showRatingKey: text,
  /** Milliseconds that were played, over all parts of the play. */
  durationMs: number,
  /** Milliseconds: the position that was reached, and the duration. */
  progressMs: number,
  totalDurationMs: number,
  startedAt: text,
  stoppedAt: text,
  watched: maybe(LenientBoolean),
  user: maybe(Schema.Struct({ id: text, username: text }))
})
type HistoryRow = typeof HistoryRow.Type

const User = Schema.Struct({ id: LenientKey, username: text, displayName: text })

/** The selected media server. Keys of several servers must not be mixed. */
const serverOf = (
  { servers }: typeof Health.Type,
  config: TracearrConfig,
  integration: string
): Effect.Effect<Server, UpstreamError> => {
  const wanted = config.server?.trim() ?? ""
  const found = wanted === "" ? servers : servers.filter(({ id, name }) => id === wanted || name === wanted)
  const [only, second] = found
  if (only !== undefined && second === undefined) return Effect.succeed(only)
  const names = servers.map((server) => server.name ?? server.id).join(", ")
  const detail =
    servers.length === 0
      ? "it watches no media server"
      : `choose one of its media servers in the configuration: ${names}`
  return Effect.fail(new UpstreamMalformed({ integration, call: `GET ${api}/health`, detail }))
}

const readPlayback = Effect.fn("Tracearr.readPlayback")(function* (
  upstream: Upstream,
  config: TracearrConfig,
  integration: string,
  progress: Progress,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  const { id: serverId } = yield* serverOf(yield* upstream.get(`${api}/health`, Health), config, integration)
  const read = <A>(
    list: "history" | "users",
    row: Schema.Codec<A, unknown>,
    keyOf: (row: A) => string | null,
    progress: Progress
  ) =>
    readPages({
      integration,
      call: `GET ${api}/${list}`,
      pageSize,
      keyOf,
      progress,
      fetch: byPageNumber(pageSize, (page) =>
        upstream
          .getPage(
            `${api}/${list}`,
            { head: Page, rowsOf: (head) => head.data, row },
            { query: { serverId, page, pageSize }, odd, oddFrom: (page - 1) * pageSize }
          )
          .pipe(Effect.map(({ head, rows }) => ({ rows, records: head.data.length, total: head.meta.total })))
      )
    })
  const rows = yield* read("history", HistoryRow, (row) => row.id ?? null, progress)
  const users = yield* read(
    "users",
    User,
    (user) => user.id,
    () => Effect.void
  )
  const shown = new Map(users.map((user) => [user.id, user.displayName ?? null]))
  const tally = yield* PlayTally.make
  let place = -1
  yield* forEachWithPauses(rows, (row) => {
    place++
    const type = typeOf(row)
    if (type !== "movie" && type !== "episode") return
    const played = playedIn(row, type)
    if (played === null) {
      odd.noteUnidentified(`GET ${api}/history`, place, "it has neither a key nor a title")
      return
    }
    const share = shareOf(row.progressMs, row.totalDurationMs)
    const user = row.user?.username ?? "unknown"
    const name = textOrNull(shown.get(row.user?.id ?? ""))
    const play = {
      user,
      ...(name === null || name === user ? {} : { names: [name] }),
      ...serverAccount(null, row.user?.username),
      at: isoOrNull(row.stoppedAt) ?? isoOrNull(row.startedAt),
      listed: true as const,
      ...(row.watched === null || row.watched === undefined ? {} : { seen: row.watched }),
      ...(share === null ? {} : { share }),
      ...(typeof row.durationMs === "number" && row.durationMs >= 0 ? { seconds: row.durationMs / 1000 } : {}),
      ...(row.state === "playing" || row.state === "paused" ? { playing: true } : {}),
      episode: episodeOf(row),
      number: row.episodeNumber ?? null
    }
    if (type === "movie") tally.movie(played, play)
    else tally.episode(played, row.seasonNumber ?? null, play)
  })
  return yield* tally.result()
})

/** The type of a row. A row without a type may be a video as well. */
const typeOf = ({ mediaType, showTitle }: HistoryRow): string =>
  mediaType === null || mediaType === undefined || mediaType === "unknown"
    ? (showTitle ?? null) === null
      ? "movie"
      : "episode"
    : mediaType

/** Identifies an episode within its show: by its key, or by its numbers. */
const episodeOf = (row: HistoryRow): string | null => {
  if ((row.ratingKey ?? null) !== null) return row.ratingKey ?? null
  const { episodeNumber = null, seasonNumber = null } = row
  return seasonNumber === null || episodeNumber === null ? (row.mediaTitle ?? null) : `${seasonNumber}x${episodeNumber}`
}

/** The movie, or the show of an episode; `null` if a row contains neither its key nor its title. */
const playedIn = (row: HistoryRow, type: "movie" | "episode"): Played | null => {
  const key = keyOf(row, type)
  const title = textOrNull(type === "movie" ? row.mediaTitle : row.showTitle)
  if (key === null && title === null) return null
  return { key: key ?? noKey, title, ...(type === "movie" ? { year: positiveOrNull(row.year) } : {}) }
}

/**
 * The media server's key of the movie, or of the episode's show. The image of the episode itself does not identify the
 * show.
 */
const keyOf = (row: HistoryRow, type: "movie" | "episode"): string | null => {
  const pictured = serverKeyIn(row.thumbPath)
  if (type === "movie") return row.ratingKey ?? pictured
  return row.showRatingKey ?? (pictured === (row.ratingKey ?? null) ? null : pictured)
}
