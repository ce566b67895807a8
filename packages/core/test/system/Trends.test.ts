/** Figures over time, for a library on the test clock. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Tracer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import type { CatalogItem } from "../../src/integrations/Observations.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { System } from "../../src/system/System.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem, season, show } from "../library/Samples.ts"

const run = Effect.flatMap(Sync, (sync) => sync.run())
const trends = Effect.flatMap(System, (system) => system.trends)
const on = (addedAt: string): Partial<CatalogItem> => ({ facts: { addedAt } })
const today = Effect.map(trends, ({ days }) => days[days.length - 1])

describe("trends", () => {
  it.effect("count what was added and what is gone by day, a show and its seasons once", () => {
    const feeds = new Feeds()
    const lost = show("9", ["tvdb:9"], { title: "Lost", sizeBytes: 70, ...on("2026-01-10T08:00:00.000Z") })
    const alien = catalogItem({ externalId: "1", title: "Alien", ...on("2026-01-10T09:00:00.000Z") })
    const old = catalogItem({ externalId: "2", title: "Old", ...on("2025-12-01T00:00:00.000Z") })
    const undated = catalogItem({ externalId: "3", title: "Undated" })
    feeds.of("Manager").catalog = [
      alien,
      old,
      undated,
      lost,
      season(lost, 1, { sizeBytes: 30, ...on("2026-01-10T08:00:00.000Z") }),
      season(lost, 2, { sizeBytes: 40, ...on("2026-01-11T23:59:59.000Z") })
    ]
    return Effect.gen(function* () {
      yield* (yield* Settings).patch(LibrarySettings, { maxDisappearance: 1 })
      yield* connectFeed("manager", "Manager")
      yield* run
      const { days } = yield* trends
      assert.lengthOf(days, 30)
      assert.strictEqual(days[0]?.at, "2025-12-17T00:00:00.000Z")
      assert.deepStrictEqual(
        days.filter(({ addedItems }) => addedItems > 0).map(({ addedItems, at }) => [at.slice(0, 10), addedItems]),
        [
          ["2026-01-10", 2],
          ["2026-01-11", 1],
          ["2026-01-15", 1]
        ]
      )
      yield* TestClock.adjust("1 day")
      feeds.of("Manager").catalog = [undated]
      yield* run
      const later = (yield* trends).days
      assert.deepInclude(later[29], { at: "2026-01-16T00:00:00.000Z", addedItems: 0, goneItems: 4 })
      assert.deepInclude(later[23], { at: "2026-01-10T00:00:00.000Z", addedItems: 2, goneItems: 0 })
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("are computed again after a minute or a change, and not before", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = [catalogItem({ externalId: "1", title: "Alien" })]
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* run
      const before = yield* trends
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(yield* trends, before)
      yield* TestClock.adjust("1 second")
      const after = yield* trends
      assert.notStrictEqual(after, before)
      assert.deepStrictEqual(after, { ...before, computedAt: "2026-01-15T12:01:00.000Z" })
      feeds.of("Manager").catalog = [
        ...(feeds.of("Manager").catalog ?? []),
        catalogItem({ externalId: "2", title: "Heat" })
      ]
      yield* run
      assert.deepInclude(yield* today, { addedItems: 2 })
      assert.strictEqual(new Set(yield* Effect.all([trends, trends, trends], { concurrency: "unbounded" })).size, 1)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("say how much a disk grows per day, and when it reaches its threshold", () => {
    const feeds = new Feeds()
    const fill = (grown: number, other: number) => {
      feeds.of("Manager").disks = {
        disks: [
          { path: "/grows", totalBytes: 1_000_000, freeBytes: 900_000 - grown },
          { path: "/shrinks", totalBytes: 1_000_000, freeBytes: 500_000 + other }
        ],
        rootFolders: ["/grows", "/shrinks"].map((path) => ({ path, accessible: true, freeBytes: null }))
      }
    }
    return Effect.gen(function* () {
      const groups = yield* DiskGroups
      const at = Effect.map(trends, ({ diskGroups }) =>
        diskGroups.map(({ bytesPerDay, daysUntilThreshold, mountPath }) => [mountPath, bytesPerDay, daysUntilThreshold])
      )
      fill(0, 0)
      yield* connectFeed("manager", "Manager")
      yield* run
      for (const { id } of yield* groups.list) {
        yield* groups.update(id, { limits: { type: "percent", threshold: 50, target: 40 } })
      }
      assert.deepStrictEqual(yield* at, [
        ["/grows", null, null],
        ["/shrinks", null, 0]
      ])
      for (let day = 1; day <= 10; day += 1) {
        yield* TestClock.adjust("1 day")
        fill(day * 10_000, day * 1_000)
        yield* groups.refresh
        if (day === 5) yield* groups.foldUsage
      }
      // 200,000 of 500,000 bytes are used.
      assert.deepStrictEqual(yield* at, [
        ["/grows", 10_000, 30],
        ["/shrinks", -1_000, null]
      ])
      const [first] = yield* groups.list
      yield* groups.update(first!.id, { limits: { type: "free-bytes", threshold: 750_000, target: 760_000 } })
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual((yield* at)[0], ["/grows", 10_000, 5])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("count removals and their bytes on the day they were carried out", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = [catalogItem({ externalId: "1", title: "Alien" })]
    return Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* connectFeed("manager", "Manager")
      yield* run
      yield* trends
      const removed = (state: string, endedAt: string | null, freedBytes: number | null) =>
        sql`INSERT INTO removals ${sql.insert({
          ...row,
          state,
          ended_at: endedAt,
          freed_bytes: freedBytes,
          item_id: 1
        })}`
      yield* removed("removed", "2026-01-14T23:59:59.999Z", 7)
      yield* removed("removed", "2026-01-15T00:00:00.000Z", 1)
      yield* removed("removed", "2026-01-15T11:00:00.000Z", 2)
      yield* removed("removed", "2025-12-16T23:59:59.999Z", 100)
      yield* removed("cancelled", "2026-01-15T11:00:00.000Z", null)
      yield* removed("proposed", null, null)
      yield* sql`UPDATE counters SET value = value + 4 WHERE name = 'removals.items'`
      const { days } = yield* trends
      assert.deepInclude(days[29], { removedItems: 2, removedBytes: 3 })
      assert.deepInclude(days[28], { removedItems: 1, removedBytes: 7 })
      assert.strictEqual(
        days.reduce((sum, { removedItems }) => sum + removedItems, 0),
        3
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("read no table completely", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const spans: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      yield* trends.pipe(Effect.withTracer(tracer))
      const statements = spans.flatMap(({ attributes }) => {
        const text = attributes.get("db.query.text")
        return typeof text === "string" && /FROM (items|removals|disk_usage)/.test(text) ? [text] : []
      })
      assert.lengthOf(statements, 4)
      for (const statement of statements) {
        const plan = yield* sql.unsafe<{ detail: string }>(`EXPLAIN QUERY PLAN ${statement}`)
        for (const { detail } of plan) assert.notMatch(detail, /SCAN (items|removals|disk_usage)\b/, `${statement}`)
        if (/removals/.test(statement)) assert.match(plan.map(({ detail }) => detail).join(), /removals_by_end\b/)
      }
    }).pipe(Effect.provide(feedTest(new Feeds())))
  )
})

/** Tables that no figure depends on. */
const row = {
  external_id: "1",
  kind: "movie",
  title: "Alien",
  ids: "[]",
  size_bytes: 1,
  mode: "approval",
  origin: "engine",
  actor: "system",
  position: 1,
  rank: 1,
  attempts: 0,
  because: "{}",
  final: 0,
  version: 1,
  created_at: "2026-01-01T00:00:00.000Z",
  updated_at: "2026-01-01T00:00:00.000Z"
}
