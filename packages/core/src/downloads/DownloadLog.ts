/** Appends events about downloads, and counts them and what they are about in the same transaction. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../events/EventLog.ts"
import type { NewEvent } from "../events/EventType.ts"
import { type Count, countAt } from "../events/TimedCounts.ts"
import { nowIso } from "../problems/Instants.ts"

export const makeDownloadLog = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const events = yield* EventLog
  return {
    /** In the transaction of what happened. */
    append: Effect.fnUntraced(function* (event: NewEvent, ...counts: ReadonlyArray<Count>) {
      yield* events.append(event)
      yield* countAt(sql, yield* nowIso, [{ figure: "download-event", name: event.type }, ...counts])
    })
  }
})
