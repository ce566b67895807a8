/** Generates a world from its seed: the library, the people, their plays and requests, and matching disks. */
import { fullMask } from "./Masks.ts"
import { inventPeople, inventPlays, inventRequests } from "./People.ts"
import { SeededRandom } from "./SeededRandom.ts"
import { dayMillis, inventMovies, inventShows } from "./Works.ts"
import type {
  MediaRequest,
  Mount,
  MovieRecord,
  MovieWork,
  Person,
  Play,
  QualityProfile,
  SeasonRecord,
  ServerState,
  ShowRecord,
  ShowWork,
  WorldOptions
} from "./WorldModel.ts"

export interface Stock {
  readonly people: ReadonlyArray<Person>
  readonly movies: Map<number, MovieRecord>
  readonly shows: Map<number, ShowRecord>
  /** Works that exist but are not in the library; requests refer to them. */
  readonly wanted: { readonly movies: ReadonlyArray<MovieWork>; readonly shows: ReadonlyArray<ShowWork> }
  readonly plays: Array<Play>
  readonly requests: Array<MediaRequest>
  readonly mounts: ReadonlyArray<Mount>
}

export const movieRoot = "/data/movies"
export const showRoot = "/data/shows"

export const qualityProfiles: ReadonlyArray<QualityProfile> = [
  { id: 1, name: "Any", cutoff: 4 },
  { id: 4, name: "HD-1080p", cutoff: 7 },
  { id: 5, name: "Ultra-HD", cutoff: 19 },
  { id: 6, name: "HD - 720p/1080p", cutoff: 6 }
]

export const tagLabels = ["keep", "kids", "4k", "no-upgrade", "from-requests"] as const

export const generate = (options: WorldOptions, now: number): Stock => {
  const random = new SeededRandom(options.seed ?? "tendarr")
  const items = Math.max(2, options.items ?? 400)
  const seasonCount = Math.max(1, Math.round(items * 0.3))
  const movieCount = items - seasonCount
  const extraMovies = Math.min(300, Math.ceil(movieCount * 0.04))
  const extraSeasons = Math.min(200, Math.ceil(seasonCount * 0.05))

  const movieWorks = inventMovies(random.fork("movies"), movieCount + extraMovies, now)
  const showWorks = inventShows(random.fork("shows"), seasonCount, now)
  const wanted = {
    movies: movieWorks.slice(movieCount),
    // Numbered after those of the library, so that ids are unique.
    shows: inventShows(random.fork("wanted-shows"), extraSeasons, now).map((work) => ({
      ...work,
      tmdbId: work.tmdbId + 900_000,
      tvdbId: work.tvdbId + 900_000,
      imdbId: work.imdbId.replace("tt8", "tt9")
    }))
  }
  const hardlinkedShare = options.hardlinkedShare ?? 0
  const movieLuck = random.fork("movie-records")
  const movies = new Map<number, MovieRecord>()
  for (const work of movieWorks.slice(0, movieCount)) {
    const id = movies.size + 1
    movies.set(id, libraryMovie(movieLuck, { id, serverId: id, rootFolder: movieRoot }, work, now, hardlinkedShare))
  }
  const showLuck = random.fork("show-records")
  const shows = new Map<number, ShowRecord>()
  let block = 0
  for (const work of showWorks) {
    const id = shows.size + 1
    const place = { id, serverId: id, rootFolder: showRoot }
    const show = libraryShow(showLuck, place, work, block, now, hardlinkedShare)
    block += show.seasons.length
    shows.set(show.id, show)
  }
  const held = [...shows.values()]
  addEmptyShows(random.fork("empty-shows"), shows, block, seasonCount, now)
  const people = inventPeople(random.fork("people"))
  return {
    people,
    movies,
    shows,
    wanted,
    plays: inventPlays(random.fork("plays"), people, movies.values(), held, now),
    requests: inventRequests(random.fork("requests"), people, movies.values(), held, wanted, now),
    mounts: makeMounts(options.oneDisk ?? false, movies.values(), shows.values())
  }
}

/** Some shows are in their arr without files: nothing was found yet, or everything was removed. */
const addEmptyShows = (
  random: SeededRandom,
  shows: Map<number, ShowRecord>,
  block: number,
  seasonCount: number,
  now: number
) => {
  let next = block
  for (const work of inventShows(random.fork("works"), Math.floor(seasonCount / 60), now)) {
    const id = shows.size + 1
    const place = { id, serverId: id, rootFolder: showRoot }
    const known = { ...work, tmdbId: work.tmdbId + 1_800_000, tvdbId: work.tvdbId + 1_800_000 }
    const show = libraryShow(
      random,
      place,
      { ...known, imdbId: work.imdbId.replace("tt8", "tt7") },
      next,
      now,
      0,
      false
    )
    next += show.seasons.length
    shows.set(id, show)
  }
}

/** Records of a show's seasons, in blocks starting at `block`, with all files or none. */
export const seasonRecords = (
  show: Omit<ShowRecord, "seasons">,
  block: number,
  withFiles: boolean,
  at: number
): ShowRecord => {
  const seasons: Array<SeasonRecord> = []
  const record: ShowRecord = { ...show, seasons }
  for (const work of show.work.seasons) {
    seasons.push({
      work,
      show: record,
      block: block + seasons.length,
      fileBlock: block + seasons.length,
      files: withFiles ? fullMask(work.aired) : 0,
      monitored: show.monitored,
      monitoredEpisodes: show.monitored ? fullMask(work.total) : 0,
      fileAddedAt: Math.max(at, work.firstAiredAt)
    })
  }
  return record
}

