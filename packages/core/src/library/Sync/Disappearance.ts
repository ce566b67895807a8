/** How much of what was there a new reading no longer has: an empty answer with status 200 is the field's quiet disaster. */
import type { Observation, Observed } from "../../integrations/Observations.ts"
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

/** By what the entries of a list are told apart. */
export const keysOf = <O extends ListObservation>(observation: O, entries: Observed[O]): ReadonlyArray<string> => {
  const keyOf: ((entry: never) => string) | null = keys[observation]
  return keyOf === null ? [] : (entries as ReadonlyArray<never>).map(keyOf)
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
