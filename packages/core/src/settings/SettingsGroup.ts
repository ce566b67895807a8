/** The groups of settings at work. */
import { type GroupName, type SettingsOf, settingsSchemas } from "./SettingsGroups.ts"
import { settingsSchema, type SettingsSchema } from "./SettingsSchema.ts"

export const settingsGroups: { readonly [G in GroupName]: SettingsSchema<SettingsOf<G>> } = {
  general: settingsSchema(settingsSchemas.general),
  library: settingsSchema(settingsSchemas.library),
  capacity: settingsSchema(settingsSchemas.capacity),
  scoring: settingsSchema(settingsSchemas.scoring),
  removals: settingsSchema(settingsSchemas.removals),
  retention: settingsSchema(settingsSchemas.retention),
  backup: settingsSchema(settingsSchemas.backup),
  access: settingsSchema(settingsSchemas.access),
  telemetry: settingsSchema(settingsSchemas.telemetry)
}
