/**
 * A simulated Tracearr: the plays of every started media server. As in its public API, items are only identified by the
 * path of a poster, which for an episode is that of the show.
 */
import { SeededRandom } from "../world/SeededRandom.ts"
import type { Play } from "../world/WorldModel.ts"
import { episodeTitle } from "./arr/SeriesAnswers.ts"
import { embyKeys, jellyfinKeys } from "./mediabrowser/MediaBrowserKeys.ts"
import { keysOf } from "./plex/PlexKeys.ts"
import { json, listing, page, queryInt } from "./Reply.ts"
import {
  type AppContext,
  type Call,
  type MediaServer,
  openRoute,
  playingOn,
  route,
  type SandboxApp
} from "./SandboxApp.ts"

const api = "/api/v1/public"

export const tracearr: SandboxApp = {
  id: "tracearr",
  kind: "tracearr",
  name: "Tracearr",
  onlyWhenNamed: true,
  // If there are several servers, a person selects one: here the last, whose plays no other application records.
  keepsPlaysOf: ({ mediaServers }) => mediaServers.at(-1),
  config: (secret, { mediaServers }) => ({
    token: `trr_pub_${secret}`,
    ...(mediaServers.length > 1 ? { server: mediaServers.at(-1)?.name ?? "" } : {})
  }),
  authorized: (call, secret) => call.request.headers.get("authorization") === `Bearer trr_pub_${secret}`,
  unauthorized: (call) => failure(call, 401, "Unauthorized", "Invalid API key"),
  notFound: (call) => failure(call, 404, "Not Found", `Route ${call.method}:${call.path} not found`),
  routes: (context) => {
    const { world } = context
    const servers = () => watched(context)
    return [
      openRoute("GET", "/health", (call) =>
        json(call, { status: "ok", mode: "ready", db: true, redis: true, geoip: false, timescale: null })
      ),
      route("GET", `${api}/health`, (call) =>
        json(call, {
          status: "ok",
          version: "1.4.22",
          timestamp: world.iso(world.now()),
          servers: servers().map(({ id, server }) => ({
            id,
            name: server.name,
            type: server.kind,
            online: !context.faults.isDown(server.id),
            activeStreams: 0
          }))
        })
      ),
      route("GET", `${api}/stats`, (call) =>
        json(call, {
          activeStreams: 0,
          totalUsers: world.people.length,
          totalSessions: rowsOf(context).filter(({ play }) => play.startedAt > world.now() - 30 * 86_400_000).length,
          recentViolations: 0,
          timestamp: world.iso(world.now())
        })
      ),
      route("GET", `${api}/streams`, (call) =>
        json(call, {
          data: [],
          summary: { total: 0, transcodes: 0, directStreams: 0, directPlays: 0, totalBitrate: "0 Mbps", byServer: [] }
        })
      ),
      route("GET", `${api}/users`, (call) => users(context, call)),
      route("GET", `${api}/history`, (call) => history(context, call))
    ]
  }
}

interface Row {
  readonly play: Play
  readonly id: string
  readonly server: MediaServer
}

/** The servers that it watches, with its own ids. If none was started, there is still the one that people use. */
const watched = ({
  mediaServers,
  world
}: AppContext): ReadonlyArray<{ readonly id: string; readonly server: MediaServer }> => {
  const servers =
    mediaServers.length > 0
      ? mediaServers
      : [{ id: "plex", kind: "plex", name: "Plex", number: 1, plays: () => world.plays }]
  return servers.map((server) => ({
    id: new SeededRandom(`${world.options.seed ?? "tendarr"}/tracearr/${server.id}`).uuid(),
    server
  }))
}

const rowsOf = (context: AppContext): ReadonlyArray<Row> =>
  watched(context).flatMap(({ id, server }) =>
    [...server.plays(), ...playingOn({ ...context, number: server.number }, server.kind)].map((play) => ({
      play,
      id,
      server
    }))
  )

/** A person who plays on several servers has an entry for each. */
const users = (context: AppContext, call: Call): Response => {
  const { world } = context
  const serverId = call.query.get("serverId")
  const size = Math.min(100, Math.max(1, queryInt(call.query, "pageSize", 25)))
  const number = Math.max(1, queryInt(call.query, "page", 1))
  const rows = watched(context)
    .filter(({ id }) => serverId === null || id === serverId)
    .flatMap((one) => world.people.map((person) => ({ ...one, person })))
  const found = page(call, rows, (number - 1) * size, size)
  if (found === undefined) return failure(call, 500, "Internal Server Error", "Query failed")
  return json(call, {
    data: found.rows.map(({ id, person, server }) => ({
      id: uuidOf("person", person.accountId),
      username: person.username,
      displayName: person.friendlyName,
      thumbUrl: null,
      avatarUrl: null,
      role: person === world.people[0] ? "owner" : "member",
      trustScore: 100,
      totalViolations: 0,
      serverId: id,
      serverName: server.name,
      lastActivityAt: null,
      sessionCount: server.plays().filter((play) => play.person === person).length,
      createdAt: world.iso(world.startedAt)
    })),
    meta: { total: found.total, page: number, pageSize: size }
  })
}

