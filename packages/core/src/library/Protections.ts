/**
 * A person's decision that an item or a collection must be kept. A protection follows the item by its typed ids, so
 * that it still applies if the application adds the item again under another id, or if the application is removed here
 * and connected again. A protected whole (show, artist, author) covers its parts (seasons and their episodes, albums,
 * books), and a protected part its wholes, by the integration's own ids and by typed ids. The same file in another
 * application is covered too.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Actor } from "../events/Actor.ts"
import { EventLog } from "../events/EventLog.ts"
import { entryKindOf, type ItemKind, type TypedId } from "../integrations/Observations.ts"
import { comingInstant, IsoTime, nowIso } from "../problems/Instants.ts"
import { invalidField, type InvalidRequest } from "../problems/Problem.ts"
import { isTrueInDocument } from "../storage/Dialect.ts"
import { fromBit, toJson } from "../storage/Rows.ts"
import { readableRows, requireRow } from "../storage/StoredRows.ts"
import { transacting } from "../storage/Transactions.ts"
import { forgetHeldNames, type HeldName, holdCollection, lostNames, ownerKey } from "./HeldNames.ts"
import { itemKey, type LibraryItem } from "./Item.ts"
import { CollectionNotFound, ItemNotFound, ProtectionNotFound } from "./LibraryErrors.ts"
import { LibraryEvents } from "./LibraryEvents.ts"
import { isInEffect, type ProtectionRow, protectionRows, type Removable } from "./ProtectionRows.ts"
import { type Snapshot, Snapshots } from "./Snapshots.ts"
import { concerns, makeTitles, type PartOfShow, partOfShow, type Remembered } from "./Titles.ts"

export const Protection = Schema.Struct({
  id: Schema.String,
  target: Schema.Literals(["item", "collection"]),
  itemId: Schema.NullOr(Schema.String),
  collection: Schema.NullOr(Schema.String),
  title: Schema.String,
  reason: Schema.String,
  /** The person who protected it. */
  actor: Schema.String,
  createdAt: Schema.String,
  /** `null` = until it is removed. */
  expiresAt: Schema.NullOr(Schema.String),
  /** Since when the protected collection has been empty; items that were in it stay protected. */
  lostAt: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "Protection" })
export type Protection = typeof Protection.Type

export const NewProtection = Schema.Struct({
  itemId: Schema.optionalKey(Schema.String),
  collection: Schema.optionalKey(Schema.NonEmptyString),
  reason: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(500))),
  expiresAt: Schema.optionalKey(Schema.NullOr(IsoTime))
}).annotate({ identifier: "NewProtection" })
export type NewProtection = typeof NewProtection.Type

/** A former item, with the identifiers by which it is recognised when it comes back. */
export interface KeptTitle extends PartOfShow {
  readonly itemId: string
  readonly integrationId: string
  readonly kind: ItemKind
  readonly ids: ReadonlyArray<TypedId>
  readonly title: string
  readonly reason: string
}

/** Relations between items of a library. */
type Family = Pick<Snapshot, "childrenOf" | "parentOf" | "sameFileAs">

/** Returns the protection that covers an item, for a library at one time. */
export interface Protecting {
  (item: LibraryItem): Protection | undefined
  /** Some collection is protected, so the collections of items matter. */
  readonly byCollection?: boolean
}

export class Protections extends Context.Service<
  Protections,
  {
    readonly list: Effect.Effect<ReadonlyArray<Protection>>
    /** Protecting a protected target again changes its reason and end. */
    readonly add: (
      draft: NewProtection
    ) => Effect.Effect<Protection, InvalidRequest | ItemNotFound | CollectionNotFound>
    /** Protects an item that is not yet in the library under its own id, for example one that was added again. */
    readonly keepTitle: (title: KeptTitle) => Effect.Effect<void>
    readonly remove: (id: string) => Effect.Effect<void, ProtectionNotFound>
    readonly removeByItem: (itemId: string) => Effect.Effect<void, ProtectionNotFound>
    /** Read through the write connection, so that it sees the current state of a transaction. */
    readonly protecting: Effect.Effect<Protecting>
    /** Like `protecting`, for callers that already hold a snapshot. */
    readonly protectingIn: (family: Family) => Effect.Effect<Protecting>
    /** By the protections that can be read, for what people are shown. Never for a decision about an item. */
    readonly readableProtectingIn: (family: Family) => Effect.Effect<Protecting>
  }
