/** Work that writes much fills the write-ahead log, which is checkpointed when the work has ended. */
import { stat } from "node:fs/promises"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import { Checkpoints } from "../../src/storage/Checkpoints.ts"
import { inFolder } from "./Files.ts"

/** More than SQLite keeps in the log by default. */
const writesMuch = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE IF NOT EXISTS notes (text TEXT NOT NULL)`
  for (let count = 0; count < 3; count++) yield* sql`INSERT INTO notes (text) VALUES (${"x".repeat(3_000_000)})`
})
const much = 9_000_000

const pagesAtMost = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ wal_autocheckpoint: number }>`PRAGMA wal_autocheckpoint`
  return row?.wal_autocheckpoint
})

const over = <A, E>(
  use: (options: {
    readonly withDeferredCheckpoint: Checkpoints["withDeferredCheckpoint"]
    /** Bytes of the database file without its log. */
    readonly bytes: Effect.Effect<number>
  }) => Effect.Effect<A, E, SqlClient.SqlClient | Scope.Scope>
) =>
  Effect.gen(function* () {
    const { database, file } = yield* inFolder
    const bytes = Effect.map(
      Effect.promise(() => stat(file)),
      ({ size }) => size
    )
    return yield* Effect.flatMap(Checkpoints, ({ withDeferredCheckpoint }) =>
      use({ withDeferredCheckpoint, bytes })
    ).pipe(Effect.provide(Layer.fresh(database)))
  }).pipe(Effect.scoped)

describe("Work with a deferred checkpoint", () => {
  it.effect("does not write to the database file until its end, which checkpoints everything", () =>
    over(({ withDeferredCheckpoint, bytes }) =>
      Effect.gen(function* () {
        const [during, answer] = yield* withDeferredCheckpoint(
          Effect.andThen(writesMuch, Effect.all([bytes, Effect.succeed("done")]))
        )
        assert.isBelow(during, much)
        assert.strictEqual(answer, "done")
        assert.isAbove(yield* bytes, much)
      })
    )
  )

  it.effect("lets SQLite checkpoint other work again afterwards", () =>
    over(({ withDeferredCheckpoint }) =>
      Effect.gen(function* () {
        const before = yield* pagesAtMost
        assert.strictEqual(yield* withDeferredCheckpoint(pagesAtMost), 0)
        assert.strictEqual(yield* pagesAtMost, before)
        assert.isAbove(before ?? 0, 0)
        yield* Effect.flip(withDeferredCheckpoint(Effect.fail("broken off")))
        assert.strictEqual(yield* pagesAtMost, before)
      })
    )
  )

  it.effect("does not sync each of its commits, while other work does", () =>
    over(({ withDeferredCheckpoint }) =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const level = Effect.map(sql<{ synchronous: number }>`PRAGMA synchronous`, ([row]) => row?.synchronous)
        const [full, normal] = [2, 1]
        assert.strictEqual(yield* withDeferredCheckpoint(level), normal)
        assert.strictEqual(yield* level, full)
      })
    )
  )

  it.effect("waits for other such work to end", () =>
    over(({ withDeferredCheckpoint, bytes }) =>
      Effect.gen(function* () {
        const begun = yield* Deferred.make<void>()
        const enough = yield* Deferred.make<void>()
        const other = yield* Effect.forkChild(
          withDeferredCheckpoint(Effect.andThen(Deferred.succeed(begun, undefined), Deferred.await(enough)))
        )
        yield* Deferred.await(begun)
        yield* withDeferredCheckpoint(writesMuch)
        assert.strictEqual(yield* pagesAtMost, 0)
        assert.isBelow(yield* bytes, much)
        yield* Deferred.succeed(enough, undefined)
        yield* Fiber.join(other)
        assert.isAbove(yield* bytes, much)
      })
    )
  )
})
