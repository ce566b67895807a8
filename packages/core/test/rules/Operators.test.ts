import { Result } from "effect"
import { assert, describe, it } from "vitest"
import type { FactValue } from "../../src/library/Facts.ts"
import { compile } from "../../src/rules/Compile.ts"
import { evaluate } from "../../src/rules/CompiledCondition.ts"
import type { ConditionLeaf } from "../../src/rules/Condition.ts"
import { itemRules } from "../../src/rules/ItemRules.ts"
import { operatorNamed } from "../../src/rules/Operators.ts"
import { badOperands, compiled, daysAgo, goodOperand, leaf, now, pairs, sheetOf } from "./Samples.ts"

const title = (operator: string, value: ConditionLeaf["value"], text: FactValue) =>
  evaluate(compiled(leaf("title", operator, value)), sheetOf({ title: text }), now)
const tags = (operator: string, value: ConditionLeaf["value"], list: FactValue) =>
  evaluate(compiled(leaf("tags", operator, value)), sheetOf({ tags: list }), now)
const year = (operator: string, value: ConditionLeaf["value"], number: FactValue) =>
  evaluate(compiled(leaf("year", operator, value)), sheetOf({ year: number }), now)
const added = (operator: string, value: ConditionLeaf["value"], date: FactValue) =>
  evaluate(compiled(leaf("addedAt", operator, value)), sheetOf({ addedAt: date }), now)
const viewer = (operator: string, params: ConditionLeaf["params"], plays: FactValue) =>
  evaluate(compiled(leaf("watchedByUser", operator, undefined, params)), sheetOf({ plays }), now)

