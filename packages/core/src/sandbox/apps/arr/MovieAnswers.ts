/** Responses of Radarr about a movie: the entry, its metadata, and its file. */
import type { SandboxWorld } from "../../SandboxWorld.ts"
import { cleanTitle, sortTitle, titleSlug } from "../../world/Titles.ts"
import type { MovieRecord, MovieWork } from "../../world/WorldModel.ts"
import { dayMillis } from "../../world/Works.ts"
import { movieKeyOf, type MovieShelf } from "../../world/MovieShelf.ts"
import type { AppContext, Call } from "../SandboxApp.ts"
import { mediaInfoAnswer, qualityAnswer, releaseGroup, releaseName } from "./ArrFiles.ts"
import { arrTime } from "./ArrReplies.ts"

export const movieAnswer = (context: AppContext, shelf: MovieShelf, call: Call, movie: MovieRecord, newer: boolean) => {
  const { world } = context
  const { work } = movie
  const path = `${movie.rootFolder}/${movie.folder}`
  const sizeOnDisk = shelf.bytes(movie)
  const hasFile = movie.fileId !== 0
  return {
    ...movieWorkAnswer(world, work),
    ...movie.extra,
    sizeOnDisk,
    images: ["poster", "fanart"].map((coverType) => ({
      coverType,
      url: `${context.urlBase}/MediaCover/${movie.id}/${coverType}.jpg?lastWrite=638000000000000000`,
      remoteUrl: `${call.origin}/art/${movieKeyOf(work)}/${coverType}.png`
    })),
    path,
    qualityProfileId: movie.qualityProfileId,
    hasFile,
    movieFileId: movie.fileId,
    monitored: movie.monitored,
    minimumAvailability: movie.minimumAvailability,
    folderName: path,
    rootFolderPath: movie.rootFolder,
    tags: movie.tags,
    added: arrTime(world.iso(movie.addedAt)),
    ...(hasFile ? { movieFile: withoutFormats(movieFileAnswer(world, movie, newer)) } : {}),
    ...(movie.lastSearchAt === null ? {} : { lastSearchTime: arrTime(world.iso(movie.lastSearchAt)) }),
    statistics: { movieFileCount: hasFile ? 1 : 0, sizeOnDisk, releaseGroups: hasFile ? [releaseGroup] : [] },
    id: movie.id
  }
}

/** The metadata of a movie. */
export const movieWorkAnswer = (world: SandboxWorld, work: MovieWork) => {
  const iso = (at: number) => arrTime(world.iso(at))
  const { imdb, tmdb, rottenTomatoes, votes } = work.ratings
  return {
    title: work.title,
    originalTitle: work.title,
    originalLanguage: work.language,
    alternateTitles: [],
    secondaryYearSourceId: 0,
    sortTitle: sortTitle(work.title),
    status: "released",
    overview: `What happened in ${work.title}.`,
    inCinemas: iso(work.releasedAt),
    digitalRelease: iso(work.releasedAt + 90 * dayMillis),
    physicalRelease: iso(work.releasedAt + 120 * dayMillis),
    releaseDate: iso(work.releasedAt + 90 * dayMillis),
    images: [],
    website: "",
    year: work.year,
    youTubeTrailerId: "",
    studio: work.studio,
    isAvailable: true,
    runtime: work.runtimeMinutes,
    cleanTitle: cleanTitle(work.title),
    imdbId: work.imdbId,
    tmdbId: work.tmdbId,
    titleSlug: `${titleSlug(work.title)}-${work.tmdbId}`,
    folder: `${work.title} (${work.year})`,
    certification: work.certification,
    genres: work.genres,
    keywords: [],
    ratings: {
      ...(imdb === null ? {} : { imdb: { votes, value: imdb, type: "user" } }),
      ...(tmdb === null ? {} : { tmdb: { votes: Math.round(votes / 7), value: tmdb, type: "user" } }),
      ...(rottenTomatoes === null ? {} : { rottenTomatoes: { votes: 0, value: rottenTomatoes, type: "user" } }),
      ...(rottenTomatoes === null
        ? {}
        : { metacritic: { votes: 0, value: Math.max(1, rottenTomatoes - 9), type: "user" } }),
      ...(imdb === null ? {} : { trakt: { votes: Math.round(votes / 20), value: imdb, type: "user" } })
    },
    ...(work.collection === null ? {} : { collection: work.collection }),
    popularity: Math.round(votes / 40) / 100
  }
}

/** With a movie, the application does not determine the custom formats of its file; the score is then 0. */
const withoutFormats = ({ customFormats: _, ...file }: ReturnType<typeof movieFileAnswer>) => ({
  ...file,
  customFormatScore: 0
})

export const movieFileAnswer = (world: SandboxWorld, movie: MovieRecord, newer: boolean) => {
  const { work } = movie
  const name = `${movie.folder} ${work.quality.resolution}.mkv`
  return {
    movieId: movie.id,
    relativePath: name,
    path: `${movie.rootFolder}/${movie.folder}/${name}`,
    size: work.sizeBytes,
    dateAdded: arrTime(world.iso(movie.fileAddedAt)),
    sceneName: releaseName(work.title, String(work.year), work.quality),
    releaseGroup,
    edition: "",
    languages: [work.language],
    quality: qualityAnswer(work.quality, newer ? "movie" : "episode"),
    customFormats: [],
    customFormatScore: 0,
    indexerFlags: 0,
    mediaInfo: mediaInfoAnswer(work.quality, work.sizeBytes, work.runtimeMinutes),
    qualityCutoffNotMet: false,
    id: movie.fileId
  }
}
