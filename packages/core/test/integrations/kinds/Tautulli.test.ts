import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { tautulli } from "../../../src/integrations/kinds/tautulli.ts"
import { OddRecords } from "../../../src/integrations/OddRecords.ts"
import { type Answers, connect, read, type Sent, silent } from "../support/FakeUpstream.ts"

const config = { apiKey: "t4utulli" }

const success = (data: unknown) => ({ response: { result: "success", message: null, data } })
const failure = (message: string) => ({ response: { result: "error", message, data: {} } })

const row = (id: number, changes: Record<string, unknown> = {}) => ({
  row_id: id,
  reference_id: id,
  date: 1_600_000_000,
  started: 1_600_000_000,
  stopped: 1_600_000_000 + id,
  user: "alice",
  friendly_name: "Alice",
  media_type: "movie",
  rating_key: 101,
  parent_rating_key: "",
  grandparent_rating_key: "",
  parent_media_index: "",
  media_index: "",
  watched_status: 1,
  live: 0,
  session_key: null,
  ...changes
})

const page = (sent: Sent, rows: ReadonlyArray<unknown>) => {
  const start = Number(sent.query.get("start"))
  const data = rows.slice(start, start + Number(sent.query.get("length")))
  return success({ recordsFiltered: rows.length, recordsTotal: rows.length + 5, draw: 1, data })
}

const users = [
  { user_id: 0, username: "Local", friendly_name: "Local", email: null },
  { user_id: 4_100_001, username: "alice", friendly_name: "Alice", email: "alice@home.invalid" }
]

const withHistory =
  (rows: ReadonlyArray<unknown>): Answers =>
  (sent) => {
    const command = sent.query.get("cmd")
    if (command === "get_users") return success(users)
    return command === "get_history" ? page(sent, rows) : success({ tautulli_version: "v2.17.2" })
  }

