import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { plex } from "../../../../src/integrations/kinds/plex.ts"
import { OddRecords } from "../../../../src/integrations/OddRecords.ts"
import { connect, read, silent } from "../../support/FakeUpstream.ts"
import { historyRow, plexConfig, plexServer, type PlexWorld } from "./FakePlex.ts"

const reading = (world: PlexWorld) =>
  Effect.gen(function* () {
    const fake = yield* connect(plex, plexConfig, plexServer(world))
    const odd = new OddRecords()
    return { entries: yield* fake.connected.read.playback!(silent, odd), odd }
  })

const episode = (id: number, changes: object) =>
  historyRow(id, {
    type: "episode",
    ratingKey: `40${id}`,
    grandparentRatingKey: "20",
    grandparentTitle: "Show",
    ...changes
  })

describe("A row of Plex's history with missing fields", () => {
  it.effect("without the key of a deleted item is assigned by title and year", () =>
    Effect.gen(function* () {
      const { entries, odd } = yield* reading({
        history: [
          historyRow(1, { type: "movie", title: "Gone", originallyAvailableAt: "1999-03-31" }),
          episode(2, { grandparentRatingKey: "", grandparentTitle: "Gone Show", parentIndex: 2 })
        ]
      })
      assert.deepStrictEqual(
        entries.map(({ kind, seasonNumber, serverItemId, title, year }) => [
          kind,
          serverItemId,
          title,
          year,
          seasonNumber
        ]),
        [
          ["movie", "", "Gone", 1999, null],
          ["show", "", "Gone Show", undefined, null],
          ["season", "", "Gone Show", undefined, 2]
        ]
      )
      assert.strictEqual(odd.unidentified, 0)
    })
  )

  it.effect("without the season of an episode may belong to any season", () =>
    Effect.gen(function* () {
      const { entries } = yield* reading({ history: [episode(1, { parentIndex: 1 }), episode(2, {})] })
      assert.deepStrictEqual(
        entries.map(({ kind, plays, seasonNumber }) => [kind, seasonNumber, plays]),
        [
          ["show", null, 2],
          ["season", 1, 1],
          ["season", null, 1]
        ]
      )
    })
  )

  it.effect("without a date is undated, not of 1970", () =>
    Effect.gen(function* () {
      for (const viewedAt of [0, null, "soon", 1e17]) {
        const rows = ["1", "2", "3"].map((key, index) => historyRow(index, { type: "movie", ratingKey: key }))
        const { entries } = yield* reading({
          history: [...rows, historyRow(9, { type: "movie", ratingKey: "10", viewedAt })]
        })
        assert.deepInclude(
          entries[3],
          { serverItemId: "10", plays: 1, lastPlayedAt: null, undated: true },
          String(viewedAt)
        )
      }
    })
  )

  it.effect("without anything is counted, and does not affect others", () =>
    Effect.gen(function* () {
      const { entries, odd } = yield* reading({
        history: [historyRow(1, { type: "movie", ratingKey: "10" }), historyRow(2, { type: "movie" })]
      })
      assert.deepStrictEqual([entries.length, odd.unidentified], [1, 1])
    })
  )

  it.effect("without a type may be a film", () =>
    Effect.gen(function* () {
      const { entries } = yield* reading({
        history: [
          historyRow(1, { ratingKey: "10", title: "Film" }),
          historyRow(2, { type: "hologram", ratingKey: "11" })
        ]
      })
      assert.deepStrictEqual(
        entries.map((entry) => entry.serverItemId),
        ["10"]
      )
    })
  )
})

describe("A row of Plex's history", () => {
  it.effect("is a play to the end; episodes count separately", () =>
    Effect.gen(function* () {
      const { entries } = yield* reading({
        history: [
          episode(1, { parentIndex: 1 }),
          episode(2, { parentIndex: 1, ratingKey: "401" }),
          episode(3, { parentIndex: 1 })
        ]
      })
      assert.deepInclude(entries[1]?.users[0], { name: "owner", plays: 3, seen: 2 })
    })
  )

  it.effect("with a lasting id distinguishes two films under one key, and assigns older rows to the same one", () =>
    Effect.gen(function* () {
      const row = (id: number, title: string, guid?: string) =>
        historyRow(id, { type: "movie", ratingKey: "10", title, ...(guid === undefined ? {} : { guid }) })
      const { entries } = yield* reading({
        history: [row(1, "New"), row(2, "New", "plex://movie/b"), row(3, "Old", "plex://movie/a"), row(4, "Older")]
      })
      assert.deepStrictEqual(
        entries.map(({ guid, plays, title }) => [title, guid, plays]),
        [
          ["New", "plex://movie/b", 2],
          ["Old", "plex://movie/a", 1],
          ["Older", undefined, 1]
        ]
      )
    })
  )

  it.effect("identifies the account by its name and its id at plex.tv, but not by the owner's id 1", () =>
    Effect.gen(function* () {
      const { entries } = yield* reading({
        accounts: [
          { id: 1, name: "owner" },
          { id: 4_100_002, name: "lou" }
        ],
        history: [1, 4_100_002, 4_100_003].map((accountID, id) =>
          historyRow(id, { type: "movie", ratingKey: "10", accountID })
        )
      })
      assert.deepStrictEqual(
        entries[0]?.users.map(({ name, names }) => [name, names]),
        [
          ["owner", undefined],
          ["lou", ["4100002"]],
          ["account 4100003", ["4100003"]]
        ]
      )
    })
  )
})

describe("An item that is being played on Plex", () => {
  const session = (changes: object) => ({
    type: "movie",
    ratingKey: "10",
    title: "Film",
    year: 1999,
    viewOffset: 300_000,
    duration: 3_000_000,
    User: { id: "2", title: "Guest room" },
    ...changes
  })

  it.effect("counts as a play of today by that account, which has not watched it yet", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-11-29T20:00:00.000Z"))
      const { entries } = yield* reading({
        sessions: [
          session({}),
          session({
            type: "episode",
            ratingKey: "401",
            grandparentRatingKey: "20",
            grandparentTitle: "Show",
            parentIndex: 3
          })
        ]
      })
      assert.deepStrictEqual(
        entries.map(({ kind, playing, seasonNumber, serverItemId }) => [kind, serverItemId, seasonNumber, playing]),
        [
          ["movie", "10", null, true],
          ["show", "20", null, true],
          ["season", "20", 3, true]
        ]
      )
      assert.deepStrictEqual(entries[0]?.users, [
        {
          name: "guest",
          names: ["Guest room"],
          account: { id: "2", sharedIds: [] },
          plays: 1,
          firstPlayedAt: "2026-11-29T20:00:00.000Z",
          lastPlayedAt: "2026-11-29T20:00:00.000Z",
          seen: 0,
          lastSeenAt: null,
          furthest: 0.1
        }
      ])
    })
  )

  it.effect("is not a broadcast, a trailer or music", () =>
    Effect.gen(function* () {
      const { entries } = yield* reading({
        sessions: [session({ live: "1" }), session({ type: "clip" }), session({ type: "track" })]
      })
      assert.deepStrictEqual(entries, [])
    })
  )

  for (const status of [404, 500]) {
    it.effect(`is unknown if the server responds with ${status}, and then all plays are unknown`, () =>
      Effect.gen(function* () {
        const fake = yield* connect(plex, plexConfig, (sent) =>
          sent.path === "/status/sessions" ? new Response("", { status }) : plexServer({})(sent)
        )
        assert.strictEqual((yield* Effect.flip(read(fake, "playback")))._tag, "UpstreamRefused")
      })
    )
  }
})
