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
  readonly watchlists?: SourceTrust
  readonly disk?: SourceTrust
}

const context = (beliefs: Beliefs): SourceContext => ({
  managers: () => ({ _tag: "None" }),
  catalog: () => beliefs.catalog ?? fresh("Catalog"),
  playback: () => beliefs.playback ?? fresh("Plays"),
  servers: () => beliefs.servers ?? fresh("Server"),
  requests: () => beliefs.requests ?? fresh("Requests", older),
  watchlists: () => beliefs.watchlists ?? fresh("Lists"),
  disk: (id) => ({ trust: beliefs.disk ?? fresh(`the disk ${id}`), totalBytes: 2 ** 40, freeBytes: 2 ** 38 }),
  isTooOld: () => false,
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
  diskGroupId: "7",
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
    requests: [
      {
        names: ["ann", "ann@example.test"],
        at: older,
        status: "approved",
        approvedAt: older,
        availableAt: null,
        approvedBy: ["Admin", "admin@example.test"]
      }
    ],
    onServers: [{ integrationId: "9", serverItemId: "a", library: "Films" }],
    ratings: { user: null, critics: 8, audience: 7.5, rottenTomatoesAudience: 7.5 },
    labels: ["4k"],
    onWatchlist: false,
    favouritedBy: [{ names: ["Ann", "ann@example.test"] }, { names: ["Ben"] }],
    watchlistedBy: []
  }
})
const unmatched = libraryItem({ id: "2" })

