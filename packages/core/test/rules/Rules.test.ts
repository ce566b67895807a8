import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import type { RuleDefinition } from "../../src/rules/Rule.ts"
import { evaluate } from "../../src/rules/CompiledCondition.ts"
import { itemRules } from "../../src/rules/ItemRules.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { GeneralSettings } from "../../src/settings/GeneralSettings.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { interruptedCommits } from "../support/Sql.ts"
import { rulesOver, RulesTest } from "./RulesTest.ts"
import { group, leaf, now, sheetOf } from "./Samples.ts"

const draft = (name: string, given: Partial<RuleDefinition> = {}): RuleDefinition => ({
  name,
  enabled: true,
  effect: "lean-keep",
  condition: group("AND", leaf("rating", "gte", 8)),
  ...given
})

const names = Effect.flatMap(Rules, (rules) => Effect.map(rules.list, (all) => all.map((rule) => rule.name)))

describe("Rules", () => {
  it.effect("are stored as given, each after the last one", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      yield* TestClock.setTime(Date.UTC(2026, 0, 15, 12))
      const first = yield* rules.create(draft("Good ones stay", { scope: { itemKinds: ["movie"] } }))
      assert.deepStrictEqual(first, {
        id: "1",
        subject: "item",
        name: "Good ones stay",
        enabled: true,
        effect: "lean-keep",
        condition: group("AND", leaf("rating", "gte", 8)),
        scope: { itemKinds: ["movie"] },
        position: 1,
        version: 1,
        createdAt: "2026-01-15T12:00:00.000Z",
        updatedAt: "2026-01-15T12:00:00.000Z"
      })
      const second = yield* rules.create(draft("Second"))
      assert.strictEqual(second.position, 2)
      assert.deepStrictEqual(yield* rules.list, [first, second])
      assert.deepStrictEqual(yield* rules.get("1"), first)
    }).pipe(Effect.provide(RulesTest))
  )

  it.effect("are refused completely if a part is wrong, with the path of each fault", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      const condition = group(
        "AND",
        leaf("rating", "gte", 8),
        group("OR", leaf("rateing", "gte", 1), leaf("year", "gte", "x"))
      )
      const error = yield* Effect.flip(rules.create(draft("Wrong", { condition })))
      if (error._tag !== "InvalidRequest") return assert.fail(error._tag)
      assert.deepStrictEqual(
        error.errors.map((issue) => issue.path.join(".")),
        ["payload.condition.children.1.children.0.field", "payload.condition.children.1.children.1.value"]
      )
      assert.strictEqual((yield* Effect.flip(rules.check(draft("Wrong", { condition }))))._tag, "InvalidRequest")
      assert.deepStrictEqual(yield* names, [])
      const { id } = yield* rules.create(draft("Right"))
      assert.strictEqual((yield* Effect.flip(rules.update(id, { condition })))._tag, "InvalidRequest")
      assert.strictEqual((yield* rules.get(id)).version, 1)
    }).pipe(Effect.provide(RulesTest))
  )

  it.effect("have unique names", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      yield* rules.create(draft("One"))
      const two = yield* rules.create(draft("Two"))
      assert.deepInclude(yield* Effect.flip(rules.create(draft("One"))), { _tag: "RuleNameTaken", name: "One" })
      assert.deepInclude(yield* Effect.flip(rules.update(two.id, { name: "One" })), {
        _tag: "RuleNameTaken",
        name: "One"
      })
    }).pipe(Effect.provide(RulesTest))
  )

  it.effect(
    "are changed partially, only in the version that was read, and lose no change while the database is busy",
    () =>
      Effect.gen(function* () {
        const rules = yield* Rules
        const sql = yield* SqlClient.SqlClient
        const { id } = yield* rules.create(draft("One"))
        const changed = yield* rules.update(id, { effect: "always-keep" }, 1)
        assert.deepInclude(changed, { effect: "always-keep", name: "One", enabled: true, version: 2 })
        assert.deepInclude(yield* Effect.flip(rules.update(id, { enabled: false }, 1)), {
          _tag: "VersionConflict",
          version: 2
        })
        const busy = yield* Effect.forkChild(sql.withTransaction(Effect.sleep("1 second")))
        yield* Effect.yieldNow
        const changes = yield* Effect.forkChild(
          Effect.all([rules.update(id, { enabled: false }), rules.update(id, { name: "Renamed" })], { concurrency: 2 })
        )
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(busy)
        yield* Fiber.join(changes)
        assert.deepInclude(yield* rules.get(id), { enabled: false, name: "Renamed", version: 4 })
      }).pipe(Effect.provide(RulesTest))
  )

  it.effect("are ordered by a list that must contain all of them", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      for (const name of ["a", "b", "c"]) yield* rules.create(draft(name))
      yield* rules.reorder(["3", "1", "2"])
      assert.deepStrictEqual(yield* names, ["c", "a", "b"])
      for (const ids of [["3", "1"], ["3", "1", "2", "2"], ["3", "1", "9"], []]) {
        const error = yield* Effect.flip(rules.reorder(ids))
        assert.deepStrictEqual(error.errors[0]?.path, ["payload", "ids"])
      }
      yield* rules.remove("1")
      yield* rules.create(draft("d"))
      assert.deepStrictEqual(yield* names, ["c", "b", "d"])
      assert.strictEqual((yield* Effect.flip(rules.remove("1")))._tag, "RuleNotFound")
      assert.strictEqual((yield* Effect.flip(rules.get("abc")))._tag, "RuleNotFound")
    }).pipe(Effect.provide(RulesTest))
  )

  it.effect("are compiled again after every change, without disabled ones", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      const compiled = Effect.map(rules.compiled(itemRules), (set) =>
        set.rules.map(({ rule }) => [rule.name, rule.effect])
      )
      assert.deepStrictEqual(yield* compiled, [])
      yield* rules.create(draft("a"))
      yield* rules.create(draft("b", { enabled: false }))
      assert.deepStrictEqual(yield* compiled, [["a", "lean-keep"]])
      yield* rules.update("2", { enabled: true, effect: "prefer-remove" })
      assert.deepStrictEqual(yield* compiled, [
        ["a", "lean-keep"],
        ["b", "prefer-remove"]
      ])
      yield* rules.reorder(["2", "1"])
      yield* rules.remove("1")
      assert.deepStrictEqual(yield* compiled, [["b", "prefer-remove"]])
      assert.strictEqual(yield* rules.compiled(itemRules), yield* rules.compiled(itemRules), "and not in between")
    }).pipe(Effect.provide(RulesTest))
  )

  it.effect("that this version cannot read stop all decisions, because they might keep something", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      const sql = yield* SqlClient.SqlClient
      yield* rules.create(draft("From the future"))
      yield* sql`UPDATE rules SET condition = ${JSON.stringify(leaf("smell", "gte", 1))}`
      yield* rules.reorder(["1"])
      const error = yield* Effect.flip(rules.compiled(itemRules))
      assert.strictEqual(error._tag, "RulesUnreadable")
      assert.include(error.detail, "smell")
      yield* rules.update("1", { condition: leaf("rating", "gte", 8) })
      assert.lengthOf((yield* rules.compiled(itemRules)).rules, 1)
    }).pipe(Effect.provide(RulesTest))
  )

  it.effect("are logged on deletion with their content", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      const recorded = yield* RecordedEvents
      const { id } = yield* rules.create(draft("a"))
      yield* rules.update(id, { enabled: false })
      yield* rules.reorder([id])
      yield* rules.remove(id)
      assert.deepStrictEqual(
        recorded.all.map((event) => event.type),
        ["rule.created", "rule.updated", "rules.reordered", "rule.removed"]
      )
      assert.deepInclude(recorded.all[3]?.payload?.["rule"], { name: "a", enabled: false, effect: "lean-keep" })
    }).pipe(Effect.provide(RulesTest))
  )

  it.effect("apply from their commit, even if the caller is interrupted right then", () => {
    let armed = false
    const interrupted = <A, E, R>(change: Effect.Effect<A, E, R>) =>
      Effect.gen(function* () {
        armed = true
        const exit = yield* Effect.exit(change)
        armed = false
        assert.isTrue(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
      })
    return Effect.gen(function* () {
      const rules = yield* Rules
      const compiled = Effect.map(rules.compiled(itemRules), (set) => set.rules.map(({ rule }) => rule.name))
      assert.deepStrictEqual(yield* compiled, [])
      yield* interrupted(rules.create(draft("First")))
      assert.deepStrictEqual(yield* compiled, ["First"])
      yield* interrupted(rules.create(draft("Second")))
      assert.deepStrictEqual(yield* compiled, ["First", "Second"])
      yield* interrupted(rules.reorder(["2", "1"]))
      assert.deepStrictEqual(yield* compiled, ["Second", "First"])
      yield* interrupted(rules.update("1", { name: "Changed" }))
      assert.deepStrictEqual(yield* compiled, ["Second", "Changed"])
      yield* interrupted(rules.remove("2"))
      assert.deepStrictEqual(yield* compiled, ["Changed"])
    }).pipe(Effect.provide(rulesOver(interruptedCommits(() => armed))))
  })

  it.effect("include the writes of their own transaction, and not after its rollback", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const rules = yield* Rules
      const compiled = Effect.map(rules.compiled(itemRules), (set) => set.rules.map(({ rule }) => rule.name))
      yield* rules.create(draft("Before"))
      assert.deepStrictEqual(yield* compiled, ["Before"])
      const within = yield* sql
        .withTransaction(
          Effect.andThen(
            rules.create(draft("Within")),
            Effect.flatMap(compiled, (all) => Effect.fail({ all }))
          )
        )
        .pipe(Effect.flip)
      assert.deepStrictEqual(within, { all: ["Before", "Within"] })
      assert.deepStrictEqual(yield* compiled, ["Before"])
    }).pipe(Effect.provide(RulesTest))
  )

  it.effect("read days in the time zone of the settings, also after it has changed", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      const settings = yield* Settings
      yield* rules.create(draft("Of that day", { condition: leaf("addedAt", "equals", "2025-07-02") }))
      const matches = Effect.map(rules.compiled(itemRules), ({ rules: [rule] }) =>
        evaluate(rule!.condition, sheetOf({ addedAt: "2025-07-01T22:30:00.000Z" }), now)
      )
      assert.strictEqual(yield* matches, "false")
      yield* settings.patch(GeneralSettings, { timeZone: "Europe/Berlin" })
      assert.strictEqual(yield* matches, "true")
    }).pipe(Effect.provide(RulesTest))
  )
})
