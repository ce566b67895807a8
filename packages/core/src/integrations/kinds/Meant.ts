/**
 * What is asked about when one item is read again: the keys of entries, and which plays and requests are, or may be, of it.
 */
import { fold } from "../../problems/Fold.ts"
import type { EntryKeys, WantedIds } from "../Kind.ts"
import type { RequestEntry, ServerItem } from "../Observations.ts"
import { noKey, type Played } from "./PlayTally.ts"

/** What is asked for, by its key: a season with its show. */
export const kindsByKey = (entries: ReadonlyArray<EntryKeys>): ReadonlyMap<string, EntryKeys["kind"] | "season"> =>
  new Map(
    entries.flatMap(
      ({ kind, season, serverItemId }): ReadonlyArray<readonly [string, EntryKeys["kind"] | "season"]> => [
        [serverItemId, kind],
        ...(season === null || season.serverItemId === null ? [] : [[season.serverItemId, "season"] as const])
      ]
    )
  )

/** Whether all that was asked for is there. */
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

/** For a reading of everything. */
export const allMeant: IsMeant = () => true

/** By key, by lasting id, and by title only where a play names no key: it may then be of whatever bears the title. */
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
  (request: RequestEntry): boolean =>
    request.kind === kind && request.ids.some((id) => ids.includes(id))
