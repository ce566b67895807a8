import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { plex } from "../../../../src/integrations/kinds/plex.ts"
import type { ServerItem } from "../../../../src/integrations/Observations.ts"
import { OddRecords } from "../../../../src/integrations/OddRecords.ts"
import { type Answers, connect, type Fake, read, silent } from "../../support/FakeUpstream.ts"
import { plexConfig, plexServer, type PlexWorld } from "./FakePlex.ts"

const reading = (world: PlexWorld, answers: Answers = () => undefined) =>
  Effect.gen(function* () {
    const whole = plexServer(world)
    const fake: Fake = yield* connect(plex, plexConfig, (sent) => answers(sent) ?? whole(sent))
    const odd = new OddRecords()
    const items = yield* fake.connected.read.serverItems!(silent, odd)
    return { fake, items, odd, of: (key: string) => items.find((item) => item.serverItemId === key) }
  })

const movies = ["10", "11", "12"].map((ratingKey) => ({
  ratingKey,
  title: `Film ${ratingKey}`,
  guid: `plex://movie/${ratingKey}`
}))
const asked = (fake: Fake, path: RegExp) =>
  fake.sent.filter((sent) => path.test(sent.path) || path.test(sent.path + "?" + sent.query))

describe("Labels of Plex", () => {
  it.effect("come from the lists by label, whatever an entry shows", () =>
    Effect.gen(function* () {
      const { fake, of } = yield* reading({
        movies: [{ ...movies[0], Label: [{ tag: "Keep" }] }, movies[1]!, movies[2]!],
        labels: { Keep: ["10", "12"], Kids: ["12"], Unused: [] }
      })
      assert.deepStrictEqual(
        ["10", "11", "12"].map((key) => of(key)?.labels),
        [["Keep"], [], ["Keep", "Kids"]]
      )
      assert.isUndefined(of("11")?.untold)
      // One call for each label, by its id.
      assert.lengthOf(asked(fake, /\/1\/all\?.*label=50\d/), 3)
    })
  )

  it.effect("of shows are requested for shows, and do not apply to seasons", () =>
    Effect.gen(function* () {
      const { of } = yield* reading({
        shows: [{ ratingKey: "20", title: "Show" }],
        seasons: [{ ratingKey: "30", title: "Season 1", parentRatingKey: "20", index: 1 }],
        showLabels: { Keep: ["20"] }
      })
      assert.deepStrictEqual([of("20")?.labels, of("30")?.labels], [["Keep"], []])
    })
  )

  for (const status of [400, 404]) {
    it.effect(`are unknown if the server responds with ${status} to their list, and the shown ones are kept`, () =>
      Effect.gen(function* () {
        const { of } = yield* reading({ movies: [{ ...movies[0], Label: { tag: "Keep" } }] }, (sent) =>
          sent.path.endsWith("/label") ? new Response("", { status }) : undefined
        )
        assert.deepStrictEqual(of("10")?.labels, ["Keep"])
        assert.include(of("10")?.untold?.labels, String(status))
        assert.isUndefined(of("10")?.untold?.collections)
      })
    )
  }

  it.effect("that cannot be read for another reason fail the reading", () =>
    Effect.gen(function* () {
      const fake = yield* connect(plex, plexConfig, (sent) =>
        sent.path.endsWith("/label") ? Response.json({}, { status: 500 }) : plexServer({ movies })(sent)
      )
      assert.strictEqual((yield* Effect.flip(read(fake, "serverItems")))._tag, "UpstreamRefused")
    })
  )
})

describe("Collections of Plex", () => {
  const tags = (...titles: ReadonlyArray<string>) => ({ Collection: titles.map((tag) => ({ tag })) })
  const collection = (ratingKey: string, title: string, members: ReadonlyArray<string>, more: object = {}) => ({
    ratingKey,
    title,
    subtype: "movie",
    childCount: members.length,
    members,
    ...more
  })

  it.effect("of an entry are complete, although a list shows only two", () =>
    Effect.gen(function* () {
      const { fake, of } = yield* reading({
        movies: [{ ...movies[0], ...tags("A", "B") }, { ...movies[1], ...tags("A") }, movies[2]!],
        collections: [
          collection("900", "A", ["10", "11"]),
          collection("901", "B", ["10"]),
          collection("902", "Kids", ["10"])
        ]
      })
      assert.deepStrictEqual(of("10")?.collections, ["A", "B", "Kids"])
      // The lists show all members of the first two.
      assert.deepStrictEqual(
        asked(fake, /collections\/\d+\/items/).map((sent) => sent.path),
        ["/library/collections/902/items"]
      )
    })
  )

  it.effect("that are smart are read, because entries do not show them", () =>
    Effect.gen(function* () {
      const { of } = yield* reading({ movies, collections: [collection("900", "Unseen", ["12"], { smart: "1" })] })
      assert.deepStrictEqual([of("11")?.collections, of("12")?.collections], [[], ["Unseen"]])
    })
  )

  it.effect("with the same name are joined, and those of episodes need no call", () =>
    Effect.gen(function* () {
      const { fake, of } = yield* reading({
        movies: [{ ...movies[0], ...tags("Twin") }, ...movies.slice(1)],
        collections: [
          collection("900", "Twin", ["10"]),
          collection("901", "Twin", ["12"]),
          collection("902", "Pilots", ["77"], { subtype: "episode" })
        ]
      })
      assert.deepStrictEqual([of("10")?.collections, of("12")?.collections], [["Twin"], ["Twin"]])
      assert.lengthOf(asked(fake, /collections\/902\/items/), 0)
    })
  )

  it.effect("are unknown if the server does not list them", () =>
    Effect.gen(function* () {
      const { of } = yield* reading({ movies }, (sent) =>
        sent.path.endsWith("/collections") ? new Response("", { status: 404 }) : undefined
      )
      assert.include(of("10")?.untold?.collections, "404")
    })
  )
})

