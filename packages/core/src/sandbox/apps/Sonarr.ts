/** A simulated Sonarr 4: its API v3 over the world's shows. A season is removed as in life: its files, then its monitoring. */
import { Schema } from "effect"
import { fullMask, showRoot } from "../world/Generate.ts"
import type { ShowRecord } from "../world/WorldModel.ts"
import { episodeRoutes } from "./arr/EpisodeRoutes.ts"
import { runSonarrCommand, sonarrHistory } from "./arr/SonarrCommands.ts"
import {
  arrAuthorized,
  arrBadBody,
  arrBody,
  arrFailure,
  arrFlag,
  arrInvalid,
  arrMissingRows,
  arrNoRoute,
  arrNotFound,
  arrUnauthorized,
  optional,
  unknownKeys
} from "./arr/ArrReplies.ts"
import { api, arrRoutes, editTags, isProfile, paged, unknownProfile, videoArr } from "./arr/ArrRoutes.ts"
import { seriesAnswer, showWorkAnswer } from "./arr/SeriesAnswers.ts"
import { poster } from "./Poster.ts"
import { json, queryInt, wholeList } from "./Reply.ts"
import { type AppContext, type Call, destroy, openRoute, route, type Route, type SandboxApp } from "./SandboxApp.ts"

export const sonarr: SandboxApp = {
  kind: "sonarr",
  name: "Sonarr",
  config: (apiKey) => ({ apiKey }),
  authorized: arrAuthorized,
  unauthorized: arrUnauthorized,
  notFound: arrNoRoute,
  routes: (context) => [
    ...arrRoutes(context, {
      appName: "Sonarr",
      version: "4.0.16.2944",
      ...videoArr(showRoot),
      tags: context.world.showTags,
      tagged: (tagId) => ({
        seriesIds: [...context.world.shows.values()].filter((show) => show.tags.includes(tagId)).map((show) => show.id)
      }),
      command: (name, body) => runSonarrCommand(context, name, body),
      history: () => sonarrHistory(context)
    }),
    ...seriesRoutes(context),
    ...episodeRoutes(context),
    ...exclusionRoutes(context)
  ]
}