/** Names of the second instance of a kind end in 2, and so on. */
export const numbered = (name: string, number: number): string => (number === 1 ? name : `${name}-${number}`)

export const movieFolder = (work: MovieWork): string => `${fileName(work.title)} (${work.year})`
export const showFolder = (work: ShowWork): string => `${fileName(work.title)} (${work.year})`

const fileName = (title: string): string => title.replace(/[/:?*"<>|\\]/g, "")

/** Identifiers of a record: its id in its arr, its number on media servers, and its folder. */
export interface Place {
  readonly id: number
  readonly serverId: number
  readonly rootFolder: string
}

/** A movie in the state that an arr would have it after some years: most have a file, some are monitored. */
export const libraryMovie = (
  random: SeededRandom,
  place: Place,
  work: MovieWork,
  now: number,
  hardlinkedShare: number
): MovieRecord => {
  const addedAt = addedSince(random, work.releasedAt, now)
  const uhd = work.quality.resolution === "2160p"
  return {
    ...place,
    work,
    server: serverState(random, work.collection?.title ?? null),
    addedAt,
    hardlinked: random.chance(hardlinkedShare),
    folder: movieFolder(work),
    qualityProfileId: uhd ? 5 : random.pick([1, 4, 4, 6]),
    monitored: random.chance(0.92),
    minimumAvailability: "released",
    tags: someTags(random, uhd),
    // A few are monitored and not found yet.
    fileId: random.chance(0.015) ? 0 : place.id,
    fileAddedAt: Math.min(now - 3 * 3_600_000, addedAt + random.int(600, 90_000) * 1000),
    lastSearchAt: random.chance(0.5) ? addedAt : null,
    extra: {}
  }
}

export const libraryShow = (
  random: SeededRandom,
  place: Place,
  work: ShowWork,
  block: number,
  now: number,
  hardlinkedShare: number,
  withFiles = true
): ShowRecord => {
  const addedAt = addedSince(random, work.releasedAt, now)
  return seasonRecords(
    {
      ...place,
      work,
      server: serverState(random, null),
      addedAt,
      hardlinked: random.chance(hardlinkedShare),
      folder: showFolder(work),
      qualityProfileId: work.quality.resolution === "2160p" ? 5 : random.pick([1, 4, 4, 6]),
      monitored: work.status === "continuing" || random.chance(0.8),
      seasonFolder: true,
      seriesType:
        work.genres.includes("Animation") && random.chance(0.3) ? "anime" : place.id % 12 === 3 ? "daily" : "standard",
      monitorNewItems: "all",
      tags: someTags(random, false),
      extra: {}
    },
    block,
    withFiles,
    addedAt
  )
}

const someTags = (random: SeededRandom, uhd: boolean): ReadonlyArray<number> => {
  const tags: Array<number> = []
  if (random.chance(0.04)) tags.push(1)
  if (random.chance(0.06)) tags.push(2)
  if (uhd && random.chance(0.7)) tags.push(3)
  if (random.chance(0.03)) tags.push(4)
  if (random.chance(0.1)) tags.push(5)
  return tags
}

const serverState = (random: SeededRandom, collection: string | null): ServerState => {
  const labels = new Set<string>()
  if (random.chance(0.03)) labels.add("Keep")
  if (random.chance(0.05)) labels.add("Family night")
  if (random.chance(0.02)) labels.add("Marit's")
  const collections = new Set<string>()
  if (collection !== null) collections.add(collection)
  if (random.chance(0.03)) collections.add("Rainy Sundays")
  if (random.chance(0.02)) collections.add("House classics")
  return { scanned: !random.chance(0.01), matched: !random.chance(0.01), labels, collections }
}

/** Up to five years ago, never before the release, newer additions more likely. */
const addedSince = (random: SeededRandom, releasedAt: number, now: number): number => {
  const added = now - random.skewed(0.5, 5 * 365, 1.6) * dayMillis
  return Math.floor(Math.max(added, Math.min(releasedAt, now - 12 * 3_600_000)) / 1000) * 1000
}

/** The movies' disk is 91 % full and the shows' 70 %; 5 % of each is not used by the library. */
const makeMounts = (
  oneDisk: boolean,
  movies: Iterable<MovieRecord>,
  shows: Iterable<ShowRecord>
): ReadonlyArray<Mount> => {
  let movieBytes = 0
  for (const movie of movies) if (movie.fileId !== 0) movieBytes += movie.work.sizeBytes
  let showBytes = 0
  for (const show of shows)
    for (const season of show.seasons) if (season.files !== 0) showBytes += season.work.sizeBytes
  const system: ReadonlyArray<Mount> = [
    { path: "/", label: "", totalBytes: 62_000_000_000, otherBytes: 27_500_000_000, rootFolders: [] },
    { path: "/config", label: "config", totalBytes: 31_000_000_000, otherBytes: 4_100_000_000, rootFolders: [] }
  ]
  const library = oneDisk
    ? [libraryMount("/data", "data", movieBytes + showBytes, 0.91, [movieRoot, showRoot])]
    : [
        libraryMount(movieRoot, "movies", movieBytes, 0.91, [movieRoot]),
        libraryMount(showRoot, "shows", showBytes, 0.7, [showRoot])
      ]
  return [...system, ...library]
}

/** A disk for its contents, filled to `usedShare`, with 5 % not used by the library. */
export const libraryMount = (
  path: string,
  label: string,
  libraryBytes: number,
  usedShare: number,
  rootFolders: ReadonlyArray<string>
): Mount => {
  const otherBytes = Math.round(libraryBytes * 0.05)
  return { path, label, totalBytes: Math.ceil((libraryBytes + otherBytes) / usedShare), otherBytes, rootFolders }
}
