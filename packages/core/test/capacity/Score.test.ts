import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { defaultFactors, type Factor } from "../../src/capacity/Factors.ts"
import { rankOf, score } from "../../src/capacity/Score.ts"
import { largestContributions, ScoreTrace, traceScore } from "../../src/capacity/ScoreTrace.ts"
import { defaultWeights, resolveWeights, type Weights } from "../../src/capacity/ScoreWeights.ts"
import type { ItemKind } from "../../src/integrations/Observations.ts"
import type { FactName, FactSheet } from "../../src/library/Facts.ts"
import { anyFacts, anySheet, daysAgo, type Facts, now, sheetOf, unknown, without } from "../rules/Samples.ts"

const gibibyte = 2 ** 30
const nothing: ReadonlySet<FactName> = new Set()
const weights = defaultWeights()

const scoreOf = (facts: Facts, kind: ItemKind, given: Weights = weights, allowed = nothing) =>
  score(sheetOf(facts), kind, given, defaultFactors, now, allowed)

/** Known facts: never played, no rating, no date of addition, not requested. */
const blank = { lastPlayedAt: null, rating: null, addedAt: null, requested: false, watchedByRequester: false } as const

const rawOf = (key: string, facts: Facts, kind: ItemKind = "show") =>
  traceScore(sheetOf(facts), kind, weights, defaultFactors, now, nothing).factors.find((one) => one.key === key)?.raw

const anyKind = fc.constantFrom<ItemKind>("movie", "show", "season", "artist", "book")
const anyWeights: fc.Arbitrary<Weights> = fc
  .tuple(...defaultFactors.map((factor) => fc.nat(10).map((weight) => [factor.key, weight] as const)))
  .map((entries) => Object.fromEntries(entries))

/** A second implementation of the definition, fact by fact and without the factors. */
const reference = (sheet: FactSheet, kind: ItemKind, given: Weights): number => {
  const value = (name: FactName) => {
    const fact = sheet.get(name)
    return fact._tag === "Known" ? fact.value : undefined
  }
  const days = (date: unknown) => (now - Date.parse(String(date))) / 86_400_000
  const parts: Array<readonly [number, number]> = []
  const add = (key: string, raw: number | undefined) => {
    if (raw !== undefined) parts.push([raw, given[key] ?? 0])
  }
  const next = sheet.get("upNext")
  const unlessNext = (raw: number) =>
    next._tag === "Unknown" ? undefined : next._tag === "Known" && next.value === true ? 0 : raw
  const plays = value("playCount")
  add(
    "watchHistory",
    plays === undefined ? undefined : unlessNext(Number(plays) > 0 ? Math.min(1, 0.5 / Number(plays)) : 1)
  )
  const last = value("lastPlayedAt")
  add(
    "lastWatched",
    last === undefined ? undefined : unlessNext(last === null ? 1 : Math.max(0, Math.min(1, days(last) / 365)))
  )
  const size = value("sizeBytes")
  add("fileSize", size === undefined ? undefined : Math.max(0, Math.min(1, Number(size) / (50 * gibibyte))))
  const rating = value("rating")
  const rated = Number(rating)
  add(
    "rating",
    rating === undefined
      ? undefined
      : rated > 0 && rated <= 10
        ? 1 - rated / 10
        : rated > 10 && rated <= 100
          ? 1 - rated / 100
          : 0.5
  )
  const added = value("addedAt")
  add(
    "timeInLibrary",
    added === undefined ? undefined : added === null ? 0.5 : Math.max(0, Math.min(1, days(added) / 365))
  )
  const status = value("showStatus")
  if (kind === "show" || kind === "season") {
    add("showStatus", status === undefined ? undefined : status === "ended" ? 1 : status === "continuing" ? 0.2 : 0.5)
  }
  const requested = value("requested")
  const watched = sheet.get("watchedByRequester")
  if (requested === true) {
    if (watched._tag !== "Unknown")
      add("requestPopularity", watched._tag === "Known" && watched.value === true ? 0.3 : 0.1)
  } else if (requested !== undefined) add("requestPopularity", 0.5)
  const total = parts.reduce((sum, [, weight]) => sum + weight, 0)
  return total === 0 ? 0 : parts.reduce((sum, [raw, weight]) => sum + raw * weight, 0) / total
}

