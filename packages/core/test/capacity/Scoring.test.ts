import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { type ScoreRequest, Scoring } from "../../src/capacity/Scoring.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { SqlTest } from "../support/Sql.ts"
import { gib } from "./Shelf.ts"
import { ScoringSettings } from "../../src/capacity/ScoringSettings.ts"
import { SettingsTest } from "../support/SettingsTest.ts"

const ScoringTest = Scoring.layer.pipe(
  Layer.provideMerge(SettingsTest),
  Layer.provideMerge(RecordedEvents.layer),
  Layer.provideMerge(SqlTest)
)

/** Known facts: no dates, no rating, not requested. */
const blank = { lastPlayedAt: null, rating: null, addedAt: null, requested: false, watchedByRequester: false } as const

const scoreOf = (request: ScoreRequest) =>
  Effect.flatMap(Scoring, (scoring) => Effect.map(scoring.evaluate(request), (trace) => trace.score))

const faultsOf = (request: ScoreRequest) =>
  Effect.flatMap(Scoring, (scoring) =>
    Effect.map(Effect.flip(scoring.evaluate(request)), (error) => error.errors.map((issue) => issue.path.join(".")))
  )

describe("Scoring", () => {
  it.effect("reproduces the six worked examples of Capacitarr's definition", () =>
    Effect.gen(function* () {
      const show = { ...blank, showStatus: null }
      const ended = { ...blank, showStatus: "ended" }
      const five = {
        watchHistory: 5,
        lastWatched: 5,
        fileSize: 5,
        rating: 5,
        timeInLibrary: 5,
        showStatus: 5,
        requestPopularity: 0
      }
      const examples: ReadonlyArray<readonly [number, ScoreRequest]> = [
        [0.705714, { kind: "movie", facts: { ...blank, playCount: 0, sizeBytes: 10 * gib } }],
        [0.454386, { kind: "show", facts: { ...show, playCount: 3, sizeBytes: 5 * gib } }],
        [0.721053, { kind: "show", facts: { ...show, playCount: 0, sizeBytes: 20 * gib } }],
        [0.468421, { kind: "show", facts: { ...show, playCount: 5, sizeBytes: 15 * gib } }],
        [0.9, { kind: "show", facts: { ...ended, playCount: 0, sizeBytes: 50 * gib, rating: 1 }, weights: five }],
        [
          0.515741,
          {
            kind: "show",
            facts: { ...ended, playCount: 3, sizeBytes: 20 * gib, rating: 7 },
            weights: { requestPopularity: 0 }
          }
        ]
      ]
      for (const [expected, request] of examples) assert.approximately(yield* scoreOf(request), expected, 5e-7)
    }).pipe(Effect.provide(ScoringTest))
  )

  it.effect("explains the score with parts that add up to it", () =>
    Effect.gen(function* () {
      const scoring = yield* Scoring
      const trace = yield* scoring.evaluate({ facts: { ...blank, playCount: 2, sizeBytes: 25 * gib, rating: 8 } })
      const sum = trace.factors.reduce((total, factor) => total + (factor.contribution ?? 0), 0)
      assert.approximately(sum, trace.score, 1e-12)
      const show = trace.factors.find((factor) => factor.key === "showStatus")
      assert.deepInclude(show, { applicable: false, raw: null, contribution: null })
      assert.isFalse(trace.provisional)
      const unsure = yield* scoring.evaluate({ facts: { playCount: { unknown: "Plex is down" }, sizeBytes: 5 * gib } })
      assert.isTrue(unsure.provisional)
      assert.deepStrictEqual(unsure.undecided, ["playCount"])
      assert.approximately(unsure.score, 0.1, 1e-12, "over what is known")
    }).pipe(Effect.provide(ScoringTest))
  )

  it.effect("scores at the given time, by default now", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 0, 15))
      const facts = { addedAt: "2025-01-15T00:00:00Z" }
      assert.strictEqual(yield* scoreOf({ facts }), 1)
      assert.approximately(yield* scoreOf({ facts, at: "2025-03-29T00:00:00Z" }), 73 / 365, 1e-12)
    }).pipe(Effect.provide(ScoringTest))
  )

  it.effect("names every fault of a request, with the given names", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* faultsOf({
          kind: "movie",
          facts: { playcounts: 1, sizeBytes: -1, addedAt: "yesterday", rating: "good" },
          weights: { watched: 3 }
        }),
        [
          "payload.facts.playcounts",
          "payload.facts.sizeBytes",
          "payload.facts.addedAt",
          "payload.facts.rating",
          "payload.weights.watched"
        ]
      )
      assert.deepStrictEqual(yield* faultsOf({ facts: {}, weights: { rating: 11 } }), ["payload.weights.rating"])
      assert.deepStrictEqual(yield* faultsOf({ facts: {}, weights: { file_size: 3, size: 4 } }), [
        "payload.weights.size"
      ])
    }).pipe(Effect.provide(ScoringTest))
  )

  it.effect("changes weights by key or alias, keeps the others, and refuses unknown factors", () =>
    Effect.gen(function* () {
      const scoring = yield* Scoring
      const weights = Effect.map(scoring.inForce, (all) => Object.fromEntries(all.map((one) => [one.key, one.weight])))
      const defaults = {
        watchHistory: 10,
        lastWatched: 8,
        fileSize: 6,
        rating: 5,
        timeInLibrary: 4,
        showStatus: 3,
        requestPopularity: 2
      }
      assert.deepStrictEqual(yield* weights, defaults)
      yield* scoring.setWeights({ size: 0, watch_history: 1 })
      assert.deepStrictEqual(yield* weights, { ...defaults, fileSize: 0, watchHistory: 1 })
      yield* scoring.setWeights({ rating: 7 })
      assert.deepStrictEqual(yield* weights, { ...defaults, fileSize: 0, watchHistory: 1, rating: 7 })
      const error = yield* Effect.flip(scoring.setWeights({ rating: 1, smell: 3 }))
      assert.deepStrictEqual(
        error.errors.map((issue) => issue.path),
        [["payload", "smell"]]
      )
      assert.strictEqual((yield* weights)["rating"], 7, "nothing of a refused change")
      assert.strictEqual(yield* scoreOf({ facts: { sizeBytes: gib } }), 0, "the only known factor has no weight")
    }).pipe(Effect.provide(ScoringTest))
  )

  it.effect("keeps the stored weight of a factor that this installation does not have", () =>
    Effect.gen(function* () {
      const scoring = yield* Scoring
      const settings = yield* Settings
      const sql = yield* SqlClient.SqlClient
      yield* settings.patch(ScoringSettings, { weights: { customFactor: 9, rating: 1 } })
      assert.strictEqual((yield* scoring.weights)["rating"], 1)
      assert.isUndefined((yield* scoring.weights)["customFactor"])
      yield* scoring.setWeights({ rating: 2 })
      const [row] = yield* sql<{ value: string }>`SELECT value FROM settings WHERE name = 'scoring'`
      assert.deepInclude(JSON.parse(row!.value).weights, { customFactor: 9, rating: 2 })
    }).pipe(Effect.provide(ScoringTest))
  )
})
