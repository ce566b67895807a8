/**
 * Torrent files of downloads that were removed without their data, so that they can be added again. They are sealed, since
 * the address of a tracker may contain a person's key, and can be opened only for the client that they came from.
 */
import { Effect, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { sealedValue, openText, sealText } from "../../storage/SealedColumns.ts"
import { SecretBox } from "../../storage/SecretBox.ts"
import { readableRows, rowFormat } from "../../storage/StoredRows.ts"
import { transacting } from "../../storage/Transactions.ts"

export const keptTorrents = sealedValue({
  table: "removed_torrents",
  column: "torrent",
  reads: ["url", "client_id"],
  receivers: ({ url }) => String(url),
  nameOf: (row) => `the torrent file of the removed download ${String(row["client_id"])}`
})

const format = rowFormat({
  table: "removed_torrents",
  columns: {
    id: Schema.Int,
    client_id: Schema.String,
    url: Schema.String,
    torrent: Schema.NullOr(Schema.String)
  }
})

export interface TorrentPlace {
  readonly integrationId: string
  /** Id of the download in its client. */
  readonly clientId: string
  /** Address of the client: the file is given to no other. */
  readonly url: string
}

export const makeKeptTorrents = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const box = yield* SecretBox
  const transact = transacting(sql)
  return {
    keep: ({ clientId, integrationId, url }: TorrentPlace, torrent: Uint8Array, at: string) =>
      transact(
        Effect.gen(function* () {
          yield* sql`DELETE FROM removed_torrents
            WHERE integration_id = ${Number(integrationId)} AND client_id = ${clientId}`
          const [row] = yield* sql<{ readonly id: number }>`INSERT INTO removed_torrents ${sql.insert({
            integration_id: Number(integrationId),
            client_id: clientId,
            url,
            kept_at: at
          })} RETURNING id`
          const id = row!.id
          const text = yield* sealText(box, keptTorrents, { id, url }, Buffer.from(torrent).toString("base64"))
          yield* sql`UPDATE removed_torrents SET torrent = ${text} WHERE id = ${id}`
        })
      ).pipe(Effect.orDie),
    /** `null` = none is kept, or it was kept for a client at another address. */
    open: Effect.fnUntraced(function* ({ clientId, integrationId, url }: TorrentPlace) {
      const rows = yield* Effect.orDie(sql`SELECT id, client_id, url, torrent FROM removed_torrents
        WHERE integration_id = ${Number(integrationId)} AND client_id = ${clientId} AND url = ${url}`)
      const [row] = yield* readableRows(format, rows)
      if (row === undefined || row.torrent === null) return null
      const text = Option.getOrNull(openText(box, keptTorrents, row, row.torrent))
      return text === null ? null : new Uint8Array(Buffer.from(text, "base64"))
    }),
    /** Deletes those that were kept before a time; returns how many. */
    prune: (before: string) =>
      Effect.map(
        transact(sql`DELETE FROM removed_torrents WHERE kept_at < ${before} RETURNING id`),
        (rows) => rows.length
      )
  }
})
