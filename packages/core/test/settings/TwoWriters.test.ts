import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Settings } from "../../src/settings/Settings.ts"
import { heldCallbacks, SqlTest, type SqlTestServices } from "../support/Sql.ts"
import { RecordedEvents } from "./RecordedEvents.ts"
import { GeneralSettings } from "../../src/settings/GeneralSettings.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { SettingsTest } from "../support/SettingsTest.ts"

const over = (database: Layer.Layer<SqlTestServices, Layer.Error<typeof SqlTest>>) =>
  SettingsTest.pipe(Layer.provideMerge(RecordedEvents.layer), Layer.provideMerge(database))
const TestLive = over(SqlTest)

/** Lets all of them wait for the database, so that each has read the same state before the first one writes. */
const atOnce = <A, E, R>(changes: ReadonlyArray<Effect.Effect<A, E, R>>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const busy = yield* Effect.forkChild(sql.withTransaction(Effect.sleep("1 second")))
    yield* Effect.yieldNow
    const all = yield* Effect.forkChild(Effect.all(changes.map(Effect.result), { concurrency: "unbounded" }))
    yield* TestClock.adjust("1 second")
    yield* Fiber.join(busy)
    return yield* Fiber.join(all)
  })

describe("Two clients that change settings in the same version", () => {
  it.effect("conflict: one change is applied, and the other fails with the current version", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      yield* settings.patch(GeneralSettings, { instanceName: "Seen" })
      const { etag: ifMatch } = yield* settings.read(GeneralSettings)
      const [first, second, third] = yield* atOnce([
        settings.patch(GeneralSettings, { instanceName: "First" }, { ifMatch }),
        settings.patch(GeneralSettings, { instanceName: "Second" }, { ifMatch }),
        settings.reset(GeneralSettings, { ifMatch })
      ])
      assert.strictEqual(first?._tag, "Success")
      const now = yield* settings.read(GeneralSettings)
      for (const refused of [second, third]) {
        assert.strictEqual(refused?._tag, "Failure")
        if (refused?._tag === "Failure")
          assert.deepInclude(refused.failure, { _tag: "SettingsChanged", etag: now.etag })
      }
      assert.deepInclude(now, { version: 2 })
      assert.strictEqual(now.value.instanceName, "First")
      assert.lengthOf((yield* RecordedEvents).all, 2, "what was refused is no event")
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("do not conflict without a required version if they change different keys", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      yield* atOnce([
        settings.patch(RemovalsSettings, { deletionsEnabled: false }),
        settings.patch(RemovalsSettings, { delaySeconds: 7 }),
        settings.patch(RemovalsSettings, { caps: { maxItems: 3 } })
      ])
      const { caps, deletionsEnabled, delaySeconds } = yield* settings.get(RemovalsSettings)
      assert.deepStrictEqual([deletionsEnabled, delaySeconds, caps.maxItems], [false, 7, 3])
      assert.strictEqual((yield* settings.read(RemovalsSettings)).version, 3)
    }).pipe(Effect.provide(TestLive))
  )
})

describe("A change that is published after a later one", () => {
  it.effect("does not overwrite the later value", () =>
    Effect.gen(function* () {
      const committed = yield* Deferred.make<void>()
      const published = yield* Deferred.make<void>()
      let isFirst = true
      const holdFirst = () => {
        if (!isFirst) return Effect.void
        isFirst = false
        return Effect.andThen(Deferred.succeed(committed, undefined), Deferred.await(published))
      }
      yield* Effect.gen(function* () {
        const settings = yield* Settings
        const earlier = yield* Effect.forkChild(settings.patch(GeneralSettings, { instanceName: "Earlier" }))
        yield* Deferred.await(committed)
        yield* settings.patch(GeneralSettings, { instanceName: "Later" })
        yield* Deferred.succeed(published, undefined)
        yield* Fiber.join(earlier)
        assert.deepInclude(yield* settings.read(GeneralSettings), { version: 2 })
        assert.strictEqual((yield* settings.get(GeneralSettings)).instanceName, "Later")
      }).pipe(Effect.provide(over(heldCallbacks(holdFirst))))
    })
  )
})
