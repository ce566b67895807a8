import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { draft, Probing, probingTest } from "./Probing.ts"

describe("Two clients that change an integration in the same version", () => {
  it.effect(
    "conflict: one change is applied, and the other fails with the current version, even while the application is probed",
    () =>
      Effect.gen(function* () {
        const integrations = yield* Integrations
        const sql = yield* SqlClient.SqlClient
        const { id } = yield* integrations.create(draft)
        const busy = yield* Effect.forkChild(sql.withTransaction(Effect.sleep("1 second")))
        yield* Effect.yieldNow
        const changes = yield* Effect.forkChild(
          Effect.all(
            [
              integrations.update(id, { name: "First" }, 1),
              integrations.update(id, { config: { apiKey: "secret-2" } }, 1),
              integrations.update(id, { enabled: false }, 1)
            ].map(Effect.result),
            { concurrency: "unbounded" }
          )
        )
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(busy)
        const outcomes = yield* Fiber.join(changes)
        assert.strictEqual(outcomes.filter(({ _tag }) => _tag === "Success").length, 1)
        for (const outcome of outcomes) {
          if (outcome._tag === "Failure") {
            assert.deepInclude(outcome.failure, { _tag: "VersionConflict", version: 2 })
          }
        }
        assert.strictEqual((yield* integrations.get(id)).version, 2)
        const updates = (yield* RecordedEvents).all.filter(({ type }) => type === "integration.updated")
        assert.lengthOf(updates, 1, "what was refused is no event")
      }).pipe(Effect.provide(probingTest(new Probing())))
  )
})
