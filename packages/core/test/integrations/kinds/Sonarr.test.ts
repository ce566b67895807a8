import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { RemovalTarget } from "../../../src/integrations/Kind.ts"
import { sonarr } from "../../../src/integrations/kinds/sonarr.ts"
import { type Answers, connect, read } from "../support/FakeUpstream.ts"
import { OddRecords } from "../../../src/integrations/OddRecords.ts"
import { historyPage, imported, qualityProfiles, season, series, status, tags } from "./ArrAnswers.ts"

const config = { apiKey: "0123456789abcdef" }

const library =
  (all: ReadonlyArray<unknown>, more: Answers = () => undefined): Answers =>
  (sent) => {
    switch (`${sent.method} ${sent.path}`) {
      case "GET /api/v3/series":
        return all
      case "GET /api/v3/tag":
        return tags
      case "GET /api/v3/qualityprofile":
        return qualityProfiles
      case "GET /api/v3/system/status":
        return status("Sonarr")
      case "GET /api/v3/history":
        return more(sent) ?? historyPage([])
      default:
        return more(sent)
    }
  }

const show: RemovalTarget = { externalId: "5", kind: "show", title: "Show 5", ids: ["tvdb:1005"] }
const seasonOne: RemovalTarget = { ...show, externalId: "5:s1", kind: "season", title: "Show 5 - Season 1" }

describe("sonarr's catalog", () => {
  it.effect("tells a show and each season that has files, specials like any other", () =>
    Effect.gen(function* () {
      const fake = yield* connect(sonarr, config, library([series(5)]))
      const items = yield* read(fake, "catalog")
      assert.deepStrictEqual(
        items.map((item) => [item.externalId, item.kind, item.parentExternalId, item.title, item.sizeBytes]),
        [
          ["5", "show", null, "Show 5", 16_000_000_000],
          ["5:s0", "season", "5", "Show 5 - Specials", 2_000_000_000],
          ["5:s1", "season", "5", "Show 5 - Season 1", 10_000_000_000],
          ["5:s3", "season", "5", "Show 5 - Season 3", 4_000_000_000]
        ]
      )
      const [whole, specials, first, third] = items
      assert.deepStrictEqual(whole?.ids, ["tvdb:1005", "tmdb-show:2005", "imdb:tt100005"])
      assert.deepStrictEqual(first?.ids, whole?.ids)
      assert.strictEqual(whole?.posterUrl, null, "the application's own copy needs its key")
      assert.deepStrictEqual(whole?.facts, {
        monitored: true,
        qualityProfile: "HD-1080p",
        tags: ["keep", "#99"],
        genres: ["Comedy"],
        rating: 8.1,
        addedAt: "2019-01-01T00:00:00.000Z",
        releasedAt: "2010-01-01T00:00:00.000Z",
        language: "English",
        showStatus: "ended",
        seasonCount: 3,
        episodeCount: 16,
        missingEpisodes: 24,
        unairedEpisodes: 0,
        onAir: false,
        studio: "A Network",
        runtimeMinutes: 25,
        contentRating: "TV-14"
      })
      assert.strictEqual(first?.facts.seasonNumber, 1)
      assert.strictEqual(first?.facts.episodeCount, 10)
      assert.strictEqual(first?.facts.releasedAt, "2010-01-01T00:00:00.000Z", "the first season begins with the show")
      assert.isFalse("releasedAt" in (third?.facts ?? {}), "of others the day of the last episode alone is told")
      assert.strictEqual(first?.wholeTitle, "Show 5")
      assert.strictEqual(specials?.facts.seasonNumber, 0)
      assert.isTrue(items.every((item) => item.untold === undefined))
      assert.strictEqual(first?.facts.monitored, true)
      assert.strictEqual(third?.facts.monitored, false)
    })
  )

  it.effect("a season of a show that is not monitored is not monitored", () =>
    Effect.gen(function* () {
      const fake = yield* connect(sonarr, config, library([series(5, { monitored: false })]))
      const items = yield* read(fake, "catalog")
      assert.isTrue(items.every((item) => item.facts.monitored === false))
    })
  )

  it.effect("tells a show without files, and adds up seasons when the show does not", () =>
    Effect.gen(function* () {
      const empty = series(6, { statistics: { episodeFileCount: 0, sizeOnDisk: 0 }, seasons: [season(1, 0)] })
      const plain = series(7, { statistics: null, seasons: [season(0, 2), season(1, 3)] })
      const fake = yield* connect(sonarr, config, library([empty, plain]))
      const items = yield* read(fake, "catalog")
      assert.deepStrictEqual(
        items.map((item) => [item.externalId, item.sizeBytes, item.facts.episodeCount]),
        [
          ["6", 0, 0],
          ["7", 5_000_000_000, 5],
          ["7:s0", 2_000_000_000, 2],
          ["7:s1", 3_000_000_000, 3]
        ]
      )
    })
  )
})

