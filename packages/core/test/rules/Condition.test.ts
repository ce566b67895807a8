import { Result } from "effect"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import type { FactSheet } from "../../src/library/Facts.ts"
import { compile } from "../../src/rules/Compile.ts"
import { evaluate, unknownFacts } from "../../src/rules/CompiledCondition.ts"
import { type Condition, parseCondition } from "../../src/rules/Condition.ts"
import { itemRules } from "../../src/rules/ItemRules.ts"
import { and, not, or, type Truth, truths } from "../../src/rules/Truth.ts"
import { anyCondition, anyFacts, anySheet, compiled, group, leaf, now, sheetOf, unknown, without } from "./Samples.ts"

const issuesOf = (condition: Condition) => {
  const result = compile(itemRules, condition)
  return Result.isFailure(result) ? result.failure : []
}

const nested = (groups: number): Condition =>
  groups === 0 ? leaf("title", "is", "x") : group("AND", nested(groups - 1))

describe("Truth", () => {
  it("obeys Kleene's laws for every pair and triple", () => {
    for (const a of truths) {
      assert.strictEqual(not(not(a)), a)
      assert.strictEqual(and([a, "false"]), "false")
      assert.strictEqual(or([a, "true"]), "true")
      assert.strictEqual(and([a, "true"]), a)
      assert.strictEqual(or([a, "false"]), a)
      for (const b of truths) {
        assert.strictEqual(and([a, b]), and([b, a]))
        assert.strictEqual(or([a, b]), or([b, a]))
        assert.strictEqual(not(and([a, b])), or([not(a), not(b)]))
        assert.strictEqual(not(or([a, b])), and([not(a), not(b)]))
        for (const c of truths) {
          assert.strictEqual(and([a, or([b, c])]), or([and([a, b]), and([a, c])]))
          assert.strictEqual(and([a, and([b, c])]), and([a, b, c]))
          assert.strictEqual(or([a, or([b, c])]), or([a, b, c]))
        }
      }
    }
  })
})

