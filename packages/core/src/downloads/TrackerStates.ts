/**
 * What the trackers of torrents answer. The lists of clients do not contain it, and some clients take a call for each
 * torrent: so a few are asked about at each reading, those first that were asked about longest ago.
 */
import { Effect } from "effect"
import type { Download, DownloadTracker } from "../integrations/Downloads.ts"
import type { DownloadsCapability } from "../integrations/DownloadsCapability.ts"

/** Torrents of one client that are asked about at one reading: a reading is to take less than ten calls. */
const askedAtOnce = 3
/** None is asked about more often than this. */
const leastMillis = 300_000
/** Older answers say nothing. */
const validMillis = 3_600_000

/** In other states, a client does not ask trackers, and what they said before is old. */
const asking: ReadonlyArray<Download["state"]> = ["metadata", "downloading", "stalled", "seeding"]

const isAsking = ({ protocol, state, trackers }: Download): boolean =>
  protocol === "torrent" && trackers === null && asking.includes(state)

interface Answer {
  readonly trackers: ReadonlyArray<DownloadTracker> | null
  readonly askedAt: number
}

export const makeTrackerStates = () => {
  const known = new Map<string, ReadonlyMap<string, Answer>>()
  return {
    /** By the ids of the clients. */
    known,
    /** The downloads with what their trackers answered, as far as that is known; otherwise as they are. */
    of: Effect.fn("TrackerStates.of")(function* (
      integrationId: string,
      client: DownloadsCapability,
      downloads: ReadonlyArray<Download>,
      now: number
    ) {
      const before = known.get(integrationId)
      const asked = downloads.filter(isAsking)
      // A clock that was set back must not silence it.
      const age = ({ id }: Download) => Math.abs(now - (before?.get(id)?.askedAt ?? Number.NEGATIVE_INFINITY))
      const due = asked
        .filter((one) => age(one) >= leastMillis)
        .toSorted((a, b) => (age(a) === age(b) ? 0 : age(b) - age(a)))
        .slice(0, askedAtOnce)
      const ids = due.map(({ id }) => id)
      const found =
        ids.length === 0
          ? []
          : yield* Effect.catch(client.details(ids, { files: false, trackers: true }), () => Effect.succeed([]))
      const answers = new Map(found.map(({ id, trackers }) => [id, trackers]))
      const next = new Map<string, Answer>()
      for (const { id } of asked) {
        const answer = ids.includes(id) ? { trackers: answers.get(id) ?? null, askedAt: now } : before?.get(id)
        if (answer !== undefined) next.set(id, answer)
      }
      known.set(integrationId, next)
      return downloads.map((one) => {
        const answer = next.get(one.id)
        const isValid = answer !== undefined && Math.abs(now - answer.askedAt) < validMillis
        return isValid && answer.trackers !== null ? { ...one, trackers: answer.trackers } : one
      })
    })
  }
}
