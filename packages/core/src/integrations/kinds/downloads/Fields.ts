/**
 * Fields of a record whose values may have any type. A value of another type than the expected one is unknown (`null`),
 * so that one odd field costs a download neither its other fields nor its place in the list.
 */
import { Predicate } from "effect"
import { isoOfSeconds } from "../Values.ts"

export type Fields = Readonly<Record<string, unknown>>

export const fieldsIn = (value: unknown): Fields => (Predicate.isObject(value) ? (value as Fields) : {})

export const textIn = (fields: Fields, key: string): string | null => {
  const value = fields[key]
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : null
}

/** A text that is not empty. */
export const wordsIn = (fields: Fields, key: string): string | null => {
  const text = textIn(fields, key)?.trim() ?? ""
  return text === "" ? null : text
}

export const numberIn = (fields: Fields, key: string): number | null => {
  const value = fields[key]
  if (typeof value === "number") return Number.isFinite(value) ? value : null
  if (typeof value !== "string" || !/^\s*-?\d+(\.\d+)?\s*$/.test(value)) return null
  return Number(value)
}

/** A number of 0 or more: clients use -1 and -2 for unknown. */
export const amountIn = (fields: Fields, key: string): number | null => {
  const value = numberIn(fields, key)
  return value === null || value < 0 ? null : value
}

export const flagIn = (fields: Fields, key: string): boolean | null => {
  const value = fields[key]
  if (typeof value === "boolean") return value
  if (value === 1 || value === "1" || value === "true") return true
  return value === 0 || value === "0" || value === "false" ? false : null
}

/** A time in seconds since 1970; 0, -1 and the largest 32-bit number are none. */
export const timeIn = (fields: Fields, key: string): string | null => {
  const seconds = numberIn(fields, key)
  return seconds === null || seconds >= 4_294_967_295 ? null : isoOfSeconds(Math.floor(seconds))
}

export const listIn = (fields: Fields, key: string): ReadonlyArray<unknown> | null => {
  const value = fields[key]
  return Array.isArray(value) ? value : null
}

/** 0..1 of a share between 0 and `whole`. */
export const shareIn = (fields: Fields, key: string, whole = 1): number | null => {
  const value = amountIn(fields, key)
  return value === null ? null : Math.min(1, value / whole)
}
