/**
 * Selects what belongs to one item when it is read again: the keys of its entries, and the plays and requests that are,
 * or may be, about it.
 */
import { fold } from "../../problems/Fold.ts"
import type { EntryKeys, WantedIds } from "../Kind.ts"
import type { RequestEntry, ServerItem } from "../Observations.ts"
import { noKey, type Played } from "./PlayTally.ts"

/** The requested kinds by key: a season with its show. */
export const kindsByKey = (entries: ReadonlyArray<EntryKeys>): ReadonlyMap<string, EntryKeys["kind"] | "season"> =>
  new Map(
    entries.flatMap(
      ({ kind, season, serverItemId }): ReadonlyArray<readonly [string, EntryKeys["kind"] | "season"]> => [
        [serverItemId, kind],
        ...(season === null || season.serverItemId === null ? [] : [[season.serverItemId, "season"] as const])
      ]
    )
  )

/** Whether everything that was requested is present. */
export const hasAll =
  (entries: ReadonlyArray<EntryKeys>) =>
  (items: ReadonlyArray<ServerItem>): boolean => {
    const found = new Set(items.map(({ serverItemId }) => serverItemId))
    return [...kindsByKey(entries).keys()].every((key) => found.has(key))
  }

/** Keys of the movies, or of the shows. */
export const keysOfKind = (entries: ReadonlyArray<EntryKeys>, kind: EntryKeys["kind"]): ReadonlyArray<string> => [
  ...new Set(entries.filter((entry) => entry.kind === kind).map((entry) => entry.serverItemId))
]

export type IsMeant = (kind: EntryKeys["kind"], played: Played) => boolean

/** For a full reading. */
export const allMeant: IsMeant = () => true

/** By key, by lasting id, and by title only if a play names no key: it may then belong to anything with that title. */
export const meantBy = (entries: ReadonlyArray<EntryKeys>): IsMeant => {
  const names = new Set(
    entries.flatMap(({ guid, kind, serverItemId, title }) => [
      `${kind} key ${serverItemId}`,
      `${kind} title ${fold(title.trim())}`,
      ...(guid === null ? [] : [`${kind} guid ${guid}`])
    ])
  )
  return (kind, { guid, key, title }) =>
    key === noKey
      ? names.has(`${kind} title ${fold((title ?? "").trim())}`)
      : names.has(`${kind} key ${key}`) || (typeof guid === "string" && names.has(`${kind} guid ${guid}`))
}

/** Whether a request is for the movie or the show with these ids. */
export const isFor =
  ({ ids, kind }: WantedIds) =>
  (request: Pick<RequestEntry, "ids"> & { readonly kind: string | null }): boolean =>
    request.kind === kind && request.ids.some((id) => ids.includes(id))
