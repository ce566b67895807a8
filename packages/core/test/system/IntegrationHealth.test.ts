/** All resources report the same health of an integration. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { HealthMonitor } from "../../src/integrations/HealthMonitor.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { UpstreamMalformed } from "../../src/integrations/UpstreamErrors.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { System } from "../../src/system/System.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem } from "../library/Samples.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"

const movies = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    catalogItem({ externalId: String(index + 1), title: `Film ${index + 1}` })
  )

const run = Effect.flatMap(Sync, (sync) => sync.run())

const broken = (call: string) => new UpstreamMalformed({ integration: "Manager", call, detail: "[3].title: odd" })

/** The health in the list, the integration, its check and the status; the test fails if they differ. */
const healthOf = Effect.fnUntraced(function* (id: string) {
  const integrations = yield* Integrations
  const checked = yield* (yield* HealthMonitor).checkNow(id)
  const one = yield* integrations.get(id)
  const listed = (yield* integrations.list).find((each) => each.id === id)
  const status = (yield* (yield* System).status).integrations.find((each) => each.id === id)
  assert.deepStrictEqual(one.health, checked.health)
  assert.deepStrictEqual(listed?.health, checked.health)
  const { problems, status: health } = checked.health
  assert.strictEqual(status?.status, checked.enabled ? health : "off")
  assert.strictEqual(status?.detail, problems.map(({ detail }) => detail).join("; ") || null)
  return [health, ...problems.map(({ code, observation, severity }) => `${severity} ${code} ${observation}`)]
})

describe("The health of an integration", () => {
  it.effect("shows a reading that fails while the application responds, until it succeeds again", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = movies(3)
    return Effect.gen(function* () {
      const manager = yield* connectFeed("manager", "Manager")
      yield* run
      assert.deepStrictEqual(yield* healthOf(manager), ["up"])
      feeds.of("Manager").failing = { catalog: broken("GET movie") }
      yield* run
      const health = yield* healthOf(manager)
      assert.strictEqual(health[0], "troubled")
      assert.include(health, "error read-failed catalog")
      const { problems } = (yield* (yield* Integrations).get(manager)).health
      assert.include(problems[0]?.detail, "its items could not be read: Manager gave a response that cannot be read")
      feeds.of("Manager").failing = {}
      yield* run
      assert.deepStrictEqual(yield* healthOf(manager), ["up"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("shows a sync that is held", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = movies(40)
    return Effect.gen(function* () {
      const manager = yield* connectFeed("manager", "Manager")
      yield* run
      feeds.of("Manager").catalog = []
      yield* run
      const health = yield* healthOf(manager)
      assert.strictEqual(health[0], "troubled")
      assert.include(health, "warning read-held catalog")
      yield* (yield* Sync).confirmHeld(manager)
      assert.deepStrictEqual(yield* healthOf(manager), ["up"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("omits capabilities that were disabled since, and is empty for a disabled integration", () => {
    const feeds = new Feeds()
    feeds.of("Manager").failing = { disks: broken("GET diskspace") }
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const manager = yield* connectFeed("manager", "Manager")
      yield* run
      assert.include(yield* healthOf(manager), "error read-failed disks")
      yield* integrations.update(manager, { enabled: false })
      assert.deepStrictEqual((yield* healthOf(manager)).slice(1), [])
      yield* integrations.update(manager, { enabled: true, options: { disabledCapabilities: ["disks", "catalog"] } })
      assert.deepStrictEqual(yield* healthOf(manager), ["up"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("shows an outage and the readings that failed during it, and both end together", () => {
    const feeds = new Feeds()
    return Effect.gen(function* () {
      const manager = yield* connectFeed("manager", "Manager")
      yield* (yield* Settings).patch(LibrarySettings, { maxDisappearance: 1 })
      feeds.of("Manager").probeFails = broken("GET status")
      feeds.of("Manager").failing = { catalog: broken("GET movie") }
      yield* run
      for (const expected of ["failing", "failing", "down"]) {
        const health = yield* healthOf(manager)
        assert.strictEqual(health[0], expected)
        assert.deepStrictEqual(health[1], "error not-answering null")
        assert.include(health, "error read-failed catalog")
        yield* TestClock.adjust("1 minute")
      }
      delete feeds.of("Manager").probeFails
      assert.strictEqual((yield* healthOf(manager))[0], "troubled", "it answers, and is not read yet")
      feeds.of("Manager").failing = {}
      yield* run
      assert.deepStrictEqual(yield* healthOf(manager), ["up"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
