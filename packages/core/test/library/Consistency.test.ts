/** Facts and their times belong to one state of the database, whatever happens to a sync or its reader. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, Latch } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { Engine } from "../../src/capacity/Engine.ts"
import { factSheet } from "../../src/library/ItemFacts.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { sqlFile, temporaryDatabase } from "../support/Sql.ts"
import { soon } from "../support/Soon.ts"
import { connectFeed, Feeds, feedTest, presentTitles } from "./Feeds.ts"
import { catalogItem } from "./Samples.ts"

const run = Effect.flatMap(Sync, (sync) => sync.run())
const rated = (rating: number) => [catalogItem({ externalId: "1", title: "Film", facts: { rating } })]
const disk = (freeBytes: number) => ({
  disks: [{ path: "/data", totalBytes: 1_000, freeBytes }],
  rootFolders: [{ path: "/data/movies", accessible: true, freeBytes: null }]
})

/** The rating of the film with its time, as the engine would use it. */
const ratingNow = Effect.gen(function* () {
  const engine = yield* Engine
  const { snapshot, sources } = yield* Effect.orDie(engine.environment)
  const fact = factSheet(snapshot.items[0]!, sources, snapshot).get("rating")
  return fact._tag === "Known" ? { rating: fact.value, at: fact.at } : { rating: fact._tag, at: null }
})

const clockNow = Effect.map(Clock.currentTimeMillis, (now) => new Date(now).toISOString())

/** The responses of an application from now on, and the time of its next reading. */
const answerNext = Effect.fnUntraced(function* (feeds: Feeds, rating: number) {
  yield* TestClock.adjust("1 minute")
  feeds.of("Manager").catalog = rated(rating)
  return { rating, at: yield* clockNow }
})

const fullDisk = (table: string, when: "INSERT" | "DELETE") =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql.unsafe(
      `CREATE TRIGGER full_disk BEFORE ${when} ON ${table} BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`
    )
  )
const roomAgain = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`DROP TRIGGER full_disk`)

