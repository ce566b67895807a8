import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { emby } from "../../../src/integrations/kinds/emby.ts"
import { jellyfin } from "../../../src/integrations/kinds/jellyfin.ts"
import { type Answers, connect, read, type Sent } from "../support/FakeUpstream.ts"

const config = { apiKey: "j3lly" }

const ann = { Id: "a1", Name: "ann", Policy: { IsAdministrator: false, IsDisabled: false } }
const root = { Id: "r1", Name: "root", Policy: { IsAdministrator: true, IsDisabled: false } }

const movie = (id: string, changes: object = {}) => ({
  Id: id,
  Type: "Movie",
  Name: `Movie ${id}`,
  ProductionYear: 1999,
  DateCreated: "2020-01-02T03:04:05.1234567Z",
  ProviderIds: { Tmdb: "603", Imdb: "tt0133093", Tvdb: "777" },
  Tags: ["Keep", ""],
  ...changes
})
const series = (id: string) => ({
  Id: id,
  Type: "Series",
  Name: "Show",
  ProductionYear: 0,
  ProviderIds: { Tmdb: "1399", Tvdb: "121361", TvRage: "5", Imdb: "none" }
})
const season = (id: string, show: string, number: number | null) => ({
  Id: id,
  Type: "Season",
  Name: "Season",
  SeriesId: show,
  IndexNumber: number,
  ProviderIds: { Tvdb: "900001" }
})

interface World {
  readonly libraries?: ReadonlyArray<object>
  readonly items?: Readonly<Record<string, ReadonlyArray<object>>>
  readonly favourites?: Readonly<Record<string, ReadonlyArray<object>>>
  readonly collections?: Readonly<Record<string, ReadonlyArray<object>>>
  readonly played?: Readonly<Record<string, ReadonlyArray<object>>>
  readonly users?: ReadonlyArray<object>
}

const page = (sent: Sent, rows: ReadonlyArray<unknown>) => {
  const start = Number(sent.query.get("startIndex"))
  return {
    Items: rows.slice(start, start + Number(sent.query.get("limit"))),
    TotalRecordCount: rows.length,
    StartIndex: start
  }
}

const movieLibrary = { ItemId: "l1", Name: "Films", CollectionType: "movies" }

/** Answers as Jellyfin does below `Items?userId`, and as Emby does below `Users/{id}/Items`. */
const server =
  (world: World): Answers =>
  (sent) => {
    const users = world.users ?? [ann, root]
    const libraries = world.libraries ?? [movieLibrary]
    const type = sent.query.get("includeItemTypes")
    const parent = sent.query.get("parentId") ?? ""
    const user = /^\/Users\/(.+)\/Items$/.exec(sent.path)?.[1] ?? sent.query.get("userId") ?? ""
    switch (sent.path) {
      case "/System/Info":
        return { Version: "10.11.11", ProductName: "Jellyfin Server", Id: "x" }
      case "/Users":
        return users
      case "/Users/Query":
        return page(sent, users)
      case "/Library/VirtualFolders":
        return libraries
      case "/Library/VirtualFolders/Query":
        return page(sent, libraries)
    }
    if (!sent.path.endsWith("/Items")) return undefined
    if (sent.query.get("filters") === "IsFavorite") return page(sent, world.favourites?.[user] ?? [])
    if (type === "BoxSet") {
      return page(
        sent,
        Object.keys(world.collections ?? {}).map((Name) => ({ Id: `box-${Name}`, Type: "BoxSet", Name }))
      )
    }
    // As a server does, nothing stands in a collection for nobody.
    if (parent.startsWith("box-")) return page(sent, user === "" ? [] : (world.collections?.[parent.slice(4)] ?? []))
    if (type === "Movie,Episode") return page(sent, world.played?.[user] ?? [])
    return page(sent, world.items?.[parent] ?? [])
  }

describe("the libraries of Jellyfin", () => {
  it.effect("become server items with typed ids, tags as labels, and seasons that go by their show", () =>
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
            // The season comes before its show: nothing promises otherwise.
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
        addedAt: "2020-01-02T03:04:05.123Z",
        labels: ["Keep"],
        collections: [],
        onWatchlist: false
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

  it.effect("know collections as an administrator sees them, several for one item", () =>
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

  it.effect("have on their watchlist what any user marked, and the show of a marked episode", () =>
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

  it.effect("are read to the last page or not at all", () =>
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

const data = (PlayCount: number, changes: object = {}) => ({
  UserData: { PlayCount, Played: PlayCount > 0, IsFavorite: false, PlaybackPositionTicks: 0, ...changes }
})
const episode = (id: string, number: number | null, userData: object) => ({
  Id: id,
  Type: "Episode",
  SeriesId: "s1",
  SeasonId: "e1",
  ParentIndexNumber: number,
  ...userData
})

describe("the playback of Jellyfin", () => {
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
              // Only its season's key tells where it stands.
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
          ["movie", "m3", null, 1, null]
        ]
      )
      assert.deepStrictEqual(entries[0]?.users, [
        { name: "ann", plays: 2, lastPlayedAt: "2024-08-02T22:51:23.000Z" },
        { name: "root", plays: 1, lastPlayedAt: null, undated: true }
      ])
    })
  )

  it.effect(
    "asks once for each user and page, never for an item, and for everything instead of what counts as played",
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
            ["/Items", "r1", "0"]
          ]
        )
        for (const { query } of fake.sent) assert.isFalse(query.has("isPlayed") || query.has("filters"))
      })
  )
})

describe("Emby", () => {
  const withKey =
    (answers: Answers): Answers =>
    (sent) =>
      sent.headers.get("x-emby-token") === config.apiKey ? answers(sent) : new Response("no", { status: 401 })

  it.effect("is asked where it knows the user, and by name for what it would leave out", () =>
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

describe("the probe", () => {
  it.effect("tells the version, and a Jellyfin server from another", () =>
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

  it.effect("keeps the key out of what went wrong, also when the server repeats it", () =>
    Effect.gen(function* () {
      const fake = yield* connect(jellyfin, config, () => new Response(`no ${config.apiKey}`, { status: 401 }))
      const error = yield* Effect.flip(fake.connected.probe)
      assert.strictEqual(error._tag, "UpstreamUnauthorized")
      assert.notInclude(JSON.stringify(error), config.apiKey)
    })
  )
})
