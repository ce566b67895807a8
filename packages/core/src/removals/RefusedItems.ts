/**
 * Items whose removal a person has refused: cancelled and not released, or snoozed. The engine does not plan these
 * items, even if one comes back under another id.
 */
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { entryKindOf, type ItemKind } from "../integrations/Observations.ts"
import { partsOf, wholesOf } from "../library/Families.ts"
import type { LibraryItem } from "../library/Item.ts"
import type { Snapshot } from "../library/Snapshots.ts"
import { isTrueInDocument } from "../storage/Dialect.ts"
import { fromBit } from "../storage/Rows.ts"
import { itemDataOf } from "../library/StoredItem.ts"
import { concerns, isAbout, makeTitles, partOfShow, type Remembered } from "../library/Titles.ts"
import { nowIso } from "../problems/Instants.ts"
import { ReadSql } from "../storage/Database.ts"
import { requireDocument } from "../storage/StoredDocuments.ts"
import { storedIds } from "./RemovalStore/Rows.ts"

export interface Refusal {
  readonly removalId: string
  /** For example `cancelled by account:ann`. */
  readonly reason: string
  /**
   * The title of an episode, if only the removal of this part of the item was refused: it may no longer be an item of its
   * own, while its file is still part of its season.
   */
  readonly episode?: string
}

/** Returns the user decision that blocks planning this item, if any. */
export type Refusing = (item: LibraryItem) => Refusal | undefined

export class RefusedItems extends Context.Service<
  RefusedItems,
  {
    /** Read through the write connection, so that it sees decisions made a moment ago. */
    readonly refusing: Effect.Effect<Refusing>
    /** The last committed state, for callers that only display it and must not wait for a writer. */
    readonly refusingAsRead: Effect.Effect<Refusing>
  }
>()("tendarr/removals/RefusedItems") {
  static readonly layer = Layer.effect(
    RefusedItems,
    Effect.gen(function* () {
      const refusingBy = (sql: SqlClient.SqlClient) =>
        Effect.gen(function* () {
          const now = yield* nowIso
          const rows =
            yield* sql<Row>`SELECT r.id, r.item_id, r.integration_id, r.kind, r.title, r.ids, r.state, r.reason, d.data,
              g.deleted_at AS integration_removed_at,
              coalesce(${isTrueInDocument(sql, "d.data", "ofServer")}, 0) AS of_server
            FROM removals r LEFT JOIN item_documents d ON d.item_id = r.item_id LEFT JOIN integrations g ON g.id = r.integration_id
            WHERE (r.state = 'cancelled' AND r.final = 1 AND r.released_at IS NULL)
              OR (r.state = 'snoozed' AND r.snoozed_until > ${now})
            ORDER BY r.id`
          return makeRefusing(rows)
        }).pipe(Effect.orDie)

      return RefusedItems.of({
        refusing: refusingBy(yield* SqlClient.SqlClient),
        refusingAsRead: refusingBy(yield* ReadSql)
      })
    })
  )
}

const makeRefusing = (rows: ReadonlyArray<Row>): Refusing => {
  if (rows.length === 0) return () => undefined
  const byItem = new Map<string, Refusal>()
  const titles: Array<Remembered<Refusal>> = []
  for (const row of rows) {
    const refusal = { removalId: String(row.id), reason: row.reason ?? row.state }
    byItem.set(String(row.item_id), refusal)
    const gone = row.integration_id === null || row.integration_removed_at !== null || fromBit(row.of_server)
    titles.push({
      integrationId: gone ? null : String(row.integration_id),
      kind: row.kind,
      ids: requireDocument(storedIds, String(row.id), row.ids),
      ...(row.kind !== "show" && entryKindOf(row.kind) === "show"
        ? partOfShow({ kind: row.kind, data: itemDataOf(row.item_id, row.data ?? "") })
        : { seasonNumber: null, episodeNumber: null }),
      value: row.kind === "episode" ? { ...refusal, episode: row.title } : refusal
    })
  }
  const saidOf = makeTitles(titles)
  return (item) => {
    const own = byItem.get(item.id)
    if (own !== undefined) return own
    const all = saidOf(item)
    const about = all.find((said) => isAbout(said, item))
    if (about !== undefined) return withoutEpisode(about.value)
    // Unlike a protection, a refusal for one season does not apply to the others; the show is not removed as a whole.
    return item.kind === "episode"
      ? undefined
      : all.find((said) => said.kind === "episode" && concerns(said, item))?.value
  }
}

const withoutEpisode = ({ reason, removalId }: Refusal): Refusal => ({ removalId, reason })

/**
 * Why an item must not be removed because a person has refused the removal of its file, of the whole that it belongs to,
 * or of a part of it; `null` = nobody has.
 */
export const whyRefused = (snapshot: Snapshot, item: LibraryItem, refusing: Refusing): string | null => {
  const own = refusing(item)
  if (own !== undefined) return `${ofWhich(own)} was ${own.reason}`
  const wholes = wholesOf(snapshot, item)
  const others = [
    ...snapshot.sameFileAs(item).map((one) => [one, "of the same file"] as const),
    ...wholes.map((whole) => [whole, `of "${whole.title}", to which it belongs,`] as const),
    ...partsOf(snapshot, item).map((part) => [part, `of "${part.title}", which belongs to it,`] as const)
  ]
  for (const [other, which] of others) {
    const refusal = refusing(other)
    if (refusal === undefined) continue
    // Another part of its whole may have been meant.
    if (refusal.episode !== undefined && wholes.includes(other)) continue
    return `removal ${refusal.removalId} ${which} was ${refusal.reason}`
  }
  return null
}

const ofWhich = ({ episode, removalId }: Refusal): string =>
  episode === undefined ? `its removal ${removalId}` : `removal ${removalId} of "${episode}", which belongs to it,`

interface Row {
  readonly id: number
  readonly item_id: number
  readonly integration_id: number | null
  readonly kind: ItemKind
  readonly title: string
  readonly ids: string
  readonly state: "cancelled" | "snoozed"
  readonly reason: string | null
  readonly data: string | null
  readonly integration_removed_at: string | null
  readonly of_server: 0 | 1
}
