/** What the applications know about downloads: their queues, and the history of what they had fetched and imported. */
import { Effect, Result } from "effect"
import type { LiveIntegration } from "../integrations/Integrations.ts"
import type { QueueEntry } from "../integrations/QueueCapability.ts"
import { isoOfMillis } from "../problems/Instants.ts"
import { type ApplicationBooks, type Passage, withHistory } from "./Ownership.ts"

/** How far back the history is read at first. What was grabbed before that is known by the queue alone. */
const firstHistoryMillis = 30 * 86_400_000
/** Readings of the history overlap by this much: records are written a little after what they tell. */
const overlapMillis = 600_000
/** Downloads whose history is remembered for each application; the oldest are forgotten first. */
const mostPassages = 50_000

interface Kept extends ApplicationBooks {
  readonly connected: LiveIntegration["connected"]
  readonly historyReadAt: number
}

export interface Applications {
  /** Reads all applications that have downloads fetched. One that does not answer keeps what it said before, as unreadable. */
  readonly read: (live: ReadonlyArray<LiveIntegration>, now: number) => Effect.Effect<ReadonlyArray<ApplicationBooks>>
}

export const makeApplications = (): Applications => {
  const kept = new Map<string, Kept>()

  const readOne = Effect.fnUntraced(function* (live: LiveIntegration, now: number) {
    const { connected, integration } = live
    const before = kept.get(integration.id)
    const { queue } = connected
    if (queue === undefined) return
    const since = before?.connected === connected ? before.historyReadAt - overlapMillis : now - firstHistoryMillis
    const read = yield* Effect.result(
      // The history first: what is grabbed in between is in the queue already.
      Effect.all([queue.history(isoOfMillis(since)), queue.read])
    )
    if (Result.isFailure(read)) {
      kept.set(integration.id, {
        integrationId: integration.id,
        name: integration.name,
        connected,
        queue: before?.queue ?? new Map(),
        history: before?.history ?? new Map(),
        historyReadAt: before?.connected === connected ? before.historyReadAt : now - firstHistoryMillis,
        unreadable: read.failure.message
      })
      return
    }
    const [history, entries] = read.success
    kept.set(integration.id, {
      integrationId: integration.id,
      name: integration.name,
      connected,
      queue: byDownload(entries),
      history: limited(withHistory(before?.history ?? new Map(), history)),
      historyReadAt: now,
      unreadable: null
    })
  })

  return {
    read: Effect.fn("Applications.read")(function* (live, now) {
      const able = live.filter((one) => one.can("queue") && one.connected.queue !== undefined)
      const there = new Set(able.map(({ integration }) => integration.id))
      for (const id of kept.keys()) if (!there.has(id)) kept.delete(id)
      yield* Effect.forEach(able, (one) => readOne(one, now), { concurrency: 4, discard: true })
      return [...kept.values()]
    })
  }
}

const byDownload = (entries: ReadonlyArray<QueueEntry>): ReadonlyMap<string, QueueEntry> =>
  new Map(entries.flatMap((entry) => (entry.downloadId === null ? [] : [[entry.downloadId, entry] as const])))

const limited = (passages: ReadonlyMap<string, Passage>): ReadonlyMap<string, Passage> => {
  if (passages.size <= mostPassages) return passages
  const newest = [...passages].toSorted(([, a], [, b]) => ((a.grabbedAt ?? "") < (b.grabbedAt ?? "") ? 1 : -1))
  return new Map(newest.slice(0, mostPassages))
}
