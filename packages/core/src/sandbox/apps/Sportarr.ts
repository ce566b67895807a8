/** A simulated Sportarr: its own API over the world's leagues, whose events are episodes, and its queue in the form of Sonarr. */
import { Schema } from "effect"
import { qualityProfiles } from "../world/Generate.ts"
import { hasBit } from "../world/Masks.ts"
import type { ShowShelf } from "../world/ShowShelf.ts"
import type { SeasonRecord, ShowRecord } from "../world/WorldModel.ts"
import { arrApp, arrBadBody, arrBody, arrFailure, arrFlag, arrNotFound, optional } from "./arr/ArrReplies.ts"
import { airDate, episodeFileAnswer, episodeTitle } from "./arr/SeriesAnswers.ts"
import { json, listing, queryInt, wholeList } from "./Reply.ts"
import { type AppContext, type Call, destroy, openRoute, type Route, route, type SandboxApp } from "./SandboxApp.ts"

const page = `<!doctype html><html lang="en"><head><title>Sportarr</title></head><body></body></html>`

export const sportarr: SandboxApp = {
  ...arrApp,
  id: "sportarr",
  kind: "sportarr",
  name: "Sportarr",
  onlyWhenNamed: true,
  routes: (context) => [...systemRoutes(context), ...libraryRoutes(context, context.world.leaguesOf(context.number))]
}

const systemRoutes = (context: AppContext): ReadonlyArray<Route> => {
  const { world } = context
  const shelf = world.leaguesOf(context.number)
  return [
    openRoute("GET", "", () => new Response(page, { headers: { "content-type": "text/html" } })),
    openRoute("GET", "/", () => new Response(page, { headers: { "content-type": "text/html" } })),
    route("GET", "/api/v3/system/status", (call) =>
      json(call, {
        appName: "Sportarr",
        instanceName: "Sportarr",
        version: "4.0.1020.1100",
        startTime: world.iso(world.now())
      })
    ),
    route("GET", "/api/tag", (call) =>
      json(
        call,
        Array.from(shelf.tags, ([id, label]) => ({ id, label }))
      )
    ),
    route("GET", "/api/qualityprofile", (call) =>
      json(
        call,
        qualityProfiles.map(({ id, name }) => ({ id, name, isDefault: false }))
      )
    ),
    route("GET", "/api/rootfolder", (call) =>
      json(
        call,
        world.disks.mounts
          .filter(({ rootFolders }) => rootFolders.includes(shelf.root))
          .map((mount, index) => ({
            id: index + 1,
            path: shelf.root,
            accessible: true,
            freeSpace: world.disks.freeBytes(mount),
            totalSpace: mount.totalBytes
          }))
      )
    ),
    route("GET", "/api/v3/queue", (call) => {
      const number = Math.max(1, queryInt(call.query, "page", 1))
      const pageSize = Math.max(1, queryInt(call.query, "pageSize", 20))
      return json(call, { page: number, pageSize, sortKey: "added", totalRecords: 0, records: [] })
    })
  ]
}

