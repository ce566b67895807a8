/** The members of Maintainerr's collections: what waits to be removed, and which media server it is about. */
import { type TypedId, typedId } from "../../../integrations/Observations.ts"
import { dayMillis, isoOfMillis } from "../../../problems/Instants.ts"
import type { ForeignRow } from "../../../storage/ForeignDatabase.ts"
import type { FoundRemoval, FoundSample } from "../../Found.ts"
import { flagIn, keyOf, numberIn, originalOf, textIn, timeIn } from "../../Records.ts"
import { actionOf, levelIn, resetsRequests } from "./RuleGroups.ts"

export interface Members {
  readonly removals: ReadonlyArray<FoundRemoval>
  readonly samples: ReadonlyArray<FoundSample>
}

export const membersOf = (
  rows: ReadonlyArray<ForeignRow>,
  collectionOf: ReadonlyMap<string | null, ForeignRow>
): Members => {
  const removals: Array<FoundRemoval> = []
  const samples: Array<FoundSample> = []
  for (const row of rows) {
    const collection = collectionOf.get(textIn(row, "collectionId"))
    const level = collection === undefined ? null : levelIn(collection, "type")
    if (collection === undefined) continue
    const kind = level === "episode" ? null : level
    const [serverItemId, ids] = [textIn(row, "mediaServerId", "plexId"), idsOf(row, level)]
    if (serverItemId !== null && ids.length > 0 && (kind === "movie" || kind === "show")) {
      samples.push({ kind, ids, serverItemId, libraryKey: textIn(collection, "libraryId") })
    }
    removals.push(removalOf(row, collection, { kind, title: null, ids, serverItemId, parentServerItemId: null }))
  }
  return { removals, samples }
}

/** The ids of a season are those of its show, which do not say which season it is. */
const idsOf = (row: ForeignRow, level: string | null): ReadonlyArray<TypedId> => {
  const [tmdb, tvdb] = [numberIn(row, "tmdbId"), numberIn(row, "tvdbId")]
  const valid = (id: number | null): id is number => id !== null && id > 0
  if (level === "movie") return valid(tmdb) ? [typedId("tmdb-movie", tmdb)] : []
  if (level !== "show") return []
  return [...(valid(tmdb) ? [typedId("tmdb-show", tmdb)] : []), ...(valid(tvdb) ? [typedId("tvdb", tvdb)] : [])]
}

const removalOf = (row: ForeignRow, collection: ForeignRow, item: FoundRemoval["item"]): FoundRemoval => {
  const { id: _, ...content } = row
  const name = textIn(collection, "title") ?? "a collection"
  const level = levelIn(collection, "type")
  const [days, added] = [numberIn(collection, "deleteAfterDays"), timeIn(row, "addDate")]
  const deed = actionOf(collection, level)
  const lost = [
    ...(flagIn(collection, "isActive") ? [] : [`the collection "${name}" is not active`]),
    ...(days === null ? [`the collection "${name}" has no number of days, so that it removed nothing by itself`] : []),
    ...(added === null ? ["the time at which it was added cannot be read"] : []),
    ...(deed.action === null ? [deed.because] : [])
  ]
  return {
    key: keyOf("member", content, name, days),
    original: originalOf({ ...row, collection: name, deleteAfterDays: days }),
    title: `Member of "${name}"`,
    item,
    deadline: days === null || added === null ? null : isoOfMillis(Date.parse(added) + Math.max(0, days) * dayMillis),
    action: deed.action,
    importExclusion: deed.action === "remove-entry" ? flagIn(collection, "listExclusions") : null,
    resetRequest: resetsRequests(collection),
    lost,
    notes: deed.notes
  }
}
