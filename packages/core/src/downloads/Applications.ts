/** What the applications know about downloads: their queues, and the history of what they had fetched and imported. */
import { Effect, Result } from "effect"
import type { LiveIntegration } from "../integrations/Integrations.ts"
import { forEachWithPauses } from "../integrations/Pauses.ts"
import type { QueueEntry } from "../integrations/QueueCapability.ts"
import { isoOfMillis } from "../problems/Instants.ts"
import { addHistory, type ApplicationBooks, type Passage } from "./Ownership.ts"

/** How far back the history is read at first. What was grabbed before that is known by the queue alone. */
const firstHistoryMillis = 30 * 86_400_000
/** Readings of the history overlap by this much: records are written a little after what they tell. */
const overlapMillis = 600_000
/** Downloads whose history is remembered for each application; the oldest are forgotten first. */
const mostPassages = 50_000

interface Kept extends ApplicationBooks {
  /** `null` = it has not been read through any connection. */
  readonly connected: LiveIntegration["connected"] | null
  readonly historyReadAt: number
}

export interface Applications {
  /**
   * Reads all applications that have downloads fetched: `ids`. One that does not answer keeps what it said before, as
   * unreadable, and so does one that may not be asked: its downloads are not nobody's.
   */
  readonly read: (
    ids: ReadonlyMap<string, string>,
    live: ReadonlyArray<LiveIntegration>,
    now: number
  ) => Effect.Effect<ReadonlyArray<ApplicationBooks>>
}

export const makeApplications = (): Applications => {
  const kept = new Map<string, Kept>()

  /** What is known of an application that is not read now. */
  const unreadable = (id: string, name: string, because: string): Kept => {
    const before = kept.get(id)
    return {
      integrationId: id,
      name,
      connected: before?.connected ?? null,
      queue: before?.queue ?? new Map(),
      history: before?.history ?? new Map(),
      historyReadAt: before?.historyReadAt ?? 0,
      unreadable: because
    }
  }

  const readOne = Effect.fnUntraced(function* (live: LiveIntegration, now: number) {
    const { connected, integration } = live
    const before = kept.get(integration.id)
    const { queue } = connected
    if (!live.can("queue")) return unreadable(integration.id, integration.name, "its queue may not be read")
    if (queue === undefined) return unreadable(integration.id, integration.name, "nothing may be sent to it")
    const since = before?.connected === connected ? before.historyReadAt - overlapMillis : now - firstHistoryMillis
    const read = yield* Effect.result(
      // The history first: what is grabbed in between is in the queue already.
      Effect.all([queue.history(isoOfMillis(since)), queue.read])
    )
    if (Result.isFailure(read)) return unreadable(integration.id, integration.name, read.failure.message)
    const [entries, queued] = read.success
    const history = new Map(before?.history)
    yield* forEachWithPauses(entries, (entry) => addHistory(history, entry))
    return {
      integrationId: integration.id,
      name: integration.name,
      connected,
      queue: byDownload(queued),
      history: limited(history),
      historyReadAt: now,
      unreadable: null
    } satisfies Kept
  })

  return {
    read: Effect.fn("Applications.read")(function* (ids, live, now) {
      for (const id of kept.keys()) if (!ids.has(id)) kept.delete(id)
      const byId = new Map(live.map((one) => [one.integration.id, one]))
      yield* Effect.forEach(
        ids,
        ([id, name]) => {
          const one = byId.get(id)
          const books =
            one === undefined ? Effect.succeed(unreadable(id, name, "it is switched off")) : readOne(one, now)
          return Effect.map(books, (found) => kept.set(id, found))
        },
        { concurrency: 4, discard: true }
      )
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
