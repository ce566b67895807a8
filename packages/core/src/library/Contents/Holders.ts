/** Under which item the contents of an item are stored: those of a part are among those of its whole. */
import { Array as Arr, Effect } from "effect"
import type { ContentsList } from "../../integrations/Observations.ts"
import type { ReadSql } from "../../storage/Database.ts"
import { documentPart } from "../../storage/Dialect.ts"

export interface ContentsHolder {
  readonly id: string
  /** The whole, for which the list was read. */
  readonly wholeId: number
  /** The external id of a part. */
  readonly part: string | null
  /** The number of a season. */
  readonly season: number | null
}

interface HolderRow {
  readonly id: number
  readonly whole_id: number
  readonly part: string | null
  readonly season: number | null
}

/** Those of some hundred items of which this list was read. An episode has its own file among its details. */
export const contentsHolders = (
  sql: ReadSql["Service"],
  list: ContentsList,
  ids: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<ContentsHolder>> =>
  sql<HolderRow>`SELECT items.id, whole.id AS whole_id,
      CASE WHEN items.parent_external_id IS NOT NULL THEN items.external_id END AS part,
      ${documentPart(sql, "item_documents.data", "catalog", "seasonNumber")} AS season
    FROM items
      JOIN items whole ON whole.integration_id = items.integration_id
        AND whole.external_id = coalesce(items.parent_external_id, items.external_id)
      LEFT JOIN item_documents ON item_documents.item_id = items.id
      JOIN item_contents ON item_contents.item_id = whole.id AND item_contents.list = ${list}
    WHERE ${sql.in("items.id", ids.map(Number))} AND items.kind <> 'episode' AND item_contents.read_at IS NOT NULL`.pipe(
    Effect.map((rows) =>
      rows.map(({ id, part, season, whole_id: wholeId }) => ({ id: String(id), wholeId, part, season }))
    ),
    Effect.orDie
  )

/** Calls `read` for a few wholes at a time: a show may have a thousand rows. */
export const forEachWholes = <E, R>(
  holders: ReadonlyArray<ContentsHolder>,
  read: (wholeIds: ReadonlyArray<number>) => Effect.Effect<void, E, R>
): Effect.Effect<void, E, R> =>
  Effect.forEach(
    Arr.chunksOf([...new Set(holders.map(({ wholeId }) => wholeId))], wholesAtOnce),
    (wholeIds, index) => (index === 0 ? read(wholeIds) : Effect.andThen(Effect.yieldNow, read(wholeIds))),
    { discard: true }
  )

const wholesAtOnce = 10
