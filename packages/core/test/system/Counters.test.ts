/** The counters of the database against a recount of its rows, over random histories of a library. */
import { assert, describe, it } from "vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { Integrations } from "../../src/integrations/Integrations.ts"
import type { CatalogItem } from "../../src/integrations/Observations.ts"
import { countingOf, removingWholes } from "../../src/library/Counting.ts"
import { ItemStore } from "../../src/library/ItemStore.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { System } from "../../src/system/System.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { album, artist, catalogItem, season, show } from "../library/Samples.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"

const numRuns = Number(process.env["TENDARR_HISTORIES"] ?? 25)

const size = fc.integer({ min: 0, max: 90 })
const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 4 })

const anyShow = fc
  .record({ id: fc.constantFrom("20", "21", "22"), sizeBytes: size, seasons: numbers, each: size, alone: fc.boolean() })
  .map(({ alone, each, id, seasons, sizeBytes }): ReadonlyArray<CatalogItem> => {
    const whole = show(id, [], { sizeBytes })
    const parts = seasons.map((number) => season(whole, number, { sizeBytes: each + number }))
    // An application may list seasons of a show that it does not list.
    return alone && parts.length > 0 ? parts : [whole, ...parts]
  })
const anyArtist = fc
  .record({ sizeBytes: size, albums: numbers, each: size })
  .map(({ albums, each, sizeBytes }): ReadonlyArray<CatalogItem> => {
    const whole = artist("30", [], { sizeBytes })
    return [...albums.map((number) => album(whole, number, { sizeBytes: each })), whole]
  })
const anyMovie = fc
  .record({ id: fc.constantFrom("1", "2", "3"), sizeBytes: size })
  .map(({ id, sizeBytes }): ReadonlyArray<CatalogItem> => [catalogItem({ externalId: id, sizeBytes })])
const anyCatalog = fc
  .array(fc.oneof(anyShow, anyArtist, anyMovie), { maxLength: 6 })
  .map((all) => [...new Map(all.flat().map((item) => [item.externalId, item])).values()])

/** In its own folder; files that two applications manage are tested with `SharedBytes`. */
const elsewhere = (item: CatalogItem): CatalogItem => ({
  ...item,
  path: item.path === null ? null : `/elsewhere${item.path}`
})

const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant("sync"), one: anyCatalog, two: anyCatalog }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("removed"), at: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("option"), wholeShows: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("forget") }) }
)

interface Row {
  readonly id: number
  readonly integration_id: number
  readonly external_id: string
  readonly parent_external_id: string | null
  readonly size_bytes: number
}

/** A straightforward count, family by family. */
const recount = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<Row>`SELECT * FROM items WHERE gone_at IS NULL`
  const options = yield* sql<{ id: number; options: string }>`SELECT id, options FROM integrations`
  let items = 0
  let bytes = 0
  for (const { id, options: json } of options) {
    const wholes = (JSON.parse(json) as { readonly wholeShows: boolean }).wholeShows
    const own = rows.filter((row) => row.integration_id === id)
    for (const key of new Set(own.map((row) => row.parent_external_id ?? row.external_id))) {
      const whole = own.find((row) => row.external_id === key)
      const parts = own.filter((row) => row.parent_external_id === key)
      const sum = parts.reduce((total, row) => total + row.size_bytes, 0)
      items += whole !== undefined && (wholes || parts.length === 0) ? 1 : parts.length
      bytes += Math.max(whole?.size_bytes ?? 0, sum)
    }
  }
  return { items, bytes }
})

describe("The counters of the library", () => {
  it(
    "agree with a recount after random histories, everywhere",
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { minLength: 2, maxLength: 8 }), async (steps) => {
          const feeds = new Feeds()
          const history = Effect.gen(function* () {
            const system = yield* System
            const sync = yield* Sync
            const integrations = yield* Integrations
            const snapshots = yield* Snapshots
            const settings = yield* Settings
            const items = yield* ItemStore
            yield* settings.patch(LibrarySettings, { maxDisappearance: 1 })
            const one = yield* connectFeed("manager", "One")
            yield* connectFeed("manager", "Two")
            for (const step of steps) {
              const before = yield* system.stats
              if ("one" in step) {
                feeds.of("One").catalog = step.one
                feeds.of("Two").catalog = step.two.map(elsewhere)
                const report = yield* sync.run()
                const { items: now } = yield* system.stats
                assert.strictEqual(report.total, now)
                assert.strictEqual(before.items + report.added - report.gone, now)
              } else if ("at" in step) {
                const present = (yield* snapshots.get).items
                const item = present[step.at % Math.max(1, present.length)]
                if (item === undefined) continue
                const taken = yield* items.markGone(item.id, "2026-01-15T12:00:00.000Z")
                assert.strictEqual((yield* system.stats).items, before.items - taken)
              } else if ("wholeShows" in step) {
                yield* Effect.ignore(integrations.update(one, { options: { wholeShows: step.wholeShows } }))
              } else yield* Effect.ignore(sync.forget(one))
              const { bytes, items: counted } = yield* system.stats
              assert.deepStrictEqual({ items: counted, bytes }, yield* recount)
              const snapshot = yield* snapshots.get
              const counting = countingOf(snapshot, removingWholes(yield* integrations.list))
              assert.deepStrictEqual(counting.tally(snapshot.items), { items: counted, bytes })
              assert.strictEqual(snapshot.items.filter(counting.isUnit).length, counted)
            }
          })
          await Effect.runPromise(
            Effect.scoped(history).pipe(Effect.provide(feedTest(feeds)), Effect.provide(TestClock.layer()))
          )
        }),
        { numRuns, timeout: 15_000 }
      )
    },
    60_000 + numRuns * 1000
  )
})
