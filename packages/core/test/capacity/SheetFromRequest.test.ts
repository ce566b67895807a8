import { Result } from "effect"
import { assert, describe, it } from "vitest"
import { kindOf, sheetFromRequest } from "../../src/capacity/SheetFromRequest.ts"
import type { FactName } from "../../src/library/Facts.ts"
import { factNames } from "../../src/library/ItemFacts.ts"
import { itemRules } from "../../src/rules/ItemRules.ts"
import { at } from "../rules/Samples.ts"

const sheet = (facts: Readonly<Record<string, unknown>>) => {
  const result = sheetFromRequest(itemRules, facts, { kind: "movie", at })
  if (Result.isFailure(result)) throw new Error(JSON.stringify(result.failure))
  return result.success
}

const valueOf = (facts: Readonly<Record<string, unknown>>, name: FactName) => {
  const fact = sheet(facts).get(name)
  return fact._tag === "Known" ? fact.value : fact._tag
}

const issuesOf = (facts: Readonly<Record<string, unknown>>) => {
  const result = sheetFromRequest(itemRules, facts, { kind: "movie", at })
  return Result.isFailure(result) ? result.failure : []
}

describe("SheetFromRequest", () => {
  it("reads the kind of the item next to the facts, or from one of them", () => {
    assert.strictEqual(kindOf({ facts: {} }), "movie")
    assert.strictEqual(kindOf({ facts: { type: "season" } }), "season")
    assert.strictEqual(kindOf({ kind: "show", facts: { kind: "season" } }), "show")
    assert.strictEqual(kindOf({ facts: { title: "season" } }), "movie")
  })

  it("makes facts known, with the request as their source", () => {
    assert.deepStrictEqual(sheet({ title: "Alien" }).get("title"), {
      _tag: "Known",
      value: "Alien",
      source: "request",
      at
    })
  })

  it("treats omitted facts as facts that no integration can know", () => {
    const made = sheet({})
    for (const name of factNames) assert.strictEqual(made.get(name)._tag, name === "kind" ? "Known" : "Inapplicable")
  })

  it("distinguishes null, a known none, from unknown with a reason", () => {
    const made = sheet({ lastPlayedAt: null, playCount: { unknown: "Plex is down" } })
    assert.deepInclude(made.get("lastPlayedAt"), { _tag: "Known", value: null })
    assert.deepInclude(made.get("playCount"), { _tag: "Unknown", reason: "given", detail: "Plex is down" })
  })

  it("finds facts by the names that other products use", () => {
    assert.strictEqual(valueOf({ sizebytes: 3 }, "sizeBytes"), 3)
    assert.strictEqual(valueOf({ play_count: 3 }, "playCount"), 3)
    assert.strictEqual(valueOf({ last_played: "2026-01-01" }, "lastPlayedAt"), "2026-01-01T00:00:00.000Z")
    assert.strictEqual(valueOf({ last_watched: null }, "lastPlayedAt"), null)
    assert.strictEqual(valueOf({ added_at: "2026-01-01T01:00:00+02:00" }, "addedAt"), "2025-12-31T23:00:00.000Z")
    assert.strictEqual(valueOf({ series_status: "ended" }, "showStatus"), "ended")
    assert.strictEqual(valueOf({ is_requested: true }, "requested"), true)
    assert.strictEqual(valueOf({ watched_by_req: false }, "watchedByRequester"), false)
  })

  it("reads the kind next to the facts", () => {
    const result = sheetFromRequest(itemRules, {}, { kind: "show", at })
    assert.deepInclude(Result.getOrThrow(result).get("kind"), { value: "show" })
    assert.strictEqual(valueOf({}, "kind"), "movie")
    assert.deepStrictEqual(issuesOf({ kind: "show" })[0]?.path, ["facts", "kind"])
  })

  it("reads the viewers", () => {
    const plays = [{ user: "Ann", plays: 1, lastPlayedAt: "2026-01-01" }]
    assert.deepStrictEqual(valueOf({ plays }, "plays"), [
      { user: "Ann", plays: 1, lastPlayedAt: "2026-01-01T00:00:00.000Z" }
    ])
    assert.deepStrictEqual(issuesOf({ plays: [{ user: "Ann", plays: 1, lastPlayedAt: "soon" }] })[0]?.path, [
      "facts",
      "plays",
      0,
      "lastPlayedAt"
    ])
  })

  it("reports every wrong value under its given name", () => {
    const issues = issuesOf({
      sizebytes: -1,
      playCount: "3",
      rating: Number.NaN,
      addedAt: "2026-01-01T10:00:00",
      requested: "yes",
      tags: "keep",
      title: 3,
      playcoutn: 3,
      ["__proto__x"]: 1,
      constructor: 1
    })
    assert.deepStrictEqual(
      issues.map((issue) => issue.path.join(".")),
      [
        "sizebytes",
        "playCount",
        "rating",
        "addedAt",
        "requested",
        "tags",
        "title",
        "playcoutn",
        "__proto__x",
        "constructor"
      ].map((name) => `facts.${name}`)
    )
    assert.include(issues[7]?.message ?? "", "playCount")
  })

  it("refuses one fact under two names", () => {
    assert.deepStrictEqual(issuesOf({ sizeBytes: 1, size_bytes: 2 })[0]?.path, ["facts", "size_bytes"])
  })
})
