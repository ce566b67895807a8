/**
 * SQL that only SQLite understands, each part with a name for what it does. If a form for PostgreSQL is missing, using it
 * is a defect that says so. Rooms write only what both understand; `scripts/SqlCheck.ts` checks that.
 */
import { Effect, Schema } from "effect"
import type { SqlClient, Statement } from "effect/sql"

/** This SQL was not written for the database in use. */
export class DialectMissing extends Schema.TaggedError<DialectMissing>()("DialectMissing", {
  /** What the SQL does, as the beginning of a sentence. */
  what: Schema.String
}) {
  override get message() {
    return `${this.what} has no PostgreSQL form yet (storage/Dialect.ts)`
  }
}

/** Thrown while a statement is built, so that it becomes a defect of the code that runs it. */
const missing = (what: string) => (): never => {
  throw new DialectMissing({ what })
}

/** A column in a condition for which no index is to be used. */
export const unindexed = (sql: SqlClient.SqlClient, column: string): Statement.Fragment =>
  sql.onDialectOrElse({ sqlite: () => sql.literal(`+${column}`), orElse: () => sql.literal(column) })

/** A subquery: the members of the JSON lists in a column of all rows of a table. */
export const membersOf = (sql: SqlClient.SqlClient, table: string, column: string): Statement.Fragment =>
  sql.onDialectOrElse({
    sqlite: () =>
      sql`(SELECT member.value FROM ${sql.literal(table)} AS lists, json_each(lists.${sql.literal(column)}) AS member)`,
    orElse: missing("Taking lists apart")
  })

/** In the list of tables of a query: the members of the JSON list in a column, each as `member.value`. */
export const eachMember = (sql: SqlClient.SqlClient, column: string): Statement.Fragment =>
  sql.onDialectOrElse({
    sqlite: () => sql`json_each(${sql.literal(column)}) AS member`,
    orElse: missing("Taking lists apart")
  })

/** A part of a JSON document in a column, by its keys: text and numbers as they are, lists and objects as JSON. */
export const documentPart = (
  sql: SqlClient.SqlClient,
  column: string,
  ...keys: ReadonlyArray<string>
): Statement.Fragment =>
  sql.onDialectOrElse({
    sqlite: () => sql`json_extract(${sql.literal(column)}, ${sql.literal(`'$.${keys.join(".")}'`)})`,
    orElse: missing("Reading a part of a document")
  })

/** Whether a part of a JSON document in a column is `true`. */
export const isTrueInDocument = (
  sql: SqlClient.SqlClient,
  column: string,
  ...keys: ReadonlyArray<string>
): Statement.Fragment =>
  sql.onDialectOrElse({
    // For a document that is not JSON this is not true; the code that reads the document reports it.
    sqlite: () => sql`CASE WHEN json_valid(${sql.literal(column)}) THEN ${documentPart(sql, column, ...keys)} = 1 END`,
    orElse: missing("Reading a part of a document")
  })

/** A part of a JSON document in a column as `documentPart` reads it; NULL if the document is not JSON. */
export const readablePart = (
  sql: SqlClient.SqlClient,
  column: string,
  ...keys: ReadonlyArray<string>
): Statement.Fragment =>
  sql.onDialectOrElse({
    sqlite: () => sql`CASE WHEN json_valid(${sql.literal(column)}) THEN ${documentPart(sql, column, ...keys)} END`,
    orElse: missing("Reading a part of a document")
  })

/** 1 if the document in a column is JSON, otherwise 0 or NULL. */
export const isReadableDocument = (sql: SqlClient.SqlClient, column: string): Statement.Fragment =>
  sql.onDialectOrElse({
    sqlite: () => sql`json_valid(${sql.literal(column)})`,
    orElse: missing("Checking a document")
  })

