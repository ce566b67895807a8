import { DateTime, Result } from "effect"
import { assert, describe, it } from "vitest"
import type { FactName } from "../../src/library/Facts.ts"
import { compile } from "../../src/rules/Compile.ts"
import { evaluate, unknownFacts } from "../../src/rules/CompiledCondition.ts"
import { reasonOf, trace } from "../../src/rules/ConditionTrace.ts"
import { itemRules } from "../../src/rules/ItemRules.ts"
import { compiled, daysAgo, now, sheetOf } from "./Samples.ts"

const than = (field: string, operator: string, otherField: string) =>
  ({ kind: "condition", field, operator, otherField }) as const

const compared = (field: string, operator: string, otherField: string, facts: Parameters<typeof sheetOf>[0]) =>
  evaluate(compiled(than(field, operator, otherField)), sheetOf(facts), now)

const issuesOf = (field: string, operator: string, otherField: string, more: object = {}) => {
  const result = compile(itemRules, { ...than(field, operator, otherField), ...more })
  return Result.isFailure(result) ? result.failure : []
}

describe("A comparison of two fields", () => {
  it("compares numbers, dates, texts and lists", () => {
    const watched = { lastPlayedAt: daysAgo(5), fileAddedAt: daysAgo(9), addedAt: daysAgo(20) }
    assert.strictEqual(compared("lastPlayedAt", "after", "fileAddedAt", watched), "true")
    assert.strictEqual(compared("lastPlayedAt", "before", "addedAt", watched), "false")
    assert.strictEqual(compared("lastPlayedAt", "equals", "addedAt", { ...watched, addedAt: daysAgo(5) }), "true")
    const ratings = { ratingImdb: 7.5, ratingTmdb: 6 }
    assert.strictEqual(compared("ratingImdb", "greaterThan", "ratingTmdb", ratings), "true")
    assert.strictEqual(compared("ratingImdb", "lessThanOrEqual", "ratingTmdb", ratings), "false")
    assert.strictEqual(compared("tags", "containsAny", "labels", { tags: ["Keep", "4k"], labels: ["keep"] }), "true")
    assert.strictEqual(compared("tags", "sameAs", "labels", { tags: ["Keep", "4k"], labels: ["keep"] }), "false")
    assert.strictEqual(compared("path", "startsWith", "rootFolder", { path: "/films/x", rootFolder: "/FILMS" }), "true")
  })

  it("treats what never happened as infinitely long ago", () => {
    assert.strictEqual(
      compared("daysSinceWatched", "greaterThan", "daysSinceAdded", { lastPlayedAt: null, addedAt: daysAgo(3) }),
      "true"
    )
  })

  it("is false if either is none, except that only one of them is unequal to the other", () => {
    for (const facts of [
      { ratingImdb: null, ratingTmdb: 6 },
      { ratingImdb: 6, ratingTmdb: null },
      { ratingImdb: null, ratingTmdb: null }
    ]) {
      for (const operator of ["equals", "greaterThan", "lessThan"]) {
        assert.strictEqual(compared("ratingImdb", operator, "ratingTmdb", facts), "false", operator)
      }
      const one = facts.ratingImdb === null && facts.ratingTmdb === null ? "false" : "true"
      assert.strictEqual(compared("ratingImdb", "notEquals", "ratingTmdb", facts), one)
    }
  })

  it("is unknown if either is unknown, and names the fact", () => {
    const condition = compiled(than("ratingImdb", "greaterThan", "ratingTmdb"))
    const facts: ReadonlyArray<readonly [object, ReadonlyArray<FactName>]> = [
      [{ ratingImdb: 7 }, ["ratingTmdb"]],
      [{ ratingTmdb: 7 }, ["ratingImdb"]],
      [{}, ["ratingImdb", "ratingTmdb"]]
    ]
    for (const [given, unknown] of facts) {
      assert.strictEqual(evaluate(condition, sheetOf(given), now), "unknown")
      assert.deepStrictEqual(unknownFacts(condition, sheetOf(given), now), unknown)
    }
  })

  it("is explained with both values", () => {
    const condition = compiled(than("rating_imdb", ">", "rating_tmdb"))
    assert.deepStrictEqual(condition.facts, ["ratingImdb", "ratingTmdb"])
    const traced = trace(condition, sheetOf({ ratingImdb: 7.5, ratingTmdb: 6 }), now)
    assert.match(reasonOf(traced, "true"), /^.*is greater than .* \(which is 6 of 10\)\. It is 7\.5 of 10\.$/)
    assert.deepInclude(traced, { otherField: "ratingTmdb" })
    assert.deepStrictEqual(condition.tree, than("ratingImdb", "greaterThan", "ratingTmdb"))
  })

  it("is refused for another type, another unit, an unknown field, an operator with a constant, and beside a value", () => {
    const refused = [
      [issuesOf("ratingImdb", "greaterThan", "addedAt"), /cannot be compared/],
      [issuesOf("ratingImdb", "greaterThan", "sizeBytes"), /different units/],
      [issuesOf("ratingImdb", "greaterThan", "ratingTmbd"), /did you mean ratingTmdb/],
      [issuesOf("addedAt", "inLast", "releasedAt"), /not with another field/],
      [issuesOf("watchedByUser", "everWatched", "requestedBy"), /not with another field/],
      [issuesOf("ratingImdb", "greaterThan", "ratingTmdb", { value: 3 }), /either this or a value/]
    ] as const
    for (const [issues, message] of refused) {
      assert.lengthOf(issues, 1)
      assert.match(issues[0]!.message, message)
      assert.deepStrictEqual(issues[0]!.path, ["otherField"])
    }
  })
})

