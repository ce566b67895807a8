/** Shared by the catalogs: facts that are left open, and wholes with their parts. */
import type { CatalogFactName, CatalogFacts, CatalogItem, Untold } from "../../Observations.ts"
import type { ImportDays } from "./ImportHistory.ts"

/** Whether a part is monitored, that is, both it and its whole; `null` if that could not be read. */
export const both = (whole: boolean | null | undefined, part: boolean | null | undefined): boolean | null =>
  whole === false || part === false ? false : typeof whole === "boolean" && typeof part === "boolean" ? true : null

export const dayOf = (days: ImportDays, key: string): Pick<CatalogFacts, "fileAddedAt"> => {
  const day = days.newestOf(key)
  return day === undefined ? {} : { fileAddedAt: day }
}

export const untoldDay = ({ untold }: ImportDays): Untold<"fileAddedAt"> =>
  untold === null ? {} : { fileAddedAt: untold }

export const unmeasured = (files: number, size: number): Untold<"sizeBytes"> =>
  files > 0 && size <= 0 ? { sizeBytes: "the application does not report the size of its files" } : {}

/**
 * Facts including those that are left open: each of them needs a key among the facts, since a missing key means that
 * the application never reports this fact for such an item.
 */
export const leaving = (
  facts: CatalogFacts,
  untold: Untold<CatalogFactName>
): Pick<CatalogItem, "facts" | "untold"> => {
  const open = Object.keys(untold)
  if (open.length === 0) return { facts }
  const missing = open.filter((name) => !ofItem.has(name) && !(name in facts))
  return { facts: { ...facts, ...Object.fromEntries(missing.map((name) => [name, null])) }, untold }
}

/** Facts that are properties of the item itself. */
const ofItem: ReadonlySet<string> = new Set<Exclude<CatalogFactName, keyof CatalogFacts>>([
  "year",
  "path",
  "rootFolder",
  "sizeBytes",
  "collections",
  "fileCount",
  "fileQuality",
  "releaseGroups",
  "fileLanguages",
  "audioLanguages",
  "subtitleLanguages",
  "customFormatScore",
  "lowestCustomFormatScore",
  "cutoffMet",
  "audioChannels",
  "audioTrackCount",
  "videoCodecs",
  "audioCodecs",
  "newestFileAt",
  "filePaths"
])
