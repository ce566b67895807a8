/**
 * A group of settings: a name and a schema whose fields carry their bounds, defaults and descriptions, so that the API
 * document, the forms and the checks are one. The folder that reads a group defines it.
 */
import type { JsonObject } from "./MergePatch.ts"
import { type SchemaOfFields, settingsSchema, type SettingsSchema } from "./SettingsSchema.ts"

export interface SettingsGroup<out Name extends string = string, out A = JsonObject> extends SettingsSchema<A> {
  readonly name: Name
}

export type SettingsOf<G extends SettingsGroup<string, unknown>> = G["defaults"]

/**
 * Defines a group. `name` is what the API, the command and the database call it. Every field needs the annotations
 * `default` and `description`; the struct needs an `identifier` and a `title`.
 *
 * @example
 * ```ts
 * import { wholeNumber } from "@tendarr/core/settings/SettingTypes"
 * import { settingsGroup } from "@tendarr/core/settings/SettingsGroup"
 * import { Schema } from "effect"
 *
 * export const TrashSettings = settingsGroup(
 *   "trash",
 *   Schema.Struct({
 *     keepDays: wholeNumber(1, 365, { default: 30, description: "Days for which files stay in the trash" })
 *   }).annotate({ identifier: "TrashSettings", title: "Trash" })
 * )
 * ```
 */
export const settingsGroup = <const Name extends string, S extends SchemaOfFields>(
  name: Name,
  schema: S
): SettingsGroup<Name, S["Type"]> => ({ name, ...settingsSchema(schema) })
