/** An external kind with bugs, next to one without. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Schema } from "effect"
import { TestClock } from "effect/testing"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { HealthMonitor } from "../../src/integrations/HealthMonitor.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import type { Connected, Kind, RemovalTarget } from "../../src/integrations/Kind.ts"
import { sealKind } from "../../src/integrations/Kinds.ts"
import { OddRecords } from "../../src/integrations/OddRecords.ts"
import { Sources } from "../../src/library/Sources.ts"
import { Sync } from "../../src/library/Sync.ts"
import { connectFeed, Feeds, feedTest, presentTitles } from "../library/Feeds.ts"
import { catalogItem } from "../library/Samples.ts"
import { SqlTest } from "../support/Sql.ts"

const places = [
  "connect",
  "probe",
  "disks",
  "catalog",
  "reread",
  "presence",
  "remove",
  "putBack",
  "restore",
  "isBack",
  "poster"
] as const
type Place = (typeof places)[number]

/** How a bug shows: thrown before there is an effect, or within it. */
const manners = ["throws", "dies"] as const
/** Connecting is no effect. */
const mannersOf = (place: Place) => manners.filter((manner) => place !== "connect" || manner === "throws")

class Clumsy {
  place: Place | null = null
  manner: (typeof manners)[number] = "throws"
  /** What the kind returns instead of a list. */
  odd: unknown = undefined

  at<A>(place: Place, answer: A): Effect.Effect<A> {
    if (this.place !== place) return Effect.succeed(answer)
    const mistake = () => (undefined as unknown as { readonly length: number }).length
    if (this.manner === "throws") mistake()
    return Effect.andThen(Effect.yieldNow, Effect.sync(mistake).pipe(Effect.as(answer)))
  }
}

const clumsyKind = (clumsy: Clumsy): Kind<{}> => ({
  id: "clumsy",
  title: "Clumsy",
  description: "Makes mistakes",
  capabilities: ["catalog", "disks", "removal", "artwork"],
  itemKinds: ["movie"],
  config: Schema.Struct({}),
  syncCost: { formula: "none", calls: () => 0 },
  connect: () => {
    if (clumsy.place === "connect") throw new TypeError("the key is hunter2")
    const connected: Connected = {
      get probe() {
        return clumsy.at("probe", { appName: "Clumsy", version: "1", latencyMillis: 1 })
      },
      read: {
        catalog: (progress) =>
          Effect.andThen(
            progress(1, 2),
            Effect.suspend(() =>
              clumsy.at("catalog", (clumsy.odd ?? [catalogItem({ externalId: "9", title: "Of the clumsy" })]) as never)
            )
          ),
        disks: () => clumsy.at("disks", { disks: [], rootFolders: [] })
      },
      reread: { catalog: () => clumsy.at("reread", clumsy.odd as never) },
      removal: {
        kinds: ["movie"],
        presence: () => clumsy.at("presence", { _tag: "Absent" as const }),
        remove: () => (clumsy.place === null ? Effect.never : Effect.asVoid(clumsy.at("remove", null))),
        restore: () => clumsy.at("restore", { externalId: "1" }),
        putBack: () => clumsy.at("putBack", undefined),
        isBack: () => clumsy.at("isBack", null)
      },
      artwork: { poster: () => clumsy.at("poster", clumsy.odd as never) }
    }
    return connected
  }
})

const sound = () => {
  const feeds = new Feeds()
  feeds.of("Sound").catalog = [catalogItem({ externalId: "1", title: "Of the sound", path: "/data/movies/1" })]
  feeds.of("Sound").disks = {
    disks: [{ path: "/data", totalBytes: 100, freeBytes: 40 }],
    rootFolders: [{ path: "/data/movies", accessible: true, freeBytes: null }]
  }
  return feeds
}

const world = (clumsy: Clumsy) => feedTest(sound(), SqlTest, [sealKind(clumsyKind(clumsy))])

/** The integration with bugs comes first. */
const connectBoth = Effect.gen(function* () {
  const integrations = yield* Integrations
  const { id } = yield* integrations.create({ kind: "clumsy", name: "Clumsy", url: "http://clumsy.test", config: {} })
  yield* connectFeed("manager", "Sound")
  return id
})

