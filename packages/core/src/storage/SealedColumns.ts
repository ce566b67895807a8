/**
 * The columns whose secrets are sealed: those of the rooms, and those of a program that embeds Tendarr. A room seals and
 * opens its values with its own column. `SecretsAtRest.ts` goes over all columns at start: it tests and reseals their
 * values, and names those that cannot be read.
 */
import { Context, Effect, Layer, Option, Result } from "effect"
import { toJson } from "./Rows.ts"
import { isSealed, type SealPlace, type SecretBox } from "./SecretBox.ts"
import { readDocument, recordIn, type StoredDocumentInvalid } from "./StoredDocuments.ts"

export type { StoredDocumentInvalid } from "./StoredDocuments.ts"

/** The values of a row by column, as the database returns them: the id, and the columns in `reads`. */
export type SealedRow = Readonly<Record<string, unknown>>

/** The keys of a JSON column with their values. A column of one value has the single key `""`. */
export type SealedFields = Readonly<Record<string, unknown>>

/** Whether the value of a key of this row is a secret. */
export type Secrecy = (row: SealedRow, key: string) => boolean

export interface SealedColumn {
  readonly table: string
  /** Column with the id of a row. The id must never be given to another row. */
  readonly id: string
  readonly column: string
  /** `document`: a JSON object, some of whose keys are secrets; `value`: a text that is a secret as a whole. */
  readonly form: "document" | "value"
  /** Further columns that the functions below need. */
  readonly reads: ReadonlyArray<string>
  /** Determined when secrets are settled or sealed, so that it may depend on services. */
  readonly secrecy: Effect.Effect<Secrecy>
  /**
   * Who may receive the secrets of this row, as one text. A secret can be opened only while this text is the one that it
   * was sealed for. `plain` are the fields that are not sealed.
   */
  readonly receivers: (row: SealedRow, plain: SealedFields) => string
  /** Names a secret in messages: `the apiKey of the integration "Radarr"`. */
  readonly nameOf: (row: SealedRow, key: string) => string
}

export interface SealedDocumentOptions {
  readonly table: string
  /** Default: `id`. */
  readonly id?: string
  readonly column: string
  readonly reads?: ReadonlyArray<string>
  /** Keys that are secrets, or how to recognise them. */
  readonly secrets: ReadonlyArray<string> | Effect.Effect<Secrecy>
  readonly receivers: SealedColumn["receivers"]
  readonly nameOf: SealedColumn["nameOf"]
}

/**
 * A column with a JSON object, some of whose keys are secrets.
 *
 * @example
 * ```ts
 * import { sealedDocument } from "@tendarr/core/storage/SealedColumns"
 *
 * export const channelConfigs = sealedDocument({
 *   table: "channels",
 *   column: "config",
 *   reads: ["name", "url"],
 *   secrets: ["token"],
 *   receivers: ({ url }) => String(url),
 *   nameOf: ({ name }, key) => `the ${key} of the channel "${String(name)}"`
 * })
 * ```
 */
export const sealedDocument = ({ reads = [], secrets, id = "id", ...rest }: SealedDocumentOptions): SealedColumn => ({
  ...rest,
  id,
  form: "document",
  reads,
  secrecy: Effect.isEffect(secrets) ? secrets : Effect.succeed((_, key) => secrets.includes(key))
})

export interface SealedValueOptions {
  readonly table: string
  /** Default: `id`. */
  readonly id?: string
  readonly column: string
  readonly reads?: ReadonlyArray<string>
  readonly receivers: (row: SealedRow) => string
  readonly nameOf: (row: SealedRow) => string
}

/** A column with a text that is a secret as a whole; rows in which it is NULL have none. */
export const sealedValue = ({ reads = [], id = "id", ...rest }: SealedValueOptions): SealedColumn => ({
  ...rest,
  id,
  form: "value",
  reads,
  secrecy: Effect.succeed(() => true)
})

/** Sealed columns of a program that embeds Tendarr. */
export const FurtherSealedColumns = Context.Reference<ReadonlyArray<SealedColumn>>(
  "tendarr/storage/FurtherSealedColumns",
  { defaultValue: () => [] }
)

/** The sealed columns of this installation. */
export class SealedColumns extends Context.Service<SealedColumns, ReadonlyArray<SealedColumn>>()(
  "tendarr/storage/SealedColumns"
) {
  /** These columns, and then `FurtherSealedColumns`. Building the layer ends the program if a column is listed twice. */
  static readonly layerOf = (columns: ReadonlyArray<SealedColumn>): Layer.Layer<SealedColumns> =>
    Layer.effect(
      SealedColumns,
      Effect.map(FurtherSealedColumns, (further) => checked([...columns, ...further]))
    )
}

const checked = (columns: ReadonlyArray<SealedColumn>): ReadonlyArray<SealedColumn> => {
  const names = new Set<string>()
  for (const { column, id, reads, table } of columns) {
    const wrong = [table, id, column, ...reads].find((name) => !/^[a-z][a-z0-9_]*$/.test(name))
    if (wrong !== undefined) throw new Error(`"${wrong}" cannot name a table or a column`)
    const name = `${table}.${column}`
    if (names.has(name)) throw new Error(`The sealed column ${name} is listed twice`)
    names.add(name)
  }
  return columns
}

