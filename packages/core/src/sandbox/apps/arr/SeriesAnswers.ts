/** Responses of Sonarr about a show: the entry with its seasons, an episode, and an episode's file. */
import type { SandboxWorld } from "../../SandboxWorld.ts"
import { fullMask, hasBit } from "../../world/Masks.ts"
import type { ShowShelf } from "../../world/ShowShelf.ts"
import { cleanTitle, sortTitle, titleSlug } from "../../world/Titles.ts"
import type { SeasonRecord, ShowRecord, ShowWork } from "../../world/WorldModel.ts"
import { dayMillis, episodeSize } from "../../world/Works.ts"
import type { AppContext, Call } from "../SandboxApp.ts"
import { mediaInfoAnswer, qualityAnswer, releaseGroup, releaseName } from "./ArrFiles.ts"
import { arrTime } from "./ArrReplies.ts"

export const seriesAnswer = (context: AppContext, shelf: ShowShelf, call: Call, show: ShowRecord) => {
  const { world } = context
  const seasons = show.seasons.map((season) => ({
    seasonNumber: season.work.number,
    monitored: season.monitored,
    statistics: seasonStatistics(world, shelf, season)
  }))
  const sum = (key: "episodeFileCount" | "episodeCount" | "totalEpisodeCount" | "sizeOnDisk") =>
    seasons.reduce((total, season) => total + season.statistics[key], 0)
  const aired = show.seasons.flatMap((season) => airedRange(season))
  const upcoming = show.seasons.find((season) => season.work.aired < season.work.total)
  return {
    ...showWorkAnswer(world, show.work),
    ...show.extra,
    ...(upcoming === undefined || show.work.status === "ended"
      ? {}
      : { nextAiring: arrTime(world.iso(airDate(upcoming, upcoming.work.aired + 1))) }),
    previousAiring: arrTime(world.iso(Math.max(...aired))),
    images: ["poster", "fanart"].map((coverType) => ({
      coverType,
      url: `${context.urlBase}/MediaCover/${show.id}/${coverType}.jpg?lastWrite=638000000000000000`,
      remoteUrl: `${call.origin}/art/${show.work.tvdbId}/${coverType}.png`
    })),
    seasons,
    path: `${show.rootFolder}/${show.folder}`,
    qualityProfileId: show.qualityProfileId,
    seasonFolder: show.seasonFolder,
    monitored: show.monitored,
    monitorNewItems: show.monitorNewItems,
    useSceneNumbering: false,
    seriesType: show.seriesType,
    rootFolderPath: show.rootFolder,
    tags: show.tags,
    added: arrTime(world.iso(show.addedAt)),
    statistics: {
      seasonCount: seasons.filter((season) => season.seasonNumber > 0).length,
      episodeFileCount: sum("episodeFileCount"),
      episodeCount: sum("episodeCount"),
      totalEpisodeCount: sum("totalEpisodeCount"),
      sizeOnDisk: sum("sizeOnDisk"),
      releaseGroups: sum("episodeFileCount") > 0 ? [releaseGroup] : [],
      percentOfEpisodes: percent(sum("episodeFileCount"), sum("episodeCount"))
    },
    languageProfileId: 1,
    id: show.id
  }
}

/** The metadata of a show. */
export const showWorkAnswer = (world: SandboxWorld, work: ShowWork) => {
  const last = work.seasons[work.seasons.length - 1]
  return {
    title: work.title,
    alternateTitles: [],
    sortTitle: sortTitle(work.title),
    status: work.status,
    ended: work.status === "ended",
    overview: `The seasons of ${work.title}.`,
    network: work.network,
    airTime: "21:00",
    images: [],
    originalLanguage: work.language,
    seasons: work.seasons.map((season) => ({ seasonNumber: season.number, monitored: false })),
    year: work.year,
    runtime: work.runtimeMinutes,
    tvdbId: work.tvdbId,
    tvRageId: 0,
    tvMazeId: work.tvMazeId,
    tmdbId: work.tmdbId,
    firstAired: arrTime(world.iso(work.releasedAt)),
    ...(last === undefined
      ? {}
      : { lastAired: arrTime(world.iso(last.firstAiredAt + (last.aired - 1) * 7 * dayMillis)) }),
    cleanTitle: cleanTitle(work.title),
    imdbId: work.imdbId,
    titleSlug: titleSlug(work.title),
    folder: `${work.title} (${work.year})`,
    certification: work.certification,
    genres: work.genres,
    ratings: { votes: work.ratings.votes, value: work.ratings.tmdb ?? 0 }
  }
}

