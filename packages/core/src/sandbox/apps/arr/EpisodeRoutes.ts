/** The episodes of an arr for shows and their files: used to read and remove a single season. */
import { Schema } from "effect"
import { hasBit, numbersUpTo } from "../../world/Masks.ts"
import type { ShowShelf } from "../../world/ShowShelf.ts"
import type { SeasonRecord } from "../../world/WorldModel.ts"
import { json, queryInt, queryInts, wholeList } from "../Reply.ts"
import { type AppContext, type Call, destroy, route, type Route } from "../SandboxApp.ts"
import { arrBadBody, arrBody, arrFailure, arrFlag, arrMissingRows, arrNotFound } from "./ArrReplies.ts"
import { episodeAnswer, episodeFileAnswer } from "./SeriesAnswers.ts"

type Fields = Readonly<Record<string, unknown>>

/** Adjusts the fields of an episode and of its file for versions that differ. */
export interface EpisodeAdjustments {
  readonly episode: (fields: Fields) => Fields
  readonly file: (fields: Fields) => Fields
}

const unchanged: EpisodeAdjustments = { episode: (fields) => fields, file: (fields) => fields }

export const episodeRoutes = (
  { world }: AppContext,
  shelf: ShowShelf,
  api: string,
  adjust: EpisodeAdjustments = unchanged
): ReadonlyArray<Route> => {
  const answer = (season: SeasonRecord, episode: number, withFile: boolean): Fields => {
    const { episodeFile, ...plain } = { episodeFile: undefined, ...episodeAnswer(world, season, episode, withFile) }
    return adjust.episode({ ...plain, ...(episodeFile === undefined ? {} : { episodeFile: adjust.file(episodeFile) }) })
  }
  const fileAnswer = (season: SeasonRecord, episode: number): Fields =>
    adjust.file(episodeFileAnswer(world, season, episode))
  const seasonsAsked = (call: Call): ReadonlyArray<SeasonRecord> => {
    const shows = queryInts(call.query, "seriesId").flatMap((id) => shelf.shows.get(id) ?? [])
    const seasons = shows.filter((show) => shelf.isRefreshed(show)).flatMap((show) => show.seasons)
    const number = queryInt(call.query, "seasonNumber", -1)
    return number < 0 ? seasons : seasons.filter((season) => season.work.number === number)
  }
  const files = (ids: ReadonlyArray<number>) => ids.flatMap((id) => shelf.episodeOfFile(id) ?? [])
  const episodeOf = (id: number) => {
    const season = shelf.seasonOfBlock(Math.floor(id / 32))
    const episode = id % 32
    const exists =
      season !== undefined &&
      shelf.shows.has(season.show.id) &&
      shelf.isRefreshed(season.show) &&
      episode >= 1 &&
      episode <= season.work.total
    return exists ? { season, episode } : undefined
  }
  const deleteFiles = (call: Call, found: ReadonlyArray<{ readonly season: SeasonRecord; readonly episode: number }>) =>
    destroy(
      call,
      ({ freesBytes }) => {
        for (const { season, episode } of found) shelf.deleteFiles(season, 1 << (episode - 1), freesBytes)
      },
      () => json(call, {}),
      () => arrFailure(call, "database is locked")
    )

  return [
    route("GET", `${api}/episode`, (call) => {
      const withFile = arrFlag(call.query, "includeEpisodeFile")
      const byId = queryInts(call.query, "episodeIds").flatMap((id) => episodeOf(id) ?? [])
      const bySeason = seasonsAsked(call).flatMap((season) =>
        numbersUpTo(season.work.total).map((episode) => ({ season, episode }))
      )
      return wholeList(call, {
        before: "[",
        after: "]",
        rows: [...byId, ...bySeason],
        render: ({ season, episode }) => answer(season, episode, withFile)
      })
    }),
    route("GET", `${api}/episode/:id`, (call) => {
      const found = episodeOf(Number(call.params["id"]))
      return found === undefined ? arrNotFound(call) : json(call, answer(found.season, found.episode, true))
    }),
    route("PUT", `${api}/episode/monitor`, async (call) => {
      const body = await arrBody(call, MonitorBody)
      if (body === undefined) return arrBadBody(call)
      const found = body.value.episodeIds.flatMap((id) => episodeOf(id) ?? [])
      for (const { season, episode } of found) {
        const bit = 1 << (episode - 1)
        season.monitoredEpisodes = body.value.monitored
          ? season.monitoredEpisodes | bit
          : season.monitoredEpisodes & ~bit
      }
      world.revision++
      return json(
        call,
        found.map(({ season, episode }) => answer(season, episode, false)),
        202
      )
    }),
    route("GET", `${api}/episodefile`, (call) => {
      const byId = files(queryInts(call.query, "episodeFileIds"))
      const bySeason = seasonsAsked(call).flatMap((season) =>
        numbersUpTo(season.work.total).flatMap((episode) => (hasBit(season.files, episode) ? { season, episode } : []))
      )
      if (!call.query.has("seriesId") && !call.query.has("episodeFileIds")) {
        return json(call, { message: "seriesId or episodeFileIds must be provided", description: "" }, 400)
      }
      return wholeList(call, {
        before: "[",
        after: "]",
        rows: [...byId, ...bySeason],
        render: ({ season, episode }) => fileAnswer(season, episode)
      })
    }),
    route("GET", `${api}/episodefile/:id`, (call) => {
      const [found] = files([Number(call.params["id"])])
      return found === undefined ? arrNotFound(call) : json(call, fileAnswer(found.season, found.episode))
    }),
    route("DELETE", `${api}/episodefile/:id`, (call) => {
      const found = files([Number(call.params["id"])])
      return found.length === 0 ? arrNotFound(call) : deleteFiles(call, found)
    }),
    route("DELETE", `${api}/episodefile/bulk`, async (call) => {
      const body = await arrBody(call, FilesBody)
      if (body === undefined) return arrBadBody(call)
      const found = files(body.value.episodeFileIds)
      return found.length < body.value.episodeFileIds.length
        ? arrMissingRows(call, body.value.episodeFileIds.length, found.length)
        : deleteFiles(call, found)
    })
  ]
}

const MonitorBody = Schema.Struct({ episodeIds: Schema.Array(Schema.Int), monitored: Schema.Boolean })
const FilesBody = Schema.Struct({ episodeFileIds: Schema.Array(Schema.Int) })
