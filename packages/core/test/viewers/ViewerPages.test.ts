/** What people have played, requested and marked: pages, filters of lists, and what joining and splitting changes. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Integrations } from "../../src/integrations/Integrations.ts"
import type { PersonObservation, WatchlistEntry } from "../../src/integrations/Observations.ts"
import { UpstreamUnreachable } from "../../src/integrations/UpstreamErrors.ts"
import { Library } from "../../src/library/Library.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Activity } from "../../src/system/Activity.ts"
import type { Page } from "../../src/storage/Pages.ts"
import type { ViewerRelation } from "../../src/viewers/Relations.ts"
import { Viewers } from "../../src/viewers/Viewers.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem, playback, request, season, serverItem, show } from "../library/Samples.ts"

const day = (number: number) => `2026-01-${String(number).padStart(2, "0")}T00:00:00.000Z`
const run = Effect.flatMap(Sync, (sync) => sync.run())

const ann: PersonObservation = { name: "Ann", account: { id: "7", login: "ann" } }
const ben: PersonObservation = { name: "Ben", account: { id: "8", login: "ben" } }
const played = (person: PersonObservation, plays: number, lastPlayedAt: string | null) => ({
  ...person,
  plays,
  lastPlayedAt
})

/** Five films and a show. Ann has played all films on one server, and the first one on another. */
const stack = () => {
  const feeds = new Feeds()
  const ofShow = show("20", ["tvdb:20"])
  feeds.of("Manager").catalog = [
    ...[1, 2, 3, 4, 5].map((id) =>
      catalogItem({ externalId: String(id), title: `Film ${id}`, ids: [`tmdb-movie:${id}`] })
    ),
    ofShow,
    season(ofShow, 1)
  ]
  feeds.of("Server").serverItems = [
    ...["1", "2", "3", "4", "5"].map((id) =>
      serverItem({
        serverItemId: id,
        ids: [`tmdb-movie:${id}`],
        onWatchlist: id === "4",
        favouritedBy: id === "4" ? [ann, ben] : []
      })
    ),
    serverItem({ serverItemId: "20", kind: "show", ids: ["tvdb:20"] })
  ]
  feeds.of("Server").playback = [
    ...["1", "2", "3"].map((id) =>
      playback(id, {}, day(9), { plays: 1, users: [played(ann, 1, day(Number(id)))], lastPlayedAt: day(Number(id)) })
    ),
    playback("5", {}, day(9), { lastPlayedAt: null, plays: 2, users: [played(ben, 2, null)] }),
    playback("20", {}, day(9), { lastPlayedAt: null, kind: "show", plays: 4, users: [played(ann, 4, day(9))] }),
    playback("20", {}, day(9), {
      lastPlayedAt: null,
      kind: "season",
      seasonNumber: 1,
      plays: 4,
      users: [played(ann, 4, day(9))]
    })
  ]
  feeds.of("Other").serverItems = [serverItem({ serverItemId: "x", ids: ["tmdb-movie:1"] })]
  feeds.of("Other").playback = [
    playback("x", {}, day(9), {
      lastPlayedAt: null,
      plays: 1,
      users: [{ ...played(ann, 1, day(5)), account: { id: "70", login: "ann" } }]
    })
  ]
  feeds.of("Wishes").requests = [
    request(["tmdb-movie:5"], ["Ann"], {
      requestId: "1",
      requester: { id: "3", sharedIds: [] },
      status: "approved",
      requestedAt: day(2),
      approvedAt: day(3),
      approvedBy: ["Admin"]
    }),
    request(["tmdb-movie:99"], ["Ann"], {
      requestId: "2",
      requester: { id: "3" },
      status: "pending",
      requestedAt: day(4)
    }),
    request(["tmdb-movie:4"], ["Ann"], {
      requestId: "3",
      requester: { id: "3" },
      status: "declined",
      requestedAt: day(1)
    }),
    request(["tvdb:20"], [], { requestId: "4", kind: "show", seasons: [1], is4k: true, requestedAt: null })
  ]
  return feeds
}

const connected = Effect.gen(function* () {
  yield* connectFeed("manager", "Manager")
  yield* connectFeed("server", "Server")
  yield* connectFeed("server", "Other")
  yield* connectFeed("wishes", "Wishes")
  yield* run
})

/** The viewer with this name in an integration. */
const viewerOf = Effect.fnUntraced(function* (integration: string, name: string) {
  const viewers = yield* Viewers
  const { items } = yield* viewers.list({ q: name, limit: 200 })
  for (const { id } of items) {
    const { identities } = yield* viewers.get(id)
    if (identities.some((one) => one.integration === integration && one.name === name)) return id
  }
  return assert.fail(`There is no ${name} of ${integration}`)
})