describe("Score", () => {
  it("reproduces the six worked examples of Capacitarr's definition", () => {
    const movie = { ...blank, playCount: 0, sizeBytes: 10 * gibibyte }
    assert.approximately(scoreOf(movie, "movie").score, 0.705714, 5e-7)
    const show = { ...blank, showStatus: null }
    assert.approximately(scoreOf({ ...show, playCount: 3, sizeBytes: 5 * gibibyte }, "show").score, 0.454386, 5e-7)
    assert.approximately(scoreOf({ ...show, playCount: 0, sizeBytes: 20 * gibibyte }, "show").score, 0.721053, 5e-7)
    assert.approximately(scoreOf({ ...show, playCount: 5, sizeBytes: 15 * gibibyte }, "show").score, 0.468421, 5e-7)
    const ended = { ...blank, showStatus: "ended" }
    const equal = Object.fromEntries(defaultFactors.map(({ key }) => [key, key === "requestPopularity" ? 0 : 5]))
    assert.approximately(
      scoreOf({ ...ended, playCount: 0, sizeBytes: 50 * gibibyte, rating: 1 }, "show", equal).score,
      0.9,
      5e-7
    )
    const noRequests = { ...weights, requestPopularity: 0 }
    const last = scoreOf({ ...ended, playCount: 3, sizeBytes: 20 * gibibyte, rating: 7 }, "show", noRequests)
    assert.approximately(last.score, 0.515741, 5e-7)
    assert.deepStrictEqual([...last.undecided], [])
  })

  it("equals an independent implementation of the definition, and is between 0 and 1", () => {
    fc.assert(
      fc.property(anySheet, anyKind, anyWeights, (sheet, kind, given) => {
        const result = score(sheet, kind, given, defaultFactors, now, nothing)
        assert.approximately(result.score, reference(sheet, kind, given), 1e-12)
        assert.isAtLeast(result.score, 0)
        assert.isAtMost(result.score, 1)
      }),
      { numRuns: 500 }
    )
  })

  it("gives the raw numbers of each factor", () => {
    assert.strictEqual(rawOf("watchHistory", { playCount: 0 }), 1)
    assert.strictEqual(rawOf("watchHistory", { playCount: 1 }), 0.5)
    assert.strictEqual(rawOf("watchHistory", { playCount: 5 }), 0.1)
    assert.strictEqual(rawOf("lastWatched", { lastPlayedAt: null }), 1)
    assert.strictEqual(rawOf("lastWatched", { lastPlayedAt: daysAgo(73) }), 0.2)
    assert.strictEqual(rawOf("lastWatched", { lastPlayedAt: daysAgo(800) }), 1)
    assert.strictEqual(rawOf("lastWatched", { lastPlayedAt: daysAgo(-5) }), 0)
    assert.strictEqual(rawOf("watchHistory", { playCount: 0, upNext: true }), 0)
    assert.strictEqual(rawOf("lastWatched", { lastPlayedAt: null, upNext: true }), 0)
    assert.deepStrictEqual([...scoreOf({ playCount: 0, upNext: unknown }, "season").undecided], ["upNext"])
    assert.strictEqual(rawOf("fileSize", { sizeBytes: 25 * gibibyte }), 0.5)
    assert.strictEqual(rawOf("fileSize", { sizeBytes: 80 * gibibyte }), 1)
    assert.strictEqual(rawOf("rating", { rating: 10 }), 0)
    assert.strictEqual(rawOf("rating", { rating: 80 }), 1 - 0.8)
    assert.strictEqual(rawOf("rating", { rating: 0 }), 0.5)
    assert.strictEqual(rawOf("rating", { rating: 101 }), 0.5)
    assert.strictEqual(rawOf("timeInLibrary", { addedAt: null }), 0.5)
    assert.strictEqual(rawOf("timeInLibrary", { addedAt: daysAgo(73) }), 0.2)
    assert.strictEqual(rawOf("showStatus", { showStatus: "Ended" }), 1)
    assert.strictEqual(rawOf("showStatus", { showStatus: "continuing" }), 0.2)
    assert.strictEqual(rawOf("showStatus", { showStatus: "upcoming" }), 0.5)
    assert.isNull(rawOf("showStatus", { showStatus: "ended" }, "movie"))
    assert.strictEqual(rawOf("requestPopularity", { requested: true, watchedByRequester: true }), 0.3)
    assert.strictEqual(rawOf("requestPopularity", { requested: true, watchedByRequester: false }), 0.1)
    assert.strictEqual(rawOf("requestPopularity", { requested: false, watchedByRequester: unknown }), 0.5)
    assert.isNull(rawOf("requestPopularity", { requested: true, watchedByRequester: unknown }))
  })

  it("omits facts from the mean that no integration can know, and decides without them", () => {
    const result = scoreOf({ sizeBytes: 25 * gibibyte, rating: 5 }, "movie")
    assert.approximately(result.score, (0.5 * 6 + 0.5 * 5) / 11, 1e-12)
    assert.deepStrictEqual([...result.undecided], [])
  })

  it("is undecided for an unknown fact of a factor with weight, and shows a provisional score", () => {
    const facts = { playCount: unknown, lastPlayedAt: unknown, sizeBytes: 25 * gibibyte }
    const result = scoreOf(facts, "movie")
    assert.deepStrictEqual([...result.undecided], ["playCount", "lastPlayedAt"])
    assert.strictEqual(result.score, 0.5)
    const without = scoreOf(facts, "movie", { ...weights, watchHistory: 0, lastWatched: 0 })
    assert.deepStrictEqual([...without.undecided], [])
  })

  it("allows unknown facts if a person has allowed that, and lists what was omitted", () => {
    const sheet = sheetOf({ playCount: unknown, sizeBytes: 25 * gibibyte })
    const allowed = new Set<FactName>(["playCount"])
    assert.deepStrictEqual([...score(sheet, "movie", weights, defaultFactors, now, allowed).undecided], [])
    const traced = traceScore(sheet, "movie", weights, defaultFactors, now, allowed)
    assert.deepStrictEqual([...traced.allowed], ["playCount"])
    assert.isTrue(traced.provisional)
    assert.isTrue(traced.factors[0]?.unknown?.allowed)
    assert.include(traced.factors[0]?.reason ?? "", "Plex is down")
  })

  it("lists the largest contributions of the trace", () => {
    const facts = { playCount: 3, sizeBytes: 25 * gibibyte, rating: 5, lastPlayedAt: unknown }
    for (const weighing of [weights, { ...weights, fileSize: 0 }, { ...weights, rating: 10 }, {}]) {
      const sheet = sheetOf(facts)
      const traced = traceScore(sheet, "movie", weighing, defaultFactors, now, nothing)
        .factors.flatMap(({ contribution, name, reason }) =>
          contribution === null || contribution === 0 ? [] : [{ name, contribution, reason }]
        )
        .toSorted((a, b) => b.contribution - a.contribution)
      assert.deepStrictEqual(largestContributions(sheet, "movie", weighing, defaultFactors, now, 99), traced)
      assert.deepStrictEqual(largestContributions(sheet, "movie", weighing, defaultFactors, now, 2), traced.slice(0, 2))
    }
  })

  it("is 0 with a reason if nothing has weight", () => {
    const zero = Object.fromEntries(defaultFactors.map(({ key }) => [key, 0]))
    const traced = traceScore(sheetOf({ playCount: 0 }), "movie", zero, defaultFactors, now, nothing)
    assert.strictEqual(traced.score, 0)
    assert.strictEqual(traced.reason, "All weights are zero")
    assert.strictEqual(
      traceScore(sheetOf({}), "movie", weights, defaultFactors, now, nothing).reason,
      "No factor with a weight applies"
    )
  })

  it("never makes an item a candidate because facts were lost", () => {
    fc.assert(
      fc.property(anySheet, anyFacts, anyKind, anyWeights, (sheet, lost, kind, given) => {
        const before = score(sheet, kind, given, defaultFactors, now, nothing)
        const after = score(without(sheet, lost), kind, given, defaultFactors, now, nothing)
        if (after.undecided.length > 0) return
        // It is still decided, so no lost fact contributed to the score.
        assert.deepStrictEqual(after, before)
      }),
      { numRuns: 500 }
    )
  })

  it("is explained: the contributions of the explanation add up to the score", () => {
    fc.assert(
      fc.property(anySheet, anyKind, anyWeights, anyFacts, (sheet, kind, given, allowed) => {
        const quick = score(sheet, kind, given, defaultFactors, now, allowed)
        const traced = traceScore(sheet, kind, given, defaultFactors, now, allowed)
        assert.strictEqual(traced.score, quick.score)
        assert.deepStrictEqual(traced.undecided, quick.undecided)
        assert.strictEqual(traced.factors.length, defaultFactors.length)
        const sum = traced.factors.reduce((total, factor) => total + (factor.contribution ?? 0), 0)
        assert.approximately(sum, traced.score, 1e-12)
        const decoded = Schema.decodeUnknownResult(ScoreTrace)(JSON.parse(JSON.stringify(traced)))
        if (Result.isFailure(decoded)) assert.fail(String(decoded.failure))
      })
    )
  })

  it("accepts external factors, and clamps values that are out of range", () => {
    const custom = (raw: number): Factor => ({
      key: "longRuntime",
      name: "Long runtime",
      description: "Long movies go first.",
      aliases: [],
      defaultWeight: 10,
      facts: ["runtimeMinutes"],
      itemKinds: ["movie"],
      raw: () => raw,
      reason: () => "Because"
    })
    for (const [raw, expected] of [
      [0.25, 0.25],
      [7, 1],
      [-1, 0],
      [Number.NaN, 0]
    ] as const) {
      const factors = [...defaultFactors, custom(raw)]
      const given = defaultWeights(factors)
      assert.strictEqual(score(sheetOf({}), "movie", given, factors, now, nothing).score, expected)
      assert.strictEqual(score(sheetOf({}), "show", given, factors, now, nothing).score, 0)
    }
  })

  it("ranks by the score times the modifiers, with kept items last", () => {
    assert.strictEqual(rankOf(0.5, { kept: false, modifier: 3 }), 1.5)
    assert.strictEqual(rankOf(0, { kept: false, modifier: 100 }), 0)
    assert.strictEqual(rankOf(0.9, { kept: true, modifier: 1 }), 0)
  })
})

