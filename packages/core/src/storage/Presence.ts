/**
 * Detects that a data directory has lost its database. Creating a new one next to the key and the backups of the old
 * one would silently start a new installation, so that must be requested explicitly.
 */
import { Context, Effect, FileSystem, Path, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { backupsFolder, lookInto, readBackupName } from "./BackupFiles.ts"
import type { OpenDatabase } from "./Database.ts"
import { stagedRestore } from "./Restoring.ts"
import { keyFileName } from "./SecretKeys.ts"

/** Whether a new database may be created although one was lost. */
export const StartAnew = Context.Reference<boolean>("tendarr/storage/StartAnew", { defaultValue: () => false })

/** There was a database, and it is now missing or empty. */
export class DatabaseMissing extends Schema.TaggedError<DatabaseMissing>()("DatabaseMissing", {
  file: Schema.String,
  state: Schema.Literals(["missing", "empty"]),
  /** The files that remain. */
  left: Schema.Array(Schema.String),
  newestBackup: Schema.NullOr(Schema.String)
}) {
  override get message() {
    const backup = this.newestBackup ?? "FILE"
    return `${this.file} is ${this.state}, and ${this.left.join(" and ")} next to it show that there was one. Put it back, or restore a backup (\`tendarr backup restore ${backup}\`); \`tendarr serve --start-anew\` starts a new installation without any of the old data.`
  }
}

/** Describes what an installation has left in its directory; empty for a new one. */
export const leftIn = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const names = yield* Effect.orElseSucceed(files.readDirectory(path.join(folder, backupsFolder)), () => [])
  const backups = names.map(readBackupName).filter((name) => name !== null)
  // The restore backup holds a database that was replaced, possibly because it was damaged.
  const dated = backups.filter(({ createdAt, reason }) => createdAt !== null && reason !== "restore")
  const newest = dated.toSorted((one, other) => String(other.createdAt).localeCompare(String(one.createdAt)))[0]
  const hasKey = yield* Effect.orElseSucceed(files.exists(path.join(folder, keyFileName)), () => false)
  return {
    left: [
      ...(hasKey ? [keyFileName] : []),
      ...(backups.length === 0 ? [] : [`${backups.length} ${backups.length === 1 ? "backup" : "backups"}`])
    ],
    newestBackup: (newest ?? backups[0])?.id ?? null
  }
})

/** Fails if the database was lost. A staged restore counts as a database. */
export const requirePresence = Effect.fn("Presence.require")(function* (
  open: OpenDatabase,
  folder: string,
  file: string
) {
  if (yield* StartAnew) return
  const files = yield* FileSystem.FileSystem
  if ((yield* stagedRestore(folder)) !== null) return
  const info = yield* Effect.option(files.stat(file))
  const size = info._tag === "None" ? 0 : Number(info.value.size)
  if (size > 0 && (yield* lookInto(open, file, tables)) > 0) return
  const { left, newestBackup } = yield* leftIn(folder)
  if (left.length === 0) return
  return yield* new DatabaseMissing({ file, state: info._tag === "None" ? "missing" : "empty", left, newestBackup })
})

const tables = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ tables: number }>`SELECT count(*) AS tables FROM sqlite_master`
  return row?.tables ?? 0
})
