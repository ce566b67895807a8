/** Progress of a set-up, for users who cancel half-way. Every step recorded here is complete. */
import type { Integration } from "@tendarr/sdk-client"
import { clean } from "../output/Format.ts"

export interface InitProgress {
  readonly added: Array<Integration>
  synced: boolean
  disksSet: boolean
}

export const noInitProgress = (): InitProgress => ({ added: [], synced: false, disksSet: false })

export const cancelledLines = ({ added, disksSet, synced }: InitProgress): ReadonlyArray<string> => [
  "",
  added.length === 0
    ? "Cancelled. Nothing was connected, nothing else was changed."
    : `Cancelled. Connected so far: ${added.map(({ name }) => clean(name)).join(", ")}; ${
        synced ? "the library was read" : "the library was not read yet"
      }; ${disksSet ? "the disks are set" : "the disks were left as they are"}.`,
  "`tendarr init` continues from here; none of this removes anything."
]
