/**
 * A simulated arr for shows: its API v3 over a shelf of the world. As in the original, a season is removed by deleting
 * its files and then unmonitoring it. Differences between versions are parameters.
 */
import { Schema } from "effect"
import type { SandboxWorld } from "../../SandboxWorld.ts"
import type { YardDownload } from "../../world/DownloadYard.ts"
import { fullMask, hasBit } from "../../world/Masks.ts"
import type { ShowShelf } from "../../world/ShowShelf.ts"
import type { ShowRecord } from "../../world/WorldModel.ts"
import { poster } from "../Poster.ts"
import { queryInt } from "../Reply.ts"
import { type AppContext, type Call, openRoute, route, type Route, type SandboxApp } from "../SandboxApp.ts"
import { qualityAnswer } from "./ArrFiles.ts"
import { downloadsFor, episodesIn, importNamed, isQueued, queueRow, rowIdOf, withDownloads } from "./ArrQueue.ts"
import { arrApp, arrInvalid, arrNotFound, optional } from "./ArrReplies.ts"
import { arrRoutes, videoArr } from "./ArrRoutes.ts"
import { entryFields, entryRoutes, exclusionRoutes } from "./EntryRoutes.ts"
import { type EpisodeAdjustments, episodeRoutes } from "./EpisodeRoutes.ts"
import { episodeAnswer, seriesAnswer, showWorkAnswer } from "./SeriesAnswers.ts"
import { runSeriesCommand, seriesHistory } from "./SeriesCommands.ts"

type Fields = Readonly<Record<string, unknown>>

export interface SeriesArr extends Pick<SandboxApp, "id" | "kind" | "name" | "onlyWhenNamed"> {
  readonly appName: string
  readonly version: string
  readonly shelf: (world: SandboxWorld, number: number) => ShowShelf
  /** Whether this version has upgrade scores, and paged exclusions. */
  readonly newer: boolean
  /** Adjusts the fields of a series, its episodes and their files, for versions that differ. */
  readonly adjust?: EpisodeAdjustments & { readonly series: (fields: Fields) => Fields }
}

export const seriesArr = (about: SeriesArr): SandboxApp => ({
  ...arrApp,
  id: about.id,
  kind: about.kind,
  name: about.name,
  ...(about.onlyWhenNamed === undefined ? {} : { onlyWhenNamed: about.onlyWhenNamed }),
  routes: (context) => {
    const shelf = about.shelf(context.world, context.number)
    const common = videoArr(shelf.root, about.newer)
    const own = () =>
      seriesHistory(shelf, (season) => {
        const plain = episodeAnswer(context.world, season, 1, false)
        return about.adjust?.episode(plain) ?? plain
      })
    const downloads = () =>
      downloadsFor(
        context.world.downloads,
        ({ season }) => season !== null && shelf.shows.get(season.show.id) === season.show
      )
    const titleOf = ({ season }: YardDownload, episode: number): Fields =>
      season === null
        ? {}
        : {
            seriesId: season.show.id,
            episodeId: season.block * 32 + episode,
            seasonNumber: season.work.number,
            episodeHasFile: hasBit(season.files, episode),
            languages: [season.show.work.language],
            quality: qualityAnswer(season.show.work.quality, "episode")
          }
    return [
      ...arrRoutes(context, {
        appName: about.appName,
        version: about.version,
        ...common,
        tags: shelf.tags,
        tagged: (tagId) => ({
          seriesIds: [...shelf.shows.values()].filter((show) => show.tags.includes(tagId)).map((show) => show.id)
        }),
        command: (name, body) => {
          if (name === "DownloadedEpisodesScan") importNamed(downloads(), body)
          return runSeriesCommand(shelf, name, body)
        },
        history: () =>
          withDownloads(own(), downloads(), {
            partIn: ({ episodeId }) => (typeof episodeId === "number" ? Math.floor(episodeId / 32) : null),
            partOf: ({ season }) => season?.block,
            titleOf: (download) => {
              const { episodeHasFile: _, seasonNumber: __, ...fields } = titleOf(download, 1)
              return fields
            }
          }),
        historyOf: "series",
        // As in version 4, a pack of a season has one row for each of its episodes.
        queue: () =>
          downloads()
            .filter(isQueued)
            .flatMap((queued) =>
              episodesIn(queued.download).map((episode) => ({
                id: rowIdOf(queued.download, episode),
                queued,
                record: () => ({ ...titleOf(queued.download, episode), ...queueRow(context.world, queued) })
              }))
            )
      }),
      ...seriesRoutes(context, shelf, common, about),
      ...episodeRoutes(context, shelf, common.api, about.adjust),
      ...exclusionRoutes(shelf.exclusions, {
        api: common.api,
        path: "importlistexclusion",
        ...(about.newer ? { sortKey: "title" } : {}),
        keys: { id: "tvdbId", title: "title" },
        isNumber: true
      })
    ]
  }
})

