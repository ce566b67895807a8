/**
 * Earlier readings lack marks, lasting ids, and the fields that could not be read. They are not used until the next
 * sync; requests, which are now stored in another format, are unknown until then.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE sources ADD COLUMN odd TEXT NOT NULL DEFAULT '{"count":0,"told":[]}'`
  const error = JSON.stringify({ reason: "not-synced", detail: "it was not read since this version was installed" })
  yield* sql`UPDATE sources SET status = 'failed', error = ${error} WHERE status = 'ok' AND observation <> 'disks'`
  yield* sql`UPDATE items SET data_hash = '', data = json_set(data, '$.requests', NULL)`
})
