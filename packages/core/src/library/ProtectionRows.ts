/** The rows of protections. */
import { Schema } from "effect"
import { itemKinds } from "../integrations/Observations.ts"
import { documentColumn, rowFormat, type RowOf, StoredTime } from "../storage/StoredRows.ts"

export const protectionRows = rowFormat({
  table: "protections",
  columns: {
    id: Schema.Int,
    target: Schema.Literals(["item", "collection"]),
    item_id: Schema.NullOr(Schema.Int),
    integration_id: Schema.NullOr(Schema.Int),
    kind: Schema.NullOr(Schema.Literals(itemKinds)),
    season_number: Schema.NullOr(Schema.Int),
    episode_number: Schema.NullOr(Schema.Int),
    collection: Schema.NullOr(Schema.String),
    title: Schema.String,
    reason: Schema.String,
    actor: Schema.String,
    created_at: Schema.String,
    expires_at: Schema.NullOr(StoredTime),
    /** The item's current external id in the library. */
    external_id: Schema.NullOr(Schema.String),
    parent_external_id: Schema.NullOr(Schema.String),
    integration_removed_at: Schema.NullOr(Schema.String),
    /** As `ItemData.ofServer` of the item. */
    of_server: Schema.Literals([0, 1])
  },
  /** The ids of the protected title, by which it is known when it comes back. */
  documents: { ids: documentColumn(Schema.Array(Schema.String)) }
})

export type ProtectionRow = RowOf<typeof protectionRows>

/** Enough of a row to remove it, even if the rest is damaged. */
export interface Removable {
  readonly id: number
  readonly title: string
  readonly item_id: number | null
  readonly collection: string | null
  readonly expires_at: string | null
}

/** A damaged time does not end a protection. */
export const isInEffect =
  (now: string) =>
  ({ expires_at: until }: Pick<Removable, "expires_at">): boolean =>
    until === null || until > now || Number.isNaN(Date.parse(until))
