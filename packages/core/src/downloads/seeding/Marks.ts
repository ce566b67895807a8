/**
 * What Tendarr has set in clients, or has asked them for: so that only what is ours is restored or resumed, also after a
 * restart, and what a person has changed since is left to them.
 */
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { ReadSql } from "../../storage/Database.ts"
import { toJson } from "../../storage/Rows.ts"
import { documentColumn, nullableDocument, readableRows, rowFormat } from "../../storage/StoredRows.ts"
import { transacting } from "../../storage/Transactions.ts"

/**
 * `setting`, `restoring`: its act has not ended. `ours`: the client has what was set. `released`: a person has changed it
 * since, or cancelled or undone its act, and decides while the rule matches.
 */
export const markStates = ["setting", "ours", "restoring", "released"] as const
export type MarkState = (typeof markStates)[number]

export interface Mark {
  readonly downloadId: string
  /** `limit/ratio`, `tag/name`, `category`, `pause/goal`, `pause/space`, `removal`. */
  readonly aspect: string
  /** `null` = the guard of free space. */
  readonly ruleId: string | null
  readonly ruleName: string
  readonly state: MarkState
  readonly actId: string | null
  /** What was there before. */
  readonly found: unknown
  readonly wanted: unknown
  /** What the client reported once it was set. */
  readonly ours: unknown
  readonly at: string
}

const format = rowFormat({
  table: "seeding_marks",
  id: ["download_id", "aspect"],
  columns: {
    download_id: Schema.Int,
    aspect: Schema.String,
    rule_id: Schema.NullOr(Schema.Int),
    rule_name: Schema.String,
    state: Schema.Literals(markStates),
    act_id: Schema.NullOr(Schema.Int),
    at: Schema.String
  },
  documents: {
    found: documentColumn(Schema.Unknown, null),
    wanted: documentColumn(Schema.Unknown, null),
    ours: nullableDocument(Schema.Unknown, null)
  }
})

export interface MarkStore extends Effect.Success<typeof makeMarkStore> {}

export const makeMarkStore = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const reader = yield* ReadSql
  const transact = transacting(sql)

  const load = (from: SqlClient.SqlClient, downloadId: string | null) =>
    Effect.gen(function* () {
      const rows = yield* Effect.orDie(
        downloadId === null
          ? from`SELECT * FROM seeding_marks ORDER BY download_id, aspect`
          : from`SELECT * FROM seeding_marks WHERE download_id = ${Number(downloadId)} ORDER BY aspect`
      )
      return (yield* readableRows(format, rows)).map((row): Mark => ({
        downloadId: String(row.download_id),
        aspect: row.aspect,
        ruleId: row.rule_id === null ? null : String(row.rule_id),
        ruleName: row.rule_name,
        state: row.state,
        actId: row.act_id === null ? null : String(row.act_id),
        found: row.found,
        wanted: row.wanted,
        ours: row.ours,
        at: row.at
      }))
    })

  return {
    transact,
    /** All marks, by download. */
    all: Effect.map(load(sql, null), byDownload),
    /** Those of one download, also within a transaction that changes them. */
    ofDownload: (downloadId: string) => load(sql, downloadId),
    /** The same for people. */
    shownOf: (downloadId: string) => load(reader, downloadId),
    put: (mark: Mark) => {
      const columns = {
        rule_id: mark.ruleId === null ? null : Number(mark.ruleId),
        rule_name: mark.ruleName,
        state: mark.state,
        act_id: mark.actId === null ? null : Number(mark.actId),
        found: toJson(mark.found),
        wanted: toJson(mark.wanted),
        ours: mark.ours === null ? null : toJson(mark.ours),
        at: mark.at
      }
      return Effect.asVoid(
        Effect.orDie(
          sql`INSERT INTO seeding_marks ${sql.insert({
            download_id: Number(mark.downloadId),
            aspect: mark.aspect,
            ...columns
          })} ON CONFLICT (download_id, aspect) DO UPDATE SET ${sql.update(columns)}`
        )
      )
    },
    drop: ({ aspect, downloadId }: Pick<Mark, "downloadId" | "aspect">) =>
      Effect.asVoid(
        Effect.orDie(sql`DELETE FROM seeding_marks WHERE download_id = ${Number(downloadId)} AND aspect = ${aspect}`)
      )
  }
})

const byDownload = (marks: ReadonlyArray<Mark>): ReadonlyMap<string, ReadonlyArray<Mark>> => {
  const found = new Map<string, Array<Mark>>()
  for (const mark of marks) {
    const own = found.get(mark.downloadId)
    if (own === undefined) found.set(mark.downloadId, [mark])
    else own.push(mark)
  }
  return found
}
