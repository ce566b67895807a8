/** The rows of downloads, their clients and strikes. */
import { Array as Arr, Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { DownloadsReading } from "../integrations/Downloads.ts"
import { repeatable } from "../storage/Durability.ts"
import { toJson } from "../storage/Rows.ts"
import { documentColumn, readableRows, type RowOf, rowFormat } from "../storage/StoredRows.ts"
import { transacting } from "../storage/Transactions.ts"
import { Ownership } from "./Downloading.ts"
import { ClientStateSchema, DownloadSchema } from "./DownloadSchema.ts"
import { Observation } from "./Observation.ts"

const downloadFormat = rowFormat({
  table: "downloads",
  columns: {
    id: Schema.Int,
    integration_id: Schema.Int,
    client_id: Schema.String,
    updated_at: Schema.String,
    gone_at: Schema.NullOr(Schema.String)
  },
  documents: {
    download: documentColumn(DownloadSchema),
    observation: documentColumn(Observation),
    ownership: documentColumn(Ownership)
  }
})

const clientFormat = rowFormat({
  table: "download_clients",
  id: ["integration_id"],
  columns: {
    integration_id: Schema.Int,
    name: Schema.String,
    read_at: Schema.String,
    complete: Schema.BooleanFromBit,
    incomplete_because: Schema.NullOr(Schema.String),
    epoch: Schema.NullOr(Schema.String),
    epoch_since: Schema.String
  },
  documents: { state: documentColumn(ClientStateSchema) }
})

export interface StoredDownload {
  readonly id: string
  readonly integrationId: string
  readonly clientId: string
  readonly updatedAt: string
  /** When it left its client; `null` = it is there. */
  readonly goneAt: string | null
  readonly download: typeof DownloadSchema.Type
  readonly observation: Observation
  readonly ownership: Ownership
}

export interface StoredClient {
  readonly integrationId: string
  readonly name: string
  readonly readAt: string
  readonly complete: boolean
  readonly incompleteBecause: string | null
  readonly epoch: string | null
  readonly epochSince: string
  readonly state: typeof ClientStateSchema.Type
}

export interface DownloadDraft {
  readonly clientId: string
  readonly download: typeof DownloadSchema.Type
  readonly observation: Observation
  readonly ownership: Ownership
}

/** Rows that are written in one transaction. */
const rowsAtOnce = 200
/** Rows that are decoded before others take their turn: a few milliseconds. */
const decodedAtOnce = 50

const clientOf = (row: RowOf<typeof clientFormat>): StoredClient => ({
  integrationId: String(row.integration_id),
  name: row.name,
  readAt: row.read_at,
  complete: row.complete,
  incompleteBecause: row.incomplete_because,
  epoch: row.epoch,
  epochSince: row.epoch_since,
  state: row.state
})

const storedOf = (row: RowOf<typeof downloadFormat>): StoredDownload => ({
  id: String(row.id),
  integrationId: String(row.integration_id),
  clientId: row.client_id,
  updatedAt: row.updated_at,
  goneAt: row.gone_at,
  download: row.download,
  observation: row.observation,
  ownership: row.ownership
})

/** The clients that are connected and were read before, as the database has them. Damaged rows are logged and left out. */
export const storedClients = (from: SqlClient.SqlClient) =>
  Effect.map(
    Effect.flatMap(
      Effect.orDie(from`SELECT c.*, i.name FROM download_clients c
        JOIN integrations i ON i.id = c.integration_id AND i.deleted_at IS NULL AND i.enabled = 1`),
      (rows) => readableRows(clientFormat, rows)
    ),
    (rows) => rows.map(clientOf)
  )

/**
 * The downloads of a client that are there, as the database has them: in portions, because decoding thousands takes a
 * second. Damaged rows are logged and left out.
 */
export const presentDownloads = Effect.fn("DownloadStore.present")(function* (
  from: SqlClient.SqlClient,
  integrationId: string
) {
  // Columns after the documents are slow to read, and the index has the rows that are there.
  const ids = yield* Effect.orDie(
    from<{ readonly id: number }>`SELECT id FROM downloads
      WHERE gone_at IS NULL AND integration_id = ${Number(integrationId)} ORDER BY id`
  )
  const found: Array<StoredDownload> = []
  for (const some of Arr.chunksOf(ids, decodedAtOnce)) {
    const rows = yield* Effect.orDie(
      from`SELECT * FROM downloads WHERE gone_at IS NULL AND ${from.in(
        "id",
        some.map(({ id }) => id)
      )} ORDER BY id`
    )
    for (const row of yield* readableRows(downloadFormat, rows)) found.push(storedOf(row))
    yield* Effect.yieldNow
  }
  return found
})

export interface DownloadStore extends Effect.Success<typeof makeDownloadStore> {}

export const makeDownloadStore = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const transact = transacting(sql)

  /** Writes the client, and those of its downloads that are given. Returns the ids of these rows by the client's ids. */
  const write = Effect.fn("DownloadStore.write")(function* (
    integrationId: string,
    reading: Pick<DownloadsReading, "client" | "complete" | "incompleteBecause">,
    epochSince: string,
    drafts: ReadonlyArray<DownloadDraft>,
    at: string
  ) {
    const integration = Number(integrationId)
    const client = {
      read_at: at,
      complete: reading.complete ? 1 : 0,
      incomplete_because: reading.incompleteBecause,
      epoch: reading.client.epoch,
      epoch_since: epochSince,
      state: toJson(reading.client)
    }
    yield* transact(
      sql`INSERT INTO download_clients ${sql.insert({ integration_id: integration, ...client })}
        ON CONFLICT (integration_id) DO UPDATE SET ${sql.update(client)}`
    )
    const ids = new Map<string, string>()
    for (let start = 0; start < drafts.length; start += rowsAtOnce) {
      const rows = drafts
        .slice(start, start + rowsAtOnce)
        .map(({ clientId, download, observation, ownership }): Record<string, unknown> => ({
          integration_id: integration,
          client_id: clientId,
          name: download.name,
          state: download.state,
          download: toJson(download),
          observation: toJson(observation),
          ownership: toJson(ownership),
          updated_at: at,
          gone_at: null
        }))
      if (!Arr.isArrayNonEmpty(rows)) continue
      const written = yield* transact(
        sql<{ readonly id: number; readonly client_id: string }>`INSERT INTO downloads ${sql.insert(rows)}
          ON CONFLICT (integration_id, client_id) DO UPDATE SET name = excluded.name, state = excluded.state,
            download = excluded.download, observation = excluded.observation, ownership = excluded.ownership,
            updated_at = excluded.updated_at, gone_at = NULL
          RETURNING id, client_id`
      )
      for (const { client_id, id } of written) ids.set(client_id, String(id))
      yield* Effect.yieldNow
    }
    return ids
  }, repeatable)

  const leave = Effect.fn("DownloadStore.leave")(function* (ids: ReadonlyArray<string>, at: string) {
    for (let start = 0; start < ids.length; start += rowsAtOnce) {
      const some = ids.slice(start, start + rowsAtOnce).map(Number)
      yield* transact(sql`UPDATE downloads SET gone_at = ${at} WHERE ${sql.in("id", some)}`)
    }
  })

  /** A download that was here before, with what was observed of it. */
  const known = Effect.fn("DownloadStore.known")(function* (integrationId: string, clientIds: ReadonlyArray<string>) {
    const found = new Map<string, Pick<StoredDownload, "id" | "observation" | "ownership">>()
    for (let start = 0; start < clientIds.length; start += rowsAtOnce) {
      const some = clientIds.slice(start, start + rowsAtOnce)
      const rows = yield* sql`SELECT * FROM downloads
        WHERE integration_id = ${Number(integrationId)} AND ${sql.in("client_id", some)}`.pipe(Effect.orDie)
      for (const row of yield* readableRows(downloadFormat, rows)) {
        const { id, observation, ownership } = storedOf(row)
        found.set(row.client_id, { id, observation, ownership })
      }
    }
    return found
  })

  /**
   * By what a client told its last start apart from others, and when that was first seen, in epoch milliseconds; `null` =
   * it was never read.
   */
  const epochOf = (integrationId: string) =>
    Effect.map(
      Effect.orDie(sql<{ readonly epoch: string | null; readonly since: string }>`SELECT epoch, epoch_since AS since
        FROM download_clients WHERE integration_id = ${Number(integrationId)}`),
      ([row]) => (row === undefined ? null : { epoch: row.epoch, since: Date.parse(row.since) })
    )

  const prune = (before: string) =>
    Effect.map(
      transact(sql`DELETE FROM downloads WHERE gone_at IS NOT NULL AND gone_at < ${before} RETURNING id`),
      (rows) => rows.length
    )

  return { write, leave, known, epochOf, prune }
})