/** Location of a value: `integrations/3/config/apiKey`. */
export const placeIn = ({ column, id, table }: SealedColumn, row: SealedRow, key: string): string =>
  [table, encodeURIComponent(String(row[id])), column, ...(key === "" ? [] : [key])].join("/")

/** Whether a location is in one of these columns. */
export const isPlaceOf = (columns: ReadonlyArray<SealedColumn>, at: string): boolean => {
  const [table, , column] = at.split("/")
  return columns.some((each) => each.table === table && each.column === column)
}

/** The fields of a stored text, sealed as they are. The keys of a document are its own: it has no version. */
export const fieldsOf = (
  column: Pick<SealedColumn, "table" | "id" | "column" | "form">,
  row: SealedRow,
  text: string
): Result.Result<SealedFields, StoredDocumentInvalid> =>
  column.form === "value"
    ? Result.succeed({ "": sealedTextOf(text) })
    : readDocument(recordIn(column.table, column.column), String(row[column.id]), text)

/** The text that the column stores; `null` = the fields contain no value. */
export const textOf = ({ form }: SealedColumn, fields: SealedFields): string | null => {
  if (form === "document") return toJson(fields)
  const value = fields[""]
  return value === undefined ? null : typeof value === "string" ? value : toJson(value)
}

/** A text in a column of values is sealed only if it is the JSON of a sealed value. */
const sealedTextOf = (text: string): unknown => {
  if (!text.startsWith('{"sealed"')) return text
  const parsed = Result.try((): unknown => JSON.parse(text))
  return Result.isSuccess(parsed) && isSealed(parsed.success) ? parsed.success : text
}

export interface OpenedFields {
  /** Includes secrets, except withheld ones. */
  readonly fields: SealedFields
  /** Keys whose sealed values were not given for this row and these receivers. They count as absent. */
  readonly withheld: ReadonlyArray<string>
}

/** Opens the secrets of a row. */
export const openFields = (
  box: SecretBox,
  column: SealedColumn,
  row: SealedRow,
  stored: SealedFields
): OpenedFields => {
  const place = placesFor(
    column,
    row,
    stored,
    Object.keys(stored).filter((key) => !isSealed(stored[key]))
  )
  const opened = Object.entries(stored).map(([key, value]) => [key, box.open(place(key), value)] as const)
  return {
    fields: Object.fromEntries(
      opened.flatMap(([key, value]) => (Option.isSome(value) ? [[key, value.value] as const] : []))
    ),
    withheld: opened.flatMap(([key, value]) => (Option.isNone(value) ? [key] : []))
  }
}

/** Seals the secrets of a row, whose id must be known: insert the row first, in the same transaction. */
export const sealFields = Effect.fnUntraced(function* (
  box: SecretBox,
  column: SealedColumn,
  row: SealedRow,
  fields: SealedFields
) {
  const secrecy = yield* column.secrecy
  const place = placesFor(
    column,
    row,
    fields,
    Object.keys(fields).filter((key) => !secrecy(row, key))
  )
  const sealed = yield* Effect.forEach(Object.entries(fields), ([key, value]) =>
    secrecy(row, key)
      ? Effect.map(box.seal(place(key), value), (hidden) => [key, hidden] as const)
      : Effect.succeed([key, value] as const)
  )
  return Object.fromEntries(sealed) satisfies SealedFields
})

/** Reseals the fields of a row where possible. Withheld values stay as they are, for their own receivers. */
export const resealFields = Effect.fnUntraced(function* (
  box: SecretBox,
  column: SealedColumn,
  row: SealedRow,
  stored: SealedFields
) {
  const { fields, withheld } = openFields(box, column, row, stored)
  const sealed = yield* sealFields(box, column, row, fields)
  return { ...sealed, ...Object.fromEntries(withheld.map((key) => [key, stored[key]] as const)) } satisfies SealedFields
})

/** A value can be opened only at its own location, and only while its receivers are those that it was sealed for. */
const placesFor = (
  column: SealedColumn,
  row: SealedRow,
  fields: SealedFields,
  plain: ReadonlyArray<string>
): ((key: string) => SealPlace) => {
  const receivers = column.receivers(row, Object.fromEntries(plain.map((key) => [key, fields[key]] as const)))
  return (key) => ({ at: placeIn(column, row, key), receivers })
}

/** What a `value` column stores for a secret. */
export const sealText = (box: SecretBox, column: SealedColumn, row: SealedRow, secret: string): Effect.Effect<string> =>
  Effect.map(sealFields(box, column, row, { "": secret }), (fields) => textOf(column, fields) ?? "")

/** The secret in a `value` column; `None` = it was sealed for other receivers, and must be entered again. */
export const openText = (
  box: SecretBox,
  column: SealedColumn,
  row: SealedRow,
  stored: string
): Option.Option<string> => {
  const value = openFields(box, column, row, { "": sealedTextOf(stored) }).fields[""]
  return typeof value === "string" ? Option.some(value) : Option.none()
}
