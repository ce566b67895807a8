/** Facts about plays, requests, labels and dates that sources do not report are unknown with a reason, never "none". */
import { assert, describe, it } from "vitest"
import type { CatalogItem, PlaybackEntry, ServerItem } from "../../src/integrations/Observations.ts"
import type { FactName } from "../../src/library/Facts.ts"
import type { LibraryItem } from "../../src/library/Item.ts"
import { factSheet } from "../../src/library/ItemFacts.ts"
import type { Family } from "../../src/library/ItemFacts/Definition.ts"
import { joinItem } from "../../src/library/Join.ts"
import { makeSnapshot } from "../../src/library/Snapshots.ts"
import type { SourceTrust, SourceContext, Watching } from "../../src/library/SourceContext.ts"
import { catalogItem, libraryItem, lookupOf, noFamily, playback, request, season, serverItem, show } from "./Samples.ts"

const earlier = "2026-01-01T00:00:00.000Z"
const later = "2026-03-01T00:00:00.000Z"
const at = "2026-06-01T00:00:00.000Z"
const daysBefore = (days: number) => new Date(Date.parse(at) - days * 86_400_000).toISOString()

const fresh: SourceTrust = { _tag: "Fresh", source: "Test", at }
const watchingAs = (watching: Partial<Watching> = {}): SourceContext => ({
  managers: () => ({ _tag: "None" }),
  catalog: () => fresh,
  playback: () => fresh,
  servers: () => fresh,
  requests: () => fresh,
  watchlists: () => fresh,
  disk: () => undefined,
  isTooOld: () => false,
  watching: { movieShare: null, seasonShare: 0.8, activeDays: 90, ...watching }
})

type Reported = Parameters<typeof lookupOf>[0]

const stored = (reported: Reported, item: CatalogItem, id = item.externalId): LibraryItem => {
  const { collections, data } = joinItem(lookupOf(reported), "1", item)
  const { externalId, ids, kind, parentExternalId, title, year } = item
  return libraryItem({ id, externalId, kind, parentExternalId, title, year, ids, collections, data })
}

const valueOf = (item: LibraryItem, name: FactName, context = watchingAs(), family: Family = noFamily) => {
  const fact = factSheet(item, context, family).get(name)
  return fact._tag === "Known" ? fact.value : fact._tag === "Unknown" ? `unknown: ${fact.detail}` : "inapplicable"
}

const isUnknown = (value: unknown) => typeof value === "string" && value.startsWith("unknown")

const film = catalogItem({ externalId: "1", title: "The Long Road", year: 2001, ids: ["tmdb-movie:1"] })
const onPlex = (given: Partial<ServerItem> = {}) =>
  serverItem({ serverItemId: "a", title: "The Long Road", year: 2001, ids: ["tmdb-movie:1"], ...given })
/** A show on the server, with its seasons. */
const showOnPlex = (of: CatalogItem, numbers: ReadonlyArray<number>): ReadonlyArray<ServerItem> => [
  serverItem({ serverItemId: "s", kind: "show", title: of.title, ids: of.ids }),
  ...numbers.map((seasonNumber) =>
    serverItem({ serverItemId: `s${seasonNumber}`, kind: "season", parentServerItemId: "s", seasonNumber })
  )
]
const plex = (items: ReadonlyArray<ServerItem>, entries: ReadonlyArray<PlaybackEntry> = []): Reported => ({
  servers: [{ integrationId: "9", items }],
  playback: [{ serverIntegrationId: "9", entries }]
})

