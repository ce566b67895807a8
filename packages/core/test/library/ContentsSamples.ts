/** Episodes and files for the tests of the contents of wholes, and short ways to read what is known of them. */
import { Effect } from "effect"
import { sheetOf } from "../../src/capacity/Decision.ts"
import { Engine } from "../../src/capacity/Engine.ts"
import type { CatalogEpisode, WholeFile } from "../../src/integrations/Observations.ts"
import type { FactName } from "../../src/library/Facts.ts"
import { Sync } from "../../src/library/Sync.ts"
import type { Condition } from "../../src/rules/Condition.ts"
import { Rules } from "../../src/rules/Rules.ts"

// The tests start on 2026-01-15.
export const aired = "2025-06-01T20:00:00.000Z"
export const later = "2025-12-01T20:00:00.000Z"
export const coming = "2026-03-01T20:00:00.000Z"

export const episode = (seasonNumber: number, number: number, given: Partial<CatalogEpisode> = {}): CatalogEpisode => ({
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

export const file = (
  whole: string,
  seasonNumber: number,
  number: number,
  given: Partial<WholeFile> = {}
): WholeFile => ({
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

export const sync = Effect.flatMap(Sync, (service) => service.run())

export const keep = (condition: Condition) =>
  Effect.flatMap(Rules, (rules) =>
    rules.create({ name: JSON.stringify(condition), enabled: true, effect: "always-keep", condition })
  )

/** A fact of each item, by title. */
export const factOf = (name: FactName) =>
  Effect.gen(function* () {
    const engine = yield* Engine
    const environment = yield* engine.environment
    const within = yield* engine.loaded(environment, environment.snapshot.items, [name])
    return Object.fromEntries(
      environment.snapshot.items.map((item) => {
        const fact = sheetOf(within, item).get(name)
        return [item.title, fact._tag === "Known" ? fact.value : fact._tag === "Unknown" ? `? ${fact.detail}` : "-"]
      })
    )
  })
