/**
 * The state of a simulated stack: a library that people watch, the arrs that manage it, and disks that it fills. Made
 * from a seed, kept in memory, and moved by the Effect clock. What is removed is gone and its bytes are free again;
 * what is added again is wanted until a search has brought it.
 *
 * All dates are relative to the clock at the start: a test sets its clock to a day of this century first.
 */
import { Clock, Effect } from "effect"
import { fullMask, generate, movieFolder, seasonRecords, showFolder, tagLabels } from "./world/Generate.ts"
import { Disks } from "./world/Disks.ts"
import { generateMusic } from "./world/Music.ts"
import { MusicShelf } from "./world/MusicShelf.ts"
import { hasBit, LibraryIndex } from "./world/LibraryIndex.ts"
import { playOf } from "./world/People.ts"
import { SeededRandom } from "./world/SeededRandom.ts"
import { dayMillis, episodeSize } from "./world/Works.ts"
import type {
  JournalEntry,
  MediaRequest,
  MovieRecord,
  MovieWork,
  Person,
  Play,
  SeasonRecord,
  ShowRecord,
  ShowWork,
  WorldOptions
} from "./world/WorldModel.ts"

/** How a removal treats files. */
export interface RemovalMode {
  readonly deleteFiles: boolean
  /** False when the file is gone but another hardlink keeps its bytes. */
  readonly freesBytes: boolean
}

export interface Exclusion {
  readonly id: number
  readonly externalId: number
  readonly title: string
  readonly year: number
}

/** A file that went away, for the arrs' history. */
export interface Deletion {
  readonly movie: MovieRecord | null
  readonly season: SeasonRecord | null
  readonly at: number
}

interface Download {
  readonly dueAt: number
  readonly movie: MovieRecord | null
  readonly season: SeasonRecord | null
}

export class SandboxWorld {
  readonly options: WorldOptions
  readonly startedAt: number
  readonly people: ReadonlyArray<Person>
  readonly movies: Map<number, MovieRecord>
  readonly shows: Map<number, ShowRecord>
  /** What the media server shows: entries with files, whoever manages them. */
  readonly serverMovies = new Map<number, MovieRecord>()
  readonly serverShows = new Map<number, ShowRecord>()
  /** In order of time. Plays of what is gone stay. */
  readonly plays: Array<Play>
  requests: Array<MediaRequest>
  readonly disks: Disks
  /** Artists and albums. */
  readonly music: MusicShelf
  readonly index = new LibraryIndex()
  readonly movieTags = new Map<number, string>(tagLabels.map((label, index) => [index + 1, label]))
  readonly showTags = new Map<number, string>(tagLabels.map((label, index) => [index + 1, label]))
  readonly movieExclusions = new Map<number, Exclusion>()
  readonly showExclusions = new Map<number, Exclusion>()
  readonly deletions: Array<Deletion> = []
  readonly journal: Array<JournalEntry> = []
  /** Requests answered, by application. */
  readonly requestCounts = new Map<string, number>()
  /** Grows with every change; what is derived from the state is kept as long as it stands. */
  revision = 0

  readonly #clock: Clock.Clock
  readonly #viewing: SeededRandom
  #downloads: Array<Download> = []
  #ahead = 0
  #watchedUntil: number
  #lastId = { movie: 0, show: 0, file: 0, fileBlock: 0, exclusion: 0 }

