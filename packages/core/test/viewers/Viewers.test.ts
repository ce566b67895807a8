/** Viewers, their accounts and their plays, as syncs write them and as people place them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../../src/events/EventLog.ts"
import { Actor } from "../../src/events/Actor.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import type { ServerAccount } from "../../src/integrations/Observations.ts"
import { UpstreamUnreachable } from "../../src/integrations/UpstreamErrors.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { PersonMatcher } from "../../src/viewers/PersonMatcher.ts"
import { storedIdentities, writeIdentities } from "../../src/viewers/Identities.ts"
import { Viewers } from "../../src/viewers/Viewers.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem, playback, request, season, serverItem, show } from "../library/Samples.ts"

const at = "2026-01-10T00:00:00.000Z"
const later = "2026-01-11T00:00:00.000Z"

const run = Effect.flatMap(Sync, (sync) => sync.run())

/** `viewer <- integration/key name, …` for each viewer, by id. */
const people = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* Effect.orDie(
    sql<{ viewer: string; whose: string }>`SELECT viewers.name AS viewer, viewer_identities.integration_id || '/' ||
        viewer_identities.key || CASE WHEN missing_since IS NULL THEN '' ELSE ' (missing)' END AS whose
      FROM viewer_identities JOIN viewers ON viewers.id = viewer_id ORDER BY viewers.id, viewer_identities.id`
  )
  return rows.map(({ viewer, whose }) => `${viewer} <- ${whose}`)
})

interface PlaysRow {
  readonly title: string
  readonly key: string
  readonly plays: number
  readonly first_played_at: string | null
  readonly last_played_at: string | null
  readonly seen: number | null
  readonly furthest: number | null
  readonly source: string
}

const playsRows = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return yield* Effect.orDie(
    sql<PlaysRow>`SELECT items.title, viewer_identities.key, plays.plays, plays.first_played_at, plays.last_played_at,
        plays.seen, plays.furthest, plays.source
      FROM plays JOIN items ON items.id = item_id JOIN viewer_identities ON viewer_identities.id = identity_id
      ORDER BY items.title, viewer_identities.key, viewer_identities.id`
  )
})
const playsShort = Effect.map(playsRows, (rows) => rows.map(({ key, plays, title }) => `${title}: ${key} ${plays}`))

const account = (id: string, login: string): ServerAccount => ({ id, login })
const user = (name: string, id: string, plays: number, given: object = {}) => ({
  name,
  account: account(id, name.toLowerCase()),
  plays,
  lastPlayedAt: at,
  ...given
})

const entry = (key: string, users: ReadonlyArray<ReturnType<typeof user>>) =>
  playback(key, {}, at, { plays: users.reduce((sum, { plays }) => sum + plays, 0), users })

/** Two films on a server that "Bob" and "Ann" have played, and statistics of it. */
const stack = () => {
  const feeds = new Feeds()
  feeds.of("Manager").catalog = [1, 2].map((id) =>
    catalogItem({ externalId: String(id), title: `Film ${id}`, ids: [`tmdb-movie:${id}`] })
  )
  feeds.of("Server").serverItems = ["1", "2"].map((id) => serverItem({ serverItemId: id, ids: [`tmdb-movie:${id}`] }))
  feeds.of("Server").playback = [
    entry("1", [user("Bob", "7", 2, { seen: 1, lastSeenAt: at, firstPlayedAt: at }), user("Ann", "8", 1)])
  ]
  feeds.of("Statistics").playback = [
    entry("1", [{ ...user("Bobby", "7", 3, { firstPlayedAt: later, furthest: 0.95 }), account: { id: "7" } }])
  ]
  return feeds
}

const connected = Effect.gen(function* () {
  yield* connectFeed("manager", "Manager")
  yield* connectFeed("server", "Server")
  yield* connectFeed("statistics", "Statistics")
  yield* run
})

