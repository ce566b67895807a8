/**
 * The order of candidates: by rank, then by a criterion that a person has chosen for ranks that are practically equal.
 */
import { Effect } from "effect"
import { fold } from "../problems/Fold.ts"
import { factMillis } from "../problems/Instants.ts"
import type { TieBreaker } from "./CapacitySettings.ts"

export interface Ranked {
  readonly id: string
  readonly rank: number
  readonly sizeBytes: number
  readonly title: string
  readonly addedAt: string | null
}

/**
 * Sorts by rank, highest first; ranks are compared at four decimals, and small ones at four digits. Then by the tie-breaker, where items without a date
 * come last both ways; then by id. A total order: the same items always come out in the same order. A whole library is sorted
 * in parts, which are then merged two by two, with turns of the event loop between.
 */
export const sortRanked = Effect.fnUntraced(function* <A extends Ranked>(
  items: ReadonlyArray<A>,
  tieBreaker: TieBreaker
) {
  let parts: Array<ReadonlyArray<Key<A>>> = []
  for (let start = 0; start < items.length; start += partSize) {
    const part = items.slice(start, start + partSize).map((item) => keyOf(item, tieBreaker))
    parts.push(part.sort(compareKeys))
    yield* Effect.yieldNow
  }
  while (parts.length > 1) {
    const merged: Array<ReadonlyArray<Key<A>>> = []
    for (let index = 0; index < parts.length; index += 2) {
      merged.push(merge(parts[index] ?? [], parts[index + 1] ?? []))
      yield* Effect.yieldNow
    }
    parts = merged
  }
  return (parts[0] ?? []).map((key) => key.item)
})

const partSize = 1000

const merge = <A extends Ranked>(left: ReadonlyArray<Key<A>>, right: ReadonlyArray<Key<A>>): ReadonlyArray<Key<A>> => {
  const merged: Array<Key<A>> = []
  let next = 0
  for (const key of left) {
    for (let other = right[next]; other !== undefined && compareKeys(other, key) < 0; other = right[++next]) {
      merged.push(other)
    }
    merged.push(key)
  }
  for (; next < right.length; next += 1) merged.push(right[next]!)
  return merged
}

interface Key<A> {
  readonly item: A
  readonly rank: number
  readonly id: string
  /** Ascending. */
  readonly tie: number | string
}

/** Rounding, unlike comparing with a tolerance, keeps equality transitive. */
const keyOf = <A extends Ranked>(item: A, tieBreaker: TieBreaker): Key<A> => ({
  item,
  rank: coarse(item.rank),
  id: item.id,
  tie: tieOf(item, tieBreaker)
})

/**
 * Below 0.1, four decimals would merge ranks that several keeping rules have made different; with several rules that
 * remove, equal products of different factors differ in the last digits of a float.
 */
const coarse = (rank: number): number => {
  if (rank >= 0.1 && rank < 1e8) return Math.round(rank * 10_000) / 10_000
  return rank === 0 ? 0 : Number(rank.toPrecision(rank < 0.1 ? 4 : 12))
}

const tieOf = (item: Ranked, tieBreaker: TieBreaker): number | string => {
  switch (tieBreaker) {
    case "sizeDesc":
      return -item.sizeBytes
    case "sizeAsc":
      return item.sizeBytes
    case "nameAsc":
      return fold(item.title)
    case "oldestFirst":
    case "newestFirst": {
      const millis = item.addedAt === null ? null : factMillis(item.addedAt)
      if (millis === null) return Number.POSITIVE_INFINITY
      return tieBreaker === "oldestFirst" ? millis : -millis
    }
  }
}

const compareKeys = (left: Key<Ranked>, right: Key<Ranked>): number => {
  if (left.rank !== right.rank) return right.rank - left.rank
  if (left.tie !== right.tie) return left.tie < right.tie ? -1 : 1
  return left.id < right.id ? -1 : left.id > right.id ? 1 : 0
}
