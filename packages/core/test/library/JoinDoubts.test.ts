/** Plays that cannot be assigned to an item or a season with certainty: the number of its plays is then unknown. */
import { assert, describe, it } from "vitest"
import type { PlaybackEntry, ServerItem } from "../../src/integrations/Observations.ts"
import { catalogItem, dataOf, lookupOf, playback, request, season, serverItem, show } from "./Samples.ts"

const at = "2026-01-01T00:00:00.000Z"
const joined = (items: ReadonlyArray<ServerItem>, entries: ReadonlyArray<PlaybackEntry>) =>
  lookupOf({
    servers: [{ integrationId: "9", items }],
    playback: [{ serverIntegrationId: "9", entries }],
    requests: []
  })

describe("Plays of a show whose season is unknown", () => {
  const series = show("1", ["tvdb:1"])
  const other = show("2", ["tvdb:2"])
  const lookup = joined(
    [
      serverItem({ serverItemId: "s", kind: "show", ids: ["tvdb:1"], title: "Show 1" }),
      serverItem({ serverItemId: "t", kind: "show", ids: ["tvdb:2"], title: "Show 2" }),
      serverItem({ serverItemId: "t1", kind: "season", parentServerItemId: "t", seasonNumber: 1 })
    ],
    [
      { ...playback("s", { ann: 2 }, at), kind: "show" },
      { ...playback("s", { ann: 1 }, at), kind: "season", seasonNumber: 1 },
      { ...playback("s", { ann: 1 }, at), kind: "season", seasonNumber: null }
    ]
  )

  it("make the plays of each of its seasons unknown, and count for the show", () => {
    for (const number of [0, 1, 2]) {
      const { untold } = dataOf(lookup, season(series, number))
      assert.sameMembers(Object.keys(untold ?? {}), ["playCount", "lastPlayedAt", "watchedBy", "plays"])
      assert.include(untold?.playCount, "which season")
    }
    const { playback: plays, untold } = dataOf(lookup, series)
    assert.deepStrictEqual([plays?.plays, untold], [2, undefined])
  })

  it("do not affect the seasons of another show", () => {
    assert.isUndefined(dataOf(lookup, season(other, 1)).untold)
  })
})

describe("Plays of a show without known ids, whose season is unknown", () => {
  it("make the plays of the seasons of any show with that title unknown", () => {
    const series = show("1", ["tvdb:1"])
    const lookup = lookupOf({
      servers: [
        { integrationId: "9", items: [serverItem({ serverItemId: "s", kind: "show", ids: ["tvdb:1"] })] },
        { integrationId: "8", items: [serverItem({ serverItemId: "u", kind: "show", title: "Show 1" })] }
      ],
      playback: [
        {
          serverIntegrationId: "8",
          entries: [{ ...playback("u", { ann: 1 }, at), kind: "season", seasonNumber: null }]
        }
      ]
    })
    const { untold } = dataOf(lookup, season(series, 1, { wholeTitle: "Show 1" }))
    assert.include(untold?.playCount, "has no readable id")
  })
})

describe("A play without a key", () => {
  const film = serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"], title: "The Film", year: 1999 })
  const item = (year: number, title = "The Film") =>
    catalogItem({ externalId: "1", ids: ["tmdb-movie:1"], title, year })
  const lookup = (year: number | null) =>
    joined([film], [{ ...playback("", { ann: 1 }, at), title: "the film ", year }])

  it("makes it unknown whether items with that title were played", () => {
    for (const year of [1999, 2000, null]) {
      assert.include(dataOf(lookup(year), item(1999)).untold?.playCount, "no entry of the media server")
    }
  })

  it("does not affect a film of another year", () => {
    assert.isUndefined(dataOf(lookup(2011), item(1999)).untold)
  })

  it("of an unknown season affects all seasons of that title", () => {
    const series = show("1", ["tvdb:1"], { title: "Lost" })
    const lost = joined(
      [serverItem({ serverItemId: "s", kind: "show", ids: ["tvdb:1"], title: "Lost" })],
      [{ ...playback("", { ann: 1 }, at), kind: "season", seasonNumber: null, title: "Lost" }]
    )
    assert.isDefined(dataOf(lost, season(series, 4, { wholeTitle: "Lost" })).untold?.plays)
  })
})

