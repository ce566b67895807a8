/**
 * Recognises an item that was gone and came back under another id: deleted in its application and added again, or with
 * its whole integration removed and connected again. A person's decisions about it still apply then. Items are matched
 * by kind and typed id, never by title.
 */
import type { ItemKind, TypedId } from "../integrations/Observations.ts"
import type { LibraryItem } from "./Item.ts"

/** A person's decision about an item. */
export interface Remembered<A> {
  /**
   * `null` = the item may be in any integration: the integration of the decision was removed, or is a media server, whose
   * item a manager may begin to know.
   */
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
      for (const place of [said.integrationId ?? anywhere, wherever]) {
        const key = titleKey(place, said.kind, id)
        const list = byTitle.get(key)
        if (list === undefined) byTitle.set(key, [said])
        else list.push(said)
      }
    }
  }
  if (byTitle.size === 0) return () => []
  return (item) => {
    // What a media server manages may have been a manager's before.
    const places = item.data.ofServer === true ? [wherever] : [item.integrationId, anywhere]
    return item.ids.flatMap((id) => places.flatMap((place) => byTitle.get(titleKey(place, item.kind, id)) ?? []))
  }
}

/** Decisions that apply in any integration, and all decisions. */
const anywhere = "*"
const wherever = "?"

export const seasonNumberOf = (item: LibraryItem): number | null =>
  item.kind === "season" ? (item.data.catalog.seasonNumber ?? null) : null

const titleKey = (place: string, kind: ItemKind, id: TypedId): string =>
  `${place}|${kind === "season" ? "show" : kind}|${id}`
