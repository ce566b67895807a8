/** The episodes of a series that have a file, as items: their places in the show, and the facts of their files. */
import type {
  CatalogEpisode,
  CatalogFactName,
  CatalogFacts,
  CatalogItem,
  Contents,
  Untold,
  WholeFile
} from "../../Observations.ts"
import { both, leaving } from "./Parts.ts"

/** The external id of an episode. */
export const episodeExternalId = (series: string, episode: string): string => `${series}:e${episode}`

/** As `ContentsReading.items`. */
export const episodeItems = (show: CatalogItem, contents: Contents, at: string): ReadonlyArray<CatalogItem> => {
  const files = new Map(contents.files.map((file) => [file.fileId, file]))
  const places = placesOf(show, contents.episodes, at)
  const last = new Map<number, number>()
  for (const { number, seasonNumber } of contents.episodes) {
    last.set(seasonNumber, Math.max(last.get(seasonNumber) ?? 0, number ?? 0))
  }
  return contents.episodes.flatMap((episode) => {
    if (episode.hasFile === false || episode.fileId === null) return []
    const file = files.get(episode.fileId)
    const lastNumberInSeason = last.get(episode.seasonNumber) ?? 0
    return [{ ...itemOf(show, episode, file, places(episode)), lastNumberInSeason }]
  })
}

const itemOf = (show: CatalogItem, episode: CatalogEpisode, file: WholeFile | undefined, place: Place): CatalogItem => {
  const monitored = both(show.facts.monitored, episode.monitored)
  const addedAt = file?.addedAt ?? null
  const unlisted = "the list of files does not contain its file"
  const path = file?.path ?? null
  return {
    externalId: episodeExternalId(show.externalId, episode.externalId),
    kind: "episode",
    parentExternalId: show.externalId,
    title: titleOfEpisode(show.title, episode),
    wholeTitle: show.title,
    sortTitle: `${show.sortTitle ?? show.title} ${padded(episode.seasonNumber, 4)} ${padded(episode.number ?? 0, 5)}`,
    year: show.year,
    ids: show.ids,
    path: show.path,
    filePath: path,
    files: file === undefined ? [] : [file],
    rootFolder: show.rootFolder,
    sizeBytes: file?.sizeBytes ?? 0,
    posterUrl: show.posterUrl,
    collections: show.collections,
    ...leaving(
      {
        ...Object.fromEntries(ofShow.flatMap((name) => (name in show.facts ? [[name, show.facts[name]]] : []))),
        seasonNumber: episode.seasonNumber,
        episodeNumber: episode.number,
        monitored,
        ...(episode.airsAt === undefined ? {} : { releasedAt: episode.airsAt }),
        ...(addedAt === null ? {} : { addedAt, fileAddedAt: addedAt }),
        ...place.facts
      },
      {
        ...inherited(show.untold),
        ...(typeof episode.monitored === "boolean" ? {} : { monitored: "it does not say whether it is monitored" }),
        ...(episode.airsAt === undefined ? { releasedAt: "its air date cannot be read" } : {}),
        ...(file === undefined ? { sizeBytes: unlisted, addedAt: unlisted, fileAddedAt: unlisted } : {}),
        ...(file !== undefined && file.sizeBytes === null
          ? { sizeBytes: "the application does not report the size of its file" }
          : {}),
        ...place.untold
      }
    )
  }
}

/** Facts that an episode takes from its show. */
const ofShow = [
  "qualityProfile",
  "tags",
  "genres",
  "rating",
  "language",
  "showStatus",
  "seriesType",
  "studio",
  "runtimeMinutes",
  "contentRating"
] as const satisfies ReadonlyArray<keyof CatalogFacts>

const taken: ReadonlySet<string> = new Set([...ofShow, "monitored", "year", "path", "rootFolder", "collections"])

const inherited = (untold: Untold<CatalogFactName> = {}): Untold<CatalogFactName> =>
  Object.fromEntries(Object.entries(untold).filter(([name]) => taken.has(name)))

/** `The Show - S02E05 - The Title`; without a number, its date takes the place of the number. */
export const titleOfEpisode = (
  show: string,
  { airsAt, number, seasonNumber, title }: Pick<CatalogEpisode, "airsAt" | "number" | "seasonNumber" | "title">
): string => {
  const place =
    number === null
      ? (airsAt?.slice(0, 10) ?? `S${padded(seasonNumber, 2)}`)
      : `S${padded(seasonNumber, 2)}E${padded(number, 2)}`
  return [show, place, ...(title === null ? [] : [title])].join(" - ")
}

const padded = (value: number, digits: number): string => String(value).padStart(digits, "0")

type PlaceFact = "episodeRank" | "episodeRankInSeason" | "seasonFinale" | "seriesFinale"

/** Where an episode is among the others of its show. */
interface Place {
  readonly facts: Pick<CatalogFacts, PlaceFact>
  readonly untold: Untold<PlaceFact>
}