describe("days of seasons", () => {
  const daysOf = (all: ReadonlyArray<unknown>, more: Answers) =>
    Effect.gen(function* () {
      const fake = yield* connect(sonarr, config, library(all, more))
      const items = yield* read(fake, "catalog")
      return {
        fake,
        days: items.map((item) => [item.externalId, item.facts.addedAt, item.facts.fileAddedAt]),
        untold: items.map((item) => Object.keys(item.untold ?? {}))
      }
    })
  const two = [series(5, { seasons: [season(1, 10), season(2, 10)] })]
  const onPage = (sent: { readonly query: URLSearchParams }, all: ReadonlyArray<unknown>) => {
    const [page, size] = [Number(sent.query.get("page")), Number(sent.query.get("pageSize"))]
    return historyPage(all.slice((page - 1) * size, page * size), all.length)
  }

  it.effect("a new season of an old show has the day of its own newest file, and the old one no day at all", () =>
    Effect.gen(function* () {
      const { days } = yield* daysOf(two, () =>
        historyPage([imported(5, 2, "2026-11-28T00:00:00Z"), imported(5, 2, "2026-11-20T00:00:00Z")])
      )
      assert.deepStrictEqual(days, [
        ["5", "2019-01-01T00:00:00.000Z", "2026-11-28T00:00:00.000Z"],
        ["5:s1", undefined, undefined],
        ["5:s2", undefined, "2026-11-28T00:00:00.000Z"]
      ])
    })
  )

  it.effect("are of imports alone, in whatever order they come, and of no other show", () =>
    Effect.gen(function* () {
      const { days } = yield* daysOf(two, () =>
        historyPage([
          imported(5, 1, "2026-01-01T00:00:00Z"),
          imported(5, 1, "2026-03-01T00:00:00Z"),
          imported(5, 1, "2026-05-01T00:00:00Z", { eventType: "grabbed" }),
          imported(6, 2, "2026-06-01T00:00:00Z"),
          imported(5, 2, "0001-01-01T00:00:00Z")
        ])
      )
      assert.deepStrictEqual(
        days.map(([, , day]) => day),
        ["2026-03-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z", undefined]
      )
    })
  )

  it.effect("are read in at most ten pages, newest first", () =>
    Effect.gen(function* () {
      const all = Array.from({ length: 15_000 }, () => imported(5, 2, "2026-11-01T00:00:00Z"))
      const { days, fake } = yield* daysOf(two, (sent) =>
        onPage(sent, [...all, imported(5, 1, "2020-01-01T00:00:00Z")])
      )
      assert.strictEqual(fake.calls().filter((call) => call.endsWith("/history")).length, 10)
      assert.strictEqual(
        fake.sent.find((sent) => sent.path.endsWith("/history"))?.query.get("sortDirection"),
        "descending"
      )
      assert.deepStrictEqual(
        days.map(([, , day]) => day),
        ["2026-11-01T00:00:00.000Z", undefined, "2026-11-01T00:00:00.000Z"]
      )
    })
  )

  const unread: ReadonlyArray<[name: string, answers: Answers]> = [
    ["is refused", () => Response.json({ message: "broken" }, { status: 500 })],
    ["is another answer", () => ({ records: "none" })],
    [
      "has a record of which the date is not readable",
      () =>
        historyPage([
          imported(5, 2, "x", { date: {} }),
          imported(5, 1, "2026-01-01T00:00:00Z"),
          imported(5, 1, "2026-01-01T00:00:00Z")
        ])
    ],
    [
      "becomes shorter while it is read",
      (sent) =>
        onPage(
          sent,
          Array.from({ length: sent.query.get("page") === "1" ? 2_000 : 1_500 }, () =>
            imported(5, 2, "2026-11-01T00:00:00Z")
          )
        )
    ]
  ]
  for (const [name, answers] of unread) {
    it.effect(`are unknown when the history ${name}, and the library is read`, () =>
      Effect.gen(function* () {
        const { days, untold } = yield* daysOf(two, answers)
        assert.deepStrictEqual(
          days.map(([, , day]) => day),
          [null, null, null]
        )
        assert.deepStrictEqual(untold, [["fileAddedAt"], ["fileAddedAt"], ["fileAddedAt"]])
      })
    )
  }
})

