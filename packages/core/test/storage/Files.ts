/** A database file in its own folder, with the two connections of a server. */
import { NodeServices } from "@effect/platform-node"
import { SqliteClient } from "@effect/sql-sqlite-node"
import { Effect, Layer, Path } from "effect"
import { connections } from "../../src/storage/Connections.ts"
import { temporaryDatabase } from "../support/Sql.ts"

/** The caller provides the file system. */
export const connectionsIn = (folder: string, file: string) =>
  connections(
    ({ filename, readonly, wal }) =>
      Effect.map(SqliteClient.make({ filename, readonly, disableWAL: !wal }), (client) => ({
        client,
        backup: (target) => Effect.asVoid(client.backup(target))
      })),
    folder,
    file
  )

export const databaseIn = (folder: string, file: string) =>
  connectionsIn(folder, file).pipe(Layer.provideMerge(NodeServices.layer))

/** The folder is deleted when the scope closes. */
export const inFolder = Effect.gen(function* () {
  const path = yield* Path.Path
  const file = yield* temporaryDatabase
  const folder = path.dirname(file)
  return { folder, database: databaseIn(folder, file), file, backups: path.join(folder, "backups") }
}).pipe(Effect.provide(NodeServices.layer))
