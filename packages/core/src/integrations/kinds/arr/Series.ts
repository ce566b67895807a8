/** The family of applications that manage series by seasons. */
import type { ArrFamily } from "./ArrKind.ts"
import { readSeries, type SeriesIds } from "./SeriesCatalog.ts"
import { seriesRemoval } from "./SeriesRemoval.ts"

export const seriesFamily = (idsOf: SeriesIds): ArrFamily => ({
  itemKinds: ["show", "season"],
  capabilities: [],
  // series, tag, qualityprofile
  catalogCalls: 3,
  readCatalog: (access, progress) => readSeries(access, idsOf, progress),
  removal: (access) => seriesRemoval(access, idsOf)
})
