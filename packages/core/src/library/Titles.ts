/**
 * Recognises an item that was gone and came back under another id: deleted in its application and added again, or with
 * its whole integration removed and connected again. A person's decisions about it still apply then. Items are matched
 * by kind and typed id, never by title.
 */
import { entryKindOf, type ItemKind, type TypedId } from "../integrations/Observations.ts"
import type { LibraryItem } from "./Item.ts"

/** Which part of its show an item is; `null` = it is no such part, or its number is not known. */
export interface PartOfShow {
  readonly seasonNumber: number | null
  readonly episodeNumber: number | null
}

/** A person's decision about an item. */
export interface Remembered<A> extends PartOfShow {
  /**
   * `null` = the item may be in any integration: the integration of the decision was removed, or is a media server, whose
   * item a manager may begin to know.
   */
  readonly integrationId: string | null
  readonly kind: ItemKind
  readonly ids: ReadonlyArray<TypedId>
  readonly value: A
}

/**
 * Returns all decisions about an item, or, since seasons and episodes have the ids of their show, about another part of its
 * show.
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

export const partOfShow = ({ data, kind }: Pick<LibraryItem, "data" | "kind">): PartOfShow => ({
  seasonNumber: kind === "season" || kind === "episode" ? (data.catalog.seasonNumber ?? null) : null,
  episodeNumber: kind === "episode" ? (data.catalog.episodeNumber ?? null) : null
})

/** Whether a decision is about the item itself. An episode without a number is recognised only by its own id. */
export const isAbout = (said: Remembered<unknown>, item: LibraryItem): boolean => {
  const part = partOfShow(item)
  return (
    said.kind === item.kind &&
    said.seasonNumber === part.seasonNumber &&
    said.episodeNumber === part.episodeNumber &&
    (item.kind !== "episode" || part.episodeNumber !== null)
  )
}

/** Whether a decision is about the item, a whole that it belongs to, or a part of it. */
export const concerns = (said: Remembered<unknown>, item: LibraryItem): boolean => {
  const part = partOfShow(item)
  const overlap = (one: number | null, other: number | null) => one === null || other === null || one === other
  return (
    overlap(said.seasonNumber, part.seasonNumber) &&
    (said.seasonNumber === null || part.seasonNumber === null || overlap(said.episodeNumber, part.episodeNumber))
  )
}

const titleKey = (place: string, kind: ItemKind, id: TypedId): string =>
  `${place}|${entryKindOf(kind) === "show" ? "show" : kind}|${id}`
