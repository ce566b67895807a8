import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { evaluate } from "../../src/rules/CompiledCondition.ts"
import { ConditionTrace, trace } from "../../src/rules/ConditionTrace.ts"
import { anyCondition, anySheet, at, compiled, group, leaf, now, sheetOf, unknown } from "./Samples.ts"

describe("ConditionTrace", () => {
  it("has the same truth as the fast evaluation, and survives JSON, for any condition and facts", () => {
    fc.assert(
      fc.property(anyCondition, anySheet, (tree, sheet) => {
        const condition = compiled(tree)
        const traced = trace(condition, sheet, now)
        assert.strictEqual(traced.truth, evaluate(condition, sheet, now))
        const decoded = Schema.decodeUnknownResult(ConditionTrace)(JSON.parse(JSON.stringify(traced)))
        if (Result.isFailure(decoded)) assert.fail(String(decoded.failure))
        assert.deepStrictEqual(decoded.success, traced)
      })
    )
  })

  it("shows for a leaf the expected and the actual value, with source and time", () => {
    const condition = compiled(group("AND", leaf("size_gb", ">", 10)))
    const traced = trace(condition, sheetOf({ sizeBytes: 20 * 2 ** 30 }), now)
    if (traced.kind !== "group" || traced.children[0]?.kind !== "condition") assert.fail("not a group of a leaf")
    const [child] = traced.children
    assert.deepStrictEqual(child.path, ["children", 0])
    assert.strictEqual(child.field, "sizeGb")
    assert.strictEqual(child.operator, "greaterThan")
    assert.strictEqual(child.expected, 10)
    assert.strictEqual(child.actual, 20)
    assert.strictEqual(child.fact.source, "Radarr")
    assert.strictEqual(child.fact.at, at)
    assert.strictEqual(child.sentence, "Met: Size (GiB) is greater than 10 GiB. It is 20 GiB.")
  })

  it("shows why a fact is unknown, with the last known value", () => {
    const lost = { ...unknown, lastKnown: 4 } as const
    const traced = trace(compiled(leaf("playCount", "equals", 0)), sheetOf({ playCount: lost }), now)
    if (traced.kind !== "condition") assert.fail("not a leaf")
    assert.strictEqual(traced.truth, "unknown")
    assert.isNull(traced.actual)
    assert.strictEqual(traced.fact.reason, "source-down")
    assert.strictEqual(traced.fact.value, 4)
    assert.include(traced.sentence, "Plex is down")
  })

  it("shows that no integration can know a fact", () => {
    const traced = trace(compiled(leaf("onWatchlist", "is", true)), sheetOf({}), now)
    if (traced.kind !== "condition") assert.fail("not a leaf")
    assert.strictEqual(traced.fact.reason, "no-source")
  })

  it("shows `never` for an item that was never watched", () => {
    const traced = trace(compiled(leaf("daysSinceWatched", ">", 90)), sheetOf({ lastPlayedAt: null }), now)
    if (traced.kind !== "condition") assert.fail("not a leaf")
    assert.strictEqual(traced.sentence, "Met: Days since watched is greater than 90 days. It never was.")
  })
})