const libraryRoutes = (context: AppContext, shelf: ShowShelf): ReadonlyArray<Route> => {
  const { world } = context
  const league = (call: Call): ShowRecord | undefined => shelf.shows.get(Number(call.params["id"]))
  const eventOf = (call: Call) => {
    const id = Number(call.params["id"])
    const season = shelf.seasonOfBlock(Math.floor(id / 32))
    const number = id % 32
    return season === undefined || !shelf.shows.has(season.show.id) || number < 1 || number > season.work.total
      ? undefined
      : { season, number }
  }
  const seasonsOf = () => [...shelf.shows.values()].flatMap(({ seasons }) => seasons)
  const events = (seasons: ReadonlyArray<SeasonRecord>) =>
    seasons.flatMap((season) => Array.from({ length: season.work.total }, (_, at) => ({ season, number: at + 1 })))

  const file = (season: SeasonRecord, number: number) => {
    const { dateAdded, id, path, quality, releaseGroup, size } = episodeFileAnswer(world, season, number)
    return {
      id,
      filePath: path,
      size,
      quality: quality.quality.name,
      qualityScore: 100,
      customFormatScore: 0,
      codec: "H.264",
      source: "WEB-DL",
      releaseGroup,
      partName: null,
      partNumber: null,
      added: dateAdded,
      exists: true
    }
  }
  const filesOf = (season: SeasonRecord, number: number) => (hasBit(season.files, number) ? [file(season, number)] : [])

  const eventAnswer = ({ number, season }: { readonly season: SeasonRecord; readonly number: number }) => ({
    id: season.block * 32 + number,
    externalId: `ev-${season.block}-${number}`,
    title: episodeTitle(number),
    sport: "Soccer",
    leagueId: season.show.id,
    leagueName: season.show.work.title,
    season: String(season.work.number),
    seasonNumber: season.work.number,
    episodeNumber: number,
    eventDate: world.iso(airDate(season, number)),
    monitored: hasBit(season.monitoredEpisodes, number),
    hasFile: hasBit(season.files, number),
    qualityProfileId: season.show.qualityProfileId,
    lastUpdate: null,
    files: filesOf(season, number)
  })

  const leagueAnswer = (show: ShowRecord) => ({
    id: show.id,
    externalId: `lg-${String(show.work.tvdbId).padStart(6, "0")}`,
    name: show.work.title,
    sport: "Soccer",
    country: "International",
    monitored: show.monitored,
    qualityProfileId: show.qualityProfileId,
    tags: show.tags,
    path: `${show.rootFolder}/${show.folder}`,
    posterUrl: null,
    logoUrl: null,
    added: world.iso(show.addedAt)
  })

  return [
    route("GET", "/api/leagues", (call) =>
      wholeList(call, { before: "[", after: "]", rows: [...shelf.shows.values()], render: leagueAnswer })
    ),
    route("GET", "/api/events", (call) =>
      wholeList(call, { before: "[", after: "]", rows: events(seasonsOf()), render: eventAnswer })
    ),
    route("GET", "/api/leagues/:id", (call) => {
      const show = league(call)
      return show === undefined ? arrNotFound(call, "League not found") : json(call, leagueAnswer(show))
    }),
    route("GET", "/api/leagues/:id/events", (call) => {
      const show = league(call)
      if (show === undefined) return arrNotFound(call, "League not found")
      return listing(call, { before: "[", after: "]", rows: events(show.seasons), render: eventAnswer })
    }),
    route("GET", "/api/leagues/:id/files", (call) => {
      const show = league(call)
      if (show === undefined) return arrNotFound(call, "League not found")
      const files = events(show.seasons).flatMap(({ number, season }) => filesOf(season, number))
      return json(call, { leagueId: show.id, totalFiles: files.length, files })
    }),
    route("GET", "/api/leagues/:id/download-history", (call) => json(call, [])),
    route("PUT", "/api/leagues/:id", async (call) => {
      const [show, body] = [league(call), await arrBody(call, LeagueEdit)]
      if (show === undefined) return arrNotFound(call, "League not found")
      if (body === undefined) return arrBadBody(call)
      show.monitored = body.value.monitored ?? show.monitored
      show.qualityProfileId = body.value.qualityProfileId ?? show.qualityProfileId
      world.revision++
      return json(call, leagueAnswer(show))
    }),
    route("DELETE", "/api/leagues/:id", (call) => {
      const show = league(call)
      if (show === undefined) return arrNotFound(call, "League not found")
      return destroy(
        call,
        ({ freesBytes }) => shelf.remove(show, { deleteFiles: arrFlag(call.query, "deleteFiles"), freesBytes }),
        () => json(call, {}),
        () => arrFailure(call, "The database is locked")
      )
    }),
    route("GET", "/api/events/:id", (call) => {
      const event = eventOf(call)
      return event === undefined ? arrNotFound(call) : json(call, eventAnswer(event))
    }),
    route("PUT", "/api/events/:id", async (call) => {
      const [event, body] = [eventOf(call), await arrBody(call, EventEdit)]
      if (event === undefined) return arrNotFound(call)
      if (body === undefined) return arrBadBody(call)
      const bit = 1 << (event.number - 1)
      const { season } = event
      season.monitoredEpisodes = body.value.monitored ? season.monitoredEpisodes | bit : season.monitoredEpisodes & ~bit
      world.revision++
      return json(call, eventAnswer(event))
    }),
    route("DELETE", "/api/events/:id/files", (call) => {
      const event = eventOf(call)
      if (event === undefined) return arrNotFound(call)
      const { number, season } = event
      const deletedCount = filesOf(season, number).length
      return destroy(
        call,
        ({ freesBytes }) => shelf.deleteFiles(season, 1 << (number - 1), freesBytes),
        () => json(call, { success: true, message: `Deleted ${deletedCount} files`, deletedCount, failedCount: 0 }),
        () => arrFailure(call, "The database is locked")
      )
    }),
    route("POST", "/api/event/:id/automatic-search", (call) => {
      const event = eventOf(call)
      if (event === undefined) return arrNotFound(call)
      shelf.search(event.season)
      return json(call, { success: true })
    })
  ]
}

const LeagueEdit = Schema.Struct({ monitored: optional(Schema.Boolean), qualityProfileId: optional(Schema.Int) })
const EventEdit = Schema.Struct({ monitored: Schema.Boolean })
