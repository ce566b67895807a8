import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { job, JobsTest } from "./JobsTest.ts"

describe("The log of a run", () => {
  it.effect("keeps every line, even from a transaction that is rolled back, and if the run fails", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const sql = yield* SqlClient.SqlClient
      yield* jobs.register(
        job("chatty", ({ log }) =>
          Effect.gen(function* () {
            yield* sql
              .withTransaction(Effect.andThen(log("info", "in a transaction"), Effect.fail("rolled back")))
              .pipe(Effect.ignore)
            yield* Effect.forEach(Array.from({ length: 700 }), (_, n) => log("info", `line ${n}`, { n }), {
              discard: true
            })
            return yield* Effect.fail("done for")
          })
        )
      )
      const run = yield* jobs.start("chatty", { startedBy: "person" })
      yield* jobs.await(run.id)
      const first = yield* jobs.logs(run.id, { limit: 200 })
      assert.strictEqual(first.items[0]?.message, "in a transaction")
      assert.deepStrictEqual(first.items[1]?.data, { n: 0 })
      const messages = first.items.map((line) => line.message)
      let cursor = first.nextCursor
      while (cursor !== null) {
        const page: Effect.Success<ReturnType<typeof jobs.logs>> = yield* jobs.logs(run.id, {
          after: cursor,
          limit: 200
        })
        messages.push(...page.items.map((line) => line.message))
        cursor = page.nextCursor
      }
      assert.deepStrictEqual(messages.slice(0, 702), [
        "in a transaction",
        ...Array.from({ length: 700 }, (_, n) => `line ${n}`),
        "done for"
      ])
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("is followed from its beginning to the end of the run", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.register(
        job("slow", ({ log }) =>
          Effect.forEach([1, 2, 3, 4], (n) => Effect.andThen(log("info", `step ${n}`), Effect.sleep("1 second")), {
            discard: true
          })
        )
      )
      const run = yield* jobs.start("slow", { startedBy: "person" })
      yield* TestClock.adjust("1500 millis")
      const seen: Array<string> = []
      const following = yield* Effect.forkChild(
        jobs.followLogs(run.id).pipe(Stream.runForEach((line) => Effect.sync(() => seen.push(line.message))))
      )
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(seen, ["step 1", "step 2"])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(seen, ["step 1", "step 2", "step 3"])
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(following)
      assert.deepStrictEqual(seen, ["step 1", "step 2", "step 3", "step 4"])

      const lines = (yield* jobs.logs(run.id, {})).items
      const rest = yield* Stream.runCollect(jobs.followLogs(run.id, { after: lines[2]?.id ?? "" }))
      assert.deepStrictEqual(
        rest.map((line) => line.message),
        ["step 4"]
      )
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("survives data that is not JSON", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.register(job("odd", ({ log }) => log("info", "big", { size: 1n })))
      const run = yield* jobs.start("odd", { startedBy: "person" })
      assert.strictEqual((yield* jobs.await(run.id)).status, "completed")
      assert.strictEqual((yield* jobs.logs(run.id, {})).items[0]?.message, "big")
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("is not found for an unknown run, and an invalid page is refused", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.register(job("sync", () => Effect.void))
      const run = yield* jobs.start("sync", { startedBy: "person" })
      assert.strictEqual((yield* Effect.flip(jobs.logs("99", {})))._tag, "RunNotFound")
      assert.strictEqual((yield* Effect.flip(jobs.logs("x' OR 1", {})))._tag, "RunNotFound")
      assert.strictEqual((yield* Effect.flip(Stream.runDrain(jobs.followLogs("99"))))._tag, "RunNotFound")
      for (const query of [{ limit: 0 }, { limit: 201 }, { after: "-" }]) {
        assert.strictEqual((yield* Effect.flip(jobs.logs(run.id, query)))._tag, "InvalidRequest")
      }
    }).pipe(Effect.provide(JobsTest))
  )
})