describe("what is to come", () => {
  const figures = (episodeFileCount: number, episodeCount: number, totalEpisodeCount: number, more: object = {}) => ({
    episodeFileCount,
    episodeCount,
    totalEpisodeCount,
    sizeOnDisk: episodeFileCount * 1_000_000_000,
    ...more
  })
  const one = (seasonNumber: number, statistics: unknown, monitored = true) => ({ seasonNumber, monitored, statistics })
  const aired = { previousAiring: "2026-11-01T00:00:00Z" }
  const ahead = { nextAiring: "2026-12-02T00:00:00Z" }
  const untold = ["onAir", "unairedEpisodes"]

  /** Facts of the first season with files, and which are unknown. */
  const factsOf = (status: string, seasons: ReadonlyArray<unknown>, changes: Record<string, unknown> = {}) =>
    Effect.gen(function* () {
      const only = series(5, { status, seasons, statistics: null, ...changes })
      const items = yield* read(yield* connect(sonarr, config, library([only])), "catalog")
      const { latestSeason, missingEpisodes, onAir, unairedEpisodes } = items[1]?.facts ?? {}
      return {
        facts: [missingEpisodes, unairedEpisodes, onAir, latestSeason],
        untold: Object.keys(items[1]?.untold ?? {}).toSorted(),
        show: items[0]?.facts
      }
    })

  const situations: ReadonlyArray<
    [
      name: string,
      status: string,
      seasons: ReadonlyArray<unknown>,
      facts: ReadonlyArray<unknown>,
      open?: ReadonlyArray<string>
    ]
  > = [
    ["a season on air", "continuing", [one(1, figures(4, 5, 10, { ...aired, ...ahead }))], [1, 5, true, true]],
    [
      "the last episode of a season",
      "continuing",
      [one(1, figures(9, 9, 10, { ...aired, ...ahead }), false)],
      [0, 1, true, true]
    ],
    [
      "a season whose remaining episodes nobody wants",
      "continuing",
      [one(1, figures(3, 3, 10, aired), false)],
      [0, null, null, true],
      untold
    ],
    ["the same of a show that has ended", "ended", [one(1, figures(3, 3, 10, aired), false)], [0, 0, false, true]],
    [
      "a whole season before one that was broadcast",
      "continuing",
      [one(1, figures(3, 3, 10, aired), false), one(2, figures(0, 2, 8, aired))],
      [0, 0, false, false]
    ],
    [
      "a season before one that is announced",
      "continuing",
      [one(1, figures(10, 10, 10, aired)), one(2, figures(0, 0, 8, ahead))],
      [0, 0, false, true]
    ],
    [
      "a season before one that nobody wants",
      "continuing",
      [one(1, figures(10, 10, 10, aired)), one(2, figures(0, 0, 8), false)],
      [0, 0, false, null],
      ["latestSeason"]
    ],
    [
      "the same of a show that has ended",
      "ended",
      [one(1, figures(10, 10, 10, aired)), one(2, figures(0, 0, 8), false)],
      [0, 0, false, false]
    ],
    [
      "a season before an empty one",
      "continuing",
      [one(1, figures(10, 10, 10, aired)), one(2, null)],
      [0, 0, false, true]
    ],
    [
      "specials",
      "continuing",
      [one(0, figures(3, 3, 30, aired), false), one(1, figures(0, 5, 10, aired))],
      [0, null, null, undefined],
      untold
    ],
    [
      "a season of figures alone",
      "continuing",
      [one(1, { episodeFileCount: 3, sizeOnDisk: 3 })],
      [null, null, null, true],
      ["missingEpisodes", ...untold]
    ]
  ]
  for (const [name, status, seasons, facts, open = []] of situations) {
    it.effect(`of ${name} (${status})`, () =>
      Effect.gen(function* () {
        const told = yield* factsOf(status, seasons)
        assert.deepStrictEqual(told.facts, facts)
        assert.deepStrictEqual(told.untold, open.toSorted())
      })
    )
  }

  it.effect("nothing is missing from a show that is not monitored", () =>
    Effect.gen(function* () {
      const told = yield* factsOf("continuing", [one(1, figures(4, 9, 10, aired))], { monitored: false })
      assert.strictEqual(told.facts[0], 0)
    })
  )

  it.effect("a show is on air with one of its seasons, and has the missing episodes of all", () =>
    Effect.gen(function* () {
      const seasons = [one(1, figures(8, 10, 10, aired)), one(2, figures(1, 2, 10, { ...aired, ...ahead }))]
      const { show } = yield* factsOf("continuing", seasons)
      assert.deepInclude(show, { missingEpisodes: 3, unairedEpisodes: 8, onAir: true })
      assert.isFalse("latestSeason" in (show ?? {}))
    })
  )
})

