import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { plex } from "../../../../src/integrations/kinds/plex.ts"
import type { EntryDetail } from "../../../../src/integrations/Observations.ts"
import { OddRecords } from "../../../../src/integrations/OddRecords.ts"
import { connect, silent } from "../../support/FakeUpstream.ts"
import { page, plexConfig, plexServer } from "./FakePlex.ts"

const tagged = (...names: ReadonlyArray<string>) => names.map((tag) => ({ tag }))
const entries = [
  { ratingKey: "10", Role: tagged("Ann Actor", "Bo Actor"), Director: tagged("Di Rector"), Writer: tagged("Wri Ter") },
  { ratingKey: "11" },
  { ratingKey: "20", Role: { tag: "Ann Actor" } }
]
const whole = plexServer({
  movies: [
    // A list contains only the first few people.
    { ratingKey: "10", title: "Film", Guid: [{ id: "tmdb://1" }], Role: tagged("Ann Actor") },
    { ratingKey: "11", title: "Home Video", Guid: [{ id: "tmdb://2" }] }
  ],
  shows: [{ ratingKey: "20", title: "Show", Guid: [{ id: "tvdb://3" }] }],
  seasons: [{ ratingKey: "30", parentRatingKey: "20", index: 1 }],
  entries
})

const reading = (...wanted: ReadonlyArray<EntryDetail>) =>
  Effect.gen(function* () {
    const fake = yield* connect(plex, plexConfig, (sent) => {
      if (sent.path === "/playlists") {
        return page(sent, [
          { ratingKey: "500", title: "Weekend" },
          { ratingKey: "501", title: "Favourites" }
        ])
      }
      if (sent.path === "/playlists/500/items") {
        const episode = { ratingKey: "40", parentRatingKey: "30", grandparentRatingKey: "20" }
        return page(sent, [{ ratingKey: "10" }, { ratingKey: "10" }, episode])
      }
      return sent.path === "/playlists/501/items" ? page(sent, [{ ratingKey: 10 }]) : whole(sent)
    })
    const items = yield* fake.connected.read.serverItems!(silent, new OddRecords(), new Set(wanted))
    return { fake, of: (key: string) => items.find((item) => item.serverItemId === key) }
  })

describe("People of Plex", () => {
  it.effect("are read by key, since lists omit most of them; nobody at all is unknown", () =>
    Effect.gen(function* () {
      const { fake, of } = yield* reading("people")
      assert.deepStrictEqual(of("10")?.people, {
        actors: ["Ann Actor", "Bo Actor"],
        directors: ["Di Rector"],
        writers: ["Wri Ter"]
      })
      assert.deepStrictEqual(of("20")?.people, { actors: ["Ann Actor"], directors: [], writers: [] })
      assert.isUndefined(of("11")?.people)
      assert.isUndefined(of("10")?.playlists)
      assert.deepStrictEqual(
        fake.sent.filter(({ path }) => path.startsWith("/library/metadata/")).map(({ path }) => path),
        ["/library/metadata/10,11,20"]
      )
    })
  )
})

describe("Playlists of Plex", () => {
  it.effect("are those of a movie, and those of an episode for its season and show", () =>
    Effect.gen(function* () {
      const { of } = yield* reading("playlists")
      assert.deepStrictEqual(
        ["10", "11", "20", "30"].map((key) => of(key)?.playlists),
        [["Weekend", "Favourites"], [], ["Weekend"], ["Weekend"]]
      )
      assert.isUndefined(of("10")?.people)
    })
  )

  it.effect("take no calls unless they are wanted", () =>
    Effect.gen(function* () {
      const { fake, of } = yield* reading()
      assert.isUndefined(of("10")?.playlists)
      assert.isFalse(fake.sent.some(({ path }) => path.includes("playlists") || path.includes("metadata")))
    })
  )
})
