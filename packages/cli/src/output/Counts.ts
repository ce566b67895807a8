/**
 * Formats counts of items. All descriptions of the library, of what must be freed and of plans use these functions, so
 * that `run`, `preview`, `status` and `init` use the same terms.
 */
import type { PreviewSummary, Stats } from "@tendarr/sdk-client"
import { bytes, count } from "./Format.ts"

export interface Tally {
  readonly items: number
  readonly bytes: number
}

/** `21 items of 701 GiB` */
export const itemsOf = (tally: Tally): string => `${count(tally.items, "item")} of ${bytes(tally.bytes)}`

/** `484 items of 8.9 TiB: 438 candidates (6.2 TiB), 9 undecided (133 GiB), 0 kept, 0 protected, 37 irremovable (2.6 TiB)` */
export const standingLines = (summary: PreviewSummary): ReadonlyArray<string> => {
  const parts = [
    part(summary.candidate, summary.candidate.items === 1 ? "candidate" : "candidates"),
    ...(["undecided", "kept", "protected", "irremovable"] as const).map((status) => part(summary[status], status))
  ]
  return [
    `${itemsOf(summary.total)}: ${parts.join(", ")}`,
    ...(summary.restBytes === 0 ? [] : [`${bytes(summary.restBytes)} of them belong to no item that is removed`])
  ]
}

const part = (tally: Tally, word: string): string =>
  `${tally.items} ${word}${tally.bytes === 0 ? "" : ` (${bytes(tally.bytes)})`}`

/** `700 GiB to free`, with the part that is under way. */
export const toFreeText = (bytesToFree: number, underWayBytes: number): string =>
  `${bytes(bytesToFree)} to free${underWayBytes === 0 || bytesToFree === 0 ? "" : `, ${bytes(underWayBytes)} under way`}`

/** `700 GiB to free: 21 items of 701 GiB planned` */
export const planText = (summary: Pick<PreviewSummary, "bytesToFree" | "underWayBytes" | "planned">): string =>
  `${toFreeText(summary.bytesToFree, summary.underWayBytes)}: ${itemsOf(summary.planned)} planned`

/** `21 proposed, 0 scheduled`, and the other states if there are any. */
export const openRemovalsText = (intents: Pick<OpenByState, "proposed" | "scheduled"> & Partial<OpenByState>): string =>
  [
    `${intents.proposed} proposed`,
    `${intents.scheduled} scheduled`,
    ...(["executing", "failed", "snoozed"] as const).flatMap((state) =>
      (intents[state] ?? 0) === 0 ? [] : [`${intents[state]} ${state}`]
    )
  ].join(", ")

type OpenByState = Stats["openByState"]