const seriesRoutes = (
  context: AppContext,
  shelf: ShowShelf,
  { api, profiles }: ReturnType<typeof videoArr>,
  { adjust }: SeriesArr
): ReadonlyArray<Route> => {
  const { world } = context
  const answer = (call: Call, show: ShowRecord): Fields => {
    const plain = seriesAnswer(context, shelf, call, show)
    return adjust?.series(plain) ?? plain
  }

  return [
    ...entryRoutes<ShowRecord, SeriesBody>(context, {
      api,
      path: "series",
      title: "Series",
      idsKey: "seriesIds",
      root: shelf.root,
      profiles,
      entries: shelf.shows,
      isListed: (query) => {
        const tvdbId = queryInt(query, "tvdbId", 0)
        return (show) => tvdbId === 0 || show.work.tvdbId === tvdbId
      },
      lookup: (term) => {
        const work = shelf.known(Number(/^tvdb:(\d+)$/.exec(term)?.[1]))
        const plain = work === undefined ? undefined : showWorkAnswer(world, work)
        return plain === undefined ? [] : [adjust?.series(plain) ?? plain]
      },
      answer,
      body: SeriesBody,
      refuse: (call, { tvdbId = 0 }) => {
        const work = shelf.known(tvdbId)
        if (work === undefined) return arrInvalid(call, "TvdbId", "A series with this ID was not found.", tvdbId)
        return shelf.of(work) === undefined
          ? undefined
          : arrInvalid(call, "TvdbId", "This series has already been added", tvdbId)
      },
      add: (body, entry) => {
        const show = shelf.add(shelf.known(body.tvdbId ?? 0)!, {
          ...entry,
          rootFolder: shelf.root,
          seasonFolder: body.seasonFolder ?? false,
          seriesType: body.seriesType ?? "standard",
          monitorNewItems: body.monitorNewItems ?? "all"
        })
        monitorSeasons(show, body.seasons ?? null)
        if (body.addOptions?.searchForMissingEpisodes === true) for (const season of show.seasons) shelf.search(season)
        return show
      },
      change: (show, body) => {
        const { rootFolderPath } = body
        show.seasonFolder = body.seasonFolder ?? false
        show.seriesType = body.seriesType ?? "standard"
        show.monitorNewItems = body.monitorNewItems ?? "all"
        if (rootFolderPath !== undefined && rootFolderPath !== null)
          shelf.moveRoot(show, rootFolderPath.replace(/\/$/, ""))
        monitorSeasons(show, body.seasons ?? [])
      },
      remove: (show, mode) => shelf.remove(show, mode),
      exclude: ({ work }) => shelf.exclusions.add(String(work.tvdbId), work.title, work.year),
      excludeKey: "addImportListExclusion"
    }),
    route("GET", `${api}/mediacover/:id/:file`, (call) => {
      const show = shelf.shows.get(Number(call.params["id"]))
      return show === undefined ? arrNotFound(call) : poster(show.work.title, show.work.year)
    }),
    // Represents the metadata provider, where posters are public.
    openRoute("GET", "/art/:tvdbId/:file", (call) => {
      const work = shelf.known(Number(call.params["tvdbId"]))
      return work === undefined ? arrNotFound(call) : poster(work.title, work.year)
    })
  ]
}

/**
 * Changing a season also changes its episodes; a season that is not named is unmonitored. `null` = seasons are not
 * specified.
 */
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
  ...entryFields,
  tvdbId: Schema.optionalKey(Schema.Int),
  seasonFolder: Schema.optionalKey(Schema.Boolean),
  seriesType: Schema.optionalKey(Schema.String),
  monitorNewItems: Schema.optionalKey(Schema.String),
  seasons: optional(
    Schema.Array(Schema.Struct({ seasonNumber: Schema.Int, monitored: Schema.optionalKey(Schema.Boolean) }))
  ),
  addOptions: optional(Schema.Struct({ searchForMissingEpisodes: Schema.optionalKey(Schema.Boolean) }))
})
type SeriesBody = typeof SeriesBody.Type
