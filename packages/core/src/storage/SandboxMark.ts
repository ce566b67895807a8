/**
 * Whose a database is: one that was made over the simulated stack says so in its header (SQLite's application id), from before
 * anything is written into it and in every copy. So neither is taken for the other.
 */
import { Context, Effect, FileSystem, Option } from "effect"
import type { SqlClient } from "effect/sql"

/** Whether a database that is made now is a sandbox's. */
export const ForSandbox = Context.Reference<boolean>("tendarr/storage/ForSandbox", { defaultValue: () => false })

/** "Tdsb" */
const mark = 0x54_64_73_62

/** Marks a database that is empty as yet. In the file itself, not in a log beside it, where a look at the file would miss it. */
export const markIfNew = Effect.fnUntraced(function* (sql: SqlClient.SqlClient) {
  if (!(yield* ForSandbox)) return
  const [row] = yield* sql<{ tables: number }>`SELECT count(*) AS tables FROM sqlite_master`
  if (row?.tables !== 0) return
  yield* sql.unsafe(`PRAGMA application_id = ${mark}`)
  yield* sql`PRAGMA wal_checkpoint(TRUNCATE)`
})

/** What the header of a file says; nothing is opened that would leave a trace. `absent` also for an empty file. */
export const ownerOf = Effect.fn("SandboxMark.ownerOf")(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const header = yield* Effect.scoped(
    Effect.flatMap(files.open(file, { flag: "r" }), (opened) => opened.readAlloc(headerBytes))
  ).pipe(Effect.orElseSucceed(() => Option.none<Uint8Array>()))
  if (Option.isNone(header)) return "absent" as const
  const bytes = header.value
  if (bytes.length < headerBytes) return "person" as const
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(68) === mark
    ? ("sandbox" as const)
    : ("person" as const)
})

const headerBytes = 100
