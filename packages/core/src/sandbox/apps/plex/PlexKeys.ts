/**
 * Rating keys of the simulated media server's entries, and the reverse mapping. An entry that returns gets a new key.
 */
import type { SandboxWorld } from "../../SandboxWorld.ts"
import { hasBit } from "../../world/Masks.ts"
import { libraryOfMovie, libraryOfShow, type VideoLibrary } from "../Libraries.ts"
import type {
  MovieRecord,
  MovieWork,
  Play,
  SeasonRecord,
  ServerState,
  ShowRecord,
  ShowWork
} from "../../world/WorldModel.ts"

/** Sections of movies have odd numbers, those of shows even ones. */
export const sectionKey = ({ index, type }: Pick<VideoLibrary, "index" | "type">): string =>
  String(2 * index + (type === "movie" ? 1 : 2))

export const movieSection = (movie: MovieRecord): string => sectionKey({ type: "movie", index: libraryOfMovie(movie) })
export const showSection = (show: ShowRecord): string => sectionKey({ type: "show", index: libraryOfShow(show) })

/** The section that a play belongs to. */
export const sectionOfPlay = (play: Play): string | null => {
  if (play.movie !== null) return movieSection(play.movie)
  return play.season === null ? null : showSection(play.season.show)
}

const bases = {
  movie: 1_000,
  show: 2_000_000,
  season: 3_000_000,
  episode: 10_000_000,
  collection: 500_000_000
} as const

export const movieKey = (movie: MovieRecord): number => bases.movie + movie.serverId
export const showKey = (show: ShowRecord): number => bases.show + show.serverId
export const seasonKey = (season: SeasonRecord): number => bases.season + season.block
export const episodeKey = (season: SeasonRecord, episode: number): number => bases.episode + season.block * 32 + episode
/** Collections are numbered by a hash of their titles, so that a key outlives a restart. */
export const collectionKey = (section: string, title: string): number =>
  bases.collection + hashOf(Number(section), title)

/** A label has the same number in all sections. */
export const labelKey = (title: string): number => 100_000 + hashOf(0, title)

/** A prime for which a thousand titles have a thousand different remainders. */
const hashes = 399_999_959

const hashOf = (first: number, title: string): number => {
  let hash = first
  for (const letter of title) hash = (hash * 33 + letter.charCodeAt(0)) % hashes
  return hash
}

export type PlexEntry =
  | { readonly type: "movie"; readonly movie: MovieRecord }
  | { readonly type: "show"; readonly show: ShowRecord }
  | { readonly type: "season"; readonly season: SeasonRecord }
  | { readonly type: "episode"; readonly season: SeasonRecord; readonly episode: number }

/** The entry with a key, as long as the media server has it. */
export const entryOf = (world: SandboxWorld, key: number): PlexEntry | undefined => {
  if (key >= bases.episode) {
    const id = key - bases.episode
    const season = world.seasonOnServer(Math.floor(id / 32))
    const episode = id % 32
    return season !== undefined && episode > 0 && hasBit(season.files, episode)
      ? { type: "episode", season, episode }
      : undefined
  }
  if (key >= bases.season) {
    const season = world.seasonOnServer(key - bases.season)
    return season === undefined ? undefined : { type: "season", season }
  }
  if (key >= bases.show) {
    const show = world.showOnServer(key - bases.show)
    return show === undefined ? undefined : { type: "show", show }
  }
  const movie = world.movieOnServer(key - bases.movie)
  return movie === undefined ? undefined : { type: "movie", movie }
}

/** Keys of what was played and of its parents. */
export const keysOf = (play: Play): ReadonlyArray<number> => {
  if (play.movie !== null) return [movieKey(play.movie)]
  return play.season === null
    ? []
    : [episodeKey(play.season, play.episode), seasonKey(play.season), showKey(play.season.show)]
}

export const episodes = (season: SeasonRecord): ReadonlyArray<PlexEntry> =>
  Array.from({ length: season.work.aired }, (_, index) => index + 1)
    .filter((episode) => hasBit(season.files, episode))
    .map((episode) => ({ type: "episode", season, episode }))

/** The lasting id of an entry, independent of its key; a local one if it was not matched. */
export const guidOf = (entry: PlexEntry): string => {
  const { matched } = stateOf(entry)
  if (entry.type === "movie") {
    return matched ? `plex://movie/${hexOf(entry.movie.work.tmdbId)}` : `local://${movieKey(entry.movie)}`
  }
  if (entry.type === "show") {
    return matched ? `plex://show/${hexOf(entry.show.work.tvdbId)}` : `local://${showKey(entry.show)}`
  }
  const { season } = entry
  if (entry.type === "season") {
    return matched ? `plex://season/${hexOf(4_000_000 + season.block)}` : `local://${seasonKey(season)}`
  }
  return matched
    ? `plex://episode/${hexOf(50_000_000 + season.block * 32 + entry.episode)}`
    : `local://${episodeKey(season, entry.episode)}`
}

const hexOf = (number: number): string => `5d77${number.toString(16).padStart(20, "0")}`

/** What was played. */
export const entryOfPlay = ({ episode, movie, season }: Play): PlexEntry | undefined => {
  if (movie !== null) return { type: "movie", movie }
  return season === null ? undefined : { type: "episode", season, episode }
}

/** Labels and collections belong to the movie, or to the show as a whole. */
export const stateOf = (entry: PlexEntry): ServerState => {
  if (entry.type === "movie") return entry.movie.server
  return entry.type === "show" ? entry.show.server : entry.season.show.server
}

export const workOf = (entry: PlexEntry): MovieWork | ShowWork => {
  if (entry.type === "movie") return entry.movie.work
  return entry.type === "show" ? entry.show.work : entry.season.show.work
}

/** When the media server added it. */
export const addedAt = (entry: PlexEntry): number => {
  if (entry.type === "movie") return entry.movie.fileAddedAt
  return entry.type === "show" ? entry.show.addedAt : entry.season.fileAddedAt
}

/** Deletes the files of an entry, whichever application manages them. */
export const deleteFilesOf = (world: SandboxWorld, entry: PlexEntry, freesBytes: boolean): void => {
  if (entry.type === "movie") return world.shelfOfMovie(entry.movie).deleteFile(entry.movie, freesBytes)
  const shelf = world.shelfOfShow(entry.type === "show" ? entry.show : entry.season.show)
  if (entry.type === "episode") return shelf.deleteFiles(entry.season, 1 << (entry.episode - 1), freesBytes)
  const seasons = entry.type === "show" ? entry.show.seasons : [entry.season]
  for (const season of seasons) shelf.deleteFiles(season, season.files, freesBytes)
}
