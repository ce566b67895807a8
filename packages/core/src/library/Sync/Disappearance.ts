/**
 * How much of the previous reading a new one no longer contains, and whether a person must confirm that: an empty
 * response with status 200 is the most common way to lose data silently. A show is not counted in addition to its
 * seasons.
 */
import type { Observation, Observed } from "../../integrations/Observations.ts"
import type { LibrarySettings } from "../LibrarySettings.ts"
import type { ListObservation } from "../Sources.ts"

export interface Loss {
  /** Number of previous entries; of a whole and its parts, only the parts. */
  readonly before: number
  readonly lost: number
  /** `lost / before`, 0..1. */
  readonly share: number
  readonly noun: string
}

/** `null` if there were no entries before, or if the observation is not a list. */
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
 * Why a person must confirm this loss; `null` if it is accepted. The share applies only from a number of entries that
 * nobody deletes by hand without noticing: one of four movies is already a quarter. A list of which nothing is left is
 * held however short it was; if it had a single entry, that cannot be distinguished from an ordinary deletion.
 */
export const whyHeld = (
  { before, lost, noun, share }: Loss,
  { maxDisappearance, minDisappearance }: Pick<LibrarySettings, "maxDisappearance" | "minDisappearance">
): string | null => {
  if (share <= maxDisappearance) return null
  if (lost === before && before > 1) return `All ${before} ${noun} would disappear`
  // If a list loses more than half of its entries, a small number is enough.
  const most = lost >= fewest && lost * 2 > before
  return lost < minDisappearance && !most
    ? null
    : `${lost} of ${before} ${noun} would disappear (${Math.round(share * 100)} %, at most ${Math.round(maxDisappearance * 100)} % are accepted without confirmation)`
}

/** Deleting two of three movies by hand is hardly done unnoticed. */
const fewest = 3

/** Identity key of each entry. */
export const keysOf = <O extends ListObservation>(observation: O, entries: Observed[O]): ReadonlyArray<string> =>
  entriesByKey(observation, entries).map(([key]) => key)

/** The entries with their identity keys. */
export const entriesByKey = <O extends ListObservation>(
  observation: O,
  entries: Observed[O]
): ReadonlyArray<readonly [key: string, entry: Observed[O][number]]> => {
  const keyOf: ((entry: never) => string) | null = keys[observation]
  return keyOf === null ? [] : (entries as ReadonlyArray<never>).map((entry) => [keyOf(entry), entry] as const)
}

/** Keys of the wholes that these entries are parts of. */
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
  // Plays per episode are among those of their season, and are counted only while somebody needs them.
  playback: (entry) =>
    `${entry.kind === "episode" ? "season" : entry.kind}/${entry.serverItemId}/${entry.seasonNumber ?? ""}`,
  requests: (request) => request.requestId,
  watchlists: ({ entryId }) => entryId
}

type Whole<O extends Observation> =
  Observed[O] extends ReadonlyArray<infer A> ? ((entry: A) => string | null) | null : null

/** How the whole of a part is identified, for lists that contain both. */
const wholes: { readonly [O in Observation]: Whole<O> } = {
  catalog: (item) => item.parentExternalId,
  disks: null,
  serverItems: (item) => item.parentServerItemId,
  playback: (entry) => (entry.kind === "season" ? `show/${entry.serverItemId}/` : null),
  requests: null,
  watchlists: null
}

const nouns: Readonly<Record<Observation, string>> = {
  catalog: "items",
  disks: "disks",
  serverItems: "media server entries",
  playback: "played titles",
  requests: "requests",
  watchlists: "watchlist entries"
}
