/** Facts of several sources in a table: when they are known, known to be none, and unknown. */
import { assert, describe, it } from "vitest"
import type { FactName, FactValue, ViewerPlays } from "../../src/library/Facts.ts"
import { LoadedFacts } from "../../src/library/Facts/Loading.ts"
import type { ItemData, LibraryItem } from "../../src/library/Item.ts"
import { factSheet } from "../../src/library/ItemFacts.ts"
import type { Family } from "../../src/library/ItemFacts/Definition.ts"
import { makeSourceContext, type SourceContext, type SourceTrust } from "../../src/library/SourceContext.ts"
import { dataOf, libraryItem, lookupOf, noFamily, plainData, catalogItem, season, serverItem, show } from "./Samples.ts"

const at = "2026-06-01T00:00:00.000Z"
const days = (number: number) => `2026-05-${String(number).padStart(2, "0")}T00:00:00.000Z`
const fresh: SourceTrust = { _tag: "Fresh", source: "Test", at }
const none: SourceTrust = { _tag: "None" }

const sources: SourceContext = {
  catalog: () => fresh,
  playback: () => fresh,
  servers: () => fresh,
  requests: () => fresh,
  watchlists: () => fresh,
  managers: () => fresh,
  disk: () => undefined,
  isTooOld: () => false,
  watching: { movieShare: null, seasonShare: 0.8, activeDays: 90 }
}

interface Around {
  readonly family?: Partial<Family>
  readonly sources?: Partial<SourceContext>
  readonly loaded?: ReadonlyArray<ViewerPlays>
}

const shown = (
  item: LibraryItem,
  name: FactName,
  around: Around = {}
): FactValue | `unknown: ${string}` | undefined => {
  const { family = {}, loaded } = around
  const values =
    loaded === undefined
      ? undefined
      : new LoadedFacts(new Map([[name, new Map([[item.id, loaded]])]]), new Set([item.id]))
  const fact = factSheet(item, { ...sources, ...around.sources }, { ...noFamily, ...family }, values).get(name)
  return fact._tag === "Known" ? fact.value : fact._tag === "Unknown" ? `unknown: ${fact.reason}` : undefined
}

const onServer = [{ integrationId: "9", serverItemId: "a", library: "Films" }]
const withData = (data: Partial<ItemData>, given: Partial<LibraryItem> = {}) =>
  libraryItem({ id: "1", ...given, data: { ...plainData, ...data } })
const played = (lastPlayedAt: string | null, users: ReadonlyArray<ViewerPlays> = []) => ({
  onServers: onServer,
  playback: { plays: lastPlayedAt === null ? 0 : 1, lastPlayedAt, users }
})

describe("The disk of an item", () => {
  const now = Date.parse("2026-06-01T12:00:00.000Z")
  const disk = { mountPath: "/data", totalBytes: 2 ** 40, freeBytes: 2 ** 38, readAt: at, staleSince: null }
  const contextOf = (given: Partial<typeof disk> | { readonly staleSince: string }) =>
    makeSourceContext({
      sources: [],
      states: [],
      disks: new Map([["7", { ...disk, ...given }]]),
      now,
      maxFactAgeMillis: 3_600_000 * 72,
      watching: sources.watching
    })
  const cases: ReadonlyArray<[name: string, disk: Parameters<typeof contextOf>[0], free: unknown, used: unknown]> = [
    ["is known", {}, 2 ** 38, 75],
    ["has no used share without a size", { totalBytes: 0, freeBytes: 0 }, 0, null],
    ["is unknown if nobody reports it any more", { staleSince: days(30) }, "unknown: stale", "unknown: stale"],
    ["is unknown if it was read too long ago", { readAt: days(2) }, "unknown: stale", "unknown: stale"]
  ]
  for (const [name, given, free, used] of cases) {
    it(name, () => {
      const item = libraryItem({ id: "1", diskGroupId: "7" })
      const around = { sources: contextOf(given) }
      assert.strictEqual(shown(item, "diskFreeBytes", around), free)
      assert.strictEqual(shown(item, "diskUsedPercent", around), used)
    })
  }

  it("is unknown for an item that is on no known disk", () => {
    for (const diskGroupId of [null, "8"]) {
      const item = libraryItem({ id: "1", diskGroupId })
      assert.strictEqual(shown(item, "diskTotalBytes", { sources: contextOf({}) }), "unknown: not-matched")
    }
  })
})

