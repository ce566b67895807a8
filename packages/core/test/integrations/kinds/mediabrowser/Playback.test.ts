import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { emby } from "../../../../src/integrations/kinds/emby.ts"
import { jellyfin } from "../../../../src/integrations/kinds/jellyfin.ts"
import type { ViewerObservation } from "../../../../src/integrations/Observations.ts"
import { OddRecords } from "../../../../src/integrations/OddRecords.ts"
import { connect, read, silent } from "../../support/FakeUpstream.ts"
import { config, data, episode, movie, server, type World } from "./FakeServer.ts"

const reading = (world: World) =>
  Effect.gen(function* () {
    const fake = yield* connect(jellyfin, config, server(world))
    const odd = new OddRecords()
    const entries = yield* fake.connected.read.playback!(silent, odd)
    return { entries, odd, of: (key: string) => entries.find((entry) => entry.serverItemId === key) }
  })

const at = "2024-08-02T22:51:23.000Z"
const ann = { name: "ann", account: { id: "a1", sharedIds: [], login: "ann" } }
const dated = { LastPlayedDate: "2024-08-02T22:51:23.0000000Z" }

describe("A movie in the data of a Jellyfin user", () => {
  const did = (userData: object) =>
    Effect.map(
      reading({ played: { a1: [movie("m1", { RunTimeTicks: 1_000, ...data(0, { Played: false, ...userData }) })] } }),
      ({ of }) => of("m1")?.users[0]
    )
  const cases: ReadonlyArray<[name: string, userData: object, expected: ViewerObservation | undefined]> = [
    ["is nothing without a count, a place or a mark", {}, undefined],
    [
      "is watched by its mark",
      { PlayCount: 1, Played: true, ...dated },
      { ...ann, plays: 1, lastPlayedAt: at, seen: 1, lastSeenAt: at, marked: 0 }
    ],
    [
      "is watched without a date if it was marked by hand",
      { Played: true },
      { ...ann, plays: 1, lastPlayedAt: null, undated: true, seen: 1, lastSeenAt: null, marked: 1 }
    ],
    [
      "is begun if it has a resume position, with that share",
      { PlayCount: 1, PlaybackPositionTicks: 250, ...dated },
      { ...ann, plays: 1, lastPlayedAt: at, seen: 0, lastSeenAt: null, furthest: 0.25, marked: 0 }
    ],
    [
      "may be watched if it was begun again, which clears the mark",
      { PlayCount: 3, PlaybackPositionTicks: 250, ...dated },
      { ...ann, plays: 3, lastPlayedAt: at, marked: 0 }
    ],
    ["is a play by its day alone", dated, { ...ann, plays: 1, lastPlayedAt: at, seen: 0, lastSeenAt: null, marked: 0 }]
  ]
  for (const [name, userData, expected] of cases) {
    it.effect(name, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* did(userData), expected)
      })
    )
  }

  it.effect("is unknown if the server omits the data or it cannot be read, only for that movie", () =>
    Effect.gen(function* () {
      const others = ["m3", "m4", "m5"].map((id) => movie(id, data(0)))
      const { odd, of } = yield* reading({
        played: {
          a1: [movie("m1", { UserData: null }), movie("m2", data(0, { PlayCount: { is: "many" } })), ...others]
        }
      })
      assert.include(of("m1")?.untold, "ann")
      assert.include(of("m2")?.untold, "PlayCount")
      assert.isUndefined(of("m3"))
      assert.isAtLeast(odd.count, 1)
    })
  )
})

