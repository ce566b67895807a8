/**
 * The library of a second arr of one kind: 2160p copies of some works of the first one, and a few of its own, on a
 * separate disk.
 */
import { libraryMount, libraryMovie, libraryShow, movieRoot, numbered, showRoot, tagLabels } from "./Generate.ts"
import { movieStride } from "./MovieShelf.ts"
import { SeededRandom } from "./SeededRandom.ts"
import { showStride } from "./ShowShelf.ts"
import { inventMovies, inventShows } from "./Works.ts"
import type { Mount, MovieStock, MovieWork, Quality, ShowStock, ShowWork, WorldOptions } from "./WorldModel.ts"

/** Share of the first one's works that the others have too. */
const copiedShare = 0.35
const usedShare = 0.88

/** `number` is 2 for the second arr, and so on. */
export const copyMovies = (
  options: WorldOptions,
  number: number,
  works: ReadonlyArray<MovieWork>,
  now: number
): MovieStock & { readonly mount: Mount } => {
  const random = new SeededRandom(options.seed ?? "tendarr").fork(numbered("movies", number))
  const copies = works.filter(() => random.chance(copiedShare)).map((work) => inUhd(work, random.int(16, 60) * 1e9))
  const own = inventMovies(random.fork("works"), Math.ceil(works.length * 0.05), now).map((work, index) => ({
    ...work,
    collection: null,
    tmdbId: work.tmdbId + number * 10_000_000,
    imdbId: `tt${20_000_000 + number * 1_000_000 + index}`
  }))
  const root = numbered(movieRoot, number)
  const firstServerId = (number - 1) * movieStride
  const luck = random.fork("records")
  const movies = [...copies, ...own].map((work, index) => {
    const place = { id: index + 1, serverId: firstServerId + index + 1, rootFolder: root }
    return libraryMovie(luck, place, work, now, options.hardlinkedShare ?? 0)
  })
  const bytes = movies.reduce((sum, movie) => sum + (movie.fileId === 0 ? 0 : movie.work.sizeBytes), 0)
  const mount = libraryMount(root, numbered("movies", number), bytes, usedShare, [root])
  return { root, movies, wanted: works, tagLabels, firstServerId, mount }
}

export const copyShows = (
  options: WorldOptions,
  number: number,
  works: ReadonlyArray<ShowWork>,
  now: number
): ShowStock & { readonly mount: Mount } => {
  const random = new SeededRandom(options.seed ?? "tendarr").fork(numbered("shows", number))
  const copies = works.filter(() => random.chance(copiedShare)).map((work) => showInUhd(work, random.between(1.8, 3)))
  const own = inventShows(random.fork("works"), Math.ceil(works.length * 0.1), now).map((work, index) => ({
    ...work,
    tmdbId: work.tmdbId + number * 10_000_000,
    tvdbId: work.tvdbId + number * 10_000_000,
    imdbId: `tt${60_000_000 + number * 1_000_000 + index}`
  }))
  const root = numbered(showRoot, number)
  const firstServerId = (number - 1) * showStride
  const luck = random.fork("records")
  let block = firstServerId
  const shows = [...copies, ...own].map((work, index) => {
    const place = { id: index + 1, serverId: firstServerId + index + 1, rootFolder: root }
    const show = libraryShow(luck, place, work, block, now, options.hardlinkedShare ?? 0)
    block += show.seasons.length
    return show
  })
  const bytes = shows.flatMap((show) => show.seasons).reduce((sum, season) => sum + season.work.sizeBytes, 0)
  const mount = libraryMount(root, numbered("shows", number), bytes, usedShare, [root])
  return { root, shows, wanted: works, tagLabels, firstServerId, mount }
}

const uhd: Quality = {
  resolution: "2160p",
  source: "bluray",
  videoCodec: "x265",
  audioCodec: "TrueHD Atmos",
  dynamicRange: "DV"
}

const inUhd = (work: MovieWork, sizeBytes: number): MovieWork => ({ ...work, quality: uhd, sizeBytes })

const showInUhd = (work: ShowWork, factor: number): ShowWork => ({
  ...work,
  quality: uhd,
  seasons: work.seasons.map((season) => ({ ...season, sizeBytes: Math.round(season.sizeBytes * factor) }))
})