/** A query for the ids of the items whose title has all words; the last one may be the beginning of a word. */
export const itemsWithWords = (sql: SqlClient.SqlClient, words: ReadonlyArray<string>): Statement.Fragment =>
  sql.onDialectOrElse({
    sqlite: () => {
      // Quoted, so that no word is query syntax.
      const match = words
        .map((word, index) => `"${word.replaceAll('"', '""')}"${index === words.length - 1 ? "*" : ""}`)
        .join(" ")
      return sql`SELECT rowid AS id FROM items_search WHERE items_search MATCH ${match}`
    },
    orElse: missing("The search by words")
  })

/** Adds the rows of a table after one id and up to another to its index of texts. */
export const fillTextIndex = (
  sql: SqlClient.SqlClient,
  index: string,
  table: string,
  column: string,
  { after, upTo }: { readonly after: number; readonly upTo: number }
) =>
  sql.onDialectOrElse({
    sqlite: () =>
      sql`INSERT INTO ${sql.literal(index)} (rowid, ${sql.literal(column)})
        SELECT id, ${sql.literal(column)} FROM ${sql.literal(table)} WHERE id > ${after} AND id <= ${upTo} ORDER BY id`,
    orElse: missing("The search by parts of texts")
  })

/**
 * The largest ids from `from` (inclusive) to `to` (exclusive) of an index of texts that may contain a text of at least
 * three characters in any case, at most `most`, in descending order. They contain all of its parts of three characters
 * that do not overlap, and the last one: more parts would be compared for few fewer ids.
 */
export const idsWithText = (
  sql: SqlClient.SqlClient,
  index: string,
  text: string,
  { from, most, to }: { readonly from: number; readonly to: number; readonly most: number }
) => {
  const characters = [...text]
  const parts = new Set<string>()
  for (let at = 0; at < characters.length; at += 3) {
    const start = Math.min(at, characters.length - 3)
    parts.add(characters.slice(start, start + 3).join(""))
  }
  // Quoted, so that no part is query syntax.
  const match = [...parts].map((part) => `"${part.replaceAll('"', '""')}"`).join(" AND ")
  return sql
    .onDialectOrElse({
      sqlite: () => sql<{ readonly id: number }>`SELECT rowid AS id FROM ${sql.literal(index)}
        WHERE ${sql.literal(index)} MATCH ${match} AND rowid >= ${from} AND rowid < ${to} ORDER BY rowid DESC LIMIT ${most}`,
      orElse: missing("The search by parts of texts")
    })
    .pipe(Effect.map((rows) => rows.map(({ id }) => id)))
}

/** Whether a column contains a text, in any case of its ASCII letters. Nothing in the text is special. */
export const likeAnyCase = (sql: SqlClient.SqlClient, column: string, text: string): Statement.Fragment => {
  const pattern = `%${text.replace(/[\\%_]/g, (character) => `\\${character}`)}%`
  return sql.onDialectOrElse({
    pg: () => sql`${sql.literal(column)} ILIKE ${pattern} ESCAPE '\\'`,
    orElse: () => sql`${sql.literal(column)} LIKE ${pattern} ESCAPE '\\'`
  })
}

/** The larger one of two numbers. Both are SQL. */
export const larger = (sql: SqlClient.SqlClient, one: string, other: string): Statement.Fragment =>
  sql.onDialectOrElse({
    sqlite: () => sql`max(${sql.literal(one)}, ${sql.literal(other)})`,
    pg: () => sql`greatest(${sql.literal(one)}, ${sql.literal(other)})`,
    orElse: missing("The larger one of two numbers")
  })

export type TimeSpan = "hour" | "day" | "week"

/** The names of the columns of a table; empty if there is no such table. */
export const columnsIn = (sql: SqlClient.SqlClient, table: string) =>
  sql
    .onDialectOrElse({
      pg: () =>
        sql<{ readonly name: string }>`SELECT column_name AS name FROM information_schema.columns
          WHERE table_schema = current_schema() AND table_name = ${table}`,
      sqlite: () => sql<{ readonly name: string }>`SELECT name FROM pragma_table_info(${table})`,
      orElse: missing("Listing the columns of a table")
    })
    .pipe(Effect.map((rows) => rows.map(({ name }) => name)))