describe("Plays under a key that the server no longer has", () => {
  const lost = (given: Partial<PlaybackEntry> = {}) =>
    playback("old", { ann: 1 }, earlier, { title: "The Long Road", year: 2001, ...given })

  it("count for the entry with their lasting id", () => {
    const guid = "plex://movie/5d77"
    assert.strictEqual(valueOf(stored(plex([onPlex({ guid })], [lost({ guid })]), film), "playCount"), 1)
  })

  it("make the plays of items with their title unknown, with the place where they were found", () => {
    const item = stored(plex([onPlex()], [lost()]), film)
    for (const name of ["playCount", "lastPlayedAt", "watchedBy", "plays"] as const) {
      assert.match(String(valueOf(item, name)), /unknown: Statistics has plays .* under the key old/)
    }
  })

  it("belong to another work if the year or the title differs", () => {
    for (const given of [{ year: 1985 }, { title: "The Longer Road" }]) {
      assert.strictEqual(valueOf(stored(plex([onPlex()], [lost(given)]), film), "playCount"), 0)
    }
  })

  it("are found by the title on the server, in another language or case", () => {
    const item = stored(plex([onPlex({ title: "Der lange Weg" })], [lost({ title: "DER LANGE WEG" })]), film)
    assert.isTrue(isUnknown(valueOf(item, "playCount")))
  })

  it("do not count for an item that got that key later", () => {
    const other = catalogItem({ externalId: "2", title: "Newcomer", ids: ["tmdb-movie:2"] })
    const reported = plex(
      [
        onPlex({ guid: "plex://movie/1" }),
        serverItem({ serverItemId: "k", title: "Newcomer", guid: "plex://movie/2", ids: other.ids })
      ],
      [playback("k", { ann: 3 }, later, { guid: "plex://movie/1", title: "The Long Road" })]
    )
    assert.strictEqual(valueOf(stored(reported, other), "playCount"), 0)
    assert.strictEqual(valueOf(stored(reported, film), "playCount"), 3, "they are those of the film they were of")
  })

  it("make the plays of the former owner of a reused key unknown if there is no lasting id", () => {
    const other = catalogItem({ externalId: "2", title: "Newcomer", ids: ["tmdb-movie:2"] })
    const reported = plex(
      [onPlex(), serverItem({ serverItemId: "k", title: "Newcomer", ids: other.ids })],
      [playback("k", { ann: 3 }, later, { title: "The Long Road", year: 2001 })]
    )
    assert.isTrue(isUnknown(valueOf(stored(reported, film), "playCount")))
  })

  it("of a season affect only that season", () => {
    const of = show("5", ["tvdb:5"], { title: "Harbour" })
    const reported = plex(showOnPlex(of, [1, 2]), [
      playback("old", { ann: 1 }, earlier, { kind: "season", seasonNumber: 1, title: "Harbour" })
    ])
    const part = (number: number) => stored(reported, season(of, number, { wholeTitle: "Harbour", year: null }))
    assert.isTrue(isUnknown(valueOf(part(1), "playCount")))
    assert.strictEqual(valueOf(part(2), "playCount"), 0)
  })
})

describe("An entry without known ids", () => {
  it("is joined by its file, however the path is written", () => {
    const item = { ...film, filePath: "D:\\films\\Amélie\\a.mkv" }
    const entry = onPlex({ ids: [], paths: ["D:/films/Ame\u0301lie/a.mkv"] })
    assert.strictEqual(valueOf(stored(plex([entry], [playback("a", { ann: 2 }, later)]), item), "playCount"), 2)
  })

  it("makes plays unknown if it was played and has the title of an item that the server also has with an id", () => {
    const reported = plex(
      [onPlex(), onPlex({ serverItemId: "b", ids: [], library: "Anime" })],
      [playback("b", { ann: 1 }, later)]
    )
    assert.match(
      String(valueOf(stored(reported, film), "playCount")),
      /library Anime was played, and has no readable id/
    )
    const unplayed = plex([onPlex(), onPlex({ serverItemId: "b", ids: [] })])
    assert.strictEqual(valueOf(stored(unplayed, film), "playCount"), 0)
  })
})

describe("Plays without a date", () => {
  it("make the date of the last play unknown instead of earlier", () => {
    const entry = playback("a", { ann: 2 }, earlier, { undated: true })
    const item = stored(plex([onPlex()], [entry]), film)
    assert.match(String(valueOf(item, "lastPlayedAt")), /unknown: one of its plays has no date/)
    assert.strictEqual(valueOf(item, "playCount"), 2)
  })

  it("count if the entry itself reports them, as when it was marked by hand", () => {
    const item = stored(plex([onPlex({ ownPlays: { name: "owner", plays: 1, lastPlayedAt: null, seen: 1 } })]), film)
    assert.strictEqual(valueOf(item, "playCount"), 1)
    assert.isTrue(isUnknown(valueOf(item, "lastPlayedAt")))
    assert.deepStrictEqual(valueOf(item, "watchedBy"), ["owner"])
  })

  it("are not counted twice: the counter of an entry and its history report the same play", () => {
    const own = { name: "ann", plays: 2, lastPlayedAt: later }
    const item = stored(plex([onPlex({ ownPlays: own })], [playback("a", { ann: 2, ben: 1 }, earlier)]), film)
    assert.strictEqual(valueOf(item, "playCount"), 3)
    assert.strictEqual(valueOf(item, "lastPlayedAt"), later)
  })
})

