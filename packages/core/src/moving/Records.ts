/** Reads records of other products: values of unknown types, their times, and texts of them for people. */
import { createHash } from "node:crypto"
import { Effect, Predicate } from "effect"
import { isoOfMillis } from "../problems/Instants.ts"
import { type InvalidRequest } from "../problems/Problem.ts"
import type { ForeignDatabase } from "../storage/ForeignDatabase.ts"
import { MovingFileUnusable } from "./MoveIn.ts"

export type Fields = Readonly<Record<string, unknown>>

/** A text that is not blank. */
export const textIn = (fields: Fields, ...names: ReadonlyArray<string>): string | null => {
  for (const name of names) {
    const value = fields[name]
    if (typeof value === "string" && value.trim() !== "") return value.trim()
    if (typeof value === "number" || typeof value === "bigint") return String(value)
  }
  return null
}

export const numberIn = (fields: Fields, ...names: ReadonlyArray<string>): number | null => {
  for (const name of names) {
    const value = fields[name]
    const number = typeof value === "bigint" || typeof value === "string" ? Number(value) : value
    if (typeof number === "number" && Number.isFinite(number) && value !== "") return number
  }
  return null
}

export const flagIn = (fields: Fields, ...names: ReadonlyArray<string>): boolean =>
  names.some((name) => [1, 1n, true, "1", "true"].includes(fields[name] as never))

/** A time as SQLite stores it without a zone, which is UTC, or as ISO-8601. A day counts from its end, if it is a bound. */
export const timeIn = (fields: Fields, name: string): string | null => {
  const value = fields[name]
  if (typeof value === "number" && Number.isFinite(value)) return isoOrNull(value < 1e11 ? value * 1000 : value)
  if (typeof value !== "string") return null
  const text = value.trim()
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return isoOrNull(Date.parse(`${text}T23:59:59.999Z`))
  const local = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)$/.exec(text)
  return isoOrNull(Date.parse(local === null ? text : `${local[1]}T${local[2]}Z`))
}

const isoOrNull = (millis: number): string | null => {
  if (!Number.isFinite(millis) || Math.abs(millis) > 8.64e15) return null
  return isoOfMillis(millis)
}

/** JSON in a column; `undefined` if it is none. */
export const jsonIn = (fields: Fields, name: string): unknown => {
  const value = fields[name]
  if (typeof value !== "string") return undefined
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

export const textsIn = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value)
    ? value.flatMap((one: unknown) =>
        typeof one === "string" && one !== "" ? [one] : typeof one === "number" ? [String(one)] : []
      )
    : []

export const isFields = (value: unknown): value is Fields => Predicate.isObject(value) && !Array.isArray(value)

/** What people are shown of a record, without its empty columns. */
export const originalOf = (fields: Fields): string => {
  const shown = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined))
  const text = JSON.stringify(shown, (_key, value: unknown) => (typeof value === "bigint" ? Number(value) : value))
  return text.length > longestOriginal ? `${text.slice(0, longestOriginal)}…` : text
}

const longestOriginal = 4000

/** Equal for records with the same content, in whichever file they are. */
export const keyOf = (...parts: ReadonlyArray<unknown>): string =>
  createHash("sha256")
    .update(JSON.stringify(parts, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)))
    .digest("base64url")
    .slice(0, 32)

/** The messages of a refusal, each with the part of the rule that it is about. */
export const refusalsOf = ({ errors }: InvalidRequest): ReadonlyArray<string> =>
  errors.map(({ message, path }) => {
    const place = path.filter((part) => part !== "payload").join(".")
    return place === "" ? message : `${place} ${message}`
  })

/** Refuses a file of another product, or of a version that is not known. */
export const expectTables = (
  { tables }: ForeignDatabase,
  product: string,
  needed: ReadonlyArray<string>
): Effect.Effect<void, MovingFileUnusable> => {
  const missing = needed.filter((table) => !tables.has(table))
  return missing.length === 0
    ? Effect.void
    : Effect.fail(
        new MovingFileUnusable({
          fault: "other-product",
          detail: `The file is not a database of ${product}: it has no table ${missing.join(", ")}`
        })
      )
}

export const expectColumns = (
  { tables }: ForeignDatabase,
  product: string,
  table: string,
  needed: ReadonlyArray<ReadonlyArray<string>>
): Effect.Effect<void, MovingFileUnusable> => {
  const columns = tables.get(table)
  const missing = needed.filter((names) => !names.some((name) => columns?.has(name) === true)).map(([name]) => name)
  return missing.length === 0
    ? Effect.void
    : Effect.fail(
        new MovingFileUnusable({
          fault: "older-version",
          detail: `The database of ${product} has no column ${missing.join(", ")} in its table ${table}: start a newer version of ${product} once, which updates it`
        })
      )
}

export const refuseNewer = (
  product: string,
  found: number,
  known: number,
  knownVersion: string
): Effect.Effect<void, MovingFileUnusable> =>
  found <= known
    ? Effect.void
    : Effect.fail(
        new MovingFileUnusable({
          fault: "newer-version",
          detail: `The database has the schema ${found} of a newer ${product} than ${knownVersion}, whose schema is ${known}`
        })
      )
