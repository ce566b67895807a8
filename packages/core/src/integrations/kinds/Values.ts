/** Small translations that several kinds share: times to ISO-8601 with milliseconds, ids, texts that may be empty. */
import { isoOfMillis } from "../../problems/Instants.ts"
import { typedId, type TypedId, type TypedIdType } from "../Observations.ts"

/**
 * ISO-8601 UTC with milliseconds of a date in text, or `null` when it is none. Year 1 is how .NET says "never", and a
 * time without a zone is how it writes UTC that it has read from a database.
 */
export const isoOrNull = (text: string | null | undefined): string | null => {
  // A bare number, or a month in words, would be read as a date of some year.
  if (text === null || text === undefined || !/^\d{4}-\d{2}-\d{2}/.test(text)) return null
  const millis = Date.parse(/T[\d:.]+$/.test(text) ? `${text}Z` : text)
  return Number.isNaN(millis) || millis < earliest ? null : isoOfMillis(millis)
}

/** ISO-8601 UTC of a moment in seconds since 1970, or `null` for none. */
export const isoOfSeconds = (seconds: number | null | undefined): string | null =>
  seconds === null || seconds === undefined || seconds <= 0 || seconds > latestSecond
    ? null
    : isoOfMillis(seconds * 1000)

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

/**
 * An id that an entry of a Plex server keeps, or `null`. Those of its old agents name a film at a provider, which is
 * matched anew now and then.
 */
export const lastingIdOf = (guid: string | null | undefined): string | null =>
  guid !== null && guid !== undefined && guid.startsWith("plex://") ? guid : null

/** Number of an account, if it is one that other applications use as well: small ones mean somebody else in each. */
export const sharedNumber = (id: string | null | undefined): ReadonlyArray<string> =>
  id !== null && id !== undefined && /^\d{4,}$/.test(id) ? [id] : []

/** A number above 0, or `null`: applications say 0 for "unknown". */
export const positiveOrNull = (value: number | null | undefined): number | null =>
  value === null || value === undefined || !(value > 0) ? null : value

/** The year in which a date begins, `2010-07-16` or `2010-07-16T00:00:00Z`, or `null`. */
export const yearOf = (date: string | null | undefined): number | null => {
  const year = /^(\d{4})\b/.exec(date ?? "")?.[1]
  return year === undefined ? null : positiveOrNull(Number(year))
}

/** The share that `part` is of `whole`, 0..1, or `null` where either is not told. */
export const shareOf = (part: number | null | undefined, whole: number | null | undefined): number | null => {
  const all = positiveOrNull(whole)
  return all === null || part === null || part === undefined || part < 0 ? null : Math.min(1, part / all)
}

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

/** The year 9999: what is later is no time in seconds, and no date can hold it. */
const latestSecond = 253_402_300_799

const earliest = Date.parse("1000-01-01T00:00:00.000Z")
