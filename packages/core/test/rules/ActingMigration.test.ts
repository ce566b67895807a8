import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { Rules } from "../../src/rules/Rules.ts"
import { migrateToLatest, migrateUpTo } from "../../src/storage/Migrations.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { Unmigrated } from "../support/Sql.ts"
import { leaf } from "./Samples.ts"

const at = "2026-01-01T00:00:00.000Z"

describe("Rules of a database from before rules could act", () => {
  it.effect("keep their effects, and can be changed to act", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* migrateUpTo(25)
      yield* sql`INSERT INTO rules ${sql.insert({
        name: "Old",
        position: 1,
        enabled: 1,
        effect: "prefer-keep",
        condition: JSON.stringify(leaf("year", ">", 1990)),
        scope: "{}",
        version: 1,
        created_at: at,
        updated_at: at
      })}`
      yield* migrateToLatest
      yield* Effect.gen(function* () {
        const rules = yield* Rules
        const [old] = yield* rules.list
        assert.strictEqual(old?.effect, "prefer-keep")
        assert.isFalse(old !== undefined && ("action" in old || "priority" in old))
        const changed = yield* rules.update("1", { effect: "act", action: { type: "report" }, priority: 3 })
        assert.deepInclude(changed, { effect: "act", action: { type: "report" }, priority: 3 })
      }).pipe(Effect.provide(Rules.layer.pipe(Layer.provideMerge(RecordedEvents.layer))))
    }).pipe(Effect.provide(Unmigrated))
  )
})