describe("odd fields of a series", () => {
  const readOdd = (...all: ReadonlyArray<unknown>) =>
    Effect.gen(function* () {
      const odd = new OddRecords()
      const fake = yield* connect(sonarr, config, library([...all, series(8), series(9), series(10)]))
      const items = (yield* read(fake, "catalog", odd)).filter((item) => /^5\b/.test(item.externalId))
      return {
        odd,
        items,
        untold: items.map((item) => [item.externalId, ...Object.keys(item.untold ?? {}).toSorted()])
      }
    })
  const seasons = (changes: Record<string, unknown>) => [season(1, 10, changes), season(2, 5)]
  const figures = season(1, 10).statistics

  const situations: ReadonlyArray<
    [name: string, changes: Record<string, unknown>, untold: ReadonlyArray<ReadonlyArray<string>>]
  > = [
    [
      "tags in words cost the tags of all its parts",
      { tags: [1, "keep"], seasons: seasons({}) },
      [
        ["5", "tags"],
        ["5:s1", "tags"],
        ["5:s2", "tags"]
      ]
    ],
    [
      "a status that is new costs itself",
      { status: "hiatus", seasons: seasons({}) },
      [
        ["5", "showStatus"],
        ["5:s1", "showStatus"],
        ["5:s2", "showStatus"]
      ]
    ],
    [
      "a season's flag in words costs that season's",
      { seasons: seasons({ monitored: "half" }) },
      [["5"], ["5:s1", "monitored"], ["5:s2"]]
    ],
    [
      "a season's size in words costs that season's, and the show's",
      { seasons: seasons({ statistics: { ...figures, sizeOnDisk: "big" } }) },
      [["5", "sizeBytes"], ["5:s1", "sizeBytes"], ["5:s2"]]
    ],
    [
      "numbers as text cost nothing",
      {
        id: "5",
        tvdbId: "1005",
        seasons: seasons({ seasonNumber: "1", statistics: { ...figures, episodeFileCount: "10" } })
      },
      [["5"], ["5:s1"], ["5:s2"]]
    ]
  ]
  for (const [name, changes, expected] of situations) {
    it.effect(name, () =>
      Effect.gen(function* () {
        const { odd, untold } = yield* readOdd(series(5, { statistics: null, ...changes }))
        assert.deepStrictEqual(untold, expected)
        assert.strictEqual(odd.unidentified, 0)
      })
    )
  }

  const lost: ReadonlyArray<[name: string, changes: Record<string, unknown>, left: ReadonlyArray<string>]> = [
    ["a season without a readable number", { seasons: seasons({ seasonNumber: "one" }) }, ["5", "5:s2"]],
    [
      "a season of which nothing tells files",
      { seasons: seasons({ statistics: { episodeFileCount: "x", sizeOnDisk: null } }) },
      ["5", "5:s2"]
    ],
    ["seasons that are no list", { seasons: "two" }, ["5"]]
  ]
  for (const [name, changes, left] of lost) {
    it.effect(`${name} is counted, so that what was there does not vanish`, () =>
      Effect.gen(function* () {
        const { items, odd } = yield* readOdd(series(5, changes))
        assert.deepStrictEqual(
          items.map((item) => item.externalId),
          left
        )
        assert.strictEqual(odd.unidentified, 1)
        assert.isTrue(odd.told.some(({ detail }) => detail.includes("Show 5")))
      })
    )
  }

  it.effect("without one of its seasons nobody knows which is the latest", () =>
    Effect.gen(function* () {
      const { items } = yield* readOdd(series(5, { seasons: [season(1, 10), { ...season(2, 0), seasonNumber: null }] }))
      assert.isDefined(items[1]?.untold?.latestSeason)
    })
  )
})

