import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Explanation } from "../../src/capacity/Explanation.ts"
import { Preview, PreviewedItem } from "../../src/capacity/Preview.ts"
import { UpstreamUnreachable } from "../../src/integrations/UpstreamErrors.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Explain } from "../../src/removals/Explain.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { explanationOf, itemIdOf } from "../support/Stack.ts"
import { feedTest } from "../library/Feeds.ts"
import { leaf } from "../rules/Samples.ts"
import { prepare, shelfOf } from "./Shelf.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"

const decisionOf = (title: string) => Effect.map(explanationOf(title), (explanation) => explanation.decision!)

describe("Explanation", () => {
  it.effect("matches the decision of the preview for every item, with parts that add up", () =>
    Effect.gen(function* () {
      const preview = yield* Preview
      const explain = yield* Explain
      const rules = yield* Rules
      yield* prepare
      yield* rules.create({
        name: "Bad ones go",
        enabled: true,
        effect: "lean-remove",
        condition: leaf("rating", "lt", 4)
      })
      const { items } = yield* preview.page({ limit: 200 })
      assert.lengthOf(items, 22)
      for (const item of items) {
        const { basis, decision, summary } = yield* explain.item(item.itemId)
        assert.strictEqual(basis, "now")
        if (decision === null) return assert.fail(item.title)
        assert.strictEqual(decision.status, item.status, item.title)
        assert.strictEqual(decision.rank, item.rank)
        assert.strictEqual(decision.score.score, item.score)
        assert.deepStrictEqual(decision.undecidedBecause, item.undecidedBecause)
        const sum = decision.score.factors.reduce((total, factor) => total + (factor.contribution ?? 0), 0)
        assert.approximately(sum, decision.score.score, 1e-12)
        if (item.status !== "kept") assert.approximately(decision.rank, decision.score.score * decision.modifier, 1e-12)
        assert.isTrue(decision.facts.every((fact) => fact.state !== "inapplicable"))
        assert.isNotEmpty(summary)
      }
    }).pipe(Effect.provide(feedTest(shelfOf(20))))
  )

  it.effect("fits its schema with 160 rules about an item that was never watched", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      const preview = yield* Preview
      yield* prepare
      for (let index = 0; index < 160; index += 1) {
        const condition = leaf("daysSinceWatched", "gt", 30)
        yield* rules.create({ name: `Unseen ${index}`, enabled: true, effect: "always-remove", condition })
        yield* rules.create({ name: `Large ${index}`, enabled: true, effect: "always-remove", condition })
      }
      const page = yield* preview.page({ limit: 200 })
      const json = Schema.encodeSync(Schema.toCodecJson(Schema.Array(PreviewedItem)))(page.items)
      assert.deepStrictEqual(JSON.parse(JSON.stringify(json)), json)
      assert.isNotEmpty(page.items.filter((item) => item.rank > 1e100))
      for (const title of ["Film 1", "No files", "Unmatched"]) {
        const explanation = yield* decisionOf(title)
        const encoded = Schema.encodeSync(Schema.toCodecJson(Explanation))(explanation)
        assert.deepStrictEqual(JSON.parse(JSON.stringify(encoded)), encoded)
        assert.isTrue(Number.isFinite(explanation.rank) && explanation.rank > 0)
      }
    }).pipe(Effect.provide(feedTest(shelfOf(4))))
  )

  it.effect("contains the facts with their sources, the rules with their truth, the disk and the protection", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      yield* prepare
      yield* rules.create({
        name: "Bad ones go",
        enabled: true,
        effect: "lean-remove",
        condition: leaf("rating", "lt", 4)
      })
      const bad = yield* decisionOf("Film 3")
      assert.strictEqual(bad.status, "candidate")
      assert.match(bad.summary, /^A candidate for \/data: score 0\.\d{3} × 1\.5 by rules = /)
      assert.deepStrictEqual(
        bad.rules.map((rule) => [rule.name, rule.truth]),
        [
          ["Film 2 stays", "false"],
          ["Bad ones go", "true"]
        ]
      )
      assert.strictEqual(bad.modifier, 1.5)
      const plays = bad.facts.find((fact) => fact.fact === "playCount")
      assert.deepInclude(plays, { state: "known", value: 4, source: "Server" })
      assert.deepInclude(bad.diskGroup, { mountPath: "/data", breached: true, mode: "dry-run" })
      const favourite = yield* decisionOf("Film 1")
      assert.deepInclude(favourite.protection, { reason: "a favourite", target: "item" })
      assert.match(favourite.summary, /a favourite/)
      const kept = yield* decisionOf("Film 2")
      assert.deepInclude(kept, { status: "kept", rank: 0, summary: "A rule always keeps it" })
    }).pipe(Effect.provide(feedTest(shelfOf(20))))
  )

  it.effect("names the missing source, with the last known value", () => {
    const feeds = shelfOf(20)
    return Effect.gen(function* () {
      const sync = yield* Sync
      yield* prepare
      feeds.of("Server").failing = {
        playback: new UpstreamUnreachable({ integration: "Server", call: "GET /history", detail: "reset" })
      }
      yield* sync.run()
      const decision = yield* decisionOf("Film 3")
      assert.strictEqual(decision.status, "undecided")
      assert.match(decision.summary, /playCount.* unknown \(Server at .*: .*reset\)/)
      assert.isTrue(decision.score.provisional)
      const plays = decision.facts.find((fact) => fact.fact === "playCount")
      assert.deepInclude(plays, { state: "unknown", reason: "source-down", value: 4 })
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("exists for an item that vanished, and fails for an unknown one", () => {
    const feeds = shelfOf(20)
    return Effect.gen(function* () {
      const sync = yield* Sync
      const explain = yield* Explain
      const settings = yield* Settings
      yield* settings.patch(LibrarySettings, { maxDisappearance: 1 })
      yield* prepare
      const id = yield* itemIdOf("Film 3")
      feeds.of("Manager").catalog = []
      yield* sync.run()
      const gone = yield* explain.item(id)
      assert.strictEqual(gone.basis, "none")
      assert.isNull(gone.decision)
      assert.strictEqual(gone.summary, "It is gone since 2026-01-15T12:00:00.000Z, not by Tendarr.")
      assert.strictEqual((yield* Effect.flip(explain.item("999")))._tag, "ItemNotFound")
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
