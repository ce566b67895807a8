/** Events about files in the folders of download clients. */
import { Schema } from "effect"
import { eventType } from "../../events/EventType.ts"

const About = Schema.Struct({ path: Schema.String, files: Schema.Int, bytes: Schema.Finite })

export const FileEvents = {
  found: eventType("orphan.found", {
    category: "audit",
    subject: "orphan",
    description: "A file or folder was found in a folder of a download client that nothing knows.",
    payload: About
  }),
  quarantined: eventType("orphan.quarantined", {
    category: "audit",
    subject: "orphan",
    description: "An orphaned file or folder was moved into quarantine.",
    payload: Schema.Struct({ ...About.fields, quarantine: Schema.String, deleteAt: Schema.String })
  }),
  restored: eventType("orphan.restored", {
    category: "audit",
    subject: "orphan",
    description: "An orphaned file or folder was moved back from quarantine.",
    payload: About
  }),
  deleted: eventType("orphan.deleted", {
    category: "audit",
    severity: "warning",
    subject: "orphan",
    description: "An orphaned file or folder was deleted from quarantine.",
    payload: About
  }),
  kept: eventType("orphan.kept", {
    category: "audit",
    subject: "orphan",
    description: "An orphaned file or folder stays where it is.",
    payload: Schema.Struct({ ...About.fields, because: Schema.String })
  })
}
