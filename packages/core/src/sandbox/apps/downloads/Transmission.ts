/** A simulated Transmission 4: its RPC over downloads that a person has added, which no arr knows. */
import { Option, Schema } from "effect"
import type { YardClient, YardDownload } from "../../world/DownloadYard.ts"
import { json } from "../Reply.ts"
import { type AppContext, type Call, openRoute, type Route, route, type SandboxApp } from "../SandboxApp.ts"

const username = "admin"
const rpcPath = "/transmission/rpc"

const page = (status: number, title: string, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(`<html><head><title>${title}</title></head><body><h1>${status}: ${title}</h1></body></html>`, {
    status,
    headers: { "content-type": "text/html; charset=ISO-8859-1", ...headers }
  })

export const transmission: SandboxApp = {
  id: "transmission",
  kind: "transmission",
  name: "Transmission",
  onlyWhenNamed: true,
  config: (password) => ({ username, password, rpcPath: rpcPath.slice(1) }),
  authorized: (call, secret) => call.request.headers.get("authorization") === `Basic ${btoa(`${username}:${secret}`)}`,
  unauthorized: () => page(401, "Unauthorized"),
  notFound: () => page(404, "Not Found"),
  routes: (context) => {
    const client = context.world.downloads.client(
      `transmission-${context.number}`,
      context.number === 1 ? "Transmission" : `Transmission (${context.number})`,
      "torrent",
      1 + (context.number - 1) * 3
    )
    return routesOf(context, client)
  }
}

const Body = Schema.Struct({
  method: Schema.String,
  arguments: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown))
})

const decodeBody = Schema.decodeUnknownOption(Schema.fromJsonString(Body))

type Arguments = Readonly<Record<string, unknown>>

const routesOf = (context: AppContext, client: YardClient): ReadonlyArray<Route> => {
  const { secret, world } = context
  const session = `sandbox-${secret.slice(0, 12)}`
  const numbers = new Map([...client.downloads.keys()].map((id, index) => [id, index + 1]))
  const removed: Array<{ readonly number: number; readonly at: number }> = []

  const meant = (args: Arguments): ReadonlyArray<YardDownload> => {
    const { ids } = args
    const all = [...client.downloads.values()]
    if (!Array.isArray(ids)) return all
    return all.filter(({ id }) => ids.includes(id) || ids.includes(numbers.get(id)))
  }

  const answer = (call: Call, method: string, args: Arguments): unknown => {
    switch (method) {
      case "session-get":
        return {
          version: "4.0.5 (sandbox)",
          "rpc-version": 17,
          "download-dir": "/downloads",
          "download-dir-free-space": 500_000_000_000,
          "incomplete-dir": "/downloads/incomplete",
          "incomplete-dir-enabled": false,
          "alt-speed-enabled": false,
          "speed-limit-down": 100,
          "speed-limit-down-enabled": false,
          "speed-limit-up": 100,
          "speed-limit-up-enabled": false,
          seedRatioLimit: 2,
          seedRatioLimited: false,
          "idle-seeding-limit": 30,
          "idle-seeding-limit-enabled": false,
          units: { "speed-bytes": 1000 }
        }
      case "session-stats":
        return {
          downloadSpeed: 0,
          uploadSpeed: 0,
          torrentCount: client.downloads.size,
          "current-stats": { secondsActive: 1 + Math.floor((world.now() - world.startedAt) / 1000) }
        }
      case "torrent-get": {
        const recent = removed.flatMap(({ at, number }) => (world.now() - at < 60_000 ? [number] : []))
        const torrents = meant(args).map((download) => rowOf(client, download, numbers.get(download.id) ?? 0))
        return args["ids"] === "recently-active" ? { torrents, removed: recent } : { torrents }
      }
      case "torrent-stop":
        for (const download of meant(args)) client.pause(download)
        return {}
      case "torrent-start":
        for (const download of meant(args)) client.resume(download)
        return {}
      case "torrent-set":
        for (const download of meant(args)) setIn(download, args)
        client.changed()
        return {}
      case "torrent-set-location":
        for (const download of meant(args)) download.savePath = String(args["location"])
        client.changed()
        return {}
      case "torrent-remove": {
        if (call.fault.take("lies")?.how === "kept") return {}
        for (const download of meant(args)) {
          removed.push({ number: numbers.get(download.id) ?? 0, at: world.now() })
          client.remove(download)
        }
        return {}
      }
      case "torrent-verify":
      case "torrent-reannounce":
      case "queue-move-top":
      case "queue-move-bottom":
      case "queue-move-up":
      case "queue-move-down":
        return {}
      case "free-space":
        return { path: args["path"], "size-bytes": 500_000_000_000 }
      default:
        return null
    }
  }

  return [
    openRoute("GET", "/transmission/web", () => page(200, "Transmission Web Interface")),
    route("POST", rpcPath, async (call) => {
      if (call.request.headers.get("x-transmission-session-id") !== session) {
        return page(409, "Conflict", { "x-transmission-session-id": session })
      }
      const body = Option.getOrUndefined(decodeBody(await call.request.text()))
      if (body === undefined) return json(call, { result: "no method name" })
      const value = answer(call, body.method, body.arguments ?? {})
      return json(
        call,
        value === null
          ? { result: "method name not recognized", arguments: {} }
          : { result: "success", arguments: value }
      )
    })
  ]
}

