/** The family of applications that manage series by seasons. */
import type { ArrFamily } from "./ArrKind.ts"
import { readSeries, type SeriesIds } from "./SeriesCatalog.ts"
import { seriesRemoval } from "./SeriesRemoval.ts"

/**
 * For an application whose library is `GET series`, as Sonarr's. Items are shows and their seasons that have files.
 * `idsOf` makes typed ids of the numbers that a series carries; seasons have those of their show.
 */
export const seriesFamily = (idsOf: SeriesIds): ArrFamily => ({
  itemKinds: ["show", "season"],
  capabilities: [],
  // series, tag, qualityprofile
  catalogCalls: 3,
  readCatalog: (access, progress) => readSeries(access, idsOf, progress),
  removal: (access) => seriesRemoval(access, idsOf)
})