const run = Effect.flatMap(Sync, (sync) => sync.run())
const target: RemovalTarget = { externalId: "9", kind: "movie", title: "Of the clumsy", ids: [] }

describe("A bug in a kind", () => {
  for (const place of ["connect", "catalog", "disks"] as const) {
    for (const manner of mannersOf(place)) {
      it.effect(`fails only its own integration in a sync: ${place} ${manner}`, () => {
        const clumsy = new Clumsy()
        clumsy.place = place
        clumsy.manner = manner
        return Effect.gen(function* () {
          const sources = yield* Sources
          const id = yield* connectBoth
          const { integrations, total } = yield* run
          assert.deepStrictEqual(
            integrations.map(({ name, outcome }) => [name, outcome]),
            [
              ["Clumsy", "failed"],
              ["Sound", "applied"]
            ]
          )
          assert.strictEqual(total, 1)
          assert.deepStrictEqual(yield* presentTitles, ["Of the sound"])
          const states = (yield* sources.states).filter(({ integrationId }) => integrationId === id)
          assert.deepStrictEqual(
            states.map(({ error, observation, status }) => [observation, status, error?.reason]),
            [
              ["catalog", "failed", "source-malformed"],
              ["disks", "failed", "source-malformed"]
            ]
          )
          const detail = states[0]?.error?.detail ?? ""
          assert.include(detail, 'the kind "clumsy" failed (TypeError)')
          assert.notInclude(detail, "hunter2", "what a mistake says may hold a secret")
        }).pipe(Effect.provide(world(clumsy)))
      })
    }
  }

  for (const odd of [7, "<html>", { items: [] }, [null]]) {
    it.effect(`is assumed if the result is not a list of entries: ${JSON.stringify(odd)}`, () => {
      const clumsy = new Clumsy()
      return Effect.gen(function* () {
        yield* connectBoth
        yield* run
        clumsy.odd = odd
        const { integrations, gone } = yield* run
        assert.deepStrictEqual(
          integrations.map(({ outcome }) => outcome),
          ["failed", "applied"]
        )
        assert.strictEqual(gone, 0)
        clumsy.odd = undefined
        assert.isTrue((yield* run).integrations.every(({ outcome }) => outcome === "applied"))
      }).pipe(Effect.provide(world(clumsy)))
    })
  }

  for (const place of ["connect", "probe"] as const) {
    for (const manner of mannersOf(place)) {
      it.effect(`makes its integration unhealthy, and the others are checked as usual: ${place} ${manner}`, () => {
        const clumsy = new Clumsy()
        return Effect.gen(function* () {
          const integrations = yield* Integrations
          const health = yield* HealthMonitor
          clumsy.place = place
          clumsy.manner = manner
          const id = yield* connectBoth
          yield* health.checkDue
          assert.deepStrictEqual(
            (yield* integrations.list).map((one) => [one.name, one.health.status, one.health.error?.type ?? null]),
            [
              ["Clumsy", "failing", "UpstreamMalformed"],
              ["Sound", "up", null]
            ]
          )
          assert.strictEqual((yield* health.checkNow(id)).health.consecutiveFailures, 2)
          const tested = yield* integrations.test({ integrationId: id })
          assert.deepInclude(tested, { ok: false, appName: null })
          assert.strictEqual(tested.error?.type, "UpstreamMalformed")
          assert.include(tested.error?.detail, "failed")
        }).pipe(Effect.provide(world(clumsy)))
      })
    }
  }

  for (const manner of manners) {
    it.effect(`does not affect the disks of other integrations: disks ${manner}`, () => {
      const clumsy = new Clumsy()
      clumsy.place = "disks"
      clumsy.manner = manner
      return Effect.gen(function* () {
        const groups = yield* DiskGroups
        yield* connectBoth
        const { answered, disks } = yield* groups.read
        assert.deepStrictEqual(
          disks.map(({ freeBytes, mountPath }) => [mountPath, freeBytes]),
          [["/data", 40]]
        )
        assert.strictEqual(answered.size, 1)
      }).pipe(Effect.provide(world(clumsy)))
    })

    it.effect(`does not make an item look absent: one item ${manner}`, () => {
      const clumsy = new Clumsy()
      clumsy.manner = manner
      return Effect.gen(function* () {
        const integrations = yield* Integrations
        const id = yield* connectBoth
        const { reread } = (yield* integrations.connect(id))!.connected
        const readAgain = () => reread!.catalog!(target, new OddRecords())
        clumsy.place = "reread"
        const error = yield* Effect.flip(readAgain())
        assert.strictEqual(error._tag, "UpstreamMalformed")
        assert.include(error.message, "catalog of one item")
        clumsy.place = null
        clumsy.odd = null
        assert.strictEqual((yield* Effect.flip(readAgain()))._tag, "UpstreamMalformed")
        clumsy.odd = []
        assert.deepStrictEqual(yield* readAgain(), [])
      }).pipe(Effect.provide(world(clumsy)))
    })

    it.effect(`makes a poster unavailable: poster ${manner}`, () => {
      const clumsy = new Clumsy()
      clumsy.manner = manner
      return Effect.gen(function* () {
        const integrations = yield* Integrations
        const id = yield* connectBoth
        const artwork = (yield* integrations.connect(id))!.connected.artwork!
        const limits = { bound: { bytes: 1, advice: null }, timeoutMillis: 1 }
        const poster = () => artwork.poster({ kind: "movie", key: "9" }, limits)
        clumsy.place = "poster"
        assert.strictEqual((yield* Effect.flip(poster()))._tag, "UpstreamMalformed")
        clumsy.place = null
        clumsy.odd = "https://elsewhere.test/poster.jpg"
        assert.strictEqual((yield* Effect.flip(poster()))._tag, "UpstreamMalformed")
        clumsy.odd = null
        assert.isNull(yield* poster())
      }).pipe(Effect.provide(world(clumsy)))
    })

    it.effect(`fails the act, after which the application is asked about its outcome: acts ${manner}`, () => {
      const clumsy = new Clumsy()
      clumsy.manner = manner
      return Effect.gen(function* () {
        const integrations = yield* Integrations
        const id = yield* connectBoth
        const removal = (yield* integrations.connect(id))!.connected.removal!
        const acts = {
          presence: () => removal.presence(target),
          remove: () => removal.remove(target, { addImportExclusion: true }),
          restore: () => removal.restore(null)
        }
        for (const [name, act] of Object.entries(acts)) {
          clumsy.place = name as Place
          const error = yield* Effect.flip(act() as Effect.Effect<unknown, Error & { readonly _tag: string }>)
          assert.strictEqual(error._tag, "UpstreamMalformed", name)
          assert.include(error.message, name)
        }
        clumsy.place = null
        assert.deepStrictEqual(yield* removal.presence(target), { _tag: "Absent" })
      }).pipe(Effect.provide(world(clumsy)))
    })
  }

  it.effect("is distinguished from a cancellation, which ends as cancelled", () =>
    Effect.gen(function* () {
      const integrations = yield* Integrations
      const id = yield* connectBoth
      const removal = (yield* integrations.connect(id))!.connected.removal!
      const removing = yield* Effect.forkChild(removal.remove(target, { addImportExclusion: true }))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(removing)
      const exit = yield* Fiber.await(removing)
      assert.isTrue(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
    }).pipe(Effect.provide(world(new Clumsy())))
  )

  it.effect("is distinguished from a failure of Tendarr while a kind reads", () =>
    Effect.gen(function* () {
      const sync = yield* Sync
      const sources = yield* Sources
      yield* connectBoth
      const exit = yield* Effect.exit(
        sync.run({
          progress: (_done, _total, message) =>
            message.startsWith("Clumsy: catalog") ? Effect.die(new Error("the log of the run is full")) : Effect.void
        })
      )
      assert.isTrue(Exit.isFailure(exit) && String(Cause.squash(exit.cause)).includes("the log of the run is full"))
      assert.deepStrictEqual(yield* sources.states, [])
    }).pipe(Effect.provide(world(new Clumsy())))
  )
})
