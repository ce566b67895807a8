/**
 * Reads a record in which a field does not have the expected type: a number in a string becomes a number, and an
 * unreadable value is omitted and reported, as long as the record is usable without it.
 */
import { Predicate, Result, type Schema, SchemaIssue } from "effect"
import type { OddField } from "../OddRecords.ts"

export interface TolerantRow<A> {
  readonly row: A
  /** The omitted fields. Empty if only the spelling of a value was corrected. */
  readonly fields: ReadonlyArray<OddField>
}

type Decode<A> = (value: unknown) => Result.Result<A, Schema.SchemaError | SchemaIssue.Issue>
type Path = ReadonlyArray<PropertyKey>

/** With more faults than this, it is not the expected kind of record. */
const mostRepairs = 20

/**
 * Called for a record that `decode` has refused. Fails with the first fault if the record is not usable without the
 * field.
 */
export const readTolerantly = <A>(decode: Decode<A>, value: unknown): Result.Result<TolerantRow<A>, OddField> => {
  // A copy, so that the given value stays unchanged; JSON can always be copied.
  const copy: unknown = structuredClone(value)
  let fields: ReadonlyArray<OddField> = []
  for (let repair = 0; repair < mostRepairs; repair++) {
    const decoded = decode(copy)
    if (Result.isSuccess(decoded)) return Result.succeed({ row: decoded.success, fields })
    const fault = firstFault(decoded.failure)
    const field = { path: pathText(fault.path), detail: fault.message }
    if (respelled(decode, copy, fault.path)) continue
    const left = leaveOut(copy, fault.path)
    if (left === null) return Result.fail(field)
    fields = withField(fields, { path: pathText(left), detail: fault.message })
  }
  return Result.fail({ path: "", detail: "too many fields do not have the expected type" })
}

/** If a containing value is omitted too, that one is reported instead, with the same reason. */
const withField = (fields: ReadonlyArray<OddField>, { detail, path }: OddField): ReadonlyArray<OddField> => {
  const isWithin = (field: OddField) => field.path.startsWith(`${path}.`) || field.path.startsWith(`${path}[`)
  const inner = fields.find(isWithin)
  return [...fields.filter((field) => !isWithin(field)), { path, detail: inner?.detail ?? detail }]
}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** The first fault of a refused value, with its path. */
export const firstFault = (
  error: Schema.SchemaError | SchemaIssue.Issue
): { readonly path: Path; readonly message: string } => {
  const first = format("issue" in error && !SchemaIssue.isIssue(error) ? error.issue : error).issues[0]
  return {
    path: (first?.path ?? []).map((segment) => (typeof segment === "object" ? segment.key : segment)),
    message: first?.message ?? "it is not what was expected"
  }
}

/** For example `seasons[3].statistics.sizeOnDisk`. */
export const pathText = (path: Path): string =>
  path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "")

/** Tries other spellings of the value at `path`, and keeps the first one that resolves the fault. */
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

/**
 * Omits the value at `path`, or the value that contains it if it is already missing. Returns the path of what was
 * omitted.
 */
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
