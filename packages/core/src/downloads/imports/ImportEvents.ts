/** Events about imports that Tendarr had an application do. */
import { Schema } from "effect"
import { eventType } from "../../events/EventType.ts"

const About = { name: Schema.String, client: Schema.String, application: Schema.String }

export const ImportEvents = {
  imported: eventType("download.imported", {
    category: "audit",
    subject: "download",
    description: "An application has imported a download that Tendarr handed to it.",
    payload: Schema.Struct({ ...About, path: Schema.String })
  }),
  needsPerson: eventType("download.import-needs-person", {
    category: "audit",
    severity: "warning",
    subject: "download",
    description:
      "An application did not import a download however often Tendarr handed it over; it is left to a person.",
    payload: Schema.Struct({ ...About, path: Schema.String, because: Schema.String })
  })
}
