/** The movies of one arr: what it has, what it may take away and bring again. */
import { movieFolder } from "./Generate.ts"
import { Downloads, Exclusions, type RemovalMode, type Shelf, type ShelfHost } from "./Shelf.ts"
import type { MovieRecord, MovieStock, MovieWork } from "./WorldModel.ts"

/** Movies of one shelf are numbered by media servers from here to the next. */
export const movieStride = 200_000

export class MovieShelf implements Shelf {
  readonly root: string
  readonly movies = new Map<number, MovieRecord>()
  /** Those with files that a media server has found; still there when an arr has let go of them. */
  readonly onServer = new Map<number, MovieRecord>()
  readonly tags: Map<number, string>
  readonly exclusions = new Exclusions()
  /** Movies whose files went away, for the history. */
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

  /** What metadata providers know under a key. */
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

  /** Takes a movie out; its files stay on the disk and on the media server unless they are deleted. */
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

  /** Adds a movie without a file. It is wanted until a search has brought one. */
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

  /** Another root folder: the file is taken along, and its bytes with it. */
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

/** What an arr tells movies apart by: the number at TMDB, and the id at StashDB of what TMDB does not list. */
export const movieKeyOf = (work: MovieWork): string => work.stashId ?? String(work.tmdbId)
