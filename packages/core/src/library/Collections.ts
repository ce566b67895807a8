/**
 * Collections of the library: groups of items by the title that the applications give them, with their size and whether
 * they are protected.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { typedId } from "../integrations/Observations.ts"
import { ReadSql } from "../storage/Database.ts"
import { nowIso } from "../problems/Instants.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import { rowId } from "../storage/RowId.ts"
import { type CollectionAbout, CollectionRecords, type MissingMember } from "./CollectionRecords.ts"
import type { HeldItem } from "./Holders.ts"
import type { LibraryItem } from "./Item.ts"
import { CollectionNotFound, ProtectionNotFound } from "./LibraryErrors.ts"
import { Protection, Protections } from "./Protections.ts"
import { type Snapshot, Snapshots } from "./Snapshots.ts"

export const Collection = Schema.Struct({
  id: Schema.String,
  title: Schema.String,
  items: Schema.Int.annotate({
    description: "Members; of a show and its seasons, only the unit that is removed counts."
  }),
  bytes: Schema.Finite,
  /** When Tendarr first saw it. */
  createdAt: Schema.String,
  tmdbId: Schema.NullOr(Schema.Int),
  overview: Schema.NullOr(Schema.String),
  posterUrl: Schema.NullOr(Schema.String).annotate({
    description: "Path of its image below the address of Tendarr; `null` = no application that has one was found."
  }),
  missing: Schema.NullOr(Schema.Int).annotate({
    description:
      "How many of its movies no application of the library has; `null` = no application knows all of its movies."
  }),
  readAt: Schema.NullOr(Schema.String).annotate({
    description: "When the applications were last asked about it; `null` = never."
  }),
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
    /** Its movies that no application of the library has, by year; empty if no application knows all of its movies. */
    readonly missing: (id: string) => Effect.Effect<ReadonlyArray<MissingMember>, CollectionNotFound>
    /** Where its image may be, as `Library.holders` of an item. */
    readonly holders: (id: string) => Effect.Effect<HeldItem, CollectionNotFound>
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
      const records = yield* CollectionRecords

      /** Another application may have what one of them misses. */
      const missingOf = (snapshot: Snapshot, about: CollectionAbout | undefined): ReadonlyArray<MissingMember> | null =>
        about?.missing?.filter(({ tmdbId }) => !moviesIn(snapshot).has(typedId("tmdb-movie", tmdbId))) ?? null

      const rows = Effect.orDie(
        sql<CollectionRow>`SELECT id, title, created_at AS "createdAt" FROM collections ORDER BY title`
      )

      const list = Effect.gen(function* () {
        const byTitle = new Map((yield* rows).map((row) => [row.title, row]))
        const given = new Map(
          (yield* protections.list).flatMap((one) => (one.collection === null ? [] : [[one.collection, one] as const]))
        )
        const snapshot = yield* snapshots.get
        const abouts = yield* records.all
        return (yield* snapshots.collections).flatMap(({ bytes, items, title }): ReadonlyArray<Collection> => {
          const row = byTitle.get(title)
          const about = abouts.get(title)
          return row === undefined
            ? []
            : [
                {
                  id: String(row.id),
                  title,
                  items,
                  bytes,
                  createdAt: row.createdAt,
                  tmdbId: about?.tmdbId ?? null,
                  overview: about?.overview ?? null,
                  posterUrl: about === undefined ? null : `/api/v1/collections/${row.id}/poster`,
                  missing: missingOf(snapshot, about)?.length ?? null,
                  readAt: about?.readAt ?? null,
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
        missing: Effect.fn("Collections.missing")(function* (id) {
          const { title } = yield* get(id)
          const missing = missingOf(yield* snapshots.get, (yield* records.all).get(title)) ?? []
          return missing.toSorted(
            (one, other) => (one.year ?? 9999) - (other.year ?? 9999) || (one.title < other.title ? -1 : 1)
          )
        }),
        holders: Effect.fn("Collections.holders")(function* (id) {
          const { title } = yield* get(id)
          const entries = (yield* records.all).get(title)?.entries ?? []
          return {
            id,
            integrationId: "",
            externalId: title,
            kind: "collection",
            title,
            year: null,
            gone: false,
            entries
          }
        }),
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

const moviesOf = new WeakMap<ReadonlyArray<LibraryItem>, ReadonlySet<string>>()

/** The ids of all movies, computed once per state of the library. */
const moviesIn = ({ items }: Snapshot): ReadonlySet<string> => {
  const known = moviesOf.get(items) ?? new Set(items.flatMap(({ ids, kind }) => (kind === "movie" ? ids : [])))
  moviesOf.set(items, known)
  return known
}

interface CollectionRow {
  readonly id: number
  readonly title: string
  readonly createdAt: string
}
