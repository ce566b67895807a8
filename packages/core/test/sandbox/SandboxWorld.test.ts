import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { SandboxWorld } from "../../src/sandbox/SandboxWorld.ts"
import { episodeSize } from "../../src/sandbox/world/Works.ts"
import type { WorldOptions } from "../../src/sandbox/world/WorldModel.ts"
import { startOfTest } from "./SandboxTest.ts"

const make = (options: WorldOptions = {}) => Effect.andThen(TestClock.setTime(startOfTest), SandboxWorld.make(options))

/** Everything of a world that can be compared. */
const fingerprint = (world: SandboxWorld) =>
  JSON.stringify({
    movies: [...world.movies.values()].map((movie) => ({ ...movie, labels: [...movie.server.labels] })),
    shows: [...world.shows.values()].map(({ seasons, ...show }) => ({
      ...show,
      seasons: seasons.map(({ show: _, ...season }) => season)
    })),
    plays: world.plays.map((play) => [
      play.person.username,
      play.movie?.id,
      play.season?.block,
      play.episode,
      play.startedAt
    ]),
    requests: world.requests.map((request) => [request.person.username, request.movie?.tmdbId, request.status]),
    mounts: world.disks.mounts
  })

const mountAt = (world: SandboxWorld, path: string) => {
  const mount = world.disks.mounts.find((each) => each.path === path)
  assert.isDefined(mount)
  return mount
}

