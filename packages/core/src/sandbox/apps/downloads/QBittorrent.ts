/** A simulated qBittorrent 5: its API over the downloads of the world. */
import type { YardClient, YardDownload } from "../../world/DownloadYard.ts"
import { json } from "../Reply.ts"
import { type AppContext, type Call, openRoute, type Route, route, type SandboxApp } from "../SandboxApp.ts"

const api = "/api/v2"
const username = "admin"

const text = (body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(body, { status, headers: { "content-type": "text/plain; charset=UTF-8", ...headers } })

const sessionOf = (secret: string) => `QBT_SID_8080=${secret.slice(0, 16)}`

export const qbittorrent: SandboxApp = {
  id: "qbittorrent",
  kind: "qbittorrent",
  name: "qBittorrent",
  config: (password) => ({ username, password }),
  destructive: (_, path) => path === `${api}/torrents/delete`,
  authorized: (call, secret) => (call.request.headers.get("cookie") ?? "").split(/;\s*/).includes(sessionOf(secret)),
  unauthorized: () => text("Forbidden", 403),
  notFound: () => text("Not Found", 404),
  routes: (context) => {
    const client = context.world.downloads.client(
      `qbittorrent-${context.number}`,
      context.number === 1 ? "qBittorrent" : `qBittorrent (${context.number})`,
      "torrent",
      (context.number - 1) * 3
    )
    return routesOf(context, client)
  }
}

const form = async (call: Call): Promise<URLSearchParams> => new URLSearchParams(await call.request.text())

const seconds = (millis: number | null): number => (millis === null ? -1 : Math.floor(millis / 1000))

const routesOf = ({ secret, world }: AppContext, client: YardClient): ReadonlyArray<Route> => {
  const settings: Record<string, unknown> = {
    save_path: "/downloads",
    temp_path: "/downloads/incomplete",
    temp_path_enabled: false,
    max_ratio: 2,
    max_ratio_enabled: false,
    max_ratio_act: 0,
    max_seeding_time: -1,
    max_seeding_time_enabled: false,
    max_inactive_seeding_time: -1,
    max_inactive_seeding_time_enabled: false,
    auto_tmm_enabled: false,
    queueing_enabled: false,
    max_active_downloads: 3,
    scheduler_enabled: false,
    autorun_enabled: false,
    excluded_file_names: "",
    excluded_file_names_enabled: false
  }

  const wanted = (text: string | null): ReadonlyArray<YardDownload> =>
    text === "all"
      ? [...client.downloads.values()]
      : (text ?? "").split("|").flatMap((hash) => client.downloads.get(hash.toLowerCase()) ?? [])

  /** Changes of torrents: unknown hashes are ignored, as in the original. */
  const change = (name: string, act: (download: YardDownload, values: URLSearchParams) => void): Route =>
    route("POST", `${api}/torrents/${name}`, async (call) => {
      const values = await form(call)
      for (const download of wanted(values.get("hashes"))) act(download, values)
      client.changed()
      return text("")
    })

  const tagsIn = (values: URLSearchParams) =>
    (values.get("tags") ?? "").split(",").flatMap((tag) => (tag.trim() === "" ? [] : [tag.trim()]))

  const rows = () => new Map([...client.downloads.values()].map((download) => [download.id, rowOf(client, download)]))
  let last = { rid: 0, rows: rows() }

  /** Only what has changed since the answer with the given number, if that was the last one. */
  const maindata = (call: Call): Response => {
    const before = last
    last = { rid: before.rid + 1, rows: rows() }
    const state = {
      connection_status: "connected",
      dl_info_speed: [...last.rows.values()].reduce((sum, row) => sum + row.dlspeed, 0),
      up_info_speed: [...last.rows.values()].reduce((sum, row) => sum + row.upspeed, 0),
      dl_rate_limit: 0,
      up_rate_limit: 0,
      free_space_on_disk: 500_000_000_000,
      use_alt_speed_limits: false
    }
    const common = { rid: last.rid, server_state: state }
    if (Number(call.query.get("rid") ?? 0) !== before.rid || before.rid === 0) {
      return json(call, {
        ...common,
        full_update: true,
        torrents: Object.fromEntries(last.rows),
        categories: categories(),
        tags: [...client.tags],
        trackers: trackers()
      })
    }
    return json(call, {
      ...common,
      torrents: Object.fromEntries(
        [...last.rows].flatMap(([id, row]) => {
          const changes = differences(before.rows.get(id) ?? {}, row)
          return Object.keys(changes).length === 0 ? [] : [[id, changes]]
        })
      ),
      torrents_removed: [...before.rows.keys()].filter((id) => !last.rows.has(id)),
      categories: categories(),
      tags: [...client.tags]
    })
  }

  const categories = () =>
    Object.fromEntries([...client.categories].map(([name, savePath]) => [name, { name, savePath }]))

  const trackers = () => {
    const hashes = new Map<string, Array<string>>()
    for (const download of client.downloads.values()) {
      const url = announceOf(download)
      hashes.set(url, [...(hashes.get(url) ?? []), download.id])
    }
    return Object.fromEntries(hashes)
  }

  const one = (call: Call, answer: (download: YardDownload) => unknown): Response => {
    const download = client.downloads.get((call.query.get("hash") ?? "").toLowerCase())
    return download === undefined ? text("Not Found", 404) : json(call, answer(download))
  }

  return [
    openRoute(
      "GET",
      "/",
      () =>
        new Response("<!DOCTYPE html><html><head><title>qBittorrent WebUI</title></head></html>", {
          headers: { "content-type": "text/html" }
        })
    ),
    openRoute("POST", `${api}/auth/login`, async (call) => {
      const values = await form(call)
      const isRight = values.get("username") === username && values.get("password") === secret
      return isRight ? text("Ok.", 200, { "set-cookie": `${sessionOf(secret)}; HttpOnly; path=/` }) : text("Fails.")
    }),
    route("GET", `${api}/app/version`, () => text("v5.1.0")),
    route("GET", `${api}/app/webapiVersion`, () => text("2.11.4")),
    route("GET", `${api}/app/preferences`, (call) => json(call, settings)),
    route("POST", `${api}/app/setPreferences`, async (call) => {
      const values: unknown = JSON.parse((await form(call)).get("json") ?? "{}")
      Object.assign(settings, values)
      return text("")
    }),
    route("GET", `${api}/sync/maindata`, maindata),
    route("GET", `${api}/torrents/info`, (call) => {
      const hashes = call.query.get("hashes")
      const asked = hashes === null ? [...client.downloads.values()] : wanted(hashes)
      return json(
        call,
        asked.map((download) => ({ hash: download.id, ...rowOf(client, download) }))
      )
    }),
    route("GET", `${api}/torrents/files`, (call) =>
      one(call, (download) =>
        download.fate === "waits"
          ? []
          : download.files.map(({ name, sizeBytes }, index) => ({
              index,
              name,
              size: sizeBytes,
              progress: client.stateOf(download).progress,
              priority: download.unwanted.has(index) ? 0 : 1
            }))
      )
    ),
    route("GET", `${api}/torrents/trackers`, (call) =>
      one(call, (download) => [
        ...["DHT", "PeX", "LSD"].map((name) => ({
          url: `** [${name}] **`,
          status: download.isPrivate ? 0 : 2,
          tier: -1,
          msg: download.isPrivate ? "This torrent is private" : ""
        })),
        {
          url: announceOf(download),
          status: download.fate === "unregistered" ? 4 : 2,
          tier: 0,
          msg: download.fate === "unregistered" ? "Torrent not registered with this tracker" : ""
        }
      ])
    ),
    route("GET", `${api}/torrents/tags`, (call) => json(call, [...client.tags])),
    route("GET", `${api}/torrents/categories`, (call) => json(call, categories())),
    change("stop", (download) => client.pause(download)),
    change("start", (download) => client.resume(download)),
    change("recheck", () => undefined),
    change("reannounce", () => undefined),
    change("addTags", (download, values) => {
      for (const tag of tagsIn(values)) {
        client.tags.add(tag)
        download.tags.add(tag)
      }
    }),
    change("removeTags", (download, values) => {
      for (const tag of tagsIn(values)) download.tags.delete(tag)
    }),
    change("setShareLimits", (download, values) => {
      download.ratioLimit = Number(values.get("ratioLimit"))
      download.seedingTimeLimit = Number(values.get("seedingTimeLimit"))
      download.inactiveSeedingTimeLimit = Number(values.get("inactiveSeedingTimeLimit"))
    }),
    change("setDownloadLimit", (download, values) => void (download.downLimit = Number(values.get("limit")))),
    change("setUploadLimit", (download, values) => void (download.upLimit = Number(values.get("limit")))),
    change("setLocation", (download, values) => void (download.savePath = values.get("location") ?? download.savePath)),
    route("POST", `${api}/torrents/setCategory`, async (call) => {
      const values = await form(call)
      const category = values.get("category") ?? ""
      if (category !== "" && !client.categories.has(category)) return text("Incorrect category name", 409)
      for (const download of wanted(values.get("hashes"))) download.category = category
      client.changed()
      return text("")
    }),
    route("POST", `${api}/torrents/createCategory`, async (call) => {
      const values = await form(call)
      const name = values.get("category") ?? ""
      if (name === "" || client.categories.has(name)) return text("Unable to create category", 409)
      client.categories.set(name, values.get("savePath") ?? "")
      return text("")
    }),
    route("POST", `${api}/torrents/filePrio`, async (call) => {
      const values = await form(call)
      const download = client.downloads.get(values.get("hash") ?? "")
      if (download === undefined) return text("Not Found", 404)
      for (const index of (values.get("id") ?? "").split("|").map(Number)) {
        if (values.get("priority") === "0") download.unwanted.add(index)
        else download.unwanted.delete(index)
      }
      return text("")
    }),
    route("POST", `${api}/torrents/delete`, async (call) => {
      const lie = call.fault.take("lies")
      const values = await form(call)
      if (lie?.how !== "kept") for (const download of wanted(values.get("hashes"))) client.remove(download)
      return lie?.how === "failed" ? text("Internal Server Error", 500) : text("")
    })
  ]

  function rowOf(of: YardClient, download: YardDownload) {
    const state = of.stateOf(download)
    const hasMetadata = download.fate !== "waits"
    const wantedBytes = download.files.reduce(
      (sum, { sizeBytes }, index) => sum + (download.unwanted.has(index) ? 0 : sizeBytes),
      0
    )
    const done = Math.floor(wantedBytes * state.progress)
    return {
      name: download.name,
      state: stateWord(download, state.isPaused, state.isComplete, state.downSpeed > 0, state.upSpeed > 0),
      category: download.category,
      tags: [...download.tags].join(", "),
      size: hasMetadata ? wantedBytes : 0,
      total_size: hasMetadata ? download.sizeBytes : -1,
      amount_left: hasMetadata ? wantedBytes - done : 0,
      completed: done,
      progress: state.progress,
      eta: state.etaSeconds ?? 8_640_000,
      dlspeed: state.downSpeed,
      upspeed: state.upSpeed,
      dl_limit: download.downLimit,
      up_limit: download.upLimit,
      downloaded: done,
      uploaded: state.uploaded,
      ratio: done === 0 ? 0 : state.uploaded / done,
      ratio_limit: download.ratioLimit,
      seeding_time_limit: download.seedingTimeLimit,
      inactive_seeding_time_limit: download.inactiveSeedingTimeLimit,
      max_ratio: -1,
      max_seeding_time: -1,
      max_inactive_seeding_time: -1,
      seeding_time: state.seedingSeconds,
      added_on: seconds(download.addedAt),
      completion_on: seconds(state.completedAt),
      last_activity: seconds(state.downSpeed + state.upSpeed > 0 ? world.now() : download.addedAt),
      seen_complete: download.fate === "stalls" ? seconds(download.addedAt) : -1,
      availability: state.isComplete ? -1 : download.fate === "stalls" ? 0.4 : hasMetadata ? 3 : 0,
      num_seeds: state.downSpeed > 0 ? 5 : 0,
      num_complete: download.fate === "stalls" ? 0 : 5,
      num_leechs: 0,
      num_incomplete: 1,
      save_path: download.savePath,
      download_path: "",
      content_path: hasMetadata ? `${download.savePath}/${download.name}` : download.savePath,
      auto_tmm: false,
      force_start: false,
      priority: 0,
      private: hasMetadata ? download.isPrivate : null,
      has_metadata: hasMetadata,
      infohash_v1: download.id,
      infohash_v2: "",
      tracker: announceOf(download),
      trackers_count: 1
    }
  }
}

/** With a key of a person in its path, as private trackers have it. */
const announceOf = ({ isPrivate, tracker }: YardDownload): string =>
  `https://${tracker}${isPrivate ? "/sandboxpasskey" : ""}/announce`

const stateWord = (
  { fate }: YardDownload,
  isPaused: boolean,
  isComplete: boolean,
  downloads: boolean,
  uploads: boolean
): string => {
  if (fate === "breaks" && isComplete) return "missingFiles"
  if (isPaused) return isComplete ? "stoppedUP" : "stoppedDL"
  if (isComplete) return uploads ? "uploading" : "stalledUP"
  if (fate === "waits") return "metaDL"
  return downloads ? "downloading" : "stalledDL"
}

const differences = (
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(now).filter(([key, value]) => before[key] !== value))