const seconds = (millis: number | null): number => (millis === null ? 0 : Math.floor(millis / 1000))

const numberOf = (value: unknown, fallback: number): number => (typeof value === "number" ? value : fallback)

/** -2 follows the client, -1 is unlimited. */
const limitOf = (mode: unknown, value: unknown, before: number): number =>
  mode === 0 ? -2 : mode === 2 ? -1 : mode === 1 ? numberOf(value, before) : before

const setIn = (download: YardDownload, args: Arguments): void => {
  const { labels } = args
  if (Array.isArray(labels)) {
    download.tags.clear()
    for (const label of labels) download.tags.add(String(label))
  }
  download.ratioLimit = limitOf(args["seedRatioMode"], args["seedRatioLimit"], download.ratioLimit)
  download.inactiveSeedingTimeLimit = limitOf(
    args["seedIdleMode"],
    args["seedIdleLimit"],
    download.inactiveSeedingTimeLimit
  )
  if (args["downloadLimited"] === true) download.downLimit = numberOf(args["downloadLimit"], download.downLimit)
  if (args["downloadLimited"] === false) download.downLimit = 0
  if (args["uploadLimited"] === true) download.upLimit = numberOf(args["uploadLimit"], download.upLimit)
  if (args["uploadLimited"] === false) download.upLimit = 0
  for (const index of listOf(args["files-unwanted"])) download.unwanted.add(index)
  for (const index of listOf(args["files-wanted"])) download.unwanted.delete(index)
}

const listOf = (value: unknown): ReadonlyArray<number> =>
  Array.isArray(value) ? value.filter((each): each is number => typeof each === "number") : []

const modeOf = (limit: number): number => (limit === -2 ? 0 : limit < 0 ? 2 : 1)

const rowOf = (client: YardClient, download: YardDownload, id: number) => {
  const state = client.stateOf(download)
  const hasMetadata = download.fate !== "waits"
  const isBroken = download.fate === "breaks" && state.isComplete
  const wanted = download.files.reduce(
    (sum, { sizeBytes }, index) => sum + (download.unwanted.has(index) ? 0 : sizeBytes),
    0
  )
  const done = Math.floor(wanted * state.progress)
  const announce = `https://${download.tracker}${download.isPrivate ? "/sandboxpasskey" : ""}/announce`
  const isKnown = download.fate !== "unregistered"
  return {
    id,
    hashString: download.id,
    name: download.name,
    status: state.isPaused || isBroken ? 0 : state.isComplete ? 6 : 4,
    error: isBroken ? 3 : isKnown ? 0 : 2,
    errorString: isBroken
      ? 'No data found! Ensure your drives are connected or use "Set Location".'
      : isKnown
        ? ""
        : "Torrent not registered with this tracker",
    percentDone: state.progress,
    metadataPercentComplete: hasMetadata ? 1 : 0,
    leftUntilDone: hasMetadata ? wanted - done : 0,
    sizeWhenDone: hasMetadata ? wanted : 0,
    totalSize: hasMetadata ? download.sizeBytes : 0,
    haveValid: done,
    haveUnchecked: 0,
    rateDownload: state.downSpeed,
    rateUpload: state.upSpeed,
    uploadRatio: done === 0 ? -1 : state.uploaded / done,
    uploadedEver: state.uploaded,
    eta: state.etaSeconds ?? -1,
    addedDate: seconds(download.addedAt),
    doneDate: seconds(state.completedAt),
    activityDate: seconds(download.addedAt),
    secondsSeeding: state.seedingSeconds,
    downloadDir: download.savePath,
    labels: [...download.tags],
    isPrivate: download.isPrivate,
    isStalled: download.fate === "stalls" && state.downSpeed === 0,
    isFinished: false,
    queuePosition: id - 1,
    seedRatioMode: modeOf(download.ratioLimit),
    seedRatioLimit: Math.max(0, download.ratioLimit),
    seedIdleMode: modeOf(download.inactiveSeedingTimeLimit),
    seedIdleLimit: Math.max(0, download.inactiveSeedingTimeLimit),
    peersConnected: state.downSpeed > 0 ? 5 : 0,
    peersSendingToUs: state.downSpeed > 0 ? 5 : 0,
    peersGettingFromUs: state.upSpeed > 0 ? 1 : 0,
    desiredAvailable: download.fate === "stalls" ? 0 : wanted - done,
    downloadLimited: download.downLimit > 0,
    downloadLimit: download.downLimit,
    uploadLimited: download.upLimit > 0,
    uploadLimit: download.upLimit,
    honorsSessionLimits: true,
    group: "",
    trackers: [{ announce, id: 0, tier: 0 }],
    trackerStats: [
      {
        announce,
        id: 0,
        tier: 0,
        hasAnnounced: true,
        announceState: 1,
        lastAnnounceSucceeded: isKnown,
        lastAnnounceResult: isKnown ? "Success" : "Torrent not registered with this tracker"
      }
    ],
    files: hasMetadata
      ? download.files.map(({ name, sizeBytes }) => ({
          name,
          length: sizeBytes,
          bytesCompleted: Math.floor(sizeBytes * state.progress)
        }))
      : [],
    fileStats: hasMetadata
      ? download.files.map((_, index) => ({ wanted: !download.unwanted.has(index), priority: 0 }))
      : []
  }
}
