/** The family of applications that manage series by seasons. */
import { Effect } from "effect"
import type { ArrFamily } from "./ArrKind.ts"
import { entryChanges } from "./EntryChanges.ts"
import { seriesOrigins } from "./Origins.ts"
import { arrQueue } from "./Queue.ts"
import { seriesQueue } from "./QueueTerms.ts"
import { isNumericId, numericId } from "./Restore.ts"
import { readSeries, rereadSeries, Series, type SeriesIds } from "./SeriesCatalog.ts"
import { seriesContents } from "./SeriesContents.ts"
import { seriesRemoval } from "./SeriesRemoval.ts"

export type { SeriesIds } from "./SeriesCatalog.ts"

/**
 * For applications whose library is `GET series`, such as Sonarr. Items are shows, their seasons that have files, and the
 * episodes that have files of chosen shows; specials are a season. `idsOf` builds typed ids from the ids of a series; seasons have those of their show.
 */
export const seriesFamily = (idsOf: SeriesIds): ArrFamily => ({
  itemKinds: ["show", "season", "episode"],
  capabilities: [],
  // series, tag, qualityprofile
  listCalls: 3,
  // series, tag, qualityprofile, history
  rereadCalls: 4,
  // of a show: series, episode, importlistexclusion; of an episode: it, series, its file, its season, queue
  presenceCalls: 5,
  readsHistory: true,
  facts: seriesOrigins,
  // The application has no images of seasons.
  covers: ({ key }) => (isNumericId(key) ? [`${key}/poster.jpg`] : []),
  readCatalog: (access, progress, odd) => readSeries(access, idsOf, progress, odd),
  rereadItem: (access, target, odd) => rereadSeries(access, idsOf, target, odd, seriesContents(access)),
  removal: (access) => seriesRemoval(access, idsOf),
  contents: seriesContents,
  contentsCalls:
    "for rules about episodes one for each show: at first, after its figures have changed, and once in half the time after which a fact counts as unknown; for rules about files one more. Both of each show whose episodes are items",
  queue: (access) => arrQueue(access, seriesQueue),
  changes: (access) =>
    entryChanges(access, {
      kind: "show",
      path: "series",
      idsKey: "seriesIds",
      entry: Effect.fnUntraced(function* ({ externalId }) {
        const path = `${access.application.api}/series`
        const id = yield* numericId(externalId, access.integration, `GET ${path}`)
        const series = yield* access.upstream.get(`${path}/${id}`, Series)
        return { ...series, ids: idsOf(series) }
      }),
      search: (seriesId) => ({ name: "SeriesSearch", seriesId })
    })
})
