/** The configuration of a kind as JSON Schema, as the settings and the options of jobs are described for forms. */
import type { JsonSchema } from "effect"
import type { ConfigField } from "./Kind.ts"

/** JSON Schema (draft 2020-12). A secret is `writeOnly`, with the format `password`. */
export const configSchemaOf = (fields: ReadonlyArray<ConfigField>): JsonSchema.JsonSchema => ({
  type: "object",
  properties: Object.fromEntries(fields.map((field) => [field.key, propertyOf(field)])),
  required: fields.flatMap(({ key, required }) => (required ? [key] : [])),
  additionalProperties: false,
  $defs: {}
})

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
