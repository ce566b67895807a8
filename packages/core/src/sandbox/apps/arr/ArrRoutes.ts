/**
 * Routes that all arrs share: status, health, disks, root folders, tags, quality profiles, commands, queue and history.
 */
import { Schema } from "effect"
import type { Mount, QualityProfile } from "../../world/WorldModel.ts"
import { qualityProfiles } from "../../world/Generate.ts"
import { json, queryInt, queryInts } from "../Reply.ts"
import { type AppContext, type Call, type Route, openRoute, route } from "../SandboxApp.ts"
import { paged } from "./ArrPages.ts"
import type { ArrQueueRow } from "./ArrQueue.ts"
import { queueRoutes } from "./QueueRoutes.ts"
import { arrBadBody, arrBody, arrInvalid, arrNotFound, arrTime } from "./ArrReplies.ts"

export interface ArrParts {
  readonly appName: string
  readonly version: string
  /** The path of its API, such as `/api/v3`. */
  readonly api: string
  /** Its one root folder, with fields in addition to path, space and id. */
  readonly root: { readonly path: string; readonly more: Readonly<Record<string, unknown>> }
  /** Its quality profiles in the form of responses. */
  readonly profiles: ReadonlyArray<{ readonly id: number }>
  readonly tags: Map<number, string>
  /** What else may have a tag, by the keys in `tag/detail`. */
  readonly tagUses?: ReadonlyArray<string>
  /** Ids of the items with a tag, by the key in `tag/detail`. */
  readonly tagged: (tagId: number) => Readonly<Record<string, ReadonlyArray<number>>>
  /** Runs a command of its own; false if it does not know the command. */
  readonly command: (name: string, body: Readonly<Record<string, unknown>>) => boolean
  /** Events, newest first. */
  readonly history: () => ReadonlyArray<ArrEvent>
  /** Its name of the wholes by which the history can be filtered, such as `series`. */
  readonly historyOf: string
  /** Downloads in progress, one row for each part of a title; absent = this arr has no download clients. */
  readonly queue?: () => ReadonlyArray<ArrQueueRow>
}

export interface ArrEvent {
  readonly at: number
  /** Its type in responses. */
  readonly type: string
  /** Everything but id, date and type. */
  readonly record: (query: URLSearchParams) => Readonly<Record<string, unknown>>
}

