/** The purpose of each reading. */
import type { Capability } from "./Kind.ts"
import type { Observation } from "./Observations.ts"

/** Capabilities that need an observation; it is read while one of them is enabled. */
export const servedBy: Readonly<Record<Observation, ReadonlyArray<Capability>>> = {
  catalog: ["catalog"],
  disks: ["disks"],
  serverItems: ["playback", "labels", "collections", "artwork"],
  playback: ["playback"],
  requests: ["requests"],
  // Of a request manager, like the accounts of those who have them, or of an application that has lists of its own.
  watchlists: ["requests", "watchlists"]
}
