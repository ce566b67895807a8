/**
 * The end of the log as server-sent events, for any number of live streams: committed events are read from the database
 * once and encoded once, kept in a window of limited size, and sent by every stream whose position is within it. A stream
 * that is behind the window reads the database itself until it has caught up. The window exists only while there are
 * streams, and only a stream that has sent all of it extends it.
 */
import { Array as Arr, Effect, PubSub, Semaphore } from "effect"
import type { SqlClient } from "effect/sql"
import type { EventFrames, EventStreamOptions } from "../EventLog.ts"
import { eventColumns, type EventRow } from "./EventPages.ts"
import { firstAbove, type Frames, framesOf, type Kind, piecesAfter, wantedBy } from "./Frames.ts"

export interface TailOptions {
  readonly read: SqlClient.SqlClient
  /** Published after every commit with events. */
  readonly wakes: PubSub.PubSub<void>
  /** Number of those commits; a commit that is not counted yet may be visible already. */
  readonly commits: () => number
  /** Id of the newest event; 0 = there is none. */
  readonly head: Effect.Effect<number>
}

export const makeTail = Effect.fnUntraced(function* ({ commits, head, read, wakes }: TailOptions) {
  // One stream at a time extends the window; the others then find it extended.
  const lock = yield* Semaphore.make(1)
  let streams = 0
  let window: Window | null = null

  const rowsAfter = (id: number, { categories, types }: EventStreamOptions) =>
    Effect.orDie(
      read<EventRow>`SELECT ${eventColumns(read)} FROM events WHERE ${read.and([
        read`id > ${id}`,
        ...(categories === undefined ? [] : [read.in("category", categories)]),
        ...(types === undefined ? [] : [read.in("type", types)])
      ])} ORDER BY id LIMIT ${readSize}`
    )

  const extend = (target: Window, cursor: number) =>
    lock.withPermit(
      Effect.suspend(() => {
        const count = commits()
        if (target.commits === count || target.head > cursor) return Effect.void
        // Nobody has extended it for so long that what it has would be dropped anyway.
        if (cursor - target.head > windowEvents) Object.assign(target, windowAt(cursor, -1))
        return Effect.map(rowsAfter(target.head, {}), (rows) => {
          if (Arr.isReadonlyArrayNonEmpty(rows)) add(target, framesOf(rows))
          if (rows.length < readSize) target.commits = count
        })
      })
    )

  /** The next events after an id from the database, and the id up to which it was searched for them. */
  const readAfter = Effect.fnUntraced(function* (options: EventStreamOptions, id: number) {
    const newest = yield* head
    if (newest <= id) return { pieces: [], upTo: id, complete: true }
    const rows = yield* rowsAfter(id, options)
    if (!Arr.isReadonlyArrayNonEmpty(rows)) return { pieces: [], upTo: newest, complete: true }
    const { encoded, upTo } = framesOf(rows)
    const complete = rows.length < readSize
    return { pieces: [encoded().bytes], upTo: complete ? Math.max(upTo, newest) : upTo, complete }
  })

  const follow = Effect.fnUntraced(function* (options: EventStreamOptions, after: number | undefined) {
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        streams += 1
      }),
      () =>
        Effect.sync(() => {
          streams -= 1
          if (streams === 0) window = null
        })
    )
    // Subscribe before reading the log: events appended in the meantime are either read or cause a wake-up.
    const subscription = yield* PubSub.subscribe(wakes)
    const count = commits()
    const newest = yield* head
    const shared = (window ??= windowAt(newest, count))
    const wanted = wantedBy(options)
    // The window may have events that have just been deleted from the log.
    const end = Math.max(newest, shared.head)
    let cursor = after === undefined ? end : Math.min(after, end)

    const next = Effect.gen(function* () {
      for (;;) {
        if (cursor < shared.from) {
          const found = yield* readAfter(options, cursor)
          cursor = found.upTo
          // Beyond what is complete, only events that have been deleted are missing, or a wake-up is pending.
          if (found.complete || found.pieces.length > 0) return found.pieces
        } else if (cursor < shared.head) {
          const found = take(shared, cursor, wanted)
          cursor = found.upTo
          if (found.pieces.length > 0) return found.pieces
        } else if (shared.commits === commits()) {
          return []
        } else {
          yield* extend(shared, cursor)
        }
      }
    })

    return { next, moved: Effect.asVoid(PubSub.takeAll(subscription)) } satisfies EventFrames
  })

  return { follow }
})

interface Window {
  /** The window has the events after this id … */
  from: number
  /** … up to this one. */
  head: number
  /** Every event of so many commits is in the window or before it. */
  commits: number
  frames: Array<Frames>
  events: number
  weight: number
}

const windowAt = (id: number, commits: number): Window => ({
  from: id,
  head: id,
  commits,
  frames: [],
  events: 0,
  weight: 0
})

const add = (window: Window, frames: Frames): void => {
  window.frames.push(frames)
  window.head = frames.upTo
  window.events += frames.ids.length
  window.weight += frames.weight
  while (window.frames.length > 1 && (window.weight > windowBytes || window.events > windowEvents)) {
    const oldest = window.frames.shift()
    if (oldest === undefined) return
    window.from = oldest.upTo
    window.events -= oldest.ids.length
    window.weight -= oldest.weight
  }
}

/** Some of the events after an id, and the id up to which the window was searched for them. */
const take = ({ frames }: Window, id: number, wanted: ((kind: Kind) => boolean) | null) => {
  const pieces: Array<Uint8Array> = []
  let upTo = id
  let bytes = 0
  for (
    let index = firstAbove(frames, id, (some) => some.upTo);
    index < frames.length && bytes < takeBytes;
    index += 1
  ) {
    const some = frames[index]
    if (some === undefined) break
    for (const piece of piecesAfter(some, id, wanted)) {
      pieces.push(piece)
      bytes += piece.byteLength
    }
    upTo = some.upTo
  }
  return { pieces, upTo }
}

/** Number of events that are read at once: some hundred kilobytes. */
const readSize = 500

/** What the window holds at most, unless a single read is more: somewhat more than the events of a large run. */
const windowBytes = 8 * 1024 * 1024
const windowEvents = 10_000

/** A stream that is behind takes the events of several commits at once, until they have so many bytes. */
const takeBytes = 64 * 1024
