import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result, Schema } from "effect"
import { issuesOf } from "../../src/problems/Decode.ts"
import { itemRules, splitRules } from "../../src/rules/ItemRules.ts"
import { type RuleDefinition, RuleDefinition as Definition } from "../../src/rules/Rule.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { SqlTest } from "../support/Sql.ts"
import { group, leaf } from "./Samples.ts"

const RulesTest = Rules.layer.pipe(Layer.provideMerge(RecordedEvents.layer), Layer.provideMerge(SqlTest))

const decode = Schema.decodeUnknownResult(Definition, { errors: "all", onExcessProperty: "error" })

const acting = (given: object): RuleDefinition =>
  Result.getOrThrow(decode({ name: "Old", effect: "act", condition: leaf("year", "<", 1980), ...given }))

const refusedPaths = (given: object) =>
  Effect.gen(function* () {
    const rules = yield* Rules
    const error = yield* Effect.flip(
      rules.create({ name: "Old", enabled: true, effect: "act", condition: leaf("year", "<", 1980), ...given })
    )
    return error._tag === "InvalidRequest" ? error.errors.map(({ path }) => path.join(".")) : [error._tag]
  })

const whyRefused = (action: unknown): string => {
  const result = decode({ name: "Old", effect: "act", condition: leaf("year", "<", 1980), action })
  if (Result.isSuccess(result)) return ""
  return issuesOf(result.failure.issue)
    .map(({ message, path }) => `${path.join(".")}: ${message}`)
    .join("; ")
}

describe("A rule that acts", () => {
  it.effect("is stored with its action, its grace days and its priority", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      const { action, id, priority } = yield* rules.create(acting({ action: { type: "remove" } }))
      assert.deepStrictEqual(action, { type: "remove", graceDays: 7 })
      assert.strictEqual(priority, 0)
      const changed = yield* rules.update(id, { priority: 30, action: { type: "change", addTags: ["old"] } })
      assert.deepStrictEqual(changed.action, { type: "change", addTags: ["old"] })
      assert.strictEqual((yield* rules.get(id)).priority, 30)
    }).pipe(Effect.provide(RulesTest))
  )

  it.effect("needs an action and a condition, and no other rule takes an action or a priority", () =>
    Effect.gen(function* () {
      const report = { type: "report" }
      assert.deepStrictEqual(yield* refusedPaths({}), ["payload.action"])
      assert.deepStrictEqual(yield* refusedPaths({ effect: "lean-keep", action: report }), ["payload.action"])
      assert.deepStrictEqual(yield* refusedPaths({ effect: "always-remove", priority: 0 }), ["payload.priority"])
      for (const logic of ["AND", "OR", "NOT"] as const) {
        const condition = group(logic)
        assert.deepStrictEqual(
          yield* refusedPaths({ action: report, condition }),
          ["payload.condition.children"],
          logic
        )
      }
      assert.deepStrictEqual(yield* Effect.flatMap(Rules, (rules) => rules.list), [])
    }).pipe(Effect.provide(RulesTest))
  )

  it.effect("loses its action with its effect, and gets an effect only together with an action", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      const { id } = yield* rules.create(acting({ action: { type: "report" }, priority: 5 }))
      const keeping = yield* rules.update(id, { effect: "prefer-keep" })
      assert.isFalse("action" in keeping || "priority" in keeping)
      const error = yield* Effect.flip(rules.update(id, { effect: "act" }))
      assert.strictEqual(error._tag, "InvalidRequest")
      assert.strictEqual((yield* rules.get(id)).effect, "prefer-keep")
    }).pipe(Effect.provide(RulesTest))
  )

  it("is refused with the path of what is wrong in its action", () => {
    assert.match(whyRefused({ type: "remove", graceDays: 3651 }), /graceDays/)
    assert.match(whyRefused({ type: "remove", action: "erase" }), /^action.action/)
    assert.match(whyRefused({ type: "remove", days: 3 }), /days/)
    assert.match(whyRefused({ type: "change" }), /changes nothing/)
    assert.match(whyRefused({ type: "change", unmonitor: false }), /changes nothing/)
    assert.match(whyRefused({ type: "change", unmonitor: true, search: true }), /needs a quality profile/)
    assert.match(whyRefused({ type: "change", addTags: ["Old"], removeTags: ["old"] }), /taken away/)
    assert.match(whyRefused({ type: "change", addTags: ["a b"] }), /letters, digits/)
    assert.match(whyRefused({ type: "erase" }), /action/)
  })

  it.effect(
    "takes no part in weighing, and of several the one with the highest priority, then the oldest, is first",
    () =>
      Effect.gen(function* () {
        const rules = yield* Rules
        for (const [name, priority] of [
          ["a", 0],
          ["b", 10],
          ["c", 0],
          ["d", 10]
        ] as const) {
          yield* rules.create(acting({ name, priority, action: { type: "report" } }))
        }
        yield* rules.create({ name: "keep", enabled: true, effect: "always-keep", condition: leaf("rating", ">", 8) })
        const set = splitRules(yield* rules.compiled(itemRules))
        assert.deepStrictEqual(
          set.acting.map(({ rule }) => rule.name),
          ["b", "d", "a", "c"]
        )
        assert.deepStrictEqual(
          set.rules.map(({ rule }) => rule.name),
          ["keep"]
        )
        assert.notInclude(set.facts, "year")
      }).pipe(Effect.provide(RulesTest))
  )
})