describe("Ratings in media servers", () => {
  const rated = { user: null, critics: 8.123, audience: 7, imdb: 6.5, rottenTomatoesAudience: 8.4 }
  const cases: ReadonlyArray<[name: FactName, data: Partial<ItemData>, expected: unknown]> = [
    ["ratingCritics", { onServers: onServer, ratings: rated }, 8.12],
    ["userRating", { onServers: onServer, ratings: rated }, null],
    ["ratingRottenTomatoesAudience", { onServers: onServer, ratings: rated }, 84],
    ["ratingRottenTomatoesAudience", { onServers: onServer, ratings: { critics: 3 } }, "unknown: not-told"],
    ["ratingCritics", { onServers: onServer, ratings: rated, untold: { ratingCritics: "odd" } }, "unknown: not-told"],
    ["ratingAudience", {}, "unknown: not-matched"],
    ["ratingImdb", { onServers: onServer, ratings: rated }, 6.5],
    ["ratingImdb", { onServers: onServer, ratings: rated, catalog: { ratingImdb: 7.7 } }, 7.7],
    ["ratingImdb", { onServers: onServer, ratings: rated, catalog: { ratingImdb: null } }, null],
    ["ratingTmdb", { onServers: onServer, ratings: rated }, undefined]
  ]
  for (const [name, data, expected] of cases) {
    it(`show ${name} as ${String(expected)}`, () => {
      assert.strictEqual(shown(withData(data), name), expected)
    })
  }

  it("are those of the first server that has one, and those of the show for a season", () => {
    const whole = show("5", ["tvdb:1"])
    const part = season(whole, 1)
    const entry = (id: string, given: Parameters<typeof serverItem>[0] | object) =>
      serverItem({ serverItemId: id, kind: "show", ids: ["tvdb:1"], ...given })
    const lookup = lookupOf({
      servers: [
        { integrationId: "2", items: [entry("a", { ratings: { user: null, critics: 5 }, studios: ["One"] })] },
        { integrationId: "3", items: [entry("b", { ratings: { user: 9, critics: 7, audience: 6 }, studios: ["Two"] })] }
      ]
    })
    for (const item of [whole, part]) {
      assert.deepStrictEqual(dataOf(lookup, item).ratings, { user: 9, critics: 5, audience: 6 })
      assert.deepStrictEqual(dataOf(lookup, item).studios, ["One", "Two"])
    }
  })

  it("are not stored for items on servers without any", () => {
    const lookup = lookupOf({
      servers: [{ integrationId: "2", items: [serverItem({ serverItemId: "a", ids: ["imdb:tt1"] })] }]
    })
    assert.doesNotHaveAnyKeys(dataOf(lookup, catalogItem({ externalId: "1", ids: ["imdb:tt1"] })), [
      "ratings",
      "studios"
    ])
  })
})

describe("Studios", () => {
  const item = withData({ onServers: onServer, catalog: { studio: "One" }, studios: ["Two", "One"] })
  it("are those of the manager and of its servers", () => {
    assert.deepStrictEqual(shown(item, "studios"), ["One", "Two"])
    assert.deepStrictEqual(shown(withData({ onServers: onServer, catalog: { studio: null } }), "studios"), [])
    assert.deepStrictEqual(shown(item, "studios", { sources: { servers: () => none } }), ["One", "Two"])
  })
  it("are unknown if no server has the item, and not reported without either", () => {
    assert.strictEqual(shown(withData({ catalog: { studio: "One" } }), "studios"), "unknown: not-matched")
    assert.isUndefined(shown(withData({}), "studios", { sources: { servers: () => none } }))
  })
})

