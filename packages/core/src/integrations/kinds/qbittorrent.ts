/** qBittorrent, versions 4.1 and later, through the API of its web interface. */
import { Effect, Schema } from "effect"
import { configField } from "../ConfigForm.ts"
import type { Connected, Kind } from "../Kind.ts"
import type { Download, DownloadsReading } from "../Downloads.ts"
import type { DownloadDetails, DownloadsCapability } from "../DownloadsCapability.ts"
import type { Upstream } from "../Upstream.ts"
import type { UpstreamError } from "../UpstreamErrors.ts"
import { isRefusedPassword, passwordField, usernameWithDefault } from "./downloads/SignIn.ts"
import { forEachWithPauses } from "../Pauses.ts"
import { makeReadings } from "./downloads/Reading.ts"
import { unknownLimit } from "./downloads/Terms.ts"
import { timedProbe } from "./Probing.ts"
import { type Access, actionsOf, presenceOf, rowsOf, settingsOf } from "./qbittorrent/Actions.ts"
import { clientOf, isAtLeast, type Versions } from "./qbittorrent/Client.ts"
import { MainData, type Merged, mergeMainData, trackerHostsOf } from "./qbittorrent/MainData.ts"
import { type Credentials, sessionOf } from "./qbittorrent/SignIn.ts"
import { actionOf, downloadOf, filesOf, privacyIn, type Surroundings, trackersOf } from "./qbittorrent/Torrents.ts"

const Config = Schema.Struct({
  username: usernameWithDefault("As entered in the web interface.", "admin"),
  password: passwordField(
    "Of the web interface. Not needed if qBittorrent accepts the address of Tendarr without one."
  ),
  apiKey: Schema.optionalKey(
    configField(Schema.String.check(Schema.isNonEmpty()), {
      title: "API key",
      description: "Since qBittorrent 5.2, under Options, Web UI. Used instead of the user name and the password.",
      ownSecret: true
    })
  )
})

const Rows = Schema.Array(Schema.Unknown)

export const qbittorrent: Kind<Credentials> = {
  id: "qbittorrent",
  title: "qBittorrent",
  description: "A client for torrents.",
  capabilities: ["downloads"],
  itemKinds: [],
  config: Config,
  discovery: {
    defaultPort: 8080,
    hostNames: ["qbittorrent", "qbittorrent-nox"],
    path: "",
    answer: String.raw`<title>\s*qBittorrent\b`
  },
  syncCost: {
    formula: "0; the downloads are read by 2 calls, whatever their number, and 2 more after a restart",
    calls: () => 0,
    reread: "1 to 3 for one download"
  },
  connect: (client, connection): Connected => {
    const { apiKey } = connection.config
    const session = sessionOf(connection.name, connection.config)
    const upstream = client.open({
      integration: connection.name,
      baseUrl: connection.url,
      ...(apiKey === undefined ? {} : { headers: { authorization: `Bearer ${apiKey}` }, secrets: [apiKey] }),
      ...(session === null ? {} : { session }),
      stopsAfter: isRefusedPassword
    })
    return {
      probe: timedProbe(
        Effect.map(readVersions(upstream), ({ app }) => ({ appName: "qBittorrent", version: app.replace(/^v/, "") }))
      ),
      read: {},
      downloads: downloadsOf(upstream, connection.name)
    }
  }
}

const text = (upstream: Upstream, path: string) => upstream.get(path, Schema.String, { parse: (body) => body.trim() })

const readVersions = (upstream: Upstream): Effect.Effect<Versions, UpstreamError> =>
  Effect.all({ app: text(upstream, "api/v2/app/version"), api: text(upstream, "api/v2/app/webapiVersion") })

interface Own {
  readonly merged: Merged
  readonly versions: Versions
  readonly around: Surroundings
}