export const arrRoutes = (context: AppContext, parts: ArrParts): ReadonlyArray<Route> => {
  const { world } = context
  const { api, profiles } = parts
  const commands: Array<{ readonly name: string; readonly body: unknown; readonly at: number }> = []

  const status = (call: Call) =>
    json(call, {
      appName: parts.appName,
      instanceName: parts.appName,
      version: parts.version,
      buildTime: "2026-01-10T12:00:00Z",
      isDebug: false,
      isProduction: true,
      isAdmin: false,
      isUserInteractive: false,
      startupPath: `/app/${parts.appName.toLowerCase()}/bin`,
      appData: "/config",
      osName: "alpine",
      osVersion: "3.22.1",
      isNetCore: true,
      isLinux: true,
      isOsx: false,
      isWindows: false,
      isDocker: true,
      mode: "console",
      branch: "master",
      databaseType: "sqLite",
      databaseVersion: "3.50.4",
      authentication: "forms",
      migrationVersion: 242,
      urlBase: context.urlBase,
      runtimeVersion: "8.0.12",
      runtimeName: ".NET",
      startTime: arrTime(world.iso(world.startedAt)),
      packageUpdateMechanism: "docker"
    })

  const rootFolder = (mount: Mount, path: string, id: number) => ({
    path,
    accessible: true,
    freeSpace: world.disks.freeBytes(mount),
    ...parts.root.more,
    id
  })
  const rootFolders = () =>
    world.disks.mounts
      .flatMap((mount) => mount.rootFolders.map((path) => ({ mount, path })))
      .filter(({ path }) => path === parts.root.path)
      .map(({ mount, path }, index) => rootFolder(mount, path, index + 1))

  const tagAnswer = (id: number) => ({ label: parts.tags.get(id), id })

  const eventsAsked = (call: Call) => {
    const events = parts.history()
    const wanted = queryInts(call.query, "eventType")
    return events
      .map((event, index) => ({ event, id: events.length - index }))
      .filter(({ event }) => wanted.length === 0 || wanted.includes(eventNumbers[event.type] ?? 0))
  }
  const eventAnswer =
    (call: Call) =>
    ({ event, id }: { readonly event: ArrEvent; readonly id: number }): Readonly<Record<string, unknown>> => ({
      ...event.record(call.query),
      eventType: event.type,
      date: arrTime(world.iso(event.at)),
      id
    })

  const commandAnswer = (index: number, fresh: boolean) => {
    const command = commands[index]
    if (command === undefined) return undefined
    const at = arrTime(world.iso(command.at))
    return {
      name: command.name,
      commandName: command.name.replace(/(?<=[a-z])(?=[A-Z])/g, " "),
      ...(fresh
        ? {}
        : { message: "Completed", started: at, ended: at, duration: "00:00:00.0310000", stateChangeTime: at }),
      body: command.body,
      priority: "normal",
      status: fresh ? "queued" : "completed",
      result: fresh ? "unknown" : "successful",
      queued: at,
      trigger: "manual",
      clientUserAgent: "",
      sendUpdatesToClient: true,
      updateScheduledTask: true,
      id: index + 1
    }
  }

  return [
    openRoute("GET", "/ping", (call) => json(call, { status: "OK" })),
    openRoute(
      "GET",
      "/login",
      () =>
        new Response(`<!DOCTYPE html><html><head><title>Login - ${parts.appName}</title></head><body></body></html>`, {
          headers: { "content-type": "text/html" }
        })
    ),
    route("GET", `${api}/system/status`, status),
    route("GET", `${api}/health`, (call) => json(call, [])),
    route("GET", `${api}/diskspace`, (call) =>
      json(
        call,
        world.disks.mounts.map((mount) => ({
          path: mount.path,
          label: mount.label,
          freeSpace: world.disks.freeBytes(mount),
          totalSpace: mount.totalBytes
        }))
      )
    ),
    route("GET", `${api}/rootfolder`, (call) => json(call, rootFolders())),
    route("GET", `${api}/rootfolder/:id`, (call) => {
      const found = rootFolders().find((folder) => folder.id === Number(call.params["id"]))
      return found === undefined ? arrNotFound(call) : json(call, found)
    }),
    route("GET", `${api}/qualityprofile`, (call) => json(call, profiles)),
    route("GET", `${api}/qualityprofile/:id`, (call) => {
      const found = profiles.find((profile) => profile.id === Number(call.params["id"]))
      return found === undefined ? arrNotFound(call) : json(call, found)
    }),

    route("GET", `${api}/tag`, (call) => json(call, [...parts.tags.keys()].map(tagAnswer))),
    route("GET", `${api}/tag/detail`, (call) =>
      json(
        call,
        [...parts.tags.keys()].map((id) => ({
          ...tagAnswer(id),
          ...Object.fromEntries((parts.tagUses ?? tagUses).map((use): [string, ReadonlyArray<number>] => [use, []])),
          ...parts.tagged(id)
        }))
      )
    ),
    route("GET", `${api}/tag/:id`, (call) => {
      const id = Number(call.params["id"])
      return parts.tags.has(id) ? json(call, tagAnswer(id)) : arrNotFound(call)
    }),
    route("POST", `${api}/tag`, async (call) => {
      const body = await arrBody(call, TagBody)
      if (body === undefined) return arrBadBody(call)
      if (body.value.label.trim() === "")
        return arrInvalid(call, "Label", "'Label' must not be empty.", body.value.label)
      const label = body.value.label.toLowerCase()
      const id = [...parts.tags].find(([, known]) => known === label)?.[0] ?? Math.max(0, ...parts.tags.keys()) + 1
      parts.tags.set(id, label)
      return json(call, tagAnswer(id), 201)
    }),
    route("PUT", `${api}/tag/:id`, async (call) => {
      const id = Number(call.params["id"])
      const body = await arrBody(call, TagBody)
      if (body === undefined) return arrBadBody(call)
      if (!parts.tags.has(id)) return arrNotFound(call)
      parts.tags.set(id, body.value.label.toLowerCase())
      return json(call, tagAnswer(id), 202)
    }),
    route("DELETE", `${api}/tag/:id`, (call) => {
      const id = Number(call.params["id"])
      if (!parts.tags.has(id)) return arrNotFound(call)
      if (Object.values(parts.tagged(id)).some((ids) => ids.length > 0)) {
        return json(call, { message: "Tag cannot be deleted since it's still in use", description: "" }, 409)
      }
      parts.tags.delete(id)
      return json(call, {})
    }),

    route("GET", `${api}/command`, (call) =>
      json(
        call,
        commands.map((_, index) => commandAnswer(index, false))
      )
    ),
    route("GET", `${api}/command/:id`, (call) => {
      const found = commandAnswer(Number(call.params["id"]) - 1, false)
      return found === undefined ? arrNotFound(call) : json(call, found)
    }),
    route("POST", `${api}/command`, async (call) => {
      const body = await arrBody(call, CommandBody)
      if (body === undefined) return arrBadBody(call)
      const { name } = body.value
      if (!parts.command(name, body.raw) && !commonCommands.has(name))
        return arrInvalid(call, "Name", "Unknown command", name)
      commands.push({ name, body: body.raw, at: world.now() })
      return json(call, commandAnswer(commands.length - 1, true), 201)
    }),

    ...queueRoutes(api, parts.queue ?? (() => [])),
    route("GET", `${api}/history`, (call) => {
      const downloadId = call.query.get("downloadId")
      const asked = eventsAsked(call)
      const events =
        downloadId === null ? asked : asked.filter(({ event }) => event.record(call.query)["downloadId"] === downloadId)
      return paged(call, "date", "descending", events, eventAnswer(call))
    }),
    // These two are not paged.
    route("GET", `${api}/history/since`, (call) => {
      const since = Date.parse(call.query.get("date") ?? "")
      return json(
        call,
        eventsAsked(call)
          .filter(({ event }) => !(event.at < since))
          .map(eventAnswer(call))
      )
    }),
    route("GET", `${api}/history/${parts.historyOf}`, (call) => {
      const key = `${parts.historyOf}Id`
      const id = queryInt(call.query, key, 0)
      return json(
        call,
        eventsAsked(call)
          .map(eventAnswer(call))
          .filter((record) => record[key] === id)
      )
    })
  ]
}

