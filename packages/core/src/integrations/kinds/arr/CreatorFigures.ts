/** How many works and tracks a creator has, what is missing of them, and when works are released. */
import type { CatalogFactName, CatalogFacts, Untold } from "../../Observations.ts"
import { distinctTexts, isoOrNull, textOrNull } from "../Values.ts"
import type { Creator, Work } from "./CreatorTerms.ts"

type Figures = { readonly facts: CatalogFacts; readonly untold: Untold<CatalogFactName> }

/** The facts that depend on each count. */
export const countsOfField: Readonly<Record<string, ReadonlyArray<CatalogFactName>>> = {
  "statistics.albumCount": ["albumCount"],
  "statistics.trackCount": ["missingTracks"],
  "statistics.totalTrackCount": ["trackCount"],
  "statistics.bookCount": ["missingBooks"],
  "statistics.availableBookCount": ["missingBooks"],
  "statistics.totalBookCount": ["bookCount"]
}

export const figuresOfCreator = (creator: Creator, kind: "artist" | "author"): Figures => {
  const { ended, statistics } = creator
  const [last, next] = kind === "artist" ? [creator.lastAlbum, creator.nextAlbum] : [creator.lastBook, creator.nextBook]
  // It omits what does not exist, so that one of the two shows that it reports them.
  const isReported = last !== undefined || next !== undefined
  return knownOf({
    ended: typeof ended === "boolean" ? ended : undefined,
    latestReleaseAt: isReported ? isoOrNull(last?.releaseDate) : undefined,
    nextReleaseAt: isReported ? isoOrNull(next?.releaseDate) : undefined,
    ...(kind === "artist"
      ? { albumCount: statistics?.albumCount ?? undefined, ...tracksOf(creator, creator) }
      : {
          bookCount: statistics?.totalBookCount ?? undefined,
          missingBooks: missingOf(creator, statistics?.bookCount, statistics?.availableBookCount)
        })
  })
}

export const figuresOfWork = (work: Work, creator: Creator, kind: "album" | "book"): Figures =>
  kind === "album"
    ? knownOf({
        ...tracksOf(work, creator),
        albumTypes:
          work.albumType === undefined
            ? undefined
            : distinctTexts([work.albumType, ...(work.secondaryTypes ?? []).map(({ name }) => name)])
      })
    : knownOf({ bookSeries: work.seriesTitle === undefined ? undefined : seriesIn(work.seriesTitle) })

const tracksOf = ({ statistics }: Pick<Work, "statistics">, creator: Creator) => ({
  trackCount: statistics?.totalTrackCount ?? undefined,
  missingTracks: missingOf(creator, statistics?.trackCount, statistics?.fileCount)
})

/** Monitored and released, without a file. Nothing of a creator that is not monitored counts as monitored. */
const missingOf = (
  { monitored }: Creator,
  wanted: number | null | undefined,
  present: number | null | undefined
): number | undefined => {
  if (monitored === false) return 0
  return typeof wanted === "number" && typeof present === "number" ? Math.max(0, wanted - present) : undefined
}

/** `Discworld #3; Death #1` names two series. */
const seriesIn = (text: string | null): ReadonlyArray<string> =>
  distinctTexts((textOrNull(text) ?? "").split(/;\s/).map((one) => one.replace(/\s#[^#;]*$/, "")))

/** What the application does not report is unknown. */
const knownOf = (all: { readonly [N in keyof CatalogFacts]?: CatalogFacts[N] | undefined }): Figures => {
  const entries = Object.entries(all)
  const missing = entries.filter(([, value]) => value === undefined)
  return {
    facts: Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
    untold: Object.fromEntries(missing.map(([name]) => [name, "the application does not report it"]))
  }
}
