import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { HealthMonitor } from "../../src/integrations/HealthMonitor.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { RuntimeName, System } from "../../src/system/System.ts"
import { itemIdOf } from "../support/Stack.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { album, artist, catalogItem, season, show } from "../library/Samples.ts"
import { GeneralSettings } from "../../src/settings/GeneralSettings.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

const run = Effect.flatMap(Sync, (sync) => sync.run())

describe("System", () => {
  it.effect("counts a show and its seasons once, and their bytes", () => {
    const feeds = new Feeds()
    const lost = show("9", ["tvdb:9"], { title: "Lost", sizeBytes: 70 })
    feeds.of("Manager").catalog = [
      catalogItem({ externalId: "1", title: "Alien", sizeBytes: 5 }),
      lost,
      season(lost, 1, { sizeBytes: 30 }),
      season(lost, 2, { sizeBytes: 40 })
    ]
    return Effect.gen(function* () {
      const system = yield* System
      const settings = yield* Settings
      const protections = yield* Protections
      yield* settings.patch(LibrarySettings, { maxDisappearance: 1 })
      yield* connectFeed("manager", "Manager")
      yield* run
      assert.deepInclude(yield* system.stats, { items: 3, bytes: 75, protections: 0, openRemovals: 0 })
      yield* protections.add({ itemId: yield* itemIdOf("Alien") })
      feeds.of("Manager").catalog = [lost, season(lost, 2, { sizeBytes: 44 })]
      yield* run
      assert.deepInclude(yield* system.stats, { items: 1, bytes: 70, protections: 1 })
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("counts an artist and the albums once, and their bytes", () => {
    const feeds = new Feeds()
    const nina = artist("4", [], { sizeBytes: 70 })
    feeds.of("Manager").catalog = [nina, album(nina, 1, { sizeBytes: 30 }), album(nina, 2, { sizeBytes: 40 })]
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* run
      assert.deepInclude(yield* (yield* System).stats, { items: 2, bytes: 70 })
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("returns the state of the installation", () =>
    Effect.gen(function* () {
      const system = yield* System
      const settings = yield* Settings
      const integrations = yield* Integrations
      const health = yield* HealthMonitor
      yield* settings.patch(GeneralSettings, { instanceName: "Attic" })
      yield* settings.patch(RemovalsSettings, { deletionsEnabled: false })
      yield* connectFeed("manager", "Manager")
      const off = yield* connectFeed("server", "Server")
      yield* integrations.update(off, { enabled: false })
      yield* health.checkDue
      yield* TestClock.adjust("1 hour")
      const status = yield* system.status
      assert.deepInclude(status, {
        instanceName: "Attic",
        runtime: "test 1",
        deletionsEnabled: false,
        startedAt: "2026-01-15T12:00:00.000Z",
        now: "2026-01-15T13:00:00.000Z",
        diskGroups: [],
        running: []
      })
      assert.deepStrictEqual(
        status.integrations.map((one) => [one.name, one.enabled, one.status]),
        [
          ["Manager", true, "up"],
          ["Server", false, "off"]
        ]
      )
      assert.strictEqual((yield* system.live).version, status.version)
      assert.match(status.version, /^\d+\.\d+\.\d+/)
    }).pipe(Effect.provide(feedTest(new Feeds()).pipe(Layer.provide(Layer.succeed(RuntimeName, "test 1")))))
  )
})