describe("Facts and their times", () => {
  it.effect("belong together if a sync is cancelled right after its commit, forty times", () => {
    const feeds = new Feeds()
    return Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* connectFeed("manager", "Manager")
      let before = yield* answerNext(feeds, 0)
      yield* run
      for (let rating = 1; rating <= 40; rating++) {
        // A reader that asked before the sync has the earlier library in memory.
        assert.deepStrictEqual(yield* ratingNow, before)
        const next = yield* answerNext(feeds, rating)
        const committed = yield* Latch.make(false)
        const cancelled = yield* Latch.make(false)
        // Waits for the one connection that writes, gets it when the sync has committed, and holds it.
        const waiting = sql.withTransaction(
          Effect.gen(function* () {
            const [row] = yield* sql<{ rating: number }>`SELECT rating FROM items`
            if (row?.rating !== rating) return false
            yield* committed.open
            yield* cancelled.await
            return true
          })
        )
        const holder = yield* Effect.forkChild(
          Effect.gen(function* () {
            while (!(yield* waiting)) yield* Effect.yieldNow
          })
        )
        const syncing = yield* Effect.forkChild(run)
        yield* committed.await
        yield* Fiber.interrupt(syncing)
        yield* cancelled.open
        yield* soon(Fiber.join(holder))
        assert.isTrue(Exit.isFailure(yield* Fiber.await(syncing)), "it did not end before it was cancelled")
        assert.deepStrictEqual(yield* ratingNow, next)
        before = next
      }
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("belong together if a full disk prevents the clean-up of a sync, which still counts", () => {
    const feeds = new Feeds()
    return Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const pieces = Effect.map(sql`SELECT 1 FROM source_chunks`, (rows) => rows.length)
      yield* connectFeed("manager", "Manager")
      const first = yield* answerNext(feeds, 1)
      yield* run
      assert.deepStrictEqual(yield* ratingNow, first)
      yield* fullDisk("source_chunks", "DELETE")
      const second = yield* answerNext(feeds, 2)
      assert.deepInclude(yield* run, { changed: 1, total: 1 })
      assert.deepStrictEqual(yield* ratingNow, second)
      assert.strictEqual(yield* pieces, 4, "the readings before are still there")
      yield* roomAgain
      yield* run
      assert.strictEqual(yield* pieces, 2, "the next sync has tidied up")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("belong together if the steps after a sync fail, and the disks keep the time of their last reading", () => {
    const feeds = new Feeds()
    feeds.of("Manager").disks = disk(500)
    return Effect.gen(function* () {
      const groups = yield* DiskGroups
      const figures = Effect.map(groups.list, (all) => all.map(({ freeBytes, readAt }) => [freeBytes, readAt]))
      yield* connectFeed("manager", "Manager")
      const first = yield* answerNext(feeds, 1)
      yield* run
      assert.deepStrictEqual(yield* ratingNow, first)
      yield* fullDisk("disk_usage", "INSERT")
      const second = yield* answerNext(feeds, 2)
      feeds.of("Manager").disks = disk(100)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(run)))
      assert.deepStrictEqual(yield* ratingNow, second)
      assert.deepStrictEqual(yield* figures, [[500, first.at]])
      yield* roomAgain
      yield* TestClock.adjust("1 minute")
      yield* run
      assert.deepStrictEqual(yield* figures, [[100, yield* clockNow]])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("belong to one state if others commit while the library is read in pieces", () =>
    Effect.gen(function* () {
      const feeds = new Feeds()
      const titled = (round: number) =>
        Array.from({ length: 900 }, (_, index) => catalogItem({ externalId: String(index), title: `Round ${round}` }))
      feeds.of("Manager").catalog = titled(0)
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const snapshots = yield* Snapshots
        yield* connectFeed("manager", "Manager")
        yield* run
        for (const commits of [1, 3, 9]) {
          // The same in one transaction: all titles, and the time of their reading.
          let round = 0
          const writer = yield* Effect.forkChild(
            Effect.gen(function* () {
              for (; round < commits; round++) {
                yield* sql.withTransaction(
                  Effect.andThen(
                    sql`UPDATE items SET title = ${`Round ${round}`}`,
                    sql`UPDATE sources SET observed_at = ${`Round ${round}`}`
                  )
                )
                yield* Effect.yieldNow
                yield* Effect.yieldNow
              }
            })
          )
          for (let reads = 0; reads < 3; reads++) {
            const { items, sourceStates } = yield* snapshots.get
            const times = new Set([
              ...items.map(({ title }) => title),
              ...sourceStates.map((state) => state.observedAt)
            ])
            if (round > 0) assert.strictEqual(times.size, 1, [...times].join(", "))
          }
          yield* soon(Fiber.join(writer))
        }
      }).pipe(Effect.provide(feedTest(feeds, sqlFile(yield* temporaryDatabase))))
    }).pipe(Effect.scoped)
  )

  it.effect("include the writes of their own transaction, and those of others only after the commit", () => {
    const feeds = new Feeds()
    return Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const snapshots = yield* Snapshots
      yield* connectFeed("manager", "Manager")
      yield* answerNext(feeds, 1)
      yield* run
      const before = yield* snapshots.get
      const within = yield* sql
        .withTransaction(
          Effect.gen(function* () {
            yield* sql`UPDATE items SET title = 'Written here'`
            const { items } = yield* snapshots.get
            return yield* Effect.fail(items.map(({ title }) => title))
          })
        )
        .pipe(Effect.flip)
      assert.deepStrictEqual(within, ["Written here"])
      assert.strictEqual(yield* snapshots.get, before, "what was rolled back is not read again")
      yield* sql.withTransaction(sql`UPDATE items SET title = 'Committed'`)
      assert.strictEqual((yield* snapshots.get).items[0]?.title, "Committed")
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})

describe("Two concurrent syncs", () => {
  it.effect("do not apply each other's staged items", () => {
    const feeds = new Feeds()
    const films = (of: string) =>
      Array.from({ length: 250 }, (_, index) => catalogItem({ externalId: String(index), title: `${of} ${index}` }))
    feeds.of("One").catalog = films("One")
    feeds.of("Two").catalog = films("Two")
    return Effect.gen(function* () {
      const sync = yield* Sync
      const one = yield* connectFeed("manager", "One")
      const two = yield* connectFeed("manager", "Two")
      const [first, second] = yield* Effect.all(
        [sync.run({ integrationIds: [one] }), sync.run({ integrationIds: [two] })],
        { concurrency: "unbounded" }
      )
      assert.deepInclude(first, { added: 250, total: 250 })
      assert.deepInclude(second, { added: 250, total: 500 })
      assert.sameMembers(
        yield* presentTitles,
        [...films("One"), ...films("Two")].map(({ title }) => title)
      )
      feeds.of("One").catalog = films("Newer one")
      feeds.of("Two").catalog = films("Newer two")
      yield* Effect.all([sync.run({ integrationIds: [two] }), sync.rejoin, sync.run({ integrationIds: [one] })], {
        concurrency: "unbounded"
      })
      assert.sameMembers(
        yield* presentTitles,
        [...films("Newer one"), ...films("Newer two")].map(({ title }) => title)
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
