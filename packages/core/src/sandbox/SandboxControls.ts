/** Controls of a running sandbox: its faults, its time, and its state. Used in process and over HTTP. */
import { Effect, Schema } from "effect"
import { Fault, type FaultBoard } from "./Faults.ts"
import type { SandboxWorld } from "./SandboxWorld.ts"
import type { JournalEntry, Play } from "./world/WorldModel.ts"

export interface SandboxState {
  readonly seed: string
  /** The clock that the applications use. */
  readonly now: string
  readonly movies: number
  readonly shows: number
  readonly seasons: number
  readonly artists: number
  readonly albums: number
  readonly plays: number
  readonly requests: number
  readonly downloadsUnderWay: number
  readonly disks: ReadonlyArray<{ readonly path: string; readonly totalBytes: number; readonly freeBytes: number }>
  /** Requests answered, by application. */
  readonly calls: Readonly<Record<string, number>>
  readonly faults: ReadonlyArray<Fault>
}

export interface WatchRequest {
  /** A user's name on the media server; the owner by default. */
  readonly username?: string
  /** Radarr's id of a movie. */
  readonly movieId?: number
  /** Sonarr's id of a show, with season and episode. */
  readonly showId?: number
  readonly seasonNumber?: number
  readonly episode?: number
}

export interface SandboxControls {
  /** The current state; downloads that are due have ended. */
  readonly state: Effect.Effect<SandboxState>
  /** Every request for a change, oldest first. */
  readonly journal: Effect.Effect<ReadonlyArray<JournalEntry>>
  /** Lets time pass only in the simulated stack: everything gets older and downloads end. */
  readonly advance: (millis: number) => Effect.Effect<SandboxState>
  /** Records that somebody watches something now. `null` if there is no such person, movie or season. */
  readonly watch: (request: WatchRequest) => Effect.Effect<Play | null>
}

/** Switches faults, for tests and for the control endpoint. */
export interface FaultControls {
  readonly list: Effect.Effect<ReadonlyArray<Fault>>
  readonly replace: (faults: ReadonlyArray<Fault>) => Effect.Effect<void>
  readonly add: (fault: Fault) => Effect.Effect<void>
  /** Removes the faults of one kind, or all. */
  readonly clear: (kind?: Fault["kind"]) => Effect.Effect<void>
}

export const makeFaultControls = (board: FaultBoard): FaultControls => ({
  list: Effect.sync(() => board.list()),
  replace: (faults) => Effect.sync(() => board.replace(faults)),
  add: (fault) => Effect.sync(() => board.add(fault)),
  clear: (kind) => Effect.sync(() => board.clear(kind))
})

export const makeControls = (world: SandboxWorld, board: FaultBoard): SandboxControls => {
  const state = Effect.sync((): SandboxState => {
    world.settle()
    let seasons = 0
    for (const show of world.shows.values()) seasons += show.seasons.length
    return {
      seed: world.options.seed ?? "tendarr",
      now: world.iso(world.now()),
      movies: world.movies.size,
      shows: world.shows.size,
      seasons,
      artists: world.music.creators.size,
      albums: world.music.pieces.size,
      plays: world.plays.length,
      requests: world.requests.length,
      downloadsUnderWay: world.downloadsUnderWay,
      disks: world.disks.mounts.map((mount) => ({
        path: mount.path,
        totalBytes: mount.totalBytes,
        freeBytes: world.disks.freeBytes(mount)
      })),
      calls: Object.fromEntries(world.requestCounts),
      faults: board.list()
    }
  })
  return {
    state,
    journal: Effect.sync(() => [...world.journal]),
    advance: (millis) =>
      Effect.andThen(
        Effect.sync(() => world.advance(millis)),
        state
      ),
    watch: (request) =>
      Effect.sync(() => {
        const { username, movieId, showId, seasonNumber, episode } = request
        const person = world.people.find((each) => username === undefined || each.username === username)
        const movie = movieId === undefined ? undefined : world.movies.get(movieId)
        const show = showId === undefined ? undefined : world.shows.get(showId)
        const season = show?.seasons.find((each) => each.work.number === seasonNumber)
        if (person === undefined || (movie === undefined && season === undefined)) return null
        return world.watch(
          person,
          movie ?? null,
          movie === undefined ? (season ?? null) : null,
          movie === undefined ? (episode ?? 1) : 0
        )
      })
  }
}

/**
 * The controls over HTTP, wherever they are mounted: `GET|PUT /sandbox/faults`, `POST /sandbox/advance`, `POST
 * /sandbox/watch`, `GET /sandbox/state`, `GET /sandbox/journal`. Access control is left to the mount.
 */
export const controlHandler = (
  controls: SandboxControls,
  faults: FaultControls,
  run: <A>(effect: Effect.Effect<A>) => Promise<A>
): ((request: Request) => Promise<Response>) => {
  const answer = Effect.fnUntraced(function* (request: Request) {
    const path = new URL(request.url).pathname.replace(/\/+$/, "")
    const wanted = `${request.method} ${path.slice(path.lastIndexOf("/sandbox/"))}`
    switch (wanted) {
      case "GET /sandbox/faults":
        return reply({ faults: yield* faults.list })
      case "PUT /sandbox/faults": {
        const body = yield* readBody(request, FaultsBody)
        yield* faults.replace(body.faults)
        return reply({ faults: yield* faults.list })
      }
      case "POST /sandbox/advance": {
        const { days = 0, hours = 0, minutes = 0 } = yield* readBody(request, AdvanceBody)
        return reply(yield* controls.advance(((days * 24 + hours) * 60 + minutes) * 60_000))
      }
      case "POST /sandbox/watch": {
        const play = yield* controls.watch(yield* readBody(request, WatchBody))
        if (play === null) return problem(404, "There is no such person, movie or season in the sandbox")
        return reply({ id: play.id, username: play.person.username }, 201)
      }
      case "GET /sandbox/state":
        return reply(yield* controls.state)
      case "GET /sandbox/journal":
        return reply({ entries: yield* controls.journal })
      default:
        return problem(404, `The sandbox has no ${wanted}`)
    }
  })
  return (request) =>
    run(Effect.catchTag(answer(request), "SchemaError", (error) => Effect.succeed(problem(400, error.message))))
}

const days = Schema.optionalKey(Schema.Number.check(Schema.isBetween({ minimum: 0, maximum: 36_500 })))
const FaultsBody = Schema.fromJsonString(Schema.Struct({ faults: Schema.Array(Fault) }))
const AdvanceBody = Schema.fromJsonString(Schema.Struct({ days, hours: days, minutes: days }))
const WatchBody = Schema.fromJsonString(
  Schema.Struct({
    username: Schema.optionalKey(Schema.String),
    movieId: Schema.optionalKey(Schema.Int),
    showId: Schema.optionalKey(Schema.Int),
    seasonNumber: Schema.optionalKey(Schema.Int),
    episode: Schema.optionalKey(Schema.Int)
  })
)

const readBody = <A>(request: Request, schema: Schema.Codec<A, string>) =>
  Effect.flatMap(
    Effect.promise(() => request.text()),
    (text) => Schema.decodeEffect(schema)(text)
  )

const reply = (value: unknown, status = 200): Response =>
  new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } })

const problem = (status: number, detail: string): Response =>
  new Response(
    JSON.stringify({ type: "about:blank", title: status === 404 ? "Not found" : "Bad request", status, detail }),
    {
      status,
      headers: { "content-type": "application/problem+json" }
    }
  )
