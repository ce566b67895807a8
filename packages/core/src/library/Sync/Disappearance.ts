/**
 * How much of what was there a new reading no longer has, and whether a person is to be asked first: an empty answer with
 * status 200 is the field's quiet disaster.
 */
import type { Observation, Observed } from "../../integrations/Observations.ts"
import type { LibrarySettings } from "../../settings/SettingsGroups.ts"
import type { ListObservation } from "../Sources.ts"

export interface Loss {
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
    before instanceof Set ? before : new Set((before as ReadonlyArray<never>).map(keyOf))
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
  { maxDisappearance, minDisappearance }: Pick<typeof LibrarySettings.Type, "maxDisappearance" | "minDisappearance">
): string | null => {
  if (share <= maxDisappearance) return null
  if (lost === before && before > 1) return `All ${before} ${noun} would disappear`
  return lost < minDisappearance
    ? null
    : `${lost} of ${before} ${noun} would disappear (${Math.round(share * 100)} %, at most ${Math.round(maxDisappearance * 100)} % are taken without asking)`
}

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

type Key<O extends Observation> = Observed[O] extends ReadonlyArray<infer A> ? (entry: A) => string : null

const keys: { readonly [O in Observation]: Key<O> } = {
  catalog: (item) => item.externalId,
  disks: null,
  serverItems: (item) => item.serverItemId,
  playback: (entry) => `${entry.kind}/${entry.serverItemId}/${entry.seasonNumber ?? ""}`,
  requests: (request) => request.requestId
}

const nouns: Readonly<Record<Observation, string>> = {
  catalog: "items",
  disks: "disks",
  serverItems: "media server entries",
  playback: "played titles",
  requests: "requests"
}
