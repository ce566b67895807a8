/** The movies of one arr: its library, and removing and adding entries. */
import { movieFolder } from "./Generate.ts"
import { Downloads, Exclusions, type RemovalMode, type Shelf, type ShelfHost } from "./Shelf.ts"
import type { MovieRecord, MovieStock, MovieWork } from "./WorldModel.ts"

/** Media servers number the movies of one shelf from its multiple of this up to the next. */
export const movieStride = 200_000

export class MovieShelf implements Shelf {
  readonly root: string
  readonly movies = new Map<number, MovieRecord>()
  /** Movies with files that a media server has found; they remain when an arr has dropped their entries. */
  readonly onServer = new Map<number, MovieRecord>()
  readonly tags: Map<number, string>
  readonly exclusions = new Exclusions()
  /** Movies whose files were deleted, for the history. */
  readonly deletions: Array<{ readonly movie: MovieRecord; readonly at: number }> = []

  readonly #host: ShelfHost
  readonly #known = new Map<string, MovieWork>()
  readonly #byWork = new Map<string, MovieRecord>()
  readonly #downloads: Downloads<MovieRecord>
  readonly #firstServerId: number
  #lastId = 0
  #lastFile = 0

  constructor(stock: MovieStock, host: ShelfHost) {
    this.root = stock.root
    this.tags = new Map(stock.tagLabels.map((label, index) => [index + 1, label]))
    this.#host = host
    this.#downloads = new Downloads(host.due)
    this.#firstServerId = stock.firstServerId
    for (const movie of stock.movies) {
      this.#shelve(movie)
      this.#lastId = Math.max(this.#lastId, movie.id)
      this.#lastFile = Math.max(this.#lastFile, movie.id, movie.fileId)
      host.disks.count(movie.rootFolder, this.bytes(movie))
      this.#scan(movie)
    }
    for (const work of stock.wanted) this.#known.set(movieKeyOf(work), work)
  }

  get downloadsUnderWay(): number {
    return this.#downloads.size
  }

  /** All movies of which the metadata is known, whether or not they are here. */
  get works(): Iterable<MovieWork> {
    return this.#known.values()
  }

  /** The metadata with a key. */
  known(key: string): MovieWork | undefined {
    return this.#known.get(key)
  }

  /** The entry for a work, if there is one. */
  of(work: MovieWork): MovieRecord | undefined {
    return this.#byWork.get(movieKeyOf(work))
  }

  bytes(movie: MovieRecord): number {
    return movie.fileId === 0 ? 0 : movie.work.sizeBytes
  }

  /** Removes a movie; its files stay on the disk and on the media server unless they are deleted. */
  remove(movie: MovieRecord, mode: RemovalMode): void {
    if (mode.deleteFiles) this.deleteFile(movie, mode.freesBytes)
    else this.#host.disks.disown(movie.rootFolder, this.bytes(movie))
    this.movies.delete(movie.id)
    this.#byWork.delete(movieKeyOf(movie.work))
    this.#downloads.stop((each) => each === movie)
    this.#host.changed()
  }

  deleteFile(movie: MovieRecord, freesBytes: boolean): void {
    if (movie.fileId === 0) return
    this.#host.disks.free(movie.rootFolder, this.bytes(movie), freesBytes && !movie.hardlinked)
    movie.fileId = 0
    this.onServer.delete(movie.serverId)
    this.deletions.push({ movie, at: this.#host.now() })
    this.#host.changed()
  }

  /** Adds a movie without a file. It is monitored until a search has downloaded one. */
  add(
    work: MovieWork,
    entry: Pick<MovieRecord, "rootFolder" | "qualityProfileId" | "monitored" | "minimumAvailability" | "tags">
  ): MovieRecord {
    const id = ++this.#lastId
    const movie: MovieRecord = {
      ...entry,
      id,
      serverId: this.#firstServerId + id,
      work,
      server: {
        scanned: true,
        matched: true,
        labels: new Set(),
        collections: new Set(work.collection ? [work.collection.title] : [])
      },
      addedAt: this.#host.now(),
      hardlinked: false,
      folder: movieFolder(work),
      fileId: 0,
      fileAddedAt: this.#host.now(),
      lastSearchAt: null,
      extra: {}
    }
    this.#shelve(movie)
    this.#host.changed()
    return movie
  }

  /** Moves a movie to another root folder, with its file and bytes. */
  moveRoot(movie: MovieRecord, rootFolder: string): void {
    if (movie.rootFolder === rootFolder) return
    this.#host.disks.count(movie.rootFolder, -this.bytes(movie))
    this.#host.disks.count(rootFolder, this.bytes(movie))
    movie.rootFolder = rootFolder
    this.#host.changed()
  }

  /** Starts a download for a monitored movie without a file; it ends after `downloadMillis`. */
  search(movie: MovieRecord): void {
    movie.lastSearchAt = this.#host.now()
    this.#host.changed()
    if (movie.monitored && movie.fileId === 0) this.#downloads.start(movie)
  }

  hurry(): void {
    this.#downloads.hurry()
  }

  settle(now: number): void {
    this.#downloads.settle(now, (movie) => {
      const { disks } = this.#host
      if (!disks.fits(movie.rootFolder, movie.work.sizeBytes)) return false
      movie.fileId = ++this.#lastFile
      movie.fileAddedAt = now
      disks.count(movie.rootFolder, movie.work.sizeBytes)
      this.#scan(movie)
      this.#host.changed()
      return true
    })
  }

  #shelve(movie: MovieRecord): void {
    this.movies.set(movie.id, movie)
    this.#known.set(movieKeyOf(movie.work), movie.work)
    this.#byWork.set(movieKeyOf(movie.work), movie)
  }

  #scan(movie: MovieRecord): void {
    if (movie.server.scanned && movie.fileId !== 0) this.onServer.set(movie.serverId, movie)
  }
}

/** The key by which an arr identifies movies: the TMDB id, or the StashDB id for titles that TMDB does not list. */
export const movieKeyOf = (work: MovieWork): string => work.stashId ?? String(work.tmdbId)