describe("Plays under a key that now has another lasting id", () => {
  const film = serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"], guid: "plex://movie/new", title: "Right" })
  const item = catalogItem({ externalId: "1", ids: ["tmdb-movie:1"], title: "Right" })
  const before = { ...playback("a", { ann: 1 }, at), guid: "plex://movie/old", title: "Wrong" }

  it("are uncertain if no entry has their lasting id: the film may have been matched again", () => {
    const data = dataOf(joined([film], [before]), item)
    assert.strictEqual(data.playback?.plays, 0)
    assert.include(data.untold?.playCount, "matched again")
  })

  it("count for the entry that has their lasting id", () => {
    const moved = serverItem({ serverItemId: "b", ids: ["tmdb-movie:2"], guid: "plex://movie/old", title: "Wrong" })
    const lookup = joined([film, moved], [before])
    assert.isUndefined(dataOf(lookup, item).untold)
    const other = dataOf(lookup, catalogItem({ externalId: "2", ids: ["tmdb-movie:2"], title: "Wrong" }))
    assert.strictEqual(other.playback?.plays, 1)
  })
})

describe("A film in two libraries of a server, under one lasting id", () => {
  it("has the plays of both entries, each counted once", () => {
    const guid = "plex://movie/a"
    const [first, second] = ["a", "b"].map((serverItemId) => serverItem({ serverItemId, ids: ["tmdb-movie:1"], guid }))
    const entries = [
      { ...playback("a", { ann: 2 }, at), guid },
      { ...playback("b", { ann: 1 }, at), guid },
      // Under a key that the server no longer has, found by the lasting id.
      { ...playback("old", { bob: 1 }, at), guid }
    ]
    const lookup = (items: ReadonlyArray<ServerItem>) => joined(items, entries)
    const item = catalogItem({ externalId: "1", ids: ["tmdb-movie:1"] })
    assert.strictEqual(dataOf(lookup([first!, second!]), item).playback?.users[0]?.plays, 3)
    assert.deepStrictEqual(
      dataOf(lookup([first!]), item).playback?.users.map(({ plays, user }) => [user, plays]),
      [
        ["ann", 2],
        ["bob", 1]
      ]
    )
  })
})

describe("Plays that a server could not report", () => {
  it("make the plays of that item unknown, with the reason", () => {
    const lookup = joined(
      [
        serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"] }),
        serverItem({ serverItemId: "b", ids: ["tmdb-movie:2"] })
      ],
      [{ ...playback("a", {}, at), lastPlayedAt: null, untold: "ann's plays could not be read" }]
    )
    const of = (number: number) =>
      dataOf(lookup, catalogItem({ externalId: "1", ids: [`tmdb-movie:${number}`] })).untold
    assert.deepStrictEqual([of(1)?.plays, of(2)], ["ann's plays could not be read", undefined])
  })

  it("make only the plays of a season unknown if only the entry of that season is faulty", () => {
    const of = { kind: "season", parentServerItemId: "s" } as const
    const lookup = joined(
      [
        serverItem({ serverItemId: "s", kind: "show", ids: ["tvdb:1"] }),
        serverItem({ serverItemId: "s1", ...of, seasonNumber: 1, untold: { plays: "viewedLeafCount is odd" } }),
        serverItem({ serverItemId: "s2", ...of, seasonNumber: 2 })
      ],
      []
    )
    const plays = (number: number) => dataOf(lookup, season(show("1", ["tvdb:1"]), number)).untold?.plays
    assert.deepStrictEqual([plays(1), plays(2)], ["viewedLeafCount is odd", undefined])
  })
})

