/** The types of events, as `GET /api/v1/event-log/types` lists them. */
import { Schema } from "effect"
import { type EventCategory, eventCategories } from "../../packages/core/src/events/Event.ts"
import type { AnyEventType } from "../../packages/core/src/events/EventType.ts"
import { eventCatalogue, infoOf } from "../../packages/core/src/system/EventCatalogue.ts"
import { code, codes, sections, table } from "./Markdown.ts"

export const eventsReference = (): string =>
  sections(
    eventCategories.flatMap((category) => {
      const types = eventCatalogue.filter((type) => type.category === category)
      return types.length === 0
        ? []
        : [
            `## ${category}`,
            `${about[category]}.`,
            table(
              ["type", "about", "severity", "when", "payload"],
              types.map((type) => [
                code(type.type),
                type.subjects.map(code).join(" or "),
                type.severity,
                type.description,
                payloadOf(type)
              ])
            )
          ]
    })
  )

const about: Readonly<Record<EventCategory, string>> = {
  audit: "The steps of removals and acts, and their reasons. Kept forever, unless `retention.auditDays` sets a limit",
  library: "Readings of the library, and protections",
  capacity: "Disks, and plans to free space on them",
  integrations: "The connected applications",
  rules: "Rules",
  jobs: "Jobs and their runs",
  access: "Accounts, sessions and API keys",
  settings: "Settings and the configuration",
  system: "Backups, and the clock of the machine"
}

/** The fields of a payload; optional ones with a question mark. */
const payloadOf = (type: AnyEventType): string => {
  const { payloadSchema } = infoOf(type)
  const { properties = {}, required = [] } = fieldsOf(payloadSchema)
  return codes(Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`)))
}

const fieldsOf = Schema.decodeUnknownSync(
  Schema.Struct({
    properties: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
    required: Schema.optionalKey(Schema.Array(Schema.String))
  })
)
