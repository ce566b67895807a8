/**
 * Reads one record although a field of it is not of the type it should be: a number in text becomes the number it is,
 * and what cannot be read is left out and named, as long as the record can do without it.
 */
import { Predicate, Result, type Schema, SchemaIssue } from "effect"
import type { OddField } from "../OddRecords.ts"

export interface TolerantRow<A> {
  readonly row: A
  /** What was left out. Empty when only the spelling of a value was odd. */
  readonly fields: ReadonlyArray<OddField>
}

type Decode<A> = (value: unknown) => Result.Result<A, Schema.SchemaError | SchemaIssue.Issue>
type Path = ReadonlyArray<PropertyKey>

/** More faults than this in one record, and it is another record than was meant. */
const mostRepairs = 20

/** Called for a record that `decode` has refused. Fails with the first fault when the record cannot do without it. */
export const readTolerantly = <A>(decode: Decode<A>, value: unknown): Result.Result<TolerantRow<A>, OddField> => {
  // JSON, so that it can be copied; what was given stays as it is.
  const copy: unknown = structuredClone(value)
  const fields: Array<OddField> = []
  for (let repair = 0; repair < mostRepairs; repair++) {
    const decoded = decode(copy)
    if (Result.isSuccess(decoded)) return Result.succeed({ row: decoded.success, fields })
    const fault = firstFault(decoded.failure)
    const field = { path: pathText(fault.path), detail: fault.message }
    if (respelled(decode, copy, fault.path)) continue
    const left = leaveOut(copy, fault.path)
    if (left === null) return Result.fail(field)
    fields.push({ path: pathText(left), detail: fault.message })
  }
  return Result.fail({ path: "", detail: "too many fields are not of the type they should be" })
}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** The first fault of a refused value, with the path to it. */
export const firstFault = (
  error: Schema.SchemaError | SchemaIssue.Issue
): { readonly path: Path; readonly message: string } => {
  const first = format("issue" in error && !SchemaIssue.isIssue(error) ? error.issue : error).issues[0]
  return {
    path: (first?.path ?? []).map((segment) => (typeof segment === "object" ? segment.key : segment)),
    message: first?.message ?? "it is not what was expected"
  }
}

/** `seasons[3].statistics.sizeOnDisk`. */
export const pathText = (path: Path): string =>
  path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "")

/** Tries the other spellings of the value at `path`, and keeps the first with which the fault is no longer there. */
const respelled = <A>(decode: Decode<A>, root: unknown, path: Path): boolean => {
  const parent = at(root, path.slice(0, -1))
  const key = path[path.length - 1]
  if (key === undefined || !isContainer(parent) || !(key in parent)) return false
  const before = parent[key]
  for (const spelling of spellingsOf(before)) {
    parent[key] = spelling
    const decoded = decode(root)
    if (Result.isSuccess(decoded) || pathText(firstFault(decoded.failure).path) !== pathText(path)) return true
  }
  parent[key] = before
  return false
}

const spellingsOf = (value: unknown): ReadonlyArray<unknown> => {
  if (typeof value === "number") return [String(value)]
  if (typeof value !== "string") return []
  const text = value.trim()
  if (/^(true|false)$/i.test(text)) return [text.toLowerCase() === "true"]
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? [Number(text)] : []
}

/** Leaves out what stands at `path`, or what it stands in where it is missing already. Answers what was left out. */
const leaveOut = (root: unknown, path: Path): Path | null => {
  for (let length = path.length; length > 0; length--) {
    const target = path.slice(0, length)
    const parent = at(root, target.slice(0, -1))
    const key = target[length - 1]
    if (key === undefined || !isContainer(parent) || !(key in parent)) continue
    if (Array.isArray(parent)) parent.splice(Number(key), 1)
    else delete parent[key]
    return target
  }
  return null
}

const at = (root: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, key) => (isContainer(value) ? value[key] : undefined), root)

const isContainer = (value: unknown): value is Record<PropertyKey, unknown> =>
  Predicate.isObject(value) || Array.isArray(value)
