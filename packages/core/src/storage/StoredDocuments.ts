/**
 * JSON documents in columns, read back. Each kind of document has a version, stored in it as `v`; the first form has
 * none. A format reads every form since the first. A document that it cannot read is named by table and row, instead of
 * failing somewhere in the work that uses it.
 */
import { Result, Schema, type SchemaIssue } from "effect"
import { issuesOf } from "../problems/Decode.ts"

/** A stored document is damaged, or a later version of Tendarr wrote it. */
export class StoredDocumentInvalid extends Schema.TaggedError<StoredDocumentInvalid>()("StoredDocumentInvalid", {
  table: Schema.String,
  column: Schema.String,
  /** The row, by the key of its table. */
  id: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `The stored ${this.column} of ${this.table} ${this.id} cannot be read: ${this.detail}`
  }
}

export interface DocumentFormat<A> {
  readonly table: string
  readonly column: string
  /** The newest form that is understood; `null` = the keys of the document are not ours, so it cannot say its version. */
  readonly version: number | null
  /** The document, parsed and of a known form; otherwise what is wrong with it, as the end of a sentence. */
  readonly read: (value: unknown, version: number) => Result.Result<A, string>
}

/** Reads the text of a document. `id` is only for the error. */
export const readDocument = <A>(
  format: DocumentFormat<A>,
  id: string,
  text: string
): Result.Result<A, StoredDocumentInvalid> => {
  const { column, table } = format
  const refused = (detail: string) => Result.fail(new StoredDocumentInvalid({ table, column, id, detail }))
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refused("it is not JSON")
  }
  const version = format.version === null ? 1 : versionOf(value)
  if (version === null) return refused("its version is not a number from 1")
  if (format.version !== null && version > format.version) {
    return refused(
      `it has form ${version}, of a later version of Tendarr; this one reads forms up to ${format.version}`
    )
  }
  const read = format.read(value, version)
  return Result.isSuccess(read) ? Result.succeed(read.success) : refused(read.failure)
}

/** The same for work that cannot go on without it: throws the error, which is a defect in an `Effect`. */
export const requireDocument = <A>(format: DocumentFormat<A>, id: string, text: string): A => {
  const read = readDocument(format, id, text)
  if (Result.isSuccess(read)) return read.success
  throw read.failure
}

/** A column with an object whose keys are not ours. */
export const recordIn = (table: string, column: string): DocumentFormat<Readonly<Record<string, unknown>>> => ({
  table,
  column,
  version: null,
  read: (value) => (isRecord(value) ? Result.succeed(value) : Result.fail("it is not an object"))
})

/** A column with JSON that others understand. */
export const jsonIn = (table: string, column: string): DocumentFormat<unknown> => ({
  table,
  column,
  version: null,
  read: (value) => Result.succeed(value)
})

/** A column with a list of texts. */
export const textsIn = (table: string, column: string): DocumentFormat<ReadonlyArray<string>> => ({
  table,
  column,
  version: 1,
  read: (value) => (isTexts(value) ? Result.succeed(value) : Result.fail("it is no list of texts"))
})

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((each) => typeof each === "string")

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** What a schema does not accept in a document, as the end of a sentence. */
export const issueText = (issue: SchemaIssue.Issue): string =>
  issuesOf(issue)
    .slice(0, mostIssues)
    .map(({ message, path }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    .join("; ")

/** Enough to see what is wrong. */
const mostIssues = 5

const versionOf = (value: unknown): number | null => {
  if (!isRecord(value)) return 1
  const { v = 1 } = value
  return typeof v === "number" && Number.isInteger(v) && v >= 1 ? v : null
}
