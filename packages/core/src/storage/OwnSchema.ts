/**
 * Tells what of a database our migrations have not made. A trigger or a view in a file from elsewhere would act with
 * whatever Tendarr writes later: take a protection back, for instance. The comparison is with a database in memory that
 * the same migrations have just made, so nothing has to be listed twice.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { OpenDatabase } from "./Database.ts"
import { migrateUpTo } from "./Migrations.ts"

export interface SchemaObject {
  readonly type: string
  readonly name: string
  /** `null` for what SQLite makes by itself. */
  readonly sql: string | null
}

export const schemaOf = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<SchemaObject>`SELECT type, name, sql FROM sqlite_schema ORDER BY type, name`
})

/** What a database of this version consists of; worked out once. */
export const ownSchema = Effect.fnUntraced(function* (open: OpenDatabase, version: number) {
  const known = schemas.get(version)
  if (known !== undefined) return known
  const made = yield* Effect.scoped(
    Effect.flatMap(open(":memory:", { readonly: false }), (sql) =>
      Effect.provideService(Effect.andThen(migrateUpTo(version), schemaOf), SqlClient.SqlClient, sql)
    )
  )
  schemas.set(version, made)
  return made
})

const schemas = new Map<number, ReadonlyArray<SchemaObject>>()

/** What is foreign, changed or missing, in words; none where both are the same. */
export const foreignTo = (
  own: ReadonlyArray<SchemaObject>,
  found: ReadonlyArray<SchemaObject>
): ReadonlyArray<string> => {
  const expected = new Map(own.map((each) => [keyOf(each), each]))
  const present = new Set(found.map(keyOf))
  return [
    ...found.flatMap((each) => {
      const ours = expected.get(keyOf(each))
      if (ours === undefined) return isOfSqlite(each) ? [] : [`the ${kindOf(each)} ${each.name} is foreign`]
      return isAsMade(ours, each) ? [] : [`the ${kindOf(each)} ${each.name} is not as Tendarr makes it`]
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

/** Parts of the search index, and the list of migrations: how those are written is not for us to say. */
const isMadeByLibraries = ({ name, sql, type }: SchemaObject): boolean =>
  type === "table" && sql !== null && (name.startsWith("items_search_") || name === "effect_sql_migrations")

/** Columns alone, with nothing that would be worked out. */
const isPlainTable = ({ sql }: SchemaObject): boolean =>
  /^create\s+table\s/i.test(sql ?? "") && !/\b(check|generated|as|references)\b/i.test(sql ?? "")

/** What SQLite adds by itself: names that begin so cannot be given, and the statistics that `PRAGMA optimize` leaves. */
const isOfSqlite = ({ name, sql }: SchemaObject): boolean => {
  const statistics = /^CREATE TABLE sqlite_(stat1\(tbl,idx,stat\)|stat4\(tbl,idx,neq,nlt,ndlt,sample\))$/
  return name.startsWith("sqlite_") && sql !== null && statistics.test(sql)
}
