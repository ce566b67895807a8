/**
 * Tracearr: the plays of Plex, Jellyfin and Emby servers. A title is no identity, so a play counts only when it names an
 * item of the media server: by its keys, which newer versions give, or by the path of its poster. For an episode that
 * poster is the show's.
 *
 * A play that names none may be of anything. Were it left out, an item could seem never to have been watched; hence one
 * such play makes the whole reading fail and the facts that rest on it unknown, unless a person allowed to leave those
 * plays out.
 */
import { Effect, Schema } from "effect"
import type { Connected, Kind, Progress } from "../Kind.ts"
import type { PlaybackEntry } from "../Observations.ts"
import type { Upstream } from "../Upstream.ts"
import { type UpstreamError, UpstreamMalformed } from "../UpstreamErrors.ts"
import { keySpaces } from "./KeySpaces.ts"
import { LenientKey, LenientNumber, LenientString, maybe } from "./Lenient.ts"
import { byPageNumber, readPages } from "./Paging.ts"
import { forEachWithPauses } from "./Pauses.ts"
import { PlayTally } from "./PlayTally.ts"
import { timedProbe } from "./Probing.ts"
import { isoOrNull, serverKeyIn } from "./Values.ts"

const TracearrConfig = Schema.Struct({
  token: Schema.String.check(Schema.isNonEmpty()),
  server: Schema.optionalKey(Schema.String),
  skipUnidentified: Schema.optionalKey(Schema.Boolean)
})
type TracearrConfig = typeof TracearrConfig.Type

const watches: ReadonlyArray<string> = [keySpaces.plex, keySpaces.jellyfin, keySpaces.emby]
const api = "api/v1/public"
const pageSize = 100

export const tracearr: Kind<TracearrConfig> = {
  id: "tracearr",
  title: "Tracearr",
  description: "Watch statistics of a media server. Its plays are joined to the libraries of that server.",
  capabilities: ["playback"],
  itemKinds: ["movie", "show", "season"],
  watches,
  fields: [
    {
      key: "token",
      label: "API token",
      type: "secret",
      required: true,
      ownSecret: true,
      description: "Made in Tracearr under Settings, General; it begins with trr_pub_."
    },
    {
      key: "server",
      label: "Media server",
      type: "text",
      required: false,
      choosesPart: true,
      description: "Name or id of the media server in Tracearr. Needed only when it watches several."
    },
    {
      key: "skipUnidentified",
      label: "Leave out plays that name no item",
      type: "boolean",
      required: false,
      default: false,
      description:
        "Such plays could be of anything. Unless they may be left out, they make everything that rests on plays unknown."
    }
  ],
  config: TracearrConfig,
  discovery: {
    defaultPort: 3000,
    hostNames: ["tracearr"],
    path: "health",
    // The first while it works, the second while it starts.
    answer: String.raw`"(timescale|wasReady)"\s*:`
  },
  syncCost: {
    formula: "1, and 1 per 100 plays (at least 1)",
    calls: ({ plays }) => 1 + Math.max(1, Math.ceil(plays / pageSize))
  },
  connect: (door, connection): Connected => {
    const { config, name } = connection
    const upstream = door.open({
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
            // Its own id of that server: it stands for the part of Tracearr that is read here.
            identity: server.id,
            // The server's id of itself is not told.
            watches: { keySpace, identity: null, name: server.name ?? null }
          }
        })
      ),
      read: { playback: (progress) => readPlayback(upstream, config, name, progress) }
    }
  }
}

const text = Schema.optionalKey(LenientString)

const Health = Schema.Struct({
  version: text,
  servers: Schema.Array(Schema.Struct({ id: Schema.String, name: text, type: text }))
})
type Server = (typeof Health.Type)["servers"][number]

const HistoryPage = Schema.Struct({
  data: Schema.Array(Schema.Unknown),
  meta: Schema.Struct({ total: Schema.Int })
})

/** One play, pauses included. */
const HistoryRow = Schema.Struct({
  id: LenientKey,
  mediaType: text,
  mediaTitle: text,
  showTitle: text,
  year: Schema.optionalKey(LenientNumber),
  seasonNumber: Schema.optionalKey(LenientNumber),
  thumbPath: text,
  /** Keys of the media server, where the version gives them: of what was played, and of its show. */
  ratingKey: text,
  showRatingKey: text,
  startedAt: text,
  stoppedAt: text,
  user: maybe(Schema.Struct({ username: text }))
})
type HistoryRow = typeof HistoryRow.Type

/** The media server that is meant. Keys of several servers must not be mixed. */
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
  progress: Progress
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  const { id: serverId } = yield* serverOf(yield* upstream.get(`${api}/health`, Health), config, integration)
  const rows = yield* readPages({
    integration,
    call: `GET ${api}/history`,
    pageSize,
    keyOf: (row: HistoryRow) => row.id,
    progress,
    fetch: byPageNumber(pageSize, (page) =>
      upstream
        .getPage(
          `${api}/history`,
          { head: HistoryPage, rowsOf: (head) => head.data, row: HistoryRow },
          { query: { serverId, page, pageSize } }
        )
        .pipe(Effect.map((answer) => ({ rows: answer.rows, total: answer.head.meta.total })))
    )
  })
  const tally = new PlayTally()
  const unidentified: Array<HistoryRow> = []
  yield* forEachWithPauses(rows, (row) => {
    if (row.mediaType !== "movie" && row.mediaType !== "episode") return
    const key = keyOf(row)
    const play = { user: row.user?.username ?? "unknown", at: isoOrNull(row.stoppedAt) ?? isoOrNull(row.startedAt) }
    if (key === null) unidentified.push(row)
    else if (row.mediaType === "movie") tally.movie({ key: key }, play)
    else tally.episode({ key: key }, row.seasonNumber ?? null, play)
  })
  const [first] = unidentified
  if (first !== undefined && config.skipUnidentified !== true) {
    const title = `${first.showTitle ?? first.mediaTitle ?? "without a title"}${first.year === null || first.year === undefined ? "" : ` (${first.year})`}`
    return yield* new UpstreamMalformed({
      integration,
      call: `GET ${api}/history`,
      detail: `${unidentified.length} of ${rows.length} plays name no item of the media server, such as ${title}; they could be of anything`
    })
  }
  return tally.result()
})

/** The media server's key of the movie, or of the episode's show. The picture of the episode itself names no show. */
const keyOf = (row: HistoryRow): string | null => {
  const pictured = serverKeyIn(row.thumbPath)
  if (row.mediaType === "movie") return row.ratingKey ?? pictured
  return row.showRatingKey ?? (pictured === (row.ratingKey ?? null) ? null : pictured)
}