/** The start of the span, in UTC, that contains a stored time. Weeks begin on Monday. */
export const startOfSpan = (sql: SqlClient.SqlClient, span: TimeSpan, column: string): Statement.Fragment =>
  sql.onDialectOrElse({
    sqlite: () => sql.literal(sqliteSpans[span](column)),
    orElse: missing("The start of an hour, a day or a week")
  })

const sqliteSpans: Readonly<Record<TimeSpan, (column: string) => string>> = {
  hour: (at) => `strftime('%Y-%m-%dT%H:00:00.000Z', ${at})`,
  day: (at) => `strftime('%Y-%m-%dT00:00:00.000Z', ${at})`,
  week: (at) => `strftime('%Y-%m-%dT00:00:00.000Z', ${at}, 'weekday 0', '-6 days')`
}

/** A stored time, shifted. */
export const movedTime = (sql: SqlClient.SqlClient, column: string, millis: number): Statement.Fragment => {
  const seconds = (millis / 1000).toFixed(3)
  const name = sql.literal(column)
  return sql.onDialectOrElse({
    pg: () =>
      sql`to_char((${name}::timestamptz + (${seconds} || ' seconds')::interval) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
    // A result outside the supported range leaves the time unchanged.
    orElse: () => sql`coalesce(strftime('%Y-%m-%dT%H:%M:%fZ', ${name}, ${`${seconds} seconds`}), ${name})`
  })
}

/** The largest id that a table has ever given to a row; 0 if it has given none. */
export const lastGivenId = (sql: SqlClient.SqlClient, table: string) =>
  sql.onDialectOrElse({
    sqlite: () =>
      Effect.map(
        sql<{ id: number }>`SELECT coalesce(max(seq), 0) AS id FROM sqlite_sequence WHERE name = ${table}`,
        ([row]) => row?.id ?? 0
      ),
    orElse: missing("The last id of a table")
  })

/**
 * A table of the connection that writes, which no other connection sees and which ends with it. Its rows are numbered
 * from 1 without gaps if it is emptied before it is filled.
 */
export const makeStaging = (sql: SqlClient.SqlClient, name: string, columns: ReadonlyArray<string>) =>
  sql.onDialectOrElse({
    sqlite: () => ({
      create: sql`CREATE TEMP TABLE IF NOT EXISTS ${sql.literal(name)} (${sql.literal(columns.join(", "))})`,
      /** The number of the last row, 0 if there is none. Counting them would read them all. */
      last: Effect.map(
        sql<{ last: number }>`SELECT coalesce(max(rowid), 0) AS last FROM ${sql.literal(name)}`,
        ([row]) => row?.last ?? 0
      ),
      /** The number of a row, from 1. */
      number: sql.literal(`${name}.rowid`),
      /** The condition for the rows after the first `start`, at most `count`. `alias` is the table's name in the query. */
      numbered: (start: number, count: number, alias = name): Statement.Fragment => {
        const rowid = sql.literal(`${alias}.rowid`)
        return sql`${rowid} > ${start} AND ${rowid} <= ${start + count}`
      }
    }),
    orElse: missing("The table in which a sync is staged")
  })

/** Whether a column is among many numbers. `sql.in` has a parameter for each, of which databases accept only so many. */
export const amongMany = (
  sql: SqlClient.SqlClient,
  column: Statement.Fragment,
  values: Iterable<number>
): Statement.Fragment => {
  const list = JSON.stringify([...values])
  return sql.onDialectOrElse({
    sqlite: () => sql`${column} IN (SELECT value FROM json_each(${list}))`,
    orElse: missing("Comparing with many numbers")
  })
}
