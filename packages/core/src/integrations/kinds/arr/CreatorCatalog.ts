/**
 * Creators and their works as items, from the two lists and the import history. A work without files is not an item; a
 * creator without files is one. The folder of a work would cost one call per creator, so a work has the folder of its
 * creator, as a season has that of its show.
 */
import { Effect } from "effect"
import type { Progress, RemovalTarget } from "../../Kind.ts"
import type { CatalogFactName, CatalogFacts, CatalogItem, TypedId, Untold } from "../../Observations.ts"
import { type OddRecords, untoldOf } from "../../OddRecords.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { identified, orGone } from "../OneItem.ts"
import { forEachWithPauses } from "../../Pauses.ts"
import { folderOf, isoOrNull, positiveOrNull, textOrNull } from "../Values.ts"
import {
  type ArrAccess,
  idsUnlessOdd,
  longReadMillis,
  noFlag,
  type Names,
  posterOf,
  readNames,
  readRecord
} from "./Arr.ts"
import { signOfCreator } from "./ContentsSign.ts"
import { countsOfField, figuresOfCreator, figuresOfWork } from "./CreatorFigures.ts"
import type { Creator, CreatorTerms, Work } from "./CreatorTerms.ts"
import { type ImportDays, type ImportTerms, readImports, readImportsOf } from "./ImportHistory.ts"
import { both, dayOf, leaving, unmeasured, untoldDay } from "./Parts.ts"
import { numericId } from "./Restore.ts"

const importsOf = (terms: CreatorTerms): ImportTerms => ({
  eventType: terms.imported,
  eventNumber: 3,
  query: {},
  keysOf: (record) => {
    const creatorId = terms.creator === "artist" ? record.artistId : record.authorId
    const id = terms.work === "album" ? record.albumId : record.bookId
    if (typeof creatorId !== "number") return []
    return [String(creatorId), ...(typeof id === "number" ? [terms.externalIdOf({ creatorId, id })] : [])]
  }
})

export const readCreators = Effect.fn("Arr.readCreators")(function* (
  access: ArrAccess,
  terms: CreatorTerms,
  progress: Progress,
  odd: OddRecords
) {
  const { application, upstream } = access
  const { api } = application
  yield* progress(0, null)
  const request = { timeoutMillis: longReadMillis, odd }
  const creators = yield* upstream.getArray(`${api}/${terms.creator}`, terms.Creator, request)
  yield* progress(creators.length, null)
  const works = yield* upstream.getArray(`${api}/${terms.work}`, terms.Work, request)
  const names = yield* readNames(upstream, application, odd)
  const days = yield* readImports(access, importsOf(terms))
  const items = yield* itemsOfAll(creators, works, `GET ${api}/${terms.work}`, { terms, names, days, odd })
  yield* progress(creators.length + works.length, creators.length + works.length)
  return items
})

