/** The places of episodes in their show: rank, and whether they are the last ones. */
import { assert, describe, it } from "@effect/vitest"
import { episodeItems } from "../../../src/integrations/kinds/arr/SeriesEpisodes.ts"
import type { CatalogEpisode, CatalogFacts, CatalogItem, Untold } from "../../../src/integrations/Observations.ts"
import { aired, coming, episode, file, later } from "../../library/ContentsSamples.ts"
import { show } from "../../library/Samples.ts"

const now = "2026-01-15T00:00:00.000Z"

const itemsOf = (
  episodes: ReadonlyArray<CatalogEpisode>,
  facts: CatalogFacts = {},
  untold: Untold<"showStatus"> = {}
): ReadonlyArray<CatalogItem> => {
  const whole: CatalogItem = { ...show("1", ["tvdb:1"], { title: "Daily", facts }), untold }
  const files = episodes.map(({ number, seasonNumber }) => file("1", seasonNumber, number ?? 0))
  return episodeItems(whole, { episodes, files }, now)
}

type PlaceFact = "episodeRank" | "episodeRankInSeason" | "seasonFinale" | "seriesFinale"

/** A fact of each episode, by season and number; `?` = unknown. */
const factsOf = (name: PlaceFact, ...given: Parameters<typeof itemsOf>) =>
  Object.fromEntries(
    itemsOf(...given).map((item) => [
      `${item.facts.seasonNumber}x${item.facts.episodeNumber}`,
      item.untold?.[name] === undefined ? item.facts[name] : "?"
    ])
  )

const dated = (season: number, number: number, airsAt: string | null, given: Partial<CatalogEpisode> = {}) =>
  episode(season, number, { airsAt, ...given })

const without = { hasFile: false, fileId: null } as const

describe("The rank of an episode", () => {
  const three = [dated(1, 1, aired), dated(1, 2, later), dated(2, 1, later)]
  const cases: ReadonlyArray<readonly [string, ReadonlyArray<CatalogEpisode>, object, object]> = [
    [
      "is counted from the newest one that has aired and has a file",
      [...three, dated(2, 2, later, without), dated(2, 3, coming, without)],
      { "1x1": 3, "1x2": 2, "2x1": 1 },
      { "1x1": 2, "1x2": 1, "2x1": 1 }
    ],
    [
      "does not count specials, which have none",
      [...three, dated(0, 1, later)],
      { "1x1": 3, "1x2": 2, "2x1": 1, "0x1": null },
      { "1x1": 2, "1x2": 1, "2x1": 1, "0x1": null }
    ],
    [
      "is not known of an episode that has not aired, and others keep theirs",
      [...three, dated(2, 2, coming)],
      { "1x1": 3, "1x2": 2, "2x1": 1, "2x2": "?" },
      { "1x1": 2, "1x2": 1, "2x1": 1, "2x2": "?" }
    ],
    [
      "is not known if one with a file has no date, in the season and in the show",
      [...three, dated(2, 2, null)],
      { "1x1": "?", "1x2": "?", "2x1": "?", "2x2": "?" },
      { "1x1": 2, "1x2": 1, "2x1": "?", "2x2": "?" }
    ],
    [
      "follows the numbers of episodes that aired together",
      [dated(1, 2, aired), dated(1, 1, aired), dated(1, 10, aired)],
      { "1x1": 3, "1x2": 2, "1x10": 1 },
      { "1x1": 3, "1x2": 2, "1x10": 1 }
    ]
  ]
  for (const [how, episodes, inShow, inSeason] of cases) {
    it(how, () => {
      assert.deepStrictEqual(factsOf("episodeRank", episodes), inShow)
      assert.deepStrictEqual(factsOf("episodeRankInSeason", episodes), inSeason)
    })
  }
})

describe("The last episode", () => {
  const listed = [dated(1, 1, aired), dated(1, 2, aired), dated(2, 1, later), dated(2, 2, coming, without)]
  const status = (showStatus: string | null) => ({ showStatus })
  const cases: ReadonlyArray<readonly [string, Parameters<typeof itemsOf>, object, object]> = [
    [
      "of a season is known once the next season has begun",
      [listed, status("continuing")],
      { "1x1": false, "1x2": true, "2x1": false },
      { "1x1": false, "1x2": false, "2x1": false }
    ],
    [
      "of the latest season is not known while more may follow",
      [listed.slice(0, 3), status("continuing")],
      { "1x1": false, "1x2": true, "2x1": "?" },
      { "1x1": false, "1x2": false, "2x1": false }
    ],
    [
      "of a show that has ended is the last one of both",
      [listed.slice(0, 3), status("ended")],
      { "1x1": false, "1x2": true, "2x1": true },
      { "1x1": false, "1x2": false, "2x1": true }
    ],
    [
      "of a show whose status cannot be read is not known",
      [listed.slice(0, 3), status("ended"), { showStatus: "odd" }],
      { "1x1": false, "1x2": true, "2x1": "?" },
      { "1x1": false, "1x2": false, "2x1": "?" }
    ],
    [
      "is the one that the application names",
      [[dated(1, 1, aired), dated(1, 2, later, { finale: "season" })], status("continuing")],
      { "1x1": false, "1x2": true },
      { "1x1": false, "1x2": false }
    ]
  ]
  for (const [how, given, ofSeason, ofSeries] of cases) {
    it(how, () => {
      assert.deepStrictEqual(factsOf("seasonFinale", ...given), ofSeason)
      assert.deepStrictEqual(factsOf("seriesFinale", ...given), ofSeries)
    })
  }
})

describe("An episode as an item", () => {
  it("has its own file, flag and dates, and what its show has", () => {
    const [item] = itemsOf([dated(2, 5, later, { title: "Guest" })], { monitored: true, tags: ["news"] })
    assert.deepInclude(item, {
      externalId: "1:e205",
      kind: "episode",
      parentExternalId: "1",
      title: "Daily - S02E05 - Guest",
      ids: ["tvdb:1"],
      sizeBytes: 100,
      filePath: "/data/tv/1/s2e5.mkv"
    })
    assert.deepInclude(item?.facts, {
      seasonNumber: 2,
      episodeNumber: 5,
      monitored: true,
      tags: ["news"],
      releasedAt: later,
      addedAt: aired
    })
  })

  it("is none without a file, and is named by its day without a number", () => {
    assert.deepStrictEqual(itemsOf([dated(1, 1, aired, without)]), [])
    const [item] = itemsOf([dated(1, 1, later, { number: null, title: null })])
    assert.strictEqual(item?.title, "Daily - 2025-12-01")
  })

  it("does not say its size if the list of files lacks its file", () => {
    const whole = show("1", ["tvdb:1"], { title: "Daily" })
    const [item] = episodeItems(whole, { episodes: [episode(1, 1)], files: [] }, now)
    assert.isString(item?.untold?.sizeBytes)
  })
})
