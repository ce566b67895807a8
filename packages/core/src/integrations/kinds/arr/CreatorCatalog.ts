/**
 * Creators and their works as items, from the two lists alone. Only what has files is in the catalog. Which folder a
 * work stands in would cost a call per creator: it tells that of its creator, as a season tells that of its show.
 */
import { Effect } from "effect"
import type { Progress } from "../../Kind.ts"
import type { CatalogFacts, CatalogItem, TypedId } from "../../Observations.ts"
import { forEachWithPauses } from "../Pauses.ts"
import { folderOf, isoOrNull, positiveOrNull, textOrNull } from "../Values.ts"
import { type ArrAccess, longReadMillis, type Names, posterOf, readNames } from "./Arr.ts"
import type { Creator, CreatorTerms, Work } from "./CreatorTerms.ts"

export const readCreators = Effect.fn("Arr.readCreators")(function* (
  { application: { api, ...application }, upstream }: ArrAccess,
  terms: CreatorTerms,
  progress: Progress
) {
  yield* progress(0, null)
  const request = { timeoutMillis: longReadMillis }
  const creators = yield* upstream.getArray(`${api}/${terms.creator}`, terms.Creator, request)
  yield* progress(creators.length, null)
  const works = yield* upstream.getArray(`${api}/${terms.work}`, terms.Work, request)
  const names = yield* readNames(upstream, { ...application, api })
  const byCreator = new Map<number, Array<Work>>()
  yield* forEachWithPauses(works, (work) => {
    if (filesOf(work) === 0) return
    const before = byCreator.get(work.creatorId)
    if (before === undefined) byCreator.set(work.creatorId, [work])
    else before.push(work)
  })
  const items: Array<CatalogItem> = []
  // A work whose creator came between the two reads is left to the next one: its tags are not known.
  yield* forEachWithPauses(creators, (creator) => {
    const own = byCreator.get(creator.id) ?? []
    if (own.length > 0 || filesOf(creator) > 0) items.push(...itemsOf(creator, own, terms, names))
  })
  yield* progress(creators.length + works.length, creators.length + works.length)
  return items
})

export const idsOfCreator = (terms: CreatorTerms, { foreignId }: Creator): ReadonlyArray<TypedId> =>
  terms.creatorIds(foreignId ?? "")

export const idsOfWork = (terms: CreatorTerms, { foreignId }: Work): ReadonlyArray<TypedId> =>
  terms.workIds(foreignId ?? "")

export const filesOf = ({ statistics }: Pick<Work, "statistics">): number => statistics?.fileCount ?? 0

export const sizeOf = ({ statistics }: Pick<Work, "statistics">): number => statistics?.sizeOnDisk ?? 0

export const titleOfWork = (creator: string, work: Work): string => `${creator} - ${work.title}`

const itemsOf = (
  creator: Creator,
  works: ReadonlyArray<Work>,
  terms: CreatorTerms,
  names: Names
): ReadonlyArray<CatalogItem> => {
  const ratingOf = ({ ratings }: Pick<Work, "ratings">) => {
    const value = positiveOrNull(ratings?.value)
    return value === null ? null : (value * 10) / terms.bestRating
  }
  const shared: CatalogFacts = {
    qualityProfile: names.qualityProfile(creator.qualityProfileId),
    tags: names.tags(creator.tags)
  }
  const whole: CatalogItem = {
    externalId: String(creator.id),
    kind: terms.creator,
    parentExternalId: null,
    title: creator.name,
    sortTitle: textOrNull(creator.sortName),
    year: null,
    ids: idsOfCreator(terms, creator),
    path: textOrNull(creator.path),
    rootFolder: textOrNull(creator.rootFolderPath) ?? folderOf(creator.path),
    // The larger, since statistics may lag behind one another.
    sizeBytes: Math.max(
      sizeOf(creator),
      works.reduce((sum, work) => sum + sizeOf(work), 0)
    ),
    posterUrl: posterOf(creator.images),
    collections: [],
    facts: {
      ...shared,
      monitored: creator.monitored,
      genres: creator.genres ?? [],
      rating: ratingOf(creator),
      addedAt: isoOrNull(creator.added)
    }
  }
  const parts = works.map((work): CatalogItem => {
    const releasedAt = isoOrNull(work.releaseDate)
    const title = titleOfWork(creator.name, work)
    return {
      ...whole,
      externalId: terms.externalIdOf(work),
      kind: terms.work,
      parentExternalId: whole.externalId,
      title,
      sortTitle: whole.sortTitle === null ? null : `${whole.sortTitle} ${work.title.toLowerCase()}`,
      year: releasedAt === null ? null : new Date(releasedAt).getUTCFullYear(),
      ids: idsOfWork(terms, work),
      sizeBytes: sizeOf(work),
      posterUrl: posterOf(work.images),
      facts: {
        ...shared,
        monitored: creator.monitored && work.monitored,
        genres: work.genres ?? [],
        rating: ratingOf(work),
        addedAt: isoOrNull(work.added) ?? isoOrNull(creator.added),
        releasedAt,
        ...(work.duration === undefined || work.duration === null
          ? {}
          : { runtimeMinutes: positiveOrNull(Math.round(work.duration / 60_000)) })
      }
    }
  })
  return [whole, ...parts]
}
