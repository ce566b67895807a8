/** What the simulated Sonarr does when it is told to, and what it remembers of it. */
import type { SeasonRecord } from "../../world/WorldModel.ts"
import type { AppContext } from "../SandboxApp.ts"
import { qualityAnswer, releaseName } from "./ArrFiles.ts"
import { type ArrEvent, numbersIn } from "./ArrRoutes.ts"

export const runSonarrCommand = (
  { world }: AppContext,
  name: string,
  body: Readonly<Record<string, unknown>>
): boolean => {
  const show = typeof body["seriesId"] === "number" ? world.shows.get(body["seriesId"]) : undefined
  if (name === "SeriesSearch") for (const season of show?.seasons ?? []) world.searchSeason(season)
  if (name === "SeasonSearch") {
    for (const season of show?.seasons ?? [])
      if (season.work.number === body["seasonNumber"]) world.searchSeason(season)
  }
  if (name === "EpisodeSearch") {
    for (const id of numbersIn(body["episodeIds"])) {
      const season = world.index.seasonOfBlock(Math.floor(id / 32))
      if (season !== undefined) world.searchSeason(season)
    }
  }
  if (name === "MissingEpisodeSearch") {
    for (const each of show === undefined ? world.shows.values() : [show])
      for (const season of each.seasons) world.searchSeason(season)
  }
  return commandNames.has(name)
}

const commandNames = new Set([
  "SeriesSearch",
  "SeasonSearch",
  "EpisodeSearch",
  "MissingEpisodeSearch",
  "CutoffUnmetEpisodeSearch",
  "RefreshSeries",
  "RescanSeries",
  "RenameSeries",
  "RenameFiles",
  "RefreshMonitoredDownloads",
  "ProcessMonitoredDownloads",
  "RssSync",
  "ImportListSync",
  "CleanUpRecycleBin",
  "Backup",
  "CheckHealth"
])

/** Downloads are season packs: one event for a season, under its first episode. */
export const sonarrHistory = ({ world }: AppContext): ReadonlyArray<ArrEvent> => {
  const event = (
    season: SeasonRecord,
    at: number,
    eventType: string,
    data: Readonly<Record<string, string>>
  ): ArrEvent => ({
    at,
    record: () => ({
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
      eventType,
      data
    })
  })
  const imports = [...world.shows.values()]
    .flatMap((show) => show.seasons)
    .filter((season) => season.files !== 0)
    .map((season) =>
      event(season, season.fileAddedAt, "downloadFolderImported", { fileId: String(season.fileBlock * 32 + 1) })
    )
  const deletions = world.deletions.flatMap(({ season, at }) =>
    season === null ? [] : [event(season, at, "episodeFileDeleted", { reason: "Manual" })]
  )
  return [...imports, ...deletions].sort((one, other) => other.at - one.at)
}
