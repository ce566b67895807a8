import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { Fault } from "../../src/sandbox/Faults.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { ask, type Answer, withSandbox } from "./SandboxTest.ts"

const movies = "/api/v3/movie"
const withFault = <A, E>(fault: Fault, body: Effect.Effect<A, E, Sandbox>, items = 400) =>
  withSandbox(
    { items },
    Effect.gen(function* () {
      const { faults } = yield* Sandbox
      yield* faults.add(fault)
      return yield* body
    })
  )
const count = (answer: Answer) => (answer.json as ReadonlyArray<unknown>).length

describe("Faults of the sandbox", () => {
  it.effect("down closes the connection, or responds with 503 if configured", () =>
    withFault(
      { kind: "down", app: "radarr" },
      Effect.gen(function* () {
        assert.isTrue(Exit.isFailure(yield* Effect.exit(ask("radarr", "/ping"))))
        assert.strictEqual((yield* ask("sonarr", "/ping")).status, 200)
        const { faults } = yield* Sandbox
        yield* faults.replace([{ kind: "down", how: "status" }])
        assert.strictEqual((yield* ask("radarr", "/ping")).status, 503)
        yield* faults.clear()
        assert.strictEqual((yield* ask("radarr", "/ping")).status, 200)
      })
    )
  )

  it.effect("unauthorized responds like each application to a wrong key", () =>
    withFault(
      { kind: "unauthorized" },
      Effect.gen(function* () {
        const statuses: Array<number> = []
        for (const [kind, path] of [
          ["radarr", movies],
          ["sonarr", "/api/v3/series"],
          ["plex", "/library/sections"],
          ["tautulli", "/api/v2?cmd=get_users"],
          ["seerr", "/api/v1/request"]
        ] as const) {
          statuses.push((yield* ask(kind, path)).status)
        }
        assert.deepStrictEqual(statuses, [401, 401, 401, 400, 403])
      })
    )
  )

  it.effect("half pages fail after the first page", () =>
    withFault(
      { kind: "halfPages", how: "fail" },
      Effect.gen(function* () {
        const pages = [
          ["plex", "/library/sections/1/all?X-Plex-Container-Size=20&X-Plex-Container-Start="],
          ["tautulli", "/api/v2?cmd=get_history&length=20&start="],
          ["seerr", "/api/v1/request?take=5&skip="]
        ] as const
        for (const [kind, path] of pages) {
          assert.strictEqual((yield* ask(kind, `${path}0`)).status, 200, kind)
          assert.strictEqual((yield* ask(kind, `${path}20`)).status, 500, kind)
        }
        assert.isTrue(Exit.isFailure(yield* Effect.exit(ask("radarr", movies))), "a list without pages is truncated")
      })
    )
  )

  it.effect("half pages are short although the total is unchanged", () =>
    withFault(
      { kind: "halfPages", how: "short" },
      Effect.gen(function* () {
        const { world } = yield* Sandbox
        assert.strictEqual(count(yield* ask("radarr", movies)), Math.floor(world.movies.size / 2))
        const path = "/library/sections/1/all?X-Plex-Container-Size=20&X-Plex-Container-Start=20"
        const page = (yield* ask("plex", path)).json as { MediaContainer: { size: number; totalSize: number } }
        assert.deepInclude(page.MediaContainer, { size: 10, totalSize: world.films.onServer.size })
      })
    )
  )

  it.effect("slow responds after a delay of the clock", () =>
    withFault(
      { kind: "slow", app: "radarr", delayMillis: 5_000 },
      Effect.gen(function* () {
        const answered = yield* Deferred.make<number>()
        const fiber = yield* Effect.forkChild(
          Effect.flatMap(ask("radarr", "/ping"), (answer) => Deferred.succeed(answered, answer.status))
        )
        // Another application responds in the meantime, so that the request has had time to arrive.
        for (let turn = 0; turn < 20; turn++) yield* ask("sonarr", "/ping")
        yield* TestClock.adjust("4 seconds")
        for (let turn = 0; turn < 20; turn++) yield* ask("sonarr", "/ping")
        assert.isFalse(yield* Deferred.isDone(answered))
        yield* TestClock.adjust("1 seconds")
        assert.strictEqual(yield* Deferred.await(answered), 200)
        yield* Fiber.join(fiber)
      })
    )
  )

  it.effect("wrong types are strings for numbers, an object for a list, or a web page for a response", () =>
    withFault(
      { kind: "wrongTypes", how: "strings" },
      Effect.gen(function* () {
        const { faults } = yield* Sandbox
        const [movie] = (yield* ask("radarr", movies)).json as ReadonlyArray<Record<string, unknown>>
        assert.isString(movie?.["sizeOnDisk"])
        yield* faults.replace([{ kind: "wrongTypes", how: "object" }])
        assert.isNotArray((yield* ask("radarr", movies)).json)
        const plex = (yield* ask("plex", "/library/sections/1/all")).json as { MediaContainer: { Metadata: unknown } }
        assert.isNotArray(plex.MediaContainer.Metadata)
        assert.isObject(plex.MediaContainer.Metadata)
        yield* faults.replace([{ kind: "wrongTypes", how: "html" }])
        const page = yield* ask("radarr", movies)
        assert.strictEqual(page.status, 200)
        assert.match(page.text, /^<html>/)
      })
    )
  )

  it.effect("lies report success, failure, or free bytes falsely", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const { faults, world } = yield* Sandbox
        const mount = world.disks.mountOf("/data/movies")
        assert.isDefined(mount)
        const withFile = [...world.movies.values()].filter((movie) => movie.fileId !== 0)
        const remove = (index: number) =>
          ask("radarr", `${movies}/${withFile[index]?.id}?deleteFiles=true`, { method: "DELETE" })
        const there = (index: number) => world.movies.has(withFile[index]?.id ?? 0)
        const free = world.disks.freeBytes(mount)

        yield* faults.replace([{ kind: "lies", how: "kept", count: 1 }])
        assert.deepStrictEqual([(yield* remove(0)).status, there(0)], [200, true])
        yield* faults.replace([{ kind: "lies", how: "hardlinked", count: 1 }])
        assert.deepStrictEqual([(yield* remove(0)).status, there(0)], [200, false])
        assert.strictEqual(world.disks.freeBytes(mount), free)
        yield* faults.replace([{ kind: "lies", how: "failed", count: 1 }])
        assert.deepStrictEqual([(yield* remove(1)).status, there(1)], [500, false])
        assert.strictEqual(world.disks.freeBytes(mount), free + (withFile[1]?.work.sizeBytes ?? 0))
        assert.deepStrictEqual(yield* faults.list, [], "each showed once and is gone")
        assert.deepStrictEqual([(yield* remove(2)).status, there(2)], [200, false])
      })
    )
  )

  it.effect("rate limits contain the time to wait", () =>
    withFault(
      { kind: "rateLimited", retryAfterSeconds: 7, count: 1 },
      Effect.gen(function* () {
        const limited = yield* ask("radarr", movies)
        assert.deepStrictEqual([limited.status, limited.headers.get("retry-after")], [429, "7"])
        assert.strictEqual((yield* ask("radarr", movies)).status, 200)
      }),
      10
    )
  )

  it.effect("flaky fails every few requests", () =>
    withFault(
      { kind: "flaky", every: 2 },
      Effect.gen(function* () {
        const statuses: Array<number> = []
        for (let turn = 0; turn < 6; turn++) statuses.push((yield* ask("radarr", "/ping")).status)
        assert.deepStrictEqual(statuses, [200, 503, 200, 503, 200, 503])
      })
    )
  )

  it.effect("vanish returns empty lists with 200", () =>
    withFault(
      { kind: "vanish" },
      Effect.gen(function* () {
        assert.deepStrictEqual((yield* ask("radarr", movies)).json, [])
        const plex = yield* ask("plex", "/library/sections/1/all")
        assert.deepInclude((plex.json as { MediaContainer: object }).MediaContainer, { size: 0 })
        const seerr = (yield* ask("seerr", "/api/v1/request")).json as { results: ReadonlyArray<unknown> }
        assert.deepStrictEqual(seerr.results, [])
        const { world } = yield* Sandbox
        assert.isAbove(world.movies.size, 0)
      })
    )
  )

  it.effect("apply only to the given method and path", () =>
    withFault(
      { kind: "down", how: "status", method: "get", path: "/api/v3/movie*" },
      Effect.gen(function* () {
        const { faults } = yield* Sandbox
        assert.strictEqual((yield* ask("radarr", movies)).status, 503)
        assert.strictEqual((yield* ask("radarr", `${movies}/1`)).status, 503)
        assert.strictEqual((yield* ask("radarr", `${movies}/1`, { method: "DELETE" })).status, 200)
        assert.strictEqual((yield* ask("radarr", "/api/v3/tag")).status, 200)
        yield* faults.replace([{ kind: "down", how: "status", app: "tautulli", path: "/api/v2/get_history" }])
        assert.strictEqual((yield* ask("tautulli", "/api/v2?cmd=get_history")).status, 503)
        assert.strictEqual((yield* ask("tautulli", "/api/v2?cmd=get_users")).status, 200)
      })
    )
  )
})

