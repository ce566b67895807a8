/** The libraries of media servers: one per arr whose movies or shows people watch. */
import type { SandboxWorld } from "../SandboxWorld.ts"
import { movieStride } from "../world/MovieShelf.ts"
import { showStride } from "../world/ShowShelf.ts"
import type { MovieRecord, ShowRecord } from "../world/WorldModel.ts"

export interface VideoLibrary {
  readonly type: "movie" | "show"
  /** From 0, separately for movies and shows. */
  readonly index: number
  readonly title: string
  readonly root: string
}

/** The first of the movies, the first of the shows, then the second of each. */
export const videoLibraries = (world: SandboxWorld): ReadonlyArray<VideoLibrary> =>
  [
    ...world.movieShelves.map(
      ({ root }, index) => ({ type: "movie", index, title: titled("Movies", index), root }) as const
    ),
    ...world.showShelves.map(
      ({ root }, index) => ({ type: "show", index, title: titled("TV Shows", index), root }) as const
    )
  ].toSorted((one, other) => one.index - other.index)

export const libraryOfMovie = (movie: MovieRecord): number => Math.floor((movie.serverId - 1) / movieStride)
export const libraryOfShow = (show: ShowRecord): number => Math.floor((show.serverId - 1) / showStride)

/** What media servers have found, over all libraries. */
export const moviesOnServer = (world: SandboxWorld): ReadonlyArray<MovieRecord> =>
  world.movieShelves.flatMap((shelf) => [...shelf.onServer.values()])

export const showsOnServer = (world: SandboxWorld): ReadonlyArray<ShowRecord> =>
  world.showShelves.flatMap((shelf) => [...shelf.onServer.values()])

export const titled = (title: string, index: number): string => (index === 0 ? title : `${title} ${index + 1}`)