/** All entries, page by page. */
const everything = Effect.fnUntraced(function* <A, E>(
  read: (query: { readonly limit: number; readonly cursor?: string }) => Effect.Effect<Page<A>, E>,
  limit = 1
) {
  const all: Array<A> = []
  for (let cursor: string | null = null; ;) {
    const page: Page<A> = yield* read({ limit, ...(cursor === null ? {} : { cursor }) })
    all.push(...page.items)
    assert.isAtMost(page.items.length, limit)
    if (page.nextCursor === null) return all
    cursor = page.nextCursor
  }
})

const withStack = <E>(test: (feeds: Feeds) => Effect.Effect<void, E, Effect.Services<ReturnType<typeof needs>>>) => {
  const feeds = stack()
  return Effect.andThen(connected, test(feeds)).pipe(Effect.provide(feedTest(feeds)))
}
const needs = () =>
  Effect.gen(function* () {
    yield* Viewers
    yield* Library
    yield* Activity
    yield* Protections
    yield* Sync
    yield* Snapshots
    yield* Integrations
    yield* SqlClient.SqlClient
  })

describe("A viewer's pages", () => {
  it.effect("have what they played, the last played first, over all of their accounts", () =>
    withStack(() =>
      Effect.gen(function* () {
        const viewers = yield* Viewers
        const id = yield* viewerOf("Server", "Ann")
        yield* viewers.join(id, [yield* viewerOf("Other", "Ann")])
        const all = yield* everything((query) => viewers.plays(id, query))
        assert.deepStrictEqual(
          all.map(({ integration, lastPlayedAt, plays, title }) => [title, integration, plays, lastPlayedAt]),
          [
            ["Show 20", "Server", 4, day(9)],
            ["Film 1", "Other", 1, day(5)],
            ["Film 3", "Server", 1, day(3)],
            ["Film 2", "Server", 1, day(2)],
            ["Film 1", "Server", 1, day(1)]
          ]
        )
        const seasons = yield* viewers.plays(id, { kind: "season" })
        assert.deepStrictEqual(
          seasons.items.map(({ kind, plays }) => [kind, plays]),
          [["season", 4]]
        )
        const { id: other } = yield* viewers.get(yield* viewerOf("Server", "Ben"))
        assert.deepStrictEqual(
          (yield* viewers.plays(other)).items.map(({ lastPlayedAt, title }) => [title, lastPlayedAt]),
          [["Film 5", null]]
        )
        const wrong = (yield* viewers.plays(id, { limit: 1 })).nextCursor ?? ""
        assert.strictEqual((yield* Effect.flip(viewers.plays(other, { cursor: wrong })))._tag, "InvalidRequest")
        assert.strictEqual((yield* Effect.flip(viewers.plays("99")))._tag, "ViewerNotFound")
      })
    )
  )

  it.effect("have their requests, also for what is not in the library, with who approved them", () =>
    withStack(() =>
      Effect.gen(function* () {
        const viewers = yield* Viewers
        const id = yield* viewerOf("Wishes", "Ann")
        const all = yield* everything((query) => viewers.requestsOf(id, query))
        assert.deepStrictEqual(
          all.map((one) => [one.requestId, one.title, one.status, one.approvedAt, one.approvedBy]),
          [
            ["2", null, "pending", null, []],
            ["1", "Film 5", "approved", day(3), ["Admin"]],
            ["3", "Film 4", "declined", null, []]
          ]
        )
        assert.deepStrictEqual(all[0]?.ids, ["tmdb-movie:99"])
        const everybody = yield* everything((query) => viewers.requests(query))
        assert.deepStrictEqual(
          everybody.map((one) => [one.requestId, one.requestedBy?.viewerId ?? null, one.is4k]),
          [
            ["2", id, false],
            ["1", id, false],
            ["3", id, false],
            ["4", null, true]
          ]
        )
        const only = (query: Parameters<typeof viewers.requests>[0]) =>
          Effect.map(viewers.requests(query), ({ items }) => items.map(({ requestId }) => requestId))
        assert.deepStrictEqual(yield* only({ known: false }), ["4"])
        assert.deepStrictEqual(yield* only({ status: "declined" }), ["3"])
        assert.deepStrictEqual(yield* only({ is4k: false, status: "approved" }), ["1"])
        assert.deepStrictEqual(yield* only({ itemId: all[1]?.itemId ?? "" }), ["1"])
        assert.deepStrictEqual(yield* only({ viewer: "99" }), [])
      })
    )
  )

  it.effect("follow the requests: those that change, those that are withdrawn, those that cannot be read", () =>
    withStack((feeds) =>
      Effect.gen(function* () {
        const viewers = yield* Viewers
        const wishes = feeds.of("Wishes")
        const [first, second] = wishes.requests ?? []
        wishes.requests = [{ ...first!, status: "completed" }, second!]
        yield* run
        const known = Effect.map(viewers.requests(), ({ items }) =>
          items.map(({ requestId, status }) => `${requestId} ${status}`)
        )
        assert.deepStrictEqual(yield* known, ["2 pending", "1 completed"])
        const integration = "Wishes"
        wishes.failing = { requests: new UpstreamUnreachable({ integration, call: "GET", detail: "it is down" }) }
        yield* run
        assert.deepStrictEqual(yield* known, ["2 pending", "1 completed"])
        wishes.failing = {}
        feeds.of("Manager").catalog = feeds.of("Manager").catalog!.filter(({ externalId }) => externalId !== "5")
        yield* run
        assert.deepStrictEqual(
          (yield* viewers.requests()).items.map(({ itemId }) => itemId),
          [null, null]
        )
      })
    )
  )

  it.effect("have their favourites, which follow the accounts when they are split", () =>
    withStack(() =>
      Effect.gen(function* () {
        const viewers = yield* Viewers
        const [id, other] = [yield* viewerOf("Server", "Ann"), yield* viewerOf("Server", "Ben")]
        const marked = (viewer: string) =>
          Effect.map(
            everything((query) => viewers.listings(viewer, query)),
            (all) => all.map(({ integration, list, title }) => `${title}: ${list} of ${integration}`)
          )
        assert.deepStrictEqual(yield* marked(id), ["Film 4: favourites of Server"])
        yield* viewers.join(id, [other])
        assert.strictEqual((yield* marked(id)).length, 2, "one for each account")
        const { identities } = yield* viewers.get(id)
        const bens = identities.find(({ name }) => name === "Ben")!
        const { split } = yield* viewers.split(id, [bens.id])
        assert.deepStrictEqual(yield* marked(split.id), ["Film 4: favourites of Server"])
        assert.deepStrictEqual((yield* viewers.listings(id, { list: "watchlist" })).items, [])
      })
    )
  )
})