describe("The controls over HTTP", () => {
  const call = Effect.fnUntraced(function* (method: string, path: string, body?: unknown) {
    const { handler } = yield* Sandbox
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
    return yield* Effect.promise(async () => {
      const response = await handler(new Request(`http://server.test/api/v1${path}`, init))
      return { status: response.status, json: (await response.json()) as Record<string, unknown> }
    })
  })

  it.effect("switch faults on and off, and refuse unknown faults", () =>
    withSandbox(
      { items: 10 },
      Effect.gen(function* () {
        const faults = [{ kind: "down", app: "plex", how: "status" }]
        assert.deepStrictEqual(yield* call("PUT", "/sandbox/faults", { faults }), { status: 200, json: { faults } })
        assert.strictEqual((yield* ask("plex", "/identity")).status, 503)
        assert.strictEqual((yield* call("PUT", "/sandbox/faults", { faults: [{ kind: "nonsense" }] })).status, 400)
        assert.deepStrictEqual((yield* call("GET", "/sandbox/faults")).json, { faults })
        yield* call("PUT", "/sandbox/faults", { faults: [] })
        assert.strictEqual((yield* ask("plex", "/identity")).status, 200)
      })
    )
  )

  it.effect("advance the time, let a person watch an item, and return the state", () =>
    withSandbox(
      { items: 100 },
      Effect.gen(function* () {
        const before = (yield* call("GET", "/sandbox/state")).json
        assert.strictEqual(before["now"], "2026-01-15T12:00:00.000Z")
        const { world } = yield* Sandbox
        const movie = [...world.movies.values()].find((each) => each.fileId === 0) ?? [...world.movies.values()][0]
        assert.isDefined(movie)
        movie.monitored = true
        world.films.deleteFile(movie, true)
        world.films.search(movie)
        const after = (yield* call("POST", "/sandbox/advance", { hours: 2 })).json
        assert.notStrictEqual(movie.fileId, 0)
        assert.strictEqual(after["now"], before["now"], "the applications stay on the clock of who asks")
        const watched = yield* call("POST", "/sandbox/watch", { username: "ines", movieId: movie.id })
        assert.strictEqual(watched.status, 201)
        const history = yield* ask("tautulli", "/api/v2?cmd=get_history&user=ines&length=1")
        assert.include(history.text, JSON.stringify(movie.work.title))
        assert.strictEqual((yield* call("POST", "/sandbox/watch", { movieId: 99_999 })).status, 404)
        assert.strictEqual((yield* call("DELETE", "/sandbox/state")).status, 404)
      })
    )
  )
})
