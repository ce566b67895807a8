/** Templates of rules: what they are said to match is what their own rules match. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { RuleTemplates } from "../../src/capacity/RuleTemplates.ts"
import { templates } from "../../src/capacity/RuleTemplates/Templates.ts"
import { RuleTrial } from "../../src/capacity/RuleTrial.ts"
import { itemRules } from "../../src/rules/ItemRules.ts"
import { compileRule, inScope, truthOfRule } from "../../src/rules/RuleSet.ts"
import { daysAgo, type Facts, now, sheetOf, unknown } from "../rules/Samples.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import { connectFakes, stackTest, sync } from "../support/Stack.ts"

const played = (at: string, plays = 1) => [{ name: "ann", plays, lastPlayedAt: at }]

const variedLibrary = () => {
  const library = new FakeLibrary({ "/media": 1000 * gib })
  library.add({ title: "Never", requestedBy: ["bob"] })
  library.add({ title: "New", facts: { addedAt: "2026-01-10T00:00:00.000Z" } })
  library.add({ title: "Once", plays: played("2025-01-01T00:00:00.000Z") })
  library.add({ title: "Lately", plays: played("2026-01-14T00:00:00.000Z", 4) })
  library.add({ title: "Large", sizeBytes: 40 * gib, facts: { resolution: "2160p" } })
  library.add({ title: "Small", sizeBytes: gib, facts: { resolution: "480p", videoCodec: "x264" } })
  library.add({ title: "Copy", ids: ["tmdb-movie:7"], facts: { resolution: "2160p" } })
  library.add({ title: "Copy", ids: ["tmdb-movie:7"], facts: { resolution: "720p" } })
  library.addShow("Show", [20 * gib, 10 * gib], { plays: played("2025-06-01T00:00:00.000Z") })
  return library
}

describe("Templates of rules", () => {
  it.effect("match exactly what the preview of their own rules matches, with its bytes", () =>
    Effect.gen(function* () {
      yield* connectFakes()
      yield* sync
      const trial = yield* RuleTrial
      const all = yield* Effect.flatMap(RuleTemplates, (service) => service.list())
      assert.sameMembers(
        all.map(({ id }) => id),
        templates.map(({ id }) => id)
      )
      for (const { id, matched, rule, unknown: unsure } of all) {
        const { name: _, enabled: __, ...request } = rule
        const preview = yield* trial.preview(request)
        assert.deepStrictEqual([matched, unsure], [preview.matched, preview.unknown], id)
      }
      assert.isAbove(all.filter(({ matched }) => matched.items > 0).length, 9)
      assert.deepStrictEqual(
        all.map(({ matched }) => matched.bytes),
        all.map(({ matched }) => matched.bytes).toSorted((a, b) => b - a)
      )
      const matching = yield* Effect.flatMap(RuleTemplates, (service) => service.list({ matching: true }))
      assert.deepStrictEqual(
        matching,
        all.filter(({ matched }) => matched.items > 0)
      )
    }).pipe(Effect.provide(stackTest(variedLibrary())))
  )

  const movie = { integrationId: "1", kind: "movie" } as const
  const truthIn = (id: string, facts: Facts) => {
    const template = templates.find((one) => one.id === id)!
    const rule = Result.getOrThrow(compileRule(itemRules, { ...template.rule, id }))
    return inScope(rule, movie) ? truthOfRule(rule, movie, sheetOf({ kind: "movie", ...facts }), now) : "false"
  }
  const never: Facts = { playCount: 0, lastPlayedAt: null }

  const cases: ReadonlyArray<readonly [string, Facts, string]> = [
    ["never-watched", { ...never, addedAt: daysAgo(31) }, "true"],
    ["never-watched", { ...never, addedAt: daysAgo(20) }, "false"],
    ["never-watched", { playCount: unknown, lastPlayedAt: unknown, addedAt: daysAgo(31) }, "unknown"],
    ["watched-once", { ...never, addedAt: daysAgo(400) }, "false"],
    ["watched-once", { playCount: 1, lastPlayedAt: daysAgo(61) }, "true"],
    ["stale", { ...never, addedAt: daysAgo(91) }, "true"],
    ["stale", { ...never, addedAt: daysAgo(89) }, "false"],
    ["stale", { playCount: 3, lastPlayedAt: daysAgo(91), addedAt: daysAgo(1) }, "true"],
    ["large-files", { ...never, addedAt: daysAgo(31), sizeBytes: 11 * gib }, "true"],
    ["large-files", { ...never, addedAt: daysAgo(2), sizeBytes: 11 * gib }, "false"],
    ["classic-never-rewatched", { ...never, year: 1999, addedAt: daysAgo(200) }, "true"],
    ["classic-never-rewatched", { ...never, year: 1999, addedAt: daysAgo(9) }, "false"],
    ["low-play-count", { ...never, addedAt: daysAgo(91) }, "true"],
    ["low-quality", { resolution: null }, "false"],
    ["low-quality", { resolution: "720p" }, "true"],
    ["old-codec", { videoCodec: "AVC" }, "true"],
    ["requested-and-unwatched", { requested: false, watchedByRequester: false, addedAt: daysAgo(900) }, "false"]
  ]
  for (const [id, facts, truth] of cases) {
    it(`${id} is ${truth} of ${JSON.stringify(facts).slice(0, 110)}`, () => {
      assert.strictEqual(truthIn(id, facts), truth)
    })
  }
})
