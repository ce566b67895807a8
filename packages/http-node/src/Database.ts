/** The database of a data directory on node:sqlite. */
import { SqliteClient } from "@effect/sql-sqlite-node"
import { connections } from "@tendarr/core/storage/Connections"
import { Effect } from "effect"

export const database = (folder: string, filename: string) =>
  connections(
    ({ filename, readonly, wal }) =>
      Effect.map(SqliteClient.make({ filename, readonly, disableWAL: !wal }), (client) => ({
        client,
        backup: (file) => Effect.asVoid(client.backup(file))
      })),
    folder,
    filename
  )
