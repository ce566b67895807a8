import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type RulePreview, type RulePreviewRequest, RuleTrial } from "../../src/capacity/RuleTrial.ts"
import type { Condition } from "../../src/rules/Condition.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { feedTest } from "../library/Feeds.ts"
import { group, leaf } from "../rules/Samples.ts"
import { gib, prepare, shelfOf } from "./Shelf.ts"

const all = (request: RulePreviewRequest) =>
  Effect.gen(function* () {
    const trial = yield* RuleTrial
    const items: Array<RulePreview["items"][number]> = []
    for (let cursor: string | null = null; ;) {
      const page: RulePreview = yield* trial.preview({ ...request, ...(cursor === null ? {} : { cursor }) })
      items.push(...page.items)
      cursor = page.nextCursor
      if (cursor === null) return items
    }
  })

const small = leaf("sizeBytes", "lte", 2 * gib)

describe("RuleTrial", () => {
  it.effect("counts items that match, that do not, and for which this is unknown, and stores nothing", () =>
    Effect.gen(function* () {
      const trial = yield* RuleTrial
      const rules = yield* Rules
      yield* prepare
      const preview = yield* trial.preview({ condition: leaf("playCount", "eq", 0), limit: 5 })
      assert.strictEqual(preview.total.items, 23)
      assert.strictEqual(preview.matched.items, 15, "fourteen films and the one without files")
      assert.deepStrictEqual(preview.unknown, { items: 1, bytes: 2 * gib })
      assert.lengthOf(preview.items, 5)
      assert.lengthOf(yield* rules.list, 1)
      const unknown = yield* all({ condition: leaf("playCount", "eq", 0), truth: "unknown" })
      assert.deepStrictEqual(
        unknown.map((item) => [item.title, item.truth]),
        [["Unmatched", "unknown"]]
      )
      assert.include(unknown[0]?.reason, "no media server knows this item")
      const not = yield* all({ condition: leaf("playCount", "eq", 0), truth: "false", limit: 2 })
      assert.lengthOf(not, 7)
    }).pipe(Effect.provide(feedTest(shelfOf(21))))
  )

  it.effect("pages from the largest item, without gap or repetition, even with equal sizes", () =>
    Effect.gen(function* () {
      yield* prepare
      for (const limit of [1, 3, 7, 50]) {
        const items = yield* all({ condition: leaf("sizeBytes", "gt", 0), limit })
        assert.lengthOf(items, 22)
        assert.strictEqual(new Set(items.map((item) => item.itemId)).size, 22)
        const sizes = items.map((item) => item.sizeBytes)
        assert.deepStrictEqual(
          sizes,
          sizes.toSorted((a, b) => Number(b) - Number(a))
        )
      }
    }).pipe(Effect.provide(feedTest(shelfOf(21))))
  )

  it.effect("explains results with the traces of the conditions", () =>
    Effect.gen(function* () {
      yield* prepare
      const condition: Condition = group("AND", small, group("NOT", leaf("title", "contains", "film 1")))
      const items = yield* all({ condition })
      assert.deepStrictEqual(
        items.map((item) => item.title),
        ["Unmatched", "Film 0", "No files"]
      )
      const [, film] = items
      assert.strictEqual(film?.trace.kind, "group")
      assert.strictEqual(film?.trace.truth, "true")
      assert.match(film?.reason ?? "", /at most 2147483648/)
    }).pipe(Effect.provide(feedTest(shelfOf(7))))
  )

  it.effect("respects the scope of the rule", () =>
    Effect.gen(function* () {
      const trial = yield* RuleTrial
      const { manager, server } = yield* prepare
      const matched = (scope: NonNullable<RulePreviewRequest["scope"]>) =>
        Effect.map(trial.preview({ condition: small, scope }), (preview) => preview.matched.items)
      assert.strictEqual(yield* matched({ integrationIds: [manager] }), 4)
      assert.strictEqual(yield* matched({ integrationIds: [server] }), 0)
      assert.strictEqual(yield* matched({ itemKinds: ["show"] }), 0)
      assert.strictEqual(yield* matched({ libraries: ["Films"] }), 3, "where the unmatched one stands nobody knows")
    }).pipe(Effect.provide(feedTest(shelfOf(7))))
  )

  it.effect("refuses invalid conditions, and cursors of other previews", () =>
    Effect.gen(function* () {
      const trial = yield* RuleTrial
      yield* prepare
      const wrong = yield* Effect.flip(trial.preview({ condition: group("AND", leaf("sise", "gt", 1)) }))
      if (wrong._tag !== "InvalidRequest") return assert.fail(wrong._tag)
      assert.deepStrictEqual(wrong.errors[0]?.path, ["payload", "condition", "children", 0, "field"])
      const { nextCursor } = yield* trial.preview({ condition: small, limit: 1 })
      const other = yield* Effect.flip(trial.preview({ condition: small, truth: "false", cursor: nextCursor! }))
      assert.strictEqual(other._tag, "InvalidRequest")
    }).pipe(Effect.provide(feedTest(shelfOf(7))))
  )

  it.effect("evaluates given facts in three values, with the result of the effect", () =>
    Effect.gen(function* () {
      const trial = yield* RuleTrial
      const condition = group("AND", leaf("rating", "gte", 8), leaf("playCount", "eq", 0))
      const verdict = (
        facts: Record<string, string | number | boolean | null | { unknown: string }>,
        effect = "prefer-remove"
      ) =>
        Effect.map(
          trial.evaluate({ condition, facts, effect: effect === "prefer-remove" ? "prefer-remove" : "always-keep" }),
          ({ application, modifier, truth, unknown }) => ({ truth, application, modifier, unknown: [...unknown] })
        )
      assert.deepStrictEqual(yield* verdict({ rating: 9, playCount: 0 }), {
        truth: "true",
        application: "applies",
        modifier: 3,
        unknown: []
      })
      assert.deepStrictEqual(yield* verdict({ rating: 7, playCount: { unknown: "Plex is down" } }), {
        truth: "false",
        application: "does-not-apply",
        modifier: 1,
        unknown: []
      })
      const unsure = { rating: 9, playCount: { unknown: "Plex is down" } }
      assert.deepInclude(yield* verdict(unsure), {
        truth: "unknown",
        application: "does-not-apply",
        unknown: ["playCount"]
      })
      assert.deepInclude(yield* verdict(unsure, "always-keep"), { truth: "unknown", application: "undecided" })
      const bare = yield* trial.evaluate({ condition, facts: { rating: 9, playCount: 0 } })
      assert.deepInclude(bare, { effect: null, application: null, modifier: null })
    }).pipe(Effect.provide(feedTest(shelfOf(0))))
  )

  it.effect("evaluates at the given time, and names all faults of a request at once", () =>
    Effect.gen(function* () {
      const trial = yield* RuleTrial
      const condition = leaf("addedAt", "overAgo", 30)
      const old = { condition, facts: { addedAt: "2026-01-01T00:00:00Z" } }
      const before = yield* Effect.result(trial.evaluate({ ...old, at: "2026-01-15T00:00:00Z" }))
      const after = yield* Effect.result(trial.evaluate({ ...old, at: "2026-03-01T00:00:00+02:00" }))
      if (before._tag === "Success" && after._tag === "Success") {
        assert.deepStrictEqual([before.success.truth, after.success.truth], ["false", "true"])
      } else assert.fail(JSON.stringify([before, after]))
      const error = yield* Effect.flip(
        trial.evaluate({ condition: leaf("colour", "eq", "red"), facts: { rating: "good", smell: 1 } })
      )
      assert.deepStrictEqual(
        error.errors.map((issue) => issue.path.join(".")),
        ["payload.condition.field", "payload.facts.rating", "payload.facts.smell"]
      )
    }).pipe(Effect.provide(feedTest(shelfOf(0))))
  )
})
