/** Events of viewers. */
import { Schema } from "effect"
import { eventType } from "../events/EventType.ts"

const ofViewer = { category: "library", subject: "viewer" } as const

const Moved = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  integrationId: Schema.String
})

export const ViewerEvents = {
  joined: eventType("viewer.joined", {
    ...ofViewer,
    description: "Viewers were joined: they are one person.",
    payload: Schema.Struct({
      viewers: Schema.Array(Schema.Struct({ id: Schema.String, name: Schema.String })).annotate({
        description: "The viewers that no longer exist."
      }),
      identities: Schema.Array(Moved).annotate({ description: "The accounts that now belong to the viewer." })
    })
  }),
  split: eventType("viewer.split", {
    ...ofViewer,
    description: "Accounts of a viewer became a separate viewer: they are two people.",
    payload: Schema.Struct({
      viewerId: Schema.String.annotate({ description: "The new viewer." }),
      identities: Schema.Array(Moved).annotate({ description: "The accounts that now belong to the new viewer." })
    })
  })
}
