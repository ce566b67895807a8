/**
 * Finds objects in a database that our migrations have not created. A trigger or a view in a file from elsewhere would
 * act on later writes of Tendarr, for example by removing a protection. The database is compared with an in-memory
 * database that the same migrations have just created, so no list has to be maintained.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { OpenDatabase } from "./Database.ts"
import { migrateUpTo } from "./Migrations.ts"
import { createRoomTables, RoomTables } from "./RoomTables.ts"

export interface SchemaObject {
  readonly type: string
  readonly name: string
  /** `null` for objects that SQLite creates by itself. */
  readonly sql: string | null
}

export const schemaOf = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<SchemaObject>`SELECT type, name, sql FROM sqlite_schema ORDER BY type, name`
})

/** What a database of this version contains, and what it may contain besides: the tables of the program's rooms. */
export interface Schema {
  readonly own: ReadonlyArray<SchemaObject>
  readonly rooms: ReadonlyArray<SchemaObject>
}

export const ownSchema = Effect.fnUntraced(function* (open: OpenDatabase, version: number) {
  const own = schemas.get(version) ?? (yield* schemaAfter(open, version, Effect.void))
  schemas.set(version, own)
  if ((yield* RoomTables).length === 0) return { own, rooms: [] } satisfies Schema
  const both = yield* schemaAfter(open, version, createRoomTables)
  const known = new Set(own.map(keyOf))
  return { own, rooms: both.filter((each) => !known.has(keyOf(each))) } satisfies Schema
})

const schemaAfter = <E>(open: OpenDatabase, version: number, more: Effect.Effect<void, E, SqlClient.SqlClient>) =>
  Effect.scoped(
    Effect.flatMap(open(":memory:", { readonly: false }), (sql) =>
      migrateUpTo(version).pipe(
        Effect.andThen(more),
        Effect.andThen(schemaOf),
        Effect.provideService(SqlClient.SqlClient, sql)
      )
    )
  )

const schemas = new Map<number, ReadonlyArray<SchemaObject>>()

/** Describes what is foreign, changed or missing; empty if both schemas are the same. */
export const foreignTo = ({ own, rooms }: Schema, found: ReadonlyArray<SchemaObject>): ReadonlyArray<string> => {
  const expected = new Map([...own, ...rooms].map((each) => [keyOf(each), each]))
  const present = new Set(found.map(keyOf))
  return [
    ...found.flatMap((each) => {
      const ours = expected.get(keyOf(each))
      if (ours === undefined) return isOfSqlite(each) ? [] : [`the ${kindOf(each)} ${each.name} is foreign`]
      return isAsMade(ours, each) ? [] : [`the ${kindOf(each)} ${each.name} differs from the one that Tendarr creates`]
    }),
    ...own.filter((each) => !present.has(keyOf(each))).map((each) => `the ${kindOf(each)} ${each.name} is missing`)
  ]
}

const keyOf = ({ name, type }: SchemaObject): string => `${type} ${name}`

const kindOf = ({ sql, type }: SchemaObject): string =>
  /^create\s+virtual\s/i.test(sql ?? "") ? "virtual table" : type

const isAsMade = (ours: SchemaObject, found: SchemaObject): boolean =>
  plain(ours) === plain(found) || (isMadeByLibraries(ours) && isPlainTable(found))

const plain = ({ sql }: SchemaObject): string | null => sql?.replace(/\s+/g, " ").trim() ?? null

/** Parts of the search index, and the list of migrations: libraries create them, so their definitions may vary. */
const isMadeByLibraries = ({ name, sql, type }: SchemaObject): boolean =>
  type === "table" && sql !== null && (name.startsWith("items_search_") || name === "effect_sql_migrations")

/** Plain columns, without computed ones. */
const isPlainTable = ({ sql }: SchemaObject): boolean =>
  /^create\s+table\s/i.test(sql ?? "") && !/\b(check|generated|as|references)\b/i.test(sql ?? "")

/** Objects that SQLite adds by itself: reserved names, and the statistics that `PRAGMA optimize` leaves. */
const isOfSqlite = ({ name, sql }: SchemaObject): boolean => {
  const statistics = /^CREATE TABLE sqlite_(stat1\(tbl,idx,stat\)|stat4\(tbl,idx,neq,nlt,ndlt,sample\))$/
  return name.startsWith("sqlite_") && sql !== null && statistics.test(sql)
}
