/**
 * Removals know the downloads of their items: what these owe holds a removal back if the settings say so, is noted before
 * anything is deleted, since applications forget it with the item, and the downloads go with the item if that is wanted.
 */
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { isBraked } from "../acts/Brake.ts"
import type { ActRunContext } from "../acts/ActRuns.ts"
import { Cleaning } from "../downloads/Cleaning.ts"
import { Downloads } from "../downloads/Downloads.ts"
import { DownloadsSettings } from "../downloads/DownloadsSettings.ts"
import { ItemDownload, ItemDownloads } from "../downloads/files/ItemDownloads.ts"
import { Snapshots } from "../library/Snapshots.ts"
import { nowIso } from "../problems/Instants.ts"
import { RemovalsSettings } from "../settings/RemovalsSettings.ts"
import { Settings } from "../settings/Settings.ts"
import { toJson } from "../storage/Rows.ts"
import { documentColumn, readableRows, rowFormat } from "../storage/StoredRows.ts"
import { transacting } from "../storage/Transactions.ts"
import { deletesFiles } from "./ActionText.ts"
import type { StoredRemoval } from "./RemovalStore/Rows.ts"

const format = rowFormat({
  table: "removal_downloads",
  id: ["removal_id"],
  columns: { removal_id: Schema.Int, noted_at: Schema.String, ended_at: Schema.NullOr(Schema.String) },
  documents: { downloads: documentColumn(Schema.Array(ItemDownload)) }
})

const isOwed = ({ obligation }: ItemDownload): boolean => obligation._tag !== "Free"

/** The end of a sentence. */
export const owedText = ({ client, name, obligation }: ItemDownload): string => {
  const until = obligation._tag === "Owed" && obligation.until !== null ? `, at least until ${obligation.until}` : ""
  return `its download "${name}" in ${client} is needed by its tracker, or may be: ${obligation.because}${until}`
}

export const makeDownloadsOfItems = Effect.gen(function* () {
  const cleaning = yield* Cleaning
  const downloads = yield* Downloads
  const itemDownloads = yield* ItemDownloads
  const settings = yield* Settings
  const snapshots = yield* Snapshots
  const sql = yield* SqlClient.SqlClient
  const transact = transacting(sql)

  /** With the same files under other managers. */
  const of = Effect.fnUntraced(function* (itemId: string) {
    const { byId, sameFileAs } = yield* snapshots.get
    const item = byId.get(itemId)
    return item === undefined ? [] : yield* itemDownloads.of([item, ...sameFileAs(item)])
  })

  return {
    of,
    /** What was noted before a removal; empty = nothing was. */
    noted: (removalId: string) =>
      Effect.map(
        Effect.flatMap(
          Effect.orDie(sql`SELECT * FROM removal_downloads WHERE removal_id = ${Number(removalId)}`),
          (rows) => readableRows(format, rows)
        ),
        ([row]) => row?.downloads ?? []
      ),
    /** Reads them again and notes them. Returns why the removal has to wait; `null` = it need not. */
    before: Effect.fn("Removals.downloadsOf")(function* (removal: StoredRemoval) {
      if (!deletesFiles(removal.action)) return null
      const isHeld = (yield* settings.get(RemovalsSettings)).owedDownloads === "hold"
      yield* downloads.poll
      const unclear = isHeld ? yield* itemDownloads.unclear : null
      if (unclear !== null) return `its downloads are not known: ${unclear}`
      if ((yield* downloads.current).length === 0) return null
      const found = yield* of(removal.itemId)
      const row = { noted_at: yield* nowIso, downloads: toJson(found) }
      yield* transact(
        sql`INSERT INTO removal_downloads ${sql.insert({ removal_id: Number(removal.id), ...row })}
          ON CONFLICT (removal_id) DO UPDATE SET ${sql.update(row)}`
      )
      const held = isHeld ? found.find(isOwed) : undefined
      return held === undefined ? null : owedText(held)
    }),
    /** Removes the downloads of removed items, if that is wanted. Only for runs of destructive jobs. */
    carryOut: Effect.fn("Removals.carryOutDownloads")(function* (context: ActRunContext) {
      if (!(yield* settings.get(RemovalsSettings)).downloadsToo) {
        // They stay also if the setting is switched on later: their items were removed under the other one.
        yield* transact(
          sql`UPDATE removal_downloads SET ended_at = ${yield* nowIso} WHERE ended_at IS NULL
            AND removal_id IN (SELECT id FROM removals WHERE state = 'removed')`
        )
        return
      }
      // Those whose removal could not be planned while deletions are off are still to be removed afterwards.
      if (yield* isBraked(settings)) return
      let left = (yield* settings.get(DownloadsSettings)).maxRemovalsPerRun
      const rows = yield* readableRows(
        format,
        yield* Effect.orDie(sql`SELECT d.* FROM removal_downloads d JOIN removals r ON r.id = d.removal_id
          WHERE d.ended_at IS NULL AND r.state = 'removed' ORDER BY d.removal_id`)
      )
      for (const row of rows) {
        if (left <= 0) break
        left -= row.downloads.length
        yield* transact(
          Effect.gen(function* () {
            for (const { downloadId } of row.downloads) {
              yield* cleaning.removeWithItem(downloadId, String(row.removal_id))
            }
            yield* Effect.orDie(
              sql`UPDATE removal_downloads SET ended_at = ${yield* nowIso} WHERE removal_id = ${row.removal_id}`
            )
          })
        )
      }
      yield* cleaning.carryOutDue(context)
    })
  }
})