describe("A day in a condition", () => {
  const berlin = DateTime.zoneMakeNamedUnsafe("Europe/Berlin")
  const added = (operator: string, value: string | ReadonlyArray<string>, at: string, zone?: DateTime.TimeZone) => {
    const leaf = { kind: "condition", field: "addedAt", operator, value } as const
    const result = compile(itemRules, leaf, zone === undefined ? {} : { zone })
    if (Result.isFailure(result)) throw new Error(JSON.stringify(result.failure))
    return evaluate(result.success, sheetOf({ addedAt: at }), now)
  }

  it("is a day of the owner's time zone", () => {
    const lateEvening = "2025-07-01T22:30:00.000Z"
    assert.strictEqual(added("equals", "2025-07-01", lateEvening), "true")
    assert.strictEqual(added("equals", "2025-07-01", lateEvening, berlin), "false")
    assert.strictEqual(added("equals", "2025-07-02", lateEvening, berlin), "true")
    assert.strictEqual(added("notEquals", "2025-07-02", lateEvening, berlin), "false")
    assert.strictEqual(added("before", "2025-07-02", lateEvening, berlin), "false")
    assert.strictEqual(added("before", "2025-07-02", lateEvening), "true")
    assert.strictEqual(added("between", ["2025-06-01", "2025-07-01"], lateEvening, berlin), "false")
    assert.strictEqual(added("between", ["2025-06-01", "2025-07-01"], lateEvening), "true")
  })

  it("has 23 or 25 hours when the clocks change", () => {
    assert.strictEqual(added("equals", "2025-03-30", "2025-03-29T23:00:00.000Z", berlin), "true")
    assert.strictEqual(added("equals", "2025-03-30", "2025-03-30T21:59:59.999Z", berlin), "true")
    assert.strictEqual(added("equals", "2025-03-30", "2025-03-30T22:00:00.000Z", berlin), "false")
    assert.strictEqual(added("equals", "2025-10-26", "2025-10-26T22:59:59.999Z", berlin), "true")
    assert.strictEqual(added("equals", "2025-10-26", "2025-10-26T23:00:00.000Z", berlin), "false")
  })

  it("is the day of a point in time that is given with its zone", () => {
    assert.strictEqual(added("equals", "2025-07-01T23:30:00Z", "2025-07-02T12:00:00.000Z", berlin), "true")
    assert.strictEqual(added("equals", "2025-07-01T23:30:00Z", "2025-07-02T12:00:00.000Z"), "false")
  })
})
