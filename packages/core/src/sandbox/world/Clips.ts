/**
 * The libraries of the two versions of an arr for adult video, under invented and harmless names: sites with a season
 * per year, and single scenes with a few movies among them; and that of an arr for sports, whose leagues have a season
 * per year too. No media server lists them.
 */
import { libraryMount, libraryMovie, libraryShow, numbered } from "./Generate.ts"
import { SeededRandom } from "./SeededRandom.ts"
import { titleMaker } from "./Titles.ts"
import { inventMovies, inventShows } from "./Works.ts"
import type { Mount, MovieStock, ShowStock, WorldOptions } from "./WorldModel.ts"

const tagLabels = ["keep", "favourites"] as const
const usedShare = 0.66

export const sceneRoot = "/data/scenes"
export const siteRoot = "/data/sites"
export const leagueRoot = "/data/sports"

/** A scene for every ten items, and a movie for every five scenes. */
export const generateScenes = (
  options: WorldOptions,
  now: number,
  number: number
): MovieStock & { readonly mount: Mount } => {
  const root = numbered(sceneRoot, number)
  const random = new SeededRandom(options.seed ?? "tendarr").fork(numbered("scenes", number))
  const count = Math.max(2, Math.round(Math.max(2, options.items ?? 400) * 0.12))
  const site = titleMaker(random.fork("sites"))
  const sites = Array.from({ length: Math.ceil(count / 8) }, () => site())
  const luck = random.fork("ids")
  const works = inventMovies(random.fork("works"), count + 4, now).map((work, index) => {
    const studio = sites[index % sites.length] ?? work.studio
    const plain = { ...work, collection: null, certification: "", genres: [], studio }
    // Titles that TMDB also lists, with ids of their own.
    if (index % 6 === 5) return { ...plain, tmdbId: work.tmdbId + 50_000_000, imdbId: `tt${70_000_000 + index}` }
    return {
      ...plain,
      tmdbId: 0,
      imdbId: "",
      stashId: luck.uuid(),
      runtimeMinutes: 12 + (work.runtimeMinutes % 40),
      sizeBytes: Math.round(work.sizeBytes / 8)
    }
  })
  const records = random.fork("records")
  const movies = works.slice(0, count).map((work, index) => {
    const place = { id: index + 1, serverId: index + 1, rootFolder: root }
    return unlisted(libraryMovie(records, place, work, now, options.hardlinkedShare ?? 0))
  })
  const bytes = movies.reduce((sum, movie) => sum + (movie.fileId === 0 ? 0 : movie.work.sizeBytes), 0)
  const mount = libraryMount(root, numbered("scenes", number), bytes, usedShare, [root])
  return { root, movies, wanted: works.slice(count), tagLabels, firstServerId: 0, mount }
}

/** A season for every twenty items; a season is a year. */
export const generateSites = (
  options: WorldOptions,
  now: number,
  number: number
): ShowStock & { readonly mount: Mount } => generateYears("sites", siteRoot, options, now, number)

/** The same for leagues. */
export const generateLeagues = (
  options: WorldOptions,
  now: number,
  number: number
): ShowStock & { readonly mount: Mount } => generateYears("sports", leagueRoot, options, now, number)

const generateYears = (
  name: string,
  rootFolder: string,
  options: WorldOptions,
  now: number,
  number: number
): ShowStock & { readonly mount: Mount } => {
  const root = numbered(rootFolder, number)
  const random = new SeededRandom(options.seed ?? "tendarr").fork(numbered(name, number))
  const seasons = Math.max(2, Math.round(Math.max(2, options.items ?? 400) * 0.05))
  const works = inventShows(random.fork("works"), seasons, now).map((work) => ({
    ...work,
    tmdbId: 0,
    tvMazeId: 0,
    imdbId: "",
    certification: "",
    genres: [],
    seasons: work.seasons.map((season, index) => ({
      ...season,
      number: work.year + index,
      sizeBytes: Math.round(season.sizeBytes / 4)
    }))
  }))
  const records = random.fork("records")
  let block = 0
  const shows = works.map((work, index) => {
    const place = { id: index + 1, serverId: index + 1, rootFolder: root }
    const show = unlisted(libraryShow(records, place, work, block, now, options.hardlinkedShare ?? 0))
    block += show.seasons.length
    return show
  })
  const bytes = shows.flatMap((show) => show.seasons).reduce((sum, season) => sum + season.work.sizeBytes, 0)
  const mount = libraryMount(root, numbered(name, number), bytes, usedShare, [root])
  return { root, shows, wanted: [], tagLabels, firstServerId: 0, mount }
}

const unlisted = <A extends { readonly server: { readonly scanned: boolean } }>(record: A): A =>
  Object.assign(record, { server: { ...record.server, scanned: false } })
