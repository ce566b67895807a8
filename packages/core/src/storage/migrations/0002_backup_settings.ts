/** Moves the number of backups to keep from the settings group `retention` to a group of its own. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { fromJson, toJson } from "../Rows.ts"

interface Retention {
  readonly backupsKept?: number
}

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ value: string; updated_at: string }>`
    SELECT value, updated_at FROM settings WHERE name = 'retention'`
  if (row === undefined) return
  const { backupsKept, ...retention } = fromJson<Retention>(row.value)
  if (backupsKept === undefined) return
  yield* sql`UPDATE settings SET value = ${toJson(retention)}, version = version + 1 WHERE name = 'retention'`
  yield* sql`INSERT INTO settings ${sql.insert({
    name: "backup",
    value: toJson({ keep: backupsKept }),
    version: 1,
    updated_at: row.updated_at
  })}`
})
