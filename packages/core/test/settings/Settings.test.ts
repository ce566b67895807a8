import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { Actor } from "../../src/events/Actor.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { settingsGroups } from "../../src/settings/SettingsGroup.ts"
import { groupNames } from "../../src/settings/SettingsGroups.ts"
import { SqlTest } from "../support/Sql.ts"
import { RecordedEvents } from "./RecordedEvents.ts"

const TestLive = Settings.layer.pipe(Layer.provideMerge(RecordedEvents.layer), Layer.provideMerge(SqlTest))

describe("Settings", () => {
  it.effect("answers the defaults until something is set", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const all = yield* settings.all
      for (const group of groupNames) {
        assert.deepStrictEqual(all[group].value, settingsGroups[group].defaults)
        assert.strictEqual(all[group].version, 0)
        assert.strictEqual(all[group].updatedAt, null)
      }
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("merges a partial change, and remembers it over a restart", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-01-01T00:00:00.000Z"))
      const settings = yield* Settings
      const state = yield* settings.patch("removals", { delaySeconds: 60, caps: { maxItems: null } })
      assert.deepStrictEqual(state.value, {
        ...settingsGroups.removals.defaults,
        delaySeconds: 60,
        caps: { maxItems: null, maxBytes: null, maxLibraryShare: 0.25 }
      })
      assert.strictEqual(state.version, 1)
      assert.strictEqual(state.updatedAt, "2026-01-01T00:00:00.000Z")
      assert.deepStrictEqual(yield* settings.read("removals"), state)

      const restarted = yield* Effect.provide(
        Settings.use((fresh) => fresh.read("removals")),
        Layer.fresh(Settings.layer)
      )
      assert.deepStrictEqual(restarted, state)
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("switches the kind of limits when the whole of them is given, and not half-way", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const limits = { type: "free-bytes", threshold: 100, target: 200 }
      const state = yield* settings.patch("capacity", { defaultLimits: limits })
      assert.deepStrictEqual(state.value.defaultLimits, limits)
      const refused = yield* Effect.flip(settings.patch("capacity", { defaultLimits: { type: "percent" } }))
      assert.strictEqual(refused._tag, "InvalidRequest")
      assert.deepStrictEqual((yield* settings.get("capacity")).defaultLimits, limits)
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("takes one weight back by null", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      yield* settings.patch("scoring", { weights: { size: 3, age: 5 } })
      yield* settings.patch("scoring", { weights: { size: null, rating: 1 } })
      assert.deepStrictEqual((yield* settings.get("scoring")).weights, { age: 5, rating: 1 })
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("names every bad value by its path, and changes nothing", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const error = yield* Effect.flip(
        settings.patch("removals", {
          deletionsEnabled: false,
          delaySeconds: -1,
          snoozeHours: null,
          misspelt: true,
          caps: { maxLibraryShare: 2, unknown: null }
        })
      )
      assert.strictEqual(error._tag, "InvalidRequest")
      if (error._tag !== "InvalidRequest") return
      assert.deepStrictEqual(error.errors.map(({ path }) => path.join(".")).sort(), [
        "payload.caps.maxLibraryShare",
        "payload.caps.unknown",
        "payload.delaySeconds",
        "payload.misspelt",
        "payload.snoozeHours"
      ])
      assert.match(error.detail, /payload\.misspelt: is not a known key/)
      assert.strictEqual((yield* settings.read("removals")).version, 0)
      assert.isTrue((yield* settings.get("removals")).deletionsEnabled)
      assert.deepStrictEqual((yield* RecordedEvents).all, [])
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("refuses a change that is no object", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      for (const partial of [3, null, [], "x", undefined]) {
        const error = yield* Effect.flip(settings.patch("general", partial))
        assert.strictEqual(error._tag, "InvalidRequest")
      }
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("refuses keys that would reach a prototype", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const payload: unknown = JSON.parse(`{ "__proto__": { "polluted": 1 }, "constructor": 1 }`)
      const error = yield* Effect.flip(settings.patch("general", payload))
      assert.strictEqual(error._tag === "InvalidRequest" ? error.errors.length : 0, 2)
      assert.isFalse("polluted" in {})
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("refuses a change made on an old view of the group", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const seen = yield* settings.read("general")
      const changed = yield* settings.patch("general", { instanceName: "One" }, { ifMatch: seen.etag })
      const late = yield* Effect.flip(settings.patch("general", { instanceName: "Two" }, { ifMatch: seen.etag }))
      assert.strictEqual(late._tag, "SettingsChanged")
      if (late._tag === "SettingsChanged") {
        assert.strictEqual(late.status, 412)
        assert.strictEqual(late.code, "settings-changed")
        assert.strictEqual(late.etag, changed.etag)
      }
      assert.strictEqual((yield* settings.get("general")).instanceName, "One")
      yield* settings.patch("general", { instanceName: "Three" }, { ifMatch: `"other", ${changed.etag}` })
      yield* settings.patch("general", { instanceName: "Four" }, { ifMatch: "*" })
      const reset = yield* Effect.flip(settings.reset("general", { ifMatch: changed.etag }))
      assert.strictEqual(reset._tag, "SettingsChanged")
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("goes back to the defaults, with a tag that was never used before", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const fresh = yield* settings.read("general")
      yield* settings.patch("general", { instanceName: "One" })
      const reset = yield* settings.reset("general")
      assert.deepStrictEqual(reset.value, settingsGroups.general.defaults)
      assert.strictEqual(reset.version, 2)
      assert.notStrictEqual(reset.etag, fresh.etag)
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("writes who changed which setting from what to what, and nothing where nothing changed", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const patch = { deletionsEnabled: false, delaySeconds: 30, caps: { maxItems: 5 } }
      yield* settings.patch("removals", patch).pipe(Effect.provideService(Actor, "account:ada"))
      const again = yield* settings.patch("removals", patch)
      assert.strictEqual(again.version, 1)
      const { all } = yield* RecordedEvents
      assert.strictEqual(all.length, 1)
      assert.strictEqual(all[0]?.actor, "account:ada")
      assert.strictEqual(all[0]?.type, "settings.changed")
      assert.strictEqual(all[0]?.category, "settings")
      assert.deepStrictEqual(all[0]?.payload, {
        group: "removals",
        before: { deletionsEnabled: true, caps: { maxItems: 100, maxBytes: null, maxLibraryShare: 0.25 } },
        after: { deletionsEnabled: false, caps: { maxItems: 5, maxBytes: null, maxLibraryShare: 0.25 } }
      })
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("keeps its word within a transaction that is rolled back", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const sql = yield* SqlClient.SqlClient
      yield* settings
        .patch("general", { instanceName: "Lost" })
        .pipe(Effect.andThen(Effect.fail("stop")), sql.withTransaction, Effect.flip)
      assert.strictEqual((yield* settings.get("general")).instanceName, "Tendarr")
      assert.deepStrictEqual(yield* sql`SELECT * FROM settings`, [])
      assert.deepStrictEqual((yield* RecordedEvents).all, [])
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("merges over what another process wrote, and then answers it", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const other = Settings.use((other) => other.patch("general", { instanceName: "Other" }))
      yield* Effect.provide(other, Layer.fresh(Settings.layer))
      assert.strictEqual((yield* settings.get("general")).instanceName, "Tendarr")
      yield* settings.patch("general", { timeZone: "Europe/Berlin" })
      assert.deepStrictEqual(yield* settings.get("general"), { instanceName: "Other", timeZone: "Europe/Berlin" })
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("tells of changes, after the commit", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const heard = yield* settings.changes.pipe(Stream.take(2), Stream.runCollect, Effect.forkChild)
      yield* Effect.yieldNow
      yield* settings.patch("general", { instanceName: "One" })
      yield* Effect.flip(settings.patch("general", { instanceName: "" }))
      yield* settings.patch("access", { sessionHours: 1 })
      assert.deepStrictEqual([...(yield* Fiber.join(heard))], ["general", "access"])
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("will not start on stored settings that it does not understand", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO settings VALUES ('removals', '{"deletionsEnabled":"no"}', 4, '2026-01-01T00:00:00.000Z')`
      const error = yield* Effect.flip(Effect.provide(Settings.use(Effect.succeed), Layer.fresh(Settings.layer)))
      assert.strictEqual(error._tag, "StoredSettingsInvalid")
      assert.match(error.message, /removals.*deletionsEnabled/)
    }).pipe(Effect.provide(RecordedEvents.layer), Effect.provide(SqlTest))
  )

  it.effect("describes every group for forms, as plain data", () =>
    Effect.gen(function* () {
      const described = yield* (yield* Settings).describe
      assert.deepStrictEqual(
        described.map(({ group }) => group),
        [...groupNames]
      )
      assert.deepStrictEqual(JSON.parse(JSON.stringify(described)), described)
      const library = JSON.stringify(described.find(({ group }) => group === "library")?.schema)
      assert.include(library, `"minimum":1,"maximum":8760,"description":"Hours after which a fact counts as unknown"`)
      assert.include(library, `"default":72`)
      for (const { group, schema, title } of described) {
        const fields = Object.entries(schema["properties"] ?? {})
        assert.deepStrictEqual(
          fields.map(([name]) => name),
          Object.keys(settingsGroups[group].defaults)
        )
        for (const [name, field] of fields) assert.match(JSON.stringify(field), /"description":"/, `${group}.${name}`)
        assert.notStrictEqual(title, "")
      }
    }).pipe(Effect.provide(TestLive))
  )
})

const partialRemovals = fc.record(
  {
    deletionsEnabled: fc.boolean(),
    delaySeconds: fc.integer({ min: 0, max: 86_400 }),
    snoozeHours: fc.integer({ min: 1, max: 8760 }),
    batchSize: fc.integer({ min: 1, max: 100 }),
    caps: fc.record(
      {
        maxItems: fc.option(fc.integer({ min: 1, max: 1000 })),
        maxBytes: fc.option(fc.maxSafeNat().map((bytes) => Math.max(1, bytes))),
        maxLibraryShare: fc.double({ min: 0.001, max: 1, noNaN: true })
      },
      { requiredKeys: [] }
    )
  },
  { requiredKeys: [] }
)

const known = new Set(Object.keys(settingsGroups.removals.defaults))
const spoilt = fc.oneof(
  fc
    .tuple(
      fc.string().filter((key) => !known.has(key)),
      fc.jsonValue()
    )
    .map(([key, value]) => ({ key, value })),
  fc.constantFrom(
    { key: "delaySeconds", value: -1 },
    { key: "maxAttempts", value: 11 },
    { key: "snoozeHours", value: null },
    { key: "deletionsEnabled", value: "true" },
    { key: "caps", value: { maxItems: 0 } }
  )
)

layer(TestLive)("Settings, whatever is sent", (it) => {
  it.effect("answers after each change what was there, with what was given over it", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const run = Effect.runPromiseWith(yield* Effect.context<Settings>())
      const property = fc.asyncProperty(partialRemovals, (partial) =>
        Effect.gen(function* () {
          const before = yield* settings.get("removals")
          yield* settings.patch("removals", partial)
          assert.deepStrictEqual(yield* settings.get("removals"), {
            ...before,
            ...partial,
            caps: { ...before.caps, ...partial.caps }
          })
        }).pipe(run)
      )
      yield* Effect.promise(() => fc.assert(property, { numRuns: 200 }))
    })
  )

  it.effect("changes nothing when one key of a change is bad, and names that key", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const sql = yield* SqlClient.SqlClient
      const { all: events } = yield* RecordedEvents
      const run = Effect.runPromiseWith(yield* Effect.context<Settings>())
      const property = fc.asyncProperty(partialRemovals, spoilt, (partial, { key, value }) =>
        Effect.gen(function* () {
          const before = { state: yield* settings.read("removals"), rows: yield* sql`SELECT * FROM settings` }
          const told = events.length
          const payload = Object.fromEntries([...Object.entries(partial), [key, value]])
          const error = yield* Effect.flip(settings.patch("removals", payload))
          assert.strictEqual(error._tag, "InvalidRequest")
          if (error._tag === "InvalidRequest") {
            assert.isTrue(error.errors.every(({ path }) => path[0] === "payload" && path[1] === key))
          }
          const after = { state: yield* settings.read("removals"), rows: yield* sql`SELECT * FROM settings` }
          assert.deepStrictEqual(after, before)
          assert.strictEqual(events.length, told)
        }).pipe(run)
      )
      yield* Effect.promise(() => fc.assert(property, { numRuns: 200 }))
    })
  )
})
