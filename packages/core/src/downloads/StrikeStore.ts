/** The rows of strikes. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { ReadSql } from "../storage/Database.ts"
import { transacting } from "../storage/Transactions.ts"

/** Why strikes no longer count of which the last one was followed by a removal. */
export const becauseRemoved = "it was removed"

export interface Strike {
  readonly id: string
  readonly downloadId: string
  readonly ruleId: string
  readonly ruleName: string
  readonly fault: string
  readonly because: string
  /** Bytes of the download when it was given. */
  readonly doneBytes: number
  readonly at: string
  /** `null` = it counts. */
  readonly endedAt: string | null
  readonly endedBecause: string | null
}

interface StrikeRow {
  readonly id: number
  readonly download_id: number
  readonly rule_id: number
  readonly rule_name: string
  readonly fault: string
  readonly because: string
  readonly done_bytes: number
  readonly at: string
  readonly ended_at: string | null
  readonly ended_because: string | null
}

const strikeOf = (row: StrikeRow): Strike => ({
  id: String(row.id),
  downloadId: String(row.download_id),
  ruleId: String(row.rule_id),
  ruleName: row.rule_name,
  fault: row.fault,
  because: row.because,
  doneBytes: row.done_bytes,
  at: row.at,
  endedAt: row.ended_at,
  endedBecause: row.ended_because
})

/** Strikes that count, by download, and by rule within it. `since`: older ones no longer count. */
export const countingStrikes = (from: SqlClient.SqlClient, since: string) =>
  Effect.map(
    Effect.orDie(from<StrikeRow>`SELECT * FROM strikes WHERE ended_at IS NULL AND at >= ${since} ORDER BY id`),
    (rows) => {
      const byDownload = new Map<string, Array<Strike>>()
      for (const strike of rows.map(strikeOf)) {
        const own = byDownload.get(strike.downloadId)
        if (own === undefined) byDownload.set(strike.downloadId, [strike])
        else own.push(strike)
      }
      return byDownload as ReadonlyMap<string, ReadonlyArray<Strike>>
    }
  )

export interface NewStrike extends Omit<Strike, "id" | "endedAt" | "endedBecause"> {}

export const makeStrikeStore = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const reader = yield* ReadSql
  const transact = transacting(sql)

  const insert = (strike: NewStrike) =>
    Effect.asVoid(
      Effect.orDie(
        sql`INSERT INTO strikes ${sql.insert({
          download_id: Number(strike.downloadId),
          rule_id: Number(strike.ruleId),
          rule_name: strike.ruleName,
          fault: strike.fault,
          because: strike.because,
          done_bytes: strike.doneBytes,
          at: strike.at
        })}`
      )
    )

  /** Ends the strikes of a download that count; of one rule only, if it is given. Returns how many. */
  const end = (downloadId: string, because: string, at: string, ruleId?: string) =>
    Effect.map(
      Effect.orDie(
        ruleId === undefined
          ? sql`UPDATE strikes SET ended_at = ${at}, ended_because = ${because}
              WHERE download_id = ${Number(downloadId)} AND ended_at IS NULL RETURNING id`
          : sql`UPDATE strikes SET ended_at = ${at}, ended_because = ${because}
              WHERE download_id = ${Number(downloadId)} AND rule_id = ${Number(ruleId)} AND ended_at IS NULL RETURNING id`
      ),
      (rows) => rows.length
    )

  return {
    transact,
    insert,
    end,
    counting: (since: string) => countingStrikes(sql, since),
    /** The fault of the last strike of a download; `null` = it has never had one. */
    lastFault: (downloadId: string) =>
      Effect.map(
        Effect.orDie(sql<{ readonly fault: string }>`SELECT fault FROM strikes WHERE download_id = ${Number(downloadId)}
          ORDER BY id DESC LIMIT 1`),
        ([row]) => row?.fault ?? null
      ),
    /** All strikes of a download, newest first. */
    ofDownload: (downloadId: string, limit: number) =>
      Effect.map(
        Effect.orDie(reader<StrikeRow>`SELECT * FROM strikes WHERE download_id = ${Number(downloadId)}
          ORDER BY id DESC LIMIT ${limit}`),
        (rows) => rows.map(strikeOf)
      )
  }
})
