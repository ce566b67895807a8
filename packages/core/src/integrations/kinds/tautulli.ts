/**
 * Tautulli: the plays of a Plex server, kept longer than the server itself keeps them. Its history is its own database:
 * it is whole also while Plex is down, and no call here asks Tautulli about Plex.
 */
import { Effect, Schema } from "effect"
import type { Connected, Kind, Progress } from "../Kind.ts"
import type { PlaybackEntry } from "../Observations.ts"
import type { Upstream } from "../Upstream.ts"
import { type UpstreamError, UpstreamRefused, UpstreamUnauthorized } from "../UpstreamErrors.ts"
import { ApiKeyConfig, apiKeyField } from "./ApiKey.ts"
import { keySpaces } from "./KeySpaces.ts"
import { LenientBoolean, LenientList, LenientNumber, LenientString } from "./Lenient.ts"
import { readPages } from "./Paging.ts"
import { forEachWithPauses } from "./Pauses.ts"
import { PlayTally } from "./PlayTally.ts"
import { timedProbe } from "./Probing.ts"
import { isoOfSeconds, textOrNull } from "./Values.ts"

const pageSize = 1_000
const path = "api/v2"

export const tautulli: Kind<ApiKeyConfig> = {
  id: "tautulli",
  title: "Tautulli",
  description: "Watch statistics of a Plex server. Its plays are joined to the libraries of that server.",
  capabilities: ["playback"],
  itemKinds: ["movie", "show", "season"],
  watches: [keySpaces.plex],
  fields: [apiKeyField("Shown by Tautulli under Settings, Web Interface, API.")],
  config: ApiKeyConfig,
  discovery: {
    defaultPort: 8181,
    hostNames: ["tautulli"],
    path: "status",
    answer: String.raw`"result"\s*:\s*"success"`
  },
  syncCost: {
    formula: "1 per 1,000 plays, at least 1",
    calls: ({ plays }) => Math.max(1, Math.ceil(plays / pageSize))
  },
  connect: (door, connection): Connected => {
    const upstream = door.open({
      integration: connection.name,
      baseUrl: connection.url,
      query: { apikey: connection.config.apiKey }
    })
    return {
      probe: timedProbe(
        Effect.gen(function* () {
          const head = yield* Effect.catchTag(
            upstream.get(path, Info, { query: { cmd: "get_tautulli_info" } }),
            "UpstreamRefused",
            asKeyFault
          )
          const info = yield* accepted(head, connection.name, "get_tautulli_info")
          return {
            appName: "Tautulli",
            version: info.tautulli_version?.replace(/^v/, "") ?? null,
            watches: yield* watchedServer(upstream)
          }
        })
      ),
      read: { playback: (progress) => readPlayback(upstream, connection.name, progress) }
    }
  }
}

/** The envelope of every answer. `data` of an error is empty, and so is that of a success which could not look. */
const envelope = <A>(data: Schema.Codec<A, unknown>) =>
  Schema.Struct({
    response: Schema.Union([
      Schema.Struct({ result: Schema.Literal("success"), data }),
      Schema.Struct({ result: Schema.Literal("error"), message: Schema.optionalKey(LenientString) })
    ])
  })

/** What stands in its settings. An older version without this command says nothing; its key was proved before. */
const watchedServer = (upstream: Upstream) =>
  upstream.get(path, ServerInfo, { query: { cmd: "get_server_info" } }).pipe(
    Effect.map(({ response }) => (response.result === "success" ? response.data : {})),
    Effect.catchTags({ UpstreamRefused: () => Effect.succeed({}), UpstreamMalformed: () => Effect.succeed({}) }),
    Effect.map((server: typeof PlexServer.Type) => ({
      keySpace: keySpaces.plex,
      identity: textOrNull(server.pms_identifier),
      name: textOrNull(server.pms_name)
    }))
  )

const Info = envelope(Schema.Struct({ tautulli_version: Schema.NullOr(Schema.String) }))