/** One creator with all its works, whichever of them is requested; empty if it is gone. */
export const rereadCreator = Effect.fn("Arr.rereadCreator")(function* (
  access: ArrAccess,
  terms: CreatorTerms,
  target: RemovalTarget,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<CatalogItem>, UpstreamError> {
  const { application, integration, probe, upstream } = access
  const [creators, works] = [`${application.api}/${terms.creator}`, `${application.api}/${terms.work}`]
  const { creatorId } = yield* creatorIdsIn(terms, target.externalId, integration, { creators, works })
  const path = `${creators}/${creatorId}`
  return yield* identified(integration, `GET ${path}`, odd, (own) =>
    Effect.gen(function* () {
      const creator = yield* orGone(readRecord(access, path, terms.Creator, own), probe)
      if (creator === null) return []
      const query = { [terms.creatorId]: creatorId }
      const found = yield* upstream.getArray(works, terms.Work, { query, timeoutMillis: longReadMillis, odd: own })
      const names = yield* readNames(upstream, application, own)
      const days = yield* readImportsOf(access, importsOf(terms), { path: terms.creator, query })
      return yield* itemsOfAll([creator], found, `GET ${works}`, { terms, names, days, odd: own })
    })
  )
})

/** The numbers in the external id of a creator, or of one of its works; `paths` name the calls, for errors. */
export const creatorIdsIn = Effect.fnUntraced(function* (
  terms: CreatorTerms,
  externalId: string,
  integration: string,
  paths: { readonly creators: string; readonly works: string }
) {
  const parts = terms.parse(externalId) ?? { creator: externalId, work: null }
  const creatorId = yield* numericId(parts.creator, integration, paths.creators)
  return { creatorId, workId: parts.work === null ? null : yield* numericId(parts.work, integration, paths.works) }
})

const itemsOfAll = Effect.fnUntraced(function* (
  creators: ReadonlyArray<Creator>,
  works: ReadonlyArray<Work>,
  call: string,
  reading: Reading
): Effect.fn.Return<ReadonlyArray<CatalogItem>> {
  const { odd, terms } = reading
  const byCreator = new Map<number, Array<Work>>()
  let position = 0
  yield* forEachWithPauses(works, (work) => {
    const at = position++
    if (filesUnreadable(work, terms, odd))
      return odd.noteUnidentified(call, at, `"${work.title}" does not say whether it has files`)
    if (filesOf(work) === 0 && sizeOf(work) <= 0) return
    const before = byCreator.get(work.creatorId)
    if (before === undefined) byCreator.set(work.creatorId, [work])
    else before.push(work)
  })
  const items: Array<CatalogItem> = []
  // A work whose creator was added between the two reads is left to the next reading: its tags are not known.
  yield* forEachWithPauses(creators, (creator) => {
    items.push(...itemsOf(creator, byCreator.get(creator.id) ?? [], reading))
  })
  return items
})

/** Whether the fields about its files could not be read. */
const filesUnreadable = (work: Work, { file }: CreatorTerms, odd: OddRecords): boolean =>
  sizeOf(work) <= 0 &&
  odd.fieldsOf(work).some(({ path }) => path === "statistics" || path === `statistics.${file}FileCount`)

export const idsOfCreator = (terms: CreatorTerms, { foreignId }: Creator): ReadonlyArray<TypedId> =>
  terms.creatorIds(foreignId ?? "")

export const idsOfWork = (terms: CreatorTerms, { foreignId }: Work): ReadonlyArray<TypedId> =>
  terms.workIds(foreignId ?? "")

export const filesOf = ({ statistics }: Pick<Work, "statistics">): number => statistics?.fileCount ?? 0

export const sizeOf = ({ statistics }: Pick<Work, "statistics">): number => statistics?.sizeOnDisk ?? 0

export const titleOfWork = (creator: string, work: Work): string => `${creator} - ${work.title}`

interface Reading {
  readonly terms: CreatorTerms
  readonly names: Names
  readonly days: ImportDays
  readonly odd: OddRecords
}

const itemsOf = (
  creator: Creator,
  works: ReadonlyArray<Work>,
  { days, names, odd, terms }: Reading
): ReadonlyArray<CatalogItem> => {
  const ratingOf = ({ ratings }: Pick<Work, "ratings">) => {
    const value = positiveOrNull(ratings?.value)
    const votes = value === null ? null : positiveOrNull(ratings?.votes)
    return { rating: value === null ? null : (value * 10) / terms.bestRating, ratingVotes: votes }
  }
  const fields = factsOfField(terms)
  const shared: CatalogFacts = {
    qualityProfile: names.qualityProfile(creator.qualityProfileId),
    qualityProfileId: creator.qualityProfileId ?? null,
    tags: names.tags(creator.tags)
  }
  const figures = figuresOfCreator(creator, terms.creator)
  const untold: Untold<CatalogFactName> = {
    ...names.untold({ monitored: creator.monitored, tags: creator.tags, qualityProfile: creator.qualityProfileId }),
    ...untoldOf(odd, creator, creator.name, fields).untold
  }
  // The larger one, since the statistics may be out of sync with each other.
  const size = Math.max(
    sizeOf(creator),
    works.reduce((sum, work) => sum + sizeOf(work), 0)
  )
  const addedAt = isoOrNull(creator.added)
  const common = {
    path: textOrNull(creator.path),
    rootFolder: textOrNull(creator.rootFolderPath) ?? folderOf(creator.path),
    collections: []
  }
  const whole: CatalogItem = {
    ...common,
    externalId: String(creator.id),
    kind: terms.creator,
    parentExternalId: null,
    title: creator.name,
    sortTitle: textOrNull(creator.sortName),
    year: null,
    ids: idsUnlessOdd(odd, creator, idsOfCreator(terms, creator)),
    sizeBytes: size,
    ...signOfCreator(creator, works, odd),
    posterUrl: posterOf(creator.images),
    ...leaving(
      {
        ...shared,
        monitored: creator.monitored ?? null,
        genres: creator.genres ?? [],
        ...ratingOf(creator),
        ...figures.facts,
        ...(addedAt === null ? {} : { addedAt }),
        ...dayOf(days, String(creator.id))
      },
      {
        ...figures.untold,
        ...unmeasured(Math.max(filesOf(creator), works.length), size),
        ...untoldDay(days),
        ...(addedAt === null ? { addedAt: "the application has no date for it" } : {}),
        ...untold
      }
    )
  }
  const parts = works.map((work): CatalogItem => {
    const externalId = terms.externalIdOf(work)
    const releasedAt = isoOrNull(work.releaseDate)
    const title = titleOfWork(creator.name, work)
    const ownAddedAt = isoOrNull(work.added)
    const ownFigures = figuresOfWork(work, creator, terms.work)
    const inherited = Object.fromEntries(
      ofBoth.flatMap((name) => (untold[name] === undefined ? [] : [[name, untold[name]]]))
    )
    return {
      ...common,
      externalId,
      kind: terms.work,
      parentExternalId: whole.externalId,
      title,
      wholeTitle: creator.name,
      sortTitle: whole.sortTitle === null ? null : `${whole.sortTitle} ${work.title.toLowerCase()}`,
      year: releasedAt === null ? null : new Date(releasedAt).getUTCFullYear(),
      ids: idsUnlessOdd(odd, work, idsOfWork(terms, work)),
      sizeBytes: sizeOf(work),
      posterUrl: posterOf(work.images),
      ...leaving(
        {
          ...shared,
          monitored: both(creator.monitored, work.monitored),
          genres: work.genres ?? [],
          ...ratingOf(work),
          ...ownFigures.facts,
          // The date of its creator would be a different date.
          ...(ownAddedAt === null ? {} : { addedAt: ownAddedAt }),
          ...dayOf(days, externalId),
          releasedAt,
          ...(work.duration === undefined || work.duration === null
            ? {}
            : { runtimeMinutes: positiveOrNull(Math.round(work.duration / 60_000)) })
        },
        {
          ...ownFigures.untold,
          ...unmeasured(filesOf(work), sizeOf(work)),
          ...(typeof work.monitored === "boolean" ? {} : { monitored: noFlag }),
          ...untoldDay(days),
          ...inherited,
          ...untoldOf(odd, work, title, fields).untold
        }
      )
    }
  })
  return [whole, ...parts]
}

/** Facts that a work takes from its creator. */
const ofBoth: ReadonlyArray<CatalogFactName> = [
  ...(["path", "rootFolder", "monitored", "qualityProfile", "qualityProfileId", "tags"] as const)
]

/** The facts that depend on each field of a creator or a work. */
const factsOfField = ({ creator, file }: CreatorTerms): Readonly<Record<string, ReadonlyArray<CatalogFactName>>> => ({
  path: ["path", "rootFolder"],
  rootFolderPath: ["rootFolder"],
  monitored: ["monitored"],
  qualityProfileId: ["qualityProfile", "qualityProfileId"],
  tags: ["tags"],
  genres: ["genres"],
  added: ["addedAt"],
  releaseDate: ["releasedAt", "year"],
  duration: ["runtimeMinutes"],
  ratings: ["rating", "ratingVotes"],
  "ratings.votes": ["ratingVotes"],
  ended: ["ended"],
  lastAlbum: ["latestReleaseAt"],
  lastBook: ["latestReleaseAt"],
  nextAlbum: ["nextReleaseAt"],
  nextBook: ["nextReleaseAt"],
  albumType: ["albumTypes"],
  secondaryTypes: ["albumTypes"],
  seriesTitle: ["bookSeries"],
  ...countsOfField,
  statistics: ["sizeBytes", ...new Set(Object.values(countsOfField).flat())],
  [`statistics.${file}FileCount`]: creator === "artist" ? ["missingTracks"] : []
})
