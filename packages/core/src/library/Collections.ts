/**
 * Collections of the library: groups of items by the title that the applications give them, with their size and whether
 * they are protected.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { ReadSql } from "../storage/Database.ts"
import { nowIso } from "../problems/Instants.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import { rowId } from "../storage/RowId.ts"
import { CollectionNotFound, ProtectionNotFound } from "./LibraryErrors.ts"
import { Protection, Protections } from "./Protections.ts"
import { Snapshots } from "./Snapshots.ts"

export const Collection = Schema.Struct({
  id: Schema.String,
  title: Schema.String,
  items: Schema.Int.annotate({
    description: "Members; of a show and its seasons, only the unit that is removed counts."
  }),
  bytes: Schema.Finite,
  /** When Tendarr first saw it. */
  createdAt: Schema.String,
  protection: Schema.NullOr(Protection).annotate({ description: "The protection of the collection as a whole." })
}).annotate({ identifier: "Collection" })
export type Collection = typeof Collection.Type

export interface CollectionCount {
  readonly total: number
  readonly protected: number
}

export class Collections extends Context.Service<
  Collections,
  {
    /** By title. Collections without members are omitted. */
    readonly list: Effect.Effect<ReadonlyArray<Collection>>
    /** Ids by title, also of collections that have no members at present. Unlike `list`, it does not need the library. */
    readonly ids: Effect.Effect<ReadonlyMap<string, string>>
    /** How many there are, and how many are protected as a whole. Does not need the library either. */
    readonly count: Effect.Effect<CollectionCount>
    readonly get: (id: string) => Effect.Effect<Collection, CollectionNotFound>
    /** Ids of all its members: whole shows next to their seasons. */
    readonly memberIds: (id: string) => Effect.Effect<ReadonlyArray<string>, CollectionNotFound>
    /** The collections that an item is in. */
    readonly of: (itemId: string) => Effect.Effect<ReadonlyArray<Pick<Collection, "id" | "title">>>
    /** Ends the protection of the collection; its members may have others. */
    readonly unprotect: (id: string) => Effect.Effect<void, CollectionNotFound | ProtectionNotFound | InvalidRequest>
  }
>()("tendarr/library/Collections") {
  static readonly layer = Layer.effect(
    Collections,
    Effect.gen(function* () {
      const sql = yield* ReadSql
      const snapshots = yield* Snapshots
      const protections = yield* Protections

      const rows = Effect.orDie(
        sql<CollectionRow>`SELECT id, title, created_at AS "createdAt" FROM collections ORDER BY title`
      )

      const list = Effect.gen(function* () {
        const byTitle = new Map((yield* rows).map((row) => [row.title, row]))
        const given = new Map(
          (yield* protections.list).flatMap((one) => (one.collection === null ? [] : [[one.collection, one] as const]))
        )
        return (yield* snapshots.collections).flatMap(({ bytes, items, title }): ReadonlyArray<Collection> => {
          const row = byTitle.get(title)
          return row === undefined
            ? []
            : [
                {
                  id: String(row.id),
                  title,
                  items,
                  bytes,
                  createdAt: row.createdAt,
                  protection: given.get(title) ?? null
                }
              ]
        })
      }).pipe(Effect.withSpan("Collections.list"))

      const get = Effect.fn("Collections.get")(function* (id: string) {
        const found = (yield* list).find((one) => one.id === id)
        return found ?? (yield* new CollectionNotFound({ collection: id }))
      })

      const count = Effect.gen(function* () {
        const now = yield* nowIso
        const [row] = yield* Effect.orDie(
          sql<CollectionCount>`SELECT count(*) AS total, coalesce(sum(CASE WHEN EXISTS (SELECT 1 FROM protections p
              WHERE p.collection = c.title AND (p.expires_at IS NULL OR p.expires_at > ${now})) THEN 1 ELSE 0 END), 0) AS protected
            FROM collections c WHERE EXISTS (SELECT 1 FROM item_collections m JOIN items i ON i.id = m.item_id
              WHERE m.collection = c.title AND i.gone_at IS NULL)`
        )
        return { total: row?.total ?? 0, protected: row?.protected ?? 0 }
      })

      return Collections.of({
        list,
        ids: Effect.map(rows, (all) => new Map(all.map(({ id, title }) => [title, String(id)]))),
        count,
        get,
        memberIds: Effect.fn("Collections.memberIds")(function* (id) {
          const { title } = yield* get(id)
          return (yield* snapshots.get).inCollection(title).map((item) => item.id)
        }),
        of: Effect.fn("Collections.of")((itemId) =>
          Effect.orDie(
            sql<CollectionRow>`SELECT c.id, c.title, c.created_at AS "createdAt"
            FROM item_collections m JOIN collections c ON c.title = m.collection
            WHERE m.item_id = ${rowId(itemId)} ORDER BY c.title`
          ).pipe(Effect.map((found) => found.map(({ id: of, title }) => ({ id: String(of), title }))))
        ),
        unprotect: Effect.fn("Collections.unprotect")(function* (id) {
          const { protection, title } = yield* get(id)
          if (protection === null) return yield* new ProtectionNotFound({ protectionId: title })
          yield* protections.remove(protection.id)
        })
      })
    })
  )
}

interface CollectionRow {
  readonly id: number
  readonly title: string
  readonly createdAt: string
}
