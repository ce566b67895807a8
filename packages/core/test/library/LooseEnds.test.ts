/** What sources leave open about plays, requests, labels and dates: unknown with its reason, and never "none". */
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
  catalog: () => fresh,
  playback: () => fresh,
  servers: () => fresh,
  requests: () => fresh,
  watching: { movieShare: null, seasonShare: 0.8, activeDays: 90, ...watching }
})

type Told = Parameters<typeof lookupOf>[0]

const stored = (told: Told, item: CatalogItem, id = item.externalId): LibraryItem => {
  const { collections, data } = joinItem(lookupOf(told), "1", item)
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
const plex = (items: ReadonlyArray<ServerItem>, entries: ReadonlyArray<PlaybackEntry> = []): Told => ({
  servers: [{ integrationId: "9", items }],
  playback: [{ serverIntegrationId: "9", entries }]
})

describe("plays under a key that the server has no longer", () => {
  const lost = (given: Partial<PlaybackEntry> = {}) =>
    playback("old", { ann: 1 }, earlier, { title: "The Long Road", year: 2001, ...given })

  it("count for the entry that carries their lasting id", () => {
    const guid = "plex://movie/5d77"
    assert.strictEqual(valueOf(stored(plex([onPlex({ guid })], [lost({ guid })]), film), "playCount"), 1)
  })

  it("make the plays of what bears their title unknown, and say where they are", () => {
    const item = stored(plex([onPlex()], [lost()]), film)
    for (const name of ["playCount", "lastPlayedAt", "watchedBy", "plays"] as const) {
      assert.match(String(valueOf(item, name)), /unknown: Statistics has plays .* under the key old/)
    }
  })

  it("are of another work where the years differ, or the title", () => {
    for (const given of [{ year: 1985 }, { title: "The Longer Road" }]) {
      assert.strictEqual(valueOf(stored(plex([onPlex()], [lost(given)]), film), "playCount"), 0)
    }
  })

  it("are found by the title that the server gives it, in another language or case", () => {
    const item = stored(plex([onPlex({ title: "Der lange Weg" })], [lost({ title: "DER LANGE WEG" })]), film)
    assert.isTrue(isUnknown(valueOf(item, "playCount")))
  })

  it("do not count for what got that key later", () => {
    const other = catalogItem({ externalId: "2", title: "Newcomer", ids: ["tmdb-movie:2"] })
    const told = plex(
      [
        onPlex({ guid: "plex://movie/1" }),
        serverItem({ serverItemId: "k", title: "Newcomer", guid: "plex://movie/2", ids: other.ids })
      ],
      [playback("k", { ann: 3 }, later, { guid: "plex://movie/1", title: "The Long Road" })]
    )
    assert.strictEqual(valueOf(stored(told, other), "playCount"), 0)
    assert.strictEqual(valueOf(stored(told, film), "playCount"), 3, "they are those of the film they were of")
  })

  it("leave the former owner of a reused key in doubt where no lasting id tells", () => {
    const other = catalogItem({ externalId: "2", title: "Newcomer", ids: ["tmdb-movie:2"] })
    const told = plex(
      [onPlex(), serverItem({ serverItemId: "k", title: "Newcomer", ids: other.ids })],
      [playback("k", { ann: 3 }, later, { title: "The Long Road", year: 2001 })]
    )
    assert.isTrue(isUnknown(valueOf(stored(told, film), "playCount")))
  })

  it("of a season concern that season alone", () => {
    const of = show("5", ["tvdb:5"], { title: "Harbour" })
    const told = plex(showOnPlex(of, [1, 2]), [
      playback("old", { ann: 1 }, earlier, { kind: "season", seasonNumber: 1, title: "Harbour" })
    ])
    const part = (number: number) => stored(told, season(of, number, { wholeTitle: "Harbour", year: null }))
    assert.isTrue(isUnknown(valueOf(part(1), "playCount")))
    assert.strictEqual(valueOf(part(2), "playCount"), 0)
  })
})

describe("an entry whose ids nobody reads", () => {
  it("is joined by its very file, however the path is written", () => {
    const item = { ...film, filePath: "D:\\films\\Amélie\\a.mkv" }
    const entry = onPlex({ ids: [], paths: ["D:/films/Ame\u0301lie/a.mkv"] })
    assert.strictEqual(valueOf(stored(plex([entry], [playback("a", { ann: 2 }, later)]), item), "playCount"), 2)
  })

  it("makes plays unknown when it was played and bears the title of an item that the server has elsewhere by an id", () => {
    const told = plex(
      [onPlex(), onPlex({ serverItemId: "b", ids: [], library: "Anime" })],
      [playback("b", { ann: 1 }, later)]
    )
    assert.match(String(valueOf(stored(told, film), "playCount")), /library Anime was played, and has no readable id/)
    const unplayed = plex([onPlex(), onPlex({ serverItemId: "b", ids: [] })])
    assert.strictEqual(valueOf(stored(unplayed, film), "playCount"), 0)
  })
})

describe("plays without a date", () => {
  it("make the last play unknown, and not earlier", () => {
    const entry = playback("a", { ann: 2 }, earlier, { undated: true })
    const item = stored(plex([onPlex()], [entry]), film)
    assert.match(String(valueOf(item, "lastPlayedAt")), /unknown: one of its plays has no date/)
    assert.strictEqual(valueOf(item, "playCount"), 2)
  })

  it("count where the entry itself tells of them: a mark by hand", () => {
    const item = stored(plex([onPlex({ ownPlays: { name: "owner", plays: 1, lastPlayedAt: null, seen: 1 } })]), film)
    assert.strictEqual(valueOf(item, "playCount"), 1)
    assert.isTrue(isUnknown(valueOf(item, "lastPlayedAt")))
    assert.deepStrictEqual(valueOf(item, "watchedBy"), ["owner"])
  })

  it("are not counted twice: the counter of an entry and its history tell of the same play", () => {
    const own = { name: "ann", plays: 2, lastPlayedAt: later }
    const item = stored(plex([onPlex({ ownPlays: own })], [playback("a", { ann: 2, ben: 1 }, earlier)]), film)
    assert.strictEqual(valueOf(item, "playCount"), 3)
    assert.strictEqual(valueOf(item, "lastPlayedAt"), later)
  })
})

describe("a server that does not list everything", () => {
  it("leaves the plays of a season unknown that it has no entry for, though it has the show", () => {
    const of = show("5", ["tvdb:5"])
    const told = plex(showOnPlex(of, [1]))
    assert.strictEqual(valueOf(stored(told, season(of, 1)), "playCount"), 0)
    assert.match(String(valueOf(stored(told, season(of, 2)), "playCount")), /none lists this season/)
  })

  it("leaves labels and collections unknown, with its reason", () => {
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

  it("leaves everything about plays unknown where it cannot tell them", () => {
    const item = stored(plex([onPlex({ untold: { plays: "season unknown" } })]), film)
    assert.strictEqual(valueOf(item, "playCount"), "unknown: season unknown")
  })

  it("tells every library in which an item stands", () => {
    const told = plex([onPlex(), onPlex({ serverItemId: "b", library: "Kids", otherLibraries: ["All"] })])
    assert.deepStrictEqual(valueOf(stored(told, film), "library"), ["Films", "Kids", "All"])
  })
})

describe("the day on which something came", () => {
  const days = (given: CatalogItem["facts"], server: string | null = null) =>
    valueOf(stored(plex([onPlex({ addedAt: server })]), { ...film, facts: given }), "addedAt")

  it("is the earliest one, so that an upgrade of the file changes nothing", () => {
    assert.strictEqual(days({ addedAt: earlier, fileAddedAt: later }), earlier)
    assert.strictEqual(days({ addedAt: earlier, fileAddedAt: at }, later), later, "a wish is older than the film")
    assert.strictEqual(days({ addedAt: at, fileAddedAt: earlier }, later), earlier)
  })

  it("is a season's own and never that of its show", () => {
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
      "with no media server either"
    )
  })
})

describe("watched by who asked", () => {
  const asked = (given: Parameters<typeof request>[2] = {}) =>
    request(film.ids, ["Ann", "ann@example.test"], { requestedAt: earlier, ...given })
  const seen = (
    viewer: Partial<PlaybackEntry["users"][number]>,
    requests = [asked()],
    watching?: Partial<Watching>
  ) => {
    const users = [{ name: "ann", plays: 1, lastPlayedAt: later, ...viewer }]
    const told = { ...plex([onPlex()], [playback("a", {}, later, { plays: 1, users })]), requests }
    return valueOf(stored(told, film), "watchedByRequester", watchingAs(watching))
  }

  it("means watched and not only begun, by the mark of the source or by a share that a person set", () => {
    assert.isFalse(seen({ seen: 0, furthest: 0.02 }))
    assert.isTrue(seen({ seen: 1, lastSeenAt: later }))
    assert.isTrue(seen({ seen: 0, furthest: 0.6 }, [asked()], { movieShare: 0.5 }))
    assert.isFalse(seen({ seen: 1, lastSeenAt: later, furthest: 0.6 }, [asked()], { movieShare: 0.9 }))
  })

  it("means after they asked", () => {
    assert.isFalse(seen({ seen: 1, lastSeenAt: earlier }, [asked({ requestedAt: later })]))
    assert.isTrue(isUnknown(seen({ plays: 2, seen: 1, lastSeenAt: null })), "nobody tells which of the two it was")
    assert.isTrue(isUnknown(seen({ seen: 1, lastSeenAt: later }, [asked({ requestedAt: null })])))
  })

  it("is unknown where no source tells watched from begun, and no where nobody who asked has begun", () => {
    assert.isTrue(isUnknown(seen({})))
    assert.isFalse(seen({ name: "somebody else" }))
  })

  it("knows people by all their names", () => {
    assert.isTrue(seen({ name: "u1", names: [" ANN@example.test "], seen: 1, lastSeenAt: later }))
  })

  it("of several who asked can be asked for any and for all of them", () => {
    const users = [{ name: "ann", plays: 1, lastPlayedAt: later, seen: 1, lastSeenAt: later }]
    const requests = [asked(), request(film.ids, ["Ben"], { requestedAt: earlier })]
    const item = stored({ ...plex([onPlex()], [playback("a", {}, later, { plays: 1, users })]), requests }, film)
    assert.isTrue(valueOf(item, "watchedByRequester"))
    assert.isFalse(valueOf(item, "watchedByAllRequesters"))
  })

  it("of a season needs a share of its episodes", () => {
    const of = show("5", ["tvdb:5"])
    const share = (episodes: number) => {
      const users = [{ name: "ann", plays: episodes, lastPlayedAt: later, seen: episodes, lastSeenAt: later }]
      const told = {
        ...plex(showOnPlex(of, [1]), [
          playback("s", {}, later, { kind: "season", seasonNumber: 1, plays: episodes, users })
        ]),
        requests: [request(of.ids, ["ann"], { kind: "show", requestedAt: earlier })]
      }
      return valueOf(
        stored(told, season(of, 1, { facts: { seasonNumber: 1, episodeCount: 10 } })),
        "watchedByRequester"
      )
    }
    assert.isFalse(share(1))
    assert.isFalse(share(7))
    assert.isTrue(share(8))
  })
})

describe("requests", () => {
  it("tell when something was first and when it was last asked for, and neither where one has no date", () => {
    const ofFilm = (...dates: ReadonlyArray<string | null>) =>
      stored({ requests: dates.map((requestedAt, index) => request(film.ids, [`P${index}`], { requestedAt })) }, film)
    assert.strictEqual(valueOf(ofFilm(later, earlier), "requestedAt"), earlier)
    assert.strictEqual(valueOf(ofFilm(later, earlier), "lastRequestedAt"), later)
    assert.isTrue(isUnknown(valueOf(ofFilm(later, null), "requestedAt")))
    assert.strictEqual(valueOf(ofFilm(), "requestedAt"), null)
  })

  it("for 4K belong to the copy in 4K where there are two, and to the only one otherwise", () => {
    const usual = { ...film, facts: { resolution: "1080p" } }
    const uhd = { ...film, externalId: "2", facts: { resolution: "2160p" } }
    const requests = [request(film.ids, ["Ann"], { is4k: true }), request(film.ids, ["Ben"])]
    const both = { requests, catalog: [usual, uhd] }
    assert.deepStrictEqual(valueOf(stored(both, usual), "requestedBy"), ["Ben"])
    assert.deepStrictEqual(valueOf(stored(both, uhd), "requestedBy"), ["Ann"])
    assert.deepStrictEqual(valueOf(stored({ requests, catalog: [usual] }, usual), "requestedBy"), ["Ann", "Ben"])
    const named = { ...film, externalId: "3", facts: { qualityProfile: "Ultra-HD" } }
    assert.deepStrictEqual(valueOf(stored({ requests, catalog: [usual, named] }, named), "requestedBy"), ["Ann"])
    // What the manager for 4K has is not in 4K yet.
    const waiting = { ...usual, externalId: "4", path: "/data/movies4k/Film" }
    assert.deepStrictEqual(valueOf(stored({ requests, catalog: [usual, waiting] }, waiting), "requestedBy"), ["Ann"])
    assert.deepStrictEqual(valueOf(stored({ requests, catalog: [usual, waiting] }, usual), "requestedBy"), ["Ben"])
  })
})

describe("a season that is up next", () => {
  const of = show("5", ["tvdb:5"])
  const library = (plays: Readonly<Record<number, string | null>>, numbers = [0, 1, 2, 3, 4], viewer = {}) => {
    const told = plex(
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
    const items = [stored(told, of), ...numbers.map((number) => stored(told, season(of, number)))]
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

  it("is the next that is there, and never the specials", () => {
    const next = library({ 1: daysBefore(1) }, [0, 1, 3])
    assert.deepStrictEqual([0, 1, 3].map(next), [false, false, true])
  })

  it("is none once the last play is too long ago", () => {
    assert.isFalse(library({ 1: daysBefore(91) })(2))
  })

  it("is unknown where the season before it was played and nobody tells when", () => {
    assert.isTrue(isUnknown(library({ 1: null })(2)))
  })

  it("is unknown where one of several plays of the season before it has no date", () => {
    assert.isTrue(isUnknown(library({ 1: daysBefore(200) }, [1, 2], { undated: true })(2)))
  })

  it("is unknown where nobody tells which season was played, or what was played of the one before it", () => {
    const entry = {
      plays: 1,
      lastPlayedAt: daysBefore(1),
      users: [{ name: "ann", plays: 1, lastPlayedAt: daysBefore(1) }]
    }
    const told = plex(showOnPlex(of, [1, 2, 3]), [
      playback("s", {}, at, { kind: "show", ...entry }),
      playback("s", {}, at, { kind: "season", ...entry, seasonNumber: null })
    ])
    const items = [of, ...[1, 2, 3].map((number) => season(of, number))].map((item) => stored(told, item))
    const next = items.map((item) => valueOf(item, "upNext", watchingAs(), makeSnapshot(items)))
    assert.deepStrictEqual(
      next.slice(1).map((value) => isUnknown(value) || value),
      [false, true, true]
    )
  })

  it("is unknown where somebody lately played a season that is no longer there", () => {
    const entry = (days: number) => ({
      plays: 1,
      lastPlayedAt: daysBefore(days),
      users: [{ name: "ann", plays: 1, lastPlayedAt: daysBefore(days) }]
    })
    const next = (numbers: ReadonlyArray<number>, days: number, inSeason: number) => {
      const told = plex(showOnPlex(of, numbers), [
        playback("s", {}, at, { kind: "show", ...entry(days) }),
        playback("s", {}, at, { kind: "season", ...entry(days), seasonNumber: inSeason })
      ])
      const items = [of, ...numbers.map((number) => season(of, number))].map((item) => stored(told, item))
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
