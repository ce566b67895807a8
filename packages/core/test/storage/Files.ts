/** A database in a file of its own folder, with the two connections of a server. */
import { NodeServices } from "@effect/platform-node"
import { SqliteClient } from "@effect/sql-sqlite-node"
import { Effect, Layer, Path } from "effect"
import { connections } from "../../src/storage/Connections.ts"
import { temporaryDatabase } from "../support/Sql.ts"

export const databaseIn = (folder: string, file: string) =>
  connections(
    (opening) =>
      Effect.map(SqliteClient.make({ ...opening, disableWAL: opening.readonly }), (client) => ({
        client,
        backup: (target) => Effect.asVoid(client.backup(target))
      })),
    folder,
    file
  ).pipe(Layer.provideMerge(NodeServices.layer))

/** The folder is gone when the scope closes. */
export const inFolder = Effect.gen(function* () {
  const path = yield* Path.Path
  const file = yield* temporaryDatabase
  const folder = path.dirname(file)
  return { folder, database: databaseIn(folder, file), backups: path.join(folder, "backups") }
}).pipe(Effect.provide(NodeServices.layer))
