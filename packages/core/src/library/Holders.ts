/** Which applications have an item, and under which keys. For a part, its whole is looked up too, as a fallback. */
import { Effect, Result, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import type { ItemKind } from "../integrations/Observations.ts"
import { readDocument } from "../storage/StoredDocuments.ts"
import { documentFormat } from "../storage/StoredRows.ts"
import { documentPart } from "../storage/Dialect.ts"
import { ItemNotFound } from "./LibraryErrors.ts"

/** An entry of an application, as `ArtworkEntry`. */
export interface HeldEntry {
  readonly integrationId: string
  readonly kind: ItemKind | "collection"
  readonly key: string
}

export interface HeldItem {
  readonly id: string
  readonly integrationId: string
  readonly externalId: string
  readonly kind: ItemKind | "collection"
  readonly title: string
  readonly year: number | null
  /** It is gone from the application that managed it, which may give its keys to others. */
  readonly gone: boolean
  /** The application that manages it first, then media servers; the same of its whole after that. Empty when it is gone. */
  readonly entries: ReadonlyArray<HeldEntry>
}

export const holdersOf = (sql: SqlClient.SqlClient) =>
  Effect.fn("Library.holders")(function* (itemId: string) {
    const rows = /^\d{1,15}$/.test(itemId)
      ? yield* sql<Row>`SELECT ${columns(sql)}, 0 AS rank FROM items i ${documents(sql)} WHERE i.id = ${Number(itemId)}
          UNION ALL SELECT ${columns(sql)}, 1 AS rank FROM items part JOIN items i
            ON i.integration_id = part.integration_id AND i.external_id = part.parent_external_id ${documents(sql)}
            WHERE part.id = ${Number(itemId)}
          ORDER BY rank`.pipe(Effect.orDie)
      : []
    const row = rows[0]
    if (row === undefined || row.rank !== 0) return yield* new ItemNotFound({ itemId })
    const item: HeldItem = {
      id: itemId,
      integrationId: String(row.integration_id),
      externalId: row.external_id,
      kind: row.kind,
      title: row.title,
      year: row.year,
      gone: row.gone_at !== null,
      entries: row.gone_at === null ? rows.filter(({ gone_at }) => gone_at === null).flatMap(entriesOf) : []
    }
    return item
  })

const documents = (sql: SqlClient.SqlClient) => sql`LEFT JOIN item_documents d ON d.item_id = i.id`

const columns = (sql: SqlClient.SqlClient) => sql`i.integration_id, i.external_id, i.kind, i.title, i.year, i.gone_at,
  ${documentPart(sql, "d.data", "onServers")} AS on_servers`

interface Row {
  readonly integration_id: number
  readonly external_id: string
  readonly kind: ItemKind
  readonly title: string
  readonly year: number | null
  readonly gone_at: string | null
  readonly on_servers: string | null
  readonly rank: number
}

const entriesOf = ({ external_id, integration_id, kind, on_servers }: Row): ReadonlyArray<HeldEntry> => [
  { integrationId: String(integration_id), kind, key: external_id },
  ...serversIn(on_servers).map(({ integrationId, serverItemId }) => ({ integrationId, kind, key: serverItemId }))
]

/** A damaged item is reported when the library is loaded; its manager may still have a poster. */
const serversIn = (text: string | null): typeof OnServers.Type =>
  text === null ? [] : Result.getOrElse(readDocument(servers, "", text), () => [])

const OnServers = Schema.Array(Schema.Struct({ integrationId: Schema.String, serverItemId: Schema.String }))
const servers = documentFormat("items", "data", OnServers)
