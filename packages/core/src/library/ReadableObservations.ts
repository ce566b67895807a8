/**
 * The observations that an integration reads: those of its kind, except for capabilities that a person has disabled.
 */
import type { LiveIntegration } from "../integrations/Integrations.ts"
import { servedBy } from "../integrations/ObservationUse.ts"
import { type Observation, observations } from "../integrations/Observations.ts"

export const reads = (live: LiveIntegration, observation: Observation): boolean =>
  live.connected.read[observation] !== undefined && servedBy[observation].some((capability) => live.can(capability))

export const readable = (live: LiveIntegration): ReadonlyArray<Observation> =>
  observations.filter((observation) => reads(live, observation))
