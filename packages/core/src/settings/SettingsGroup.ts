/**
 * One group at work: its defaults, read off its schema, and how what was set becomes its value. Only what was set is
 * stored, so that a better default of a later version reaches who never touched it.
 */
import type { Effect, JsonSchema } from "effect"
import { Schema } from "effect"
import { decodeRequest } from "../problems/Decode.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import { type JsonObject, mergePatch } from "./MergePatch.ts"
import { type GroupName, type SettingsOf, settingsSchemas } from "./SettingsGroups.ts"

export interface SettingsGroup<A> {
  readonly title: string
  readonly defaults: A
  /** Keys whose value is an open record: an entry is taken out by `null`. */
  readonly records: ReadonlyArray<string>
  /** The value that results from what was set; issues stand under `payload`. */
  readonly resolve: (set: JsonObject) => Effect.Effect<A, InvalidRequest>
  /** JSON Schema (draft 2020-12) of the group, for forms. */
  readonly jsonSchema: () => JsonSchema.JsonSchema
}

type GroupSchema = Schema.Struct<Schema.Struct.Fields> & Schema.ConstraintDecoder<unknown>

const make = <S extends GroupSchema>(schema: S): SettingsGroup<S["Type"]> => {
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
  const { identifier = "", title = "" } = Schema.resolveAnnotations(schema) ?? {}
  return {
    title,
    defaults: Schema.decodeUnknownSync(schema)(defaults),
    records,
    resolve: (set) => decode(mergePatch(defaults, set)),
    jsonSchema: () => {
      const { definitions } = Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error" })
      const { [identifier]: own, ...shared } = definitions
      return { ...own, $defs: shared }
    }
  }
}

export const settingsGroups: { readonly [G in GroupName]: SettingsGroup<SettingsOf<G>> } = {
  general: make(settingsSchemas.general),
  library: make(settingsSchemas.library),
  capacity: make(settingsSchemas.capacity),
  scoring: make(settingsSchemas.scoring),
  removals: make(settingsSchemas.removals),
  retention: make(settingsSchemas.retention),
  backup: make(settingsSchemas.backup),
  access: make(settingsSchemas.access),
  telemetry: make(settingsSchemas.telemetry)
}