describe("tautulli's playback", () => {
  it.effect(
    "identifies the account of a play by its id, and only the owner by the login, since Plex does not use the owner's id",
    () =>
      Effect.gen(function* () {
        const known = [
          { user_id: 4_100_001, username: "alice", friendly_name: "Alice", is_admin: 1 },
          { user_id: 4_100_002, username: "alice", friendly_name: "Alice's child", is_admin: 0 },
          { user_id: 4_100_003, username: "bob", friendly_name: "Bob" }
        ]
        const rows = [4_100_001, 4_100_002, 4_100_003, 4_100_004].map((id, index) => row(index + 1, { user_id: id }))
        const fake = yield* connect(tautulli, config, (sent) =>
          sent.query.get("cmd") === "get_users" ? success(known) : withHistory(rows)(sent)
        )
        const [movie] = yield* read(fake, "playback")
        assert.deepStrictEqual(
          movie?.users.map(({ account }) => account),
          [
            { id: "4100001", sharedIds: ["number:4100001"], login: "alice" },
            { id: "4100002", sharedIds: ["number:4100002"] },
            { id: "4100003", sharedIds: ["number:4100003"], login: "bob" },
            { id: "4100004", sharedIds: ["number:4100004"] }
          ],
          "four accounts, although their rows have one name"
        )
      })
  )

  it.effect("contains the first play of each viewer, unless one of their plays has no date", () =>
    Effect.gen(function* () {
      const undated = { date: null, stopped: null }
      const rows = [row(9), row(2), row(5), row(3, { user: "bob" }), row(4, { user: "bob", ...undated })]
      const fake = yield* connect(tautulli, config, withHistory(rows))
      const [movie] = yield* read(fake, "playback")
      assert.deepStrictEqual(
        movie?.users.map(({ firstPlayedAt, name }) => [name, firstPlayedAt]),
        [
          ["alice", "2020-09-13T12:26:42.000Z"],
          ["bob", undefined]
        ]
      )
    })
  )

  it.effect("counts plays per movie, show and season, with numbers in text and empty texts for none", () =>
    Effect.gen(function* () {
      const episode = {
        media_type: "episode",
        rating_key: 301,
        parent_rating_key: "",
        grandparent_rating_key: "201"
      }
      const fake = yield* connect(
        tautulli,
        config,
        withHistory([
          row(1),
          row(2, { rating_key: "101", user: "bob", stopped: "1600000500" }),
          row(3, { ...episode, parent_media_index: "1" }),
          row(4, { ...episode, parent_media_index: 2, user: "" }),
          row(5, { ...episode, parent_media_index: "" }),
          row(6, { media_type: "episode", live: 1, grandparent_rating_key: "900" }),
          row(7, { media_type: "track", grandparent_rating_key: "800" }),
          row(8, { rating_key: "" })
        ])
      )
      const entries = yield* read(fake, "playback")
      assert.deepStrictEqual(
        entries.map(({ kind, plays, seasonNumber, serverItemId }) => [kind, serverItemId, seasonNumber, plays]),
        [
          ["movie", "101", null, 2],
          ["show", "201", null, 3],
          ["season", "201", 1, 1],
          ["season", "201", 2, 1],
          ["season", "201", null, 1]
        ]
      )
      assert.strictEqual(entries[0]?.lastPlayedAt, "2020-09-13T12:35:00.000Z")
      assert.deepStrictEqual(
        entries[0]?.users.map((user) => user.name),
        ["alice", "bob"]
      )
      assert.deepStrictEqual(
        entries[3]?.users.map((user) => user.name),
        ["Alice"],
        "the friendly name where there is no other"
      )
      const query = fake.sent[0]?.query
      assert.strictEqual(query?.get("apikey"), config.apiKey)
      assert.strictEqual(query?.get("order_column"), "started")
    })
  )

  it.effect("sums up how long each viewer has played it, unless a row does not contain that", () =>
    Effect.gen(function* () {
      const running = { row_id: null, session_key: 12, stopped: null, state: "playing" }
      const rows = [
        row(1, { play_duration: 600, duration: 900 }),
        row(2, { duration: "300" }),
        row(3, running),
        row(4, { user: "bob", play_duration: 600 }),
        row(5, { user: "bob" })
      ]
      const [movie] = yield* read(yield* connect(tautulli, config, withHistory(rows)), "playback")
      assert.deepStrictEqual(
        movie?.users.map(({ name, seconds }) => [name, seconds]),
        [
          ["alice", 900],
          ["bob", undefined]
        ]
      )
    })
  )

  it.effect("counts what is being played as a play", () =>
    Effect.gen(function* () {
      const now = row(0, { row_id: null, reference_id: null, session_key: 12, stopped: null, state: "playing" })
      const fake = yield* connect(tautulli, config, withHistory([row(1), now]))
      assert.strictEqual((yield* read(fake, "playback"))[0]?.plays, 2)
    })
  )

  it.effect("is read from every page, and fails if there are fewer rows than announced", () =>
    Effect.gen(function* () {
      const rows = Array.from({ length: 2_345 }, (_, index) => row(index + 1))
      const fake = yield* connect(tautulli, config, withHistory(rows))
      assert.strictEqual((yield* read(fake, "playback"))[0]?.plays, 2_345)
      assert.deepStrictEqual(
        fake.sent.map((sent) => sent.query.get("start")),
        ["0", "1000", "2000", null]
      )
      const short = yield* connect(tautulli, config, (sent) =>
        success({ recordsFiltered: 2_345, data: sent.query.get("start") === "0" ? rows.slice(0, 1_000) : [] })
      )
      assert.strictEqual((yield* Effect.flip(read(short, "playback")))._tag, "UpstreamMalformed")
    })
  )

  const failing: ReadonlyArray<[name: string, answer: () => unknown, tag: string]> = [
    ["a success without data, which means that it could not look", () => success({}), "UpstreamMalformed"],
    ["a success with an empty list for data", () => success([]), "UpstreamMalformed"],
    ["an error with 200", () => failure("Something broke"), "UpstreamRefused"],
    ["a wrong key with 400", () => Response.json(failure("Invalid apikey"), { status: 400 }), "UpstreamUnauthorized"],
    ["a wrong key with 200", () => failure("Invalid apikey"), "UpstreamUnauthorized"],
    [
      "a key that is missing",
      () => Response.json(failure("Parameter apikey is required"), { status: 400 }),
      "UpstreamUnauthorized"
    ],
    ["an unknown command", () => Response.json(failure("Unknown command: nope"), { status: 400 }), "UpstreamRefused"]
  ]
  for (const [name, answer, tag] of failing) {
    it.effect(`fails for ${name} instead of being empty`, () =>
      Effect.gen(function* () {
        const fake = yield* connect(tautulli, config, answer)
        const error = yield* Effect.flip(read(fake, "playback"))
        assert.strictEqual(error._tag, tag, error.message)
        assert.notInclude(JSON.stringify(error), config.apiKey)
        assert.strictEqual((yield* Effect.flip(fake.connected.probe))._tag, tag)
      })
    )
  }
})

