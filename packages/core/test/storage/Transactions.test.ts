import { assert, describe, it } from "@effect/vitest"
import { Data, Effect, Exit, Cause } from "effect"
import { SqlClient } from "effect/sql"
import { transacting } from "../../src/storage/Transactions.ts"
import { SqlTest } from "../support/Sql.ts"

class Refused extends Data.TaggedError("Refused") {}

const count = (sql: SqlClient.SqlClient) =>
  Effect.map(sql<{ many: number }>`SELECT count(*) AS many FROM notes`, ([row]) => row?.many)

const withNotes = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE notes (text TEXT PRIMARY KEY)`
  const note = (text: string) => sql`INSERT INTO notes (text) VALUES (${text})`
  return { sql, note, transact: transacting(sql) }
})

describe("A transaction", () => {
  it.effect("returns the failure of its work, and leaves nothing of it", () =>
    Effect.gen(function* () {
      const { note, sql, transact } = yield* withNotes
      const failure = yield* Effect.flip(transact(Effect.andThen(note("one"), Effect.fail(new Refused()))))
      assert.strictEqual(failure._tag, "Refused")
      assert.strictEqual(yield* count(sql), 0)
    }).pipe(Effect.provide(SqlTest))
  )

  it.effect("makes a failure of the database a defect, and leaves nothing of its work", () =>
    Effect.gen(function* () {
      const { note, sql, transact } = yield* withNotes
      const exit = yield* Effect.exit(transact(Effect.andThen(note("one"), note("one"))))
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause) && !Cause.hasFails(exit.cause))
      assert.strictEqual(yield* count(sql), 0)
    }).pipe(Effect.provide(SqlTest))
  )

  it.effect("within another is a part of it: it can fail alone, and is rolled back with the other", () =>
    Effect.gen(function* () {
      const { note, sql, transact } = yield* withNotes
      const refused = transact(Effect.andThen(note("inner"), Effect.fail(new Refused())))
      yield* transact(Effect.andThen(note("outer"), Effect.ignore(refused)))
      assert.strictEqual(yield* count(sql), 1)
      yield* Effect.ignore(transact(Effect.andThen(transact(note("second")), Effect.fail(new Refused()))))
      assert.strictEqual(yield* count(sql), 1)
    }).pipe(Effect.provide(SqlTest))
  )
})
