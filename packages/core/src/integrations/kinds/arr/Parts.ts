/** What wholes with parts have in common, whether they are shows with seasons or creators with works. */
import type { CatalogFactName, CatalogFacts, CatalogItem, Untold } from "../../Observations.ts"
import type { ImportDays } from "./ImportHistory.ts"

/** Whether a part is wanted: it and its whole; `null` where that could not be read. */
export const both = (whole: boolean | null | undefined, part: boolean | null | undefined): boolean | null =>
  whole === false || part === false ? false : typeof whole === "boolean" && typeof part === "boolean" ? true : null

export const dayOf = (days: ImportDays, key: string): Pick<CatalogFacts, "fileAddedAt"> => {
  const day = days.newestOf(key)
  return day === undefined ? {} : { fileAddedAt: day }
}

export const untoldDay = ({ untold }: ImportDays): Untold<"fileAddedAt"> =>
  untold === null ? {} : { fileAddedAt: untold }

export const unmeasured = (files: number, size: number): Untold<"sizeBytes"> =>
  files > 0 && size <= 0 ? { sizeBytes: "the application tells no size of its files" } : {}

export const untoldAs = (untold: Untold<CatalogFactName>): Pick<CatalogItem, "untold"> =>
  Object.keys(untold).length === 0 ? {} : { untold }