describe("An episode of Jellyfin", () => {
  it.effect("counts for its season if it is watched, each episode once", () =>
    Effect.gen(function* () {
      const { entries } = yield* reading({
        played: {
          a1: [
            episode("p1", 1, data(3, dated)),
            episode("p2", 1, data(1, { Played: false })),
            episode("p3", 1, data(1, dated))
          ]
        }
      })
      const season = entries.find((entry) => entry.kind === "season")
      assert.deepInclude(season?.users[0], { plays: 5, seen: 2 })
    })
  )

  it.effect("of an unknown season may belong to any season of its show", () =>
    Effect.gen(function* () {
      const { entries } = yield* reading({
        played: { a1: [episode("p1", 1, data(1)), { ...episode("p2", null, data(2)), SeasonId: "unknown" }] }
      })
      assert.deepStrictEqual(
        entries.map(({ kind, plays, seasonNumber }) => [kind, seasonNumber, plays]),
        [
          ["show", null, 3],
          ["season", 1, 1],
          ["season", null, 2]
        ]
      )
    })
  )

  it.effect("without the key of its show is found by the show's title", () =>
    Effect.gen(function* () {
      const { of } = yield* reading({
        played: { a1: [{ ...episode("p1", 2, data(1)), SeriesId: null, SeriesName: "Lost Show" }] }
      })
      assert.strictEqual(of("")?.title, "Lost Show")
    })
  )
})

describe("Merged versions of a movie", () => {
  const versions = {
    m1: { Id: "m1", MediaSources: [{ Id: "m1" }, { Id: "v2" }] },
    v2: { Id: "v2", Type: "Movie", MediaSources: [] }
  }

  it.effect("are one movie, played under either key", () =>
    Effect.gen(function* () {
      const { entries } = yield* reading({
        played: { a1: [movie("m1", { MediaSourceCount: 2, ...data(0) })], r1: [] },
        versions,
        versionData: { r1: { v2: data(2, dated) }, a1: { v2: data(0) } }
      })
      assert.deepStrictEqual(
        entries.map(({ lastPlayedAt, plays, serverItemId, users }) => [
          serverItemId,
          plays,
          lastPlayedAt,
          users[0]?.name
        ]),
        [["m1", 2, at, "root"]]
      )
    })
  )
})

describe("An item that is being played on Jellyfin", () => {
  const session = (item: object, changes: object = {}) => ({
    UserId: "a1",
    UserName: "ann",
    PlayState: { PositionTicks: 100 },
    NowPlayingItem: { Id: "m1", Type: "Movie", Name: "Film", RunTimeTicks: 1_000, ...item },
    ...changes
  })

  it.effect("counts once in addition to the user's plays, for everybody in a shared session", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-11-29T20:00:00.000Z"))
      const { of } = yield* reading({
        played: { a1: [movie("m1", data(1, { Played: false, ...dated }))] },
        sessions: [
          session({}, { AdditionalUsers: [{ UserId: "r1", UserName: "root" }] }),
          session({ Id: "p1", Type: "Episode", SeriesId: "s1", ParentIndexNumber: 2 }),
          { UserId: "a1", UserName: "ann" },
          session({ Type: "Audio", Id: "song" })
        ]
      })
      assert.deepInclude(of("m1"), { playing: true, lastPlayedAt: "2026-11-29T20:00:00.000Z" })
      assert.deepStrictEqual(
        of("m1")?.users.map(({ name, plays }) => [name, plays]),
        [
          ["ann", 1],
          ["root", 1]
        ]
      )
      assert.deepInclude(of("s1"), { kind: "show", playing: true, plays: 1 })
      assert.isUndefined(of("song"))
    })
  )

  it.effect("is unknown if the server does not respond, and then all plays are unknown", () =>
    Effect.gen(function* () {
      for (const kind of [jellyfin, emby]) {
        const fake = yield* connect(kind, config, (sent) =>
          sent.path === "/Sessions" ? new Response("", { status: 404 }) : server({})(sent)
        )
        assert.strictEqual((yield* Effect.flip(read(fake, "playback")))._tag, "UpstreamRefused")
      }
    })
  )

  it.effect("with neither a key nor a title is counted as a faulty record", () =>
    Effect.gen(function* () {
      const { odd } = yield* reading({ sessions: [session({ Id: "", Name: null })] })
      assert.strictEqual(odd.unidentified, 1)
    })
  )
})