describe("ScoreWeights", () => {
  it("are those of Capacitarr by default", () => {
    assert.deepStrictEqual(Object.values(weights), [10, 8, 6, 5, 4, 3, 2])
  })

  it("accept keys and aliases in any spelling and leave the others unchanged", () => {
    const resolved = resolveWeights({ watch_history: 1, series_status: 0, "file-size": 10 })
    assert.deepStrictEqual(Result.getOrNull(resolved), { ...weights, watchHistory: 1, showStatus: 0, fileSize: 10 })
    const based = resolveWeights({ rating: 9 }, defaultFactors, { ...weights, fileSize: 1 })
    assert.deepStrictEqual(Result.getOrNull(based), { ...weights, rating: 9, fileSize: 1 })
  })

  it("refuse unknown factors, weights out of range and duplicate factors, each by name", () => {
    const refused = resolveWeights({
      ratign: 3,
      fileSize: 11,
      rating: 1.5,
      lastWatched: 1,
      last_watched: 2,
      constructor: 1
    })
    if (Result.isSuccess(refused)) assert.fail("it was taken")
    assert.deepStrictEqual(
      refused.failure.map((issue) => issue.path[0]),
      ["ratign", "fileSize", "rating", "last_watched", "constructor"]
    )
    assert.include(refused.failure[0]?.message ?? "", "rating")
  })
})
