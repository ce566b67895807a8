/** What a reading is made for. */
import type { Capability } from "./Kind.ts"
import type { Observation } from "./Observations.ts"

/** Capabilities that an observation serves; it is read while one of them is switched on. */
export const servedBy: Readonly<Record<Observation, ReadonlyArray<Capability>>> = {
  catalog: ["catalog"],
  disks: ["disks"],
  serverItems: ["playback", "labels", "collections", "artwork"],
  playback: ["playback"],
  requests: ["requests"]
}
