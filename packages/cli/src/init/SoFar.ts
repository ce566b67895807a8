/** How far a set-up has come, for who leaves half-way. Every step is whole when it is noted here. */
import type { Integration } from "@tendarr/sdk-client"
import { clean } from "../output/Format.ts"

export interface SoFar {
  readonly added: Array<Integration>
  synced: boolean
  disksSet: boolean
}

export const nothingSoFar = (): SoFar => ({ added: [], synced: false, disksSet: false })

export const soFarLines = ({ added, disksSet, synced }: SoFar): ReadonlyArray<string> => [
  "",
  added.length === 0
    ? "Left. Nothing was connected, nothing else was changed."
    : `Left. Connected so far: ${added.map(({ name }) => clean(name)).join(", ")}; ${
        synced ? "the library was read" : "the library was not read yet"
      }; ${disksSet ? "the disks are set" : "the disks were left as they are"}.`,
  "`tendarr init` goes on from here; nothing is removed by what was done."
]
