/** Conversions that several kinds share: times to ISO-8601 with milliseconds, ids, optional strings. */
import { isoOfMillis } from "../../problems/Instants.ts"
import { mailSpace, type ServerAccount, typedId, type TypedId, type TypedIdType } from "../Observations.ts"

/**
 * ISO-8601 UTC with milliseconds of a date string, or `null` if it is not a date. .NET uses year 1 for "never", and
 * writes UTC times that it has read from a database without a zone.
 */
export const isoOrNull = (text: string | null | undefined): string | null => {
  // A bare number, or the name of a month, would be parsed as a date of some year.
  if (text === null || text === undefined || !/^\d{4}-\d{2}-\d{2}/.test(text)) return null
  const millis = Date.parse(/T[\d:.]+$/.test(text) ? `${text}Z` : text)
  return Number.isNaN(millis) || millis < earliest ? null : isoOfMillis(millis)
}

/** ISO-8601 UTC of a time in seconds since 1970, or `null` for none. */
export const isoOfSeconds = (seconds: number | null | undefined): string | null =>
  seconds === null || seconds === undefined || seconds <= 0 || seconds > latestSecond
    ? null
    : isoOfMillis(seconds * 1000)

/** The earliest of the known dates. */
export const earliestOf = (dates: ReadonlyArray<string | null | undefined>): string | null =>
  dates
    .map(isoOrNull)
    .reduce<string | null>((first, date) => (date !== null && (first === null || date < first) ? date : first), null)

/** A typed id, or nothing if the value is missing or is one of the values that applications use for "none" (0, ""). */
export const idOf = (type: TypedIdType, value: string | number | null | undefined): ReadonlyArray<TypedId> => {
  if (value === null || value === undefined || value === "" || value === 0 || value === "0") return []
  const shape = shapes[type]
  return shape === undefined || shape.test(String(value)) ? [typedId(type, value)] : []
}

const number = /^[1-9]\d*$/
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** Formats of ids that applications report as strings, which may contain anything. */
const shapes: Partial<Record<TypedIdType, RegExp>> = {
  imdb: /^tt\d+$/,
  musicbrainz: uuid,
  stashdb: uuid,
  "goodreads-author": number,
  "goodreads-book": number
}

/** Like `idOf`, by the server's name of a provider; nothing if that provider's ids are of another kind. */
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
 * An id that an entry of a Plex server keeps, or `null`. Ids of its old agents name a movie at a provider, which may be
 * matched again at any time.
 */
export const lastingIdOf = (guid: string | null | undefined): string | null =>
  guid !== null && guid !== undefined && guid.startsWith("plex://") ? guid : null

/**
 * The id of an account, if other applications use it too: small numbers identify a different account in each
 * application.
 */
export const sharedNumber = (id: string | null | undefined): ReadonlyArray<string> =>
  id !== null && id !== undefined && /^\d{4,}$/.test(id) ? [id] : []

/** The same as an id of a `ServerAccount`, and of accounts that have an id of 32 hexadecimal digits. */
export const sharedIdsOf = (...ids: ReadonlyArray<string | null | undefined>): ReadonlyArray<string> =>
  ids.flatMap((id) => {
    const digits = id?.replaceAll("-", "").toLowerCase() ?? ""
    if (/^[\da-f]{32}$/.test(digits)) return [`guid:${digits}`]
    return sharedNumber(id).map((number) => `number:${number}`)
  })

/** A mail address as an id that accounts of several applications share. */
export const mailIdsOf = (mail: string | null | undefined): ReadonlyArray<string> => {
  const text = mail?.trim().toLowerCase() ?? ""
  return /^[^\s@]+@[^\s@]+$/.test(text) ? [`${mailSpace}:${text}`] : []
}

/** An account by its id and its login, for applications whose accounts have both. */
export const serverAccount = (
  id: string | null | undefined,
  login: string | null | undefined
): { readonly account?: ServerAccount } => {
  const name = textOrNull(login)
  const key = textOrNull(id)?.replaceAll("-", "").toLowerCase() ?? null
  if (key === null && name === null) return {}
  return {
    account: {
      ...(key === null ? {} : { id: key, sharedIds: sharedIdsOf(key) }),
      ...(name === null ? {} : { login: name })
    }
  }
}

/** Deleting the files of a large item takes time, even longer if the recycle bin is on another disk. */
export const deleteMillis = 120_000

/** The title of a season. */
export const seasonTitle = (show: string, number: number): string =>
  number === 0 ? `${show} - Specials` : `${show} - Season ${number}`

/** A number above 0, or `null`: applications use 0 for "unknown". */
export const positiveOrNull = (value: number | null | undefined): number | null =>
  value === null || value === undefined || !(value > 0) ? null : value

/** The year at the beginning of a date, `2010-07-16` or `2010-07-16T00:00:00Z`, or `null`. */
export const yearOf = (date: string | null | undefined): number | null => {
  const year = /^(\d{4})\b/.exec(date ?? "")?.[1]
  return year === undefined ? null : positiveOrNull(Number(year))
}

/** `part` as a share of `whole`, 0..1, or `null` if either is not known. */
export const shareOf = (part: number | null | undefined, whole: number | null | undefined): number | null => {
  const all = positiveOrNull(whole)
  return all === null || part === null || part === undefined || part < 0 ? null : Math.min(1, part / all)
}

/** A trimmed non-empty string, or `null`. */
export const textOrNull = (value: string | null | undefined): string | null => {
  const text = value?.trim() ?? ""
  return text === "" ? null : text
}

/** The non-empty strings, without duplicates. */
export const distinctTexts = (values: ReadonlyArray<string | null | undefined>): ReadonlyArray<string> => [
  ...new Set(values.flatMap((value) => textOrNull(value) ?? []))
]

/** The parent folder of `path`, with either kind of slashes. */
export const folderOf = (path: string | null | undefined): string | null => {
  const plain = path?.replace(/[/\\]+$/, "") ?? ""
  const at = Math.max(plain.lastIndexOf("/"), plain.lastIndexOf("\\"))
  return at <= 0 ? null : plain.slice(0, at)
}

const isNumber = (value: string | null | undefined): boolean => /^\d+$/.test(value ?? "")

/** The year 9999: a larger number is not a time in seconds, and cannot be represented as a date. */
const latestSecond = 253_402_300_799

const earliest = Date.parse("1000-01-01T00:00:00.000Z")