describe("The other titles of a collection", () => {
  const of = (id: string, data: Partial<ItemData>, given: Partial<LibraryItem> = {}) =>
    libraryItem({ id, collections: ["Set"], ...given, data: { ...plainData, onServers: onServer, ...data } })
  const last = (item: LibraryItem, others: ReadonlyArray<LibraryItem>, around: Partial<SourceContext> = {}) =>
    shown(item, "siblingsLastPlayedAt", {
      family: { inCollection: (name) => (name === "Set" ? contents : []) },
      sources: around,
      ...((contents = [item, ...others]), {})
    })
  let contents: ReadonlyArray<LibraryItem> = []

  it("were last played when the latest of them was, without the own plays", () => {
    const own = of("1", played(days(9)))
    assert.strictEqual(last(own, [of("2", played(days(3))), of("3", played(days(5)))]), days(5))
    assert.strictEqual(last(own, [of("2", played(null))]), null)
    assert.strictEqual(last(of("1", played(days(9)), { collections: [] }), []), null)
  })

  it("do not include the seasons of its own show", () => {
    const whole = of("1", played(days(9)), { kind: "show" })
    const part = of("2", played(days(9)), { kind: "season", parentExternalId: "1" })
    const other = of("3", played(days(2)), { kind: "show" })
    assert.strictEqual(last(whole, [part, other]), days(2))
    assert.strictEqual(last(part, [whole, other]), days(2))
  })

  it("are unknown if one of them is on no server, or its last play is unknown", () => {
    const own = of("1", played(days(9)))
    assert.strictEqual(last(own, [of("2", { playback: null }), of("3", played(days(5)))]), "unknown: not-told")
    const doubtful = of("2", { ...played(days(1)), untold: { lastPlayedAt: "no date" } })
    assert.strictEqual(last(own, [doubtful]), "unknown: not-told")
    assert.strictEqual(
      last(of("1", { ...played(null), untold: { lastPlayedAt: "no date" } }), []),
      null,
      "only others count"
    )
  })

  it("are unknown while a source is down, and not reported without a source of plays", () => {
    const down: SourceTrust = { _tag: "Unsure", source: "Plex", reason: "source-down", detail: "" }
    const own = of("1", played(days(9)))
    assert.strictEqual(last(own, [], { playback: () => down }), "unknown: source-down")
    assert.strictEqual(last(own, [], { servers: () => down }), "unknown: source-down")
    assert.isUndefined(last(own, [], { playback: () => none }))
  })
})

describe("Watched since it was added", () => {
  const cases: ReadonlyArray<[data: Partial<ItemData>, expected: unknown]> = [
    [{ ...played(days(5)), addedAt: days(4) }, true],
    [{ ...played(days(5)), addedAt: days(6) }, false],
    [{ ...played(null), addedAt: days(6) }, false],
    [{ ...played(null), addedAt: null }, false],
    [{ ...played(days(5)), addedAt: null }, null],
    [{ ...played(days(5)), addedAt: days(4), untold: { lastPlayedAt: "no date" } }, "unknown: not-told"],
    [{ addedAt: days(4) }, "unknown: not-matched"]
  ]
  for (const [data, expected] of cases) {
    it(`is ${String(expected)} for ${JSON.stringify([data.playback?.lastPlayedAt, data.addedAt])}`, () => {
      assert.strictEqual(shown(withData(data), "watchedSinceAdded"), expected)
    })
  }
})