const PlexServer = Schema.Struct({
  pms_identifier: Schema.optionalKey(LenientString),
  pms_name: Schema.optionalKey(LenientString)
})

const ServerInfo = envelope(PlexServer)

export const HistoryPage = envelope(Schema.Struct({ recordsFiltered: LenientNumber, data: LenientList }))

const text = Schema.optionalKey(LenientString)

/** One play, or several that were one with pauses. A row that is playing just now has no id. */
export const HistoryRow = Schema.Struct({
  row_id: text,
  session_key: text,
  user: text,
  friendly_name: text,
  media_type: text,
  rating_key: text,
  grandparent_rating_key: text,
  parent_media_index: Schema.optionalKey(LenientNumber),
  date: Schema.optionalKey(LenientNumber),
  stopped: Schema.optionalKey(LenientNumber),
  live: Schema.optionalKey(LenientBoolean)
})
export type HistoryRow = typeof HistoryRow.Type

const readPlayback = Effect.fn("Tautulli.readPlayback")(function* (
  upstream: Upstream,
  integration: string,
  progress: Progress
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  const rows = yield* readPages({
    integration,
    call: `GET ${path} get_history`,
    pageSize,
    keyOf: (row: HistoryRow) =>
      row.row_id ?? (row.session_key === null || row.session_key === undefined ? null : `session ${row.session_key}`),
    progress,
    fetch: (start) => historyPage(upstream, integration, start)
  })
  const tally = new PlayTally()
  yield* forEachWithPauses(rows, (row) => countRow(tally, row))
  return tally.result()
})

/**
 * Ordered by start: a play that is resumed keeps its place, and new ones come at the end. What is playing now is a play
 * too, or it could be removed under its viewer.
 */
const historyPage = Effect.fnUntraced(function* (upstream: Upstream, integration: string, start: number) {
  const query = {
    cmd: "get_history",
    grouping: 1,
    include_activity: 1,
    order_column: "started",
    order_dir: "asc",
    start,
    length: pageSize
  }
  const rowsOf = ({ response }: typeof HistoryPage.Type) => (response.result === "success" ? response.data.data : [])
  const page = yield* upstream
    .getPage(path, { head: HistoryPage, rowsOf, row: HistoryRow }, { query, timeoutMillis: 120_000 })
    .pipe(Effect.catchTag("UpstreamRefused", asKeyFault))
  const data = yield* accepted(page.head, integration, "get_history")
  return { rows: page.rows, total: data.recordsFiltered }
})

const countRow = (tally: PlayTally, row: HistoryRow): void => {
  if (row.live === true) return
  const play = {
    user: row.user ?? row.friendly_name ?? "unknown",
    at: isoOfSeconds(row.stopped) ?? isoOfSeconds(row.date)
  }
  const own = row.rating_key ?? null
  const show = row.grandparent_rating_key ?? null
  if (row.media_type === "movie" && own !== null) tally.movie({ key: own }, play)
  if (row.media_type === "episode" && show !== null) tally.episode({ key: show }, row.parent_media_index ?? null, play)
}

/** A wrong key is answered with 400. */
const asKeyFault = (error: UpstreamRefused): Effect.Effect<never, UpstreamRefused | UpstreamUnauthorized> =>
  Effect.fail(/api\s?key/i.test(error.detail) ? new UpstreamUnauthorized(fieldsOf(error)) : error)

const fieldsOf = ({ call, detail, integration, status }: UpstreamRefused) => ({ call, detail, integration, status })

const accepted = <A>(
  {
    response
  }: {
    readonly response:
      { readonly result: "success"; readonly data: A } | { readonly result: "error"; readonly message?: string | null }
  },
  integration: string,
  command: string
): Effect.Effect<A, UpstreamRefused | UpstreamUnauthorized> =>
  response.result === "success"
    ? Effect.succeed(response.data)
    : asKeyFault(
        new UpstreamRefused({
          integration,
          call: `GET ${path} ${command}`,
          detail: response.message ?? "no reason given",
          status: 200
        })
      )
