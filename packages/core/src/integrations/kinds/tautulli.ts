/**
 * Tautulli: the plays of a Plex server, kept longer than by the server itself. The history is in its own database: it
 * is complete even while Plex is down, and no call here makes Tautulli query Plex.
 */
import { Effect, Schema } from "effect"
import type { Connected, EntryKeys, Kind, Progress } from "../Kind.ts"
import type { PlaybackEntry } from "../Observations.ts"
import type { OddRecords } from "../OddRecords.ts"
import type { Upstream } from "../Upstream.ts"
import { type UpstreamError, UpstreamRefused, UpstreamUnauthorized } from "../UpstreamErrors.ts"
import { type ApiKeyConfig, apiKeyConfig } from "./ApiKey.ts"
import { keySpaces } from "./KeySpaces.ts"
import { LenientBoolean, LenientList, LenientNumber, LenientString } from "./Lenient.ts"
import { allMeant, type IsMeant, keysOfKind, meantBy } from "./Meant.ts"
import { readPages } from "./Paging.ts"
import { forEachWithPauses } from "../Pauses.ts"
import { learnSeasons, noKey, type Played, PlayTally } from "./PlayTally.ts"
import { timedProbe } from "./Probing.ts"
import { tautulliFacts } from "./tautulli/Facts.ts"
import {
  distinctTexts,
  isoOfSeconds,
  lastingIdOf,
  mailIdsOf,
  positiveOrNull,
  serverAccount,
  sharedNumber,
  shareOf,
  textOrNull
} from "./Values.ts"

const pageSize = 1_000
const path = "api/v2"