describe("Operators", () => {
  it("accept valid operands for every field that offers them", () => {
    for (const [field, operator] of pairs) {
      const result = compile(itemRules, {
        kind: "condition",
        field: field.name,
        operator: operator.name,
        ...goodOperand(field, operator)
      })
      assert.isTrue(Result.isSuccess(result), `${field.name} ${operator.name}`)
    }
    assert.isAbove(pairs.length, 300)
  })

  it("refuse operands of the wrong type for every field that offers them, with the path", () => {
    for (const [field, operator] of pairs) {
      for (const operand of badOperands(field, operator)) {
        const result = compile(itemRules, { kind: "condition", field: field.name, operator: operator.name, ...operand })
        const label = `${field.name} ${operator.name} ${JSON.stringify(operand)}`
        if (Result.isSuccess(result)) assert.fail(label)
        for (const issue of result.failure) assert.include(["value", "params"], String(issue.path[0]), label)
      }
    }
  })

  it("are found by the names of both products", () => {
    const number = itemRules.fieldNamed("year")!
    const text = itemRules.fieldNamed("title")!
    const names = {
      "==": "equals",
      "!=": "notEquals",
      ">": "greaterThan",
      gt: "greaterThan",
      ">=": "greaterThanOrEqual",
      gte: "greaterThanOrEqual",
      "<": "lessThan",
      "<=": "lessThanOrEqual",
      lte: "lessThanOrEqual",
      greater_than: "greaterThan",
      less_than_or_equal: "lessThanOrEqual",
      is_null: "isEmpty",
      is_not_null: "isNotEmpty",
      is_empty: "isEmpty",
      not_in: "notIn",
      between: "between"
    }
    for (const [name, operator] of Object.entries(names))
      assert.strictEqual(operatorNamed(number, name)?.name, operator)
    const textual = {
      "!contains": "notContains",
      not_contains: "notContains",
      regex: "matches",
      regex_match: "matches",
      matches_regex: "matches",
      starts_with: "startsWith",
      ends_with: "endsWith",
      contains_any: "containsAny",
      matches_any: "containsAny",
      matches_all: "containsAll"
    }
    for (const [name, operator] of Object.entries(textual))
      assert.strictEqual(operatorNamed(text, name)?.name, operator)
    const date = itemRules.fieldNamed("lastplayed")!
    for (const name of ["in_last", "over_ago", "never"]) assert.isDefined(operatorNamed(date, name))
    const person = itemRules.fieldNamed("watched_by_user")!
    for (const name of ["ever_watched", "never_watched", "watched_since", "not_watched_since"]) {
      assert.isDefined(operatorNamed(person, name))
    }
    assert.isUndefined(operatorNamed(text, ">"))
  })

  it("compare texts regardless of case and of the encoding of accents", () => {
    assert.strictEqual(title("equals", "ÉMILE", "e\u0301mile"), "true")
    assert.strictEqual(title("contains", "FLY", "Firefly"), "true")
    assert.strictEqual(title("startsWith", "fire", "Firefly"), "true")
    assert.strictEqual(title("endsWith", "fire", "Firefly"), "false")
    assert.strictEqual(title("in", ["alien", "firefly"], "Firefly"), "true")
    assert.strictEqual(title("notIn", ["alien"], "Firefly"), "true")
    assert.strictEqual(title("containsAll", ["fire", "fly"], "Firefly"), "true")
    assert.strictEqual(title("containsAll", ["fire", "alien"], "Firefly"), "false")
    assert.strictEqual(title("containsAny", ["fire", "alien"], "Firefly"), "true")
  })

  it("compare complete and partial texts by Unicode case folding", () => {
    assert.strictEqual(title("equals", "STRASSE", "Straße"), "true")
    assert.strictEqual(title("in", ["σίσυφος"], "ΣΊΣΥΦΟΣ"), "true")
    assert.strictEqual(title("contains", "ΦΟΣ", "Ο μύθος του Σίσυφοσ"), "true")
    assert.strictEqual(title("contains", "σίσυφος", "ΣΊΣΥΦΟΣΣ"), "true")
    assert.strictEqual(title("startsWith", "istanbul", "İstanbul Kırmızısı"), "true")
    assert.strictEqual(tags("containsAny", ["FILM"], ["ﬁlm"]), "true")
    assert.strictEqual(title("notEquals", "strasse", "STRAẞE"), "false")
    assert.strictEqual(
      viewer("everWatched", { user: "GROSS" }, [{ user: "Groß", plays: 1, lastPlayedAt: null }]),
      "true"
    )
  })

  it("match regular expressions anywhere in the text and in linear time", () => {
    assert.strictEqual(title("matches", "^fire.*y$", "Firefly"), "true")
    assert.strictEqual(title("matches", "(?-i)^fire", "Firefly"), "false")
    assert.strictEqual(title("matches", "^(a+)+$", `${"a".repeat(5_000)}!`), "false")
  })

  it("are true for a list if one entry matches, and negated if none does", () => {
    assert.strictEqual(tags("contains", "kee", ["keep", "4k"]), "true")
    assert.strictEqual(tags("equals", "KEEP", ["keep", "4k"]), "true")
    assert.strictEqual(tags("equals", "kee", ["keep", "4k"]), "false")
    assert.strictEqual(tags("notContains", "kee", ["keep", "4k"]), "false")
    assert.strictEqual(tags("notContains", "zzz", ["keep", "4k"]), "true")
    assert.strictEqual(tags("notEquals", "keep", ["keep", "4k"]), "false")
    assert.strictEqual(tags("containsAll", ["4K", "keep"], ["keep", "4k", "x"]), "true")
    assert.strictEqual(tags("containsAll", ["4K", "kee"], ["keep", "4k", "x"]), "false")
    assert.strictEqual(tags("containsAny", ["4K", "zzz"], ["keep", "4k"]), "true")
    assert.strictEqual(tags("matches", "^k", ["4k", "keep"]), "true")
  })

  it("compare a whole list, and the number of its entries", () => {
    assert.strictEqual(tags("sameAs", ["4K", "keep"], ["keep", "4k"]), "true")
    assert.strictEqual(tags("sameAs", ["4K", "keep"], ["keep", "4k", "x"]), "false")
    assert.strictEqual(tags("sameAs", ["4K", "keep"], ["keep"]), "false")
    assert.strictEqual(tags("countEquals", 2, ["keep", "4k"]), "true")
    assert.strictEqual(tags("countNotEquals", 2, ["keep", "4k"]), "false")
    assert.strictEqual(tags("count>", 1, ["keep", "4k"]), "true")
    assert.strictEqual(tags("count<", 2, ["keep", "4k"]), "false")
    assert.strictEqual(tags("countEquals", 0, null), "true")
  })

  it("compare dates with the days to come", () => {
    assert.strictEqual(added("inNext", 3, daysAgo(-2)), "true")
    assert.strictEqual(added("inNext", 3, daysAgo(-4)), "false")
    assert.strictEqual(added("inNext", 3, daysAgo(1)), "false")
    assert.strictEqual(added("inNext", 3, null), "false")
    const played = compiled(leaf("lastPlayedAt", "inNext", 3))
    assert.strictEqual(evaluate(played, sheetOf({ lastPlayedAt: daysAgo(-2) }), now), "unknown", "a play cannot be")
  })

  it("are false for a known none, except for negative ones and isEmpty", () => {
    for (const list of [[], null]) {
      assert.strictEqual(tags("contains", "a", list), "false")
      assert.strictEqual(tags("notContains", "a", list), "true")
      assert.strictEqual(tags("notIn", ["a"], list), "true")
      assert.strictEqual(tags("containsAll", ["a"], list), "false")
      assert.strictEqual(tags("isEmpty", undefined, list), "true")
    }
    assert.strictEqual(title("equals", "a", null), "false")
    assert.strictEqual(title("notEquals", "a", null), "true")
    assert.strictEqual(title("matches", ".", null), "false")
    assert.strictEqual(title("isNotEmpty", undefined, null), "false")
    assert.strictEqual(year("lessThan", 2000, null), "false")
    assert.strictEqual(year("greaterThan", 2000, null), "false")
    assert.strictEqual(year("notEquals", 2000, null), "true")
    assert.strictEqual(year("between", [0, 9999], null), "false")
    assert.strictEqual(added("before", "2030-01-01", null), "false")
    assert.strictEqual(added("inLast", 9_999, null), "false")
  })

  it("include both ends of a range of numbers", () => {
    assert.strictEqual(year("between", [1999, 2000], 1999), "true")
    assert.strictEqual(year("between", [1999, 2000], 2000), "true")
    assert.strictEqual(year("between", [1999, 2000], 2001), "false")
  })

  it("read numbers and booleans that are stored as text", () => {
    assert.strictEqual(year("greaterThan", "1990", 1991), "true")
    const monitored = compiled(leaf("monitored", "==", "True"))
    assert.strictEqual(evaluate(monitored, sheetOf({ monitored: true }), now), "true")
    assert.deepStrictEqual(monitored.tree, leaf("monitored", "equals", true))
  })

  it("include the whole last day of a period", () => {
    assert.strictEqual(added("between", ["2026-01-01", "2026-01-31"], "2026-01-31T23:59:59.000Z"), "true")
    assert.strictEqual(added("between", ["2026-01-01", "2026-01-31"], "2026-02-01T00:00:00.000Z"), "false")
    assert.strictEqual(added("between", ["2026-01-01", "2026-01-31T12:00:00Z"], "2026-01-31T23:59:59.000Z"), "false")
  })

  it("count days back from now to the millisecond", () => {
    const justInside = new Date(now - 90 * 86_400_000).toISOString()
    const justOutside = new Date(now - 90 * 86_400_000 - 1).toISOString()
    assert.strictEqual(added("inLast", 90, justInside), "true")
    assert.strictEqual(added("overAgo", 90, justInside), "false")
    assert.strictEqual(added("inLast", 90, justOutside), "false")
    assert.strictEqual(added("overAgo", 90, justOutside), "true")
  })

  it("treat a future date neither as within the last days nor as long ago", () => {
    for (const ahead of [-0.01, -1, -3, -4_000]) {
      assert.strictEqual(added("inLast", 30, daysAgo(ahead)), "false")
      assert.strictEqual(added("overAgo", 30, daysAgo(ahead)), "false")
      assert.strictEqual(added("overAgo", 0, daysAgo(ahead)), "false")
      for (const field of ["daysSinceAdded", "timeInLibrary"]) {
        const days = (operator: string, value: number) =>
          evaluate(compiled(leaf(field, operator, value)), sheetOf({ addedAt: daysAgo(ahead) }), now)
        assert.strictEqual(days("inLast", 30), "false", field)
        assert.strictEqual(days("overAgo", 0), "false", field)
        assert.strictEqual(days("<", 0), "true", "as documented")
      }
    }
    const minutesAhead = daysAgo(-5 / 1_440)
    assert.strictEqual(added("inLast", 30, minutesAhead), "true", "clocks always differ slightly")
    assert.strictEqual(
      evaluate(compiled(leaf("daysSinceAdded", "inLast", 30)), sheetOf({ addedAt: minutesAhead }), now),
      "true"
    )
  })

  it("do not treat a person as idle whose play has a future date", () => {
    const plays = [{ user: "Ann", plays: 1, lastPlayedAt: daysAgo(-2) }]
    assert.strictEqual(viewer("watchedSince", { user: "ann", days: 30 }, plays), "unknown")
    assert.strictEqual(viewer("notWatchedSince", { user: "ann", days: 30 }, plays), "unknown")
  })

  it("are unknown for a play with a future date within the last days", () => {
    const played = (field: string, operator: string, ahead: number) =>
      evaluate(compiled(leaf(field, operator, 30)), sheetOf({ lastPlayedAt: daysAgo(ahead) }), now)
    for (const field of ["lastPlayedAt", "daysSinceWatched"]) {
      assert.deepStrictEqual(
        [-2, 2, 40].map((days) => played(field, "inLast", days)),
        ["unknown", "true", "false"],
        field
      )
      assert.strictEqual(played(field, "overAgo", -2), "false")
    }
  })

  it("compare dates across time zones", () => {
    assert.strictEqual(added("before", "2026-01-01T01:00:00+02:00", "2025-12-31T22:59:59.000Z"), "true")
    assert.strictEqual(added("before", "2026-01-01T01:00:00+02:00", "2025-12-31T23:00:00.000Z"), "false")
    assert.strictEqual(added("after", "2026-01-01", "2026-01-01T00:00:00.001Z"), "true")
  })

  it("can be about the plays of one person", () => {
    const plays = [
      { user: "Ann", plays: 2, lastPlayedAt: daysAgo(40) },
      { user: "Bob", plays: 0, lastPlayedAt: null }
    ]
    assert.strictEqual(viewer("everWatched", { user: "ANN" }, plays), "true")
    assert.strictEqual(viewer("neverWatched", { user: "ann" }, plays), "false")
    assert.strictEqual(viewer("everWatched", { user: "Bob" }, plays), "false")
    assert.strictEqual(viewer("neverWatched", { username: "Zoe" }, plays), "true")
    assert.strictEqual(viewer("watchedSince", { user: "Ann", days: 60 }, plays), "true")
    assert.strictEqual(viewer("watchedSince", { user: "Ann", days: 30 }, plays), "false")
    assert.strictEqual(viewer("notWatchedSince", { user: "Ann", days: 30 }, plays), "true")
    assert.strictEqual(viewer("notWatchedSince", { user: "Zoe", days: 30 }, plays), "true")
    assert.strictEqual(viewer("neverWatched", { user: "Ann" }, null), "true")
  })

  it("can be about how often and how long one person has played it", () => {
    const plays = [
      { user: "Ann", plays: 3, lastPlayedAt: daysAgo(40), minutes: 90 },
      { user: "Bob", plays: 1, lastPlayedAt: daysAgo(40) }
    ]
    const timed = (operator: string, user: string, minutes: number) =>
      evaluate(
        compiled(leaf("watchTimeByUser", operator, undefined, { user, minutes })),
        sheetOf({ watchTimeByUser: plays }),
        now
      )
    assert.strictEqual(viewer("playedAtLeast", { user: "ann", count: 3 }, plays), "true")
    assert.strictEqual(viewer("playedAtLeast", { user: "ann", count: 4 }, plays), "false")
    assert.strictEqual(viewer("playedFewerThan", { user: "ann", count: 4 }, plays), "true")
    assert.strictEqual(viewer("playedFewerThan", { user: "Zoe", count: 1 }, plays), "true")
    assert.strictEqual(viewer("playedAtLeast", { user: "Zoe", count: 1 }, plays), "false")
    assert.strictEqual(timed("playedMinutesAtLeast", "Ann", 90), "true")
    assert.strictEqual(timed("playedMinutesBelow", "Ann", 90), "false")
    assert.strictEqual(timed("playedMinutesBelow", "Ann", 90.5), "true")
    assert.strictEqual(timed("playedMinutesAtLeast", "Bob", 1), "unknown")
    assert.strictEqual(timed("playedMinutesBelow", "Bob", 1), "unknown")
    assert.strictEqual(timed("playedMinutesBelow", "Zoe", 1), "true")
    assert.isUndefined(operatorNamed(itemRules.fieldNamed("watchedByUser")!, "playedMinutesAtLeast"), "has no minutes")
  })

  it("do not guess the date of a play without one", () => {
    const plays = [{ user: "Ann", plays: 2, lastPlayedAt: null }]
    assert.strictEqual(viewer("everWatched", { user: "Ann" }, plays), "true")
    assert.strictEqual(viewer("watchedSince", { user: "Ann", days: 30 }, plays), "unknown")
    assert.strictEqual(viewer("notWatchedSince", { user: "Ann", days: 30 }, plays), "unknown")
  })

  it("treat a value of the wrong type as unknown", () => {
    assert.strictEqual(year("notEquals", 2000, "soon"), "unknown")
    assert.strictEqual(added("before", "2026-01-01", "soon"), "unknown")
    assert.strictEqual(title("notContains", "a", 3), "unknown")
  })
})
