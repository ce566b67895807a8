/** What Sonarr reports about single seasons: their dates, episodes to come, and fields that cannot be read. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { sonarr } from "../../../src/integrations/kinds/sonarr.ts"
import { OddRecords } from "../../../src/integrations/OddRecords.ts"
import { type Answers, connect, read } from "../support/FakeUpstream.ts"
import { historyPage, imported, season, series } from "./ArrAnswers.ts"
import { config, library } from "./SonarrLibrary.ts"

describe("The dates of seasons", () => {
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

  it.effect("are those of their own newest file; a season without an import has none", () =>
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

  it.effect("come only from imports of the same show, in any order", () =>
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
      "has a record without a readable date",
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
    it.effect(`are unknown if the history ${name}, and the library is still read`, () =>
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

describe("Episodes to come", () => {
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

  /** The facts of the first season with files, and the names of unknown ones. */
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
      "a season whose remaining episodes are not monitored",
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
      "a season before one that is not monitored",
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
        const read = yield* factsOf(status, seasons)
        assert.deepStrictEqual(read.facts, facts)
        assert.deepStrictEqual(read.untold, open.toSorted())
      })
    )
  }

  it.effect("are not missing from a show that is not monitored", () =>
    Effect.gen(function* () {
      const read = yield* factsOf("continuing", [one(1, figures(4, 9, 10, aired))], { monitored: false })
      assert.strictEqual(read.facts[0], 0)
    })
  )

  it.effect("of all seasons count as missing from their show, which is on air with any of its seasons", () =>
    Effect.gen(function* () {
      const seasons = [one(1, figures(8, 10, 10, aired)), one(2, figures(1, 2, 10, { ...aired, ...ahead }))]
      const { show } = yield* factsOf("continuing", seasons)
      assert.deepInclude(show, { missingEpisodes: 3, unairedEpisodes: 8, onAir: true })
      assert.isFalse("latestSeason" in (show ?? {}))
    })
  )
})

describe("Faulty fields of a series", () => {
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
      "tags as text make the tags of all its parts unknown",
      { tags: [1, "keep"], seasons: seasons({}) },
      [
        ["5", "tags"],
        ["5:s1", "tags"],
        ["5:s2", "tags"]
      ]
    ],
    [
      "a new status makes the status unknown, and whether the show has ended",
      { status: "hiatus", seasons: seasons({}) },
      [
        ["5", "ended", "showStatus"],
        ["5:s1", "ended", "showStatus"],
        ["5:s2", "ended", "showStatus"]
      ]
    ],
    [
      "a new status beside the flag makes only the status unknown",
      { status: "hiatus", ended: false, seasons: seasons({}) },
      [
        ["5", "showStatus"],
        ["5:s1", "showStatus"],
        ["5:s2", "showStatus"]
      ]
    ],
    [
      "no type makes the type unknown",
      { seriesType: null, seasons: seasons({}) },
      [
        ["5", "seriesType"],
        ["5:s1", "seriesType"],
        ["5:s2", "seriesType"]
      ]
    ],
    [
      "a season's flag as text makes it unknown for that season, and the count of its show",
      { seasons: seasons({ monitored: "half" }) },
      [["5", "monitoredSeasons"], ["5:s1", "monitored"], ["5:s2"]]
    ],
    [
      "a season's size as text makes it unknown for that season and the show",
      { seasons: seasons({ statistics: { ...figures, sizeOnDisk: "big" } }) },
      [["5", "sizeBytes"], ["5:s1", "sizeBytes"], ["5:s2"]]
    ],
    [
      "numbers as text are accepted",
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
      "a season without file counts",
      { seasons: seasons({ statistics: { episodeFileCount: "x", sizeOnDisk: null } }) },
      ["5", "5:s2"]
    ],
    ["seasons that are no list", { seasons: "two" }, ["5"]]
  ]
  for (const [name, changes, left] of lost) {
    it.effect(`${name} is counted, so that existing items do not vanish`, () =>
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

  it.effect("the latest season is unknown if one season cannot be read", () =>
    Effect.gen(function* () {
      const { items } = yield* readOdd(series(5, { seasons: [season(1, 10), { ...season(2, 0), seasonNumber: null }] }))
      assert.isDefined(items[1]?.untold?.latestSeason)
    })
  )
})
