/**
 * Protections in a portable form: they refer to an integration by name and to an item by identifiers that recognise it,
 * instead of ids of one database.
 */
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Actor } from "../events/Actor.ts"
import { EventLog } from "../events/EventLog.ts"
import { itemKinds } from "../integrations/Observations.ts"
import { IsoTime, nowIso } from "../problems/Instants.ts"
import { toJson } from "../storage/Rows.ts"
import { documentColumn, requireRow, rowFormat, StoredTime } from "../storage/StoredRows.ts"
import { holdCollection } from "./HeldNames.ts"
import { LibraryEvents } from "./LibraryEvents.ts"

const Text = Schema.String.check(Schema.isMaxLength(500))
const common = { title: Text, reason: Text, expiresAt: Schema.NullOr(IsoTime) }

const ProtectedItem = Schema.Struct({
  target: Schema.Literal("item"),
  integration: Text.annotate({ description: "Name of the integration that manages the item." }),
  kind: Schema.Literals(itemKinds),
  ids: Schema.Array(Schema.String.check(Schema.isMaxLength(100), Schema.isPattern(/^[a-z-]+:.+$/)))
    .check(Schema.isMaxLength(50))
    .annotate({ description: "Identifiers that several applications share, such as `tmdb-movie:603`." }),
  externalId: Schema.NullOr(Text).annotate({
    description: "The integration's own id of the item, if the item was in the library."
  }),
  seasonNumber: Schema.NullOr(Schema.Int),
  episodeNumber: Schema.optionalKey(Schema.Int).annotate({ description: "Only of an episode." }),
  ...common
})
export type ProtectedItem = typeof ProtectedItem.Type

const ProtectedCollection = Schema.Struct({
  target: Schema.Literal("collection"),
  collection: Schema.NonEmptyString.check(Schema.isMaxLength(500)),
  ...common
})

export const PortableProtection = Schema.Union([ProtectedItem, ProtectedCollection]).annotate({
  identifier: "PortableProtection"
})
export type PortableProtection = typeof PortableProtection.Type

export interface StoredProtection {
  readonly rowId: number
  readonly protection: PortableProtection
}

/** The active protections whose integrations exist. */
export const portableProtections = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const now = yield* nowIso
  const rows = yield* Effect.orDie(
    sql<object>`SELECT p.*, n.name AS integration, i.external_id FROM protections p
      LEFT JOIN items i ON i.id = p.item_id
      LEFT JOIN integrations n ON n.id = p.integration_id AND n.deleted_at IS NULL
      ORDER BY p.id`
  )
  // Dies if one cannot be read: a document without it would be taken for all protections.
  const read = rows.map((row) => requireRow(format, row))
  const inEffect = read.filter(({ expires_at: until }) => until === null || until > now)
  return inEffect.flatMap((row): ReadonlyArray<StoredProtection> => {
    const { expires_at: expiresAt, reason, title } = row
    if (row.collection !== null) {
      const { collection } = row
      return [{ rowId: row.id, protection: { target: "collection", collection, title, reason, expiresAt } }]
    }
    const { integration, kind } = row
    if (integration === null || kind === null) return []
    const protection: ProtectedItem = {
      target: "item",
      integration,
      kind,
      ids: row.ids,
      externalId: row.external_id,
      seasonNumber: row.season_number,
      ...(row.episode_number === null ? {} : { episodeNumber: row.episode_number }),
      title,
      reason,
      expiresAt
    }
    return [{ rowId: row.id, protection }]
  })
})

/** Whether two of them protect the same target. */
export const sameTarget = (a: PortableProtection, b: PortableProtection): boolean => {
  if (a.target === "collection" || b.target === "collection") {
    return a.target === "collection" && b.target === "collection" && a.collection === b.collection
  }
  return (
    a.integration === b.integration &&
    a.kind === b.kind &&
    a.seasonNumber === b.seasonNumber &&
    a.episodeNumber === b.episodeNumber &&
    ((a.externalId !== null && a.externalId === b.externalId) || a.ids.some((id) => b.ids.includes(id)))
  )
}

export interface Placing {
  /** The protection that it replaces. */
  readonly replaces: number | null
  readonly integrationId: string | null
  /** `null` = the item is not in the library yet; it is recognised when it is added. */
  readonly itemId: string | null
}

/** Writes one protection within the caller's transaction. */
export const placeProtection = Effect.fn("PortableProtections.place")(function* (
  protection: PortableProtection,
  { integrationId, itemId, replaces }: Placing
) {
  const sql = yield* SqlClient.SqlClient
  const events = yield* EventLog
  if (replaces !== null) yield* sql`DELETE FROM protections WHERE id = ${replaces}`
  if (itemId !== null) yield* sql`DELETE FROM protections WHERE item_id = ${Number(itemId)}`
  const item = protection.target === "item" ? protection : null
  const [row] = yield* sql<{ id: number }>`INSERT INTO protections ${sql.insert({
    target: protection.target,
    item_id: itemId === null ? null : Number(itemId),
    integration_id: integrationId === null ? null : Number(integrationId),
    kind: item?.kind ?? null,
    ids: toJson(item?.ids ?? []),
    season_number: item?.seasonNumber ?? null,
    episode_number: item?.episodeNumber ?? null,
    collection: protection.target === "collection" ? protection.collection : null,
    title: protection.title,
    reason: protection.reason,
    actor: yield* Actor,
    created_at: yield* nowIso,
    expires_at: protection.expiresAt
  })} RETURNING id`
  if (protection.target === "collection") yield* holdCollection(String(row!.id), protection.collection)
  yield* events.append(
    LibraryEvents.protectionAdded.make({
      subject: String(row!.id),
      message: `"${protection.title}" is protected`,
      payload: { itemId, reason: protection.reason }
    })
  )
}, Effect.orDie)

const format = rowFormat({
  table: "protections",
  columns: {
    id: Schema.Int,
    kind: Schema.NullOr(Schema.Literals(itemKinds)),
    season_number: Schema.NullOr(Schema.Int),
    episode_number: Schema.NullOr(Schema.Int),
    collection: Schema.NullOr(Schema.String),
    title: Schema.String,
    reason: Schema.String,
    expires_at: Schema.NullOr(StoredTime),
    integration: Schema.NullOr(Schema.String),
    external_id: Schema.NullOr(Schema.String)
  },
  documents: { ids: documentColumn(Schema.Array(Schema.String)) }
})