describe("sonarr's presence", () => {
  const presenceOf = (target: RemovalTarget, answer: unknown) =>
    Effect.gen(function* () {
      const fake = yield* connect(
        sonarr,
        config,
        library([], (sent) => (sent.path === "/api/v3/series/5" ? answer : undefined))
      )
      return yield* fake.connected.removal!.presence(target)
    })

  it.effect("a show is absent after a 404, a season also when it has no files left", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* presenceOf(show, undefined))._tag, "Absent")
      assert.strictEqual((yield* presenceOf(seasonOne, undefined))._tag, "Absent")
      assert.strictEqual((yield* presenceOf(seasonOne, series(5, { seasons: [season(1, 0)] })))._tag, "Absent")
      assert.strictEqual((yield* presenceOf(seasonOne, series(5, { seasons: [season(2, 3)] })))._tag, "Absent")
      assert.strictEqual((yield* presenceOf(show, series(5, { seasons: [season(1, 0)] })))._tag, "Present")
    })
  )

  it.effect("a season whose files are not told of is not taken for absent", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        presenceOf(seasonOne, series(5, { seasons: [{ seasonNumber: 1, monitored: true }] }))
      )
      assert.strictEqual(error._tag, "UpstreamMalformed")
    })
  )

  it.effect("a season that is there tells its size and the show's ids", () =>
    Effect.gen(function* () {
      const presence = yield* presenceOf(seasonOne, series(5, { tvdbId: 4 }))
      assert.strictEqual(presence._tag, "Present")
      if (presence._tag !== "Present") return
      assert.strictEqual(presence.sizeBytes, 10_000_000_000)
      assert.include(presence.ids, "tvdb:4")
    })
  )
})