export const tautulli: Kind<ApiKeyConfig> = {
  id: "tautulli",
  title: "Tautulli",
  description: "Watch statistics of a Plex server. Its plays are attached to the libraries of that server.",
  capabilities: ["playback"],
  itemKinds: ["movie", "show", "season", "episode"],
  watches: [keySpaces.plex],
  config: apiKeyConfig("Shown by Tautulli under Settings, Web Interface, API."),
  discovery: {
    defaultPort: 8181,
    hostNames: ["tautulli"],
    path: "status",
    answer: String.raw`"result"\s*:\s*"success"`
  },
  syncCost: {
    formula: "1, and 1 per 1,000 plays (at least 1)",
    calls: ({ plays }) => 1 + Math.max(1, Math.ceil(plays / pageSize)),
    reread: "3 for a movie, 2 for a show or a season; 1 more per 1,000 plays of it"
  },
  facts: tautulliFacts,
  connect: (client, connection): Connected => {
    const upstream = client.open({
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
      read: { playback: (progress, odd) => readPlayback(upstream, connection.name, progress, odd) },
      reread: { playback: (entries, odd) => rereadPlayback(upstream, connection.name, entries, odd) }
    }
  }
}

/**
 * The envelope of every response. `data` is empty for an error, and also for a success for which Tautulli could not
 * reach Plex.
 */
const envelope = <A>(data: Schema.Codec<A, unknown>) =>
  Schema.Struct({
    response: Schema.Union([
      Schema.Struct({ result: Schema.Literal("success"), data }),
      Schema.Struct({ result: Schema.Literal("error"), message: Schema.optionalKey(LenientString) })
    ])
  })

/** The server in its settings. An older version without this command returns nothing; its key was verified before. */
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

const number = Schema.optionalKey(LenientNumber)

/** One play, or several that were one play with pauses. A row that is being played has no id. */
export const HistoryRow = Schema.Struct({
  row_id: text,
  session_key: text,
  user_id: text,
  user: text,
  friendly_name: text,
  media_type: text,
  rating_key: text,
  parent_rating_key: text,
  grandparent_rating_key: text,
  /** The id of what was played: for an episode its own, not that of its show. */
  guid: text,
  title: text,
  grandparent_title: text,
  year: number,
  parent_media_index: number,
  media_index: number,
  date: number,
  stopped: number,
  /** 1 from the share that Tautulli counts as watched (85 % by default), otherwise 0 to 0.75 in quarters. */
  watched_status: number,
  percent_complete: number,
  /** Seconds without pauses, over all rows that are grouped; older versions have only the second field. */
  play_duration: number,
  duration: number,
  /** `playing`, `paused`, `buffering`; none if it is over. */
  state: text,
  live: Schema.optionalKey(LenientBoolean)
})
export type HistoryRow = typeof HistoryRow.Type

const UsersPage = envelope(LenientList)

const User = Schema.Struct({
  user_id: text,
  username: text,
  friendly_name: text,
  email: text,
  /** The owner of the server. */
  is_admin: Schema.optionalKey(LenientBoolean)
})

const readPlayback = Effect.fn("Tautulli.readPlayback")(function* (
  upstream: Upstream,
  integration: string,
  progress: Progress,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  const access = { upstream, integration, odd }
  return yield* counted(access, yield* history(access, {}, progress), allMeant)
})

/**
 * The plays of these movies and shows under their keys, including what is being played. Plays of a movie under a former
 * key are found by its lasting id; those of episodes only contain the id of the episode.
 */
const rereadPlayback = Effect.fn("Tautulli.rereadPlayback")(function* (
  upstream: Upstream,
  integration: string,
  entries: ReadonlyArray<EntryKeys>,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  const access = { upstream, integration, odd }
  const guids = entries.flatMap(({ guid, kind }) => (kind === "movie" && guid !== null ? [guid] : []))
  const filters = [
    ...keysOfKind(entries, "movie").map((key) => ({ rating_key: key })),
    ...keysOfKind(entries, "show").map((key) => ({ grandparent_rating_key: key })),
    ...[...new Set(guids)].map((guid) => ({ guid }))
  ]
  const found = yield* Effect.forEach(filters, (filter) => history(access, filter))
  // The same play is returned under its key and under its id.
  const rows = new Map(found.flat().map((row, place) => [keyOf(row) ?? `row ${place}`, row]))
  return yield* counted(access, [...rows.values()], meantBy(entries))
})

interface Access {
  readonly upstream: Upstream
  readonly integration: string
  readonly odd: OddRecords
}

const keyOf = (row: HistoryRow): string | null =>
  row.row_id ?? (row.session_key === null || row.session_key === undefined ? null : `session ${row.session_key}`)

const history = (
  { integration, odd, upstream }: Access,
  filter: Readonly<Record<string, string>>,
  progress: Progress = () => Effect.void
) =>
  readPages({
    integration,
    call: `GET ${path} get_history`,
    pageSize,
    keyOf,
    progress,
    fetch: (start) => historyPage(upstream, integration, filter, start, odd)
  })

const counted = Effect.fnUntraced(function* (
  { integration, odd, upstream }: Access,
  rows: ReadonlyArray<HistoryRow>,
  isMeant: IsMeant
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  const { accountOf, namesOf } = yield* readUsers(upstream, integration, odd)
  const seasonOf = learnSeasons(rows, (row) => ({ key: row.parent_rating_key, number: row.parent_media_index }))
  const tally = yield* PlayTally.make
  let place = -1
  yield* forEachWithPauses(rows, (row) => {
    place++
    const type = typeOf(row)
    if (row.live === true || (type !== "movie" && type !== "episode")) return
    const played = playedIn(row, type)
    if (played === null) {
      odd.noteUnidentified(`GET ${path} get_history`, place, "it has neither a key nor a title")
      return
    }
    if (!isMeant(type === "movie" ? "movie" : "show", played)) return
    const user = row.user ?? row.friendly_name ?? `user ${row.user_id ?? "unknown"}`
    const names = namesOf(row).filter((name) => name !== user)
    const { percent_complete: percent, state, watched_status: watched } = row
    const share = shareOf(percent, 100)
    const play = {
      user,
      ...(names.length === 0 ? {} : { names }),
      ...accountOf(row),
      at: isoOfSeconds(row.stopped) ?? isoOfSeconds(row.date),
      listed: true as const,
      ...(watched === null || watched === undefined ? {} : { seen: watched >= 1 }),
      ...(share === null ? {} : { share }),
      ...secondsOf(row),
      ...(isRunning(state) ? { playing: true } : {}),
      episode: row.rating_key ?? null,
      number: row.media_index ?? null
    }
    if (type === "movie") tally.movie(played, play)
    else tally.episode(played, seasonOf(row), play)
  })
  return yield* tally.result()
})

/** Something that is being played has no duration yet. */
const secondsOf = ({ duration, play_duration, state }: HistoryRow): { readonly seconds?: number } => {
  const seconds = play_duration ?? duration
  return typeof seconds === "number" && seconds >= 0 ? { seconds } : isRunning(state) ? { seconds: 0 } : {}
}

const isRunning = (state: string | null | undefined): boolean =>
  state !== null && state !== undefined && state !== "stopped"

/** The type of a row. A row without a type may be a video as well. */
const typeOf = (row: HistoryRow): string =>
  row.media_type ?? ((row.grandparent_rating_key ?? row.grandparent_title ?? null) === null ? "movie" : "episode")

/** The movie, or the show of an episode; `null` if a row contains neither its key nor its title. */
const playedIn = (row: HistoryRow, type: "movie" | "episode"): Played | null => {
  const isMovie = type === "movie"
  const key = (isMovie ? row.rating_key : row.grandparent_rating_key) ?? null
  const title = textOrNull(isMovie ? row.title : row.grandparent_title)
  if (key === null && title === null) return null
  return {
    key: key ?? noKey,
    title,
    ...(isMovie ? { guid: lastingIdOf(row.guid), year: positiveOrNull(row.year) } : {})
  }
}

/** The viewer of a row. For a deleted user, only the name and the number in the row remain. */
const readUsers = Effect.fnUntraced(function* (upstream: Upstream, integration: string, odd: OddRecords) {
  const rowsOf = ({ response }: typeof UsersPage.Type) => (response.result === "success" ? response.data : [])
  const page = yield* upstream
    .getPage(path, { head: UsersPage, rowsOf, row: User }, { query: { cmd: "get_users" }, odd })
    .pipe(Effect.catchTag("UpstreamRefused", asKeyFault))
  yield* accepted(page.head, integration, "get_users")
  const users = new Map(page.rows.map((user) => [user.user_id ?? null, user]))
  const userOf = (row: HistoryRow) => ((row.user_id ?? null) === null ? undefined : users.get(row.user_id ?? null))
  /** Plex has the same numbers, except for its owner, whom it knows by the login. A managed account may have any name. */
  const accountOf = (row: HistoryRow) => {
    const user = userOf(row)
    const known = serverAccount(row.user_id, user?.is_admin === false ? null : user?.username)
    const mails = mailIdsOf(user?.email)
    return mails.length === 0 || known.account === undefined
      ? known
      : { account: { ...known.account, sharedIds: [...(known.account.sharedIds ?? []), ...mails] } }
  }
  const namesOf = (row: HistoryRow): ReadonlyArray<string> => {
    const user = userOf(row)
    return distinctTexts([
      row.user,
      row.friendly_name,
      user?.username,
      user?.friendly_name,
      user?.email,
      ...sharedNumber(row.user_id)
    ])
  }
  return { accountOf, namesOf }
})

/**
 * Ordered by start: a play that is resumed keeps its position, and new ones come at the end. Something that is being
 * played counts as a play too; otherwise it could be removed while it is being watched.
 */
const historyPage = Effect.fnUntraced(function* (
  upstream: Upstream,
  integration: string,
  filter: Readonly<Record<string, string>>,
  start: number,
  odd: OddRecords
) {
  const query = {
    ...filter,
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
    .getPage(
      path,
      { head: HistoryPage, rowsOf, row: HistoryRow },
      { query, timeoutMillis: 120_000, odd, oddFrom: start }
    )
    .pipe(Effect.catchTag("UpstreamRefused", asKeyFault))
  const data = yield* accepted(page.head, integration, "get_history")
  return { rows: page.rows, records: data.data.length, total: data.recordsFiltered }
})

/** A wrong key results in status 400. */
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
