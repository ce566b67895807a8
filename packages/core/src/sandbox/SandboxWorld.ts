/**
 * The state of a simulated stack: a library that people watch, the arrs that manage it, and the disks that it fills.
 * Generated from a seed, kept in memory, and driven by the Effect clock. Removed items are gone and their bytes are
 * free again; an item that is added again is monitored until a search has downloaded it.
 *
 * Each arr has a shelf. Those of the usual stack always exist; the others are filled, with a disk of their own, when an
 * application needs them, and do not affect the rest of the world.
 *
 * All dates are relative to the clock at the start: a test must first set its clock to a date in this century.
 */
import { Clock, Effect } from "effect"
import { generateBooks } from "./world/Books.ts"
import { generateLeagues, generateScenes, generateSites } from "./world/Clips.ts"
import { copyMovies, copyShows } from "./world/Copies.ts"
import { CreatorShelf } from "./world/CreatorShelf.ts"
import { Disks } from "./world/Disks.ts"
import { DownloadYard } from "./world/DownloadYard.ts"
import { generate, movieRoot, showRoot, tagLabels } from "./world/Generate.ts"
import { MovieShelf, movieStride } from "./world/MovieShelf.ts"
import { generateMusic } from "./world/Music.ts"
import { playOf } from "./world/People.ts"
import { SeededRandom } from "./world/SeededRandom.ts"
import type { Shelf, ShelfHost } from "./world/Shelf.ts"
import { ShowShelf, showStride } from "./world/ShowShelf.ts"
import { dayMillis } from "./world/Works.ts"
import type {
  JournalEntry,
  MediaRequest,
  Mount,
  MovieRecord,
  Person,
  Play,
  SeasonRecord,
  ShowRecord,
  WorldOptions
} from "./world/WorldModel.ts"

export class SandboxWorld {
  readonly options: WorldOptions
  readonly startedAt: number
  readonly people: ReadonlyArray<Person>
  /** In order of time. Plays of deleted items are kept. */
  readonly plays: Array<Play>
  /** What is being played, until it is stopped. */
  readonly playing: Array<Play> = []
  requests: Array<MediaRequest>
  readonly disks: Disks
  readonly music: CreatorShelf
  /** The downloads of the download clients that were started. */
  readonly downloads: DownloadYard
  readonly journal: Array<JournalEntry> = []
  /** Requests answered, by application. */
  readonly requestCounts = new Map<string, number>()
  /** Media servers, as `plex-1`, whose setting forbids their clients to delete media. */
  readonly keepMedia = new Set<string>()
  /** Incremented with every change; values derived from the state are cached as long as it is unchanged. */
  revision = 0

  readonly #clock: Clock.Clock
  readonly #viewing: SeededRandom
  readonly #host: ShelfHost
  readonly #shelves: Array<Shelf> = []
  readonly #movieShelves: Array<MovieShelf> = []
  readonly #showShelves: Array<ShowShelf> = []
  #ahead = 0
  #watchedUntil: number

  private constructor(options: WorldOptions, clock: Clock.Clock) {
    this.options = options
    this.#clock = clock
    this.startedAt = clock.currentTimeMillisUnsafe()
    this.#watchedUntil = this.startedAt
    this.#viewing = new SeededRandom(`${options.seed ?? "tendarr"}/viewing`)
    const stock = generate(options, this.startedAt)
    this.people = stock.people
    this.plays = stock.plays
    this.requests = stock.requests
    const music = generateMusic(options, this.startedAt)
    this.disks = new Disks([...stock.mounts, music.mount])
    this.#host = {
      disks: this.disks,
      now: () => this.now(),
      due: () => this.now() + (options.downloadMillis ?? 600_000),
      changed: () => void this.revision++
    }
    const { movies, shows, wanted } = stock
    const common = { tagLabels, firstServerId: 0 }
    this.#movieShelves.push(
      new MovieShelf({ ...common, root: movieRoot, movies: movies.values(), wanted: wanted.movies }, this.#host)
    )
    this.#showShelves.push(
      new ShowShelf({ ...common, root: showRoot, shows: shows.values(), wanted: wanted.shows }, this.#host)
    )
    this.music = new CreatorShelf(music, this.#host)
    this.#shelves.push(...this.#movieShelves, ...this.#showShelves, this.music)
    this.downloads = new DownloadYard({
      now: () => this.now(),
      startedAt: this.startedAt,
      seed: options.seed ?? "tendarr",
      movies: () => this.movies.values(),
      seasons: () => [...this.shows.values()].flatMap(({ seasons }) => seasons),
      changed: this.#host.changed
    })
  }

