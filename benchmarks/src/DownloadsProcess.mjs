/**
 * A simulated qBittorrent with many torrents, and a simulated Radarr that had them fetched, in a separate process. Each
 * reading of the client finds that every torrent has changed a little, as the original reports it: seeding times go on,
 * downloads make progress. Over IPC, "calls" is answered with the number of requests so far.
 */
import { createServer } from "node:http"

const count = Number(process.argv[2])
/** Of which that many are not complete, and are in the queue of the application. */
const unfinished = Math.round(count * 0.15)
const bornAt = Date.now()
const day = 86_400

let calls = 0
let rid = 0

const hashOf = (index) => (index + 1).toString(16).padStart(40, "a0")
const nameOf = (index) => `Some.Movie.No.${index}.2019.1080p.WEB-DL.DDP5.1.H.264-GROUP`
const isUnfinished = (index) => index < unfinished
/** Of the unfinished ones, every fifth stands still. */
const isStill = (index) => isUnfinished(index) && index % 5 === 0
const sizeOf = (index) => 4e9 + (index % 1000) * 1e7

/** What changes from reading to reading. */
const movingOf = (index) => {
  const passed = (Date.now() - bornAt) / 1000
  const size = sizeOf(index)
  if (!isUnfinished(index)) {
    const seeding = 20 * day + Math.floor(passed)
    return { seeding_time: seeding, time_active: seeding, uploaded: size + Math.floor(passed) * (index % 7) * 1000 }
  }
  const done = isStill(index) ? size * 0.4 : Math.min(size * 0.9, size * 0.2 + passed * 1e6)
  return {
    time_active: Math.floor(passed) + day,
    completed: Math.floor(done),
    downloaded: Math.floor(done),
    amount_left: Math.floor(size - done),
    progress: done / size,
    dlspeed: isStill(index) ? 0 : 1e6 + (index % 100) * 1000,
    eta: isStill(index) ? 8_640_000 : Math.ceil((size - done) / 1e6)
  }
}

const rowOf = (index) => {
  const size = sizeOf(index)
  const added = Math.floor(bornAt / 1000) - (isUnfinished(index) ? day : 21 * day)
  return {
    name: nameOf(index),
    state: isStill(index) ? "stalledDL" : isUnfinished(index) ? "downloading" : "stalledUP",
    category: "radarr",
    tags: index % 3 === 0 ? "kept, someone" : "",
    size,
    total_size: size,
    amount_left: 0,
    completed: size,
    downloaded: size,
    progress: 1,
    eta: 8_640_000,
    dlspeed: 0,
    upspeed: 0,
    dl_limit: 0,
    up_limit: 0,
    ratio: 1.2,
    ratio_limit: -2,
    seeding_time_limit: -2,
    inactive_seeding_time_limit: -2,
    max_ratio: -1,
    max_seeding_time: -1,
    max_inactive_seeding_time: -1,
    added_on: added,
    completion_on: isUnfinished(index) ? -1 : added + 3600,
    last_activity: added + 3600,
    seen_complete: added + 3600,
    availability: isUnfinished(index) ? 2 : -1,
    num_seeds: isUnfinished(index) ? 5 : 0,
    num_complete: 12,
    num_leechs: 0,
    num_incomplete: 1,
    save_path: "/downloads/radarr",
    download_path: "",
    content_path: `/downloads/radarr/${nameOf(index)}`,
    auto_tmm: false,
    force_start: false,
    priority: 0,
    private: index % 2 === 0,
    has_metadata: true,
    infohash_v1: hashOf(index),
    infohash_v2: "",
    tracker: "https://tracker.example/announce",
    trackers_count: 1,
    ...movingOf(index)
  }
}

const all = Array.from({ length: count }, (_, index) => index)

const maindata = (asked) => {
  const isFull = asked === 0 || asked !== rid
  rid += 1
  const state = {
    connection_status: "connected",
    dl_info_speed: 1e7,
    up_info_speed: 0,
    dl_rate_limit: 0,
    up_rate_limit: 0
  }
  const torrents = Object.fromEntries(all.map((index) => [hashOf(index), isFull ? rowOf(index) : movingOf(index)]))
  return {
    rid,
    torrents,
    server_state: { ...state, free_space_on_disk: 5e12, use_alt_speed_limits: false },
    ...(isFull
      ? {
          full_update: true,
          categories: { radarr: { name: "radarr", savePath: "/downloads/radarr" } },
          tags: ["kept", "someone"],
          trackers: { "https://tracker.example/announce": all.map(hashOf) }
        }
      : {})
  }
}

