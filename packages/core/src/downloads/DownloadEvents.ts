/** Events about downloads and download clients. */
import { Schema } from "effect"
import { eventType, NoPayload } from "../events/EventType.ts"

const About = Schema.Struct({ name: Schema.String, client: Schema.String })

export const DownloadEvents = {
  struck: eventType("download.struck", {
    category: "audit",
    subject: "download",
    description: "A rule gave a download a strike.",
    payload: Schema.Struct({
      ...About.fields,
      rule: Schema.String,
      fault: Schema.String,
      because: Schema.String,
      strikes: Schema.Int,
      of: Schema.Int
    })
  }),
  strikesEnded: eventType("download.strikes-ended", {
    category: "audit",
    subject: "download",
    description: "The strikes of a download no longer count, because it made progress or is gone.",
    payload: Schema.Struct({ ...About.fields, strikes: Schema.Int, because: Schema.String })
  }),
  reported: eventType("download.reported", {
    category: "audit",
    severity: "warning",
    subject: "download",
    description: "A download got its last strike by a rule that only reports.",
    payload: Schema.Struct({ ...About.fields, rule: Schema.String, because: Schema.String })
  }),
  needsPerson: eventType("download.needs-person", {
    category: "audit",
    severity: "warning",
    subject: "download",
    description: "Nothing more is done about the downloads of a title until a person has looked.",
    payload: Schema.Struct({ ...About.fields, because: Schema.String })
  }),
  removed: eventType("download.removed", {
    category: "audit",
    subject: "download",
    description:
      "A download was removed from the queue of its application, and from its client where the rule says so.",
    payload: Schema.Struct({ ...About.fields, application: Schema.NullOr(Schema.String), searched: Schema.Boolean })
  }),
  seeded: eventType("download.seeding", {
    category: "audit",
    subject: "download",
    description: "A rule about seeding, or the guard of free space, has done something to a download.",
    payload: Schema.Struct({ step: Schema.String, rule: Schema.String })
  }),
  leftToPerson: eventType("download.left-to-person", {
    category: "audit",
    subject: "download",
    description: "Somebody has changed what a rule about seeding had set in a client; it is left to them.",
    payload: Schema.Struct({ ...About.fields, aspect: Schema.String, rule: Schema.String })
  }),
  clientHeld: eventType("download-client.held", {
    category: "system",
    severity: "warning",
    subject: "integration",
    description: "Nothing is concluded about the downloads of a client, and why.",
    payload: Schema.Struct({ because: Schema.String })
  }),
  clientUnknownStates: eventType("download-client.unknown-states", {
    category: "system",
    severity: "warning",
    subject: "integration",
    description:
      "A client reports states of downloads that this version of Tendarr does not know; they are left alone.",
    payload: Schema.Struct({ version: Schema.NullOr(Schema.String), states: Schema.Array(Schema.String) })
  }),
  clientResumed: eventType("download-client.resumed", {
    category: "system",
    subject: "integration",
    description: "The downloads of a client are judged again.",
    payload: NoPayload
  })
}
