/** A simulated SABnzbd 4: its queue and its history over the downloads of the world. One path, many modes. */
import type { YardClient, YardDownload, YardState } from "../../world/DownloadYard.ts"
import { json, page, queryInt } from "../Reply.ts"
import { type AppContext, type Call, openRoute, type Route, type SandboxApp } from "../SandboxApp.ts"

const path = "/api"

export const sabnzbd: SandboxApp = {
  id: "sabnzbd",
  kind: "sabnzbd",
  name: "SABnzbd",
  onlyWhenNamed: true,
  config: (apiKey) => ({ apiKey }),
  faultPath: (at, query) => (at === path ? `${at}/${query.get("mode") ?? ""}` : at),
  authorized: (call, secret) => call.query.get("apikey") === secret,
  unauthorized: (call) =>
    new Response(call.query.has("apikey") ? "API Key Incorrect" : "API Key Required", {
      status: 403,
      headers: { "content-type": "text/html;charset=utf-8" }
    }),
  notFound: () => new Response("<html></html>", { status: 404, headers: { "content-type": "text/html" } }),
  routes: (context) => {
    const client = context.world.downloads.client(
      `sabnzbd-${context.number}`,
      context.number === 1 ? "SABnzbd" : `SABnzbd (${context.number})`,
      "usenet",
      2 + (context.number - 1) * 3
    )
    return routesOf(context, client)
  }
}

interface Job {
  readonly download: YardDownload
  readonly state: YardState
}

const routesOf = (context: AppContext, client: YardClient): ReadonlyArray<Route> => {
  const { secret } = context

  const answered = (call: Call, values: URLSearchParams): Response => {
    const mode = values.get("mode") ?? ""
    if (mode === "version") return json(call, { version: "4.5.0" })
    if (call.query.get("apikey") !== secret) return sabnzbd.unauthorized(call)
    return modes[mode]?.(call, values) ?? json(call, { status: false, error: "not implemented" })
  }

  const jobs = (): ReadonlyArray<Job> =>
    [...client.downloads.values()].map((download) => ({ download, state: client.stateOf(download) }))

  const asked = (values: URLSearchParams, job: Job): boolean => {
    const ids = values.get("nzo_ids")
    return ids === null || ids.split(",").includes(job.download.id)
  }

  const idsIn = (values: URLSearchParams): ReadonlyArray<string> => (values.get("value") ?? "").split(",")

  const list = (
    call: Call,
    values: URLSearchParams,
    isIn: (job: Job) => boolean,
    render: (job: Job, index: number) => unknown
  ) => {
    const rows = jobs()
      .filter(isIn)
      .map((job, index) => ({ job, index }))
      .filter(({ job }) => asked(values, job))
    const found = page(call, rows, queryInt(values, "start", 0), queryInt(values, "limit", 10) || Infinity)
    return {
      noofslots: found?.total ?? rows.length,
      slots: (found?.rows ?? []).map(({ index, job }) => render(job, index))
    }
  }

  const remove = (call: Call, values: URLSearchParams, isIn: (job: Job) => boolean): ReadonlyArray<string> => {
    const removed = jobs().filter((job) => isIn(job) && idsIn(values).includes(job.download.id))
    if (call.fault.take("lies")?.how !== "kept") for (const { download } of removed) client.remove(download)
    return removed.map(({ download }) => download.id)
  }

  const modes: Readonly<Record<string, (call: Call, values: URLSearchParams) => Response>> = {
    queue: (call, values) => {
      const name = values.get("name")
      if (name === "delete") {
        const ids = remove(call, values, inQueue)
        return json(call, { status: ids.length > 0, nzo_ids: ids })
      }
      if (name === "pause" || name === "resume") {
        const meant = jobs().filter((job) => inQueue(job) && idsIn(values).includes(job.download.id))
        for (const { download } of meant) client[name](download)
        return json(call, { status: true, nzo_ids: meant.map(({ download }) => download.id) })
      }
      return json(call, {
        queue: {
          version: "4.5.0",
          paused: client.isPaused,
          paused_all: false,
          speedlimit_abs: "0",
          kbpersec: String(
            Math.floor(jobs().reduce((sum, job) => sum + (inQueue(job) ? job.state.downSpeed : 0), 0) / 1024)
          ),
          diskspace1: "465.00",
          diskspace2: "465.00",
          have_quota: false,
          quota: "0 ",
          left_quota: "0 ",
          ...list(call, values, inQueue, queueSlot)
        }
      })
    },
    history: (call, values) => {
      if (values.get("name") === "delete") {
        remove(call, values, (job) => !inQueue(job))
        return json(call, { status: true })
      }
      return json(call, {
        history: {
          version: "4.5.0",
          last_history_update:
            Math.max(0, ...jobs().map(({ state }) => state.completedAt ?? 0)) + client.downloads.size,
          ...list(call, values, (job) => !inQueue(job), historySlot)
        }
      })
    },
    fullstatus: (call) =>
      json(call, {
        status: { pid: 7, version: "4.5.0", downloaddir: "/downloads/incomplete", completedir: "/downloads" }
      }),
    get_config: (call, values) =>
      json(call, {
        config:
          values.get("section") === "misc"
            ? {
                misc: { unwanted_extensions: [], action_on_unwanted_extensions: 0, schedlines: [], pre_script: "None" }
              }
            : {
                categories: ["*", ...client.categories.keys()].map((name, order) => ({
                  name,
                  order,
                  dir: name === "*" ? "" : name
                }))
              }
      }),
    get_cats: (call) => json(call, { categories: ["*", ...client.categories.keys()] }),
    get_files: (call, values) =>
      json(call, {
        files: (client.downloads.get(values.get("value") ?? "")?.files ?? []).map(({ name, sizeBytes }) => ({
          filename: name,
          bytes: String(sizeBytes),
          mb: mebibytes(sizeBytes),
          mbleft: mebibytes(sizeBytes),
          status: "active"
        }))
      }),
    change_cat: (call, values) => {
      const download = client.downloads.get(values.get("value") ?? "")
      const category = values.get("value2") ?? "*"
      if (download !== undefined) download.category = category === "*" ? "" : category
      client.changed()
      return json(call, { status: true })
    },
    switch: (call) => json(call, { result: { position: 0, priority: 0 } }),
    pause: (call) => json(call, { status: (client.isPaused = true) }),
    resume: (call) => json(call, { status: !(client.isPaused = false) })
  }

  return [
    openRoute("GET", path, (call) => answered(call, call.query)),
    openRoute("POST", path, async (call) => {
      const values = new URLSearchParams(await call.request.text())
      for (const [key, value] of call.query) values.set(key, value)
      return answered(call, values)
    })
  ]
}

