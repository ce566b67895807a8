/**
 * What figures count, the same in every sum, preview and report. A whole (show, artist, author) stands in the library beside
 * its parts (seasons, albums, books), and both are entries of it. Counted is the unit: the part, or the whole where the
 * options of its integration say that wholes are removed, or where none of its parts is there. The bytes of a whole are those
 * of its parts, and what belongs to none of them (extras beside the seasons): they are summed once.
 */
import { Effect, Schema } from "effect"
import type { IntegrationOptions } from "../integrations/Integration.ts"
import { isWholeKind } from "../integrations/Observations.ts"
import { forEachWithPauses } from "../integrations/Pauses.ts"
import type { LibraryItem } from "./Item.ts"
import { countsElsewhere, type Places } from "./Places.ts"

/** How many items, and how much they take. */
export const Tally = Schema.Struct({ items: Schema.Int, bytes: Schema.Finite })
export type Tally = typeof Tally.Type

export const itemCount = (items: number): string => `${items} ${items === 1 ? "item" : "items"}`

/** Which entry belongs to which. */
export interface Families {
  /** The same files under other applications; each counts once. */
  readonly sameFileAs: Places["sameFileAs"]
  readonly childrenOf: (item: LibraryItem) => ReadonlyArray<LibraryItem>
  readonly parentOf: (item: LibraryItem) => LibraryItem | undefined
}

export interface Counting {
  /** Whether it counts as an item of the library; only what does can be removed by the engine. */
  readonly isUnit: (item: LibraryItem) => boolean
  /** Units and bytes of some entries, whichever of a whole and its parts stand among them; each counts once. */
  readonly tally: (items: ReadonlyArray<LibraryItem>) => Tally
}

/** Integrations whose wholes are the units. */
export const removingWholes = (
  integrations: ReadonlyArray<{ readonly id: string; readonly options: Pick<IntegrationOptions, "wholeShows"> }>
): ReadonlySet<string> => new Set(integrations.filter(({ options }) => options.wholeShows).map(({ id }) => id))

/** One for a library as it stands, as long as the same integrations remove wholes: what it has summed it knows. */
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
  const partsOf = (item: LibraryItem) => (isWholeKind(item.kind) ? childrenOf(item) : [])
  const isUnit = (item: LibraryItem): boolean => {
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
      if (isUnit(item)) direct++
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

/** Statistics of an application may lag behind one another: the larger of what it says of a whole and of its parts. */
const bytesOf = (item: LibraryItem, parts: ReadonlyArray<LibraryItem>): number =>
  parts.length === 0
    ? item.sizeBytes
    : Math.max(
        item.sizeBytes,
        parts.reduce((sum, part) => sum + part.sizeBytes, 0)
      )

/** The units among entries that stand in no snapshot, by their keys; `wholes` where the whole is the unit. */
export const unitKeys = Effect.fnUntraced(function* (
  entries: ReadonlyMap<string, { readonly wholeKey: string | null }>,
  wholes: (key: string) => boolean
): Effect.fn.Return<ReadonlySet<string>> {
  const withParts = new Set<string>()
  yield* forEachWithPauses(entries.values(), ({ wholeKey }) => {
    if (wholeKey !== null) withParts.add(wholeKey)
  })
  const units = new Set<string>()
  yield* forEachWithPauses(entries, ([key, { wholeKey }]) => {
    const isUnit = wholeKey === null ? wholes(key) || !withParts.has(key) : !wholes(wholeKey) || !entries.has(wholeKey)
    if (isUnit) units.add(key)
  })
  return units
})
