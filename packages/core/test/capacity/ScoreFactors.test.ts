import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { onFlag, onNumber, onText } from "../../src/capacity/FactorReading.ts"
import { defaultFactors, type Factor } from "../../src/capacity/Factors.ts"
import { ScoreFactors } from "../../src/capacity/ScoreFactors.ts"
import { Scoring } from "../../src/capacity/Scoring.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { SqlTest } from "../support/Sql.ts"
import { SettingsTest } from "../support/SettingsTest.ts"

const runtime: Factor = {
  key: "longRuntime",
  name: "Long runtime",
  description: "How long it is. Three hours or more count fully.",
  aliases: ["length"],
  defaultWeight: 4,
  facts: ["runtimeMinutes"],
  itemKinds: ["movie"],
  raw: (sheet) => onNumber("runtimeMinutes", sheet, (minutes) => (minutes === null ? 0.5 : Math.min(1, minutes / 180))),
  reason: () => "It is long"
}

const scoringWith = (...factors: ReadonlyArray<Factor>) =>
  Scoring.layer.pipe(
    Layer.provide(ScoreFactors.layerWith(factors)),
    Layer.provideMerge(SettingsTest),
    Layer.provideMerge(RecordedEvents.layer),
    Layer.provideMerge(SqlTest)
  )

describe("An external factor", () => {
  it.effect("is added to the built-in ones, weighted by the settings, and explained in the score", () =>
    Effect.gen(function* () {
      const scoring = yield* Scoring
      const before = yield* scoring.inForce
      assert.lengthOf(before, defaultFactors.length + 1)
      assert.deepInclude(before.at(-1), { key: "longRuntime", weight: 4, defaultWeight: 4 })
      yield* scoring.setWeights({ length: 10, fileSize: 5, watchHistory: 0, lastWatched: 0, rating: 0, requests: 0 })
      yield* scoring.setWeights({ timeInLibrary: 0 })
      const trace = yield* scoring.evaluate({ kind: "movie", facts: { runtimeMinutes: 90, sizeBytes: 0 } })
      assert.approximately(trace.score, (0.5 * 10 + 0) / 15, 1e-9)
      const mine = trace.factors.find(({ key }) => key === "longRuntime")
      assert.deepInclude(mine, { raw: 0.5, weight: 10, applicable: true, reason: "It is long" })
      assert.approximately(mine?.contribution ?? 0, trace.score, 1e-9)
    }).pipe(Effect.provide(scoringWith(runtime)))
  )

  it.effect("makes an item undecided while its fact is unknown, and is omitted if no integration can know it", () =>
    Effect.gen(function* () {
      const scoring = yield* Scoring
      const unknown = yield* scoring.evaluate({
        kind: "movie",
        facts: { runtimeMinutes: { unknown: "Radarr is down" } }
      })
      assert.deepStrictEqual(unknown.undecided, ["runtimeMinutes"])
      const nobody = yield* scoring.evaluate({ kind: "movie", facts: { sizeBytes: 1 } })
      assert.deepStrictEqual(nobody.undecided, [])
      const show = yield* scoring.evaluate({ kind: "show", facts: { runtimeMinutes: { unknown: "Sonarr is down" } } })
      assert.deepStrictEqual(show.undecided, [])
    }).pipe(Effect.provide(scoringWith(runtime)))
  )

  it.effect("replaces the built-in one with the same key", () =>
    Effect.gen(function* () {
      const factors = yield* ScoreFactors
      assert.lengthOf(factors, defaultFactors.length)
      assert.strictEqual(factors.find(({ key }) => key === "rating")?.name, "Mine")
    }).pipe(Effect.provide(ScoreFactors.layerWith([{ ...runtime, key: "rating", name: "Mine" }])))
  )

  it.effect("reads texts and flags in three values too", () =>
    Effect.gen(function* () {
      const texts: Factor = {
        ...runtime,
        key: "language",
        aliases: [],
        facts: ["language", "monitored"],
        raw: (sheet) => {
          const monitored = onFlag("monitored", sheet, (is) => (is === true ? 0 : 1))
          return typeof monitored === "number"
            ? onText("language", sheet, (code) => (code === null ? 1 : monitored))
            : monitored
        }
      }
      const raw = (facts: Record<string, string | boolean | null | { unknown: string }>) =>
        Effect.map(
          Scoring.use((scoring) => scoring.evaluate({ kind: "movie", facts })),
          ({ factors }) => factors.find(({ key }) => key === "language")
        )
      yield* Effect.gen(function* () {
        assert.strictEqual((yield* raw({ language: "Danish", monitored: true }))?.raw, 0)
        assert.strictEqual((yield* raw({ language: null, monitored: true }))?.raw, 1)
        assert.strictEqual(
          (yield* raw({ language: "Danish", monitored: { unknown: "down" } }))?.unknown?.fact,
          "monitored"
        )
        assert.isFalse((yield* raw({ monitored: true }))?.applicable)
      }).pipe(Effect.provide(scoringWith(texts)))
    })
  )

  it.effect("is refused with an invalid key, weight or name", () =>
    Effect.gen(function* () {
      const fault = (factor: Factor) =>
        Effect.map(
          Effect.sandbox(Effect.flip(Effect.sandbox(Effect.provide(ScoreFactors, ScoreFactors.layerWith([factor]))))),
          (cause) => String(cause)
        )
      assert.include(yield* fault({ ...runtime, key: "my factor" }), "cannot be the key")
      assert.include(yield* fault({ ...runtime, defaultWeight: 11 }), "weight")
      assert.include(yield* fault({ ...runtime, aliases: ["play_count"] }), "play_count")
    })
  )
})
