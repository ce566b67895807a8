/** Small translations that several kinds share: times to ISO-8601 with milliseconds, ids, texts that may be empty. */
import { typedId, type TypedId, type TypedIdType } from "../Observations.ts"

/**
 * ISO-8601 UTC with milliseconds of a date in text, or `null` when it is none. Year 1 is how .NET says "never", and a
 * time without a zone is how it writes UTC that it has read from a database.
 */
export const isoOrNull = (text: string | null | undefined): string | null => {
  // A bare number, or a month in words, would be read as a date of some year.
  if (text === null || text === undefined || !/^\d{4}-\d{2}-\d{2}/.test(text)) return null
  const millis = Date.parse(/T[\d:.]+$/.test(text) ? `${text}Z` : text)
  return Number.isNaN(millis) || millis < earliest ? null : new Date(millis).toISOString()
}

/** ISO-8601 UTC of a moment in seconds since 1970, or `null` for none. */
export const isoOfSeconds = (seconds: number | null | undefined): string | null =>
  seconds === null || seconds === undefined || seconds <= 0 ? null : new Date(seconds * 1000).toISOString()

/** The earliest of the dates that are known. */
export const earliestOf = (dates: ReadonlyArray<string | null | undefined>): string | null =>
  dates
    .map(isoOrNull)
    .reduce<string | null>((first, date) => (date !== null && (first === null || date < first) ? date : first), null)

/** A typed id, or nothing when the value is missing or is how applications say "none" (0, ""). */
export const idOf = (type: TypedIdType, value: string | number | null | undefined): ReadonlyArray<TypedId> => {
  if (value === null || value === undefined || value === "" || value === 0 || value === "0") return []
  const shape = shapes[type]
  return shape === undefined || shape.test(String(value)) ? [typedId(type, value)] : []
}

const number = /^[1-9]\d*$/
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** Shapes of ids that applications tell as text, which may hold anything. */
const shapes: Partial<Record<TypedIdType, RegExp>> = {
  imdb: /^tt\d+$/,
  musicbrainz: uuid,
  stashdb: uuid,
  "goodreads-author": number,
  "goodreads-book": number
}

/** As `idOf`, by the name that servers give a provider; nothing for one that numbers something else than this kind. */
export const idOfProvider = (
  kind: "movie" | "show",
  provider: string,
  value: string | null | undefined
): ReadonlyArray<TypedId> => {
  switch (provider) {
    case "imdb":
      return idOf("imdb", value)
    case "tmdb":
      return isNumber(value) ? idOf(kind === "movie" ? "tmdb-movie" : "tmdb-show", value) : []
    case "tvdb":
      return kind === "show" && isNumber(value) ? idOf("tvdb", value) : []
    default:
      return []
  }
}

/** The key of a media server's item in the path of that item or of its image. */
export const serverKeyIn = (path: string | null | undefined): string | null =>
  /\/(?:library\/metadata|Items)\/([^/?]+)/i.exec(path ?? "")?.[1] ?? null

/** A number above 0, or `null`: applications say 0 for "unknown". */
export const positiveOrNull = (value: number | null | undefined): number | null =>
  value === null || value === undefined || !(value > 0) ? null : value

/** A trimmed text that says something, or `null`. */
export const textOrNull = (value: string | null | undefined): string | null => {
  const text = value?.trim() ?? ""
  return text === "" ? null : text
}

/** Those of the texts that say something, each once. */
export const distinctTexts = (values: ReadonlyArray<string | null | undefined>): ReadonlyArray<string> => [
  ...new Set(values.flatMap((value) => textOrNull(value) ?? []))
]

/** The folder that holds `path`, whichever way its slashes lean. */
export const folderOf = (path: string | null | undefined): string | null => {
  const plain = path?.replace(/[/\\]+$/, "") ?? ""
  const at = Math.max(plain.lastIndexOf("/"), plain.lastIndexOf("\\"))
  return at <= 0 ? null : plain.slice(0, at)
}

const isNumber = (value: string | null | undefined): boolean => /^\d+$/.test(value ?? "")

const earliest = Date.parse("1000-01-01T00:00:00.000Z")
