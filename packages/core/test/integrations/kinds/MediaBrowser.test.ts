import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ServerItem } from "../../../src/integrations/Observations.ts"
import { emby } from "../../../src/integrations/kinds/emby.ts"
import { jellyfin } from "../../../src/integrations/kinds/jellyfin.ts"
import { type Answers, connect, read } from "../support/FakeUpstream.ts"
import { ann, config, data, episode, movie, season, series, server } from "./mediabrowser/FakeServer.ts"

describe("The libraries of Jellyfin", () => {
  it.effect("become server items with typed ids, tags as labels, and seasons found by their show", () =>
    Effect.gen(function* () {
      const fake = yield* connect(
        jellyfin,
        config,
        server({
          libraries: [
            { ItemId: "l1", Name: "Films", CollectionType: "movies" },
            { ItemId: "l2", Name: "Series", CollectionType: "tvshows" },
            { ItemId: "l3", Name: "Everything" },
            { ItemId: "l4", Name: "Songs", CollectionType: "music" },
            { ItemId: null, Name: "Never scanned", CollectionType: "movies" }
          ],
          items: {
            l1: [movie("m1")],
            // The season precedes its show: no order is guaranteed.
            l2: [season("e1", "s1", 0), series("s1"), season("e2", "s1", null)],
            l3: [movie("m1"), movie("m2", { ProviderIds: null, Tags: null, TagItems: [{ Name: "Kids" }] })],
            l4: [movie("song")]
          }
        })
      )
      const items = yield* read(fake, "serverItems")
      assert.deepStrictEqual(
        items.map((item) => [item.kind, item.serverItemId, item.library, item.ids]),
        [
          ["movie", "m1", "Films", ["tmdb-movie:603", "imdb:tt0133093"]],
          ["season", "e1", "Series", ["tmdb-show:1399", "tvdb:121361"]],
          ["show", "s1", "Series", ["tmdb-show:1399", "tvdb:121361"]],
          ["season", "e2", "Series", ["tmdb-show:1399", "tvdb:121361"]],
          ["movie", "m2", "Everything", []]
        ]
      )
      assert.deepStrictEqual(items[0], {
        serverItemId: "m1",
        kind: "movie",
        parentServerItemId: null,
        ids: ["tmdb-movie:603", "imdb:tt0133093"],
        title: "Movie m1",
        year: 1999,
        seasonNumber: null,
        library: "Films",
        otherLibraries: ["Everything"],
        addedAt: "2020-01-02T03:04:05.123Z",
        ratings: { critics: null, audience: null },
        studios: [],
        labels: ["Keep"],
        collections: [],
        onWatchlist: false,
        favouritedBy: []
      })
      assert.deepStrictEqual(
        items.slice(1, 4).map((item) => [item.parentServerItemId, item.seasonNumber, item.year]),
        [
          ["s1", 0, null],
          [null, null, null],
          ["s1", null, null]
        ]
      )
      assert.deepStrictEqual(items[4]?.labels, ["Kids"])
      assert.match(fake.sent[0]?.headers.get("authorization") ?? "", /^MediaBrowser Token="j3lly", Client="Tendarr"/)
    })
  )

  it.effect("have the collections that an administrator sees, several for one item", () =>
    Effect.gen(function* () {
      const fake = yield* connect(
        jellyfin,
        config,
        server({
          items: { l1: [movie("m1"), movie("m2")] },
          collections: { Trilogy: [movie("m1")], Rainy: [movie("m2"), movie("m1")], Empty: [] }
        })
      )
      const items = yield* read(fake, "serverItems")
      assert.deepStrictEqual(
        items.map((item) => item.collections),
        [["Trilogy", "Rainy"], ["Rainy"]]
      )
      const asked = fake.sent.filter((sent) => sent.query.get("parentId")?.startsWith("box-"))
      assert.deepStrictEqual([...new Set(asked.map((sent) => sent.query.get("userId")))], ["r1"])
      const headless = yield* connect(jellyfin, config, server({ users: [ann] }))
      assert.strictEqual((yield* Effect.flip(read(headless, "serverItems")))._tag, "UpstreamMalformed")
    })
  )

  it.effect("have items on the watchlist that any user marked, and the show of a marked episode", () =>
    Effect.gen(function* () {
      const fake = yield* connect(
        jellyfin,
        config,
        server({
          items: { l1: [movie("m1"), movie("m2"), series("s1"), season("e1", "s1", 1), season("e2", "s1", 2)] },
          favourites: { a1: [movie("m2")], r1: [{ Id: "x9", Type: "Episode", SeriesId: "s1", SeasonId: "e2" }] }
        })
      )
      assert.deepStrictEqual(
        (yield* read(fake, "serverItems")).filter((item) => item.onWatchlist).map((item) => item.serverItemId),
        ["m2", "s1", "e2"]
      )
    })
  )

  it.effect("have who marked them, and leave that open if the server refuses the list of one user", () =>
    Effect.gen(function* () {
      const world = server({
        items: { l1: [movie("m1"), movie("m2"), series("s1")] },
        favourites: { a1: [movie("m2")], r1: [movie("m2"), { Id: "x9", Type: "Episode", SeriesId: "s1" }] }
      })
      const fake = yield* connect(jellyfin, config, world)
      const marks = (items: ReadonlyArray<ServerItem>) =>
        items.map(({ favouritedBy, serverItemId, untold }) => [
          serverItemId,
          favouritedBy?.map(({ account, name }) => `${name} ${account?.id ?? ""}`),
          Object.keys(untold ?? {})
        ])
      assert.deepStrictEqual(marks(yield* read(fake, "serverItems")), [
        ["m1", [], []],
        ["m2", ["ann a1", "root r1"], []],
        ["s1", ["root r1"], []]
      ])
      const partial = yield* connect(jellyfin, config, (sent) =>
        sent.query.get("filters") === "IsFavorite" && sent.query.get("userId") === "a1"
          ? new Response("no", { status: 403 })
          : world(sent)
      )
      const items = yield* read(partial, "serverItems")
      assert.deepStrictEqual(marks(items), [
        ["m1", [], ["favouritedBy", "onWatchlist"]],
        ["m2", ["root r1"], ["favouritedBy"]],
        ["s1", ["root r1"], ["favouritedBy"]]
      ])
      assert.match(items[0]?.untold?.favouritedBy ?? "", /favourites of ann could not be read/)
    })
  )

  it.effect("are read to the last page, or fail", () =>
    Effect.gen(function* () {
      const all = Array.from({ length: 2_345 }, (_, index) => movie(`m${index}`))
      const fake = yield* connect(jellyfin, config, server({ items: { l1: all } }))
      assert.strictEqual((yield* read(fake, "serverItems")).length, 2_345)
      const whole = server({ items: { l1: all } })
      const broken = yield* connect(jellyfin, config, (sent) =>
        sent.query.get("startIndex") === "2000" ? { Items: [], TotalRecordCount: 2_345 } : whole(sent)
      )
      assert.strictEqual((yield* Effect.flip(read(broken, "serverItems")))._tag, "UpstreamMalformed")
    })
  )
})

