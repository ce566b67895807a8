/** Pages by number: the same items as the pages by cursor, in the same order, with the total count. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type ItemFilters, Library } from "../../src/library/Library.ts"
import { Sync } from "../../src/library/Sync.ts"
import { maximumOffset, windowAt, windowOfPage } from "../../src/storage/Pages.ts"
import { connectFeed, Feeds, feedTest } from "./Feeds.ts"
import { catalogItem } from "./Samples.ts"

const feeds = () => {
  const made = new Feeds()
  made.of("Manager").catalog = Array.from({ length: 23 }, (_, at) =>
    catalogItem({ externalId: String(at + 1), title: `Film ${at % 7}`, sizeBytes: (at % 5) * 1000 })
  )
  return made
}

const filters: ReadonlyArray<ItemFilters> = [
  {},
  { sort: "size", order: "desc" },
  { sort: "title", order: "desc", minSizeBytes: 2000 },
  { search: "film 3" },
  { collection: "none such" },
  { gone: true }
]

describe("Pages by number", () => {
  it.effect("contain the same items as the pages by cursor, and the total count", () => {
    const made = feeds()
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* Effect.flatMap(Sync, (sync) => sync.run())
      const library = yield* Library
      for (const query of filters) {
        const whole = yield* library.page({ ...query, limit: 200 })
        const found: Array<string> = []
        for (let page = 1; page <= Math.ceil(whole.items.length / 4) + 1; page++) {
          const window = yield* windowOfPage({ page, pageSize: 4, first: 1 })
          const { items, total } = yield* library.counted(query, window)
          assert.strictEqual(total, whole.items.length, JSON.stringify(query))
          assert.isAtMost(items.length, 4)
          found.push(...items.map(({ id }) => id))
        }
        assert.deepStrictEqual(
          found,
          whole.items.map(({ id }) => id),
          JSON.stringify(query)
        )
      }
    }).pipe(Effect.provide(feedTest(made)))
  })

  it.effect("are refused outside their bounds, with the name of the parameter that the client sent", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* windowAt({}), { offset: 0, limit: 50 })
      assert.deepStrictEqual(yield* windowOfPage({ first: 0, page: 2, pageSize: 25 }), { offset: 50, limit: 25 })
      assert.deepStrictEqual(yield* windowOfPage({ first: 1 }, { usual: 10 }), { offset: 0, limit: 10 })
      const refused = [
        [windowAt({ offset: -1 }), "offset"],
        [windowAt({ offset: 0.5 }), "offset"],
        [windowAt({ offset: maximumOffset + 1 }), "offset"],
        [windowAt({ limit: 0 }), "limit"],
        [windowAt({ limit: 201 }), "limit"],
        [windowAt({ limit: 101 }, { most: 100, names: ["start", "count"] }), "count"],
        [windowOfPage({ first: 1, page: 0 }), "page"],
        [windowOfPage({ first: 0, page: maximumOffset }), "page"],
        [windowOfPage({ first: 0, page: 1, pageSize: Number.NaN }), "page_size"]
      ] as const
      for (const [window, name] of refused) {
        const problem = yield* Effect.flip(window)
        assert.deepStrictEqual(problem.errors[0]?.path, ["query", name])
      }
    })
  )
})