describe("Condition", () => {
  it("is true with one true branch of OR although another is unknown", () => {
    const condition = compiled(group("OR", leaf("title", "is", "Alien"), leaf("playCount", ">", 0)))
    assert.strictEqual(evaluate(condition, sheetOf({ title: "Alien", playCount: unknown }), now), "true")
    assert.strictEqual(evaluate(condition, sheetOf({ title: "Aliens", playCount: unknown }), now), "unknown")
  })

  it("is false with one false branch of AND although another is unknown", () => {
    const condition = compiled(group("AND", leaf("title", "is", "Alien"), leaf("playCount", ">", 0)))
    assert.strictEqual(evaluate(condition, sheetOf({ title: "Aliens", playCount: unknown }), now), "false")
    assert.strictEqual(evaluate(condition, sheetOf({ title: "Alien", playCount: unknown }), now), "unknown")
  })

  it("is unknown, not false, if no integration can know a fact", () => {
    const condition = compiled(leaf("onWatchlist", "is", true))
    assert.strictEqual(evaluate(condition, sheetOf({}), now), "unknown")
    assert.strictEqual(evaluate(compiled(group("NOT", leaf("onWatchlist", "is", true))), sheetOf({}), now), "unknown")
  })

  it("evaluates every tree by the logic of its leaves", () => {
    const reference = (condition: Condition, sheet: FactSheet): Truth => {
      if (condition.kind === "condition") return evaluate(compiled(condition), sheet, now)
      const values = condition.children.map((child) => reference(child, sheet))
      return condition.logic === "AND" ? and(values) : condition.logic === "OR" ? or(values) : not(and(values))
    }
    fc.assert(
      fc.property(
        anyCondition,
        anySheet,
        (condition, sheet) => evaluate(compiled(condition), sheet, now) === reference(condition, sheet)
      )
    )
  })

  it("obeys De Morgan", () => {
    fc.assert(
      fc.property(anyCondition, anyCondition, anySheet, (a, b, sheet) => {
        const left = compiled(group("NOT", group("AND", a, b)))
        const right = compiled(group("OR", group("NOT", a), group("NOT", b)))
        return evaluate(left, sheet, now) === evaluate(right, sheet, now)
      })
    )
  })

  it("never changes between true and false when a fact is lost", () => {
    fc.assert(
      fc.property(anyCondition, anySheet, anyFacts, (tree, sheet, lost) => {
        const condition = compiled(tree)
        const before = evaluate(condition, sheet, now)
        const after = evaluate(condition, without(sheet, lost), now)
        return after === before || after === "unknown"
      }),
      { numRuns: 500 }
    )
  })

  it("names the facts that made it unknown, only if it is", () => {
    fc.assert(
      fc.property(anyCondition, anySheet, (tree, sheet) => {
        const condition = compiled(tree)
        const facts = unknownFacts(condition, sheet, now)
        assert.strictEqual(facts.length > 0, evaluate(condition, sheet, now) === "unknown")
        for (const fact of facts) assert.include(condition.facts, fact)
      })
    )
  })

  it("does not name an unknown fact that a false branch made irrelevant", () => {
    const irrelevant = group("AND", leaf("title", "is", "Alien"), leaf("rating", ">", 5))
    const condition = compiled(group("OR", irrelevant, leaf("playCount", ">", 0)))
    const sheet = sheetOf({ title: "Aliens", rating: unknown, playCount: unknown })
    assert.deepStrictEqual([...unknownFacts(condition, sheet, now)], ["playCount"])
    assert.deepStrictEqual([...condition.facts].sort(), ["playCount", "rating", "title"])
  })

  it("keeps its meaning if it is stored with canonical names and compiled again", () => {
    fc.assert(
      fc.property(anyCondition, anySheet, (tree, sheet) => {
        const first = compiled(tree)
        const parsed = parseCondition(JSON.parse(JSON.stringify(first.tree)))
        if (Result.isFailure(parsed)) throw new Error(JSON.stringify(parsed.failure))
        const second = compiled(parsed.success)
        assert.deepStrictEqual(second.tree, first.tree)
        assert.strictEqual(evaluate(second, sheet, now), evaluate(first, sheet, now))
      })
    )
  })

  it("reports all faults at once, each with its path", () => {
    const condition = group(
      "AND",
      leaf("sizeByts", ">", 1),
      leaf("title", ">", "a"),
      group("OR", leaf("year", "between", [2000, 1990]), leaf("title", "matches", "a(b")),
      group("OR"),
      group("NOT", leaf("title", "is", "a"), leaf("title", "is", "b")),
      leaf("watchedByUser", "watchedSince", undefined, { days: -1 })
    )
    const issues = issuesOf(condition)
    assert.deepStrictEqual(
      issues.map((issue) => issue.path.join(".")),
      [
        "children.0.field",
        "children.1.operator",
        "children.2.children.0.value",
        "children.2.children.1.value",
        "children.3.children",
        "children.4.children",
        "children.5.params.user",
        "children.5.params.days"
      ]
    )
    assert.include(issues[0]!.message, "sizeBytes")
    assert.include(issues[1]!.message, "startsWith")
    assert.include(issues[3]!.message, "missing closing )")
  })

  it("shows the position of a fault in a regular expression", () => {
    assert.include(issuesOf(leaf("title", "regex", "ab**c"))[0]!.message, "at character 3")
  })

  it("refuses regular expressions that become too large when they are compiled", () => {
    for (const pattern of [
      `(${"x".repeat(900)}){1000}`,
      `((${"x".repeat(80)}){30}){30}`,
      "x{1000}".repeat(100),
      `(\\Q)[\\E${"x".repeat(900)}){300}`,
      `(${"x".repeat(900)})(?i){300}`,
      `(${"x".repeat(900)})\\Q\\E{300}`
    ]) {
      assert.include(issuesOf(leaf("title", "matches", pattern))[0]?.message ?? "", "too large", pattern.slice(0, 20))
    }
    const large = leaf("title", "matches", "a{900}")
    assert.lengthOf(issuesOf(group("OR", ...Array.from({ length: 10 }, () => large))), 0)
    assert.lengthOf(issuesOf(group("OR", ...Array.from({ length: 20 }, () => large))), 1)
  })

  it("accepts common regular expressions", () => {
    const patterns = [
      "^S\\d{2}E\\d{2}",
      "(?i)(remux|bluray).*[\\[(]?2160p[\\])]?",
      ".{1,100}part.{1,100}",
      "\\bdirector'?s cut\\b",
      "[]a-z]{3,}"
    ]
    for (const pattern of patterns) assert.lengthOf(issuesOf(leaf("title", "matches", pattern)), 0, pattern)
  })

  it("names the invalid entry of a list", () => {
    assert.deepStrictEqual(issuesOf(leaf("title", "in", ["a", 3]))[0]!.path, ["value", 1])
  })

  it("refuses an empty AND or OR, which would match everything or nothing", () => {
    assert.lengthOf(issuesOf(group("AND")), 1)
    assert.lengthOf(issuesOf(group("OR")), 1)
    assert.lengthOf(issuesOf(group("NOT")), 1)
  })

  it("accepts 20 levels and refuses the 21st with one fault", () => {
    assert.lengthOf(issuesOf(nested(19)), 0)
    const issues = issuesOf(nested(20))
    assert.lengthOf(issues, 1)
    assert.include(issues[0]!.message, "20")
    assert.lengthOf(issuesOf(nested(500)), 1)
  })

  it("accepts 500 nodes and refuses one more", () => {
    const leaves = (count: number) => Array.from({ length: count }, () => leaf("title", "is", "x"))
    assert.lengthOf(issuesOf(group("OR", ...leaves(499))), 0)
    assert.lengthOf(issuesOf(group("OR", ...leaves(500))), 1)
  })

  it("refuses nesting that would exhaust the stack with a message instead of a crash", () => {
    let deep: unknown = leaf("title", "is", "x")
    for (let level = 0; level < 50_000; level++) deep = { kind: "group", logic: "NOT", children: [deep] }
    const result = parseCondition(deep)
    if (Result.isSuccess(result)) assert.fail("it was taken")
    assert.include(result.failure[0]!.message, "nested")
  })

  it("names the path of each structural fault", () => {
    const result = parseCondition({ kind: "group", logic: "AND", children: [{ kind: "condition", field: 3 }, 7] })
    if (Result.isSuccess(result)) assert.fail("it was taken")
    assert.deepStrictEqual(
      result.failure.map((issue) => issue.path.join(".")),
      ["children.0.field", "children.0.operator", "children.1"]
    )
  })
})
