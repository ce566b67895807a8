/**
 * Marks databases of sandboxes: a database of the simulated stack has a mark in its header (SQLite's application id), from
 * before the first write and in every copy. So it is never mistaken for that of a real installation, nor the reverse.
 */
import { Context, Effect, FileSystem, Option } from "effect"
import type { SqlClient } from "effect/sql"

/** Whether a database that is created now belongs to a sandbox. */
export const ForSandbox = Context.Reference<boolean>("tendarr/storage/ForSandbox", { defaultValue: () => false })

/** "Tdsb" */
const mark = 0x54_64_73_62

/**
 * Marks a database that is still empty. The mark is written to the file itself, not to the log next to it, where
 * reading the header would miss it.
 */
export const markIfNew = Effect.fnUntraced(function* (sql: SqlClient.SqlClient) {
  if (!(yield* ForSandbox)) return
  const [row] = yield* sql<{ tables: number }>`SELECT count(*) AS tables FROM sqlite_master`
  if (row?.tables !== 0) return
  yield* sql.unsafe(`PRAGMA application_id = ${mark}`)
  yield* sql`PRAGMA wal_checkpoint(TRUNCATE)`
})

/**
 * Reads the mark from the header of a file, without opening a database, which would leave files behind. An empty file
 * counts as `absent`.
 */
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
