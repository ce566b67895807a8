/** The simulated Jellyfin and Emby, and their statistics, report the same world as the simulated Plex, read by the real kinds. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { PlaybackEntry, ServerItem } from "../../src/integrations/Observations.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { itemsOf, known, playsOf } from "./Reading.ts"
import { ask, read, withSandbox } from "./SandboxTest.ts"

const own = ["radarr", "jellyfin", "jellystat"]
const all = [...own, "plex"]

describe("A stack with another media server", () => {
  it.effect("is not started by default", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const { integrations } = yield* Sandbox
        assert.deepStrictEqual(
          integrations.map((each) => each.kind),
          ["radarr", "sonarr", "lidarr", "plex", "tautulli", "seerr", "qbittorrent"]
        )
      })
    )
  )

  it.effect("has the same items, tags and collections under other ids", () =>
    withSandbox(
      { items: 300, kinds: [...all, "emby"] },
      Effect.gen(function* () {
        const [mine, theirs] = [yield* itemsOf("jellyfin"), yield* itemsOf("plex")]
        const others = yield* itemsOf("emby")
        const shape = (items: ReadonlyArray<ServerItem>) =>
          items
            .map((item) => {
              const own = item.kind === "season" ? [] : [item.labels.toSorted(), item.collections.toSorted()]
              const added = item.addedAt?.slice(0, 19)
              return JSON.stringify([item.kind, item.title, item.seasonNumber, added, item.ids.toSorted(), own])
            })
            .sort()
        assert.deepStrictEqual(shape(mine), shape(theirs))
        assert.deepStrictEqual(shape(others), shape(theirs))
        for (const item of others) assert.match(item.serverItemId, /^\d{4,8}$/)
        for (const item of mine) assert.match(item.serverItemId, /^[0-9a-f]{32}$/)
        assert.isTrue(mine.some((item) => item.collections.length > 0))
        const wanted = mine.filter((item) => item.onWatchlist === true)
        assert.isAbove(wanted.length, 0)
        assert.isTrue(wanted.every((item) => item.labels.includes("Marit's")))
      })
    )
  )

  it.effect("reports the same plays of the same people as the other server would, as do its statistics", () =>
    Effect.gen(function* () {
      const playsIn = (server: string, source: string) =>
        withSandbox(
          { items: 300, kinds: source === server ? [server] : [server, source] },
          Effect.gen(function* () {
            return known(yield* itemsOf(server), yield* playsOf(source))
          })
        )
      const plays = yield* playsIn("jellyfin", "jellyfin")
      assert.isAbove(plays.length, 100)
      // Its own history contains only plays to the end.
      assert.deepStrictEqual(plays, yield* playsIn("plex", "tautulli"))
      assert.isBelow((yield* playsIn("plex", "plex")).length, plays.length)
      assert.deepStrictEqual(plays, yield* playsIn("jellyfin", "jellystat"))
      assert.deepStrictEqual(plays, yield* playsIn("jellyfin", "streamystats"))
      assert.deepStrictEqual(plays, yield* playsIn("emby", "emby"))
      for (const server of ["plex", "jellyfin", "emby"])
        assert.deepStrictEqual(plays, yield* playsIn(server, "tracearr"), `${server}, reported by Tracearr`)
    })
  )

  it.effect("next to the first one has each play on only one of them", () =>
    withSandbox(
      { items: 300, kinds: [...all, "tautulli"] },
      Effect.gen(function* () {
        const { world } = yield* Sandbox
        const count = (plays: ReadonlyArray<PlaybackEntry>) =>
          plays.filter((entry) => entry.kind !== "season").reduce((sum, entry) => sum + entry.plays, 0)
        const there = new Set((yield* itemsOf("plex")).map((item) => item.serverItemId))
        const kept = (yield* playsOf("tautulli")).filter((entry) => there.has(entry.serverItemId))
        const [mine, theirs] = [count(yield* playsOf("jellyfin")), count(kept)]
        assert.isAbove(Math.min(mine, theirs), 100)
        const listed = world.plays.filter(({ movie, season }) =>
          movie === null
            ? season !== null && world.showOnServer(season.show.serverId)
            : world.movieOnServer(movie.serverId)
        )
        assert.strictEqual(mine + theirs, listed.length)
      })
    )
  )

  it.effect("shows later changes of the world: plays, marks, tags and removals", () =>
    withSandbox(
      { items: 300, kinds: own },
      Effect.gen(function* () {
        const { controls, world } = yield* Sandbox
        const before = yield* itemsOf("jellyfin")
        const played = new Set((yield* playsOf("jellyfin")).map((entry) => entry.serverItemId))
        const target = before.find(
          (item) =>
            item.kind === "movie" && item.ids.length > 0 && item.onWatchlist === false && !played.has(item.serverItemId)
        )
        const record = [...world.movies.values()].find((movie) => target?.ids.includes(`imdb:${movie.work.imdbId}`))
        if (target === undefined || record === undefined) return assert.fail("some movie was never played")
        const id = target.serverItemId
        yield* controls.watch({ movieId: record.id, username: "ines" })
        for (const kind of ["jellyfin", "jellystat"]) {
          const entry = (yield* playsOf(kind)).find((each) => each.serverItemId === id)
          const users = entry?.users.map(({ lastPlayedAt, name, plays }) => [name, plays, lastPlayedAt])
          assert.deepStrictEqual(users, [["ines", 1, world.iso(world.now())]], kind)
        }
        const users = yield* read<ReadonlyArray<{ readonly Id: string }>>("jellyfin", "/Users")
        yield* read("jellyfin", `/UserFavoriteItems/${id}?userId=${users[2]?.Id}`, { method: "POST" })
        const whole = yield* read<object>("jellyfin", `/Items/${id}?userId=${users[0]?.Id}`)
        const edit = { method: "POST", body: { ...whole, Tags: ["Leave it"] } }
        assert.strictEqual((yield* ask("jellyfin", `/Items/${id}`, edit)).status, 204)
        const after = (yield* itemsOf("jellyfin")).find((item) => item.serverItemId === id)
        assert.deepStrictEqual([after?.onWatchlist, after?.labels], [true, ["Leave it"]])
        const gone = yield* ask("radarr", `/api/v3/movie/${record.id}?deleteFiles=true`, { method: "DELETE" })
        assert.strictEqual(gone.status, 200)
        assert.strictEqual((yield* ask("jellyfin", `/Items/${id}`)).status, 404)
        assert.strictEqual((yield* itemsOf("jellyfin")).length, before.length - 1)
        // Its plays stay in the statistics.
        assert.isTrue((yield* playsOf("jellystat")).some((entry) => entry.serverItemId === id))
      })
    )
  )

  it.effect("accepts only its own key, and no key in the old headers", () =>
    withSandbox(
      { items: 60, kinds: all },
      Effect.gen(function* () {
        const { integrations } = yield* Sandbox
        const key = integrations.find((each) => each.kind === "jellyfin")?.config["apiKey"] ?? ""
        assert.strictEqual((yield* ask("jellyfin", "/Items", { key: "wrong" })).status, 401)
        const old = { key: null, headers: { "x-emby-token": key } }
        assert.strictEqual((yield* ask("jellyfin", "/Items", old)).status, 401)
        assert.strictEqual((yield* ask("jellyfin", `/Items?ApiKey=${key}`, { key: null })).status, 200)
        assert.strictEqual((yield* ask("jellyfin", "/System/Info/Public", { key: null })).status, 200)
        assert.strictEqual((yield* ask("jellystat", "/api/getHistory", { key: "wrong" })).status, 403)
        assert.strictEqual((yield* ask("jellystat", "/api/getHistory", { key: null })).status, 401)
      })
    )
  )

  it.effect("is not trusted if pages fail or are too short", () =>
    withSandbox(
      { items: 2_000, kinds: [...all, "streamystats"] },
      Effect.gen(function* () {
        const { faults } = yield* Sandbox
        for (const how of ["fail", "short"] as const) {
          const tag = how === "fail" ? "UpstreamRefused" : "UpstreamMalformed"
          yield* faults.replace([{ kind: "halfPages", how, app: "jellyfin" }])
          assert.strictEqual((yield* Effect.flip(itemsOf("jellyfin")))._tag, tag)
          for (const app of ["jellystat", "streamystats"]) {
            yield* faults.replace([{ kind: "halfPages", how, app }])
            assert.strictEqual((yield* Effect.flip(playsOf(app)))._tag, tag, app)
          }
        }
      })
    )
  )
})
