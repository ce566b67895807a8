/**
 * What the list of series reveals about aired and upcoming episodes. Its counts are those of Sonarr's database:
 * `totalEpisodeCount` = all episodes; `episodeCount` = episodes with a file, and monitored episodes that have aired;
 * `nextAiring` = the next monitored one without a file; `previousAiring` = the last aired one among those that are
 * monitored or have a file. About unmonitored episodes without files it only reveals that they exist.
 */
import type { CatalogFacts, Untold } from "../../../Observations.ts"
import { isoOrNull } from "../../Values.ts"
import type { Season, Series } from "../SeriesCatalog.ts"

type Name = "missingEpisodes" | "unairedEpisodes" | "onAir"

/** The facts that the list contains, and why the others are unknown. */
export interface PartialFacts<N extends keyof CatalogFacts> {
  readonly facts: Pick<CatalogFacts, N>
  readonly untold: Untold<N>
}
export type Broadcast = PartialFacts<Name>

/** For one season. `incomplete` = some seasons of the list could not be read. */
export const broadcastOf = (series: Series, season: Season, incomplete: boolean): Broadcast => {
  const { episodeCount, episodeFileCount, nextAiring, totalEpisodeCount } = season.statistics ?? {}
  const ahead = isoOrNull(nextAiring) !== null
  const open = openEpisodes(episodeCount, totalEpisodeCount)
  const done =
    !ahead &&
    (open === 0 ||
      isOver(series) ||
      // Seasons air in order.
      (!incomplete &&
        season.seasonNumber > 0 &&
        regular(series).some((one) => isLater(one, season) && wasBroadcast(series, one) === true)))
  const unaired = done ? 0 : ahead && open !== null && (open === 1 || season.monitored === true) ? open : null
  return broadcastFacts(missingOf(series, episodeCount, episodeFileCount), unaired, ahead ? true : done ? false : null)
}

/** For the show. */
export const broadcastOfAll = (series: Series, seasons: ReadonlyArray<Broadcast>): Broadcast => {
  const { episodeCount, episodeFileCount, totalEpisodeCount } = series.statistics ?? {}
  const ahead = isoOrNull(series.nextAiring) !== null || seasons.some(({ facts }) => facts.onAir === true)
  const done =
    !ahead &&
    (isOver(series) ||
      openEpisodes(episodeCount, totalEpisodeCount) === 0 ||
      (seasons.length > 0 && seasons.every(({ facts }) => facts.onAir === false)))
  const counts = seasons.map(({ facts }) => facts.unairedEpisodes)
  const sum = counts.every((count) => typeof count === "number")
    ? counts.reduce<number>((all, count) => all + (count ?? 0), 0)
    : null
  return broadcastFacts(
    missingOf(series, episodeCount, episodeFileCount) ?? sumOfMissing(seasons),
    done ? 0 : seasons.length === 0 ? null : sum,
    ahead ? true : done ? false : null
  )
}

/** Whether no later season has aired. Specials are not part of the order. */
export const latestOf = (series: Series, number: number, incomplete: boolean): PartialFacts<"latestSeason"> => {
  if (number === 0) return { facts: {}, untold: {} }
  const later = regular(series)
    .filter((season) => season.seasonNumber > number)
    .map((season) => wasBroadcast(series, season))
  if (later.includes(true)) return { facts: { latestSeason: false }, untold: {} }
  if (!incomplete && later.every((broadcast) => broadcast === false))
    return { facts: { latestSeason: true }, untold: {} }
  return {
    facts: {},
    untold: { latestSeason: "the application does not report whether a later unmonitored season has aired" }
  }
}

const broadcastFacts = (missing: number | null, unaired: number | null, onAir: boolean | null): Broadcast => ({
  facts: {
    ...(missing === null ? {} : { missingEpisodes: missing }),
    ...(unaired === null ? {} : { unairedEpisodes: unaired }),
    ...(onAir === null ? {} : { onAir })
  },
  untold: {
    ...(missing === null ? { missingEpisodes: "the application does not count its episodes" } : {}),
    ...(unaired === null ? { unairedEpisodes: ofUnwanted } : {}),
    ...(onAir === null ? { onAir: ofUnwanted } : {})
  }
})

const ofUnwanted = "the application does not report the air dates of unmonitored episodes"

/** Whether a season has begun; `null` = it is not known, because its episodes are unmonitored. */
const wasBroadcast = (series: Series, { monitored, statistics }: Season): boolean | null => {
  const { episodeCount, episodeFileCount, nextAiring, previousAiring, totalEpisodeCount } = statistics ?? {}
  if ((episodeCount ?? 0) > 0 || (episodeFileCount ?? 0) > 0 || isoOrNull(previousAiring) !== null) return true
  if (statistics === undefined || statistics === null || totalEpisodeCount === 0) return false
  if (isOver(series) && isoOrNull(nextAiring) === null) return true
  return monitored === true && episodeCount === 0 ? false : null
}

/** Monitored and aired, without a file. In a show that is not monitored, no episode counts as monitored. */
const missingOf = (
  series: Series,
  counted: number | null | undefined,
  files: number | null | undefined
): number | null => {
  if (series.monitored === false) return 0
  return typeof counted === "number" && typeof files === "number" ? Math.max(0, counted - files) : null
}

const sumOfMissing = (seasons: ReadonlyArray<Broadcast>): number | null =>
  seasons.length > 0 && seasons.every(({ facts }) => typeof facts.missingEpisodes === "number")
    ? seasons.reduce((sum, { facts }) => sum + (facts.missingEpisodes ?? 0), 0)
    : null

/** Episodes without a file that are upcoming or unmonitored. */
const openEpisodes = (counted: number | null | undefined, total: number | null | undefined): number | null =>
  typeof counted === "number" && typeof total === "number" ? Math.max(0, total - counted) : null

const isOver = ({ status }: Series): boolean => /^(ended|deleted)$/i.test(status ?? "")

const regular = (series: Series): ReadonlyArray<Season> =>
  (series.seasons ?? []).filter((season) => season.seasonNumber > 0)

const isLater = (one: Season, other: Season): boolean => one.seasonNumber > other.seasonNumber
