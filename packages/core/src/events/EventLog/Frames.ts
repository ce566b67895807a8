/** Events as server-sent events, encoded once for every stream that sends them. */
import type { Array as Arr } from "effect"
import { Sse } from "effect/encoding"
import type { StoredEvent } from "../Event.ts"
import type { EventStreamOptions } from "../EventLog.ts"
import { type EventRow, toEvent } from "./EventPages.ts"

/** Consecutive events of the log, decoded and encoded when a stream first sends one of them. */
export interface Frames {
  /** Ids, ascending. */
  readonly ids: ReadonlyArray<number>
  readonly kinds: ReadonlyArray<Kind>
  /** Id of the last event. */
  readonly upTo: number
  /** Approximate size of the frames, in bytes. */
  readonly weight: number
  readonly encoded: () => Encoded
}

/** The frames as parts of one buffer, which streams must not change. */
interface Encoded {
  /** Where each frame begins in `bytes`, and where the last one ends. */
  readonly bounds: ReadonlyArray<number>
  readonly bytes: Uint8Array
}

export type Kind = Pick<StoredEvent, "category" | "type">

export const framesOf = (rows: Arr.NonEmptyReadonlyArray<EventRow>): Frames => {
  let pending: ReadonlyArray<EventRow> = rows
  let done: Encoded | null = null
  return {
    ids: rows.map(({ id }) => id),
    kinds: rows.map(({ category, type }) => ({ category, type })),
    upTo: (rows[rows.length - 1] ?? rows[0]).id,
    weight: rows.reduce((sum, { message, payload }) => sum + message.length + payload.length + emptyFrame, 0),
    encoded: () => {
      if (done === null) {
        done = encode(pending)
        pending = []
      }
      return done
    }
  }
}

/** Approximate size of a frame without its message and its payload, in bytes. */
const emptyFrame = 250

const encode = (rows: ReadonlyArray<EventRow>): Encoded => {
  const frames = rows.map((row) => encoder.encode(frameOf(toEvent(row))))
  const bounds = [0]
  let end = 0
  for (const { byteLength } of frames) bounds.push((end += byteLength))
  const bytes = new Uint8Array(end)
  for (const [index, frame] of frames.entries()) bytes.set(frame, bounds[index])
  return { bounds, bytes }
}

const frameOf = (event: StoredEvent): string =>
  Sse.encoder.write({ _tag: "Event", id: event.id, event: event.type, data: JSON.stringify(event) })

const encoder = new TextEncoder()

/** Which events a stream sends; `null` = all. */
export const wantedBy = ({ categories, types }: EventStreamOptions): ((kind: Kind) => boolean) | null => {
  if (categories === undefined && types === undefined) return null
  const ofCategories = categories === undefined ? null : new Set<string>(categories)
  const ofTypes = types === undefined ? null : new Set(types)
  return ({ category, type }) => (ofCategories?.has(category) ?? true) && (ofTypes?.has(type) ?? true)
}

/** The frames of events after an id that are wanted; those of consecutive events are one piece. */
export const piecesAfter = (
  { encoded, ids, kinds }: Frames,
  id: number,
  wanted: ((kind: Kind) => boolean) | null
): ReadonlyArray<Uint8Array> => {
  const pieces: Array<Uint8Array> = []
  const add = (from: number, to: number) => {
    const { bounds, bytes } = encoded()
    pieces.push(bytes.subarray(bounds[from], bounds[to]))
  }
  let from = firstAbove(ids, id, (one) => one)
  if (wanted === null) {
    if (from < ids.length) add(from, ids.length)
    return pieces
  }
  for (let index = from; index < ids.length; index += 1) {
    const kind = kinds[index]
    if (kind !== undefined && wanted(kind)) continue
    if (from < index) add(from, index)
    from = index + 1
  }
  if (from < ids.length) add(from, ids.length)
  return pieces
}

/** The index of the first entry of an ascending list that is above a value. */
export const firstAbove = <A>(ascending: ReadonlyArray<A>, value: number, of: (entry: A) => number): number => {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const entry = ascending[middle]
    if (entry !== undefined && of(entry) <= value) low = middle + 1
    else high = middle
  }
  return low
}
