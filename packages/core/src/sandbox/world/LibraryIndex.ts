/** The ways to a record that do not go by its own id: by its work, by an episode, by a file. */
import type { MovieRecord, MovieWork, SeasonRecord, ShowRecord, ShowWork } from "./WorldModel.ts"

export class LibraryIndex {
  readonly #knownMovies = new Map<number, MovieWork>()
  readonly #knownShows = new Map<number, ShowWork>()
  readonly #movieOfWork = new Map<MovieWork, MovieRecord>()
  readonly #showOfWork = new Map<ShowWork, ShowRecord>()
  readonly #seasonsByBlock: Array<SeasonRecord> = []
  readonly #seasonsByFileBlock = new Map<number, SeasonRecord>()

  /** Blocks of episode ids that have been given away. */
  get blocks(): number {
    return this.#seasonsByBlock.length
  }

  /** Lets metadata providers know of a work. */
  know(work: MovieWork | ShowWork): void {
    if ("seasons" in work) this.#knownShows.set(work.tvdbId, work)
    else this.#knownMovies.set(work.tmdbId, work)
  }

  addMovie(movie: MovieRecord): void {
    this.know(movie.work)
    this.#movieOfWork.set(movie.work, movie)
  }

  addShow(show: ShowRecord): void {
    this.know(show.work)
    this.#showOfWork.set(show.work, show)
    for (const season of show.seasons) {
      this.#seasonsByBlock[season.block] = season
      if (season.files !== 0) this.#seasonsByFileBlock.set(season.fileBlock, season)
    }
  }

  /** The work is no longer in an arr; it stays known. */
  forget(work: MovieWork | ShowWork): void {
    if ("seasons" in work) this.#showOfWork.delete(work)
    else this.#movieOfWork.delete(work)
  }

  /** Gives the files of a season new ids. */
  moveFiles(season: SeasonRecord, fileBlock: number): void {
    if (this.#seasonsByFileBlock.get(season.fileBlock) === season) this.#seasonsByFileBlock.delete(season.fileBlock)
    season.fileBlock = fileBlock
    this.#seasonsByFileBlock.set(fileBlock, season)
  }

  seasonOfBlock(block: number): SeasonRecord | undefined {
    return this.#seasonsByBlock[block]
  }

  /** The season and the number of the episode whose file has this id, while that file exists. */
  episodeOfFile(fileId: number): { readonly season: SeasonRecord; readonly episode: number } | undefined {
    const season = this.#seasonsByFileBlock.get(Math.floor(fileId / 32))
    const episode = fileId % 32
    return season !== undefined && hasBit(season.files, episode) ? { season, episode } : undefined
  }

  knownMovie(tmdbId: number): MovieWork | undefined {
    return this.#knownMovies.get(tmdbId)
  }

  knownShow(tvdbId: number): ShowWork | undefined {
    return this.#knownShows.get(tvdbId)
  }

  /** The arr's entry for a work, if it has one. */
  movieOf(work: MovieWork): MovieRecord | undefined {
    return this.#movieOfWork.get(work)
  }

  showOf(work: ShowWork): ShowRecord | undefined {
    return this.#showOfWork.get(work)
  }
}

export const hasBit = (mask: number, episode: number): boolean => ((mask >>> (episode - 1)) & 1) === 1
