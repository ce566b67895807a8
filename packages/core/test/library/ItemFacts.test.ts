import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import type { Fact, FactName } from "../../src/library/Facts.ts"
import type { LibraryItem } from "../../src/library/Item.ts"
import { factNames, factSheet, heavyFactNames } from "../../src/library/ItemFacts.ts"
import type { SourceTrust, SourceContext } from "../../src/library/SourceContext.ts"
import { libraryItem, noFamily, plainData } from "./Samples.ts"

const at = "2026-06-01T00:00:00.000Z"
const older = "2026-05-01T00:00:00.000Z"
const fresh = (source: string, when = at): SourceTrust => ({ _tag: "Fresh", source, at: when })
const none: SourceTrust = { _tag: "None" }
const down = (source: string): SourceTrust => ({
  _tag: "Unsure",
  source,
  reason: "source-down",
  detail: `${source} is down`
})

interface Beliefs {
  readonly catalog?: SourceTrust
  readonly playback?: SourceTrust
  readonly servers?: SourceTrust
  readonly requests?: SourceTrust
}

const context = (beliefs: Beliefs): SourceContext => ({
  catalog: () => beliefs.catalog ?? fresh("Catalog"),
  playback: () => beliefs.playback ?? fresh("Plays"),
  servers: () => beliefs.servers ?? fresh("Server"),
  requests: () => beliefs.requests ?? fresh("Requests", older),
  watching: { movieShare: null, seasonShare: 0.8, activeDays: 90 }
})

const factOf = (item: LibraryItem, name: FactName, beliefs: Beliefs = {}): Fact =>
  factSheet(item, context(beliefs), noFamily).get(name)

const valueOf = (item: LibraryItem, name: FactName, beliefs: Beliefs = {}) => {
  const fact = factOf(item, name, beliefs)
  return fact._tag === "Known" ? fact.value : fact._tag === "Unknown" ? `unknown: ${fact.reason}` : "inapplicable"
}

const item = libraryItem({
  id: "1",
  collections: ["Alien Collection", "Halloween"],
  ids: ["tmdb-movie:348"],
  data: {
    ...plainData,
    rootFolder: "/data",
    catalog: { rating: 8.1, addedAt: null, tags: ["keep"] },
    addedAt: null,
    playback: {
      plays: 3,
      lastPlayedAt: older,
      users: [{ user: "Ann", plays: 3, lastPlayedAt: older, seen: 2, lastSeenAt: older }]
    },
    requests: [{ names: ["ann", "ann@example.test"], at: older }],
    onServers: [{ integrationId: "9", serverItemId: "a", library: "Films" }],
    labels: ["4k"],
    onWatchlist: false
  }
})
const unmatched = libraryItem({ id: "2" })