describe("sonarr's removal", () => {
  const connected = (answers: Answers) => connect(sonarr, config, answers)

  it.effect("a show goes with one DELETE", () =>
    Effect.gen(function* () {
      const fake = yield* connected(() => ({}))
      yield* fake.connected.removal!.remove(show, { addImportExclusion: true })
      assert.deepStrictEqual(fake.calls(), ["DELETE /api/v3/series/5"])
      assert.deepStrictEqual(Object.fromEntries(fake.sent[0]!.query), {
        deleteFiles: "true",
        addImportListExclusion: "true"
      })
    })
  )

  it.effect("a season is no longer wanted before its files go, and nothing else of the show changes", () =>
    Effect.gen(function* () {
      const before = series(5)
      const fake = yield* connected((sent) => {
        if (sent.method === "GET" && sent.path === "/api/v3/series/5") return before
        if (sent.path === "/api/v3/episodefile") {
          return [
            { id: 31, seriesId: 5, seasonNumber: 1, size: 5 },
            { id: 32, seriesId: 5, seasonNumber: 3, size: 5 },
            { id: 33, seriesId: 5, seasonNumber: 1, size: 5 }
          ]
        }
        return {}
      })
      yield* fake.connected.removal!.remove(seasonOne, { addImportExclusion: true })
      assert.deepStrictEqual(fake.calls(), [
        "GET /api/v3/series/5",
        "PUT /api/v3/series/5",
        "GET /api/v3/episodefile",
        "DELETE /api/v3/episodefile/bulk"
      ])
      assert.deepStrictEqual(fake.sent[1]?.body, {
        ...before,
        seasons: before.seasons.map((one) => (one.seasonNumber === 1 ? { ...one, monitored: false } : one))
      })
      assert.strictEqual(fake.sent[2]?.query.get("seriesId"), "5")
      assert.deepStrictEqual(fake.sent[3]?.body, { episodeFileIds: [31, 33] })
    })
  )

  it.effect("no file is deleted when the season could not be unmonitored", () =>
    Effect.gen(function* () {
      const fake = yield* connected((sent) =>
        sent.method === "GET" ? series(5) : Response.json({ message: "database is locked" }, { status: 500 })
      )
      yield* Effect.flip(fake.connected.removal!.remove(seasonOne, { addImportExclusion: true }))
      assert.deepStrictEqual(fake.calls(), ["GET /api/v3/series/5", "PUT /api/v3/series/5"])
    })
  )

  it.effect("nothing is deleted when the season has no files", () =>
    Effect.gen(function* () {
      const fake = yield* connected((sent) => (sent.path === "/api/v3/episodefile" ? [] : series(5)))
      yield* fake.connected.removal!.remove(seasonOne, { addImportExclusion: true })
      assert.isFalse(fake.calls().some((call) => call.startsWith("DELETE")))
    })
  )

  for (const externalId of ["5:s", "5:sx", "5:s-1", ":s1", "5:s1/../..", "5:s1:s2x"]) {
    it.effect(`nothing is sent for the id "${externalId}"`, () =>
      Effect.gen(function* () {
        const fake = yield* connected(() => ({}))
        yield* Effect.flip(fake.connected.removal!.remove({ ...seasonOne, externalId }, { addImportExclusion: true }))
        assert.deepStrictEqual(fake.calls(), [])
      })
    )
  }
})

