/** The database of a data directory on bun:sqlite. */
import { SqliteClient } from "@effect/sql-sqlite-bun"
import { connections } from "@tendarr/core/storage/Connections"
import { Effect } from "effect"

export const database = (folder: string, filename: string) =>
  connections(
    // bun:sqlite accepts exactly one of the ways to open a file.
    ({ filename, readonly, wal }) =>
      Effect.map(
        SqliteClient.make({ filename, readonly, readwrite: !readonly, create: !readonly, disableWAL: !wal }),
        (client) => ({ client, backup: (file) => Effect.asVoid(client`VACUUM INTO ${file}`) })
      ),
    folder,
    filename
  )