describe("ItemFacts", () => {
  it("tells what fresh sources said, with source and time", () => {
    assert.deepStrictEqual(factOf(item, "playCount"), { _tag: "Known", value: 3, source: "Plays", at })
    assert.deepStrictEqual(factOf(item, "rating"), { _tag: "Known", value: 8.1, source: "Catalog", at })
    assert.strictEqual(valueOf(item, "addedAt"), null, "known to be none")
    assert.deepStrictEqual(valueOf(item, "library"), ["Films"])
    assert.strictEqual(valueOf(item, "onWatchlist"), false)
    assert.deepStrictEqual(valueOf(item, "collections"), ["Alien Collection", "Halloween"])
    assert.deepStrictEqual(valueOf(item, "watchedBy"), ["Ann"])
    assert.strictEqual(valueOf(item, "requested"), true)
    assert.deepStrictEqual(factOf(item, "watchedByRequester"), {
      _tag: "Known",
      value: true,
      source: "Requests, Plays",
      at: older
    })
  })

  it("leaves out what the catalog of this kind cannot know", () => {
    assert.strictEqual(valueOf(item, "ratingImdb"), "inapplicable")
    assert.strictEqual(valueOf(item, "seasonNumber"), "inapplicable")
  })

  it("does not say never played when the source of plays is down, and shows the last value", () => {
    const fact = factOf(item, "playCount", { playback: down("Plex") })
    assert.deepStrictEqual(fact, {
      _tag: "Unknown",
      reason: "source-down",
      detail: "Plex is down",
      source: "Plex",
      lastKnown: 3
    })
    const unsure = (reason: "stale" | "held" | "source-refused" | "source-malformed"): SourceTrust => ({
      _tag: "Unsure",
      source: "Plex",
      reason,
      detail: ""
    })
    for (const reason of ["stale", "held", "source-refused", "source-malformed"] as const) {
      assert.strictEqual(valueOf(item, "lastPlayedAt", { playback: unsure(reason) }), `unknown: ${reason}`)
    }
  })

  it("does not trust plays while the list they hang on cannot be trusted", () => {
    assert.strictEqual(valueOf(item, "playCount", { servers: down("Plex") }), "unknown: source-down")
  })

  it("knows nothing of the plays of an item that no server was found to have", () => {
    assert.strictEqual(valueOf(unmatched, "playCount"), "unknown: not-matched")
    assert.strictEqual(valueOf(unmatched, "library"), "unknown: not-matched")
    assert.strictEqual(valueOf(unmatched, "requested"), "unknown: not-matched")
    // Why it was not found may be that the server was not there: that reason comes first.
    assert.strictEqual(valueOf(unmatched, "playCount", { playback: down("Plex") }), "unknown: source-down")
  })

  it("leaves out what no configured integration can know", () => {
    const bare: Beliefs = { playback: none, servers: none, requests: none }
    for (const name of ["playCount", "lastPlayedAt", "watchedBy", "plays", "requested", "labels", "library"] as const) {
      assert.strictEqual(valueOf(unmatched, name, bare), "inapplicable", name)
      assert.strictEqual(valueOf(item, name, bare), "inapplicable", name)
    }
    assert.strictEqual(valueOf(item, "watchedByRequester", { requests: none }), "inapplicable")
    assert.strictEqual(valueOf(item, "watchedByRequester", { playback: none }), "inapplicable")
    assert.deepStrictEqual(valueOf(item, "collections", bare), ["Alien Collection", "Halloween"])
  })

  it("takes the collections of the manager for all of them only while the servers can be asked", () => {
    assert.strictEqual(valueOf(item, "collections", { servers: down("Plex") }), "unknown: source-down")
    assert.strictEqual(valueOf(item, "collections", { catalog: down("Radarr") }), "unknown: source-down")
  })

  it("does not take the collections of the manager for all of them while no server was found to have the item", () => {
    const lone = libraryItem({ id: "3", collections: ["Alien Collection"] })
    const fact = factOf(lone, "collections")
    assert.strictEqual(valueOf(lone, "collections"), "unknown: not-matched")
    assert.deepStrictEqual(fact._tag === "Unknown" ? fact.lastKnown : null, ["Alien Collection"])
    assert.deepStrictEqual(valueOf(lone, "collections", { servers: none }), ["Alien Collection"])
  })

  it("knows that nobody asked for it without asking who watched it", () => {
    const asked = libraryItem({
      id: "3",
      data: { ...plainData, requests: [] }
    })
    assert.strictEqual(valueOf(asked, "watchedByRequester", { playback: down("Plex") }), false)
    assert.strictEqual(valueOf(item, "watchedByRequester", { playback: down("Plex") }), "unknown: source-down")
  })

  it("calls nothing known while all sources are down, and nothing unknown while all are fresh and matched", () => {
    const outage: Beliefs = {
      catalog: down("A"),
      playback: down("B"),
      servers: down("C"),
      requests: down("D")
    }
    for (const name of factNames) {
      assert.notStrictEqual(factOf(item, name, outage)._tag, "Known", name)
      // A heavy fact is unknown until it is loaded, whatever its sources are.
      if (heavyFactNames.includes(name)) assert.notStrictEqual(factOf(item, name)._tag, "Known", name)
      else assert.notStrictEqual(factOf(item, name)._tag, "Unknown", name)
    }
  })

  it("never turns a known value into another one when a source goes down", () => {
    const belief = fc.constantFrom<SourceTrust>(fresh("X"), down("X"), none)
    const beliefs = fc.record({ catalog: belief, playback: belief, servers: belief, requests: belief })
    fc.assert(
      fc.property(beliefs, fc.constantFrom(...factNames), (given, name) => {
        const fact = factOf(item, name, given)
        if (fact._tag === "Known") assert.deepStrictEqual(fact.value, valueOf(item, name))
      })
    )
  })
})
