/** Episodes of shows and files of wholes: when they are read, what facts they give, and when those are unknown. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { RuleTrial } from "../../src/capacity/RuleTrial.ts"
import type { CatalogEpisode, WholeFile } from "../../src/integrations/Observations.ts"
import { UpstreamRefused, UpstreamUnreachable } from "../../src/integrations/UpstreamErrors.ts"
import { Contents } from "../../src/library/Contents.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import type { Condition } from "../../src/rules/Condition.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { leaf } from "../rules/Samples.ts"
import { connectFeed, Feeds, feedTest } from "./Feeds.ts"
import { playback, season, serverItem, show } from "./Samples.ts"

// The tests start on 2026-01-15.
const aired = "2025-06-01T20:00:00.000Z"
const later = "2025-12-01T20:00:00.000Z"
const coming = "2026-03-01T20:00:00.000Z"

const episode = (
  seasonNumber: number,
  number: number,
  given: Partial<CatalogEpisode> = {}
): CatalogEpisode => ({
  externalId: `${seasonNumber}0${number}`,
  seasonNumber,
  number,
  absoluteNumber: null,
  title: `Episode ${number}`,
  airsAt: aired,
  monitored: true,
  hasFile: true,
  fileId: `f${seasonNumber}0${number}`,
  ...given
})

const file = (whole: string, seasonNumber: number, number: number, given: Partial<WholeFile> = {}): WholeFile => ({
  fileId: `f${seasonNumber}0${number}`,
  partExternalId: `${whole}:s${seasonNumber}`,
  path: `/data/tv/${whole}/s${seasonNumber}e${number}.mkv`,
  sizeBytes: 100,
  quality: "WEBDL-1080p",
  releaseGroup: "GROUP",
  languages: ["English"],
  audioLanguages: ["eng"],
  subtitleLanguages: [],
  videoCodec: "x265",
  audioCodec: "AAC",
  addedAt: aired,
  customFormatScore: 10,
  cutoffMet: true,
  ...given
})

/** A show with two seasons, and one whose episodes do not say everything. */
const feedsOf = () => {
  const feeds = new Feeds()
  const manager = feeds.of("Manager")
  const first = show("1", ["tvdb:1"], { title: "Whole", contentsSign: "a", facts: { episodeCount: 3 } })
  const other = show("2", ["tvdb:2"], { title: "Vague", contentsSign: "a", facts: { episodeCount: 1 } })
  manager.catalog = [first, season(first, 1), season(first, 2), other, season(other, 1)]
  const vague = episode(1, 1)
  const { airsAt: _a, monitored: _m, ...untold } = vague
  manager.contents = {
    "1": {
      episodes: [
        episode(1, 1),
        episode(1, 2, { airsAt: later }),
        episode(2, 1, { airsAt: later }),
        episode(2, 2, { airsAt: coming, hasFile: false, fileId: null, monitored: false }),
        episode(2, 3, { airsAt: null, hasFile: false, fileId: null })
      ],
      files: [
        file("1", 1, 1, { cutoffMet: false, customFormatScore: 5, quality: "DVD", audioLanguages: ["jpn"] }),
        file("1", 1, 2),
        file("1", 2, 1, { addedAt: later, releaseGroup: null })
      ]
    },
    "2": { episodes: [untold], files: [file("2", 1, 1, { customFormatScore: undefined as never })] }
  }
  return feeds
}

const sync = Effect.flatMap(Sync, (service) => service.run())

const keep = (condition: Condition) =>
  Effect.flatMap(Rules, (rules) => rules.create({ name: "keep", enabled: true, effect: "always-keep", condition }))

/** The items for which a condition is true, and those for which it is unknown. Nothing is read for it. */
const truthOf = (condition: Condition) =>
  Effect.gen(function* () {
    const trial = yield* RuleTrial
    const titled = (truth: "true" | "unknown") =>
      Effect.map(trial.preview({ condition, truth }), ({ items }) =>
        items
          .map(({ title }) => title)
          .sort()
          .join(", ")
      )
    return [yield* titled("true"), yield* titled("unknown")]
  })

const readOf = (feeds: Feeds) => (feeds.of("Manager").contentsRead ?? []).splice(0)

describe("The contents of wholes", () => {
  it.effect("are facts of shows and of seasons", () =>
    Effect.gen(function* () {
      yield* connectFeed("manager", "Manager", { wholeShows: false })
      yield* sync
      const one = "Whole season 1"
      const two = "Whole season 2"
      const vague = "Vague season 1"
      const cases: ReadonlyArray<readonly [Condition, string, string]> = [
        [leaf("totalEpisodes", "equals", 3), two, ""],
        [leaf("airedEpisodes", "equals", 1), two, vague],
        [leaf("upcomingEpisodes", "equals", 2), two, vague],
        [leaf("monitoredEpisodes", "equals", 2), `${one}, ${two}`, vague],
        [leaf("absentEpisodes", "equals", 0), `${one}, ${two}`, vague],
        [leaf("nextAirsAt", "after", later), two, vague],
        [leaf("nextAirsAt", "isEmpty"), one, vague],
        [leaf("daysSinceLastAired", "<", 60), `${one}, ${two}`, vague],
        [leaf("latestSeasonNumber", "equals", 2), `${one}, ${two}`, vague],
        [leaf("laterSeasons", "equals", 0), two, vague],
        [leaf("laterSeasons", "equals", 1), one, vague],
        [leaf("fileCount", "equals", 2), one, ""],
        [leaf("fileQuality", "contains", "DVD"), one, ""],
        [leaf("cutoffMet", "equals", false), one, ""],
        [leaf("cutoffMet", "equals", true), `${vague}, ${two}`, ""],
        [leaf("lowestCustomFormatScore", "equals", 5), one, vague],
        [leaf("customFormatScore", "equals", 10), two, `${vague}, ${one}`],
        [leaf("audioLanguages", "contains", "jpn"), one, ""],
        [leaf("videoCodecs", "contains", "x265"), `${vague}, ${one}, ${two}`, ""],
        [leaf("newestFileAt", "after", aired), two, ""],
        [leaf("filePaths", "contains", "s1e2"), one, ""],
        [leaf("releaseGroups", "isEmpty"), two, ""]
      ]
      for (const [condition, yes, unknown] of cases) {
        assert.deepStrictEqual(yield* truthOf(condition), [yes, unknown], JSON.stringify(condition))
      }
    }).pipe(Effect.provide(feedTest(feedsOf())))
  )
})
