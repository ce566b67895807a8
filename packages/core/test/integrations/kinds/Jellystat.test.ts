import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { jellystat } from "../../../src/integrations/kinds/jellystat.ts"
import { OddRecords } from "../../../src/integrations/OddRecords.ts"
import { type Answers, connect, read, type Sent, silent } from "../support/FakeUpstream.ts"

const config = { apiKey: "j3llystat" }

const row = (item: string, changes: Record<string, unknown> = {}) => ({
  Id: "9f",
  UserId: "u1",
  UserName: "ann",
  NowPlayingItemId: item,
  NowPlayingItemName: "Something",
  EpisodeId: "1",
  SeasonId: null,
  SeriesName: null,
  SeasonNumber: null,
  ActivityDateInserted: "2024-05-01T10:00:00.000Z",
  TotalPlays: "2",
  results: [{ Id: "9f" }],
  ...changes
})

const episode = (id: string, changes: Record<string, unknown> = {}) =>
  row("s1", { EpisodeId: id, SeasonId: "e1", SeriesName: "Show", SeasonNumber: 4, TotalPlays: 1, ...changes })

const page = (sent: Sent, rows: ReadonlyArray<unknown>) => {
  const [number, size] = [Number(sent.query.get("page")), Number(sent.query.get("size"))]
  return {
    current_page: number,
    pages: Math.ceil(rows.length / size),
    size,
    results: rows.slice((number - 1) * size, number * size)
  }
}

const withHistory =
  (rows: ReadonlyArray<unknown>): Answers =>
  (sent) => {
    if (sent.headers.get("x-api-token") !== config.apiKey) return new Response("Forbidden", { status: 403 })
    return sent.path === "/api/getLibraries" ? [] : page(sent, rows)
  }

describe("The playback of Jellystat", () => {
  it.effect("counts the plays of each row, per viewer, and those of episodes for their season and show", () =>
    Effect.gen(function* () {
      const fake = yield* connect(
        jellystat,
        config,
        withHistory([
          row("m1"),
          row("m1", { UserId: "u2", UserName: "bob", TotalPlays: null, EpisodeId: null }),
          episode("p1"),
          episode("p2", { TotalPlays: "3", ActivityDateInserted: "2024-06-01T10:00:00.000Z" }),
          // Another row contains the number of this season.
          episode("p3", { SeasonNumber: null })
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
          users.map((user) => `${user.name} ${user.plays}`)
        ]),
        [
          ["movie", "m1", null, 3, "2024-05-01T10:00:00.000Z", ["ann 2", "bob 1"]],
          ["show", "s1", null, 5, "2024-06-01T10:00:00.000Z", ["ann 5"]],
          ["season", "s1", 4, 5, "2024-06-01T10:00:00.000Z", ["ann 5"]]
        ]
      )
    })
  )

  it.effect("reads every page, and starts again if a play moves rows between pages", () =>
    Effect.gen(function* () {
      const rows = Array.from({ length: 1_200 }, (_, index) => row(`m${index}`))
      const fake = yield* connect(jellystat, config, withHistory(rows))
      assert.strictEqual((yield* read(fake, "playback")).length, 1_200)
      assert.deepStrictEqual(
        fake.sent.map((sent) => sent.query.get("page")),
        ["1", "2", "3"]
      )
      // The 900th title is played again while the first page is read: it would be missed, and another one read twice.
      let moved = false
      const moving = yield* connect(jellystat, config, (sent) => {
        const answer = withHistory(rows)(sent)
        if (!moved) rows.unshift(...rows.splice(900, 1))
        moved = true
        return answer
      })
      assert.strictEqual((yield* read(moving, "playback")).length, 1_200)
      assert.strictEqual(moving.sent.length, 6)
    })
  )

  it.effect("fails on a short page, and on a response without pages", () =>
    Effect.gen(function* () {
      const rows = Array.from({ length: 1_200 }, (_, index) => row(`m${index}`))
      const short = yield* connect(jellystat, config, (sent) => {
        const answer = page(sent, rows)
        return sent.query.get("page") === "2" ? { ...answer, results: answer.results.slice(0, 20) } : answer
      })
      assert.strictEqual((yield* Effect.flip(read(short, "playback")))._tag, "UpstreamMalformed")
      const old = yield* connect(jellystat, config, () => [row("m1")])
      assert.strictEqual((yield* Effect.flip(read(old, "playback")))._tag, "UpstreamMalformed")
    })
  )
})

