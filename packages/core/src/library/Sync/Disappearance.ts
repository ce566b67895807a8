/**
 * How much of what was there a new reading no longer has, and whether a person is to be asked first: an empty answer with
 * status 200 is the field's quiet disaster. A show that stands beside its seasons is not counted with them.
 */
import type { Observation, Observed } from "../../integrations/Observations.ts"
import type { LibrarySettings } from "../LibrarySettings.ts"
import type { ListObservation } from "../Sources.ts"

export interface Loss {
  /** Entries that were there, of a whole and its parts the parts. */
  readonly before: number
  readonly lost: number
  /** `lost / before`, 0..1. */
  readonly share: number
  readonly noun: string
}

/** `null` when nothing was there before, or the observation is no list. */
export const lostShare = (
  observation: Observation,
  before: ReadonlySet<string> | Observed[Observation],
  now: Observed[Observation]
): Loss | null => {
  const keyOf = keys[observation]
  if (keyOf === null || !Array.isArray(now)) return null
  const previous: ReadonlySet<string> =
    before instanceof Set ? before : without((before as ReadonlyArray<never>).map(keyOf), wholesIn(observation, before))
  if (previous.size === 0) return null
  const present = new Set((now as unknown as ReadonlyArray<never>).map(keyOf))
  let lost = 0
  for (const key of previous) if (!present.has(key)) lost++
  return { before: previous.size, lost, share: lost / previous.size, noun: nouns[observation] }
}

/**
 * Why a person is to confirm this loss first; `null` when it is taken as it is. The share counts only from a number on that
 * nobody takes away by hand unawares: of four films one is a quarter. A list that has nothing left of what it had is another
 * matter, however short it was; with a single entry it cannot be told from an ordinary deletion.
 */
export const whyHeld = (
  { before, lost, noun, share }: Loss,
  { maxDisappearance, minDisappearance }: Pick<LibrarySettings, "maxDisappearance" | "minDisappearance">
): string | null => {
  if (share <= maxDisappearance) return null
  if (lost === before && before > 1) return `All ${before} ${noun} would disappear`
  // Of a list that loses most of what it had, a few are many.
  const most = lost >= fewest && lost * 2 > before
  return lost < minDisappearance && !most
    ? null
    : `${lost} of ${before} ${noun} would disappear (${Math.round(share * 100)} %, at most ${Math.round(maxDisappearance * 100)} % are taken without asking)`
}

/** Who deletes two of three films by hand has seen it. */
const fewest = 3

/** By what the entries of a list are told apart. */
export const keysOf = <O extends ListObservation>(observation: O, entries: Observed[O]): ReadonlyArray<string> =>
  entriesByKey(observation, entries).map(([key]) => key)

/** The entries, each with its key. */
export const entriesByKey = <O extends ListObservation>(
  observation: O,
  entries: Observed[O]
): ReadonlyArray<readonly [key: string, entry: Observed[O][number]]> => {
  const keyOf: ((entry: never) => string) | null = keys[observation]
  return keyOf === null ? [] : (entries as ReadonlyArray<never>).map((entry) => [keyOf(entry), entry] as const)
}

/** Keys of what these entries are parts of. */
export const wholesOf = <O extends ListObservation>(observation: O, entries: Observed[O]): ReadonlyArray<string> =>
  wholesIn(observation, entries)

export const without = (keys: Iterable<string>, others: Iterable<string>): ReadonlySet<string> => {
  const left = new Set(keys)
  for (const key of others) left.delete(key)
  return left
}

const wholesIn = (observation: Observation, entries: unknown): ReadonlyArray<string> => {
  const wholeOf: ((entry: never) => string | null) | null = wholes[observation]
  return wholeOf === null ? [] : (entries as ReadonlyArray<never>).flatMap((entry) => wholeOf(entry) ?? [])
}

type Key<O extends Observation> = Observed[O] extends ReadonlyArray<infer A> ? (entry: A) => string : null

const keys: { readonly [O in Observation]: Key<O> } = {
  catalog: (item) => item.externalId,
  disks: null,
  serverItems: (item) => item.serverItemId,
  playback: (entry) => `${entry.kind}/${entry.serverItemId}/${entry.seasonNumber ?? ""}`,
  requests: (request) => request.requestId
}

type Whole<O extends Observation> =
  Observed[O] extends ReadonlyArray<infer A> ? ((entry: A) => string | null) | null : null

/** By what the whole of a part is told, where a list has both. */
const wholes: { readonly [O in Observation]: Whole<O> } = {
  catalog: (item) => item.parentExternalId,
  disks: null,
  serverItems: (item) => item.parentServerItemId,
  playback: (entry) => (entry.kind === "season" ? `show/${entry.serverItemId}/` : null),
  requests: null
}

const nouns: Readonly<Record<Observation, string>> = {
  catalog: "items",
  disks: "disks",
  serverItems: "media server entries",
  playback: "played titles",
  requests: "requests"
}
