/** Plays that may be an item's, or a season's, and of which nobody tells: then it is not known how often it was played. */
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

describe("plays of a show of which nobody tells the season", () => {
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

  it("leave the plays of each of its seasons open, and count for the show", () => {
    for (const number of [0, 1, 2]) {
      const { untold } = dataOf(lookup, season(series, number))
      assert.sameMembers(Object.keys(untold ?? {}), ["playCount", "lastPlayedAt", "watchedBy", "plays"])
      assert.include(untold?.playCount, "which season")
    }
    const { playback: plays, untold } = dataOf(lookup, series)
    assert.deepStrictEqual([plays?.plays, untold], [2, undefined])
  })

  it("say nothing about the seasons of another show", () => {
    assert.isUndefined(dataOf(lookup, season(other, 1)).untold)
  })
})

describe("plays of a show whose ids nobody reads, and of which nobody tells the season", () => {
  it("leave the seasons of what bears its title open", () => {
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

describe("a play that names no key", () => {
  const film = serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"], title: "The Film", year: 1999 })
  const item = (year: number, title = "The Film") =>
    catalogItem({ externalId: "1", ids: ["tmdb-movie:1"], title, year })
  const lookup = (year: number | null) =>
    joined([film], [{ ...playback("", { ann: 1 }, at), title: "the film ", year }])

  it("leaves open whether what bears its title was played", () => {
    for (const year of [1999, 2000, null]) {
      assert.include(dataOf(lookup(year), item(1999)).untold?.playCount, "no entry of the media server")
    }
  })

  it("says nothing about a film of another year", () => {
    assert.isUndefined(dataOf(lookup(2011), item(1999)).untold)
  })

  it("of a season that is not told leaves open all seasons of that title", () => {
    const series = show("1", ["tvdb:1"], { title: "Lost" })
    const lost = joined(
      [serverItem({ serverItemId: "s", kind: "show", ids: ["tvdb:1"], title: "Lost" })],
      [{ ...playback("", { ann: 1 }, at), kind: "season", seasonNumber: null, title: "Lost" }]
    )
    assert.isDefined(dataOf(lost, season(series, 4, { wholeTitle: "Lost" })).untold?.plays)
  })
})

describe("plays under a key whose lasting id is another", () => {
  const film = serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"], guid: "plex://movie/new", title: "Right" })
  const item = catalogItem({ externalId: "1", ids: ["tmdb-movie:1"], title: "Right" })
  const before = { ...playback("a", { ann: 1 }, at), guid: "plex://movie/old", title: "Wrong" }

  it("leave it open where the server has that id nowhere: the film may have been matched anew", () => {
    const data = dataOf(joined([film], [before]), item)
    assert.strictEqual(data.playback?.plays, 0)
    assert.include(data.untold?.playCount, "matched anew")
  })

  it("are those of the entry that has it", () => {
    const moved = serverItem({ serverItemId: "b", ids: ["tmdb-movie:2"], guid: "plex://movie/old", title: "Wrong" })
    const lookup = joined([film, moved], [before])
    assert.isUndefined(dataOf(lookup, item).untold)
    const other = dataOf(lookup, catalogItem({ externalId: "2", ids: ["tmdb-movie:2"], title: "Wrong" }))
    assert.strictEqual(other.playback?.plays, 1)
  })
})

describe("one film in two libraries of a server, under one lasting id", () => {
  it("keeps the plays of each, and adds up neither twice", () => {
    const guid = "plex://movie/a"
    const [first, second] = ["a", "b"].map((serverItemId) => serverItem({ serverItemId, ids: ["tmdb-movie:1"], guid }))
    const entries = [
      { ...playback("a", { ann: 2 }, at), guid },
      { ...playback("b", { ann: 1 }, at), guid },
      // Under a key that the server no longer has, by the id that it has kept.
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

describe("what a server could not tell of plays", () => {
  it("leaves the plays of that item open, with the reason", () => {
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

  it("leaves the plays of a season open where only the entry of that season is odd", () => {
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

describe("an entry whose ids nobody reads", () => {
  it("may be an item also by the title under which another server has it", () => {
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

describe("plays of which nobody tells who made them", () => {
  const film = (plays: number) =>
    serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"], ownPlays: { name: null, plays, lastPlayedAt: at } })
  const item = catalogItem({ externalId: "1", ids: ["tmdb-movie:1"] })

  it("count, and leave open who has watched", () => {
    const data = dataOf(joined([film(2)], [playback("a", { ann: 1 }, at)]), item)
    assert.deepStrictEqual([data.playback?.plays, data.playback?.lastPlayedAt], [2, at])
    assert.sameMembers(Object.keys(data.untold ?? {}), ["watchedBy", "plays"])
    assert.isUndefined(dataOf(joined([film(0)], [playback("a", { ann: 1 }, at)]), item).untold)
  })

  it("are those of a total that is larger than what the named viewers add up to", () => {
    const data = dataOf(joined([film(0)], [{ ...playback("a", { ann: 1 }, at), plays: 3 }]), item)
    assert.deepStrictEqual(
      [data.playback?.plays, data.untold?.watchedBy],
      [3, "the viewer of some of its plays is not known"]
    )
  })

  it("counts a request for both copies where the signs of 4K contradict each other", () => {
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

  it("takes a season that a server lists twice for one, with all that stands on either entry", () => {
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

  it("finds an entry by an id that another server has of the same work", () => {
    const servers = [
      { integrationId: "9", items: [serverItem({ serverItemId: "s", kind: "show", ids: ["tvdb:1", "tmdb-show:7"] })] },
      { integrationId: "8", items: [serverItem({ serverItemId: "j", kind: "show", ids: ["tmdb-show:7"] })] }
    ]
    const entries = [{ ...playback("j", { ann: 1 }, at), kind: "show" as const }]
    const lookup = lookupOf({ servers, playback: [{ serverIntegrationId: "8", entries }] })
    assert.strictEqual(dataOf(lookup, show("1", ["tvdb:1"])).playback?.plays, 1)
  })

  it("leaves open what hangs on an entry of its title that has ids of other kinds alone", () => {
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