describe("The playback of Jellyfin", () => {
  it.effect("counts the plays of each user, of episodes for their season and their show", () =>
    Effect.gen(function* () {
      const fake = yield* connect(
        jellyfin,
        config,
        server({
          played: {
            a1: [
              movie("m1", data(2, { LastPlayedDate: "2024-08-02T22:51:23.0000000Z" })),
              movie("m2", data(0)),
              episode("p1", 3, data(1, { LastPlayedDate: "2024-01-01T00:00:00Z" })),
              episode("p2", 3, data(2, { LastPlayedDate: "2024-02-01T00:00:00Z" })),
              // Only the key of its season identifies its place.
              episode("p3", null, data(1))
            ],
            r1: [
              movie("m1", data(0, { Played: true })),
              movie("m3", data(0, { PlaybackPositionTicks: 900 })),
              movie("m4", { UserData: null })
            ]
          }
        })
      )
      const entries = yield* read(fake, "playback")
      assert.deepStrictEqual(
        entries.map(({ kind, lastPlayedAt, plays, seasonNumber, serverItemId }) => [
          kind,
          serverItemId,
          seasonNumber,
          plays,
          lastPlayedAt
        ]),
        [
          ["movie", "m1", null, 3, "2024-08-02T22:51:23.000Z"],
          ["show", "s1", null, 4, "2024-02-01T00:00:00.000Z"],
          ["season", "s1", 3, 4, "2024-02-01T00:00:00.000Z"],
          ["movie", "m3", null, 1, null],
          ["movie", "m4", null, 0, null]
        ]
      )
      const seenAt = "2024-08-02T22:51:23.000Z"
      const ann = { id: "a1", sharedIds: [], login: "ann" }
      const root = { id: "r1", sharedIds: [], login: "root" }
      assert.deepStrictEqual(entries[0]?.users, [
        { name: "ann", account: ann, plays: 2, lastPlayedAt: seenAt, seen: 1, lastSeenAt: seenAt, marked: 0 },
        {
          name: "root",
          account: root,
          plays: 1,
          lastPlayedAt: null,
          undated: true,
          seen: 1,
          lastSeenAt: null,
          marked: 1
        }
      ])
      assert.include(entries[4]?.untold, "root")
    })
  )

  it.effect(
    "needs one call per user and page, none per item, and reads all items instead of those that count as played",
    () =>
      Effect.gen(function* () {
        const all = Array.from({ length: 2_501 }, (_, index) => movie(`m${index}`, data(1)))
        const fake = yield* connect(jellyfin, config, server({ played: { a1: all, r1: [] } }))
        assert.strictEqual((yield* read(fake, "playback")).length, 2_501)
        assert.deepStrictEqual(
          fake.sent.map(({ path, query }) => [path, query.get("userId"), query.get("startIndex")]),
          [
            ["/Users", null, null],
            ["/Items", "a1", "0"],
            ["/Items", "a1", "2500"],
            ["/Items", "r1", "0"],
            ["/Sessions", null, null]
          ]
        )
        for (const { query } of fake.sent) assert.isFalse(query.has("isPlayed") || query.has("filters"))
      })
  )
})