describe("A server that does not list everything", () => {
  it("makes the plays of a season unknown for which it has no entry, although it has the show", () => {
    const of = show("5", ["tvdb:5"])
    const reported = plex(showOnPlex(of, [1]))
    assert.strictEqual(valueOf(stored(reported, season(of, 1)), "playCount"), 0)
    assert.match(String(valueOf(stored(reported, season(of, 2)), "playCount")), /none lists this season/)
  })

  it("makes labels and collections unknown, with its reason", () => {
    const entry = onPlex({
      labels: ["a"],
      collections: ["X", "Y"],
      untold: { labels: "lists are trimmed", collections: "at most two" }
    })
    const item = stored(plex([entry]), film)
    assert.strictEqual(valueOf(item, "labels"), "unknown: lists are trimmed")
    assert.strictEqual(valueOf(item, "collections"), "unknown: at most two")
    assert.strictEqual(valueOf(item, "playCount"), 0)
  })

  it("makes all facts about plays unknown if it cannot report plays", () => {
    const item = stored(plex([onPlex({ untold: { plays: "season unknown" } })]), film)
    assert.strictEqual(valueOf(item, "playCount"), "unknown: season unknown")
  })

  it("reports every library that contains an item", () => {
    const reported = plex([onPlex(), onPlex({ serverItemId: "b", library: "Kids", otherLibraries: ["All"] })])
    assert.deepStrictEqual(valueOf(stored(reported, film), "library"), ["Films", "Kids", "All"])
  })
})

describe("The day on which an item was added", () => {
  const days = (given: CatalogItem["facts"], server: string | null = null) =>
    valueOf(stored(plex([onPlex({ addedAt: server })]), { ...film, facts: given }), "addedAt")

  it("is the earliest one, so that an upgrade of the file changes nothing", () => {
    assert.strictEqual(days({ addedAt: earlier, fileAddedAt: later }), earlier)
    assert.strictEqual(
      days({ addedAt: earlier, fileAddedAt: at }, later),
      later,
      "an item may be added to the manager before its file"
    )
    assert.strictEqual(days({ addedAt: at, fileAddedAt: earlier }, later), earlier)
  })

  it("is that of the season, never that of its show", () => {
    const of = show("5", ["tvdb:5"], { facts: { addedAt: earlier } })
    const entries = [
      serverItem({ serverItemId: "s", kind: "show", ids: of.ids, addedAt: earlier }),
      serverItem({ serverItemId: "s5", kind: "season", parentServerItemId: "s", seasonNumber: 5, addedAt: later })
    ]
    const dayOf = (number: number) => valueOf(stored(plex(entries), season(of, number)), "addedAt")
    assert.strictEqual(dayOf(5), later)
    assert.match(String(dayOf(4)), /unknown: no application reports when this season was added/)
    const alone: SourceContext = { ...watchingAs(), servers: () => ({ _tag: "None" }) }
    const untold = valueOf(stored({ servers: [], playback: [], requests: [] }, season(of, 4)), "addedAt", alone)
    assert.match(
      String(untold),
      /unknown: no application reports when this season was added/,
      "also without a media server"
    )
  })
})