describe("A list of items", () => {
  it.effect("is limited to what a viewer has played, not played, requested or marked", () =>
    withStack(() =>
      Effect.gen(function* () {
        const viewers = yield* Viewers
        const library = yield* Library
        const id = yield* viewerOf("Server", "Ann")
        const titles = (relation?: ViewerRelation) =>
          Effect.map(
            library.page({ viewer: id, kind: "movie", ...(relation === undefined ? {} : { relation }) }),
            ({ items }) => items.map(({ title }) => title)
          )
        assert.deepStrictEqual(yield* titles("played"), ["Film 1", "Film 2", "Film 3"])
        assert.deepStrictEqual(yield* titles("not-played"), ["Film 4", "Film 5"])
        assert.deepStrictEqual(yield* titles("favourites"), ["Film 4"])
        assert.deepStrictEqual(yield* titles("requested"), [])
        assert.deepStrictEqual(yield* titles(), ["Film 1", "Film 2", "Film 3", "Film 4"])
        yield* viewers.join(id, [yield* viewerOf("Wishes", "Ann")])
        assert.deepStrictEqual(yield* titles("requested"), ["Film 5"], "a declined request is none")
        assert.deepStrictEqual(yield* titles("watchlist"), [])
        const counted = yield* library.counted({ viewer: id, relation: "played" }, { offset: 0, limit: 10 })
        assert.strictEqual(counted.total, 5)
        const alone = yield* Effect.flip(library.page({ relation: "played" }))
        assert.deepStrictEqual(alone.errors[0]?.path, ["query", "relation"])
      })
    )
  )

  it.effect("does not contain as not played what nobody knows the plays of", () =>
    withStack((feeds) =>
      Effect.gen(function* () {
        feeds.of("Manager").catalog = [
          ...feeds.of("Manager").catalog!,
          catalogItem({ externalId: "6", title: "Film 6", ids: ["tmdb-movie:6"] })
        ]
        yield* run
        const query = { viewer: yield* viewerOf("Server", "Ann"), relation: "not-played", kind: "movie" } as const
        const { items } = yield* (yield* Library).page(query)
        assert.deepStrictEqual(
          items.map(({ title }) => title),
          ["Film 4", "Film 5"]
        )
      })
    )
  )
})