export const episodeAnswer = (world: SandboxWorld, season: SeasonRecord, episode: number, withFile: boolean) => {
  const hasFile = hasBit(season.files, episode)
  const airedAt = world.iso(airDate(season, episode))
  const before = season.show.seasons
    .filter((each) => each.work.number > 0 && each.work.number < season.work.number)
    .reduce((total, each) => total + each.work.total, 0)
  return {
    seriesId: season.show.id,
    tvdbId: providerId(season, episode),
    episodeFileId: hasFile ? season.fileBlock * 32 + episode : 0,
    seasonNumber: season.work.number,
    episodeNumber: episode,
    title: episodeTitle(episode),
    airDate: airedAt.slice(0, 10),
    airDateUtc: arrTime(airedAt),
    runtime: season.show.work.runtimeMinutes,
    overview: `Episode ${episode} of season ${season.work.number}.`,
    ...(withFile && hasFile ? { episodeFile: episodeFileAnswer(world, season, episode) } : {}),
    hasFile,
    monitored: hasBit(season.monitoredEpisodes, episode),
    ...(season.work.number === 0 ? {} : { absoluteEpisodeNumber: before + episode }),
    unverifiedSceneNumbering: false,
    id: season.block * 32 + episode
  }
}

/** The provider's id of an episode, independent of its number in the application; 32 bits. */
const providerId = ({ show, work }: SeasonRecord, episode: number): number =>
  (show.work.tvdbId % 2_000_000) * 1_000 + show.work.seasons.indexOf(work) * 32 + episode

export const episodeFileAnswer = (world: SandboxWorld, season: SeasonRecord, episode: number) => {
  const { show } = season
  const size = episodeSize(season.work, episode)
  const relativePath = episodePath(season, episode)
  const code = `S${two(season.work.number)}E${two(episode)}`
  return {
    seriesId: show.id,
    seasonNumber: season.work.number,
    relativePath,
    path: `${show.rootFolder}/${show.folder}/${relativePath}`,
    size,
    dateAdded: arrTime(world.iso(season.fileAddedAt)),
    sceneName: releaseName(show.work.title, code, show.work.quality),
    releaseGroup,
    languages: [show.work.language],
    quality: qualityAnswer(show.work.quality, "episode"),
    customFormats: [],
    customFormatScore: 0,
    indexerFlags: 0,
    releaseType: "seasonPack",
    mediaInfo: mediaInfoAnswer(show.work.quality, size, show.work.runtimeMinutes),
    qualityCutoffNotMet: show.work.quality.resolution === "720p",
    id: season.fileBlock * 32 + episode
  }
}

export const episodeTitle = (episode: number): string => `Episode ${episode}`

export const airDate = (season: SeasonRecord, episode: number): number =>
  season.work.firstAiredAt + (episode - 1) * 7 * dayMillis

/** Path of an episode's file below the folder of its show. */
export const episodePath = (season: SeasonRecord, episode: number): string => {
  const { show, work } = season
  const name = `${show.folder} - S${two(work.number)}E${two(episode)} - ${episodeTitle(episode)} ${show.work.quality.resolution}.mkv`
  return show.seasonFolder ? `Season ${two(work.number)}/${name}` : name
}

/** Episodes with a file, or monitored ones, count as aired; `totalEpisodeCount` counts all. */
const seasonStatistics = (world: SandboxWorld, shelf: ShowShelf, season: SeasonRecord) => {
  const episodeFileCount = bits(season.files)
  const episodeCount = bits(season.files | (season.monitoredEpisodes & fullMask(season.work.aired)))
  const next = season.show.work.status === "continuing" && season.work.aired < season.work.total
  return {
    ...(next ? { nextAiring: arrTime(world.iso(airDate(season, season.work.aired + 1))) } : {}),
    previousAiring: arrTime(world.iso(airDate(season, season.work.aired))),
    episodeFileCount,
    episodeCount,
    totalEpisodeCount: season.work.total,
    sizeOnDisk: shelf.bytes(season),
    releaseGroups: episodeFileCount > 0 ? [releaseGroup] : [],
    percentOfEpisodes: percent(episodeFileCount, episodeCount)
  }
}

const airedRange = (season: SeasonRecord): ReadonlyArray<number> => [airDate(season, season.work.aired)]
const percent = (part: number, whole: number): number => (whole === 0 ? 0 : (part / whole) * 100)
const two = (value: number): string => String(value).padStart(2, "0")

const bits = (mask: number): number => {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}