describe("An entry without known ids", () => {
  it("may also belong to an item by the title that another server has for it", () => {
    const lookup = lookupOf({
      servers: [
        { integrationId: "9", items: [serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"], title: "Le Film" })] },
        { integrationId: "8", items: [serverItem({ serverItemId: "b", title: "Le Film", labels: ["keep"] })] }
      ],
      playback: [{ serverIntegrationId: "8", entries: [playback("b", { ann: 1 }, at)] }]
    })
    const { untold } = dataOf(lookup, catalogItem({ externalId: "1", ids: ["tmdb-movie:1"], title: "The Film" }))
    assert.include(untold?.playCount, "has no readable id")
    assert.isDefined(untold?.labels)
  })
})

describe("Plays without a viewer", () => {
  const film = (plays: number) =>
    serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"], ownPlays: { name: null, plays, lastPlayedAt: at } })
  const item = catalogItem({ externalId: "1", ids: ["tmdb-movie:1"] })

  it("count, and make the viewers unknown", () => {
    const data = dataOf(joined([film(2)], [playback("a", { ann: 1 }, at)]), item)
    assert.deepStrictEqual([data.playback?.plays, data.playback?.lastPlayedAt], [2, at])
    assert.sameMembers(Object.keys(data.untold ?? {}), ["watchedBy", "plays"])
    assert.isUndefined(dataOf(joined([film(0)], [playback("a", { ann: 1 }, at)]), item).untold)
  })

  it("are assumed if a total is larger than the sum of the named viewers", () => {
    const data = dataOf(joined([film(0)], [{ ...playback("a", { ann: 1 }, at), plays: 3 }]), item)
    assert.deepStrictEqual(
      [data.playback?.plays, data.untold?.watchedBy],
      [3, "the viewer of some of its plays is not known"]
    )
  })

  it("counts a request for both copies if the signs of 4K contradict each other", () => {
    const hd = catalogItem({
      externalId: "1",
      ids: ["tmdb-movie:1"],
      facts: { resolution: "2160p", qualityProfile: "HD-1080p" }
    })
    const uhd = catalogItem({
      externalId: "2",
      ids: ["tmdb-movie:1"],
      facts: { resolution: "1080p", qualityProfile: "Ultra-HD" }
    })
    const lookup = lookupOf({ catalog: [hd, uhd], requests: [request(["tmdb-movie:1"], ["ann"])] })
    assert.deepStrictEqual(
      [hd, uhd].map((item) => dataOf(lookup, item).requests?.length),
      [1, 1]
    )
  })

  it("treats a season that a server lists twice as one, with the data of both entries", () => {
    const series = show("1", ["tvdb:1"])
    const listed = serverItem({ serverItemId: "s", kind: "show", ids: ["tvdb:1"], title: "Show 1" })
    const first = serverItem({ serverItemId: "s1", kind: "season", parentServerItemId: "s", seasonNumber: 1 })
    const lookup = lookupOf({
      servers: [
        {
          integrationId: "9",
          items: [
            listed,
            { ...first, labels: ["keep"], ownPlays: { name: "o", plays: 3, lastPlayedAt: at } },
            { ...first, serverItemId: "again", ownPlays: { name: "o", plays: 1, lastPlayedAt: null } }
          ]
        }
      ]
    })
    const data = dataOf(lookup, season(series, 1))
    assert.deepStrictEqual([data.labels, data.playback?.plays], [["keep"], 4])
  })

  it("finds an entry by an id that another server has for the same work", () => {
    const servers = [
      { integrationId: "9", items: [serverItem({ serverItemId: "s", kind: "show", ids: ["tvdb:1", "tmdb-show:7"] })] },
      { integrationId: "8", items: [serverItem({ serverItemId: "j", kind: "show", ids: ["tmdb-show:7"] })] }
    ]
    const entries = [{ ...playback("j", { ann: 1 }, at), kind: "show" as const }]
    const lookup = lookupOf({ servers, playback: [{ serverIntegrationId: "8", entries }] })
    assert.strictEqual(dataOf(lookup, show("1", ["tvdb:1"])).playback?.plays, 1)
  })

  it("makes facts unknown that may depend on an entry with the same title and only ids of other kinds", () => {
    const series = show("1", ["tvdb:1"])
    const servers = [
      {
        integrationId: "9",
        items: [serverItem({ serverItemId: "s", kind: "show", ids: ["tvdb:1"], title: "Show 1" })]
      },
      {
        integrationId: "8",
        items: [serverItem({ serverItemId: "j", kind: "show", title: "Show 1", ids: ["tmdb-show:7"] })]
      }
    ]
    const entries = [{ ...playback("j", { ann: 1 }, at), kind: "show" as const }]
    const data = dataOf(lookupOf({ servers, playback: [{ serverIntegrationId: "8", entries }] }), series)
    assert.include(data.untold?.playCount, "has no id of a type that its manager knows")
  })
})
