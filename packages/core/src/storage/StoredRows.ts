/**
 * Rows of a table, read back. A format says what its columns contain, so that a damaged row, or one of a later version,
 * is named by table, row and column, instead of failing somewhere in the work that uses it. What a room does about such
 * a row is up to the room; nothing may be removed because of it.
 */
import { Effect, Result, Schema } from "effect"
import { issuesOf } from "../problems/Decode.ts"
import { type DocumentFormat, issueText, readDocument, StoredDocumentInvalid } from "./StoredDocuments.ts"

/** A column with a JSON document. */
export interface DocumentColumn<A> {
  readonly schema: Schema.Codec<Exclude<A, null>, unknown>
  /** As `DocumentFormat.version`: 1 unless the schema has changed in a way that older versions cannot read. */
  readonly version: number | null
  /** Whether it may be NULL. */
  readonly nullable: boolean
}

export const documentColumn = <A>(schema: Schema.Codec<A, unknown>, version: number | null = 1): DocumentColumn<A> => ({
  schema: schema as Schema.Codec<Exclude<A, null>, unknown>,
  version,
  nullable: false
})

export const nullableDocument = <A>(
  schema: Schema.Codec<A, unknown>,
  version: number | null = 1
): DocumentColumn<A | null> => ({
  schema: schema as Schema.Codec<Exclude<A, null>, unknown>,
  version,
  nullable: true
})

/** A stored time. What compares as text or by its milliseconds must not take a damaged one for a time that never comes. */
export const StoredTime = Schema.String.check(
  Schema.makeFilter((text: string) => (Number.isNaN(Date.parse(text)) ? "is not a time" : undefined))
)

/** The format of a document with a schema. */
export const documentFormat = <A>(
  table: string,
  column: string,
  schema: Schema.Codec<A, unknown>,
  version: number | null = 1
): DocumentFormat<A> => {
  const decode = Schema.decodeUnknownResult(schema, { errors: "all" })
  return { table, column, version, read: (value) => Result.mapError(decode(value), ({ issue }) => issueText(issue)) }
}

type ColumnsOf<F extends Schema.Struct.Fields> = Schema.Struct<F>["Type"]

type DocumentsOf<D extends Readonly<Record<string, DocumentColumn<unknown>>>> = {
  readonly [K in keyof D]: D[K] extends DocumentColumn<infer A> ? A : never
}

export interface RowFormat<Columns, Documents> {
  readonly table: string
  /** The id of a row, for messages. */
  readonly idOf: (row: object) => string
  /** The columns that are not documents. */
  readonly columns: (row: object) => Result.Result<Columns, StoredDocumentInvalid>
  /** The documents of a row. */
  readonly documents: (row: object) => Result.Result<Documents, StoredDocumentInvalid>
}

/** The type of a row of this format. */
export type RowOf<Format> = Format extends RowFormat<infer Columns, infer Documents> ? Columns & Documents : never

/** `id` is the column, or the columns, by which people distinguish the rows. */
export const rowFormat = <
  F extends Schema.Struct.Fields,
  const D extends Readonly<Record<string, DocumentColumn<unknown>>> = {}
>(options: {
  readonly table: string
  readonly id?: ReadonlyArray<string>
  readonly columns: F & Schema.Struct.Fields
  readonly documents?: D
}): RowFormat<ColumnsOf<F>, DocumentsOf<D>> => {
  const { columns, id = ["id"], table } = options
  const documents: Readonly<Record<string, DocumentColumn<unknown>>> = options.documents ?? {}
  const decode = Schema.decodeUnknownResult(Schema.Struct(columns) as unknown as Schema.Codec<ColumnsOf<F>, unknown>)
  const idOf = (row: object) => id.map((column) => String(Reflect.get(row, column))).join("/")
  const formats = Object.entries(documents).map(
    ([column, one]) => [one, documentFormat(table, column, one.schema, one.version)] as const
  )
  return {
    table,
    idOf,
    columns: (row) =>
      Result.mapError(decode(row), ({ issue }) => {
        const [first] = issuesOf(issue)
        const [column = "", ...within] = first?.path ?? []
        const detail = `${within.length === 0 ? "" : `${within.join(".")}: `}${first?.message ?? "it does not fit"}`
        return new StoredDocumentInvalid({ table, column: String(column), id: idOf(row), detail })
      }),
    documents: (row) => {
      const read: Record<string, unknown> = {}
      for (const [{ nullable }, format] of formats) {
        const text: unknown = Reflect.get(row, format.column)
        if (text === null && nullable) {
          read[format.column] = null
          continue
        }
        const document = readDocument(format, idOf(row), typeof text === "string" ? text : "")
        if (Result.isFailure(document)) return Result.fail(document.failure)
        read[format.column] = document.success
      }
      // It has the keys of `documents`, each decoded by its schema.
      return Result.succeed(read as DocumentsOf<D>)
    }
  }
}

/** A whole row. */
export const readRow = <Columns extends object, Documents extends object>(
  format: RowFormat<Columns, Documents>,
  row: object
): Result.Result<Columns & Documents, StoredDocumentInvalid> =>
  Result.flatMap(format.columns(row), (columns) =>
    Result.map(format.documents(row), (documents) => ({ ...columns, ...documents }))
  )

/** The columns that are not documents, for work that cannot go on without them: throws the error. */
export const requireColumns = <Columns, Documents>(format: RowFormat<Columns, Documents>, row: object): Columns =>
  Result.getOrThrowWith(format.columns(row), (error) => error)

/** The same for work that cannot go on without it: throws the error, which is a defect in an `Effect`. */
export const requireRow = <Columns extends object, Documents extends object>(
  format: RowFormat<Columns, Documents>,
  row: object
): Columns & Documents => Result.getOrThrowWith(readRow(format, row), (error) => error)

/** The readable rows of a list. The others are logged, once while the process runs. */
export const readableRows = <Columns extends object, Documents extends object>(
  format: RowFormat<Columns, Documents>,
  rows: ReadonlyArray<object>
): Effect.Effect<ReadonlyArray<Columns & Documents>> =>
  Effect.gen(function* () {
    const readable: Array<Columns & Documents> = []
    for (const row of rows) {
      const read = readRow(format, row)
      if (Result.isSuccess(read)) readable.push(read.success)
      else yield* logDamage(read.failure)
    }
    return readable
  })

/** Logs a damaged row, once while the process runs: pages read the same row again and again. */
export const logDamage = (damage: StoredDocumentInvalid): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (logged.has(damage.message)) return Effect.void
    if (logged.size >= mostLogged) logged.clear()
    logged.add(damage.message)
    return Effect.logError(damage.message)
  })

const logged = new Set<string>()
const mostLogged = 1000