const seriesRoutes = (context: AppContext): ReadonlyArray<Route> => {
  const { world } = context
  const found = (call: Call) => world.shows.get(Number(call.params["id"]))
  const missing = (call: Call) => arrNotFound(call, `Series with ID ${call.params["id"]} does not exist`)

  return [
    route("GET", `${api}/series`, (call) => {
      const tvdbId = queryInt(call.query, "tvdbId", 0)
      const rows = [...world.shows.values()].filter((show) => tvdbId === 0 || show.work.tvdbId === tvdbId)
      return wholeList(call, { before: "[", after: "]", rows, render: (show) => seriesAnswer(context, call, show) })
    }),
    route("GET", `${api}/series/lookup`, (call) => {
      const work = world.index.knownShow(Number(/^tvdb:(\d+)$/.exec(call.query.get("term") ?? "")?.[1]))
      return json(call, work === undefined ? [] : [showWorkAnswer(world, work)])
    }),
    route("GET", `${api}/series/:id`, (call) => {
      const show = found(call)
      return show === undefined ? missing(call) : json(call, seriesAnswer(context, call, show))
    }),
    route("POST", `${api}/series`, async (call) => {
      const body = await arrBody(call, SeriesBody)
      if (body === undefined) return arrBadBody(call)
      const { tvdbId = 0, rootFolderPath, qualityProfileId = 0 } = body.value
      const work = world.index.knownShow(tvdbId)
      if (work === undefined) return arrInvalid(call, "TvdbId", "A series with this ID was not found.", tvdbId)
      if (world.index.showOf(work) !== undefined) {
        return arrInvalid(call, "TvdbId", "This series has already been added", tvdbId)
      }
      if (rootFolderPath?.replace(/\/$/, "") !== showRoot) {
        return arrInvalid(
          call,
          "RootFolderPath",
          `Root folder '${rootFolderPath ?? ""}' does not exist`,
          rootFolderPath
        )
      }
      if (!isProfile(qualityProfileId)) return unknownProfile(call, qualityProfileId)
      const show = world.addShow(work, {
        rootFolder: showRoot,
        qualityProfileId,
        monitored: body.value.monitored ?? false,
        seasonFolder: body.value.seasonFolder ?? false,
        seriesType: body.value.seriesType ?? "standard",
        monitorNewItems: body.value.monitorNewItems ?? "all",
        tags: body.value.tags ?? []
      })
      monitorSeasons(show, body.value.seasons ?? null)
      if (body.value.addOptions?.searchForMissingEpisodes === true) {
        for (const season of show.seasons) world.searchSeason(season)
      }
      return json(call, seriesAnswer(context, call, show), 201)
    }),
    // As in the original, the whole resource comes: what is left out falls back to its default.
    route("PUT", `${api}/series/:id`, async (call) => {
      const show = found(call)
      const body = await arrBody(call, SeriesBody)
      if (show === undefined) return missing(call)
      if (body === undefined) return arrBadBody(call)
      const { qualityProfileId = 0, path, rootFolderPath } = body.value
      if (!isProfile(qualityProfileId)) return unknownProfile(call, qualityProfileId)
      if (path === undefined || path === null) return arrInvalid(call, "Path", "'Path' must not be empty.")
      show.monitored = body.value.monitored ?? false
      show.qualityProfileId = qualityProfileId
      show.seasonFolder = body.value.seasonFolder ?? false
      show.seriesType = body.value.seriesType ?? "standard"
      show.monitorNewItems = body.value.monitorNewItems ?? "all"
      show.tags = body.value.tags ?? []
      if (rootFolderPath !== undefined && rootFolderPath !== null)
        world.moveRoot(show, rootFolderPath.replace(/\/$/, ""))
      monitorSeasons(show, body.value.seasons ?? [])
      show.extra = unknownKeys(body.raw, seriesAnswer(context, call, { ...show, extra: {} }))
      world.revision++
      return json(call, seriesAnswer(context, call, show), 202)
    }),
    route("DELETE", `${api}/series/:id`, (call) => {
      const show = found(call)
      if (show === undefined) return missing(call)
      const deleteFiles = arrFlag(call.query, "deleteFiles")
      const exclude = arrFlag(call.query, "addImportListExclusion")
      return destroy(
        call,
        ({ freesBytes }) => remove(context, [show], { deleteFiles, freesBytes, exclude }),
        () => json(call, {}),
        () => arrFailure(call, "database is locked")
      )
    }),
    route("PUT", `${api}/series/editor`, async (call) => {
      const body = await arrBody(call, EditorBody)
      if (body === undefined) return arrBadBody(call)
      const shows = body.value.seriesIds.flatMap((id) => world.shows.get(id) ?? [])
      if (shows.length < body.value.seriesIds.length)
        return arrMissingRows(call, body.value.seriesIds.length, shows.length)
      for (const show of shows) {
        show.monitored = body.value.monitored ?? show.monitored
        show.qualityProfileId = body.value.qualityProfileId ?? show.qualityProfileId
        show.tags = editTags(show.tags, body.value.tags ?? null, body.value.applyTags ?? "add")
      }
      world.revision++
      return json(
        call,
        shows.map((show) => seriesAnswer(context, call, show)),
        202
      )
    }),
    route("DELETE", `${api}/series/editor`, async (call) => {
      const body = await arrBody(call, EditorBody)
      if (body === undefined) return arrBadBody(call)
      const shows = body.value.seriesIds.flatMap((id) => world.shows.get(id) ?? [])
      if (shows.length < body.value.seriesIds.length)
        return arrMissingRows(call, body.value.seriesIds.length, shows.length)
      const deleteFiles = body.value.deleteFiles ?? false
      const exclude = body.value.addImportListExclusion ?? false
      return destroy(
        call,
        ({ freesBytes }) => remove(context, shows, { deleteFiles, freesBytes, exclude }),
        () => json(call, {}),
        () => arrFailure(call, "database is locked")
      )
    }),
    route("GET", `${api}/mediacover/:id/:file`, (call) => {
      const show = found(call)
      return show === undefined ? arrNotFound(call) : poster(show.work.title, show.work.year)
    }),
    // Stands for the metadata provider, where posters are open to all.
    openRoute("GET", "/art/:tvdbId/:file", (call) => {
      const work = world.index.knownShow(Number(call.params["tvdbId"]))
      return work === undefined ? arrNotFound(call) : poster(work.title, work.year)
    })
  ]
}