const downloadsOf = (upstream: Upstream, integration: string): DownloadsCapability => {
  const readings = makeReadings<Own>()
  const privacy = new Map<string, boolean>()
  let versions: Versions | null = null
  let last: Surroundings | null = null
  const access: Access = {
    upstream,
    integration,
    versions: Effect.suspend(() =>
      versions === null
        ? Effect.tap(readVersions(upstream), (read) => Effect.sync(() => (versions = read)))
        : Effect.succeed(versions)
    ),
    expectGone: readings.expectGone
  }

  const read = Effect.fn("QBittorrent.readDownloads")(function* (
    previous?: DownloadsReading | null
  ): Effect.fn.Return<DownloadsReading, UpstreamError> {
    const before = readings.ownOf(previous)
    const data = yield* upstream.get("api/v2/sync/maindata", MainData, {
      query: { rid: before?.merged.rid ?? 0 },
      timeoutMillis: 60_000
    })
    // It was parsed just now, at once.
    yield* Effect.yieldNow
    const merged = yield* mergeMainData(before?.merged ?? null, data)
    // After a restart, it may be another version.
    if (merged.unaskedFull) versions = null
    const current = yield* access.versions
    const client = clientOf(current, yield* settingsOf(access), merged)
    const around: Surroundings = {
      down: client.limits.down,
      up: client.limits.up,
      atLimit: client.atLimit,
      trackerHosts:
        before !== null && before.merged.trackers === merged.trackers
          ? before.around.trackerHosts
          : trackerHostsOf(merged),
      privacy: new Map(privacy),
      canExport: isAtLeast(current, 2, 8, 11)
    }
    last = around
    const known = new Map((previous?.downloads ?? []).map((download) => [download.id, download]))
    const keep = before !== null && !merged.unaskedFull && sameSurroundings(before.around, around)
    const downloads = new Map<string, Download>()
    yield* forEachWithPauses(merged.rows, ([hash, row]) => {
      const same = keep && !merged.touched.has(hash) && before.around.privacy.get(hash) === privacy.get(hash)
      downloads.set(hash, (same ? known.get(hash) : undefined) ?? downloadOf(hash, row, around))
    })
    return yield* readings.make(previous, {
      downloads,
      client,
      own: { merged, versions: current, around },
      restarted: merged.unaskedFull
    })
  })

  const details = Effect.fn("QBittorrent.details")(function* (
    ids: ReadonlyArray<string>,
    wanted: { readonly files: boolean; readonly trackers: boolean }
  ): Effect.fn.Return<ReadonlyArray<DownloadDetails>, UpstreamError> {
    const listOf = (list: string, hash: string) => upstream.get(`api/v2/torrents/${list}`, Rows, { query: { hash } })
    const all = yield* Effect.forEach(
      [...new Set(ids)],
      (id) =>
        Effect.gen(function* () {
          const files = wanted.files ? yield* listOf("files", id) : null
          const trackers = wanted.trackers ? yield* listOf("trackers", id) : null
          const isPrivate = trackers === null ? null : privacyIn(trackers)
          // Before the metadata, nobody knows whether it is private, and it has no files.
          const known = files === null || files.length > 0
          if (isPrivate !== null && known && files !== null) privacy.set(id, isPrivate)
          return {
            id,
            files: files === null || files.length === 0 ? null : filesOf(files),
            trackers: trackers === null ? null : trackersOf(trackers),
            private: known && files !== null ? isPrivate : isPrivate === true ? true : null
          }
        }).pipe(
          Effect.catchTag("UpstreamRefused", (error) =>
            error.status === 404 ? Effect.succeed(null) : Effect.fail(error)
          )
        ),
      { concurrency: 4 }
    )
    return all.flatMap((one) => one ?? [])
  })

  const readSome = Effect.fn("QBittorrent.readSome")(function* (ids: ReadonlyArray<string>) {
    const rows = yield* rowsOf(access, [...new Set(ids)])
    const settings = last === null ? yield* settingsOf(access) : null
    const around: Surroundings = last ?? {
      down: unknownLimit,
      up: unknownLimit,
      atLimit: actionOf(settings?.["max_ratio_act"]),
      trackerHosts: null,
      privacy: new Map(privacy),
      canExport: isAtLeast(yield* access.versions, 2, 8, 11)
    }
    return [...rows].map(([hash, row]) => downloadOf(hash, row, around))
  })

  return {
    protocol: "torrent",
    read,
    readSome,
    details,
    presence: (id) => presenceOf(access, id),
    ...actionsOf(access)
  }
}

const sameSurroundings = (one: Surroundings, other: Surroundings): boolean =>
  JSON.stringify([one.down, one.up, one.atLimit, one.canExport, one.trackerHosts === null]) ===
  JSON.stringify([other.down, other.up, other.atLimit, other.canExport, other.trackerHosts === null])