const preferences = {
  save_path: "/downloads",
  temp_path: "",
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
  scheduler_enabled: false,
  autorun_enabled: false,
  excluded_file_names: "",
  excluded_file_names_enabled: false
}

const qbittorrent = ({ pathname, searchParams }) => {
  switch (pathname) {
    case "/api/v2/auth/login":
      return { text: "Ok.", headers: { "set-cookie": "SID=benchmark; HttpOnly; path=/" } }
    case "/api/v2/app/version":
      return { text: "v5.1.0" }
    case "/api/v2/app/webapiVersion":
      return { text: "2.11.4" }
    case "/api/v2/app/preferences":
      return { json: preferences }
    case "/api/v2/sync/maindata":
      return { json: maindata(Number(searchParams.get("rid") ?? 0)) }
  }
}

const queueRow = (index) => ({
  movieId: index + 1,
  title: nameOf(index),
  size: sizeOf(index),
  sizeleft: sizeOf(index) / 2,
  added: new Date(bornAt - day * 1000).toISOString(),
  status: "downloading",
  trackedDownloadStatus: "ok",
  trackedDownloadState: "downloading",
  statusMessages: [],
  downloadId: hashOf(index).toUpperCase(),
  protocol: "torrent",
  downloadClient: "qBittorrent",
  indexer: "Indexer",
  outputPath: `/downloads/radarr/${nameOf(index)}`,
  id: index + 1
})

const history = (since) =>
  all.flatMap((index) => {
    const grabbed = bornAt - (isUnfinished(index) ? 1 : 21) * day * 1000
    const events = isUnfinished(index) ? ["grabbed"] : ["grabbed", "downloadFolderImported"]
    return events.flatMap((eventType, place) => {
      const at = grabbed + place * 7_200_000
      if (at < since) return []
      const date = new Date(at).toISOString()
      const downloadId = hashOf(index).toUpperCase()
      return [
        { movieId: index + 1, sourceTitle: nameOf(index), date, eventType, downloadId, data: { indexer: "Indexer" } }
      ]
    })
  })

const radarr = ({ pathname, searchParams }) => {
  switch (pathname) {
    case "/api/v3/system/status":
      return { json: { appName: "Radarr", instanceName: "Radarr", version: "5.14.0.9383" } }
    case "/api/v3/queue": {
      const [page, pageSize] = ["page", "pageSize"].map((name) => Number(searchParams.get(name)))
      const records = all.slice((page - 1) * pageSize, Math.min(page * pageSize, unfinished)).map(queueRow)
      return { json: { page, pageSize, totalRecords: unfinished, records } }
    }
    case "/api/v3/history/since":
      return { json: history(Date.parse(searchParams.get("date") ?? "")) }
  }
}

const serve = (answerTo) =>
  new Promise((listening) => {
    const server = createServer((request, response) => {
      calls += 1
      request.resume()
      const answer = answerTo(new URL(request.url ?? "/", "http://localhost"))
      if (answer === undefined) return void response.writeHead(404).end()
      const body = answer.text ?? JSON.stringify(answer.json)
      const type = answer.text === undefined ? "application/json" : "text/plain; charset=UTF-8"
      response.writeHead(200, { "content-type": type, ...answer.headers }).end(body)
    })
    server.listen(0, "127.0.0.1", () => listening(`http://127.0.0.1:${server.address().port}`))
  })

process.on("message", () => process.send?.(calls))
process.on("disconnect", () => process.exit(0))
console.log(
  JSON.stringify([
    {
      kind: "qbittorrent",
      name: "qBittorrent",
      url: await serve(qbittorrent),
      config: { username: "admin", password: "benchmark" }
    },
    { kind: "radarr", name: "Radarr", url: await serve(radarr), config: { apiKey: "benchmark" } }
  ])
)
