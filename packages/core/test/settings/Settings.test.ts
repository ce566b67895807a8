import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Fiber, Layer, Schema, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { Actor } from "../../src/events/Actor.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { settingsGroup } from "../../src/settings/SettingsGroup.ts"
import { FurtherSettings } from "../../src/settings/SettingsGroups.ts"
import { flag } from "../../src/settings/SettingTypes.ts"
import { SqlTest } from "../support/Sql.ts"
import { RecordedEvents } from "./RecordedEvents.ts"
import { AccessSettings } from "../../src/access/AccessSettings.ts"
import { CapacitySettings } from "../../src/capacity/CapacitySettings.ts"
import { GeneralSettings } from "../../src/settings/GeneralSettings.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { ScoringSettings } from "../../src/capacity/ScoringSettings.ts"
import { SettingsTest } from "../support/SettingsTest.ts"

const TrashSettings = settingsGroup(
  "trash",
  Schema.Struct({
    enabled: flag({ default: false, description: "Whether files are kept for a while" })
  }).annotate({ identifier: "TrashSettings", title: "Trash" })
)

const TestLive = SettingsTest.pipe(Layer.provideMerge(RecordedEvents.layer), Layer.provideMerge(SqlTest))

describe("Settings", () => {
  it.effect("returns the defaults until a value is set", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const all = yield* settings.all
      assert.deepStrictEqual(
        all.map(({ group, updatedAt, value, version }) => ({ group, updatedAt, value, version })),
        settings.groups.map(({ defaults, name }) => ({ group: name, updatedAt: null, value: defaults, version: 0 }))
      )
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("merges a partial change, and keeps it over a restart", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-01-01T00:00:00.000Z"))
      const settings = yield* Settings
      const state = yield* settings.patch(RemovalsSettings, { delaySeconds: 60, caps: { maxItems: null } })
      assert.deepStrictEqual(state.value, {
        ...RemovalsSettings.defaults,
        delaySeconds: 60,
        caps: { maxItems: null, maxBytes: null, maxLibraryShare: 0.25 }
      })
      assert.strictEqual(state.version, 1)
      assert.strictEqual(state.updatedAt, "2026-01-01T00:00:00.000Z")
      assert.deepStrictEqual(yield* settings.read(RemovalsSettings), state)

      const restarted = yield* Effect.provide(
        Settings.use((fresh) => fresh.read(RemovalsSettings)),
        Layer.fresh(SettingsTest)
      )
      assert.deepStrictEqual(restarted, state)
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("changes the type of limits only if they are given completely", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const limits = { type: "free-bytes", threshold: 100, target: 200 }
      const state = yield* settings.patch(CapacitySettings, { defaultLimits: limits })
      assert.deepStrictEqual(state.value.defaultLimits, limits)
      const refused = yield* Effect.flip(settings.patch(CapacitySettings, { defaultLimits: { type: "percent" } }))
      assert.strictEqual(refused._tag, "InvalidRequest")
      assert.deepStrictEqual((yield* settings.get(CapacitySettings)).defaultLimits, limits)
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("resets one weight with null", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      yield* settings.patch(ScoringSettings, { weights: { size: 3, age: 5 } })
      yield* settings.patch(ScoringSettings, { weights: { size: null, rating: 1 } })
      assert.deepStrictEqual((yield* settings.get(ScoringSettings)).weights, { age: 5, rating: 1 })
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("refuses invalid values with their paths, and changes nothing", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const error = yield* Effect.flip(
        settings.patch(RemovalsSettings, {
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
      assert.strictEqual((yield* settings.read(RemovalsSettings)).version, 0)
      assert.isTrue((yield* settings.get(RemovalsSettings)).deletionsEnabled)
      assert.deepStrictEqual((yield* RecordedEvents).all, [])
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("refuses a change that is not an object", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      for (const partial of [3, null, [], "x", undefined]) {
        const error = yield* Effect.flip(settings.patch(GeneralSettings, partial))
        assert.strictEqual(error._tag, "InvalidRequest")
      }
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("refuses keys that would reach a prototype", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const payload: unknown = JSON.parse(`{ "__proto__": { "polluted": 1 }, "constructor": 1 }`)
      const error = yield* Effect.flip(settings.patch(GeneralSettings, payload))
      assert.strictEqual(error._tag === "InvalidRequest" ? error.errors.length : 0, 2)
      assert.isFalse("polluted" in {})
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("refuses a change based on an outdated version of the group", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const seen = yield* settings.read(GeneralSettings)
      const changed = yield* settings.patch(GeneralSettings, { instanceName: "One" }, { ifMatch: seen.etag })
      const late = yield* Effect.flip(settings.patch(GeneralSettings, { instanceName: "Two" }, { ifMatch: seen.etag }))
      assert.strictEqual(late._tag, "SettingsChanged")
      if (late._tag === "SettingsChanged") {
        assert.strictEqual(late.status, 412)
        assert.strictEqual(late.code, "settings-changed")
        assert.strictEqual(late.etag, changed.etag)
      }
      assert.strictEqual((yield* settings.get(GeneralSettings)).instanceName, "One")
      yield* settings.patch(GeneralSettings, { instanceName: "Three" }, { ifMatch: `"other", ${changed.etag}` })
      yield* settings.patch(GeneralSettings, { instanceName: "Four" }, { ifMatch: "*" })
      const reset = yield* Effect.flip(settings.reset(GeneralSettings, { ifMatch: changed.etag }))
      assert.strictEqual(reset._tag, "SettingsChanged")
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("resets a group to the defaults, with a new entity tag", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const fresh = yield* settings.read(GeneralSettings)
      yield* settings.patch(GeneralSettings, { instanceName: "One" })
      const reset = yield* settings.reset(GeneralSettings)
      assert.deepStrictEqual(reset.value, GeneralSettings.defaults)
      assert.strictEqual(reset.version, 2)
      assert.notStrictEqual(reset.etag, fresh.etag)
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("logs who changed which setting, with the old and new value, and nothing without a change", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const patch = { deletionsEnabled: false, delaySeconds: 30, caps: { maxItems: 5 } }
      yield* settings.patch(RemovalsSettings, patch).pipe(Effect.provideService(Actor, "account:ada"))
      const again = yield* settings.patch(RemovalsSettings, patch)
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

  it.effect("returns the stored values after a transaction that is rolled back", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const sql = yield* SqlClient.SqlClient
      yield* settings
        .patch(GeneralSettings, { instanceName: "Lost" })
        .pipe(Effect.andThen(Effect.fail("stop")), sql.withTransaction, Effect.flip)
      assert.strictEqual((yield* settings.get(GeneralSettings)).instanceName, "Tendarr")
      assert.deepStrictEqual(yield* sql`SELECT * FROM settings`, [])
      assert.deepStrictEqual((yield* RecordedEvents).all, [])
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("merges a change into values that another process wrote, and returns these", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const other = Settings.use((other) => other.patch(GeneralSettings, { instanceName: "Other" }))
      yield* Effect.provide(other, Layer.fresh(SettingsTest))
      assert.strictEqual((yield* settings.get(GeneralSettings)).instanceName, "Tendarr")
      yield* settings.patch(GeneralSettings, { timeZone: "Europe/Berlin" })
      assert.deepStrictEqual(yield* settings.get(GeneralSettings), { instanceName: "Other", timeZone: "Europe/Berlin" })
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("publishes changes after the commit", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const received = yield* settings.changes.pipe(Stream.take(2), Stream.runCollect, Effect.forkChild)
      yield* Effect.yieldNow
      yield* settings.patch(GeneralSettings, { instanceName: "One" })
      yield* Effect.flip(settings.patch(GeneralSettings, { instanceName: "" }))
      yield* settings.patch(AccessSettings, { sessionHours: 1 })
      assert.deepStrictEqual([...(yield* Fiber.join(received))], ["general", "access"])
    }).pipe(Effect.provide(TestLive))
  )

  it.effect("stores the settings groups of an embedding program", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      assert.strictEqual((yield* settings.named("trash")).title, "Trash")
      yield* settings.patch(TrashSettings, { enabled: true })
      assert.deepStrictEqual(yield* settings.get(TrashSettings), { enabled: true })
      assert.deepStrictEqual((yield* settings.all).at(-1)?.value, { enabled: true })
      const refused = yield* Effect.flip(settings.named("thrash"))
      assert.deepStrictEqual(refused.errors, [
        { path: ["params", "group"], message: 'is no group of settings; did you mean "trash"?' }
      ])
    }).pipe(Effect.provide(TestLive), Effect.provideService(FurtherSettings, [TrashSettings]))
  )

  it.effect("does not start with two groups with the same name", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(Effect.provide(Settings.use(Effect.succeed), Layer.fresh(SettingsTest)))
      assert.match(String(exit), /Two groups of settings are named "trash"/)
    }).pipe(
      Effect.provide(RecordedEvents.layer),
      Effect.provide(SqlTest),
      Effect.provideService(FurtherSettings, [TrashSettings, TrashSettings])
    )
  )

  it.effect("does not start with stored settings that it cannot read", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO settings VALUES ('removals', '{"deletionsEnabled":"no"}', 4, '2026-01-01T00:00:00.000Z')`
      const error = yield* Effect.flip(Effect.provide(Settings.use(Effect.succeed), Layer.fresh(SettingsTest)))
      assert.strictEqual(error._tag, "StoredSettingsInvalid")
      assert.match(error.message, /removals.*deletionsEnabled/)
      for (const text of ['{"deletionsEnabled":fal', "[]"]) {
        yield* sql`UPDATE settings SET value = ${text}`
        const damaged = yield* Effect.flip(Effect.provide(Settings.use(Effect.succeed), Layer.fresh(SettingsTest)))
        assert.strictEqual(damaged._tag, "StoredSettingsInvalid")
        assert.match(damaged.message, /The stored value of settings removals cannot be read: it is not/)
      }
    }).pipe(Effect.provide(RecordedEvents.layer), Effect.provide(SqlTest))
  )

  it.effect("describes every group for forms, as plain data", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const described = yield* settings.describe
      assert.deepStrictEqual(
        described.map(({ defaults, group }) => ({ defaults, group })),
        settings.groups.map(({ defaults, name }) => ({ defaults, group: name }))
      )
      assert.deepStrictEqual(JSON.parse(JSON.stringify(described)), described)
      const library = JSON.stringify(described.find(({ group }) => group === "library")?.schema)
      assert.include(library, `"minimum":1,"maximum":8760,"description":"Hours after which a fact counts as unknown"`)
      assert.include(library, `"default":72`)
      for (const { defaults, group, schema, title } of described) {
        const fields = Object.entries(schema["properties"] ?? {})
        assert.deepStrictEqual(
          fields.map(([name]) => name),
          Object.keys(Object(defaults))
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

const known = new Set(Object.keys(RemovalsSettings.defaults))
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
  it.effect("returns the merged values after each change", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const run = Effect.runPromiseWith(yield* Effect.context<Settings>())
      const property = fc.asyncProperty(partialRemovals, (partial) =>
        Effect.gen(function* () {
          const before = yield* settings.get(RemovalsSettings)
          yield* settings.patch(RemovalsSettings, partial)
          assert.deepStrictEqual(yield* settings.get(RemovalsSettings), {
            ...before,
            ...partial,
            caps: { ...before.caps, ...partial.caps }
          })
        }).pipe(run)
      )
      yield* Effect.promise(() => fc.assert(property, { numRuns: 200 }))
    })
  )

  it.effect("changes nothing if one key of a change is invalid, and names that key", () =>
    Effect.gen(function* () {
      const settings = yield* Settings
      const sql = yield* SqlClient.SqlClient
      const { all: events } = yield* RecordedEvents
      const run = Effect.runPromiseWith(yield* Effect.context<Settings>())
      const property = fc.asyncProperty(partialRemovals, spoilt, (partial, { key, value }) =>
        Effect.gen(function* () {
          const before = { state: yield* settings.read(RemovalsSettings), rows: yield* sql`SELECT * FROM settings` }
          const eventsBefore = events.length
          const payload = Object.fromEntries([...Object.entries(partial), [key, value]])
          const error = yield* Effect.flip(settings.patch(RemovalsSettings, payload))
          assert.strictEqual(error._tag, "InvalidRequest")
          if (error._tag === "InvalidRequest") {
            assert.isTrue(error.errors.every(({ path }) => path[0] === "payload" && path[1] === key))
          }
          const after = { state: yield* settings.read(RemovalsSettings), rows: yield* sql`SELECT * FROM settings` }
          assert.deepStrictEqual(after, before)
          assert.strictEqual(events.length, eventsBefore)
        }).pipe(run)
      )
      yield* Effect.promise(() => fc.assert(property, { numRuns: 200 }))
    })
  )
})