>()("tendarr/library/Protections") {
  static readonly layer = Layer.effect(
    Protections,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const snapshots = yield* Snapshots
      const events = yield* EventLog

      const all = sql<object>`SELECT p.*, i.external_id, i.parent_external_id, g.deleted_at AS integration_removed_at,
        coalesce(${isTrueInDocument(sql, "d.data", "ofServer")}, 0) AS of_server
        FROM protections p LEFT JOIN items i ON i.id = p.item_id LEFT JOIN item_documents d ON d.item_id = p.item_id
        LEFT JOIN integrations g ON g.id = p.integration_id
        ORDER BY p.id`.pipe(Effect.orDie)

      /** Those in effect. Dies if one cannot be read: what it protects is not known then. */
      const rows = Effect.gen(function* () {
        const now = yield* nowIso
        return (yield* all).map((row) => requireRow(protectionRows, row)).filter(isInEffect(now))
      })

      /** Those in effect that can be read, for people. */
      const shown = Effect.gen(function* () {
        const now = yield* nowIso
        return (yield* readableRows(protectionRows, yield* all)).filter(isInEffect(now))
      })

      /** Protections of collections that are now empty, with the items that were in them. */
      const lost = Effect.map(
        lostNames.pipe(Effect.provideService(SqlClient.SqlClient, sql)),
        (all) => (row: ProtectionRow) => all.get(ownerKey({ type: "protection", id: String(row.id) })) ?? []
      )

      const drop = Effect.fnUntraced(function* (row: Removable) {
        yield* sql`DELETE FROM protections WHERE id = ${row.id}`
        yield* forgetHeldNames({ type: "protection", id: String(row.id) }).pipe(
          Effect.provideService(SqlClient.SqlClient, sql)
        )
        yield* events.append(
          LibraryEvents.protectionRemoved.make({
            subject: String(row.id),
            message: `"${row.title}" is no longer protected`,
            payload: { itemId: row.item_id === null ? null : String(row.item_id), collection: row.collection }
          })
        )
      })

      /** Also removes one that cannot be read otherwise. */
      const removeWhere = Effect.fnUntraced(function* (found: (row: Removable) => boolean, id: string) {
        const row = (yield* Effect.orDie(
          sql<Removable>`SELECT id, title, item_id, collection, expires_at FROM protections ORDER BY id`
        ))
          .filter(isInEffect(yield* nowIso))
          .find(found)
        if (row === undefined) return yield* new ProtectionNotFound({ protectionId: id })
        yield* transact(drop(row))
      })

      const target = Effect.fnUntraced(function* (draft: NewProtection) {
        const snapshot = yield* snapshots.get
        if (draft.itemId !== undefined && draft.collection === undefined) {
          const item = snapshot.byId.get(draft.itemId)
          if (item === undefined) return yield* new ItemNotFound({ itemId: draft.itemId })
          return {
            target: "item" as const,
            item_id: Number(item.id),
            integration_id: Number(item.integrationId),
            kind: item.kind,
            ids: toJson(item.ids),
            ...numbersOf(partOfShow(item)),
            collection: null,
            title: item.title
          }
        }
        if (draft.collection !== undefined && draft.itemId === undefined) {
          if (snapshot.inCollection(draft.collection).length === 0) {
            return yield* new CollectionNotFound({ collection: draft.collection })
          }
          return {
            target: "collection" as const,
            item_id: null,
            integration_id: null,
            kind: null,
            ids: "[]",
            season_number: null,
            episode_number: null,
            collection: draft.collection,
            title: draft.collection
          }
        }
        return yield* invalidField(["payload", "itemId"], "give either `itemId` or `collection`")
      })

      const add = Effect.fn("Protections.add")(function* (draft: NewProtection) {
        const what = yield* target(draft)
        const at = yield* nowIso
        const actor = yield* Actor
        const reason = draft.reason ?? ""
        const expiresAt = draft.expiresAt == null ? null : yield* comingInstant("expiresAt", draft.expiresAt)
        const id = yield* transact(
          Effect.gen(function* () {
            yield* what.item_id === null
              ? sql`DELETE FROM protections WHERE collection = ${what.collection}`
              : sql`DELETE FROM protections WHERE item_id = ${what.item_id}`
            const [row] = yield* sql<{ id: number }>`INSERT INTO protections ${sql.insert({
              ...what,
              reason,
              actor,
              created_at: at,
              expires_at: expiresAt
            })} RETURNING id`
            if (what.collection !== null) {
              yield* holdCollection(String(row!.id), what.collection).pipe(
                Effect.provideService(SqlClient.SqlClient, sql)
              )
            }
            yield* events.append(
              LibraryEvents.protectionAdded.make({
                subject: String(row!.id),
                message: `"${what.title}" is protected`,
                payload: {
                  itemId: what.item_id === null ? null : String(what.item_id),
                  collection: what.collection,
                  reason
                }
              })
            )
            return row!.id
          })
        )
        return {
          id: String(id),
          target: what.target,
          itemId: what.item_id === null ? null : String(what.item_id),
          collection: what.collection,
          title: what.title,
          reason,
          actor,
          createdAt: at,
          expiresAt
        }
      })

      const keepTitle = Effect.fn("Protections.keepTitle")(function* (title: KeptTitle) {
        const at = yield* nowIso
        yield* sql`DELETE FROM protections WHERE item_id = ${Number(title.itemId)}`
        const [row] = yield* sql<{ id: number }>`INSERT INTO protections ${sql.insert({
          target: "item",
          item_id: Number(title.itemId),
          integration_id: Number(title.integrationId),
          kind: title.kind,
          ids: toJson(title.ids),
          ...numbersOf(title),
          collection: null,
          title: title.title,
          reason: title.reason,
          actor: yield* Actor,
          created_at: at,
          expires_at: null
        })} RETURNING id`
        yield* events.append(
          LibraryEvents.protectionAdded.make({
            subject: String(row!.id),
            message: `"${title.title}" is protected: ${title.reason}`,
            payload: { itemId: title.itemId, reason: title.reason }
          })
        )
      }, Effect.orDie)

      const protectingBy = (some: Effect.Effect<ReadonlyArray<ProtectionRow>>) => (family: Family) =>
        Effect.gen(function* () {
          const all = yield* some
          const lostOf = all.some(({ collection }) => collection !== null) ? yield* lost : () => []
          return makeProtecting(all, family, lostOf)
        })
      const protectingIn = protectingBy(rows)

      return Protections.of({
        keepTitle,
        list: Effect.gen(function* () {
          const lostOf = yield* lost
          return (yield* shown).map((row) => toProtection(row, lostOf(row)))
        }),
        add,
        remove: Effect.fn("Protections.remove")((id) => removeWhere((row) => String(row.id) === id, id)),
        removeByItem: Effect.fn("Protections.removeByItem")((itemId) =>
          removeWhere((row) => row.item_id !== null && String(row.item_id) === itemId, itemId)
        ),
        protecting: Effect.flatMap(snapshots.get, protectingIn),
        protectingIn,
        readableProtectingIn: protectingBy(shown)
      })
    })
  )
}

