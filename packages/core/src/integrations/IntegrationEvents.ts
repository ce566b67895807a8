/** Events of integrations: their changes, their health, and the use of their secrets. */
import { Schema } from "effect"
import { changeFields } from "../events/Change.ts"
import { eventType, NoPayload } from "../events/EventType.ts"

const ofIntegration = { category: "integrations", subject: "integration" } as const
const warning = { ...ofIntegration, severity: "warning" } as const

export const IntegrationEvents = {
  created: eventType("integration.created", {
    ...ofIntegration,
    description: "An application was connected.",
    payload: Schema.Struct({ kind: Schema.String, url: Schema.String })
  }),
  updated: eventType("integration.updated", {
    ...ofIntegration,
    description: "An integration was changed, enabled or disabled. Secrets are masked.",
    payload: Schema.Struct(changeFields)
  }),
  removed: eventType("integration.removed", {
    ...ofIntegration,
    description: "An integration was removed; nothing was deleted in the application.",
    payload: NoPayload
  }),
  down: eventType("integration.down", {
    ...warning,
    description: "An application did not answer, or refused requests, for so long that it counts as down.",
    payload: NoPayload
  }),
  recovered: eventType("integration.recovered", {
    ...ofIntegration,
    description: "An application that was down answered again.",
    payload: NoPayload
  }),
  replaced: eventType("integration.replaced", {
    ...warning,
    description: "A different installation answered at the address of an integration.",
    payload: Schema.Struct({
      before: Schema.String.annotate({ description: "The identity that the previous installation reported." }),
      after: Schema.String
    })
  }),
  connectedTwice: eventType("integration.connected-twice", {
    ...warning,
    description: "An integration was found to be connected to the same application as another one.",
    payload: Schema.Struct({
      sameAs: Schema.String.annotate({ description: "Id of the other integration." })
    })
  }),
  secretsReused: eventType("integration.secrets-reused", {
    ...warning,
    description:
      "The use of a stored secret at a changed address was allowed; only informational if the receiver is the same.",
    payload: Schema.Struct({
      fields: Schema.Array(Schema.String),
      from: Schema.String,
      to: Schema.String,
      use: Schema.Literals(["tested", "stored"]),
      confirmed: Schema.Boolean.annotate({
        description: "Whether a person confirmed it; `false` = the receiver is the same."
      })
    })
  }),
  secretsWithheld: eventType("integration.secrets-withheld", {
    ...warning,
    description: "At the start, secrets of an integration were withheld, because they were sealed for another address.",
    payload: Schema.Struct({ fields: Schema.Array(Schema.String), url: Schema.String })
  })
}