describe("A sync", () => {
  it.effect("stores accounts, their viewers, and the plays of each, from all sources of the server", () =>
    Effect.gen(function* () {
      yield* connected
      assert.deepStrictEqual(yield* people, ["Bob <- 2/account:id:7", "Ann <- 2/account:id:8"])
      assert.deepStrictEqual(
        (yield* playsRows).map((row) => ({ ...row })),
        [
          {
            title: "Film 1",
            key: "account:id:7",
            plays: 3,
            first_played_at: at,
            last_played_at: at,
            seen: 1,
            furthest: null,
            source: "Server, Statistics"
          },
          {
            title: "Film 1",
            key: "account:id:8",
            plays: 1,
            first_played_at: null,
            last_played_at: at,
            seen: null,
            furthest: null,
            source: "Server"
          }
        ]
      )
    }).pipe(Effect.provide(feedTest(stack())))
  )

  it.effect("writes only rows that have changed, and deletes plays that are no longer reported", () => {
    const feeds = stack()
    return Effect.gen(function* () {
      yield* connected
      const sql = yield* SqlClient.SqlClient
      yield* sql`CREATE TEMP TABLE written (what TEXT)`
      for (const [table, verb] of [
        ["plays", "INSERT"],
        ["plays", "UPDATE"],
        ["plays", "DELETE"],
        ["viewers", "UPDATE"],
        ["viewer_identities", "UPDATE"],
        ["item_details", "UPDATE"]
      ] as const) {
        yield* sql.unsafe(
          `CREATE TEMP TRIGGER ${table}_${verb} AFTER ${verb} ON main.${table} BEGIN INSERT INTO written VALUES ('${verb} ${table}'); END`
        )
      }
      const written = Effect.map(sql<{ what: string }>`SELECT what FROM written ORDER BY rowid`, (rows) =>
        rows.map(({ what }) => what)
      )
      yield* run
      assert.deepStrictEqual(yield* written, [])
      feeds.of("Server").playback = [entry("1", [user("Bob", "7", 2, { seen: 1, lastSeenAt: at, firstPlayedAt: at })])]
      yield* run
      assert.sameMembers(yield* written, ["UPDATE viewer_identities", "DELETE plays", "UPDATE item_details"])
      assert.deepStrictEqual(yield* playsShort, ["Film 1: account:id:7 3"])
      assert.deepStrictEqual(yield* people, ["Bob <- 2/account:id:7", "Ann <- 2/account:id:8 (missing)"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("deletes no viewer if a reading fails or is held", () => {
    const feeds = stack()
    return Effect.gen(function* () {
      yield* connected
      const before = [yield* people, yield* playsShort]
      const down = new UpstreamUnreachable({ integration: "Server", call: "GET /history", detail: "reset" })
      feeds.of("Server").playback = []
      feeds.of("Server").failing = { playback: down }
      feeds.of("Statistics").failing = { playback: down }
      yield* run
      assert.deepStrictEqual([yield* people, yield* playsShort], before)
      // Most of the library disappears: the reading waits for a person, and its items keep their plays.
      feeds.of("Manager").catalog = []
      yield* run
      assert.deepStrictEqual([yield* people, yield* playsShort], before)
      delete feeds.of("Server").failing
      delete feeds.of("Statistics").failing
      yield* run
      assert.deepStrictEqual(yield* playsShort, ["Film 1: account:id:7 3"], "what the server says now counts")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("renames a viewer with a single account", () => {
    const feeds = stack()
    return Effect.gen(function* () {
      yield* connected
      feeds.of("Server").playback = [entry("1", [user("Robert", "7", 3)])]
      yield* run
      assert.deepStrictEqual(yield* people, ["Robert <- 2/account:id:7", "Ann <- 2/account:id:8 (missing)"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("stores the plays of shows and of their seasons", () => {
    const feeds = new Feeds()
    const whole = show("5", ["tvdb:5"])
    feeds.of("Manager").catalog = [whole, season(whole, 1)]
    feeds.of("Server").serverItems = [
      serverItem({ serverItemId: "s", kind: "show", ids: ["tvdb:5"] }),
      serverItem({ serverItemId: "s1", kind: "season", parentServerItemId: "s", seasonNumber: 1 })
    ]
    const users = [user("Bob", "7", 4, { seen: 4, lastSeenAt: at })]
    feeds.of("Server").playback = [
      playback("s", {}, at, { kind: "show", plays: 4, users }),
      playback("s", {}, at, { kind: "season", seasonNumber: 1, plays: 4, users })
    ]
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* connectFeed("server", "Server")
      yield* run
      assert.deepStrictEqual(yield* playsShort, ["Show 5: account:id:7 4", "Show 5 season 1: account:id:7 4"])
      const { items } = yield* (yield* Viewers).list()
      assert.deepStrictEqual(items[0]?.totals, { items: 1, plays: 4, lastPlayedAt: at }, "not counted twice")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("deletes the plays of items that are gone, and stores them again if the items return", () => {
    const feeds = stack()
    const all = feeds.of("Manager").catalog ?? []
    return Effect.gen(function* () {
      yield* connected
      feeds.of("Manager").catalog = [
        ...all.slice(1),
        ...[3, 4, 5, 6].map((id) => catalogItem({ externalId: String(id) }))
      ]
      yield* run
      const held = yield* (yield* Sync).held("1").pipe(Effect.option)
      if (held._tag === "Some") yield* (yield* Sync).confirmHeld("1")
      assert.deepStrictEqual(yield* playsShort, [])
      feeds.of("Manager").catalog = [...all, ...[3, 4, 5, 6].map((id) => catalogItem({ externalId: String(id) }))]
      yield* run
      assert.deepStrictEqual(yield* playsShort, ["Film 1: account:id:7 3", "Film 1: account:id:8 1"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("deletes the accounts of an integration that was removed, and viewers who have no other", () => {
    const feeds = stack()
    feeds.of("Second").serverItems = [serverItem({ serverItemId: "1", ids: ["tmdb-movie:1"] })]
    feeds.of("Second").playback = [entry("1", [user("Carl", "9", 1)])]
    return Effect.gen(function* () {
      yield* connected
      const second = yield* connectFeed("server", "Second")
      const integrations = yield* Integrations
      yield* integrations.update("3", { options: { mediaServerId: "2" } })
      yield* run
      assert.include(yield* people, `Carl <- ${second}/account:id:9`)
      yield* (yield* Sync).forget(second)
      assert.deepStrictEqual(yield* people, ["Bob <- 2/account:id:7", "Ann <- 2/account:id:8"])
      assert.deepStrictEqual(yield* playsShort, ["Film 1: account:id:7 3", "Film 1: account:id:8 1"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})

describe("A requester", () => {
  it.effect("is the viewer whose id the request contains, and otherwise a separate viewer", () => {
    const feeds = stack()
    feeds.of("Server").playback = [
      entry("1", [
        { ...user("Bob", "7", 2), account: { ...account("7", "bob"), sharedIds: ["number:4007"] } },
        user("Ann", "8", 1)
      ])
    ]
    feeds.of("Wishes").requests = [
      request(["tmdb-movie:1"], ["Robert"], { requester: { id: "1", sharedIds: ["number:4007"] } }),
      request(["tmdb-movie:2"], ["Ann"], { requester: { id: "2", sharedIds: [] } })
    ]
    return Effect.gen(function* () {
      yield* connectFeed("wishes", "Wishes")
      yield* run
      assert.deepStrictEqual(yield* people, ["Robert <- 1/requester:id:1", "Ann <- 1/requester:id:2"])
      yield* connectFeed("manager", "Manager")
      yield* connectFeed("server", "Server")
      yield* run
      assert.deepStrictEqual(yield* people, [
        "Robert <- 1/requester:id:1",
        "Robert <- 3/account:id:7",
        "Ann <- 1/requester:id:2",
        "Ann <- 3/account:id:8"
      ])
      const { items } = yield* (yield* Viewers).list({ q: "ann" })
      assert.lengthOf(items, 2, "a name proves nothing")
      assert.strictEqual((yield* (yield* Viewers).get("1")).version, 2, "who has read one account has not read two")
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})

/** Two servers with a film that "Bob" of the one and "bob" of the other have played. */
const twoServers = () => {
  const feeds = new Feeds()
  feeds.of("Manager").catalog = [catalogItem({ externalId: "1", title: "Film 1", ids: ["tmdb-movie:1"] })]
  for (const [name, who] of [
    ["First", user("Bob", "7", 2, { seen: 1, lastSeenAt: at })],
    ["Second", user("bob", "7", 1, { seen: 0, lastSeenAt: null })]
  ] as const) {
    feeds.of(name).serverItems = [serverItem({ serverItemId: "1", ids: ["tmdb-movie:1"] })]
    feeds.of(name).playback = [entry("1", [who])]
  }
  return feeds
}

const onTwoServers = Effect.gen(function* () {
  yield* connectFeed("manager", "Manager")
  yield* connectFeed("server", "First")
  yield* connectFeed("server", "Second")
  yield* run
})

/** Who has played the film, as rules see it. */
const watchers = Effect.gen(function* () {
  const { items } = yield* Effect.flatMap(Snapshots, (snapshots) => snapshots.get)
  return (items[0]?.data.playback?.users ?? []).map(
    ({ ambiguous, plays, user: name }) => `${name} ${plays}${ambiguous === undefined ? "" : "?"}`
  )
})

describe("Joining and splitting", () => {
  it.effect("join two viewers with one name and separate them again, and later syncs keep that", () =>
    Effect.gen(function* () {
      yield* onTwoServers
      const viewers = yield* Viewers
      assert.deepStrictEqual(yield* people, ["Bob <- 2/account:id:7", "bob <- 3/account:id:7"])
      assert.deepStrictEqual(yield* watchers, ["Bob 2?", "bob 1?"])
      const joined = yield* viewers.join("1", ["2"]).pipe(Effect.provideService(Actor, "ann"))
      assert.deepStrictEqual([joined.name, joined.version, joined.identities.length], ["Bob", 2, 2])
      assert.deepStrictEqual(yield* people, ["Bob <- 2/account:id:7", "Bob <- 3/account:id:7"])
      assert.deepStrictEqual(yield* watchers, ["Bob 3"], "without another sync")
      yield* run
      assert.deepStrictEqual(yield* people, ["Bob <- 2/account:id:7", "Bob <- 3/account:id:7"])
      const { split, viewer } = yield* viewers.split("1", [joined.identities[1]!.id])
      assert.deepStrictEqual(
        [viewer.identities.length, split.name, split.identities[0]?.placedBy],
        [1, "bob", "person"]
      )
      assert.deepStrictEqual(yield* watchers, ["Bob 2?", "bob 1?"])
      yield* run
      assert.deepStrictEqual(yield* people, ["Bob <- 2/account:id:7", "bob <- 3/account:id:7"])
      const log = yield* (yield* EventLog).page({})
      const viewerEvents = log.items.filter(({ type }) => type.startsWith("viewer."))
      assert.deepStrictEqual(
        viewerEvents.map(({ actor, message, subject, type }) => [type, actor, subject?.id, message]),
        [
          ["viewer.split", "system", "1", '"bob" of Second and "Bob" are different people'],
          ["viewer.joined", "ann", "1", '"bob" and "Bob" are one person']
        ]
      )
    }).pipe(Effect.provide(feedTest(twoServers())))
  )

  it.effect("split accounts that share an id, and no sync joins them again", () => {
    const feeds = twoServers()
    for (const name of ["First", "Second"]) {
      feeds.of(name).playback = [
        entry("1", [{ ...user("Bob", "7", 1), account: { id: "7", sharedIds: ["number:4007"] } }])
      ]
    }
    return Effect.gen(function* () {
      yield* onTwoServers
      const viewers = yield* Viewers
      const [only] = (yield* viewers.list()).items
      const { identities } = yield* viewers.get(only!.id)
      assert.lengthOf(identities, 2)
      yield* viewers.split(only!.id, [identities[1]!.id])
      yield* run
      assert.lengthOf((yield* viewers.list()).items, 2)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("refuse unknown or duplicate accounts, and a split of all accounts, and change nothing", () =>
    Effect.gen(function* () {
      yield* onTwoServers
      const viewers = yield* Viewers
      const before = yield* people
      const issues = (effect: Effect.Effect<unknown, { readonly _tag: string; readonly errors?: unknown }>) =>
        Effect.map(Effect.flip(effect), (error) => error.errors ?? error._tag)
      assert.deepStrictEqual(yield* issues(viewers.join("1", ["1", "2", "2", "77", "x"])), [
        { path: ["payload", "viewerIds", 0], message: "is the viewer itself" },
        { path: ["payload", "viewerIds", 2], message: "is named twice" },
        { path: ["payload", "viewerIds", 3], message: "there is no viewer 77" },
        { path: ["payload", "viewerIds", 4], message: "there is no viewer x" }
      ])
      assert.strictEqual(yield* issues(viewers.join("77", ["1"])), "ViewerNotFound")
      assert.strictEqual(yield* issues(viewers.join("1", ["2"], 9)), "VersionConflict")
      assert.deepStrictEqual(yield* issues(viewers.split("1", ["2"])), [
        { path: ["payload", "identityIds", 0], message: 'is not an account of "Bob"' }
      ])
      assert.deepStrictEqual(yield* issues(viewers.split("1", ["1"])), [
        { path: ["payload", "identityIds"], message: "are all accounts of the viewer; one of them must stay" }
      ])
      assert.deepStrictEqual(yield* people, before)
    }).pipe(Effect.provide(feedTest(twoServers())))
  )

  it.effect("are not undone by a sync that had already matched the accounts", () => {
    const feeds = twoServers()
    return Effect.gen(function* () {
      yield* onTwoServers
      const viewers = yield* Viewers
      const sql = yield* SqlClient.SqlClient
      // As if the join happened between the reading of the accounts and the transaction that writes them.
      const index = new PersonMatcher(yield* storedIdentities(sql))
      for (const [server, name] of [
        ["2", "Bob"],
        ["3", "bob"]
      ] as const) {
        index.add(server, user(name, "7", 1))
      }
      assert.lengthOf(index.accounts, 2)
      yield* viewers.join("1", ["2"])
      yield* writeIdentities(sql, index, { at: later, complete: true })
      assert.deepStrictEqual(yield* people, ["Bob <- 2/account:id:7", "Bob <- 3/account:id:7"])
      const joined = new PersonMatcher(yield* storedIdentities(sql))
      joined.add("2", user("Bob", "7", 1))
      joined.add("3", user("bob", "7", 1))
      assert.lengthOf(new Set(joined.accounts.map(({ person }) => person)), 1)
      yield* viewers.split("1", ["2"])
      yield* writeIdentities(sql, joined, { at: later, complete: true })
      assert.deepStrictEqual(yield* people, ["Bob <- 2/account:id:7", "bob <- 3/account:id:7"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})

describe("The list of viewers", () => {
  it.effect("is paged by name, and can be searched by any name", () => {
    const feeds = stack()
    const names = ["Zoe", "Ann", "Bob", "ann", "Ann"]
    feeds.of("Server").playback = [
      entry(
        "1",
        names.map((name, index) => ({
          ...user(name, `${index}`, 1),
          account: { id: `${index}` },
          names: [`mail${index}@example.test`]
        }))
      )
    ]
    feeds.of("Statistics").playback = []
    return Effect.gen(function* () {
      yield* connected
      const viewers = yield* Viewers
      const seen: Array<string> = []
      for (let cursor: string | undefined; ;) {
        const page = yield* viewers.list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) })
        seen.push(...page.items.map(({ name }) => name))
        if (page.nextCursor === null) break
        cursor = page.nextCursor
      }
      assert.deepStrictEqual(seen, ["Ann", "Ann", "Bob", "Zoe", "ann"])
      const found = yield* viewers.list({ q: "MAIL2@" })
      assert.deepStrictEqual(
        found.items.map(({ integrations, name, totals }) => [name, integrations, totals.plays]),
        [["Bob", ["Server"], 1]]
      )
      assert.deepStrictEqual((yield* viewers.list({ q: "100%" })).items, [])
      assert.strictEqual((yield* Effect.flip(viewers.list({ cursor: "x" })))._tag, "InvalidRequest")
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