describe("The world of the sandbox", () => {
  it.effect("is the same for the same seed, and differs for another seed", () =>
    Effect.gen(function* () {
      const one = fingerprint(yield* make({ seed: "a" }))
      assert.strictEqual(fingerprint(yield* make({ seed: "a" })), one)
      assert.notStrictEqual(fingerprint(yield* make({ seed: "b" })), one)
    })
  )

  it.effect("contains the requested number of items, seven movies to three seasons", () =>
    Effect.gen(function* () {
      for (const items of [2, 10, 400, 1000]) {
        const world = yield* make({ items })
        // Shows without files are added to them.
        const held = [...world.shows.values()].filter((show) => show.seasons.some((season) => season.files !== 0))
        const seasons = held.flatMap((show) => show.seasons).length
        assert.strictEqual(world.movies.size + seasons, items)
        assert.strictEqual(seasons, Math.max(1, Math.round(items * 0.3)))
      }
    })
  )

  it.effect("assigns every title, typed id and IMDb id once", () =>
    Effect.gen(function* () {
      const world = yield* make({ items: 5000 })
      const works = [...world.movies.values()].map((movie) => movie.work)
      const unique = (values: ReadonlyArray<unknown>) => assert.strictEqual(new Set(values).size, values.length)
      unique(works.map((work) => work.tmdbId))
      unique(works.map((work) => work.imdbId))
      unique([...world.shows.values()].map((show) => show.work.tvdbId))
      unique([...world.shows.values()].map((show) => show.work.imdbId))
      unique(works.map((work) => `${work.title} (${work.year})`))
    })
  )

  it.effect("has plausible sizes, dates and collections", () =>
    Effect.gen(function* () {
      const world = yield* make({ items: 5000 })
      const collections = new Map<number, number>()
      for (const { work, addedAt } of world.movies.values()) {
        assert.isAtLeast(work.sizeBytes, 1.5e9)
        assert.isAtMost(work.sizeBytes, 60e9)
        assert.isBelow(addedAt, startOfTest)
        assert.isBelow(work.releasedAt, startOfTest)
        if (work.collection) collections.set(work.collection.tmdbId, (collections.get(work.collection.tmdbId) ?? 0) + 1)
      }
      assert.isAbove(collections.size, 20)
      for (const count of collections.values()) assert.isTrue(count >= 1 && count <= 5)
      for (const show of world.shows.values()) {
        for (const season of show.seasons) {
          assert.isAtLeast(season.work.sizeBytes, 2e9)
          assert.isAtMost(season.work.sizeBytes, 90e9)
          let sum = 0
          for (let episode = 1; episode <= season.work.total; episode++) sum += episodeSize(season.work, episode)
          assert.strictEqual(sum, season.work.sizeBytes)
        }
      }
    })
  )

  it.effect("has plays in the past, each after its item was added", () =>
    Effect.gen(function* () {
      const world = yield* make({ items: 2000 })
      const played = new Set(world.plays.flatMap((play) => (play.movie === null ? [] : [play.movie.id])))
      const share = played.size / world.movies.size
      assert.isTrue(share > 0.35 && share < 0.65, `${share} of the movies were played`)
      for (const [index, play] of world.plays.entries()) {
        assert.isAtMost(play.startedAt + play.durationSeconds * 1000, startOfTest)
        // Whole seconds, so that a play may seem to start within the second in which its file came.
        assert.isAbove(play.startedAt, ((play.movie ?? play.season)?.fileAddedAt ?? Infinity) - 1000)
        if (index > 0) assert.isAtLeast(play.startedAt, world.plays[index - 1]?.startedAt ?? Infinity)
      }
      const perSeason = new Map<number, number>()
      for (const play of world.plays) {
        if (play.season) perSeason.set(play.season.work.number, (perSeason.get(play.season.work.number) ?? 0) + 1)
      }
      assert.isAbove(perSeason.get(1) ?? 0, (perSeason.get(2) ?? 0) * 1.2)
    })
  )

  it.effect("starts with the movies' disk at 91 % and the shows' disk at 70 %", () =>
    Effect.gen(function* () {
      const world = yield* make()
      const share = (path: string) => world.disks.usedBytes(mountAt(world, path)) / mountAt(world, path).totalBytes
      assert.approximately(share("/data/movies"), 0.91, 0.001)
      assert.approximately(share("/data/shows"), 0.7, 0.001)
      const shared = yield* make({ oneDisk: true })
      assert.deepStrictEqual(mountAt(shared, "/data").rootFolders, ["/data/movies", "/data/shows"])
    })
  )

  it.effect("frees the bytes of removed files, unless another link keeps them", () =>
    Effect.gen(function* () {
      for (const hardlinkedShare of [0, 1]) {
        const world = yield* make({ hardlinkedShare })
        const mount = mountAt(world, "/data/movies")
        const movie = [...world.movies.values()].find((each) => each.fileId !== 0)
        assert.isDefined(movie)
        const before = world.disks.freeBytes(mount)
        world.films.remove(movie, { deleteFiles: true, freesBytes: true })
        assert.strictEqual(world.disks.freeBytes(mount) - before, hardlinkedShare === 1 ? 0 : movie.work.sizeBytes)
        assert.isFalse(world.movies.has(movie.id))
        assert.isFalse(world.films.onServer.has(movie.id))
      }
    })
  )

  it.effect("has exactly as many free bytes as at the start after everything was removed and added again", () =>
    Effect.gen(function* () {
      const world = yield* make({ items: 60 })
      const mount = mountAt(world, "/data/shows")
      const before = world.disks.freeBytes(mount)
      const shows = [...world.shows.values()]
      for (const show of shows) {
        world.series.remove(show, { deleteFiles: true, freesBytes: true })
        const again = world.series.add(show.work, { ...show, monitored: true })
        for (const season of again.seasons) world.series.search(season)
      }
      assert.strictEqual(world.disks.usedBytes(mount), mount.otherBytes)
      yield* TestClock.adjust("10 minutes")
      world.settle()
      assert.strictEqual(world.disks.freeBytes(mount), before)
    })
  )

  it.effect("delays a download while the disk has no space for it", () =>
    Effect.gen(function* () {
      const world = yield* make()
      const mount = mountAt(world, "/data/movies")
      const movie = [...world.movies.values()].find((each) => each.fileId === 0)
      assert.isDefined(movie)
      movie.monitored = true
      mount.otherBytes += world.disks.freeBytes(mount)
      world.films.search(movie)
      world.advance(3_600_000)
      assert.strictEqual(movie.fileId, 0)
      mount.otherBytes -= movie.work.sizeBytes
      world.settle()
      assert.notStrictEqual(movie.fileId, 0)
    })
  )

  it.effect("lets people watch items as days pass, if that is enabled", () =>
    Effect.gen(function* () {
      const quiet = yield* make()
      const lively = yield* make({ playsPerDay: 3 })
      const before = lively.plays.length
      yield* TestClock.adjust("10 days")
      quiet.settle()
      lively.settle()
      assert.strictEqual(quiet.plays.length, before)
      assert.strictEqual(lively.plays.length, before + 30)
    })
  )

  it.effect("advances with its clock, and later events have the advanced time", () =>
    Effect.gen(function* () {
      const world = yield* make()
      const [person] = world.people
      const [movie] = world.movies.values()
      assert.isDefined(person)
      assert.isDefined(movie)
      const added = Date.parse(world.iso(movie.addedAt))
      world.advance(86_400_000)
      assert.strictEqual(Date.parse(world.iso(movie.addedAt)), added - 86_400_000)
      const play = world.watch(person, movie, null, 0)
      assert.strictEqual(Date.parse(world.iso(play.startedAt)) + play.durationSeconds * 1000, startOfTest)
    })
  )

  it.effect("can have twenty thousand items, seven in ten of them movies", () =>
    Effect.gen(function* () {
      const world = yield* make({ items: 20_000 })
      assert.strictEqual(world.movies.size, 14_000)
    })
  )
})
