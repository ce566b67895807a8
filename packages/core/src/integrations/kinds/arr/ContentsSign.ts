/** How the lists show that the episodes or files of a whole have changed. */
import { hash } from "node:crypto"
import type { CatalogItem } from "../../Observations.ts"
import type { OddRecords } from "../../OddRecords.ts"
import type { Creator, Work } from "./CreatorTerms.ts"
import type { Series } from "./SeriesCatalog.ts"

type ContentsSign = Pick<CatalogItem, "contentsSign">

/**
 * From the identity, counts, sizes and dates of the list, and from what its files are judged by: the id of a show may be
 * given to another one.
 */
export const signOfSeries = (series: Series, odd: OddRecords): ContentsSign => {
  const { monitored, nextAiring, path, qualityProfileId, seasons, statistics, tvdbId } = series
  return signOf(
    odd,
    series,
    ["statistics", "seasons", "nextAiring", "monitored", "qualityProfileId", "path"],
    [tvdbId, monitored, nextAiring, path, qualityProfileId, statistics, seasons]
  )
}

/** From the counts and sizes of the lists, and from what the files are judged by. */
export const signOfCreator = (creator: Creator, works: ReadonlyArray<Work>, odd: OddRecords): ContentsSign => {
  const { foreignId, path, qualityProfileId, statistics } = creator
  return works.some((work) => odd.fieldsOf(work).some((field) => field.path.startsWith("statistics")))
    ? {}
    : signOf(
        odd,
        creator,
        ["statistics", "qualityProfileId", "path"],
        [
          foreignId,
          path,
          qualityProfileId,
          filesIn(statistics),
          works.map((work) => [work.id, filesIn(work.statistics)])
        ]
      )
}

/** Without the counts of works and tracks, which do not change the files. */
const filesIn = (statistics: Work["statistics"]) =>
  statistics === null || statistics === undefined
    ? statistics
    : { fileCount: statistics.fileCount, sizeOnDisk: statistics.sizeOnDisk }

/**
 * The sign from what a record says about its contents. A record without one of these `fields` has none: a change might
 * not show.
 */
const signOf = (
  odd: OddRecords,
  row: object,
  fields: ReadonlyArray<string>,
  reported: ReadonlyArray<unknown>
): ContentsSign =>
  odd.fieldsOf(row).some(({ path }) => fields.includes(/^[^.[]+/.exec(path)?.[0] ?? ""))
    ? {}
    : { contentsSign: hash("sha1", JSON.stringify(reported), "base64") }