describe("the entry of a show whose last season has gone", () => {
  const gone = (seasonNumber: number, changes: Record<string, unknown> = {}) =>
    season(seasonNumber, 0, { monitored: false, ...changes })
  const empty = (changes: Record<string, unknown> = {}) =>
    series(5, {
      seasons: [gone(0), gone(1)],
      statistics: { seasonCount: 1, episodeFileCount: 0, sizeOnDisk: 0 },
      ...changes
    })
  const settle = (choice: "unmonitor" | "remove", now: unknown, files: ReadonlyArray<unknown> = []) =>
    Effect.gen(function* () {
      const fake = yield* connect(sonarr, config, (sent) =>
        sent.path === "/api/v3/episodefile" ? files : sent.method === "GET" ? now : {}
      )
      const fate = yield* fake.connected.removal!.settleEntry!(seasonOne, choice, { addImportExclusion: false })
      return { fake, fate, changed: fake.sent.filter((sent) => sent.method !== "GET") }
    })

  it.effect("is taken off the list without deleting anything, with an exclusion as the option says", () =>
    Effect.gen(function* () {
      const { changed, fate } = yield* settle("remove", empty())
      assert.deepStrictEqual(fate, { _tag: "Removed" })
      assert.deepStrictEqual(
        changed.map((sent) => [`${sent.method} ${sent.path}`, Object.fromEntries(sent.query)]),
        [["DELETE /api/v3/series/5", { deleteFiles: "false", addImportListExclusion: "false" }]]
      )
    })
  )

  it.effect("is no longer monitored, and nothing else of it changes", () =>
    Effect.gen(function* () {
      const before = empty()
      const { changed, fate } = yield* settle("unmonitor", before)
      assert.deepStrictEqual(fate, { _tag: "Unmonitored" })
      assert.deepStrictEqual(
        changed.map((sent) => [sent.method, sent.body]),
        [["PUT", { ...before, monitored: false }]]
      )
      assert.deepStrictEqual(
        (yield* settle("unmonitor", empty({ monitored: false }))).changed,
        [],
        "asked again it sends nothing"
      )
    })
  )

  const kept: ReadonlyArray<[name: string, now: unknown, files: ReadonlyArray<unknown>, reason: RegExp]> = [
    ["continues", empty({ status: "continuing" }), [], /has not ended/],
    ["has a status that is not known", empty({ status: "hiatus" }), [], /has not ended/],
    [
      "still has files by its figures",
      empty({ statistics: { episodeFileCount: 1, sizeOnDisk: 1 } }),
      [],
      /still has files/
    ],
    ["still has specials", empty({ seasons: [season(0, 2, { monitored: false }), gone(1)] }), [], /still has files/],
    ["still has files by their list", empty(), [{ id: 1, seasonNumber: 0 }], /still has files/],
    ["does not tell of its files", empty({ statistics: null }), [], /does not say/],
    [
      "has another season that is wanted",
      empty({ seasons: [gone(1), gone(2, { monitored: true })] }),
      [],
      /season 2 is still wanted/
    ],
    ["is another show by now", empty({ tvdbId: 1, tmdbId: 2, imdbId: "tt3" }), [], /another show/],
    ["is no longer listed", undefined, [], /no longer lists/]
  ]
  for (const [name, now, files, reason] of kept) {
    for (const choice of ["unmonitor", "remove"] as const) {
      it.effect(`stays when the show ${name} (${choice})`, () =>
        Effect.gen(function* () {
          const { changed, fate } = yield* settle(choice, now, files)
          assert.deepStrictEqual(changed, [])
          assert.strictEqual(fate._tag, "Kept")
          if (fate._tag === "Kept") assert.match(fate.reason, reason)
        })
      )
    }
  }

  it.effect("comes back with the season, and with none of the others", () =>
    Effect.gen(function* () {
      const before = yield* connect(sonarr, config, () => series(5))
      const presence = yield* before.connected.removal!.presence(seasonOne)
      const data: unknown = presence._tag === "Present" ? JSON.parse(JSON.stringify(presence.restore)) : undefined
      const fake = yield* connect(sonarr, config, (sent) => {
        switch (`${sent.method} ${sent.path}`) {
          case "GET /api/v3/system/status":
            return status("Sonarr")
          case "GET /api/v3/series":
          case "GET /api/v3/importlistexclusion":
            return []
          case "POST /api/v3/series":
            return Response.json({ id: 88 }, { status: 201 })
          default:
            return undefined
        }
      })
      assert.deepStrictEqual(yield* fake.connected.removal!.restore(data), { externalId: "88:s1" })
      const body = fake.sent.find((sent) => sent.method === "POST")?.body
      assert.deepNestedInclude(body, { tvdbId: 1005, monitored: true })
      assert.deepInclude(body, {
        seasons: [0, 1, 2, 3].map((seasonNumber) => ({ seasonNumber, monitored: seasonNumber === 1 }))
      })
    })
  )

  it.effect("is monitored again when a season comes back to it", () =>
    Effect.gen(function* () {
      const before = yield* connect(sonarr, config, () => series(5))
      const presence = yield* before.connected.removal!.presence(seasonOne)
      const fake = yield* connect(sonarr, config, (sent) => (sent.method === "GET" ? empty({ monitored: false }) : {}))
      yield* fake.connected.removal!.restore(presence._tag === "Present" ? presence.restore : null)
      const put = fake.sent.find((sent) => sent.method === "PUT")?.body
      assert.deepInclude(put, { monitored: true })
    })
  )
})

