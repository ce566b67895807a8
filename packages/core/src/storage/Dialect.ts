/**
 * SQL that SQLite alone understands, each with a name for what it does. Where a form for PostgreSQL is missing, using it
 * is a defect that says so. Rooms write only what both understand; `scripts/SqlWords.ts` checks that.
 */
import { Schema } from "effect"
import type { SqlClient, Statement } from "effect/sql"

/** This SQL was not written for the database in use. */
export class DialectMissing extends Schema.TaggedError<DialectMissing>()("DialectMissing", {
  /** What cannot be said to the database, as the beginning of a sentence. */
  what: Schema.String
}) {
  override get message() {
    return `${this.what} has no PostgreSQL form yet (storage/Dialect.ts)`
  }
}

/** Thrown while a statement is built, so that it becomes a defect of whoever runs it. */
const missing = (what: string) => (): never => {
  throw new DialectMissing({ what })
}

/** Whether a column with a JSON list contains a value. */
export const listContains = (sql: SqlClient.SqlClient, column: string, value: string): Statement.Fragment =>
  sql.onDialectOrElse({
    sqlite: () => sql`EXISTS (SELECT 1 FROM json_each(${sql.literal(column)}) AS member WHERE member.value = ${value})`,
    orElse: missing("Finding a value in a list")
  })

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
export const documentSays = (
  sql: SqlClient.SqlClient,
  column: string,
  ...keys: ReadonlyArray<string>
): Statement.Fragment =>
  sql.onDialectOrElse({
    sqlite: () => sql`${documentPart(sql, column, ...keys)} = 1`,
    orElse: missing("Reading a part of a document")
  })

/** Whether the title of the item with this id has all words; the last one may be the beginning of a word. */
export const titleHasWords = (
  sql: SqlClient.SqlClient,
  idColumn: string,
  words: ReadonlyArray<string>
): Statement.Fragment =>
  sql.onDialectOrElse({
    sqlite: () => {
      // Quoted, so that no word is query syntax.
      const match = words
        .map((word, index) => `"${word.replaceAll('"', '""')}"${index === words.length - 1 ? "*" : ""}`)
        .join(" ")
      return sql`${sql.literal(idColumn)} IN (SELECT rowid FROM items_search WHERE items_search MATCH ${match})`
    },
    orElse: missing("The search by words")
  })

/** Whether a column contains a text, in any case of its ASCII letters. */
export const containsAnyCase = (sql: SqlClient.SqlClient, column: string, text: string): Statement.Fragment =>
  sql.onDialectOrElse({
    sqlite: () => sql`instr(lower(${sql.literal(column)}), ${text.toLowerCase()}) > 0`,
    orElse: missing("The search for a part of a title")
  })

/** The same for long columns: the text is a pattern in which nothing is special. */
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

/**
 * A table of the connection that writes, which no other connection sees and which ends with it. Its rows are numbered
 * from 1 without gaps if it is emptied before it is filled.
 */
export const makeStaging = (sql: SqlClient.SqlClient, name: string, columns: ReadonlyArray<string>) =>
  sql.onDialectOrElse({
    sqlite: () => ({
      create: sql`CREATE TEMP TABLE IF NOT EXISTS ${sql.literal(name)} (${sql.literal(columns.join(", "))})`,
      /** The condition for the rows after the first `start`, at most `count`. `alias` is the table's name in the query. */
      numbered: (start: number, count: number, alias = name): Statement.Fragment => {
        const rowid = sql.literal(`${alias}.rowid`)
        return sql`${rowid} > ${start} AND ${rowid} <= ${start + count}`
      }
    }),
    orElse: missing("The table in which a sync is staged")
  })
