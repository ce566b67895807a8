/**
 * Recognises an item that was gone and came back under another id: deleted in its application and added again, or with
 * its whole integration removed and connected again. A person's decisions about it still apply then. Items are matched
 * by kind and typed id, never by title.
 */
import type { ItemKind, TypedId } from "../integrations/Observations.ts"
import type { LibraryItem } from "./Item.ts"

/** A person's decision about an item. */
export interface Remembered<A> {
  /** `null` = the item may be in any integration: the integration of the decision was removed. */
  readonly integrationId: string | null
  readonly kind: ItemKind
  readonly ids: ReadonlyArray<TypedId>
  readonly seasonNumber: number | null
  readonly value: A
}

/**
 * Returns all decisions about an item, or, since seasons have the ids of their show, about another part of its show.
 */
export type RememberedOf<A> = (item: LibraryItem) => ReadonlyArray<Remembered<A>>

export const makeTitles = <A>(all: ReadonlyArray<Remembered<A>>): RememberedOf<A> => {
  const byTitle = new Map<string, Array<Remembered<A>>>()
  for (const said of all) {
    for (const id of said.ids) {
      const key = titleKey(said.integrationId, said.kind, id)
      const list = byTitle.get(key)
      if (list === undefined) byTitle.set(key, [said])
      else list.push(said)
    }
  }
  if (byTitle.size === 0) return () => []
  return (item) =>
    item.ids.flatMap((id) => [
      ...(byTitle.get(titleKey(item.integrationId, item.kind, id)) ?? []),
      ...(byTitle.get(titleKey(null, item.kind, id)) ?? [])
    ])
}

export const seasonNumberOf = (item: LibraryItem): number | null =>
  item.kind === "season" ? (item.data.catalog.seasonNumber ?? null) : null

const titleKey = (integrationId: string | null, kind: ItemKind, id: TypedId): string =>
  `${integrationId ?? "*"}|${kind === "season" ? "show" : kind}|${id}`
