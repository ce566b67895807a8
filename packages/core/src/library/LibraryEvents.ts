/** Events of the library: its syncs, and the protections that keep items in it. */
import { Schema } from "effect"
import { eventType, NoPayload } from "../events/EventType.ts"
import { nameKinds } from "./HeldNames.ts"

const category = "library"
const ofSync = { category: "integrations", subject: "integration" } as const
const ofProtection = { category, subject: "protection" } as const

/** Of the item or the collection that is protected. */
const protectedItem = Schema.NullOr(Schema.String).annotate({
  description: "`null` when a collection is protected, or the item is no longer in the library."
})

/** Names that something goes by, and that are gone or there again. */
export const HeldNames = Schema.Struct({
  names: Schema.Array(
    Schema.Struct({
      what: Schema.Literals(nameKinds),
      name: Schema.String,
      integrationId: Schema.String,
      lostAt: Schema.NullOr(Schema.String).annotate({ description: "`null` = something bears it." }),
      items: Schema.Int.annotate({ description: "How many items bear it, or bore it." })
    })
  )
})

export const LibraryEvents = {
  synced: eventType("library.synced", {
    category,
    description: "What the integrations tell of the library was read, joined and stored.",
    payload: Schema.Struct({ added: Schema.Int, changed: Schema.Int, gone: Schema.Int, total: Schema.Int })
  }),
  syncFailed: eventType("integration.sync-failed", {
    ...ofSync,
    severity: "warning",
    description: "An integration could not be read by a sync; what it told before is kept.",
    payload: NoPayload
  }),
  syncHeld: eventType("integration.sync-held", {
    ...ofSync,
    severity: "warning",
    description: "A sync would take away so much of an integration that it waits for a person.",
    payload: NoPayload
  }),
  syncConfirmed: eventType("integration.sync-confirmed", {
    ...ofSync,
    description: "A sync that was held was confirmed, and is stored.",
    payload: NoPayload
  }),
  syncDiscarded: eventType("integration.sync-discarded", {
    ...ofSync,
    description: "A sync that was held was discarded.",
    payload: NoPayload
  }),
  protectionAdded: eventType("protection.added", {
    ...ofProtection,
    description: "An item or a collection is protected: by a person, an import, or since it was restored.",
    payload: Schema.Struct({
      itemId: protectedItem,
      collection: Schema.optionalKey(Schema.NullOr(Schema.String)).annotate({
        description: "Given when a person has protected something; `null` = an item."
      }),
      reason: Schema.String
    })
  }),
  protectionRemoved: eventType("protection.removed", {
    ...ofProtection,
    description: "A protection was lifted.",
    payload: Schema.Struct({ itemId: protectedItem, collection: Schema.NullOr(Schema.String) })
  }),
  collectionLost: eventType("protection.collection-lost", {
    ...ofProtection,
    severity: "warning",
    description: "A protected collection is no longer there; what was in it stays protected.",
    payload: HeldNames
  }),
  collectionFound: eventType("protection.collection-found", {
    ...ofProtection,
    description: "A protected collection that was lost is there again.",
    payload: HeldNames
  })
}