describe("Facts from the plays by account", () => {
  const viewer = (user: string, given: Partial<ViewerPlays> = {}): ViewerPlays => ({
    user,
    person: user,
    plays: 1,
    lastPlayedAt: days(5),
    seen: 1,
    lastSeenAt: days(5),
    minutes: 60,
    marked: 0,
    ...given
  })
  const finished = viewer("Ann")
  const begun = viewer("Bob", { seen: 0, lastSeenAt: null, lastPlayedAt: days(8), minutes: 7 })
  const { lastSeenAt: _, seen: __, ...undistinguished } = begun
  const { minutes: ___, ...untimed } = finished
  const { marked: ____, ...unmarked } = finished
  const namesIn = (value: FactValue | undefined) =>
    Array.isArray(value) ? value.map((one: string | ViewerPlays) => (typeof one === "string" ? one : one.user)) : value
  const cases: ReadonlyArray<[name: FactName, plays: ReadonlyArray<ViewerPlays>, expected: unknown]> = [
    ["lastFinishedAt", [finished, begun], days(5)],
    ["lastFinishedAt", [begun], null],
    ["lastFinishedAt", [finished, undistinguished], "unknown: not-told"],
    ["lastFinishedAt", [viewer("Ann", { plays: 2, lastSeenAt: null })], "unknown: not-told"],
    ["viewersWhoStopped", [finished, begun], ["Bob"]],
    ["viewersWhoStopped", [finished], []],
    ["viewersWhoStopped", [begun, viewer("Bob", { person: "Bob" })], []],
    ["viewersWhoStopped", [undistinguished], "unknown: not-told"],
    ["minutesWatched", [finished, begun], 67],
    ["minutesWatched", [finished, untimed], "unknown: not-told"],
    ["markedWatchedBy", [viewer("Ann", { marked: 1 }), begun], ["Ann"]],
    ["markedWatchedBy", [finished], []],
    ["markedWatchedBy", [unmarked], "unknown: not-told"],
    ["watchTimeByUser", [finished, viewer("Ann", { minutes: 5 })], ["Ann"]]
  ]
  for (const [name, plays, expected] of cases) {
    it(`show ${name} of ${plays.map(({ user }) => user).join(" and ")} as ${JSON.stringify(expected)}`, () => {
      const item = withData(played(days(8), plays))
      assert.deepStrictEqual(namesIn(shown(item, name, { loaded: plays })), expected)
    })
  }

  it("add up the minutes of the accounts of one person", () => {
    const plays = [finished, viewer("Ann", { minutes: 5 })]
    const value = shown(withData(played(days(8), plays)), "watchTimeByUser", { loaded: plays })
    assert.deepInclude((value as ReadonlyArray<ViewerPlays>)[0], { minutes: 65, plays: 2 })
  })

  it("are none if nobody has played it", () => {
    const item = withData(played(null))
    for (const [name, expected] of [
      ["lastFinishedAt", null],
      ["minutesWatched", 0],
      ["viewersWhoStopped", []],
      ["markedWatchedBy", []]
    ] as const) {
      assert.deepStrictEqual(shown(item, name, { loaded: [] }), expected, name)
    }
  })
})

describe("Dates of requests", () => {
  const asked = (...requests: NonNullable<ItemData["requests"]>) => withData({ requests })
  const request = { names: ["ann"], at: days(1) }
  it("are the last approval and the last time that it became available", () => {
    const item = asked(
      { ...request, approvedAt: days(4), availableAt: days(5) },
      { ...request, approvedAt: days(3), availableAt: days(6) }
    )
    assert.strictEqual(shown(item, "requestApprovedAt"), days(4))
    assert.strictEqual(shown(item, "requestAvailableAt"), days(6))
  })
  it("are none if it was not requested, or not yet", () => {
    for (const item of [asked(), asked({ ...request, approvedAt: null, availableAt: null })]) {
      assert.strictEqual(shown(item, "requestApprovedAt"), null)
      assert.strictEqual(shown(item, "requestAvailableAt"), null)
    }
  })
  it("are unknown if an application does not report them, or no request could be found", () => {
    const item = asked(request, { ...request, approvedAt: days(3), availableAt: days(3) })
    assert.strictEqual(shown(item, "requestApprovedAt"), "unknown: not-told")
    assert.strictEqual(shown(item, "requestAvailableAt"), "unknown: not-told")
    assert.strictEqual(shown(withData({}), "requestApprovedAt"), "unknown: not-matched")
  })
})

describe("Facts of the manager", () => {
  it("contain its number of an item, which a part has from its whole", () => {
    const of = (externalId: string) => shown(libraryItem({ id: "1", externalId }), "managerId")
    assert.deepStrictEqual([of("12"), of("12:s3"), of("12:a5"), of("OL1A")], [12, 12, 12, null])
  })

  it("contain when a show first aired, also for its seasons", () => {
    const whole = withData({ catalog: { releasedAt: days(1) } }, { kind: "show" })
    const part = withData({ catalog: { seasonNumber: 2 } }, { kind: "season", parentExternalId: "1" })
    const family = { parentOf: () => whole }
    assert.strictEqual(shown(whole, "firstAiredAt"), days(1))
    assert.strictEqual(shown(part, "firstAiredAt", { family }), days(1))
    const odd = withData({ catalog: { releasedAt: null }, untold: { releasedAt: "odd" } }, { kind: "show" })
    assert.strictEqual(shown(odd, "firstAiredAt"), "unknown: not-told")
    assert.strictEqual(shown(part, "firstAiredAt", { family: { parentOf: () => odd } }), "unknown: not-told")
  })
})
