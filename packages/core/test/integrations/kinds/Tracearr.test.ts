import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { fieldsOf } from "../../../src/integrations/ConfigForm.ts"
import { tracearr } from "../../../src/integrations/kinds/tracearr.ts"
import { OddRecords } from "../../../src/integrations/OddRecords.ts"
import { type Answers, connect, read, silent } from "../support/FakeUpstream.ts"

const config = { token: "trr_pub_secret" }

const play = (id: number, changes: Record<string, unknown> = {}) => ({
  id: `play-${id}`,
  serverId: "s1",
  state: "stopped",
  mediaType: "movie",
  mediaTitle: "Inception",
  showTitle: null,
  seasonNumber: null,
  episodeNumber: null,
  year: 2010,
  thumbPath: "/library/metadata/101/thumb/1700000000",
  startedAt: "2024-05-01T10:00:00.000Z",
  stoppedAt: "2024-05-01T12:00:00.000Z",
  watched: true,
  user: { id: "u", username: "ann", thumbUrl: null, avatarUrl: null },
  ...changes
})

const episode = (id: number, changes: Record<string, unknown> = {}) =>
  play(id, {
    mediaType: "episode",
    showTitle: "Show",
    seasonNumber: 2,
    episodeNumber: 1,
    thumbPath: "/library/metadata/201/thumb/17",
    ...changes
  })

const home = { id: "s1", name: "Home", type: "plex", online: true, activeStreams: 0 }

const server =
  (rows: ReadonlyArray<unknown>, servers: ReadonlyArray<object> = [home]): Answers =>
  ({ headers, path, query }) => {
    if (headers.get("authorization") !== `Bearer ${config.token}`) return new Response("no", { status: 401 })
    if (path.endsWith("/users")) {
      const users = [{ id: "u", username: "ann", displayName: "Ann from next client" }]
      return { data: users, meta: { total: 1, page: 1, pageSize: 100 } }
    }
    if (path.endsWith("/health")) return { status: "ok", version: "1.4.22", servers }
    const [page, size] = [Number(query.get("page")), Number(query.get("pageSize"))]
    return { data: rows.slice((page - 1) * size, page * size), meta: { total: rows.length, page, pageSize: size } }
  }

const summary = (
  entries: ReadonlyArray<{
    readonly kind: string
    readonly serverItemId: string
    readonly seasonNumber: number | null
    readonly plays: number
  }>
) => entries.map((entry) => [entry.kind, entry.serverItemId, entry.seasonNumber, entry.plays])

