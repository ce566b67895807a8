/**
 * Recognises an item that went and came back under another id: deleted in its application and added again, or all of its
 * integration removed and connected anew. What a person said of it still holds then. By kind and typed id, never by title.
 */
import type { ItemKind, TypedId } from "../integrations/Observations.ts"
import type { LibraryItem } from "./Item.ts"

/** Something that was said of an item. */
export interface Said<A> {
  /** `null` = wherever the item is now: the integration of which it was said is gone. */
  readonly integrationId: string | null
  readonly kind: ItemKind
  readonly ids: ReadonlyArray<TypedId>
  readonly seasonNumber: number | null
  readonly value: A
}

/** Answers all that was said of an item, or, as seasons carry the ids of their show, of another part of its show. */
export type SaidOf<A> = (item: LibraryItem) => ReadonlyArray<Said<A>>

export const makeTitles = <A>(all: ReadonlyArray<Said<A>>): SaidOf<A> => {
  const byTitle = new Map<string, Array<Said<A>>>()
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
