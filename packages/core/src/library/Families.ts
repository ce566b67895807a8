/** Wholes and parts over all levels: an episode belongs to its season, and both to their show. */
import type { LibraryItem } from "./Item.ts"

/** The next level only. */
export interface Relations {
  /** The season of an episode, or its show if the season is not in the library; the show of a season; `undefined` = none. */
  readonly parentOf: (item: LibraryItem) => LibraryItem | undefined
  readonly childrenOf: (item: LibraryItem) => ReadonlyArray<LibraryItem>
}

/** Everything that an item belongs to, the nearest first. */
export const wholesOf = ({ parentOf }: Pick<Relations, "parentOf">, item: LibraryItem): ReadonlyArray<LibraryItem> => {
  const wholes: Array<LibraryItem> = []
  for (let whole = parentOf(item); whole !== undefined; whole = parentOf(whole)) wholes.push(whole)
  return wholes
}

/** Everything that belongs to an item. */
export const partsOf = (
  { childrenOf }: Pick<Relations, "childrenOf">,
  item: LibraryItem
): ReadonlyArray<LibraryItem> => {
  const parts = childrenOf(item)
  return parts.length === 0 ? parts : parts.flatMap((part) => [part, ...partsOf({ childrenOf }, part)])
}

/** The entry in its application that an item belongs to, or is; `undefined` = it is not in the library. */
export const entryOf = (relations: Pick<Relations, "parentOf">, item: LibraryItem): LibraryItem | undefined =>
  item.parentExternalId === null ? item : wholesOf(relations, item).at(-1)
