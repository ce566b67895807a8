/**
 * The fields of a kind's configuration, derived from its schema: the form, the JSON Schema, the reference, the prompts of
 * the command and what is secret all follow from it, so that none of them can know a key that another one does not.
 */
import { Effect, type JsonSchema, Result, Schema, SchemaAST } from "effect"
import type { ConfigField, Kind } from "./Kind.ts"

/** What a form says about a field in addition to its type. These are annotations of the schema of the field. */
export interface AboutField {
  /** Its label. */
  readonly title: string
  /** Where to find the value, or what it is for. */
  readonly description: string
  /**
   * Whether a text is sealed in the database, masked in answers and typed without being shown. A text is a secret unless
   * this is `false`; other types never are.
   */
  readonly secret?: boolean
  /** As `ConfigField.ownSecret`. */
  readonly ownSecret?: boolean
  /** As `ConfigField.choosesPart`. */
  readonly choosesPart?: boolean
  /** Accepted because earlier versions stored it, and not offered any more. */
  readonly former?: boolean
}

/**
 * Describes a field of a configuration. Texts, whole numbers, booleans and `Schema.Literals` of texts can be fields;
 * `Schema.optionalKey` makes one optional, and `defaultsTo` gives it a default. Checks come before the description.
 *
 * @example
 * ```ts
 * import { configField, defaultsTo } from "@tendarr/core/integrations/ConfigForm"
 * import { Schema } from "effect"
 *
 * export const WishlistConfig = Schema.Struct({
 *   apiKey: configField(Schema.NonEmptyString, { title: "API key", description: "Shown under Settings." }),
 *   order: defaultsTo(
 *     configField(Schema.Literals(["newest", "oldest"]), { title: "Order", description: "Which wishes are read first." }),
 *     "newest"
 *   )
 * })
 * ```
 */
export const configField = <S extends Schema.Top>(schema: S, about: AboutField): S["Rebuild"] =>
  schema.annotate({ ...about })

/** The value of a field that is not given: forms show it, and decoding a configuration without the field yields it. */
export const defaultsTo = <S extends Schema.Top & { readonly Encoded: string | number | boolean }>(
  field: S,
  initial: S["Encoded"]
) => Schema.withDecodingDefaultKey<S>(Effect.succeed(initial))(field)

/** A kind, as far as its form depends on it. */
type Formed = Pick<Kind, "id" | "config">

/** The fields that a form offers, in the order of the schema. */
export const fieldsOf = (kind: Formed): ReadonlyArray<ConfigField> => derived(kind).offered

/**
 * Whether a value is a secret. A key that the schema does not know is one, because nobody has said that it is harmless.
 */
export const isSecretOf = (kind: Formed, key: string): boolean => derived(kind).plain.get(key) !== true

/** Ends the program if the configuration of a kind cannot be rendered as a form: that is a bug in the kind. */
export const checkForm = (kind: Formed): void => void derived(kind)

interface Derived {
  readonly offered: ReadonlyArray<ConfigField>
  /** By key, including former fields: whether it is not a secret. */
  readonly plain: ReadonlyMap<string, boolean>
}

const forms = new WeakMap<SchemaAST.AST, Derived>()

const derived = ({ config, id }: Formed): Derived => {
  const known = forms.get(config.ast)
  if (known !== undefined) return known
  const form = derive(config.ast, id)
  forms.set(config.ast, form)
  return form
}

const derive = (ast: SchemaAST.AST, kindId: string): Derived => {
  if (ast._tag !== "Objects" || ast.indexSignatures.length > 0) {
    throw new Error(`The configuration of the kind "${kindId}" is not a struct`)
  }
  const fields = ast.propertySignatures.map(({ name, type }) => {
    const field = fieldOf(String(name), type)
    if (typeof field === "string") throw new Error(`The field "${String(name)}" of the kind "${kindId}" ${field}`)
    return field
  })
  return {
    offered: fields.flatMap(({ field, former }) => (former ? [] : [field])),
    plain: new Map(fields.map(({ field }) => [field.key, field.type !== "secret"]))
  }
}

/** The field of a property, or why it cannot be one, as the end of a sentence. */
const fieldOf = (
  key: string,
  ast: SchemaAST.AST
): { readonly field: ConfigField; readonly former: boolean } | string => {
  const { choosesPart, description, former, ownSecret, secret, title } = SchemaAST.resolve(ast) ?? {}
  if (title === undefined || description === undefined) {
    return "has no title and description; annotate its schema with `configField`, after its checks"
  }
  const encoded = SchemaAST.toEncoded(ast)
  const shape = shapeOf(encoded)
  if (shape === null) return "is neither a text, a whole number, a boolean nor a choice of texts"
  if (secret === true && shape.type !== "text") return "is a secret and no text"
  const required = !SchemaAST.isOptional(encoded)
  const initial = required ? undefined : defaultOf(key, ast)
  return {
    former: former === true,
    field: {
      key,
      label: String(title),
      type: shape.type === "text" && secret !== false ? "secret" : shape.type,
      required,
      description: String(description),
      ...(initial === undefined ? {} : { default: initial }),
      ...(shape.choices === undefined ? {} : { choices: shape.choices }),
      ...(ownSecret === true ? { ownSecret } : {}),
      ...(choosesPart === true ? { choosesPart } : {})
    }
  }
}

interface Shape {
  readonly type: Exclude<ConfigField["type"], "secret">
  readonly choices?: ReadonlyArray<string>
}

const shapeOf = (ast: SchemaAST.AST): Shape | null => {
  // Nearly all fields are texts, and kinds are derived when the program starts.
  if (ast._tag === "String") return { type: "text" }
  const { schema } = Schema.toJsonSchemaDocument(Schema.make<Schema.Top>(ast))
  const { type } = schema
  const choices: unknown = schema["enum"]
  if (Array.isArray(choices)) {
    return choices.every((each) => typeof each === "string") ? { type: "choice", choices } : null
  }
  if (type === "string") return { type: "text" }
  return type === "integer" || type === "boolean" ? { type } : null
}

/** What decoding yields for an absent key. */
const defaultOf = (key: string, ast: SchemaAST.AST): ConfigField["default"] => {
  const alone = Schema.make<Schema.Codec<Readonly<Record<string, unknown>>>>(
    Schema.Struct({ [key]: Schema.make<Schema.Top>(ast) }).ast
  )
  const decoded = Schema.decodeUnknownResult(alone)({})
  const value = Result.isSuccess(decoded) ? decoded.success[key] : undefined
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : undefined
}

/** JSON Schema (draft 2020-12). A secret is `writeOnly`, with the format `password`. */
export const configSchemaOf = (kind: Formed): JsonSchema.JsonSchema => {
  const fields = fieldsOf(kind)
  return {
    type: "object",
    properties: Object.fromEntries(fields.map((field) => [field.key, propertyOf(field)])),
    required: fields.flatMap(({ key, required }) => (required ? [key] : [])),
    additionalProperties: false,
    $defs: {}
  }
}

const propertyOf = ({ choices, default: initial, description, label, type }: ConfigField): JsonSchema.JsonSchema => ({
  ...types[type],
  title: label,
  description,
  ...(initial === undefined ? {} : { default: initial }),
  ...(choices === undefined ? {} : { enum: [...choices] })
})

const types: Readonly<Record<ConfigField["type"], JsonSchema.JsonSchema>> = {
  text: { type: "string" },
  secret: { type: "string", format: "password", writeOnly: true },
  boolean: { type: "boolean" },
  integer: { type: "integer" },
  choice: { type: "string" }
}