describe("Watched by the requester", () => {
  const asked = (given: Parameters<typeof request>[2] = {}) =>
    request(film.ids, ["Ann", "ann@example.test"], { requestedAt: earlier, ...given })
  const seen = (
    viewer: Partial<PlaybackEntry["users"][number]>,
    requests = [asked()],
    watching?: Partial<Watching>
  ) => {
    const users = [{ name: "ann", plays: 1, lastPlayedAt: later, ...viewer }]
    const reported = { ...plex([onPlex()], [playback("a", {}, later, { plays: 1, users })]), requests }
    return valueOf(stored(reported, film), "watchedByRequester", watchingAs(watching))
  }

  it("means watched to the end, by the mark of the source or by the share in the settings", () => {
    assert.isFalse(seen({ seen: 0, furthest: 0.02 }))
    assert.isTrue(seen({ seen: 1, lastSeenAt: later }))
    assert.isTrue(seen({ seen: 0, furthest: 0.6 }, [asked()], { movieShare: 0.5 }))
    assert.isFalse(seen({ seen: 1, lastSeenAt: later, furthest: 0.6 }, [asked()], { movieShare: 0.9 }))
  })

  it("means watched after the request", () => {
    assert.isFalse(seen({ seen: 1, lastSeenAt: earlier }, [asked({ requestedAt: later })]))
    assert.isTrue(
      isUnknown(seen({ plays: 2, seen: 1, lastSeenAt: null })),
      "it is unknown which of the two plays it was"
    )
    assert.isTrue(isUnknown(seen({ seen: 1, lastSeenAt: later }, [asked({ requestedAt: null })])))
  })

  it("is unknown if no source distinguishes watched from begun, and false if no requester has begun", () => {
    assert.isTrue(isUnknown(seen({})))
    assert.isFalse(seen({ name: "somebody else" }))
  })

  it("recognizes people by all their names", () => {
    assert.isTrue(seen({ name: "u1", names: [" ANN@example.test "], seen: 1, lastSeenAt: later }))
  })

  it("can be evaluated for any and for all of several requesters", () => {
    const users = [{ name: "ann", plays: 1, lastPlayedAt: later, seen: 1, lastSeenAt: later }]
    const requests = [asked(), request(film.ids, ["Ben"], { requestedAt: earlier })]
    const item = stored({ ...plex([onPlex()], [playback("a", {}, later, { plays: 1, users })]), requests }, film)
    assert.isTrue(valueOf(item, "watchedByRequester"))
    assert.isFalse(valueOf(item, "watchedByAllRequesters"))
  })

  it("requires a share of the episodes for a season", () => {
    const of = show("5", ["tvdb:5"])
    const share = (episodes: number) => {
      const users = [{ name: "ann", plays: episodes, lastPlayedAt: later, seen: episodes, lastSeenAt: later }]
      const reported = {
        ...plex(showOnPlex(of, [1]), [
          playback("s", {}, later, { kind: "season", seasonNumber: 1, plays: episodes, users })
        ]),
        requests: [request(of.ids, ["ann"], { kind: "show", requestedAt: earlier })]
      }
      return valueOf(
        stored(reported, season(of, 1, { facts: { seasonNumber: 1, episodeCount: 10 } })),
        "watchedByRequester"
      )
    }
    assert.isFalse(share(1))
    assert.isFalse(share(7))
    assert.isTrue(share(8))
  })
})

describe("Requests", () => {
  it("have a first and a last date, and neither is known if one request has no date", () => {
    const ofFilm = (...dates: ReadonlyArray<string | null>) =>
      stored({ requests: dates.map((requestedAt, index) => request(film.ids, [`P${index}`], { requestedAt })) }, film)
    assert.strictEqual(valueOf(ofFilm(later, earlier), "requestedAt"), earlier)
    assert.strictEqual(valueOf(ofFilm(later, earlier), "lastRequestedAt"), later)
    assert.isTrue(isUnknown(valueOf(ofFilm(later, null), "requestedAt")))
    assert.strictEqual(valueOf(ofFilm(), "requestedAt"), null)
  })

  it("for 4K belong to the 4K copy if there are two copies, and otherwise to the only one", () => {
    const usual = { ...film, facts: { resolution: "1080p" } }
    const uhd = { ...film, externalId: "2", facts: { resolution: "2160p" } }
    const requests = [request(film.ids, ["Ann"], { is4k: true }), request(film.ids, ["Ben"])]
    const both = { requests, catalog: [usual, uhd] }
    assert.deepStrictEqual(valueOf(stored(both, usual), "requestedBy"), ["Ben"])
    assert.deepStrictEqual(valueOf(stored(both, uhd), "requestedBy"), ["Ann"])
    assert.deepStrictEqual(valueOf(stored({ requests, catalog: [usual] }, usual), "requestedBy"), ["Ann", "Ben"])
    const named = { ...film, externalId: "3", facts: { qualityProfile: "Ultra-HD" } }
    assert.deepStrictEqual(valueOf(stored({ requests, catalog: [usual, named] }, named), "requestedBy"), ["Ann"])
    // The file of the manager for 4K is not in 4K yet.
    const waiting = { ...usual, externalId: "4", path: "/data/movies4k/Film" }
    assert.deepStrictEqual(valueOf(stored({ requests, catalog: [usual, waiting] }, waiting), "requestedBy"), ["Ann"])
    assert.deepStrictEqual(valueOf(stored({ requests, catalog: [usual, waiting] }, usual), "requestedBy"), ["Ben"])
  })
})

