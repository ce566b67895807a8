/**
 * A database of another product: a copy of its own, checked before it is read. Nothing in the file is trusted: only
 * plain tables are read, and no trigger, view or virtual table takes part.
 */
import { Data, Effect, FileSystem, Option } from "effect"
import { SqlClient } from "effect/sql"
import type { OpenDatabase } from "./Database.ts"
import { databaseFault } from "./DatabaseFault.ts"
import { lookInto, settleDatabase } from "./BackupFiles.ts"

export const foreignFaults = ["empty", "not-a-database", "truncated", "damaged"] as const
export type ForeignFault = (typeof foreignFaults)[number]

/** The file cannot be read as a database. `detail` is a sentence. */
export class ForeignDatabaseUnusable extends Data.TaggedError("ForeignDatabaseUnusable")<{
  readonly fault: ForeignFault
  readonly detail: string
}> {}

export interface ForeignDatabase {
  /** The columns of each table, by its name. */
  readonly tables: ReadonlyMap<string, ReadonlySet<string>>
  /**
   * Rows of a table, without the columns that it does not have: those that the caller reads by name may have been added
   * by a later version of the product. None if there is no such table.
   */
  readonly rows: (
    table: string,
    columns: ReadonlyArray<string>,
    options?: { readonly newestFirstBy?: string; readonly most?: number }
  ) => Effect.Effect<ReadonlyArray<ForeignRow>, ForeignDatabaseUnusable>
  readonly count: (table: string) => Effect.Effect<number, ForeignDatabaseUnusable>
  /** It was in write-ahead mode: what was not merged when the file was copied is missing. */
  readonly writeAhead: boolean
}

/** A row of a foreign table; a column that the table does not have is absent. */
export type ForeignRow = Readonly<Record<string, unknown>>

/** Checks the file, which must be a copy that belongs to the caller, and lets `read` read it. */
export const readForeignDatabase = <A, E, R>(
  open: OpenDatabase,
  file: string,
  read: (database: ForeignDatabase) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function* () {
    const writeAhead = yield* checkHeader(file)
    const unreadable = (fault: ForeignFault) =>
      Effect.catchCause((cause) => Effect.fail(new ForeignDatabaseUnusable({ fault, detail: databaseFault(cause) })))
    yield* settleDatabase(open, file).pipe(unreadable("not-a-database"))
    const database = yield* lookInto(open, file, Effect.flatMap(SqlClient.SqlClient, examined)).pipe(
      unreadable("damaged")
    )
    if (database.damage !== null) {
      return yield* new ForeignDatabaseUnusable({
        fault: "damaged",
        detail: `SQLite finds the file damaged: ${database.damage}`
      })
    }
    return yield* lookInto(
      open,
      file,
      Effect.flatMap(SqlClient.SqlClient, (sql) =>
        Effect.flatMap(distrusting(sql), () => read({ ...readerOf(sql, database.tables), writeAhead }))
      )
    )
  })

const distrusting = (sql: SqlClient.SqlClient) => Effect.orDie(sql`PRAGMA trusted_schema = OFF`)

/** The header of a database: its page size, its pages, and whether it is in write-ahead mode. */
const checkHeader = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const size = Number((yield* Effect.orDie(files.stat(file))).size)
  const wrong = (fault: ForeignFault, detail: string) => new ForeignDatabaseUnusable({ fault, detail })
  if (size === 0) return yield* wrong("empty", "The file is empty")
  const head = yield* Effect.scoped(
    Effect.flatMap(files.open(file, { flag: "r" }), (opened) => opened.readAlloc(headerBytes))
  ).pipe(Effect.orDie)
  const header = Option.getOrElse(head, () => new Uint8Array())
  if (new TextDecoder().decode(header.subarray(0, magic.length)) !== magic) {
    return yield* wrong("not-a-database", "The file is not an SQLite database")
  }
  if (header.length < headerBytes) return yield* wrong("truncated", `The file ends after ${header.length} bytes`)
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  const pageSize = view.getUint16(16) === 1 ? 65_536 : view.getUint16(16)
  // The number of pages is valid if it was written together with the change counter.
  const pages = view.getUint32(24) === view.getUint32(92) ? view.getUint32(28) : 0
  if (size < pages * pageSize) {
    return yield* wrong("truncated", `The file has ${size} of ${pages * pageSize} bytes: it was not copied completely`)
  }
  return header[18] === 2
})

const magic = "SQLite format 3\0"
const headerBytes = 100

const examined = Effect.fnUntraced(function* (sql: SqlClient.SqlClient) {
  yield* distrusting(sql)
  const listed = yield* sql<{ name: string; sql: string }>`SELECT name, sql FROM sqlite_schema
    WHERE type = 'table' AND sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\\'`
  const plain = listed.filter((table) => !/^\s*CREATE\s+VIRTUAL/i.test(table.sql))
  const tables = new Map<string, ReadonlySet<string>>()
  let damage: string | null = null
  for (const { name } of plain) {
    const columns = yield* sql.unsafe<{ name: string; hidden: number }>(`PRAGMA table_xinfo(${quoted(name)})`)
    // Generated columns are computed by expressions of the file.
    tables.set(name, new Set(columns.flatMap((column) => (column.hidden === 0 ? [column.name] : []))))
    const found = yield* sql.unsafe<{ quick_check: string }>(`PRAGMA quick_check(${quoted(name)})`)
    damage ??= found.find(({ quick_check: line }) => line !== "ok")?.quick_check ?? null
    yield* Effect.yieldNow
  }
  return { tables, damage }
})

const readerOf = (sql: SqlClient.SqlClient, tables: ForeignDatabase["tables"]) => ({
  tables,
  rows: (
    table: string,
    columns: ReadonlyArray<string>,
    { most = mostRows, newestFirstBy }: { readonly newestFirstBy?: string; readonly most?: number } = {}
  ): Effect.Effect<ReadonlyArray<ForeignRow>, ForeignDatabaseUnusable> => {
    const known = columns.filter((column) => tables.get(table)?.has(column) === true)
    if (known.length === 0) return Effect.succeed([])
    const order = newestFirstBy !== undefined && known.includes(newestFirstBy) ? `${quoted(newestFirstBy)} DESC, ` : ""
    return asDamage(
      sql.unsafe<ForeignRow>(
        `SELECT ${known.map(quoted).join(", ")} FROM ${quoted(table)} ORDER BY ${order}rowid LIMIT ${most}`
      )
    )
  },
  count: (table: string): Effect.Effect<number, ForeignDatabaseUnusable> =>
    tables.has(table)
      ? Effect.map(
          asDamage(sql.unsafe<{ total: number }>(`SELECT count(*) AS total FROM ${quoted(table)}`)),
          ([row]) => row?.total ?? 0
        )
      : Effect.succeed(0)
})

const asDamage = <A, E, R>(query: Effect.Effect<A, E, R>) =>
  Effect.catchCause(query, (cause) =>
    Effect.fail(new ForeignDatabaseUnusable({ fault: "damaged", detail: databaseFault(cause) }))
  )

/** More rows than any library has, so that a crafted file does not fill the memory. */
const mostRows = 500_000

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