  private constructor(options: WorldOptions, clock: Clock.Clock) {
    this.options = options
    this.#clock = clock
    this.startedAt = clock.currentTimeMillisUnsafe()
    this.#watchedUntil = this.startedAt
    this.#viewing = new SeededRandom(`${options.seed ?? "tendarr"}/viewing`)
    const stock = generate(options, this.startedAt)
    this.people = stock.people
    this.movies = stock.movies
    this.shows = stock.shows
    this.plays = stock.plays
    this.requests = stock.requests
    const music = generateMusic(options, this.startedAt)
    this.disks = new Disks([...stock.mounts, music.mount])
    this.music = new MusicShelf(music, {
      disks: this.disks,
      now: () => this.now(),
      due: () => this.#due(),
      changed: () => void this.revision++
    })
    for (const movie of this.movies.values()) {
      this.index.addMovie(movie)
      this.disks.count(movie.rootFolder, this.movieBytes(movie))
      if (movie.server.scanned && movie.fileId !== 0) this.serverMovies.set(movie.id, movie)
    }
    for (const show of this.shows.values()) {
      this.index.addShow(show)
      for (const season of show.seasons) this.disks.count(show.rootFolder, this.seasonBytes(season))
      if (show.server.scanned) this.serverShows.set(show.id, show)
    }
    for (const work of stock.wanted.movies) this.index.know(work)
    for (const work of stock.wanted.shows) this.index.know(work)
    const files = this.movies.size
    this.#lastId = {
      movie: files,
      show: this.shows.size,
      file: files,
      fileBlock: this.index.blocks,
      exclusion: 0
    }
  }

  static make = (options: WorldOptions = {}): Effect.Effect<SandboxWorld> =>
    Effect.map(Clock.Clock, (clock) => new SandboxWorld(options, clock))

  // --- time ---------------------------------------------------------------------------------------------------------

  /** The world's own time: the clock, and what was advanced past it. */
  now(): number {
    return this.#clock.currentTimeMillisUnsafe() + this.#ahead
  }

  /** A moment of the world as ISO-8601 UTC on the clock of who asks; what happens now is always now there too. */
  iso(at: number): string {
    return new Date(at - this.#ahead).toISOString()
  }

  /** Seconds since 1970 of a moment of the world, as `iso`. */
  epoch(at: number): number {
    return Math.floor((at - this.#ahead) / 1000)
  }

  /** Lets time pass in the world alone: everything in it gets older, and downloads that are under way end. */
  advance(millis: number): void {
    this.#ahead += millis
    this.#downloads = this.#downloads.map((download) => ({ ...download, dueAt: 0 }))
    this.music.hurry()
    this.settle()
    this.revision++
  }

  /** Brings the state up to now: ends downloads that are due and lets people watch. Called before every answer. */
  settle(): void {
    const now = this.now()
    this.music.settle(now)
    if (this.#downloads.length > 0) this.#downloads = this.#downloads.filter((download) => !this.#finish(download, now))
    while (now - this.#watchedUntil >= dayMillis) {
      this.#watchedUntil += dayMillis
      for (let play = 0; play < (this.options.playsPerDay ?? 0); play++) this.#watchSomething(this.#watchedUntil)
    }
  }

  // --- reading ------------------------------------------------------------------------------------------------------

  movieBytes(movie: MovieRecord): number {
    return movie.fileId === 0 ? 0 : movie.work.sizeBytes
  }

  seasonBytes(season: SeasonRecord): number {
    if (season.files === fullMask(season.work.aired)) return season.work.sizeBytes
    let bytes = 0
    for (let episode = 1; episode <= season.work.aired; episode++) {
      if (hasBit(season.files, episode)) bytes += episodeSize(season.work, episode)
    }
    return bytes
  }

  get downloadsUnderWay(): number {
    return this.#downloads.length + this.music.downloadsUnderWay
  }

  // --- acting -------------------------------------------------------------------------------------------------------

  /** Takes a movie out of the arr; its files stay on the disk and on the media server unless they are deleted. */
  removeMovie(movie: MovieRecord, mode: RemovalMode): void {
    if (mode.deleteFiles) this.deleteMovieFile(movie, mode.freesBytes)
    else this.disks.disown(movie.rootFolder, this.movieBytes(movie))
    this.movies.delete(movie.id)
    this.index.forget(movie.work)
    this.#downloads = this.#downloads.filter((download) => download.movie !== movie)
    this.revision++
  }

  deleteMovieFile(movie: MovieRecord, freesBytes: boolean): void {
    if (movie.fileId === 0) return
    this.disks.free(movie.rootFolder, this.movieBytes(movie), freesBytes && !movie.hardlinked)
    movie.fileId = 0
    this.serverMovies.delete(movie.id)
    this.deletions.push({ movie, season: null, at: this.now() })
    this.revision++
  }

  removeShow(show: ShowRecord, mode: RemovalMode): void {
    for (const season of show.seasons) {
      if (mode.deleteFiles) this.deleteEpisodeFiles(season, season.files, mode.freesBytes)
      else this.disks.disown(show.rootFolder, this.seasonBytes(season))
    }
    this.shows.delete(show.id)
    this.index.forget(show.work)
    this.#downloads = this.#downloads.filter((download) => download.season?.show !== show)
    this.revision++
  }

  /** Deletes the files of the episodes whose bits are set in `episodes`. */
  deleteEpisodeFiles(season: SeasonRecord, episodes: number, freesBytes: boolean): void {
    if ((season.files & episodes) === 0) return
    const before = this.seasonBytes(season)
    season.files &= ~episodes
    this.disks.free(season.show.rootFolder, before - this.seasonBytes(season), freesBytes && !season.show.hardlinked)
    if (season.show.seasons.every((each) => each.files === 0)) this.serverShows.delete(season.show.id)
    this.deletions.push({ movie: null, season, at: this.now() })
    this.revision++
  }

  /** Adds a movie without a file. It is wanted until a search has brought one. */
  addMovie(
    work: MovieWork,
    entry: Pick<MovieRecord, "rootFolder" | "qualityProfileId" | "monitored" | "minimumAvailability" | "tags">
  ): MovieRecord {
    const movie: MovieRecord = {
      ...entry,
      id: ++this.#lastId.movie,
      work,
      server: {
        scanned: true,
        matched: true,
        labels: new Set(),
        collections: new Set(work.collection ? [work.collection.title] : [])
      },
      addedAt: this.now(),
      hardlinked: false,
      folder: movieFolder(work),
      fileId: 0,
      fileAddedAt: this.now(),
      lastSearchAt: null,
      extra: {}
    }
    this.movies.set(movie.id, movie)
    this.index.addMovie(movie)
    this.revision++
    return movie
  }

  addShow(
    work: ShowWork,
    entry: Pick<
      ShowRecord,
      "rootFolder" | "qualityProfileId" | "monitored" | "seasonFolder" | "seriesType" | "monitorNewItems" | "tags"
    >
  ): ShowRecord {
    const bare = {
      ...entry,
      id: ++this.#lastId.show,
      work,
      server: { scanned: true, matched: true, labels: new Set<string>(), collections: new Set<string>() },
      addedAt: this.now(),
      hardlinked: false,
      folder: showFolder(work),
      extra: {}
    }
    const show = seasonRecords(bare, this.index.blocks, false, this.now())
    this.index.addShow(show)
    this.shows.set(show.id, show)
    this.revision++
    return show
  }

  /** Another root folder: the files are taken along, and their bytes with them. */
  moveRoot(record: MovieRecord | ShowRecord, rootFolder: string): void {
    if (record.rootFolder === rootFolder) return
    const bytes =
      "seasons" in record
        ? record.seasons.reduce((sum, season) => sum + this.seasonBytes(season), 0)
        : this.movieBytes(record)
    this.disks.count(record.rootFolder, -bytes)
    this.disks.count(rootFolder, bytes)
    record.rootFolder = rootFolder
    this.revision++
  }

  /** Starts a download for a monitored movie without a file; it ends after `downloadMillis`. */
  searchMovie(movie: MovieRecord): void {
    movie.lastSearchAt = this.now()
    this.revision++
    if (movie.monitored && movie.fileId === 0 && !this.#downloads.some((download) => download.movie === movie)) {
      this.#downloads.push({ dueAt: this.#due(), movie, season: null })
    }
  }

  /** As `searchMovie`, for the monitored episodes of one season. */
  searchSeason(season: SeasonRecord): void {
    const missing = season.monitoredEpisodes & fullMask(season.work.aired) & ~season.files
    if (season.show.monitored && missing !== 0 && !this.#downloads.some((download) => download.season === season)) {
      this.#downloads.push({ dueAt: this.#due(), movie: null, season })
    }
  }

  /** Somebody has just watched a movie, or an episode of a season, to its end. */
  watch(person: Person, movie: MovieRecord | null, season: SeasonRecord | null, episode: number): Play {
    const play = playOf(this.#viewing, person, movie, season, episode, this.now())
    const durationSeconds = ((movie?.work ?? season?.show.work)?.runtimeMinutes ?? 0) * 60
    return this.#addPlay({ ...play, percent: 100, durationSeconds, startedAt: play.startedAt - durationSeconds * 1000 })
  }

  /** Adds to a list of exclusions, or finds what is there already. */
  exclude(list: Map<number, Exclusion>, externalId: number, title: string, year: number): Exclusion {
    const existing = [...list.values()].find((exclusion) => exclusion.externalId === externalId)
    const exclusion = existing ?? { id: ++this.#lastId.exclusion, externalId, title, year }
    list.set(exclusion.id, exclusion)
    return exclusion
  }

  /** Keeps a request in the journal: the last twenty thousand. */
  note(entry: JournalEntry): void {
    this.journal.push(entry)
    if (this.journal.length > 20_000) this.journal.splice(0, 1_000)
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  #due(): number {
    return this.now() + (this.options.downloadMillis ?? 600_000)
  }

  /** True when the download ended. One that does not fit on the disk waits, as a full disk makes it. */
  #finish(download: Download, now: number): boolean {
    const { movie, season } = download
    if (download.dueAt > now) return false
    if (movie !== null) {
      if (!this.disks.fits(movie.rootFolder, movie.work.sizeBytes)) return false
      movie.fileId = ++this.#lastId.file
      movie.fileAddedAt = now
      this.disks.count(movie.rootFolder, movie.work.sizeBytes)
      if (movie.server.scanned) this.serverMovies.set(movie.id, movie)
    }
    if (season !== null) {
      const before = this.seasonBytes(season)
      const files = season.files | (season.monitoredEpisodes & fullMask(season.work.aired))
      if (!this.disks.fits(season.show.rootFolder, season.work.sizeBytes - before)) return false
      season.files = files
      this.index.moveFiles(season, ++this.#lastId.fileBlock)
      season.fileAddedAt = now
      this.disks.count(season.show.rootFolder, this.seasonBytes(season) - before)
      if (season.show.server.scanned) this.serverShows.set(season.show.id, season.show)
    }
    this.revision++
    return true
  }

  #watchSomething(at: number): void {
    const person = this.people[this.#viewing.int(0, this.people.length - 1)]
    const movies = [...this.serverMovies.values()]
    const shows = [...this.serverShows.values()]
    if (person === undefined || movies.length + shows.length === 0) return
    const pick = this.#viewing.int(0, movies.length + shows.length - 1)
    const season = shows[pick - movies.length]?.seasons.find((each) => each.files !== 0) ?? null
    const episode = season === null ? 0 : 1 + Math.floor(Math.log2(season.files & -season.files))
    this.#addPlay(playOf(this.#viewing, person, movies[pick] ?? null, season, episode, at))
  }

  #addPlay(play: Omit<Play, "id">): Play {
    const added = { id: this.plays.length + 1, ...play }
    this.plays.push(added)
    this.revision++
    return added
  }
}