describe("ItemFacts", () => {
  it("returns values from fresh sources, with source and time", () => {
    assert.deepStrictEqual(factOf(item, "playCount"), { _tag: "Known", value: 3, source: "Plays", at })
    assert.deepStrictEqual(factOf(item, "rating"), { _tag: "Known", value: 8.1, source: "Catalog", at })
    assert.strictEqual(valueOf(item, "addedAt"), null, "known to be none")
    assert.deepStrictEqual(valueOf(item, "library"), ["Films"])
    assert.strictEqual(valueOf(item, "onWatchlist"), false)
    assert.deepStrictEqual(valueOf(item, "favouritedBy"), ["Ann", "ann@example.test", "Ben"])
    assert.strictEqual(valueOf(item, "favouriteCount"), 2)
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

  it("omits facts that the catalog of this kind cannot know", () => {
    assert.strictEqual(valueOf(item, "ratingImdb"), "inapplicable")
    assert.strictEqual(valueOf(item, "seasonNumber"), "inapplicable")
  })

  it("does not return `never played` while the source of plays is down, but the last known value", () => {
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

  it("does not trust plays while the list of entries that they depend on cannot be trusted", () => {
    assert.strictEqual(valueOf(item, "playCount", { servers: down("Plex") }), "unknown: source-down")
  })

  it("does not know the plays of an item that was found on no server", () => {
    assert.strictEqual(valueOf(unmatched, "playCount"), "unknown: not-matched")
    assert.strictEqual(valueOf(unmatched, "library"), "unknown: not-matched")
    assert.strictEqual(valueOf(unmatched, "requested"), "unknown: not-matched")
    // The outage of the server may be why it was not found: that reason comes first.
    assert.strictEqual(valueOf(unmatched, "playCount", { playback: down("Plex") }), "unknown: source-down")
  })

  it("omits facts that no configured integration can know", () => {
    const bare: Beliefs = { playback: none, servers: none, requests: none }
    for (const name of ["playCount", "lastPlayedAt", "watchedBy", "plays", "requested", "labels", "library"] as const) {
      assert.strictEqual(valueOf(unmatched, name, bare), "inapplicable", name)
      assert.strictEqual(valueOf(item, name, bare), "inapplicable", name)
    }
    assert.strictEqual(valueOf(item, "watchedByRequester", { requests: none }), "inapplicable")
    assert.strictEqual(valueOf(item, "watchedByRequester", { playback: none }), "inapplicable")
    assert.deepStrictEqual(valueOf(item, "collections", bare), ["Alien Collection", "Halloween"])
  })

  it("treats the manager's collections as complete only while the servers can be read", () => {
    assert.strictEqual(valueOf(item, "collections", { servers: down("Plex") }), "unknown: source-down")
    assert.strictEqual(valueOf(item, "collections", { catalog: down("Radarr") }), "unknown: source-down")
  })

  it("does not treat the manager's collections as complete if the item was found on no server", () => {
    const lone = libraryItem({ id: "3", collections: ["Alien Collection"] })
    const fact = factOf(lone, "collections")
    assert.strictEqual(valueOf(lone, "collections"), "unknown: not-matched")
    assert.deepStrictEqual(fact._tag === "Unknown" ? fact.lastKnown : null, ["Alien Collection"])
    assert.deepStrictEqual(valueOf(lone, "collections", { servers: none }), ["Alien Collection"])
  })

  it("knows that an item was not requested without a source of plays", () => {
    const asked = libraryItem({
      id: "3",
      data: { ...plainData, requests: [] }
    })
    assert.strictEqual(valueOf(asked, "watchedByRequester", { playback: down("Plex") }), false)
    assert.strictEqual(valueOf(item, "watchedByRequester", { playback: down("Plex") }), "unknown: source-down")
  })

  it("does not know who requested it, nor whether they have watched it, if a requester was deleted", () => {
    const [own] = item.data.requests ?? []
    const asked = libraryItem({
      ...item,
      data: { ...item.data, requests: [own!, { names: [], at, status: "approved", approvedAt: at, approvedBy: [] }] }
    })
    for (const name of ["requestedBy", "watchedByRequester", "watchedByAllRequesters"] as const) {
      assert.strictEqual(valueOf(asked, name), "unknown: not-told", name)
    }
    assert.strictEqual(valueOf(asked, "requested"), true)
    assert.strictEqual(valueOf(asked, "requestCount"), 2)
    assert.strictEqual(valueOf(asked, "lastRequestedAt"), at)
  })

  it("knows the approvals of its requests, unless an application left one out", () => {
    const withRequests = (...requests: NonNullable<LibraryItem["data"]["requests"]>) =>
      libraryItem({ ...item, data: { ...item.data, requests } })
    const ben = { names: ["Ben"], at: older }
    const pending = { ...ben, status: "pending", approvedAt: null } as const
    const approved = { ...ben, status: "approved", is4k: true, approvedAt: older, approvedBy: ["Admin"] } as const
    const completed = { ...ben, status: "completed" } as const
    const both = withRequests(pending, approved)
    assert.deepStrictEqual(valueOf(both, "requestStatus"), ["pending", "approved"])
    assert.strictEqual(valueOf(both, "requestApprovedAt"), older)
    assert.deepStrictEqual(valueOf(both, "requestApprovedBy"), ["Admin"])
    assert.strictEqual(valueOf(both, "requestedIn4k"), true)
    assert.strictEqual(valueOf(withRequests(pending), "requestApprovedAt"), null)
    assert.deepStrictEqual(valueOf(withRequests(pending), "requestApprovedBy"), [])
    assert.strictEqual(valueOf(withRequests(pending), "requestedIn4k"), false)
    for (const name of ["requestApprovedAt", "requestApprovedBy"] as const) {
      assert.strictEqual(valueOf(withRequests(approved, completed), name), "unknown: not-told", name)
    }
    // What an earlier version has stored contains none of it.
    for (const name of ["requestStatus", "requestedIn4k", "requestApprovedAt", "requestApprovedBy"] as const) {
      assert.strictEqual(valueOf(withRequests(ben), name), "unknown: not-told", name)
    }
  })

  it("knows who has it on a watchlist, unless one of the lists may contain more", () => {
    const on = (data: Partial<LibraryItem["data"]>) => libraryItem({ ...item, data: { ...item.data, ...data } })
    const listed = on({ watchlistedBy: [{ names: ["Ann", "ann@example.test"] }, { names: ["Ben"] }] })
    assert.deepStrictEqual(valueOf(listed, "watchlistedBy"), ["Ann", "ann@example.test", "Ben"])
    assert.strictEqual(valueOf(listed, "watchlistCount"), 2)
    assert.strictEqual(valueOf(listed, "onWatchlist"), true)
    assert.strictEqual(valueOf(listed, "onWatchlist", { servers: down("Server") }), true, "one list is enough")
    assert.strictEqual(valueOf(listed, "onWatchlist", { watchlists: down("Lists") }), "unknown: source-down")
    assert.strictEqual(valueOf(on({ watchlistedBy: [] }), "onWatchlist"), false)
    const open = on({ watchlistedBy: [], watchlistsOpen: true })
    for (const name of ["watchlistedBy", "watchlistCount", "onWatchlist"] as const) {
      assert.strictEqual(valueOf(open, name), "unknown: not-told", name)
    }
    const some = on({ watchlistedBy: [{ names: ["Ann"] }], watchlistsOpen: true })
    assert.strictEqual(valueOf(some, "onWatchlist"), true)
    assert.strictEqual(valueOf(some, "watchlistedBy"), "unknown: not-told")
    // Nobody reads watchlists: then the favourites are all that is known.
    assert.strictEqual(valueOf(item, "onWatchlist", { watchlists: none }), false)
    assert.strictEqual(valueOf(on({ onWatchlist: null }), "onWatchlist", { watchlists: none }), "inapplicable")
    assert.strictEqual(valueOf(on({ onWatchlist: null }), "onWatchlist"), false)
    assert.strictEqual(valueOf(item, "watchlistedBy", { watchlists: none }), "inapplicable")
  })

  it("knows no fact while all sources are down, and every fact while all are fresh and matched", () => {
    const outage: Beliefs = {
      catalog: down("A"),
      playback: down("B"),
      servers: down("C"),
      requests: down("D"),
      watchlists: down("E"),
      disk: down("E")
    }
    for (const name of factNames) {
      assert.notStrictEqual(factOf(item, name, outage)._tag, "Known", name)
      // A heavy fact is unknown until it is loaded, whatever its sources are.
      if (heavyFactNames.includes(name)) assert.notStrictEqual(factOf(item, name)._tag, "Known", name)
      else assert.notStrictEqual(factOf(item, name)._tag, "Unknown", name)
    }
  })

  it("never changes a known value into another one when a source goes down", () => {
    const belief = fc.constantFrom<SourceTrust>(fresh("X"), down("X"), none)
    const beliefs = fc.record({
      catalog: belief,
      playback: belief,
      servers: belief,
      requests: belief,
      watchlists: belief,
      disk: belief
    })
    fc.assert(
      fc.property(beliefs, fc.constantFrom(...factNames), (given, name) => {
        const fact = factOf(item, name, given)
        if (fact._tag === "Known") assert.deepStrictEqual(fact.value, valueOf(item, name))
      })
    )
  })
})