describe("The plays in an entry of Plex", () => {
  const own = (row: object, kind: "movies" | "shows" = "movies") =>
    Effect.map(reading({ [kind]: [{ ratingKey: "10", title: "It", ...row }] }), ({ items }) => items[0]?.ownPlays)
  const at = "2020-09-13T12:26:40.000Z"
  const owner = { name: "owner", account: { id: "1", login: "owner", sharedIds: ["login:owner"] } }

  const cases: ReadonlyArray<[name: string, row: object, expected: ServerItem["ownPlays"]]> = [
    ["nothing, where it has no counter", {}, undefined],
    [
      "are views to the end, with the date of the last one",
      { viewCount: "2", lastViewedAt: 1_600_000_000 },
      { ...owner, plays: 2, lastPlayedAt: at, seen: 2, lastSeenAt: at }
    ],
    [
      "are a mark by hand without a date",
      { viewCount: 1 },
      { ...owner, plays: 1, lastPlayedAt: null, undated: true, seen: 1, lastSeenAt: null }
    ],
    [
      "show that it was begun, and its share",
      { viewOffset: 600_000, duration: 6_000_000, lastViewedAt: 1_600_000_000 },
      { ...owner, plays: 1, lastPlayedAt: at, seen: 0, lastSeenAt: null, furthest: 0.1 }
    ],
    [
      "show that a viewer has begun again, but not the date of the earlier view",
      { viewCount: 1, viewOffset: 600_000, lastViewedAt: 1_600_000_000 },
      { ...owner, plays: 2, lastPlayedAt: at, seen: 1, lastSeenAt: null }
    ],
    [
      "are only a date if somebody has marked it as unwatched since",
      { lastViewedAt: 1_600_000_000 },
      { ...owner, plays: 1, lastPlayedAt: at, seen: 0, lastSeenAt: null }
    ]
  ]
  for (const [name, row, expected] of cases) {
    it.effect(name, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* own(row), expected)
      })
    )
  }

  it.effect("of a show count its episodes, including begun ones", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* own({ viewedLeafCount: 3, lastViewedAt: 1_600_000_000 }, "shows"), {
        ...owner,
        plays: 3,
        lastPlayedAt: at,
        seen: 3,
        lastSeenAt: null
      })
      assert.strictEqual((yield* own({ viewedLeafCount: 0, lastViewedAt: 1_600_000_000 }, "shows"))?.plays, 1)
    })
  )
})

describe("An entry of Plex without known ids", () => {
  it.effect("is found by its files; folders of shows are requested together", () =>
    Effect.gen(function* () {
      const shows = Array.from({ length: 130 }, (_, index) => ({
        ratingKey: String(200 + index),
        title: `Anime ${index}`,
        guid: `com.plexapp.agents.hama://anidb-${index}?lang=en`
      }))
      const { fake, of } = yield* reading({
        movies: [
          { ratingKey: "10", title: "Home", guid: "local://10", Media: { Part: { file: "/films/Home/home.mkv" } } },
          { ratingKey: "11", title: "None", guid: "com.plexapp.agents.none://abc?lang=xn" }
        ],
        shows,
        entries: shows.map((show) => ({ ...show, Location: [{ path: `/tv/${show.title}` }] }))
      })
      assert.deepStrictEqual([of("10")?.ids, of("10")?.paths], [[], ["/films/Home/home.mkv"]])
      assert.deepStrictEqual(
        [of("200")?.ids, of("200")?.paths, of("329")?.paths],
        [[], ["/tv/Anime 0"], ["/tv/Anime 129"]]
      )
      // 131 entries, since the second film shows no file either.
      assert.lengthOf(asked(fake, /\/library\/metadata\//), 2)
      assert.deepStrictEqual([of("10")?.guid, of("11")?.guid], [null, null])
    })
  )

  it.effect("that was deleted in the meantime loses only its folder", () =>
    Effect.gen(function* () {
      const { of } = yield* reading({ movies: [{ ratingKey: "11", title: "None", guid: "none://abc" }], entries: [] })
      assert.deepStrictEqual([of("11")?.title, of("11")?.paths], ["None", undefined])
    })
  )
})

describe("A faulty record of Plex", () => {
  it.effect("loses the fact that depends on its field, which is named", () =>
    Effect.gen(function* () {
      const { odd, of } = yield* reading({
        movies: [...movies, { ratingKey: "13", title: "Odd", addedAt: "yesterday", viewCount: {}, year: "1999" }]
      })
      assert.strictEqual(of("13")?.year, 1999)
      assert.sameMembers(Object.keys(of("13")?.untold ?? {}), ["addedAt", "plays"])
      assert.isTrue(odd.told.every(({ record }) => record === "Odd"))
      assert.strictEqual(odd.unidentified, 0)
    })
  )

  it.effect("that cannot be identified is counted, and the list is still complete", () =>
    Effect.gen(function* () {
      const { items, odd } = yield* reading({ movies: [...movies, { title: "Without a key" }] })
      assert.deepStrictEqual([items.length, odd.unidentified], [3, 1])
      assert.include(odd.told[0]?.record, "record 4")
    })
  )

  it.effect("of a section without a title makes the library of its entries unknown", () =>
    Effect.gen(function* () {
      const { of } = yield* reading({ movies }, (sent) =>
        sent.path === "/library/sections"
          ? {
              MediaContainer: {
                Directory: [
                  { key: "1", type: "movie" },
                  { key: "4", type: "hologram" }
                ]
              }
            }
          : undefined
      )
      assert.isDefined(of("10")?.untold?.library)
    })
  )
})
