/** Events of the library: its syncs, and the protections that keep items in it. */
import { Schema } from "effect"
import { eventType, NoPayload } from "../events/EventType.ts"

const category = "library"
const ofSync = { category: "integrations", subject: "integration" } as const
const ofProtection = { category, subject: "protection" } as const

/** The subject: the protected item or collection. */
const protectedItem = Schema.NullOr(Schema.String).annotate({
  description: "`null` if a collection is protected, or if the item is no longer in the library."
})

/** Names that a rule or a protection refers to, and that were lost or found again. */
export const HeldNames = Schema.Struct({
  names: Schema.Array(
    Schema.Struct({
      what: Schema.String.annotate({ description: "The fact whose values are such names, or `integration`." }),
      name: Schema.String,
      integrationId: Schema.String,
      lostAt: Schema.NullOr(Schema.String).annotate({ description: "`null` = the name exists." }),
      items: Schema.Int.annotate({
        description: "Number of items, or of other things that the rule is about, that have it or had it."
      })
    })
  )
})

export const LibraryEvents = {
  synced: eventType("library.synced", {
    category,
    description: "The library was read from the integrations, joined and stored.",
    payload: Schema.Struct({ added: Schema.Int, changed: Schema.Int, gone: Schema.Int, total: Schema.Int })
  }),
  syncFailed: eventType("integration.sync-failed", {
    ...ofSync,
    severity: "warning",
    description: "A sync could not read an integration; its previous data was kept.",
    payload: NoPayload
  }),
  syncHeld: eventType("integration.sync-held", {
    ...ofSync,
    severity: "warning",
    description: "A sync was held, because so many items of an integration would disappear; it waits for a person.",
    payload: NoPayload
  }),
  syncConfirmed: eventType("integration.sync-confirmed", {
    ...ofSync,
    description: "A held sync was confirmed and stored.",
    payload: NoPayload
  }),
  syncDiscarded: eventType("integration.sync-discarded", {
    ...ofSync,
    description: "A held sync was discarded.",
    payload: NoPayload
  }),
  protectionAdded: eventType("protection.added", {
    ...ofProtection,
    description: "An item or a collection was protected: by a person, by an import, or because it was restored.",
    payload: Schema.Struct({
      itemId: protectedItem,
      collection: Schema.optionalKey(Schema.NullOr(Schema.String)).annotate({
        description: "Present if a person protected something; `null` = an item."
      }),
      reason: Schema.String
    })
  }),
  protectionRemoved: eventType("protection.removed", {
    ...ofProtection,
    description: "A protection was removed.",
    payload: Schema.Struct({ itemId: protectedItem, collection: Schema.NullOr(Schema.String) })
  }),
  collectionLost: eventType("protection.collection-lost", {
    ...ofProtection,
    severity: "warning",
    description: "A protected collection was lost; the items that were in it stay protected.",
    payload: HeldNames
  }),
  collectionFound: eventType("protection.collection-found", {
    ...ofProtection,
    description: "A protected collection that was lost was found again.",
    payload: HeldNames
  })
}
