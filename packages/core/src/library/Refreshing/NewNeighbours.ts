/**
 * Finds what an application has put at the place of an item since the last sync: another episode in its file, or another
 * title in the folder to which it was moved. The library compares places only when it is loaded, with the paths of the
 * last sync.
 */
import { type CatalogItem, wholeKindOf } from "../../integrations/Observations.ts"
import { isAbove } from "../../integrations/Paths.ts"
import type { LibraryItem } from "../Item.ts"
import type { Placing } from "../Places.ts"
import type { Snapshot } from "../Snapshots.ts"

/** A title that would be removed with the item, and that the library does not know to be there; `null` = there is none. */
export const newNeighbourOf = (
  item: LibraryItem,
  listed: ReadonlyArray<CatalogItem>,
  snapshot: Snapshot,
  place: Placing
): string | null => {
  const now = listed.find(({ externalId }) => externalId === item.externalId)
  if (now === undefined) return null
  const known = [item, ...snapshot.sameFileAs(item)]
  const placed = (path: string | null | undefined) => (path == null ? null : place(item.integrationId, path))
  const file = placed(now.filePath)
  if (file !== null) {
    const inFile = listed.find(
      (other) =>
        placed(other.filePath) === file &&
        !known.some(
          ({ externalId, integrationId }) => integrationId === item.integrationId && externalId === other.externalId
        )
    )
    if (inFile !== undefined) return inFile.title
  }
  const hasNewFile = file !== null && file !== placed(item.data.filePath)
  const folder = wholeKindOf(item.kind) === null ? placed(now.path) : null
  const hasNewFolder = folder !== null && folder !== placed(item.path)
  if (!hasNewFile && !hasNewFolder) return null
  const other = snapshot.items.find((one) => {
    if (known.some(({ id }) => id === one.id)) return false
    const { filePath } = one.data
    if (hasNewFile && filePath != null && place(one.integrationId, filePath) === file) return true
    return (
      hasNewFolder &&
      wholeKindOf(one.kind) === null &&
      one.path !== null &&
      isAbove(folder, place(one.integrationId, one.path))
    )
  })
  return other?.title ?? null
}

/**
 * Whether the files of an item are now elsewhere, or more of them than before: a media server merges entries that it takes
 * for one title, and deletes the files of both.
 */
export const hasMoved = (item: LibraryItem, now: CatalogItem | undefined, place: Placing): boolean => {
  if (now === undefined) return false
  const placed = (path: string | null | undefined) => (path == null ? null : place(item.integrationId, path))
  return placed(now.path) !== placed(item.path) || placed(now.filePath) !== placed(item.data.filePath)
}
