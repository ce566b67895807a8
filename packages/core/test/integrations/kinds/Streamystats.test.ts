/**
 * Verified in the source of Streamystats (apps/nextjs-app: app/api/servers, app/api/export, app/api/Sessions, lib/session.ts,
 * lib/api-auth.ts, lib/db/watchlists.ts; packages/database/src/schema.ts) and its docs/API.md: the routes, what they require,
 * the columns of a session, and the lists that an account sees. Assumed: that `rawData` has the form of a session of
 * Jellyfin (`NowPlayingItem.ParentIndexNumber`), and that an entry of a list contains the `seriesId` of its item.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { streamystats } from "../../../src/integrations/kinds/streamystats.ts"
import { OddRecords } from "../../../src/integrations/OddRecords.ts"
import { type Answers, connect, read, silent } from "../support/FakeUpstream.ts"

const config = { session: "eyJhbGciOi.x.y" }
const ann = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"

const server = (changes: Record<string, unknown> = {}) => ({ id: 4, jellyfinId: "5f0c", name: "Attic", ...changes })

const session = (item: string | null, changes: Record<string, unknown> = {}) => ({
  id: "9f",
  userId: ann,
  userName: "ann",
  itemId: item,
  itemName: "Something",
  seriesId: null,
  seriesName: null,
  seasonId: null,
  playDuration: 600,
  startTime: "2024-05-01T10:00:00.000Z",
  endTime: "2024-05-01T10:10:00.000Z",
  percentComplete: 40,
  completed: false,
  isInferred: false,
  rawData: { NowPlayingItem: { Type: "Movie" } },
  ...changes
})

const episode = (item: string, season: number | null, number: number, changes: Record<string, unknown> = {}) =>
  session(item, {
    seriesId: "s1",
    seriesName: "Show",
    seasonId: "e1",
    rawData: { NowPlayingItem: { Type: "Episode", ParentIndexNumber: season, IndexNumber: number } },
    ...changes
  })

const backup = (sessions: ReadonlyArray<unknown>, announced = sessions.length) => ({
  exportInfo: { exportType: "backup" },
  counts: { sessions: announced },
  sessions
})

const withPlays =
  (sessions: ReadonlyArray<unknown>, announced?: number): Answers =>
  (sent) => {
    if (sent.path === "/api/servers") return [server()]
    if (sent.headers.get("cookie") !== `streamystats-session=${config.session}`)
      return Response.json({ error: "Unauthorized" }, { status: 401 })
    return sent.path === "/api/export/4" ? backup(sessions, announced) : undefined
  }

describe("The plays of Streamystats", () => {
  it.effect("are counted per viewer, with minutes, those of episodes for their season and show", () =>
    Effect.gen(function* () {
      const fake = yield* connect(
        streamystats,
        config,
        withPlays([
          session("m1"),
          session("m1", { completed: true, percentComplete: 100, endTime: "2024-06-01T10:00:00.000Z" }),
          session("m1", { userId: null, userName: "bob" }),
          episode("p1", 4, 1),
          episode("p2", 4, 2, { endTime: null }),
          // Another row contains the number of this season.
          episode("p3", null, 3, { rawData: {} })
        ])
      )
      const entries = yield* read(fake, "playback")
      assert.deepStrictEqual(
        entries.map(({ kind, lastPlayedAt, plays, seasonNumber, serverItemId, users }) => [
          kind,
          serverItemId,
          seasonNumber,
          plays,
          lastPlayedAt,
          users.map((user) => `${user.name} ${user.plays} ${user.seconds} ${user.seen}`)
        ]),
        [
          ["movie", "m1", null, 3, "2024-06-01T10:00:00.000Z", ["ann 2 1200 1", "bob 1 600 0"]],
          ["show", "s1", null, 3, "2024-05-01T10:10:00.000Z", ["ann 3 1800 0"]],
          ["season", "s1", 4, 3, "2024-05-01T10:10:00.000Z", ["ann 3 1800 0"]]
        ]
      )
      // The account is the one in Jellyfin.
      assert.deepStrictEqual(entries[0]?.users[0]?.account, { id: ann, sharedIds: [`guid:${ann}`], login: "ann" })
      assert.deepStrictEqual(fake.calls(), ["GET /api/servers", "GET /api/export/4"])
    })
  )

  it.effect("that Jellyfin only has a mark of count as watched, without minutes and without a first play", () =>
    Effect.gen(function* () {
      const fake = yield* connect(
        streamystats,
        config,
        withPlays([session("m1", { isInferred: true, playDuration: 7200, percentComplete: 100, completed: true })])
      )
      const [entry] = yield* read(fake, "playback")
      const [user] = entry?.users ?? []
      assert.deepInclude(user, { seen: 1, marked: 1 })
      assert.notProperty(user, "seconds")
      assert.notProperty(user, "firstPlayedAt")
    })
  )

  it.effect("of what no longer exists are found by title; of an unknown season they may be of any season", () =>
    Effect.gen(function* () {
      const odd = new OddRecords()
      const fake = yield* connect(
        streamystats,
        config,
        withPlays([
          session(null, { itemName: "Gone" }),
          session(null, { itemName: null }),
          episode("p9", null, 1, { seasonId: "other", rawData: { user: "imported" } })
        ])
      )
      const entries = yield* fake.connected.read.playback!(silent, odd)
      assert.deepStrictEqual(
        entries.map(({ kind, seasonNumber, serverItemId, title }) => [kind, serverItemId, seasonNumber, title]),
        [
          ["movie", "", null, "Gone"],
          ["show", "s1", null, "Show"],
          ["season", "s1", null, "Show"]
        ]
      )
      assert.strictEqual(odd.unidentified, 1)
    })
  )

  it.effect("are not read from a backup that contains fewer than it announces", () =>
    Effect.gen(function* () {
      const cut = yield* connect(streamystats, config, withPlays([session("m1")], 2))
      const error = yield* Effect.flip(read(cut, "playback"))
      assert.strictEqual(error._tag, "UpstreamMalformed")
      assert.include(error.message, "it announces 2 plays and contains 1")
    })
  )

  it.effect("are not read with an ended session, whose value is in no error", () =>
    Effect.gen(function* () {
      const ended = yield* connect(streamystats, { session: "ended-session" }, withPlays([]))
      const error = yield* Effect.flip(read(ended, "playback"))
      assert.strictEqual(error._tag, "UpstreamUnauthorized")
      assert.notInclude(JSON.stringify(error), "ended-session")
    })
  )
})

describe("A connection to Streamystats", () => {
  it.effect("names the server that it watches, and checks the session for it", () =>
    Effect.gen(function* () {
      const fake = yield* connect(streamystats, { session: `streamystats-session=${config.session} ` }, (sent) =>
        sent.path === "/api/servers" ? [server()] : sent.query.get("serverId") === "4" ? [] : undefined
      )
      const { appName, watches } = yield* fake.connected.probe
      assert.deepStrictEqual(
        [appName, watches],
        ["Streamystats", { keySpace: "jellyfin", identity: "5f0c", name: "Attic" }]
      )
      // Pasted with its name, the value of the cookie is the same.
      assert.strictEqual(fake.sent[0]?.headers.get("cookie"), `streamystats-session=${config.session}`)
    })
  )

  it.effect("needs a choice if there are several servers", () =>
    Effect.gen(function* () {
      const several = [server(), server({ id: 5, name: "Cellar" })]
      const answers: Answers = (sent) => (sent.path === "/api/servers" ? several : backup([]))
      const fails = yield* Effect.flip(read(yield* connect(streamystats, config, answers), "playback"))
      assert.include(fails.message, "choose one of its media servers in the configuration: Attic, Cellar")
      const chosen = yield* connect(streamystats, { ...config, server: "Cellar" }, answers)
      yield* read(chosen, "playback")
      assert.deepStrictEqual(chosen.calls(), ["GET /api/servers", "GET /api/export/5"])
    })
  )
})

describe("The watchlists of Streamystats", () => {
  const items: Record<string, ReadonlyArray<unknown>> = {
    "1": [
      { itemId: "m1", item: { type: "Movie" } },
      { itemId: "p1", item: { type: "Episode", seriesId: "s1" } },
      { itemId: "a1", item: { type: "MusicAlbum" } }
    ],
    "3": [
      { itemId: "s2", item: { type: "Series" } },
      { itemId: "x", item: { type: "Season", seriesId: null } }
    ]
  }
  const answers: Answers = ({ path }) => {
    if (path === "/api/servers") return [server()]
    if (path === "/api/watchlists")
      return {
        data: [
          { id: 1, serverId: 4, userId: ann, isPublic: false },
          // Of another media server, with keys of its own.
          { id: 2, serverId: 9, userId: "other", isPublic: true },
          { id: 3, serverId: 4, userId: "bob", isPublic: true }
        ]
      }
    const id = /^\/api\/watchlists\/(\d+)$/.exec(path)?.[1] ?? ""
    return items[id] === undefined ? undefined : { data: { id: Number(id), items: items[id] } }
  }

  const listsOf = (watchlists: "certain" | "public") =>
    Effect.gen(function* () {
      const fake = yield* connect(streamystats, { ...config, watchlists }, answers)
      const entries = yield* read(fake, "watchlists")
      return { calls: fake.calls(), entries }
    })

  it.effect("are those of the chosen server, by the keys of its items; parts of a show count as the show", () =>
    Effect.gen(function* () {
      const { calls, entries } = yield* listsOf("public")
      assert.deepStrictEqual(
        entries.map(({ holder, holderNames, kind, serverItemId, unread }) => [
          kind,
          serverItemId,
          holderNames,
          holder?.sharedIds,
          unread
        ]),
        [
          ["movie", "m1", [ann], [`guid:${ann}`], undefined],
          ["show", "s1", [ann], [`guid:${ann}`], undefined],
          ["show", "s2", ["bob"], [], undefined],
          [null, undefined, ["bob"], [], "an entry has no readable title"]
        ]
      )
      assert.deepStrictEqual(calls.slice(1), ["GET /api/watchlists", "GET /api/watchlists/1", "GET /api/watchlists/3"])
    })
  )

  it.effect("may be incomplete, since private lists are not shown, unless only shown lists count", () =>
    Effect.gen(function* () {
      const { entries } = yield* listsOf("certain")
      assert.include(
        entries.map(({ unread }) => unread),
        "private lists of other people are not shown"
      )
    })
  )

  it.effect("are not read unless that is chosen", () =>
    Effect.gen(function* () {
      const fake = yield* connect(streamystats, config, answers)
      assert.notProperty(fake.connected.read, "watchlists")
    })
  )
})
