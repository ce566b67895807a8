/** Requests that cannot be identified when a single title is read again: each may be for this title. */
import type { WantedIds } from "../../integrations/Kind.ts"
import type { Doubt, OddRecords } from "../../integrations/OddRecords.ts"
import { dayMillis } from "../../problems/Instants.ts"
import type { SourceState } from "../Sources.ts"

/**
 * The first request that may be for the title and was not present in this form in the last full reading. Requests that
 * were present were known when the decision was made, and a single dead record does not block removals forever: the
 * next sync will have read it.
 */
export const doubtIn = (
  odd: OddRecords,
  wanted: WantedIds,
  last: Pick<SourceState, "observedAt" | "unidentified"> | undefined
): Doubt | null => {
  const known = [...(last?.unidentified ?? [])]
  for (const doubt of odd.doubts) {
    const index = known.indexOf(doubt.mark)
    // Two records may be identical.
    if (index >= 0) known.splice(index, 1)
    else if (mayBeFor(doubt, wanted) && (doubt.isSettled !== true || isRecent(doubt, last?.observedAt ?? null)))
      return doubt
  }
  return null
}

const mayBeFor = ({ ids = [], kind }: Doubt, wanted: WantedIds): boolean =>
  (kind === undefined || kind === wanted.kind) && (ids.length === 0 || ids.some((id) => wanted.ids.includes(id)))

/** Clocks of applications differ. */
const slackMillis = dayMillis

const isRecent = ({ at = null }: Doubt, readAt: string | null): boolean =>
  at === null || readAt === null || Date.parse(at) >= Date.parse(readAt) - slackMillis