/** What is complete is in the history. */
const inQueue = ({ state }: Job): boolean => !state.isComplete

const mebibytes = (bytes: number): string => (bytes / 1024 ** 2).toFixed(2)

const queueSlot = ({ download, state }: Job, index: number) => {
  const left = Math.floor(download.sizeBytes * (1 - state.progress))
  return {
    index,
    nzo_id: download.id,
    filename: download.name,
    cat: download.category === "" ? "*" : download.category,
    status: state.isPaused ? "Paused" : index === 0 ? "Downloading" : "Queued",
    mb: mebibytes(download.sizeBytes),
    mbleft: mebibytes(left),
    percentage: String(Math.floor(state.progress * 100)),
    timeleft: timeOf(state.etaSeconds ?? 0),
    priority: "Normal",
    labels: [],
    time_added: Math.floor(download.addedAt / 1000)
  }
}

const historySlot = ({ download, state }: Job) => {
  const hasFailed = download.fate === "breaks"
  return {
    nzo_id: download.id,
    name: download.name,
    category: download.category === "" ? "*" : download.category,
    status: hasFailed ? "Failed" : "Completed",
    fail_message: hasFailed ? "Aborted, cannot be completed - https://sabnzbd.org/not-complete" : "",
    bytes: download.sizeBytes,
    storage: hasFailed ? "" : `${download.savePath}/${download.name}`,
    path: `/downloads/incomplete/${download.name}`,
    completed: Math.floor((state.completedAt ?? 0) / 1000),
    time_added: Math.floor(download.addedAt / 1000)
  }
}

const timeOf = (seconds: number): string => {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0")
  return `${Math.floor(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`
}