describe("The activity", () => {
  it.effect("is limited to a viewer, and to what they have played, requested or marked", () =>
    withStack(() =>
      Effect.gen(function* () {
        const viewers = yield* Viewers
        const protections = yield* Protections
        const { items } = yield* (yield* Library).page({ kind: "movie" })
        for (const { id } of items) yield* protections.add({ itemId: id })
        const id = yield* viewerOf("Server", "Ann")
        yield* viewers.join(id, [yield* viewerOf("Other", "Ann")])
        const { items: found } = yield* (yield* Activity).page({ viewer: id }, { offset: 0, limit: 50 })
        const titles = new Map(items.map(({ id: of, title }) => [of, title]))
        assert.deepStrictEqual(
          found.map(({ itemId, type }) => `${type} ${titles.get(itemId ?? "") ?? ""}`),
          [
            "viewer.joined ",
            "protection.added Film 4",
            "protection.added Film 3",
            "protection.added Film 2",
            "protection.added Film 1"
          ]
        )
      })
    )
  )
})

describe("A watchlist", () => {
  const onList = (ids: ReadonlyArray<string>, unread?: string): WatchlistEntry => ({
    entryId: unread === undefined ? `3/${ids.join()}` : "3/unread",
    kind: unread === undefined ? "movie" : null,
    ids,
    holderNames: ["Ann"],
    holder: { id: "3", sharedIds: [] },
    ...(unread === undefined ? {} : { unread })
  })

  it.effect("of a request manager is that of the person who requests there, and open if it was not read", () => {
    const feeds = stack()
    feeds.of("Wishes").watchlists = [onList(["tmdb-movie:2"]), onList(["tmdb-movie:77"])]
    return Effect.gen(function* () {
      yield* connected
      const viewers = yield* Viewers
      const id = yield* viewerOf("Wishes", "Ann")
      const { items } = yield* viewers.listings(id)
      assert.deepStrictEqual(
        items.map(({ integration, list, title }) => [title, list, integration]),
        [["Film 2", "watchlist", "Wishes"]]
      )
      const { items: found } = yield* (yield* Library).page({ viewer: id, relation: "watchlist" })
      assert.deepStrictEqual(
        found.map(({ title }) => title),
        ["Film 2"]
      )
      const dataOf = (wanted: string) =>
        Effect.map(
          Effect.flatMap(Snapshots, (snapshots) => snapshots.get),
          (snapshot) => snapshot.items.find(({ title }) => title === wanted)!.data
        )
      assert.deepStrictEqual((yield* dataOf("Film 2")).watchlistedBy, [{ names: ["Ann"] }])
      assert.deepStrictEqual((yield* dataOf("Film 3")).watchlistedBy, [])
      assert.isUndefined((yield* dataOf("Film 3")).watchlistsOpen)
      feeds.of("Wishes").watchlists = [onList([], "it is refused")]
      yield* run
      assert.deepStrictEqual((yield* dataOf("Film 2")).watchlistedBy, [])
      assert.isTrue((yield* dataOf("Film 3")).watchlistsOpen)
      // It is no longer configured: nothing remains of it, neither a list nor a failure.
      const integrations = yield* Integrations
      const wishes = (yield* integrations.list).find(({ name }) => name === "Wishes")!
      feeds.of("Without lists").requests = feeds.of("Wishes").requests ?? []
      yield* integrations.update(wishes.id, { name: "Without lists" })
      yield* run
      assert.isUndefined((yield* dataOf("Film 2")).watchlistedBy)
      const { sourceStates } = yield* (yield* Snapshots).get
      assert.notInclude(
        sourceStates.map(({ observation }) => observation),
        "watchlists"
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})

describe("Facts about people", () => {
  it.effect("change as soon as people are joined or split", () =>
    withStack(() =>
      Effect.gen(function* () {
        const viewers = yield* Viewers
        const [id, other] = [yield* viewerOf("Server", "Ann"), yield* viewerOf("Server", "Ben")]
        const holders = Effect.map((yield* Snapshots).get, ({ items }) =>
          items.find(({ title }) => title === "Film 4")?.data.favouritedBy?.map(({ names }) => names)
        )
        assert.deepStrictEqual(yield* holders, [["Ann"], ["Ben"]])
        yield* viewers.join(id, [other])
        assert.deepStrictEqual(yield* holders, [["Ann", "Ben"]])
        const { identities } = yield* viewers.get(id)
        yield* viewers.split(id, [identities.find(({ name }) => name === "Ben")!.id])
        assert.deepStrictEqual(yield* holders, [["Ann"], ["Ben"]])
      })
    )
  )
})