describe("A row of Jellystat's history", () => {
  const reading = (rows: ReadonlyArray<unknown>) =>
    Effect.gen(function* () {
      const fake = yield* connect(jellystat, config, withHistory(rows))
      const odd = new OddRecords()
      return { entries: yield* fake.connected.read.playback!(silent, odd), odd }
    })

  it.effect("does not show whether somebody watched to the end, however long they watched", () =>
    Effect.gen(function* () {
      const { entries } = yield* reading([row("m1", { PlaybackDuration: "7200" })])
      assert.deepStrictEqual(Object.keys(entries[0]?.users[0] ?? {}).sort(), [
        "account",
        "lastPlayedAt",
        "name",
        "names",
        "plays"
      ])
    })
  )

  it.effect("without a date is undated", () =>
    Effect.gen(function* () {
      const { entries } = yield* reading([row("m1", { ActivityDateInserted: null }), row("m2"), row("m3")])
      assert.deepInclude(entries[0], { plays: 2, lastPlayedAt: null, undated: true })
    })
  )

  it.effect("without a key is assigned by its title; without both it is counted", () =>
    Effect.gen(function* () {
      const { entries, odd } = yield* reading([
        row("", { NowPlayingItemName: "Gone" }),
        row("", { NowPlayingItemName: null }),
        episode("p1", { NowPlayingItemId: null })
      ])
      assert.deepStrictEqual(
        entries.map(({ kind, serverItemId, title }) => [kind, serverItemId, title]),
        [
          ["movie", "", "Gone"],
          ["show", "", "Show"],
          ["season", "", "Show"]
        ]
      )
      assert.strictEqual(odd.unidentified, 1)
    })
  )

  it.effect("of an unknown season may belong to any season, and one that cannot be read loses only itself", () =>
    Effect.gen(function* () {
      const { entries, odd } = yield* reading([
        episode("p1", { SeasonNumber: null, SeasonId: "e9" }),
        episode("p2"),
        row("m1", { TotalPlays: "many" }),
        null,
        row("m2"),
        row("m3")
      ])
      assert.deepStrictEqual(
        entries.map(({ kind, plays, seasonNumber }) => [kind, seasonNumber, plays]),
        [
          ["show", null, 2],
          ["season", null, 1],
          ["season", 4, 1],
          ["movie", null, 1],
          ["movie", null, 2],
          ["movie", null, 2]
        ]
      )
      assert.strictEqual(odd.unidentified, 1)
    })
  )

  it.effect("identifies the user by name and id", () =>
    Effect.gen(function* () {
      const { entries } = yield* reading([row("m1"), row("m1", { UserName: null, UserId: "u2" })])
      assert.deepStrictEqual(
        entries[0]?.users.map(({ name, names }) => [name, names]),
        [
          ["ann", ["u1"]],
          ["u2", undefined]
        ]
      )
    })
  )
})

describe("The probe of Jellystat", () => {
  it.effect("tests the key", () =>
    Effect.gen(function* () {
      const fake = yield* connect(jellystat, config, withHistory([]))
      assert.strictEqual((yield* fake.connected.probe).appName, "Jellystat")
      const wrong = yield* connect(jellystat, { apiKey: "wrong" }, withHistory([]))
      assert.strictEqual((yield* Effect.flip(wrong.connected.probe))._tag, "UpstreamUnauthorized")
    })
  )
})