const isRegular = ({ seasonNumber }: CatalogEpisode): boolean => seasonNumber > 0

const placesOf = (
  show: CatalogItem,
  all: ReadonlyArray<CatalogEpisode>,
  at: string
): ((one: CatalogEpisode) => Place) => {
  const regular = all.filter(isRegular)
  const inShow = ranksOf(regular, at)
  const inSeason = new Map<number, Ranks>()
  for (const season of new Set(regular.map(({ seasonNumber }) => seasonNumber))) {
    const own = regular.filter(({ seasonNumber }) => seasonNumber === season)
    inSeason.set(season, ranksOf(own, at))
  }
  const finales = finalesOf(show, regular, at)
  return (episode) => {
    // Specials are not part of the order.
    if (!isRegular(episode)) {
      return {
        facts: { episodeRank: null, episodeRankInSeason: null, seasonFinale: false, seriesFinale: false },
        untold: {}
      }
    }
    const values = {
      episodeRank: rankIn(inShow, episode),
      episodeRankInSeason: rankIn(inSeason.get(episode.seasonNumber) ?? unordered, episode),
      ...finales(episode)
    }
    const facts: { [N in PlaceFact]?: number | boolean } = {}
    const untold: { [N in PlaceFact]?: string } = {}
    for (const name of Object.keys(values) as ReadonlyArray<PlaceFact>) {
      const value = values[name]
      if (typeof value === "string") untold[name] = value
      else if (value !== undefined) facts[name] = value
    }
    return { facts: facts as Place["facts"], untold }
  }
}

/** The ranks of the aired episodes with a file by id, or why they have none. */
type Ranks = ReadonlyMap<string, number> | string

const unordered = "an episode with a file has no air date that can be read, so that their order is not known"

/** Of episodes that aired at the same time, the one with the higher number is the newer one. */
const ranksOf = (episodes: ReadonlyArray<CatalogEpisode>, at: string): Ranks => {
  const filed = episodes.filter(({ fileId, hasFile }) => hasFile !== false && fileId !== null)
  if (filed.some(({ airsAt }) => typeof airsAt !== "string")) return unordered
  const aired = filed.filter(({ airsAt }) => typeof airsAt === "string" && airsAt <= at)
  return new Map(aired.toSorted(newestFirst).map(({ externalId }, index) => [externalId, index + 1]))
}

/** A file of an episode that has not aired yet has no rank. */
const rankIn = (ranks: Ranks, { externalId }: CatalogEpisode): number | string =>
  typeof ranks === "string" ? ranks : (ranks.get(externalId) ?? "it has not aired yet")

const newestFirst = (one: CatalogEpisode, other: CatalogEpisode): number =>
  (other.airsAt ?? "").localeCompare(one.airsAt ?? "") || inOrder(other, one)

const inOrder = (one: CatalogEpisode, other: CatalogEpisode): number =>
  one.seasonNumber - other.seasonNumber ||
  (one.number ?? 0) - (other.number ?? 0) ||
  (one.airsAt ?? "").localeCompare(other.airsAt ?? "")

const mayContinue = "it is the last one that is listed, and more episodes of its season may follow"
const mayGoOn = "it is the last one that is listed, and the application does not say whether the show has ended"

/**
 * The last listed episode of a season is its finale if a later season has begun or the show has ended, or if the
 * application says so. Otherwise more episodes may be announced.
 */
const finalesOf = (show: CatalogItem, regular: ReadonlyArray<CatalogEpisode>, at: string) => {
  const lastOf = new Map<number, CatalogEpisode>()
  for (const episode of regular) {
    const before = lastOf.get(episode.seasonNumber)
    if (before === undefined || inOrder(before, episode) < 0) lastOf.set(episode.seasonNumber, episode)
  }
  const begun = regular.filter(({ airsAt }) => typeof airsAt === "string" && airsAt <= at)
  const latestBegun = Math.max(0, ...begun.map(({ seasonNumber }) => seasonNumber))
  const latestListed = Math.max(0, ...lastOf.keys())
  const status = show.untold?.showStatus === undefined ? (show.facts.showStatus ?? null) : null
  const hasEnded = status === "ended" || status === "deleted"
  return (episode: CatalogEpisode): { readonly [N in "seasonFinale" | "seriesFinale"]: boolean | string } => {
    const isLast = lastOf.get(episode.seasonNumber) === episode
    const isLastOfAll = isLast && episode.seasonNumber === latestListed
    const over = hasEnded || episode.seasonNumber < latestBegun
    return {
      seasonFinale: episode.finale !== undefined || (isLast && (over || mayContinue)),
      seriesFinale:
        episode.finale === "series" || (isLastOfAll && (hasEnded ? true : status === null ? mayGoOn : false))
    }
  }
}
