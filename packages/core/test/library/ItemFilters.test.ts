import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { type ItemFilters, type ItemQuery, itemSorts, type ItemSummary, Library } from "../../src/library/Library.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { connectFeed, Feeds, feedTest } from "./Feeds.ts"
import { catalogItem } from "./Samples.ts"

const run = Effect.flatMap(Sync, (sync) => sync.run())

const all = (query: ItemQuery) =>
  Effect.gen(function* () {
    const library = yield* Library
    const items: Array<ItemSummary> = []
    for (let cursor: string | null = null; ;) {
      const page: { readonly items: ReadonlyArray<ItemSummary>; readonly nextCursor: string | null } =
        yield* library.page({ ...query, ...(cursor === null ? {} : { cursor }) })
      items.push(...page.items)
      cursor = page.nextCursor
      if (cursor === null) return items
    }
  })

const collections = ["Rare", "Common", "Both", "Nobody's"]
const words = ["alien", "heat", "common", "zoo"]

/** Some values are rare and some common, so that both ways to read a page occur. */
const drawn = fc.record({
  words: fc.subarray(words, { minLength: 1 }),
  kind: fc.constantFrom("movie", "movie", "movie", "album"),
  sizeBytes: fc.integer({ min: 0, max: 40 }),
  collections: fc.oneof(
    { weight: 5, arbitrary: fc.constant(["Common"]) },
    { weight: 1, arbitrary: fc.subarray(collections.slice(0, 3)) }
  )
} as const)

const optional = <A>(arbitrary: fc.Arbitrary<A>) => fc.option(arbitrary, { nil: undefined, freq: 2 })
const drawnQuery = fc.record({
  kind: optional(fc.constantFrom("movie", "album", "season")),
  integrationId: optional(fc.constantFrom("1", "2", "99")),
  collection: optional(fc.constantFrom(...collections)),
  minSizeBytes: optional(fc.integer({ min: 0, max: 45 })),
  maxSizeBytes: optional(fc.integer({ min: 0, max: 45 })),
  search: optional(fc.constantFrom(...words, "zo", "alien heat", "nothing", "  ")),
  gone: optional(fc.boolean()),
  sort: optional(fc.constantFrom(...itemSorts)),
  order: optional(fc.constantFrom("asc", "desc")),
  limit: fc.constantFrom(2, 3, 50)
} as const)

/** The meaning of a filter, implemented a second time. */
const matches = (item: ItemSummary, query: ItemFilters): boolean =>
  (query.kind === undefined || item.kind === query.kind) &&
  (query.integrationId === undefined || item.integrationId === query.integrationId) &&
  (query.collection === undefined || item.collections.includes(query.collection)) &&
  (query.minSizeBytes === undefined || item.sizeBytes >= query.minSizeBytes) &&
  (query.maxSizeBytes === undefined || item.sizeBytes <= query.maxSizeBytes) &&
  (query.search ?? "")
    .split(" ")
    .filter((word) => word !== "")
    .every((word) => item.title.split(" ").some((of) => of.startsWith(word)))

const without = <A extends object>(record: A) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof A]?: Exclude<A[K], undefined>
  }

describe("Filters of the library", () => {
  it.effect("select the matching items, alone and combined, in every order, page by page and counted", () => {
    const feeds = new Feeds()
    return Effect.gen(function* () {
      const settings = yield* Settings
      yield* settings.patch(LibrarySettings, { maxDisappearance: 1 })
      yield* connectFeed("manager", "Manager")
      yield* connectFeed("manager", "Second")
      const [entries = []] = fc.sample(fc.array(drawn, { minLength: 80, maxLength: 80 }), { numRuns: 1, seed: 5 })
      const items = entries.map(({ words, ...entry }, index) =>
        catalogItem({ externalId: `${index}`, title: words.join(" "), ...entry })
      )
      feeds.of("Manager").catalog = items.slice(0, 70)
      feeds.of("Second").catalog = items.slice(70)
      yield* run
      // Some items are gone, and some of the others are in other collections.
      feeds.of("Manager").catalog = items
        .slice(20, 70)
        .map((item, index) => (index % 5 === 0 ? { ...item, collections: ["Both"] } : item))
      yield* run
      const library = yield* Library
      const [present, gone] = [yield* all({}), yield* all({ gone: true })]
      assert.lengthOf(present, 60)
      assert.lengthOf(gone, 20)
      let found = 0
      for (const given of fc.sample(drawnQuery, { numRuns: 400, seed: 9 })) {
        const query: ItemQuery = without(given)
        const expected = (query.gone === true ? gone : present).filter((item) => matches(item, query))
        found += expected.length
        const paged = yield* all(query)
        const message = JSON.stringify(query)
        const idsOf = (list: ReadonlyArray<ItemSummary>) => list.map(({ id }) => id)
        assert.deepStrictEqual(idsOf(paged).toSorted(), idsOf(expected).toSorted(), message)
        const { cursor: _, limit: __, ...filters } = query
        const counted = yield* library.counted(filters, { offset: 1, limit: 3 })
        assert.strictEqual(counted.total, expected.length, message)
        assert.deepStrictEqual(idsOf(counted.items), idsOf(paged).slice(1, 4), message)
        const order = idsOf(
          yield* all({
            sort: query.sort ?? "title",
            ...(query.gone === true ? { gone: true } : {}),
            ...(query.order === undefined ? {} : { order: query.order })
          })
        )
        assert.deepStrictEqual(
          idsOf(paged),
          order.filter((id) => idsOf(paged).includes(id)),
          message
        )
      }
      assert.isAbove(found, 1_000)
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
