/** Requests that cannot be identified when one title is asked about: each may be for this very title. */
import type { WantedIds } from "../../integrations/Kind.ts"
import type { Doubt, OddRecords } from "../../integrations/OddRecords.ts"
import { dayMillis } from "../../problems/Instants.ts"
import type { SourceState } from "../Sources.ts"

/**
 * The first request that may be for the title and was not there, as it is now, when all of them were last read. What was
 * there was known to whoever decided, and one dead record holds nothing up for ever: the next sync knows it.
 */
export const doubtIn = (
  odd: OddRecords,
  wanted: WantedIds,
  last: Pick<SourceState, "observedAt" | "unidentified"> | undefined
): Doubt | null => {
  const known = [...(last?.unidentified ?? [])]
  for (const doubt of odd.doubts) {
    const index = known.indexOf(doubt.mark)
    // Two records may be alike to the letter.
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