describe("A season that is up next", () => {
  const of = show("5", ["tvdb:5"])
  const library = (plays: Readonly<Record<number, string | null>>, numbers = [0, 1, 2, 3, 4], viewer = {}) => {
    const reported = plex(
      showOnPlex(of, numbers),
      Object.entries(plays).map(([number, lastPlayedAt]) =>
        playback("s", {}, at, {
          kind: "season",
          seasonNumber: Number(number),
          plays: 1,
          lastPlayedAt,
          users: [
            { name: "ann", plays: 1, lastPlayedAt, ...(lastPlayedAt === null ? { undated: true } : {}), ...viewer }
          ]
        })
      )
    )
    const items = [stored(reported, of), ...numbers.map((number) => stored(reported, season(of, number)))]
    const snapshot = makeSnapshot(items)
    return (number: number) =>
      valueOf(
        items.find(({ externalId }) => externalId === `5:s${number}`)!,
        "upNext",
        watchingAs(),
        snapshot
      )
  }

  it("is the one after the season that somebody is in", () => {
    const next = library({ 1: daysBefore(40), 2: daysBefore(1) })
    assert.deepStrictEqual([1, 2, 3, 4].map(next), [false, false, true, false])
  })

  it("is the next season in the library, never the specials", () => {
    const next = library({ 1: daysBefore(1) }, [0, 1, 3])
    assert.deepStrictEqual([0, 1, 3].map(next), [false, false, true])
  })

  it("does not exist if the last play is too long ago", () => {
    assert.isFalse(library({ 1: daysBefore(91) })(2))
  })

  it("is unknown if the season before it was played without a date", () => {
    assert.isTrue(isUnknown(library({ 1: null })(2)))
  })

  it("is unknown if one of several plays of the season before it has no date", () => {
    assert.isTrue(isUnknown(library({ 1: daysBefore(200) }, [1, 2], { undated: true })(2)))
  })

  it("is unknown if it is not reported which season was played, or what was played of the one before it", () => {
    const entry = {
      plays: 1,
      lastPlayedAt: daysBefore(1),
      users: [{ name: "ann", plays: 1, lastPlayedAt: daysBefore(1) }]
    }
    const reported = plex(showOnPlex(of, [1, 2, 3]), [
      playback("s", {}, at, { kind: "show", ...entry }),
      playback("s", {}, at, { kind: "season", ...entry, seasonNumber: null })
    ])
    const items = [of, ...[1, 2, 3].map((number) => season(of, number))].map((item) => stored(reported, item))
    const next = items.map((item) => valueOf(item, "upNext", watchingAs(), makeSnapshot(items)))
    assert.deepStrictEqual(
      next.slice(1).map((value) => isUnknown(value) || value),
      [false, true, true]
    )
  })

  it("is unknown if somebody recently played a season that no longer exists", () => {
    const entry = (days: number) => ({
      plays: 1,
      lastPlayedAt: daysBefore(days),
      users: [{ name: "ann", plays: 1, lastPlayedAt: daysBefore(days) }]
    })
    const next = (numbers: ReadonlyArray<number>, days: number, inSeason: number) => {
      const reported = plex(showOnPlex(of, numbers), [
        playback("s", {}, at, { kind: "show", ...entry(days) }),
        playback("s", {}, at, { kind: "season", ...entry(days), seasonNumber: inSeason })
      ])
      const items = [of, ...numbers.map((number) => season(of, number))].map((item) => stored(reported, item))
      const values = items.slice(1).map((item) => valueOf(item, "upNext", watchingAs(), makeSnapshot(items)))
      return values.map((value) => isUnknown(value) || value)
    }
    assert.deepStrictEqual(next([3, 4], 1, 2), [true, false], "the second was removed after it was watched")
    assert.deepStrictEqual(next([1, 3], 1, 2), [false, true])
    assert.deepStrictEqual(next([3, 4], 91, 2), [false, false], "too long ago")
    assert.deepStrictEqual(next([0, 3], 1, 0), [false, false], "the specials are there")
    assert.deepStrictEqual(next([3, 5], 1, 5), [false, false])
  })
})
