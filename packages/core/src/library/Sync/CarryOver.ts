/**
 * Entries that are missing in a new reading while some of its records could not be identified: each of those records
 * may be one of them. They are kept as they were, but the facts that decide about them are unknown.
 */
import type { CatalogFactName, CatalogItem, Observed, ServerItem } from "../../integrations/Observations.ts"
import type { OddRecords } from "../../integrations/OddRecords.ts"
import type { ListObservation } from "../Sources.ts"
import { keysOf } from "./Disappearance.ts"

/** The entries of the last reading to keep in addition to `now`. */
export const carriedOver = <O extends ListObservation>(
  observation: O,
  before: Observed[O],
  now: Observed[O],
  odd: OddRecords
): Observed[O] => {
  const present = new Set(keysOf(observation, now))
  const keys = keysOf(observation, before)
  const missing = (before as ReadonlyArray<Observed[O][number]>).filter((_, index) => !present.has(keys[index] ?? ""))
  const detail = `${odd.told[0]?.record ?? "a record"} could not be read, and may be this one`
  // Each list contains only entries of its own observation.
  return missing.map((entry) => unsure(observation, entry, detail)) as unknown as Observed[O]
}

const unsure = (observation: ListObservation, entry: object, detail: string): object => {
  switch (observation) {
    case "catalog":
      return unsureItem(entry as CatalogItem, detail)
    case "serverItems":
      return unsureEntry(entry as ServerItem, detail)
    default:
      return entry
  }
}

/** An item of an earlier reading, of which nothing is known for certain. */
export const unsureItem = (item: CatalogItem, detail: string): CatalogItem => {
  const untold: { [N in CatalogFactName]?: string } = { sizeBytes: detail, path: detail, collections: detail }
  for (const name of Object.keys(item.facts)) untold[name as keyof CatalogItem["facts"]] = detail
  return { ...item, untold }
}

const unsureEntry = (entry: ServerItem, detail: string): ServerItem => ({
  ...entry,
  untold: {
    labels: detail,
    collections: detail,
    plays: detail,
    onWatchlist: detail,
    favouritedBy: detail,
    library: detail
  }
})
