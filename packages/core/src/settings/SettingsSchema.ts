/**
 * A settings schema: its defaults, derived from its fields, and how stored values are resolved. Only changed values are
 * stored, so that improved defaults of a later version apply to settings that were never changed.
 */
import { type Effect, type JsonSchema, Schema } from "effect"
import { decodeRequest } from "../problems/Decode.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import { type JsonObject, mergePatch } from "./MergePatch.ts"

export interface SettingsSchema<A> {
  readonly title: string
  readonly defaults: A
  /** Keys whose value is an open record: `null` removes an entry. */
  readonly records: ReadonlyArray<string>
  /** Resolves the stored values; issues are reported under `payload`. */
  readonly resolve: (set: JsonObject) => Effect.Effect<A, InvalidRequest>
  /** JSON Schema (draft 2020-12), for forms. */
  readonly jsonSchema: () => JsonSchema.JsonSchema
}

export type SchemaOfFields = Schema.Struct<Schema.Struct.Fields> & Schema.ConstraintDecoder<unknown>

/** Every field needs the annotations `default` and `description`. */
export const settingsSchema = <S extends SchemaOfFields>(schema: S): SettingsSchema<S["Type"]> => {
  const defaults = Object.fromEntries(
    Object.entries(schema.fields).map(([name, field]) => [
      name,
      (Schema.resolveAnnotationsKey(field) ?? Schema.resolveAnnotations(field))?.["default"]
    ])
  )
  const decode = decodeRequest(schema)
  const records = Object.entries(schema.fields).flatMap(([name, field]) =>
    field.ast._tag === "Objects" && field.ast.indexSignatures.length > 0 ? [name] : []
  )
  return {
    title: Schema.resolveAnnotations(schema)?.title ?? "",
    defaults: Schema.decodeUnknownSync(schema)(defaults),
    records,
    resolve: (set) => decode(mergePatch(defaults, set)),
    jsonSchema: () => jsonSchemaOf(schema)
  }
}

/**
 * The JSON Schema (draft 2020-12) of the encoded form of an object schema: itself at the top, referenced schemas in
 * `$defs`.
 */
export const jsonSchemaOf = (schema: Schema.Constraint): JsonSchema.JsonSchema => {
  // As a type, it accepts anything except null; as a form, it has no fields.
  if (hasNoFields(schema)) return { type: "object", properties: {}, additionalProperties: false, $defs: {} }
  const document = Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error" })
  const identifier = Schema.resolveAnnotations(schema)?.identifier ?? ""
  const { [identifier]: own = document.schema, ...shared } = document.definitions
  return { ...own, $defs: shared }
}

const hasNoFields = ({ ast }: Schema.Constraint): boolean =>
  ast._tag === "Objects" && ast.propertySignatures.length === 0 && ast.indexSignatures.length === 0
