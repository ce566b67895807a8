/**
 * The effect of faulty fields of a series: unknown facts of the show, unknown facts of one season, or a season that
 * cannot be read at all.
 */
import type { CatalogFactName, Untold } from "../../../Observations.ts"
import type { OddRecords } from "../../../OddRecords.ts"
import type { Series } from "../SeriesCatalog.ts"

export interface OddSeasons {
  /** Seasons that are missing in the list, or for which it is unknown whether they have files. */
  readonly lost: ReadonlyArray<string>
  /** By the index of a season in the list. */
  readonly untoldOf: (index: number) => Untold<CatalogFactName>
  readonly untoldOfShow: Untold<CatalogFactName>
}

export const oddSeasons = (odd: OddRecords, series: Series): OddSeasons => {
  const fields = odd.fieldsOf(series).filter(({ path }) => path.startsWith("seasons"))
  if (fields.length === 0) return none
  const lost: Array<string> = []
  const untold = new Map<number, { [N in CatalogFactName]?: string }>()
  const ofShow: { [N in CatalogFactName]?: string } = {}
  // If one of the elements is missing, the indices of the others have shifted: each faulty field may belong to any of
  // them.
  const moved = fields.some(({ path }) => /^seasons(\[\d+\])?$/.test(path))
  for (const { detail, path } of fields) {
    const [, place, field = ""] = /^seasons(?:\[(\d+)\])?\.?(.*)$/.exec(path) ?? []
    const reason = `the field ${path} could not be read (${detail})`
    if (field === "") {
      lost.push(`${path}: ${detail}`)
      for (const name of ["seasonCount", "monitoredSeasons", ...counted] as const) ofShow[name] = reason
      continue
    }
    const index = Number(place)
    const season = series.seasons?.[index]
    if (/^statistics(\.episodeFileCount)?$/.test(field) && !moved && (season?.statistics?.sizeOnDisk ?? 0) <= 0) {
      lost.push(`${path}: ${detail}`)
    }
    const indexes = moved ? [...(series.seasons ?? []).keys()] : [index]
    for (const at of indexes) {
      const one = untold.get(at) ?? {}
      for (const name of factsOfSeasonField[field] ?? []) one[name] = reason
      untold.set(at, one)
    }
    // The show's figures are at least the sums over its seasons.
    if (field.startsWith("statistics")) for (const name of factsOfSeasonField[field] ?? []) ofShow[name] ??= reason
  }
  return { lost, untoldOf: (index) => untold.get(index) ?? {}, untoldOfShow: ofShow }
}

const none: OddSeasons = { lost: [], untoldOf: () => ({}), untoldOfShow: {} }

const counted = ["missingEpisodes", "unairedEpisodes", "onAir"] as const

const factsOfSeasonField: Readonly<Record<string, ReadonlyArray<CatalogFactName>>> = {
  monitored: ["monitored"],
  statistics: ["sizeBytes", "episodeCount", ...counted],
  "statistics.episodeFileCount": ["episodeCount", "missingEpisodes"],
  "statistics.episodeCount": counted,
  "statistics.totalEpisodeCount": ["unairedEpisodes", "onAir"],
  "statistics.sizeOnDisk": ["sizeBytes"],
  "statistics.nextAiring": ["unairedEpisodes", "onAir"]
}

/** The facts that depend on each field of a series, for the show and for what its seasons take from it. */
export const showFactsOfField: Readonly<Record<string, ReadonlyArray<CatalogFactName>>> = {
  year: ["year"],
  path: ["path", "rootFolder"],
  rootFolderPath: ["rootFolder"],
  status: ["showStatus", "ended"],
  ended: ["ended"],
  seriesType: ["seriesType"],
  monitored: ["monitored", "missingEpisodes"],
  qualityProfileId: ["qualityProfile", "qualityProfileId"],
  tags: ["tags"],
  genres: ["genres"],
  added: ["addedAt"],
  firstAired: ["releasedAt"],
  nextAiring: ["onAir"],
  network: ["studio"],
  runtime: ["runtimeMinutes"],
  certification: ["contentRating"],
  originalLanguage: ["language"],
  ratings: ["rating", "ratingVotes"],
  "ratings.votes": ["ratingVotes"],
  seasons: [],
  statistics: ["seasonCount", "episodeCount", "sizeBytes", "missingEpisodes"],
  // Its seasons report the same, or leave it open.
  "statistics.episodeCount": [],
  "statistics.totalEpisodeCount": [],
  "statistics.seasonCount": ["seasonCount"],
  "statistics.episodeFileCount": ["episodeCount", "missingEpisodes"],
  "statistics.sizeOnDisk": ["sizeBytes"]
}
