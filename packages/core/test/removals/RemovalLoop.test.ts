/** The loop starts runs when a removal is due and never spins; readers and a run do not wait for each other forever. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Latch } from "effect"
import { SqlClient } from "effect/sql"
import { Engine } from "../../src/capacity/Engine.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { startRemovalLoop } from "../../src/removals/RemovalLoop.ts"
import { itemRules } from "../../src/rules/ItemRules.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { passTime, stackTest, states } from "../support/Stack.ts"
import { fullDisk, planned } from "./Stocks.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

const runs = Effect.flatMap(Jobs, (jobs) =>
  Effect.map(Effect.orDie(jobs.runs({ job: "removals", limit: 200 })), ({ items }) => items.length)
)

/** Lets minutes pass one by one, so that every sleep of the loop ends in time. */
const minutes = (count: number) =>
  Effect.forEach(Array.from({ length: count }), () => passTime("1 minute"), { discard: true })

describe("The loop that starts due removals", () => {
  it.effect("carries out the due removals without a request", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* startRemovalLoop
      yield* minutes(3)
      assert.deepStrictEqual(yield* states, { "Movie 1": "removed", "Movie 2": "removed" })
    }).pipe(Effect.scoped, Effect.provide(stackTest(library)))
  })

  it.effect("starts no run while deletions are off", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      const settings = yield* Settings
      yield* settings.patch(RemovalsSettings, { deletionsEnabled: false })
      yield* startRemovalLoop
      yield* minutes(20)
      assert.strictEqual(yield* runs, 0)
      yield* settings.patch(RemovalsSettings, { deletionsEnabled: true })
      yield* minutes(3)
      assert.strictEqual(library.removed.length, 2)
    }).pipe(Effect.scoped, Effect.provide(stackTest(library)))
  })

  it.effect("asks an application that does not answer only once a minute", () => {
    const library = fullDisk()
    library.next("remove", "timeout-done")
    library.next("presence", null, ...Array.from({ length: 30 }, () => "timeout" as const))
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* startRemovalLoop
      yield* minutes(21)
      const asked = library.journal.filter(({ answer, call }) => call === "presence" && answer !== "present").length
      assert.isAtLeast(asked, 10)
      assert.isAtMost(yield* runs, 25)
    }).pipe(Effect.scoped, Effect.provide(stackTest(library)))
  })
})

describe("A transaction that needs the library and the rules", () => {
  it.effect("does not wait for a reader that waits for its connection", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      const sql = yield* SqlClient.SqlClient
      const engine = yield* Engine
      const rules = yield* Rules
      // The cached snapshot is out of date.
      yield* Effect.orDie(sql`UPDATE sources SET calls = calls + 1`)
      const { id } = yield* rules.create({
        name: "any",
        enabled: true,
        effect: "lean-keep",
        condition: { kind: "condition", field: "rating", operator: "greaterThan", value: 9 }
      })
      assert.isString(id)
      const holding = yield* Latch.make(false)
      const waiting = yield* Latch.make(false)
      const writer = yield* Effect.forkChild(
        sql.withTransaction(
          holding.open.pipe(Effect.andThen(waiting.await), Effect.andThen(engine.environment), Effect.orDie)
        )
      )
      yield* holding.await
      const reader = yield* Effect.forkChild(engine.environment)
      const ruleReader = yield* Effect.forkChild(rules.compiled(itemRules))
      yield* passTime("1 second")
      yield* waiting.open
      const environment = yield* Fiber.join(writer)
      assert.strictEqual(environment.snapshot.items.length, 9)
      assert.strictEqual((yield* Fiber.join(reader)).rules.rules.length, 1)
      yield* Fiber.join(ruleReader)
    }).pipe(Effect.provide(stackTest(library)))
  })
})
