/** What the applications know about downloads: their queues, and the history of what they had fetched and imported. */
import { Effect, Result, Semaphore } from "effect"
import type { LiveIntegration } from "../integrations/Integrations.ts"
import { forEachWithPauses } from "../integrations/Pauses.ts"
import type { QueueEntry } from "../integrations/QueueCapability.ts"
import { isoOfMillis } from "../problems/Instants.ts"
import { addHistory, type ApplicationBooks, type Passage } from "./Ownership.ts"

/** How far back the history is read at first. About what was grabbed before that, it is asked for each download. */
const firstHistoryMillis = 30 * 86_400_000
/** Downloads about which one application is asked between two readings: it searches its whole history for each. */
const asksAtOnce = 50
/** Readings of the history overlap by this much: records are written a little after what they tell. */
const overlapMillis = 600_000
/** Downloads whose history is remembered for each application; the oldest are forgotten first. */
const mostPassages = 50_000

/** A download about which an application is asked. */
export interface AskedDownload {
  /** As applications write it. */
  readonly name: string
  /** Every lower-case id by which they may know it. */
  readonly ids: ReadonlyArray<string>
}

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
  ) => Effect.Effect<void>
  /** Asks those that can be asked about some downloads, as far as it is their turn. */
  readonly ask: (some: ReadonlyArray<AskedDownload>) => Effect.Effect<void>
  /** What all of them are known to know. */
  readonly books: () => ReadonlyArray<ApplicationBooks>
}

export const makeApplications = (): Applications => {
  const kept = new Map<string, Kept>()
  /** How often each application was asked since it was last read. */
  const turns = new Map<string, number>()
  /** Downloads about which an application has no usable answer: they stay unknown. */
  const unanswered = new Set<string>()
  const single = Semaphore.makeUnsafe(1)

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
      asked: before === undefined ? new Set() : before.asked,
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
      asked: queue.historyOf === null ? null : (before?.asked ?? new Set()),
      unreadable: null
    } satisfies Kept
  })

  const askOne = Effect.fnUntraced(function* (book: Kept, some: ReadonlyArray<AskedDownload>) {
    const search = book.connected?.queue?.historyOf ?? null
    const { asked } = book
    if (search === null || asked === null || book.unreadable !== null) return
    const used = turns.get(book.integrationId) ?? 0
    const keyOf = (name: string) => `${book.integrationId}/${name}`
    const left = some
      .filter(({ ids, name }) => !ids.some((id) => asked.has(id)) && !unanswered.has(keyOf(name)))
      .slice(0, asksAtOnce - used)
    if (left.length === 0) return
    turns.set(book.integrationId, used + left.length)
    const history = new Map(book.history)
    const now = new Set(asked)
    for (const { ids, name } of left) {
      const answer = yield* Effect.result(search(name))
      if (Result.isFailure(answer)) {
        // One that cannot be asked now is asked again later.
        if (answer.failure._tag !== "UpstreamMalformed") break
        unanswered.add(keyOf(name))
        continue
      }
      for (const entry of answer.success) addHistory(history, entry)
      for (const id of ids) now.add(id)
    }
    kept.set(book.integrationId, { ...book, history, asked: now })
  })

  return {
    books: () => [...kept.values()],
    ask: Effect.fn("Applications.ask")(function* (some) {
      yield* Effect.forEach([...kept.values()], (book) => askOne(book, some), { concurrency: 4, discard: true })
    }, single.withPermits(1)),
    read: Effect.fn("Applications.read")(function* (ids, live, now) {
      turns.clear()
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