const history = (context: AppContext, call: Call): Response => {
  const [serverId, mediaType] = [call.query.get("serverId"), call.query.get("mediaType")]
  const size = Math.min(100, Math.max(1, queryInt(call.query, "pageSize", 25)))
  const number = Math.max(1, queryInt(call.query, "page", 1))
  // Last one first.
  const rows = rowsOf(context)
    .filter(
      ({ id, play }) => (serverId === null || id === serverId) && (mediaType === null || mediaType === typeOf(play))
    )
    .toSorted((one, other) => other.play.startedAt - one.play.startedAt)
  const found = page(call, rows, (number - 1) * size, size)
  if (found === undefined) return failure(call, 500, "Internal Server Error", "Query failed")
  return listing(call, {
    before: '{"data":[',
    after: `],"meta":${JSON.stringify({ total: found.total, page: number, pageSize: size })}}`,
    rows: found.rows,
    render: (row) => historyAnswer(context, row)
  })
}

const historyAnswer = (context: AppContext, { id, play, server }: Row) => {
  const { world } = context
  const work = play.movie?.work ?? play.season?.show.work
  const total = (work?.runtimeMinutes ?? 0) * 60_000
  const isMovie = play.movie !== null
  const ended = play.startedAt + play.durationSeconds * 1000
  const running = world.playing.includes(play)
  return {
    id: uuidOf("play", running ? 900_000_000 - play.id : play.id),
    serverId: id,
    serverName: server.name,
    state: running ? "playing" : "stopped",
    mediaType: typeOf(play),
    mediaTitle: isMovie ? (work?.title ?? "") : episodeTitle(play.episode),
    showTitle: isMovie ? null : (work?.title ?? null),
    seasonNumber: play.season?.work.number ?? null,
    episodeNumber: isMovie ? null : play.episode,
    year: work?.year ?? null,
    thumbPath: thumbOf(context, server, play),
    durationMs: play.durationSeconds * 1000,
    progressMs: Math.round((total * play.percent) / 100),
    totalDurationMs: total,
    startedAt: world.iso(play.startedAt),
    stoppedAt: running ? null : world.iso(ended),
    watched: play.percent >= 85,
    segmentCount: 1,
    ...streamOf(play),
    user: {
      id: uuidOf("person", play.person.accountId),
      username: play.person.username,
      thumbUrl: null,
      avatarUrl: null
    }
  }
}

/** Technical details of a simulated play; music has additional keys, which stay empty. */
const streamOf = (play: Play) => {
  const quality = (play.movie?.work ?? play.season?.show.work)?.quality
  return {
    artistName: null,
    albumName: null,
    trackNumber: null,
    discNumber: null,
    posterUrl: null,
    device: "Living room",
    player: "Living room",
    product: "Player",
    platform: "Android",
    isTranscode: false,
    videoDecision: "directplay",
    audioDecision: "directplay",
    bitrate: null,
    sourceVideoCodec: quality?.videoCodec ?? null,
    sourceAudioCodec: quality?.audioCodec ?? null,
    sourceAudioChannels: null,
    sourceVideoWidth: null,
    sourceVideoHeight: null,
    sourceVideoDetails: null,
    sourceAudioDetails: null,
    streamVideoCodec: null,
    streamAudioCodec: null,
    streamVideoDetails: null,
    streamAudioDetails: null,
    transcodeInfo: null,
    subtitleInfo: null,
    resolution: quality === undefined ? null : quality.resolution === "2160p" ? "4K" : quality.resolution,
    sourceVideoCodecDisplay: quality?.videoCodec ?? null,
    sourceAudioCodecDisplay: quality?.audioCodec ?? null,
    audioChannelsDisplay: null,
    streamVideoCodecDisplay: null,
    streamAudioCodecDisplay: null
  }
}

/** The poster of the movie or of the show, as the media server names it. */
const thumbOf = ({ world }: AppContext, { kind, number }: MediaServer, play: Play): string => {
  const keys = keysOf(play)
  const key = keys.at(-1) ?? 0
  if (kind === "plex") return `/library/metadata/${key}/thumb/1700000000`
  const ids = kind === "emby" ? embyKeys(world, number) : jellyfinKeys(world, number)
  return `/Items/${ids.item(key)}/Images/Primary`
}

const typeOf = (play: Play): "movie" | "episode" => (play.movie === null ? "episode" : "movie")

const uuidOf = (what: string, number: number): string =>
  `${what === "play" ? "70000000" : "80000000"}-0000-4000-8000-${String(number).padStart(12, "0")}`

const failure = (call: Call, statusCode: number, error: string, message: string): Response =>
  json(call, { statusCode, error, message }, statusCode)
