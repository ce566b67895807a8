/** Which acts hand over which downloads, until it is recorded what became of them. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { transacting } from "../../storage/Transactions.ts"

export interface OpenImport {
  readonly actId: string
  readonly downloadId: string
  /** When it was left to a person; `null` = it is not. */
  readonly leftAt: string | null
}

export const makeImportStore = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return {
    transact: transacting(sql),
    open: sql<{
      readonly act_id: number
      readonly download_id: number
      readonly left_at: string | null
    }>`SELECT act_id, download_id, left_at FROM download_imports ORDER BY act_id`.pipe(
      Effect.orDie,
      Effect.map((rows) =>
        rows.map((row): OpenImport => ({
          actId: String(row.act_id),
          downloadId: String(row.download_id),
          leftAt: row.left_at
        }))
      )
    ),
    /** In the transaction that plans the act. */
    plan: (actId: string, downloadId: string) =>
      Effect.asVoid(
        Effect.orDie(
          sql`INSERT INTO download_imports ${sql.insert({ act_id: Number(actId), download_id: Number(downloadId), left_at: null })}`
        )
      ),
    leave: (actId: string, at: string | null) =>
      Effect.asVoid(Effect.orDie(sql`UPDATE download_imports SET left_at = ${at} WHERE act_id = ${Number(actId)}`)),
    end: (actId: string) =>
      Effect.asVoid(Effect.orDie(sql`DELETE FROM download_imports WHERE act_id = ${Number(actId)}`))
  }
})