/** Numbers in a list of an arbitrary body. */
export const numbersIn = (value: unknown): ReadonlyArray<number> =>
  Array.isArray(value) ? value.filter((each): each is number => typeof each === "number") : []

/** The number that selects an event. */
const eventNumbers: Readonly<Record<string, number>> = {
  grabbed: 1,
  downloadFolderImported: 3,
  trackFileImported: 3,
  bookFileImported: 3,
  episodeFileDeleted: 5,
  trackFileDeleted: 5,
  bookFileDeleted: 5,
  movieFileDeleted: 6
}

const TagBody = Schema.Struct({ label: Schema.String })
const CommandBody = Schema.Struct({ name: Schema.String })

/** Newer versions state how much better a file must be to count as an upgrade. */
const profileAnswer = (profile: QualityProfile, newer: boolean) => ({
  name: profile.name,
  upgradeAllowed: true,
  cutoff: profile.cutoff,
  items: profileItems.map((quality) => ({ quality, items: [], allowed: true })),
  minFormatScore: 0,
  cutoffFormatScore: 0,
  ...(newer ? { minUpgradeFormatScore: 1 } : {}),
  formatItems: [],
  id: profile.id
})

const profileItems = [
  { id: 4, name: "HDTV-720p", source: "unknown", resolution: 720 },
  { id: 7, name: "Bluray-1080p", source: "bluray", resolution: 1080 },
  { id: 19, name: "Bluray-2160p", source: "bluray", resolution: 2160 }
]

const tagUses = ["delayProfileIds", "importListIds", "notificationIds", "indexerIds", "downloadClientIds", "autoTagIds"]

/** Shared by the arrs for movies and shows. */
export const videoArr = (path: string, newer: boolean): Pick<ArrParts, "api" | "root" | "profiles"> => ({
  api: "/api/v3",
  root: { path, more: { unmappedFolders: [] } },
  profiles: qualityProfiles.map((profile) => profileAnswer(profile, newer))
})

/** Commands that every arr knows. */
const commonCommands = new Set([
  "RenameFiles",
  "RefreshMonitoredDownloads",
  "ProcessMonitoredDownloads",
  "RssSync",
  "ImportListSync",
  "CleanUpRecycleBin",
  "Backup",
  "CheckHealth"
])
