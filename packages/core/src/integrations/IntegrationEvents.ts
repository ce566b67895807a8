/** Events of integrations: their changes, their health, and where their secrets go. */
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
    description: "An integration was changed, switched on or switched off. Secrets are masked.",
    payload: Schema.Struct(changeFields)
  }),
  removed: eventType("integration.removed", {
    ...ofIntegration,
    description: "An integration was removed; nothing is deleted in the application.",
    payload: NoPayload
  }),
  down: eventType("integration.down", {
    ...warning,
    description: "An application does not answer, or refuses, for so long that it counts as down.",
    payload: NoPayload
  }),
  recovered: eventType("integration.recovered", {
    ...ofIntegration,
    description: "An application that was down answers again.",
    payload: NoPayload
  }),
  replaced: eventType("integration.replaced", {
    ...warning,
    description: "At the address of an integration another installation answers than before.",
    payload: Schema.Struct({
      before: Schema.String.annotate({ description: "How the installation names itself." }),
      after: Schema.String
    })
  }),
  connectedTwice: eventType("integration.connected-twice", {
    ...warning,
    description: "An integration turns out to be the application that another one is connected to.",
    payload: Schema.Struct({
      sameAs: Schema.String.annotate({ description: "Id of the other integration." })
    })
  }),
  secretsReused: eventType("integration.secrets-reused", {
    ...warning,
    description:
      "A stored secret goes to another address than it was given for; a note only where the receiver is the same.",
    payload: Schema.Struct({
      fields: Schema.Array(Schema.String),
      from: Schema.String,
      to: Schema.String,
      use: Schema.Literals(["tested", "stored"]),
      confirmed: Schema.Boolean.annotate({
        description: "A person has confirmed it; `false` = the receiver is the same."
      })
    })
  }),
  secretsWithheld: eventType("integration.secrets-withheld", {
    ...warning,
    description: "At the start: secrets of an integration are not sent, since they were sealed for another address.",
    payload: Schema.Struct({ fields: Schema.Array(Schema.String), url: Schema.String })
  })
}
