import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { jellyfin } from "../../../../src/integrations/kinds/jellyfin.ts"
import type { EntryDetail } from "../../../../src/integrations/Observations.ts"
import { OddRecords } from "../../../../src/integrations/OddRecords.ts"
import { connect, type Sent, silent } from "../../support/FakeUpstream.ts"
import { config, movie, season, series, server } from "./FakeServer.ts"

const People = [
  { Name: "Ann Actor", Type: "Actor" },
  { Name: "Guest", Type: "GuestStar" },
  { Name: "Di Rector", Type: "Director" },
  { Name: "Wri Ter", Type: "Writer" },
  { Name: "Some Producer", Type: "Producer" }
]
const whole = server({
  items: {
    l1: [
      movie("m1", { CommunityRating: 7.5, CriticRating: 84, Studios: [{ Name: "One" }, { Name: "Two" }] }),
      movie("m2", { CommunityRating: "good" }),
      series("s1"),
      season("e1", "s1", 1)
    ]
  }
})

const reading = (...wanted: ReadonlyArray<EntryDetail>) =>
  Effect.gen(function* () {
    const list = (Items: ReadonlyArray<object>) => ({ Items, TotalRecordCount: Items.length })
    const answer = (sent: Sent) => {
      if (sent.query.get("fields") === "People")
        return list([
          { Id: "m1", People },
          { Id: "m2", People: [] }
        ])
      if (sent.query.get("includeItemTypes") === "Playlist") {
        return list(
          sent.query.get("userId") === "a1" ? [{ Id: "p1", Name: "Weekend" }] : [{ Id: "p1", Name: "Weekend" }]
        )
      }
      if (sent.query.get("parentId") !== "p1") return undefined
      return list([{ Id: "m1" }, { Id: "m1" }, { Id: "x1", SeasonId: "e1", SeriesId: "s1" }])
    }
    const fake = yield* connect(jellyfin, config, (sent) => answer(sent) ?? whole(sent))
    const odd = new OddRecords()
    const items = yield* fake.connected.read.serverItems!(silent, odd, new Set(wanted))
    return { fake, of: (key: string) => items.find((item) => item.serverItemId === key) }
  })

describe("Entries of Jellyfin", () => {
  it.effect("have ratings out of ten and studios; a rating of the wrong type is unknown", () =>
    Effect.gen(function* () {
      const { fake, of } = yield* reading()
      assert.deepStrictEqual(of("m1")?.ratings, { critics: 8.4, audience: 7.5 })
      assert.deepStrictEqual(of("m1")?.studios, ["One", "Two"])
      assert.hasAllKeys(of("m2")?.untold, ["ratingAudience"])
      assert.isUndefined(of("e1")?.ratings)
      assert.isFalse(fake.sent.some(({ query }) => query.get("fields") === "People"))
      assert.isFalse(fake.sent.some(({ query }) => query.get("includeItemTypes") === "Playlist"))
    })
  )

  it.effect("have people by what they did; nobody at all is unknown", () =>
    Effect.gen(function* () {
      const { of } = yield* reading("people")
      assert.deepStrictEqual(of("m1")?.people, {
        actors: ["Ann Actor", "Guest"],
        directors: ["Di Rector"],
        writers: ["Wri Ter"]
      })
      assert.isUndefined(of("m2")?.people)
      assert.isUndefined(of("m1")?.playlists)
    })
  )

  it.effect("are in the playlists of all users, which are read once each", () =>
    Effect.gen(function* () {
      const { fake, of } = yield* reading("playlists")
      assert.deepStrictEqual(
        ["m1", "m2", "s1", "e1"].map((key) => of(key)?.playlists),
        [["Weekend"], [], ["Weekend"], ["Weekend"]]
      )
      assert.lengthOf(
        fake.sent.filter(({ query }) => query.get("parentId") === "p1"),
        1
      )
    })
  )
})