describe("sonarr's restore", () => {
  const keptOf = (target: RemovalTarget, changes: Record<string, unknown> = {}) =>
    Effect.gen(function* () {
      const fake = yield* connect(sonarr, config, () => series(5, changes))
      const presence = yield* fake.connected.removal!.presence(target)
      const kept: unknown = presence._tag === "Present" ? JSON.parse(JSON.stringify(presence.restore)) : undefined
      return kept
    })

  it.effect("adds a show again with the seasons that were wanted, and starts a search", () =>
    Effect.gen(function* () {
      const kept = yield* keptOf(show, { monitorNewItems: "none", languageProfileId: 1 })
      const fake = yield* connect(sonarr, config, (sent) => {
        switch (`${sent.method} ${sent.path}`) {
          case "GET /api/v3/series":
            return []
          case "GET /api/v3/importlistexclusion":
            return [
              { id: 1, tvdbId: 1005, title: "Show 5" },
              { id: 2, tvdbId: 6, title: "Other" }
            ]
          case "POST /api/v3/series":
            return Response.json({ id: 88 }, { status: 201 })
          default:
            return {}
        }
      })
      assert.deepStrictEqual(yield* fake.connected.removal!.restore(kept), { externalId: "88" })
      assert.deepStrictEqual(fake.calls(), [
        "GET /api/v3/series",
        "GET /api/v3/importlistexclusion",
        "DELETE /api/v3/importlistexclusion/1",
        "POST /api/v3/series"
      ])
      assert.deepStrictEqual(fake.sent[3]?.body, {
        tvdbId: 1005,
        title: "Show 5",
        year: 2010,
        qualityProfileId: 4,
        languageProfileId: 1,
        rootFolderPath: "/data/tv",
        monitored: true,
        monitorNewItems: "none",
        seasonFolder: true,
        seriesType: "standard",
        tags: [1, 99],
        seasons: [
          { seasonNumber: 0, monitored: true },
          { seasonNumber: 1, monitored: true },
          { seasonNumber: 2, monitored: true },
          { seasonNumber: 3, monitored: false }
        ],
        addOptions: { searchForMissingEpisodes: true }
      })
    })
  )

  it.effect("wants a season again and searches for it", () =>
    Effect.gen(function* () {
      const kept = yield* keptOf(seasonOne)
      const now = series(5, { seasons: [season(1, 0, { monitored: false }), season(3, 4)] })
      const fake = yield* connect(sonarr, config, (sent) => (sent.method === "GET" ? now : {}))
      assert.deepStrictEqual(yield* fake.connected.removal!.restore(kept), { externalId: "5:s1" })
      const changes = fake.sent.filter((sent) => sent.method !== "GET")
      assert.deepStrictEqual(
        changes.map((sent) => `${sent.method} ${sent.path}`),
        ["PUT /api/v3/series/5", "POST /api/v3/command"]
      )
      assert.deepStrictEqual(changes[0]?.body, { ...now, seasons: [season(1, 0, { monitored: true }), season(3, 4)] })
      assert.deepStrictEqual(changes[1]?.body, { name: "SeasonSearch", seriesId: 5, seasonNumber: 1 })
    })
  )

  it.effect("does not touch another show that took the number of the old one", () =>
    Effect.gen(function* () {
      const kept = yield* keptOf(seasonOne)
      const fake = yield* connect(sonarr, config, () => series(5, { tvdbId: 31337 }))
      const error = yield* Effect.flip(fake.connected.removal!.restore(kept))
      assert.include(error.detail, "another show")
      assert.isTrue(fake.sent.every((sent) => sent.method === "GET"))
    })
  )
})