describe("The playback of Emby", () => {
  const withKey =
    (answers: Answers): Answers =>
    (sent) =>
      sent.headers.get("x-emby-token") === config.apiKey ? answers(sent) : new Response("no", { status: 401 })

  it.effect("is read by the paths with a user, and requests fields by name that it would omit", () =>
    Effect.gen(function* () {
      const fake = yield* connect(
        emby,
        config,
        withKey(
          server({
            libraries: [{ ItemId: "3", Name: "Films", CollectionType: "movies" }],
            items: { "3": [movie("12", { Tags: undefined, TagItems: [{ Name: "Keep", Id: 4 }] })] },
            favourites: { a1: [movie("12")] },
            collections: { Trilogy: [movie("12")] },
            played: { a1: [movie("12", data(6, { LastPlayedDate: "2024-08-02T22:51:23.0000000Z" }))] }
          })
        )
      )
      const [item] = yield* read(fake, "serverItems")
      assert.deepStrictEqual([item?.labels, item?.collections, item?.onWatchlist], [["Keep"], ["Trilogy"], true])
      const [entry] = yield* read(fake, "playback")
      assert.deepStrictEqual([entry?.plays, entry?.lastPlayedAt], [6, "2024-08-02T22:51:23.000Z"])
      const sweep = fake.sent.find((sent) => sent.query.get("includeItemTypes") === "Movie,Episode")
      assert.strictEqual(sweep?.path, "/Users/a1/Items")
      assert.includeMembers(sweep?.query.get("fields")?.split(",") ?? [], [
        "UserDataPlayCount",
        "UserDataLastPlayedDate"
      ])
      assert.isTrue(fake.sent.some((sent) => sent.path === "/Users/Query"))
      assert.isTrue(fake.sent.some((sent) => sent.path === "/Library/VirtualFolders/Query"))
    })
  )
})

describe("The probe of Jellyfin", () => {
  it.effect("returns the version, and distinguishes Jellyfin from other servers", () =>
    Effect.gen(function* () {
      const right = yield* connect(jellyfin, config, server({}))
      const { appName, version } = yield* right.connected.probe
      assert.deepStrictEqual([appName, version], ["Jellyfin", "10.11.11"])
      const wrong = yield* connect(emby, config, server({}))
      const error = yield* Effect.flip(wrong.connected.probe)
      assert.strictEqual(error._tag, "UpstreamMalformed")
      assert.include(error.detail, "Jellyfin Server")
      const own = yield* connect(emby, config, () => ({ Version: "4.9.5.0", ServerName: "Home" }))
      assert.strictEqual((yield* own.connected.probe).version, "4.9.5.0")
    })
  )

  it.effect("does not show the key in errors, even if the server repeats it", () =>
    Effect.gen(function* () {
      const fake = yield* connect(jellyfin, config, () => new Response(`no ${config.apiKey}`, { status: 401 }))
      const error = yield* Effect.flip(fake.connected.probe)
      assert.strictEqual(error._tag, "UpstreamUnauthorized")
      assert.notInclude(JSON.stringify(error), config.apiKey)
    })
  )
})
