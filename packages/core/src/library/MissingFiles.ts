/**
 * Files that Tendarr removed through one application while another application manages them too. The other one may take
 * a day to notice; until it reports another size, its item has no file, and removing it again would free nothing.
 */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { partsOf } from "./Families.ts"
import type { LibraryItem } from "./Item.ts"
import type { Snapshot } from "./Snapshots.ts"

/** Whether an item's file, with the size that its application reports, is one of them. */
export type IsMissing = (itemId: number, sizeBytes: number) => boolean

export const missingFiles = (sql: SqlClient.SqlClient): Effect.Effect<IsMissing> =>
  sql<{ item_id: number; size_bytes: number }>`SELECT m.item_id, m.size_bytes
    FROM missing_files m JOIN removals r ON r.id = m.removal_id WHERE r.state = 'removed'`.pipe(
    Effect.map((rows): IsMissing => {
      const sizes = new Map(rows.map(({ item_id, size_bytes }) => [item_id, size_bytes]))
      return sizes.size === 0 ? () => false : (itemId, sizeBytes) => sizes.get(itemId) === sizeBytes
    }),
    Effect.orDie
  )

/** Items of other applications whose files are removed with an item: the same files, and their parts. */
export const goneWith = (snapshot: Snapshot, item: LibraryItem): ReadonlyArray<LibraryItem> => {
  const own = [item, ...partsOf(snapshot, item)]
  const twins = own.flatMap((one) => snapshot.sameFileAs(one)).filter((twin) => !own.includes(twin))
  return [...new Set([...twins, ...snapshot.sameFileAs(item).flatMap((twin) => partsOf(snapshot, twin))])]
}

/** Stores what was removed with a removal. Run it in the transaction that completes the removal. */
export const rememberMissing = (sql: SqlClient.SqlClient) =>
  Effect.fn("MissingFiles.remember")(function* (removalId: string, items: ReadonlyArray<LibraryItem>) {
    for (const { id, sizeBytes } of items) {
      yield* sql`INSERT INTO missing_files ${sql.insert({
        item_id: Number(id),
        removal_id: Number(removalId),
        size_bytes: sizeBytes
      })} ON CONFLICT (item_id) DO UPDATE SET removal_id = excluded.removal_id, size_bytes = excluded.size_bytes`
    }
  }, Effect.orDie)
