/** Commands of a simulated arr for shows, and its history. */
import type { ShowShelf } from "../../world/ShowShelf.ts"
import type { SeasonRecord } from "../../world/WorldModel.ts"
import { qualityAnswer, releaseName } from "./ArrFiles.ts"
import { arrFlag } from "./ArrReplies.ts"
import { type ArrEvent, numbersIn } from "./ArrRoutes.ts"

export const runSeriesCommand = (shelf: ShowShelf, name: string, body: Readonly<Record<string, unknown>>): boolean => {
  const named = typeof body["seriesId"] === "number" ? shelf.shows.get(body["seriesId"]) : undefined
  const show = named !== undefined && shelf.isRefreshed(named) ? named : undefined
  if (name === "SeriesSearch") for (const season of show?.seasons ?? []) shelf.search(season)
  if (name === "SeasonSearch") {
    for (const season of show?.seasons ?? []) if (season.work.number === body["seasonNumber"]) shelf.search(season)
  }
  if (name === "EpisodeSearch") {
    for (const id of numbersIn(body["episodeIds"])) {
      const season = shelf.seasonOfBlock(Math.floor(id / 32))
      if (season !== undefined) shelf.search(season)
    }
  }
  if (name === "MissingEpisodeSearch") {
    for (const each of named === undefined ? shelf.shows.values() : [named])
      for (const season of shelf.isRefreshed(each) ? each.seasons : []) shelf.search(season)
  }
  return commandNames.has(name)
}

const commandNames = new Set([
  "SeriesSearch",
  "SeasonSearch",
  "EpisodeSearch",
  "MissingEpisodeSearch",
  "CutoffUnmetEpisodeSearch",
  "DownloadedEpisodesScan",
  "RefreshSeries",
  "RescanSeries",
  "RenameSeries"
])

/** Downloads are season packs: one event per season, with its first episode. */
export const seriesHistory = (
  shelf: ShowShelf,
  episodeOf: (season: SeasonRecord) => unknown
): ReadonlyArray<ArrEvent> => {
  const event = (
    season: SeasonRecord,
    at: number,
    eventType: string,
    data: Readonly<Record<string, string>>
  ): ArrEvent => ({
    at,
    type: eventType,
    record: (query) => ({
      episodeId: season.block * 32 + 1,
      seriesId: season.show.id,
      sourceTitle: releaseName(
        season.show.work.title,
        `S${String(season.work.number).padStart(2, "0")}`,
        season.show.work.quality
      ),
      languages: [season.show.work.language],
      quality: qualityAnswer(season.show.work.quality, "episode"),
      customFormats: [],
      customFormatScore: 0,
      qualityCutoffNotMet: false,
      data,
      ...(arrFlag(query, "includeEpisode") ? { episode: episodeOf(season) } : {})
    })
  })
  const imports = [...shelf.shows.values()]
    .flatMap((show) => show.seasons)
    .filter((season) => season.files !== 0)
    .map((season) =>
      event(season, season.fileAddedAt, "downloadFolderImported", { fileId: String(season.fileBlock * 32 + 1) })
    )
  const deletions = shelf.deletions.map(({ season, at }) =>
    event(season, at, "episodeFileDeleted", { reason: "Manual" })
  )
  return [...imports, ...deletions].sort((one, other) => other.at - one.at)
}