describe("A row of Tautulli's history", () => {
  const reading = (rows: ReadonlyArray<unknown>) =>
    Effect.gen(function* () {
      const fake = yield* connect(tautulli, config, withHistory(rows))
      const odd = new OddRecords()
      return { entries: yield* fake.connected.read.playback!(silent, odd), odd }
    })

  it.effect("is watched according to Tautulli's mark, and otherwise begun with its share", () =>
    Effect.gen(function* () {
      const { entries } = yield* reading([
        row(1, { watched_status: 0.75, percent_complete: "78" }),
        row(2, { user: "bob", watched_status: 1, percent_complete: 91 }),
        row(3, { user: "cleo", watched_status: undefined, percent_complete: undefined })
      ])
      assert.deepStrictEqual(
        entries[0]?.users.map(({ furthest, name, seen }) => [name, seen, furthest]),
        [
          ["alice", 0, 0.78],
          ["bob", 1, 0.91],
          ["cleo", undefined, undefined]
        ]
      )
    })
  )

  it.effect("counts episodes by their keys, however often each was watched", () =>
    Effect.gen(function* () {
      const episode = { media_type: "episode", grandparent_rating_key: 201, parent_media_index: 1 }
      const rows = [301, 301, 302].map((key, id) => row(id + 1, { ...episode, rating_key: key }))
      const { entries } = yield* reading(rows)
      assert.deepInclude(entries[1]?.users[0], { plays: 3, seen: 2 })
    })
  )

  it.effect("has all names of its user, and its own name if the user was deleted", () =>
    Effect.gen(function* () {
      const { entries } = yield* reading([
        row(1, { user_id: 4_100_001 }),
        row(2, { user_id: 4_100_009, user: "gone", friendly_name: "Gone" }),
        row(3, { user_id: 0, user: "Local", friendly_name: "Local" })
      ])
      assert.deepStrictEqual(
        entries[0]?.users.map(({ name, names }) => [name, names]),
        [
          ["alice", ["Alice", "alice@home.invalid", "4100001"]],
          ["gone", ["Gone", "4100009"]],
          ["Local", undefined]
        ]
      )
    })
  )

  it.effect("without a key is assigned by its title; without both it is counted", () =>
    Effect.gen(function* () {
      const { entries, odd } = yield* reading([
        row(1, { rating_key: "", title: "Gone", year: "1999" }),
        row(2, { rating_key: "", title: "" }),
        row(3, { media_type: "episode", rating_key: "", grandparent_rating_key: "", grandparent_title: "Show" })
      ])
      assert.deepStrictEqual(
        entries.map(({ kind, serverItemId, title, year }) => [kind, serverItemId, title, year]),
        [
          ["movie", "", "Gone", 1999],
          ["show", "", "Show", undefined],
          ["season", "", "Show", undefined]
        ]
      )
      assert.strictEqual(odd.unidentified, 1)
    })
  )

  it.effect("without a date is undated, not of 1970", () =>
    Effect.gen(function* () {
      const { entries } = yield* reading([row(1, { stopped: 0, date: null }), row(2), row(3)])
      assert.deepInclude(entries[0], { plays: 3, undated: true, lastPlayedAt: "2020-09-13T12:26:43.000Z" })
    })
  )

  it.effect("has the lasting id of a film if it is Plex's own", () =>
    Effect.gen(function* () {
      const { entries } = yield* reading([
        row(1, { guid: "plex://movie/a", title: "Film" }),
        row(2, { guid: "plex://movie/b", title: "Other" }),
        row(3, { rating_key: 102, guid: "com.plexapp.agents.imdb://tt0133093?lang=en" })
      ])
      assert.deepStrictEqual(
        entries.map(({ guid, serverItemId }) => [serverItemId, guid]),
        [
          ["101", "plex://movie/a"],
          ["101", "plex://movie/b"],
          ["102", undefined]
        ]
      )
    })
  )

  it.effect("of a running session is being played, paused or not", () =>
    Effect.gen(function* () {
      for (const state of ["playing", "paused", "buffering", "something new"]) {
        const { entries } = yield* reading([row(0, { row_id: null, session_key: 12, stopped: null, state })])
        assert.isTrue(entries[0]?.playing, state)
      }
      assert.isUndefined((yield* reading([row(1, { state: "stopped" }), row(2)])).entries[0]?.playing)
    })
  )

  it.effect("of another type is ignored, and one that cannot be read loses only itself", () =>
    Effect.gen(function* () {
      const { entries, odd } = yield* reading([
        row(1),
        row(2, { media_type: "hologram" }),
        row(3, { media_type: "clip" }),
        row(4, { percent_complete: "many", watched_status: {}, user: "bob" }),
        row(5, { live: 1 }),
        row(6, { rating_key: 102 }),
        row(7, { rating_key: 103 }),
        "not a row"
      ])
      assert.deepStrictEqual(
        entries.map((entry) => entry.serverItemId),
        ["101", "102", "103"]
      )
      assert.isUndefined(entries[0]?.users[1]?.seen)
      assert.strictEqual(odd.unidentified, 1)
    })
  )
})

describe("The probe of Tautulli", () => {
  it.effect("returns the version", () =>
    Effect.gen(function* () {
      const fake = yield* connect(tautulli, config, withHistory([]))
      assert.strictEqual((yield* fake.connected.probe).version, "2.17.2")
    })
  )
})