const exclusionRoutes = ({ world }: AppContext): ReadonlyArray<Route> => {
  const answer = (id: number) => {
    const exclusion = world.showExclusions.get(id)
    return exclusion && { tvdbId: exclusion.externalId, title: exclusion.title, id }
  }
  const ids = () => [...world.showExclusions.keys()]
  return [
    route("GET", `${api}/importlistexclusion`, (call) => json(call, ids().map(answer))),
    route("GET", `${api}/importlistexclusion/paged`, (call) => paged(call, "title", "ascending", ids(), answer)),
    route("GET", `${api}/importlistexclusion/:id`, (call) => {
      const found = answer(Number(call.params["id"]))
      return found === undefined ? arrNotFound(call) : json(call, found)
    }),
    route("POST", `${api}/importlistexclusion`, async (call) => {
      const body = await arrBody(call, ExclusionBody)
      if (body === undefined) return arrBadBody(call)
      if ([...world.showExclusions.values()].some((exclusion) => exclusion.externalId === body.value.tvdbId)) {
        return arrInvalid(call, "TvdbId", "This exclusion has already been added.", body.value.tvdbId)
      }
      return json(call, answer(world.exclude(world.showExclusions, body.value.tvdbId, body.value.title, 0).id), 201)
    }),
    route("DELETE", `${api}/importlistexclusion/:id`, (call) =>
      world.showExclusions.delete(Number(call.params["id"])) ? json(call, {}) : arrNotFound(call)
    )
  ]
}

const remove = (
  { world }: AppContext,
  shows: ReadonlyArray<ShowRecord>,
  mode: { readonly deleteFiles: boolean; readonly freesBytes: boolean; readonly exclude: boolean }
): void => {
  for (const show of shows) {
    world.removeShow(show, mode)
    if (mode.exclude) world.exclude(world.showExclusions, show.work.tvdbId, show.work.title, show.work.year)
  }
}

/** A season that changes takes its episodes along; one that is not named is not monitored. `null` = no word on seasons. */
const monitorSeasons = (
  show: ShowRecord,
  wanted: ReadonlyArray<{ readonly seasonNumber: number; readonly monitored?: boolean }> | null
): void => {
  if (wanted === null) return
  for (const season of show.seasons) {
    const monitored = wanted.find((each) => each.seasonNumber === season.work.number)?.monitored ?? false
    if (monitored === season.monitored) continue
    season.monitored = monitored
    season.monitoredEpisodes = monitored ? fullMask(season.work.total) : 0
  }
}

const SeriesBody = Schema.Struct({
  tvdbId: Schema.optionalKey(Schema.Int),
  qualityProfileId: Schema.optionalKey(Schema.Int),
  rootFolderPath: optional(Schema.String),
  path: optional(Schema.String),
  monitored: Schema.optionalKey(Schema.Boolean),
  seasonFolder: Schema.optionalKey(Schema.Boolean),
  seriesType: Schema.optionalKey(Schema.String),
  monitorNewItems: Schema.optionalKey(Schema.String),
  tags: optional(Schema.Array(Schema.Int)),
  seasons: optional(
    Schema.Array(Schema.Struct({ seasonNumber: Schema.Int, monitored: Schema.optionalKey(Schema.Boolean) }))
  ),
  addOptions: optional(Schema.Struct({ searchForMissingEpisodes: Schema.optionalKey(Schema.Boolean) }))
})
const EditorBody = Schema.Struct({
  seriesIds: Schema.Array(Schema.Int),
  monitored: optional(Schema.Boolean),
  qualityProfileId: optional(Schema.Int),
  tags: optional(Schema.Array(Schema.Int)),
  applyTags: Schema.optionalKey(Schema.Literals(["add", "remove", "replace"])),
  deleteFiles: Schema.optionalKey(Schema.Boolean),
  addImportListExclusion: Schema.optionalKey(Schema.Boolean)
})
const ExclusionBody = Schema.Struct({ tvdbId: Schema.Int, title: Schema.String })
