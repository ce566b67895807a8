import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import type { ServerItem } from "../../src/integrations/Observations.ts"
import { joinItem } from "../../src/library/Join.ts"
import { nameKey } from "../../src/viewers/NameKey.ts"
import { catalogItem, dataOf, lookupOf, playback, request, season, serverItem, show } from "./Samples.ts"

const earlier = "2026-01-01T00:00:00.000Z"
const later = "2026-03-01T00:00:00.000Z"
const nothing = { servers: [], playback: [], requests: [] }

describe("Join", () => {
  it("joins applications by any shared typed id, and never by title", () => {
    const index = lookupOf({
      ...nothing,
      servers: [
        {
          integrationId: "9",
          items: [
            serverItem({ serverItemId: "a", title: "Alien", ids: ["imdb:tt0078748"], labels: ["keep"] }),
            serverItem({ serverItemId: "b", title: "Aliens", ids: ["tmdb-movie:679"] })
          ]
        }
      ]
    })
    const matched = dataOf(
      index,
      catalogItem({ externalId: "1", title: "Other name", ids: ["tmdb-movie:348", "imdb:tt0078748"] })
    )
    assert.deepStrictEqual(matched.onServers, [{ integrationId: "9", serverItemId: "a", library: "Films" }])
    assert.deepStrictEqual(matched.labels, ["keep"])
    const sameTitle = dataOf(index, catalogItem({ externalId: "2", title: "Aliens", ids: ["tmdb-movie:1"] }))
    assert.deepStrictEqual(sameTitle.onServers, [])
    assert.isNull(sameTitle.playback)
    const without = dataOf(index, catalogItem({ externalId: "3", title: "Aliens" }))
    assert.isNull(without.playback)
    assert.isNull(without.requests, "no id, so no request can be found or ruled out")
  })

  it("distinguishes movies and shows with the same number", () => {
    const index = lookupOf({
      servers: [
        {
          integrationId: "9",
          items: [
            serverItem({ serverItemId: "film", ids: ["tmdb-movie:1399", "imdb:tt1"] }),
            serverItem({ serverItemId: "series", kind: "show", ids: ["tmdb-show:1399", "imdb:tt1"] })
          ]
        }
      ],
      playback: [
        {
          serverIntegrationId: "9",
          entries: [playback("film", { alice: 1 }, earlier), playback("series", { bob: 7 }, later, { kind: "show" })]
        }
      ],
      requests: [
        request(["tmdb-movie:1399"], ["Ann"]),
        request(["tmdb-show:1399"], ["Ben"], { kind: "show" }),
        request(["tmdb-show:1399"], ["Cid"], { kind: "show" })
      ]
    })
    const movie = dataOf(index, catalogItem({ externalId: "1", ids: ["tmdb-movie:1399", "imdb:tt1"] }))
    const series = dataOf(index, show("1", ["tmdb-show:1399", "imdb:tt1"]))
    assert.strictEqual(movie.playback?.plays, 1)
    assert.deepStrictEqual(
      movie.requests?.map(({ names }) => names),
      [["Ann"]]
    )
    assert.strictEqual(series.playback?.plays, 7)
    assert.deepStrictEqual(
      series.requests?.map(({ names }) => names),
      [["Ben"], ["Cid"]]
    )
  })

  it("finds a season through its show, with its own plays, key and labels", () => {
    const of = show("5", ["tvdb:81189"])
    const index = lookupOf({
      ...nothing,
      servers: [
        {
          integrationId: "9",
          items: [
            serverItem({ serverItemId: "show", kind: "show", ids: ["tvdb:81189"], labels: ["family"] }),
            serverItem({
              serverItemId: "s2",
              kind: "season",
              parentServerItemId: "show",
              seasonNumber: 2,
              ids: ["tvdb:81189"],
              labels: ["finale"]
            })
          ]
        }
      ],
      playback: [
        {
          serverIntegrationId: "9",
          entries: [
            playback("show", { alice: 9 }, later, { kind: "show" }),
            playback("show", { alice: 3 }, earlier, { kind: "season", seasonNumber: 2 })
          ]
        }
      ]
    })
    const second = dataOf(index, season(of, 2))
    assert.strictEqual(second.playback?.plays, 3)
    assert.strictEqual(second.playback?.lastPlayedAt, earlier)
    assert.deepStrictEqual(second.onServers, [{ integrationId: "9", serverItemId: "s2", library: "Films" }])
    assert.deepStrictEqual(second.labels, ["family", "finale"])
    const first = dataOf(index, season(of, 1))
    assert.deepStrictEqual(first.playback, { plays: 0, lastPlayedAt: null, users: [] }, "on the server, never played")
    assert.strictEqual(dataOf(index, of).playback?.plays, 9)
  })

  it("puts a season into the collections of its show and into its own", () => {
    const of = show("5", ["tvdb:5"])
    const at = { kind: "season", parentServerItemId: "show" } as const
    const index = lookupOf({
      ...nothing,
      servers: [
        {
          integrationId: "9",
          items: [
            serverItem({ serverItemId: "show", kind: "show", ids: ["tvdb:5"], collections: ["Crime"] }),
            serverItem({ serverItemId: "s1", ...at, seasonNumber: 1, collections: ["Keepers"] }),
            serverItem({ serverItemId: "s2", ...at, seasonNumber: 2 })
          ]
        }
      ]
    })
    const collectionsOf = (number: number) => joinItem(index, "1", season(of, number)).collections
    assert.deepStrictEqual([collectionsOf(1), collectionsOf(2)], [["Crime", "Keepers"], ["Crime"]])
  })

  it("treats the plays of an album as unknown, not as none, if no source counts them", () => {
    const ids = ["musicbrainz:nina"]
    const index = lookupOf({
      ...nothing,
      servers: [
        { integrationId: "9", items: [serverItem({ serverItemId: "a", kind: "album", ids, library: "Music" })] }
      ]
    })
    const data = dataOf(index, catalogItem({ externalId: "4:a1", kind: "album", ids }))
    assert.isNull(data.playback)
    assert.deepStrictEqual(data.onServers, [{ integrationId: "9", serverItemId: "a", library: "Music" }])
  })

  it("does not count the same plays twice if two sources report them", () => {
    const index = lookupOf({
      ...nothing,
      servers: [{ integrationId: "9", items: [serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"] })] }],
      playback: [
        { serverIntegrationId: "9", entries: [playback("a", { Alice: 2, bob: 1 }, earlier)] },
        { serverIntegrationId: "9", entries: [playback("a", { alice: 3, carol: 1 }, later)] }
      ]
    })
    assert.deepStrictEqual(dataOf(index, catalogItem({ externalId: "1", ids: ["tmdb-movie:1"] })).playback, {
      plays: 5,
      lastPlayedAt: later,
      users: [
        { user: "Alice", plays: 3, lastPlayedAt: later },
        { user: "bob", plays: 1, lastPlayedAt: earlier },
        { user: "carol", plays: 1, lastPlayedAt: later }
      ]
    })
  })

  it("adds up the plays of a person on two servers, and in two libraries of one", () => {
    const ids = ["tmdb-movie:1"]
    const account = { sharedIds: ["number:4711"] }
    const index = lookupOf({
      ...nothing,
      servers: [
        {
          integrationId: "8",
          items: [serverItem({ serverItemId: "a", ids }), serverItem({ serverItemId: "b", ids, library: "4K" })]
        },
        { integrationId: "9", items: [serverItem({ serverItemId: "a", ids })] }
      ],
      playback: [
        {
          serverIntegrationId: "8",
          entries: [playback("a", { alice: 2 }, earlier), playback("b", { alice: 1 }, later)]
        },
        { serverIntegrationId: "8", entries: [playback("a", { Alice: 2, bob: 1 }, earlier)] },
        { serverIntegrationId: "9", entries: [playback("a", { alice: 4 }, earlier)] }
      ].map(({ entries, serverIntegrationId }) => ({
        serverIntegrationId,
        entries: entries.map((entry) => ({
          ...entry,
          users: entry.users.map((user) => (nameKey(user.name) === "alice" ? { ...user, account } : user))
        }))
      }))
    })
    assert.deepStrictEqual(dataOf(index, catalogItem({ externalId: "1", ids })).playback, {
      plays: 8,
      lastPlayedAt: later,
      users: [
        { user: "alice", plays: 7, lastPlayedAt: later },
        { user: "bob", plays: 1, lastPlayedAt: earlier }
      ]
    })
  })

  it("does not treat two people with the same name on two servers as one", () => {
    const ids = ["tmdb-movie:1"]
    const index = lookupOf({
      ...nothing,
      servers: ["8", "9"].map((integrationId) => ({ integrationId, items: [serverItem({ serverItemId: "a", ids })] })),
      playback: [
        { serverIntegrationId: "8", entries: [playback("a", { alice: 2 }, earlier)] },
        { serverIntegrationId: "9", entries: [playback("a", { Alice: 4, bob: 1 }, later)] }
      ]
    })
    const users = dataOf(index, catalogItem({ externalId: "1", ids })).playback?.users ?? []
    assert.deepStrictEqual(
      users.map(({ ambiguous, lastPlayedAt, plays, user }) => [user, plays, lastPlayedAt, ambiguous]),
      [
        ["Alice", 4, later, ["Alice"]],
        ["alice", 2, earlier, ["alice"]],
        ["bob", 1, later, undefined]
      ]
    )
  })

  it("keeps a total that is larger than the sum of the named viewers", () => {
    const index = lookupOf({
      ...nothing,
      servers: [{ integrationId: "9", items: [serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"] })] }],
      playback: [{ serverIntegrationId: "9", entries: [playback("a", { alice: 2 }, earlier, { plays: 6 })] }]
    })
    assert.strictEqual(dataOf(index, catalogItem({ externalId: "1", ids: ["tmdb-movie:1"] })).playback?.plays, 6)
  })

  it("joins the data of two servers, each by its own keys", () => {
    const index = lookupOf({
      ...nothing,
      servers: [
        {
          integrationId: "8",
          items: [
            serverItem({
              serverItemId: "a",
              ids: ["tmdb-movie:1"],
              collections: ["Halloween"],
              onWatchlist: false,
              library: "Films"
            }),
            serverItem({ serverItemId: "b", ids: ["tmdb-movie:2"] })
          ]
        },
        {
          integrationId: "9",
          items: [
            serverItem({
              serverItemId: "b",
              ids: ["tmdb-movie:1"],
              collections: ["Halloween", "Best"],
              onWatchlist: true,
              library: "4K"
            })
          ]
        }
      ],
      playback: [
        {
          serverIntegrationId: "8",
          entries: [playback("a", { alice: 1 }, earlier), playback("b", { dave: 4 }, later)]
        },
        { serverIntegrationId: "9", entries: [playback("b", { bob: 2 }, later)] }
      ]
    })
    const joined = joinItem(
      index,
      "1",
      catalogItem({ externalId: "1", ids: ["tmdb-movie:1"], collections: ["Alien Collection"] })
    )
    assert.deepStrictEqual(joined.collections, ["Alien Collection", "Halloween", "Best"])
    assert.deepStrictEqual(joined.data.catalogCollections, ["Alien Collection"])
    assert.deepStrictEqual(
      joined.data.onServers.map((one) => [one.integrationId, one.serverItemId, one.library]),
      [
        ["8", "a", "Films"],
        ["9", "b", "4K"]
      ]
    )
    assert.isTrue(joined.data.onWatchlist)
    assert.strictEqual(joined.data.playback?.plays, 3, "the other film under the same key of another server is not it")
    assert.deepStrictEqual(
      joined.data.playback?.users.map((viewer) => viewer.user),
      ["alice", "bob"]
    )
  })

  it("does not count declined requests, counts those that could not be forwarded, and assigns requests of seasons to those seasons", () => {
    const ids = ["tvdb:1"]
    const of = show("1", ids)
    const index = lookupOf({
      ...nothing,
      requests: [
        request(ids, ["Ann", "ann@example.test"], { kind: "show", seasons: [1], requestedAt: earlier }),
        request(ids, ["Ben"], { kind: "show", seasons: null, requestedAt: later, status: "pending" }),
        request(ids, ["Cid"], { kind: "show", status: "declined" }),
        request(ids, ["Dan"], { kind: "show", status: "failed" })
      ]
    })
    assert.deepStrictEqual(dataOf(index, season(of, 1)).requests, [
      { names: ["Ann", "ann@example.test"], at: earlier, status: "completed" },
      { names: ["Ben"], at: later, status: "pending" },
      { names: ["Dan"], at: earlier, status: "failed" }
    ])
    assert.deepStrictEqual(
      dataOf(index, season(of, 2)).requests?.map(({ names }) => names[0]),
      ["Ben", "Dan"]
    )
    assert.strictEqual(dataOf(index, of).requests?.length, 3)
    assert.deepStrictEqual(dataOf(index, show("2", ["tvdb:2"])).requests, [])
  })

  it("counts the favourites of one person on two servers as one, with all of their names", () => {
    const ann = (id: string, name: string) => ({
      name,
      account: { id, login: name, sharedIds: ["guid:00000000000000000000000000000001"] }
    })
    const on = (integrationId: string, favouritedBy: ServerItem["favouritedBy"]) => ({
      integrationId,
      items: [serverItem({ serverItemId: "s", ids: ["tmdb-movie:1"], ...(favouritedBy && { favouritedBy }) })]
    })
    const movie = catalogItem({ externalId: "1", ids: ["tmdb-movie:1"] })
    const joinedWith = (...servers: ReadonlyArray<ReturnType<typeof on>>) =>
      joinItem(lookupOf({ ...nothing, servers }), "1", movie).data.favouritedBy
    const ben = { name: "Ben", account: { id: "9", login: "ben" } }
    assert.deepStrictEqual(joinedWith(on("8", [ann("1", "Ann"), ben]), on("9", [ann("2", "Annie")])), [
      { names: ["Ann", "Annie"] },
      { names: ["Ben"] }
    ])
    assert.deepStrictEqual(joinedWith(on("8", [])), [])
    assert.isUndefined(joinedWith(on("8", undefined)), "the server has no favourites")
  })

  it("finds a request by an id that only a media server knows for the item", () => {
    const index = lookupOf({
      ...nothing,
      servers: [
        { integrationId: "9", items: [serverItem({ serverItemId: "s", kind: "show", ids: ["tvdb:5", "tmdb-show:7"] })] }
      ],
      requests: [request(["tmdb-show:7"], ["Ann"], { kind: "show", seasons: [2] })]
    })
    const of = show("5", ["tvdb:5"])
    assert.deepStrictEqual(
      dataOf(index, of).requests?.map(({ names }) => names),
      [["Ann"]]
    )
    assert.deepStrictEqual(
      [1, 2].map((number) => dataOf(index, season(of, number)).requests?.length),
      [0, 1]
    )
  })

  it("counts a request that is found by several ids once", () => {
    const index = lookupOf({ ...nothing, requests: [request(["tmdb-movie:1", "imdb:tt1"], ["Ann"])] })
    const item = catalogItem({ externalId: "1", ids: ["imdb:tt1", "tmdb-movie:1"] })
    assert.strictEqual(dataOf(index, item).requests?.length, 1)
  })

  it("has no watchlist fact if no server could read a watchlist", () => {
    const index = lookupOf({
      ...nothing,
      servers: [{ integrationId: "9", items: [serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"] })] }]
    })
    assert.isNull(dataOf(index, catalogItem({ externalId: "1", ids: ["tmdb-movie:1"] })).onWatchlist)
  })

  it("counts plays between the largest report and the sum of all, in any order of the sources", () => {
    const reports = fc.array(fc.dictionary(fc.constantFrom("ann", "ben", "cid"), fc.integer({ min: 1, max: 9 })), {
      maxLength: 4
    })
    fc.assert(
      fc.property(reports, (all) => {
        const total = (entries: typeof all) =>
          dataOf(
            lookupOf({
              ...nothing,
              servers: [{ integrationId: "9", items: [serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"] })] }],
              playback: entries.map((plays) => ({
                serverIntegrationId: "9",
                entries: [playback("a", plays, earlier)]
              }))
            }),
            catalogItem({ externalId: "1", ids: ["tmdb-movie:1"] })
          ).playback?.plays ?? -1
        const sums = all.map((plays) => Object.values(plays).reduce((sum, count) => sum + count, 0))
        assert.isAtLeast(total(all), Math.max(0, ...sums))
        assert.isAtMost(
          total(all),
          sums.reduce((sum, count) => sum + count, 0)
        )
        assert.strictEqual(total(all), total(all.toReversed()))
      })
    )
  })
})
