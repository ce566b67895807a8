import { assert, describe, it } from "vitest"
import type { UnknownReason } from "../../src/library/Facts.ts"
import { type FactSource, makeSourceContext } from "../../src/library/SourceContext.ts"
import type { SourceState } from "../../src/library/Sources.ts"

const now = Date.parse("2026-06-01T12:00:00.000Z")
const hours = (count: number) => new Date(now - count * 3_600_000).toISOString()

const source = (integrationId: string, reads: FactSource["reads"], given: Partial<FactSource> = {}): FactSource => ({
  integrationId,
  name: `App ${integrationId}`,
  itemKinds: ["movie"],
  reads,
  detached: null,
  ...given
})

const state = (
  integrationId: string,
  observation: SourceState["observation"],
  given: Partial<SourceState> = {}
): SourceState => ({
  integrationId,
  observation,
  generation: 1,
  status: "ok",
  error: null,
  entries: 1,
  calls: 1,
  observedAt: hours(1),
  attemptedAt: hours(1),
  odd: { count: 0, told: [] },
  held: null,
  ...given
})

const watching = { movieShare: null, seasonShare: 0.8, activeDays: 90 }

const context = (sources: ReadonlyArray<FactSource>, states: ReadonlyArray<SourceState>) =>
  makeSourceContext({ sources, states, now, maxFactAgeMillis: 72 * 3_600_000, watching })

describe("SourceContext", () => {
  it("trusts a source that was read recently", () => {
    assert.deepStrictEqual(context([source("1", ["playback"])], [state("1", "playback")]).playback("movie"), {
      _tag: "Fresh",
      source: "App 1",
      at: hours(1)
    })
  })

  it("has no source for a kind of item that no integration reports", () => {
    const one = context([source("1", ["playback"])], [state("1", "playback")])
    assert.deepStrictEqual(one.playback("book"), { _tag: "None" })
    assert.deepStrictEqual(one.requests("movie"), { _tag: "None" })
  })

  it("reports a source that was never read, in both forms", () => {
    for (const states of [[], [state("1", "requests", { observedAt: null, generation: 0 })]]) {
      const believed = context([source("1", ["requests"])], states).requests("movie")
      assert.strictEqual(believed._tag === "Unsure" ? believed.reason : believed._tag, "not-synced")
    }
  })

  it("reports why a source could not be read, with the time of the attempt", () => {
    const reasons: ReadonlyArray<UnknownReason> = ["source-down", "source-refused", "source-malformed"]
    for (const reason of reasons) {
      const failed = state("1", "playback", {
        status: "failed",
        error: { reason, detail: "it said no" },
        attemptedAt: hours(0)
      })
      assert.deepStrictEqual(context([source("1", ["playback"])], [failed]).playback("movie"), {
        _tag: "Unsure",
        source: "App 1",
        reason,
        detail: `App 1 at ${hours(0)}: it said no`
      })
    }
  })

  it("trusts neither a held reading nor the one before it", () => {
    const held = state("1", "playback", {
      status: "held",
      error: { reason: "held", detail: "9 of 10 would disappear" }
    })
    const believed = context([source("1", ["playback"])], [held]).playback("movie")
    assert.strictEqual(believed._tag === "Unsure" ? believed.reason : believed._tag, "held")
  })

  it("trusts a reading up to the maximum age in the settings", () => {
    const aged = (age: number) =>
      context([source("1", ["catalog"])], [state("1", "catalog", { observedAt: hours(age) })]).catalog("1")
    assert.strictEqual(aged(72)._tag, "Fresh")
    const old = aged(72.001)
    assert.strictEqual(old._tag === "Unsure" ? old.reason : old._tag, "stale")
  })

  it("needs every source of a fact: one that does not answer might have reported something else", () => {
    const two = [source("1", ["playback"]), source("2", ["playback"])]
    const fresh = context(two, [state("1", "playback", { observedAt: hours(5) }), state("2", "playback")])
    assert.deepStrictEqual(fresh.playback("movie"), { _tag: "Fresh", source: "App 1, App 2", at: hours(5) })
    const down = (id: string) =>
      state(id, "playback", { status: "failed", error: { reason: "source-down", detail: "refused" } })
    const half = context(two, [state("1", "playback"), down("2")]).playback("movie")
    assert.strictEqual(half._tag === "Unsure" ? half.source : half._tag, "App 2")
    const none = context(two, [down("1"), down("2")]).playback("movie")
    assert.match(none._tag === "Unsure" ? none.detail : "", /App 1 .*; App 2 /)
  })

  it("does not trust plays that depend on a media server that is missing", () => {
    const statistics = source("1", ["playback"], { detached: "records plays of a server that is not connected" })
    const believed = context([statistics], [state("1", "playback")]).playback("movie")
    assert.deepStrictEqual(believed, {
      _tag: "Unsure",
      source: "App 1",
      reason: "not-matched",
      detail: "records plays of a server that is not connected"
    })
  })

  it("trusts the catalog of one integration independently of the others", () => {
    const both = context(
      [source("1", ["catalog"]), source("2", ["catalog"])],
      [state("1", "catalog"), state("2", "catalog", { status: "failed", error: null })]
    )
    assert.strictEqual(both.catalog("1")._tag, "Fresh")
    assert.strictEqual(both.catalog("2")._tag, "Unsure")
    const off = both.catalog("3")
    assert.match(off._tag === "Unsure" ? off.detail : "", /disabled/)
  })
})