describe("tracearr's playback", () => {
  it.effect("uses the keys of the media server, from the poster if there is no other", () =>
    Effect.gen(function* () {
      const fake = yield* connect(
        tracearr,
        config,
        server([
          play(1),
          play(2, { thumbPath: null, ratingKey: 101, stoppedAt: null }),
          episode(3),
          episode(4, { ratingKey: "301", showRatingKey: "201", thumbPath: null }),
          episode(5, { ratingKey: "302", showRatingKey: null, seasonNumber: 3 }),
          play(6, { mediaType: "track", thumbPath: null }),
          play(7, { thumbPath: "/Items/0f1e2d3c4b5a69788796a5b4c3d2e1f0/Images/Primary?tag=abc" })
        ])
      )
      const entries = yield* read(fake, "playback")
      assert.deepStrictEqual(summary(entries), [
        ["movie", "101", null, 2],
        ["show", "201", null, 3],
        ["season", "201", 2, 2],
        ["season", "201", 3, 1],
        ["movie", "0f1e2d3c4b5a69788796a5b4c3d2e1f0", null, 1]
      ])
      assert.strictEqual(entries[0]?.lastPlayedAt, "2024-05-01T12:00:00.000Z")
      assert.deepStrictEqual(
        fake.sent.map((sent) => sent.query.get("serverId")),
        [null, "s1", "s1"]
      )
    })
  )

  const nameless: ReadonlyArray<[name: string, row: object]> = [
    ["a movie without keys and without a poster", play(2, { thumbPath: null })],
    ["a poster from elsewhere", play(2, { thumbPath: "https://image.example.test/p/abc.jpg" })],
    ["an episode that shows only its own picture", episode(2, { ratingKey: "201" })],
    ["an episode that knows only its own key", episode(2, { ratingKey: "301", thumbPath: null })]
  ]
  for (const [name, row] of nameless) {
    it.effect(`makes only the plays of items with that title unknown for ${name}`, () =>
      Effect.gen(function* () {
        for (const settings of [config, { ...config, skipUnidentified: true }]) {
          const fake = yield* connect(tracearr, settings, server([play(1), row]))
          const entries = yield* read(fake, "playback")
          assert.deepStrictEqual(summary(entries)[0], ["movie", "101", null, 1])
          const { showTitle } = row as { readonly showTitle: string | null }
          assert.deepInclude(entries[1], { serverItemId: "", title: showTitle ?? "Inception", plays: 1 })
        }
      })
    )
  }

  it("accepts a configuration of earlier versions, with an option about such plays", () => {
    const stored = { ...config, skipUnidentified: true }
    assert.deepStrictEqual(Schema.decodeUnknownSync(tracearr.config)(stored), stored)
    assert.deepStrictEqual(
      fieldsOf(tracearr).map(({ key }) => key),
      ["token", "server"]
    )
  })

  it.effect("counts a row with neither a key nor a title", () =>
    Effect.gen(function* () {
      const odd = new OddRecords()
      const rows = [play(1), play(2, { thumbPath: null, mediaTitle: "" }), play(3), null, play(5)]
      const fake = yield* connect(tracearr, config, server(rows))
      const entries = yield* fake.connected.read.playback!(silent, odd)
      assert.deepStrictEqual([summary(entries), odd.unidentified], [[["movie", "101", null, 3]], 2])
    })
  )

  it.effect("reports begun and watched plays, how far, the names of viewers, and what is being played", () =>
    Effect.gen(function* () {
      const fake = yield* connect(
        tracearr,
        config,
        server([
          play(1, {
            watched: false,
            progressMs: 600_000,
            totalDurationMs: 6_000_000,
            state: "paused",
            stoppedAt: null
          }),
          episode(2, { episodeNumber: 1 }),
          episode(3, { episodeNumber: 1 }),
          episode(4, { episodeNumber: 2 }),
          episode(5, { seasonNumber: null, watched: undefined })
        ])
      )
      const [movie, show, season, other] = yield* read(fake, "playback")
      assert.isTrue(movie?.playing)
      assert.deepStrictEqual(movie?.users, [
        {
          name: "ann",
          names: ["Ann from next client"],
          account: { login: "ann" },
          plays: 1,
          firstPlayedAt: "2024-05-01T10:00:00.000Z",
          lastPlayedAt: "2024-05-01T10:00:00.000Z",
          seen: 0,
          lastSeenAt: null,
          furthest: 0.1
        }
      ])
      assert.deepInclude(show?.users[0], { plays: 4, seen: 2 })
      assert.deepInclude(season?.users[0], { plays: 3, seen: 2 })
      assert.deepStrictEqual([other?.seasonNumber, other?.users[0]?.seen], [null, undefined])
    })
  )

  it.effect("reads a row of unknown type as any type that it may be, and omits items outside libraries", () =>
    Effect.gen(function* () {
      const fake = yield* connect(
        tracearr,
        config,
        server([play(1, { mediaType: "unknown" }), play(2, { mediaType: "live" }), play(3, { mediaType: "hologram" })])
      )
      assert.deepStrictEqual(summary(yield* read(fake, "playback")), [["movie", "101", null, 1]])
    })
  )

  it.effect("belongs to one media server, by name or id, and to none while several are possible", () =>
    Effect.gen(function* () {
      const servers = [home, { id: "s2", name: "Cabin", type: "jellyfin" }]
      const unclear = yield* connect(tracearr, config, server([], servers))
      const error = yield* Effect.flip(read(unclear, "playback"))
      assert.include(error.detail, "Home, Cabin")
      assert.strictEqual((yield* Effect.flip(unclear.connected.probe))._tag, "UpstreamMalformed")
      for (const choice of ["Cabin", "s2"]) {
        const fake = yield* connect(tracearr, { ...config, server: choice }, server([], servers))
        yield* read(fake, "playback")
        assert.strictEqual(fake.sent[1]?.query.get("serverId"), "s2")
      }
      const none = yield* connect(tracearr, config, server([], []))
      assert.strictEqual((yield* Effect.flip(read(none, "playback")))._tag, "UpstreamMalformed")
    })
  )

  it.effect("is read to the last page or fails", () =>
    Effect.gen(function* () {
      const rows = Array.from({ length: 250 }, (_, index) => play(index))
      const fake = yield* connect(tracearr, config, server(rows))
      assert.strictEqual((yield* read(fake, "playback"))[0]?.plays, 250)
      assert.deepStrictEqual(
        fake.sent.map((sent) => sent.query.get("page")),
        [null, "1", "2", "3", "1"]
      )
      const short = yield* connect(tracearr, config, (sent) =>
        sent.query.get("page") === "3" ? { data: [], meta: { total: 250 } } : server(rows)(sent)
      )
      assert.strictEqual((yield* Effect.flip(read(short, "playback")))._tag, "UpstreamMalformed")
    })
  )
})

describe("tracearr's probe", () => {
  it.effect("returns the version and tests the token, which does not appear in the error", () =>
    Effect.gen(function* () {
      const fake = yield* connect(tracearr, config, server([]))
      assert.strictEqual((yield* fake.connected.probe).version, "1.4.22")
      const wrong = yield* connect(
        tracearr,
        { token: "wr0ng" },
        () => new Response("wr0ng is no token", { status: 401 })
      )
      const error = yield* Effect.flip(wrong.connected.probe)
      assert.strictEqual(error._tag, "UpstreamUnauthorized")
      assert.notInclude(JSON.stringify(error), "wr0ng")
    })
  )
})
