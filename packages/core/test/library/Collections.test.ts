/** Collections with what the applications know about them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { CollectionRecord } from "../../src/integrations/CollectionCapability.ts"
import { CollectionRecords } from "../../src/library/CollectionRecords.ts"
import { Collections } from "../../src/library/Collections.ts"
import { FakeLibrary } from "../support/FakeLibrary.ts"
import { connectFakes, stackTest, sync } from "../support/Stack.ts"

const saga: CollectionRecord = {
  key: "7",
  title: "Saga",
  tmdbId: 99,
  overview: "Three films.",
  missing: [
    { tmdbId: 3, title: "Third", year: 2005 },
    { tmdbId: 2, title: "Second", year: 2003 }
  ]
}

const withSaga = () => {
  const library = new FakeLibrary()
  library.collections = [saga]
  library.add({ title: "First", ids: ["tmdb-movie:1"], collections: ["Saga"] })
  library.add({ title: "Alone", ids: ["tmdb-movie:50"], collections: ["Others"] })
  return library
}

const sagaOf = Effect.gen(function* () {
  const collections = yield* Collections
  const found = (yield* collections.list).find(({ title }) => title === "Saga")!
  return { ...found, titles: (yield* collections.missing(found.id)).map(({ title }) => title) }
})

describe("A collection", () => {
  it.effect("has its missing movies by year, without those that any application has", () => {
    const library = withSaga()
    return Effect.gen(function* () {
      yield* connectFakes()
      yield* sync
      const found = yield* sagaOf
      assert.deepInclude(found, { tmdbId: 99, overview: "Three films.", missing: 2 })
      assert.strictEqual(found.posterUrl, `/api/v1/collections/${found.id}/poster`)
      assert.deepStrictEqual(found.titles, ["Second", "Third"])
      const others = (yield* (yield* Collections).list).find(({ title }) => title === "Others")
      assert.deepInclude(others, { tmdbId: null, overview: null, posterUrl: null, missing: null, readAt: null })
      library.add({ title: "Second", ids: ["tmdb-movie:2"] })
      yield* sync
      assert.deepStrictEqual((yield* sagaOf).titles, ["Third"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("keeps what was read last while its application does not answer, which the sync reports", () => {
    const library = withSaga()
    return Effect.gen(function* () {
      const { shelf } = yield* connectFakes({ without: ["screen", "wishes"] })
      yield* sync
      library.collections = []
      library.down.add("manager")
      const report = yield* (yield* CollectionRecords).sync()
      assert.deepInclude(report.integrations[0], { integrationId: shelf, collections: 0 })
      assert.match(report.integrations[0]?.detail ?? "", /could not be reached/)
      assert.strictEqual((yield* sagaOf).missing, 2)
      library.down.clear()
      yield* (yield* CollectionRecords).sync()
      assert.deepInclude(yield* sagaOf, { missing: null, overview: null })
    }).pipe(Effect.provide(stackTest(library)))
  })
})