const makeProtecting = (
  rows: ReadonlyArray<ProtectionRow>,
  family: Family,
  lostOf: (row: ProtectionRow) => ReadonlyArray<HeldName>
): Protecting => {
  if (rows.length === 0) return () => undefined
  const byItem = new Map<string, Protection>()
  const titles: Array<Remembered<Protection>> = []
  const byCollection = new Map<string, Protection>()
  const byLostCollection = new Map<string, Protection>()
  const parents = new Map<string, Protection>()
  const parentsOfProtected = new Map<string, Protection>()
  for (const row of rows) {
    const lost = row.collection === null ? [] : lostOf(row)
    const protection = toProtection(row, lost)
    if (row.collection !== null) byCollection.set(row.collection, protection)
    for (const { items } of lost) for (const id of items) byLostCollection.set(id, protection)
    if (row.item_id !== null) byItem.set(String(row.item_id), protection)
    if (row.integration_id === null || row.kind === null) continue
    const integrationId = String(row.integration_id)
    if (row.external_id !== null) parents.set(itemKey(integrationId, row.external_id), protection)
    if (row.parent_external_id !== null) {
      parentsOfProtected.set(itemKey(integrationId, row.parent_external_id), protection)
    }
    titles.push({
      integrationId: row.integration_removed_at === null && !fromBit(row.of_server) ? integrationId : null,
      kind: row.kind,
      ids: row.ids,
      seasonNumber: row.season_number,
      episodeNumber: row.episode_number,
      value: protection
    })
  }
  const ofEpisode = titles.some(({ kind }) => kind === "episode")
  const saidOf = makeTitles(titles)
  // A protected season keeps its show, and a protected show every season of it.
  const ofTitle = (item: LibraryItem): Protection | undefined =>
    saidOf(item).find((said) => concerns(said, item))?.value
  /** The protection of the season of an episode, or of an episode of the season. */
  const ofSeason = (item: LibraryItem): Protection | undefined => {
    const [season] = item.kind === "episode" ? [family.parentOf(item)] : []
    if (season !== undefined) return byItem.get(season.id)
    if (item.kind !== "season" || !ofEpisode) return undefined
    return family.childrenOf(item).flatMap((episode) => byItem.get(episode.id) ?? [])[0]
  }
  const ofRelative = (item: LibraryItem): Protection | undefined => {
    for (const relative of relativesOf(item, family)) {
      const found = ofTitle(relative)
      if (found !== undefined) return found
    }
    return undefined
  }
  const alone = (item: LibraryItem): Protection | undefined => {
    const direct =
      byItem.get(item.id) ??
      parentsOfProtected.get(itemKey(item.integrationId, item.externalId)) ??
      (item.parentExternalId === null ? undefined : parents.get(itemKey(item.integrationId, item.parentExternalId))) ??
      ofSeason(item)
    if (direct !== undefined) return direct
    for (const collection of item.collections) {
      const found = byCollection.get(collection)
      if (found !== undefined) return found
    }
    const kept = byLostCollection.get(item.id)
    if (kept !== undefined) return kept
    return titles.length === 0 ? undefined : (ofTitle(item) ?? ofRelative(item))
  }
  const protecting = (item: LibraryItem): Protection | undefined => {
    const own = alone(item)
    if (own !== undefined) return own
    for (const twin of family.sameFileAs(item)) {
      const found = alone(twin)
      if (found !== undefined) return found
    }
    return undefined
  }
  return Object.assign(protecting, { byCollection: byCollection.size > 0 })
}

/**
 * Seasons and episodes have the ids of their show, which were already compared as the item's own; other parts have
 * different ids.
 */
const relativesOf = (item: LibraryItem, family: Family): ReadonlyArray<LibraryItem> => {
  if (entryKindOf(item.kind) === "show") return []
  const parent = family.parentOf(item)
  return parent === undefined ? family.childrenOf(item) : [parent]
}

const numbersOf = ({ episodeNumber, seasonNumber }: PartOfShow) => ({
  season_number: seasonNumber,
  episode_number: episodeNumber
})

const toProtection = (row: ProtectionRow, lost: ReadonlyArray<HeldName>): Protection => ({
  id: String(row.id),
  target: row.target,
  itemId: row.item_id === null ? null : String(row.item_id),
  collection: row.collection,
  title: row.title,
  reason: row.reason,
  actor: row.actor,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  ...(lost[0]?.lostAt == null ? {} : { lostAt: lost[0].lostAt })
})
