/**
 * What is counted as an item, for every sum, preview and report. A whole (show, artist, author) is in the library next
 * to its parts (seasons, albums, books), and both are entries. The unit that is counted is the part, or the whole if
 * the options of its integration say that wholes are removed, or if none of its parts is in the library. The bytes of a
 * whole are those of its parts plus files that belong to none of them (extras next to the seasons), summed once. A single
 * episode is never a unit: its season is counted.
 */
import { Effect, Schema } from "effect"
import type { IntegrationOptions } from "../integrations/Integration.ts"
import { isWholeKind } from "../integrations/Observations.ts"
import { forEachWithPauses } from "../integrations/Pauses.ts"
import { type Relations, wholesOf } from "./Families.ts"
import type { LibraryItem } from "./Item.ts"
import { countsElsewhere, type Places } from "./Places.ts"

/** Number of items and their size. */
export const Tally = Schema.Struct({ items: Schema.Int, bytes: Schema.Finite })
export type Tally = typeof Tally.Type

export const itemCount = (items: number): string => `${items} ${items === 1 ? "item" : "items"}`

/** Relations between entries. */
export interface Families {
  /** The same files under other applications; each file counts once. */
  readonly sameFileAs: Places["sameFileAs"]
  readonly childrenOf: Relations["childrenOf"]
  readonly parentOf: Relations["parentOf"]
}

export interface Counting {
  /** Whether it counts as an item of the library; the engine removes only units. */
  readonly isUnit: (item: LibraryItem) => boolean
  /** Units and bytes of some entries, which may include both a whole and its parts; each counts once. */
  readonly tally: (items: ReadonlyArray<LibraryItem>) => Tally
}

/** Integrations whose wholes are the units. */
export const removingWholes = (
  integrations: ReadonlyArray<{ readonly id: string; readonly options: Pick<IntegrationOptions, "wholeShows"> }>
): ReadonlySet<string> => new Set(integrations.filter(({ options }) => options.wholeShows).map(({ id }) => id))

/** One instance per snapshot, as long as the same integrations remove wholes: it caches sums. */
export const countingOf = (families: Families, wholes: ReadonlySet<string>): Counting => {
  const key = [...wholes].toSorted().join()
  const before = counted.get(families)
  if (before?.key === key) return before.counting
  const counting = makeCounting(families, wholes)
  counted.set(families, { key, counting })
  return counting
}

const counted = new WeakMap<Families, { readonly key: string; readonly counting: Counting }>()

const makeCounting = ({ childrenOf, parentOf, sameFileAs }: Families, wholes: ReadonlySet<string>): Counting => {
  const sums = new WeakMap<ReadonlyArray<LibraryItem>, Tally>()
  const partsOf = (item: LibraryItem) =>
    isWholeKind(item.kind) ? childrenOf(item).filter(({ kind }) => kind !== "episode") : []
  const isUnit = (item: LibraryItem): boolean => {
    if (item.kind === "episode") return false
    const byWholes = wholes.has(item.integrationId)
    return item.parentExternalId === null
      ? byWholes || partsOf(item).length === 0
      : !byWholes || parentOf(item) === undefined
  }
  const sumUp = (items: ReadonlyArray<LibraryItem>): Tally => {
    const given = new Set(items)
    const units = new Set<LibraryItem>()
    let direct = 0
    let bytes = 0
    for (const item of given) {
      const whole = item.parentExternalId === null ? undefined : parentOf(item)
      // What is counted for a single episode is the episode itself, unless its season or its show is counted.
      const isEpisode = item.kind === "episode"
      if (isEpisode && wholesOf({ parentOf }, item).some((one) => given.has(one))) continue
      if (isEpisode || isUnit(item)) direct++
      else for (const unit of whole === undefined ? partsOf(item) : [whole]) if (!given.has(unit)) units.add(unit)
      if (whole !== undefined && given.has(whole)) continue
      if (countsElsewhere(sameFileAs, given, item)) continue
      bytes += bytesOf(item, partsOf(item))
    }
    return { items: direct + units.size, bytes }
  }
  return {
    isUnit,
    tally: (items) => {
      const before = sums.get(items)
      if (before !== undefined) return before
      const sum = sumUp(items)
      sums.set(items, sum)
      return sum
    }
  }
}

/** The application's statistics of a whole and of its parts may be out of sync: the larger one is used. */
const bytesOf = (item: LibraryItem, parts: ReadonlyArray<LibraryItem>): number =>
  parts.length === 0
    ? item.sizeBytes
    : Math.max(
        item.sizeBytes,
        parts.reduce((sum, part) => sum + part.sizeBytes, 0)
      )

/** An entry that is not in a snapshot. */
export interface CountedEntry {
  /** The key of the whole that it belongs to. */
  readonly wholeKey: string | null
  readonly kind: string
}

/** The units among entries that are not in a snapshot, by their keys; `wholes` if the whole is the unit. */
export const unitKeys = Effect.fnUntraced(function* (
  entries: ReadonlyMap<string, CountedEntry>,
  wholes: (key: string) => boolean
): Effect.fn.Return<ReadonlySet<string>> {
  const withParts = new Set<string>()
  yield* forEachWithPauses(entries.values(), ({ kind, wholeKey }) => {
    if (wholeKey !== null && kind !== "episode") withParts.add(wholeKey)
  })
  const units = new Set<string>()
  yield* forEachWithPauses(entries, ([key, { kind, wholeKey }]) => {
    if (kind === "episode") return
    const isUnit = wholeKey === null ? wholes(key) || !withParts.has(key) : !wholes(wholeKey) || !entries.has(wholeKey)
    if (isUnit) units.add(key)
  })
  return units
})
