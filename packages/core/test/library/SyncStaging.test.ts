/** A library with more items than are staged in one statement. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { SqlClient } from "effect/sql"
import { Sync } from "../../src/library/Sync.ts"
import { connectFeed, Feeds, feedTest, presentTitles } from "./Feeds.ts"
import { catalogItem } from "./Samples.ts"

const films = (from: number, to: number, titleOf = (id: number) => `Film ${id}`) =>
  Array.from({ length: to - from + 1 }, (_, index) =>
    catalogItem({ externalId: String(from + index), title: titleOf(from + index), ids: [`tmdb-movie:${from + index}`] })
  )

const run = Effect.flatMap(Sync, (sync) => sync.run())

describe("A sync of many items", () => {
  it.effect("stores each item once, and afterwards only those that have changed", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = films(1, 450)
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      assert.deepInclude(yield* run, { added: 450, changed: 0, gone: 0, total: 450 })
      assert.sameMembers(
        yield* presentTitles,
        films(1, 450).map(({ title }) => title)
      )
      feeds.of("Manager").catalog = films(1, 450, (id) => (id % 100 === 7 ? `Film ${id} again` : `Film ${id}`))
      assert.deepInclude(yield* run, { added: 0, changed: 5, gone: 0, total: 450 })
      const titles = yield* presentTitles
      assert.lengthOf(titles, 450)
      assert.sameMembers(
        titles.filter((title) => title.endsWith("again")),
        [7, 107, 207, 307, 407].map((id) => `Film ${id} again`)
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("leaves nothing behind if it is interrupted while rows are staged", () => {
    const feeds = new Feeds()
    feeds.of("One").catalog = films(1, 150)
    feeds.of("Two").catalog = films(201, 350)
    return Effect.gen(function* () {
      const one = yield* connectFeed("manager", "One")
      const two = yield* connectFeed("manager", "Two")
      yield* run
      const sql = yield* SqlClient.SqlClient
      yield* sql`DELETE FROM source_chunks WHERE integration_id = ${Number(two)}`
      feeds.of("One").catalog = films(1, 150, (id) => `Wrong ${id}`)
      const sync = yield* Sync
      const broken = yield* Effect.exit(sync.run({ integrationIds: [one] }))
      assert.isTrue(Exit.isFailure(broken))
      assert.isTrue((yield* presentTitles).every((title) => title.startsWith("Film ")))
      feeds.of("One").catalog = films(1, 150, (id) => (id === 5 ? "Right 5" : `Film ${id}`))
      assert.deepInclude(yield* run, { added: 0, changed: 1, gone: 0, total: 300 })
      const titles = yield* presentTitles
      assert.isTrue(titles.includes("Right 5"))
      assert.lengthOf(
        titles.filter((title) => title.startsWith("Film ")),
        299
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
