/** Events of the settings, and of the configuration as a whole. */
import { Schema } from "effect"
import { changeFields } from "../events/Change.ts"
import { eventType, NoPayload } from "../events/EventType.ts"

export const SettingsEvents = {
  changed: eventType("settings.changed", {
    category: "settings",
    subject: "settings",
    description: "Settings of a group were changed; the subject is the group.",
    payload: Schema.Struct({ group: Schema.String, ...changeFields })
  }),
  exported: eventType("configuration.exported", {
    category: "settings",
    description: "The configuration was exported with the secrets of the integrations.",
    payload: NoPayload
  }),
  imported: eventType("configuration.imported", {
    category: "settings",
    description: "A configuration was imported and changed something.",
    payload: Schema.Struct({
      changes: Schema.Int.annotate({ description: "Number of entries that were added or changed." }),
      skipped: Schema.Int.annotate({ description: "Number of entries that were skipped." })
    })
  })
}