  static make = (options: WorldOptions = {}): Effect.Effect<SandboxWorld> =>
    Effect.map(Clock.Clock, (clock) => new SandboxWorld(options, clock))

  // --- time ---------------------------------------------------------------------------------------------------------

  /** The world's own time: the clock plus the advanced time. */
  now(): number {
    return this.#clock.currentTimeMillisUnsafe() + this.#ahead
  }

  /** A time of the world as ISO-8601 UTC on the caller's clock, so that the present is the same for both. */
  iso(at: number): string {
    return new Date(at - this.#ahead).toISOString()
  }

  /** Seconds since 1970 of a time of the world, like `iso`. */
  epoch(at: number): number {
    return Math.floor((at - this.#ahead) / 1000)
  }

  /** Lets time pass only in the world: everything in it gets older, and downloads in progress end. */
  advance(millis: number): void {
    this.#ahead += millis
    for (const shelf of this.#shelves) shelf.hurry()
    this.settle()
    this.revision++
  }

  /** Updates the state to now: ends downloads that are due and lets people watch. Called before every response. */
  settle(): void {
    const now = this.now()
    for (const shelf of this.#shelves) shelf.settle(now)
    while (now - this.#watchedUntil >= dayMillis) {
      this.#watchedUntil += dayMillis
      for (let play = 0; play < (this.options.playsPerDay ?? 0); play++) this.#watchSomething(this.#watchedUntil)
    }
  }

  // --- shelves ------------------------------------------------------------------------------------------------------

  /** The movies of the first arr for movies, which people watch and request. */
  get films(): MovieShelf {
    return this.#movieShelves[0]!
  }

  get series(): ShowShelf {
    return this.#showShelves[0]!
  }

  get movies(): ReadonlyMap<number, MovieRecord> {
    return this.films.movies
  }

  get shows(): ReadonlyMap<number, ShowRecord> {
    return this.series.shows
  }

  /** Shelves that media servers list, in the order of their libraries. */
  get movieShelves(): ReadonlyArray<MovieShelf> {
    return this.#movieShelves
  }

  get showShelves(): ReadonlyArray<ShowShelf> {
    return this.#showShelves
  }

  /** The shelf of the arr for movies with this number, from 1. */
  moviesOf(number: number): MovieShelf {
    while (this.#movieShelves.length < number) {
      const works = [...this.films.movies.values()].map((movie) => movie.work)
      const stock = copyMovies(this.options, this.#movieShelves.length + 1, works, this.startedAt)
      const shelf = this.#fill(stock, (host) => new MovieShelf(stock, host))
      this.#movieShelves.push(shelf)
      // The others contain 4K copies: every second request for a title that one of them has was for that copy.
      this.requests = this.requests.map((request) =>
        request.id % 2 === 0 && request.movie !== null && shelf.of(request.movie) !== undefined
          ? { ...request, is4k: true }
          : request
      )
    }
    return this.#movieShelves[number - 1]!
  }

  showsOf(number: number): ShowShelf {
    while (this.#showShelves.length < number) {
      const works = [...this.series.shows.values()].map((show) => show.work)
      const stock = copyShows(this.options, this.#showShelves.length + 1, works, this.startedAt)
      this.#showShelves.push(this.#fill(stock, (host) => new ShowShelf(stock, host)))
    }
    return this.#showShelves[number - 1]!
  }

  readonly musicOf = shelves((number) => {
    if (number === 1) return this.music
    const stock = generateMusic(this.options, this.startedAt, number)
    return this.#fill(stock, (host) => new CreatorShelf(stock, host))
  })

  readonly booksOf = shelves((number) => {
    const stock = generateBooks(this.options, this.startedAt, number)
    return this.#fill(stock, (host) => new CreatorShelf(stock, host))
  })

  readonly scenesOf = shelves((number) => {
    const stock = generateScenes(this.options, this.startedAt, number)
    return this.#fill(stock, (host) => new MovieShelf(stock, host))
  })

  readonly sitesOf = shelves((number) => {
    const stock = generateSites(this.options, this.startedAt, number)
    return this.#fill(stock, (host) => new ShowShelf(stock, host))
  })

  readonly leaguesOf = shelves((number) => {
    const stock = generateLeagues(this.options, this.startedAt, number)
    return this.#fill(stock, (host) => new ShowShelf(stock, host))
  })

  // --- what media servers see ---------------------------------------------------------------------------------------

  movieOnServer(serverId: number): MovieRecord | undefined {
    return this.#movieShelves[Math.floor((serverId - 1) / movieStride)]?.onServer.get(serverId)
  }

  showOnServer(serverId: number): ShowRecord | undefined {
    return this.#showShelves[Math.floor((serverId - 1) / showStride)]?.onServer.get(serverId)
  }

  seasonOnServer(block: number): SeasonRecord | undefined {
    const shelf = this.#showShelves[Math.floor(block / showStride)]
    const season = shelf?.seasonOfBlock(block)
    return season !== undefined && season.files !== 0 && shelf?.onServer.has(season.show.serverId) ? season : undefined
  }

  /** The shelf of a title on a media server, whether or not its arr still has it. */
  shelfOfMovie(movie: MovieRecord): MovieShelf {
    return this.#movieShelves[Math.floor((movie.serverId - 1) / movieStride)] ?? this.films
  }

  shelfOfShow(show: ShowRecord): ShowShelf {
    return this.#showShelves[Math.floor((show.serverId - 1) / showStride)] ?? this.series
  }

  get downloadsUnderWay(): number {
    return this.#shelves.reduce((sum, shelf) => sum + shelf.downloadsUnderWay, 0)
  }

  // --- acting -------------------------------------------------------------------------------------------------------

  /** Records that somebody has just watched a movie, or an episode of a season, to the end. */
  watch(person: Person, movie: MovieRecord | null, season: SeasonRecord | null, episode: number): Play {
    const play = playOf(this.#viewing, person, movie, season, episode, this.now())
    const durationSeconds = ((movie?.work ?? season?.show.work)?.runtimeMinutes ?? 0) * 60
    return this.#addPlay({ ...play, percent: 100, durationSeconds, startedAt: play.startedAt - durationSeconds * 1000 })
  }

  /** Adds a request to the journal, which keeps the last twenty thousand. */
  note(entry: JournalEntry): void {
    this.journal.push(entry)
    if (this.journal.length > 20_000) this.journal.splice(0, 1_000)
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  #fill<A extends Shelf>({ mount }: { readonly mount: Mount }, make: (host: ShelfHost) => A): A {
    this.disks.add(mount)
    const shelf = make(this.#host)
    this.#shelves.push(shelf)
    this.revision++
    return shelf
  }

  /** Records that somebody has started to play a movie, or an episode, and is `percent` into it. */
  play(person: Person, movie: MovieRecord | null, season: SeasonRecord | null, episode: number, percent: number): Play {
    const runtime = (movie?.work ?? season?.show.work)?.runtimeMinutes ?? 45
    const durationSeconds = Math.round((runtime * 60 * percent) / 100)
    const startedAt = this.now() - durationSeconds * 1000
    // Not among the finished plays, and therefore without one of their ids.
    const id = -1 - this.playing.length
    const play = { id, person, movie, season, episode, startedAt, durationSeconds, percent }
    this.playing.push(play)
    this.revision++
    return play
  }

  /** Stops a play at its current position. */
  stop(play: Play): void {
    const index = this.playing.indexOf(play)
    if (index < 0) return
    this.playing.splice(index, 1)
    this.#addPlay(play)
  }

  #watchSomething(at: number): void {
    const person = this.people[this.#viewing.int(0, this.people.length - 1)]
    const movies = [...this.films.onServer.values()]
    const shows = [...this.series.onServer.values()]
    if (person === undefined || movies.length + shows.length === 0) return
    const pick = this.#viewing.int(0, movies.length + shows.length - 1)
    const season = shows[pick - movies.length]?.seasons.find((each) => each.files !== 0) ?? null
    const episode = season === null ? 0 : 1 + Math.floor(Math.log2(season.files & -season.files))
    this.#addPlay(playOf(this.#viewing, person, movies[pick] ?? null, season, episode, at))
  }

  #addPlay(play: Omit<Play, "id">): Play {
    const added = { ...play, id: this.plays.length + 1 }
    this.plays.push(added)
    this.revision++
    return added
  }
}

/** Fills each shelf when it is first requested by its number. */
const shelves = <A>(fill: (number: number) => A): ((number: number) => A) => {
  const filled = new Map<number, A>()
  return (number) => {
    const shelf = filled.get(number) ?? fill(number)
    filled.set(number, shelf)
    return shelf
  }
}
