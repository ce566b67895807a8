/** What an integration reads: what its kind can, less what a person switched off. */
import type { LiveIntegration } from "../integrations/Integrations.ts"
import type { Capability } from "../integrations/Kind.ts"
import { type Observation, observations } from "../integrations/Observations.ts"

/** Capabilities that an observation serves; it is read while one of them is switched on. */
const servedBy: Readonly<Record<Observation, ReadonlyArray<Capability>>> = {
  catalog: ["catalog"],
  disks: ["disks"],
  serverItems: ["playback", "labels", "collections", "artwork"],
  playback: ["playback"],
  requests: ["requests"]
}

export const reads = (live: LiveIntegration, observation: Observation): boolean =>
  live.connected.read[observation] !== undefined && servedBy[observation].some((capability) => live.can(capability))

export const readable = (live: LiveIntegration): ReadonlyArray<Observation> =>
  observations.filter((observation) => reads(live, observation))
