/**
 * Names that keeping rules and protections of collections refer to (a library, a tag, a person), with the items that
 * have them. If no item has a name any more although items that had it still exist, the name is lost: it was changed
 * elsewhere, and these items count as having it until a person has reviewed it.
 */
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { ItemKind } from "../integrations/Observations.ts"
import { rowId } from "../storage/RowId.ts"
import { fromBit, toJson } from "../storage/Rows.ts"
import { requireDocument, textsIn } from "../storage/StoredDocuments.ts"
import { documentFormat } from "../storage/StoredRows.ts"
import { documentPart, isTrueInDocument } from "../storage/Dialect.ts"
import type { FactName, FactSheet, ViewerPlays } from "./Facts.ts"
import type { LibraryItem } from "./Item.ts"
import { factNames, itemFacts } from "./ItemFacts.ts"
import type { ItemFact } from "./ItemFacts/Definition.ts"
import type { Snapshot } from "./Snapshots.ts"
import { itemIdsOf } from "./StoredItem.ts"
import { isAbout, makeTitles } from "./Titles.ts"
import { namesOf as namesOfViewer } from "./ViewerTally.ts"

/** Facts whose values are names that people give and change. */
export type NamedFact = {
  [N in FactName]: (typeof itemFacts)[N] extends { readonly named: string } ? N : never
}[FactName]

const named: ReadonlyMap<string, string> = new Map(
  factNames.flatMap((name) => {
    const definition: ItemFact = itemFacts[name]
    return definition.named === undefined ? [] : [[name, definition.named]]
  })
)

export const isNamedFact = (fact: FactName): fact is NamedFact => named.has(fact)

/** How people call the names of a fact of items: "library", "tag". */
export const calledOf = (fact: string): string => named.get(fact) ?? fact

/** The fact from which the names of a fact are taken if it is not in memory. */
const inMemory: ReadonlyMap<FactName, FactName> = new Map(
  factNames.flatMap((name) => {
    const { heavy }: ItemFact = itemFacts[name]
    const from = factNames.find((one) => one === heavy?.namesFrom)
    return from === undefined ? [] : [[name, from]]
  })
)

/**
 * A sheet for reading names, in which heavy facts have the names of a fact in memory. These may be more: an item that had
 * one of them counts as having it if the name is lost.
 */
export const sheetOfNames = (sheet: FactSheet): FactSheet => ({ get: (fact) => sheet.get(inMemory.get(fact) ?? fact) })

/** `integration`: the name is the integration's id. */
export type NameKind = NamedFact | "integration"

/** For example `the library "Kids"`. */
export const nameInText = (what: string, name: string, called: (fact: string) => string = calledOf): string =>
  what === "integration" ? `the integration ${name}` : `the ${called(what)} "${name}"`

/**
 * Items with a name, in one integration: a name is changed within one integration. Things of another subject that rules
 * are about have names in the same way.
 */
export interface Bearing {
  /** The fact whose values are such names, or `integration`. */
  readonly what: string
  readonly name: string
  /** The media server of a library, a label or a collection; otherwise the integration that manages the items. */
  readonly integrationId: string
  readonly items: ReadonlyArray<string>
}

export interface HeldName extends Bearing {
  /** `null` = some item has the name. */
  readonly lostAt: string | null
}

export interface NameOwner {
  readonly type: "rule" | "protection"
  readonly id: string
}

/** The names in a fact of a thing, even if its source is currently not available. Items: of `sheetOfNames`. */
export const namesOf = <Name extends string>(sheet: FactSheet<Name>, fact: Name): ReadonlyArray<string> => {
  const known = sheet.get(fact)
  const value = known._tag === "Known" ? known.value : known._tag === "Unknown" ? (known.lastKnown ?? null) : null
  if (typeof value === "string") return [value]
  if (typeof value !== "object" || value === null) return []
  return value.flatMap((entry: string | ViewerPlays) => (typeof entry === "string" ? [entry] : namesOfViewer(entry)))
}

/** The integrations in which an item has a name: renaming it there affects all items of that integration. */
export const placesOf = (item: LibraryItem, what: NameKind, name: string): ReadonlyArray<string> => {
  const { catalogCollections, onServers } = item.data
  if (what === "labels" || (what === "collections" && !catalogCollections.includes(name))) {
    return onServers.length === 0 ? [item.integrationId] : onServers.map(({ integrationId }) => integrationId)
  }
  if (what !== "library") return [item.integrationId]
  const servers = onServers.filter(
    ({ library, otherLibraries }) => library === name || otherLibraries?.includes(name) === true
  )
  return servers.length === 0 ? [item.integrationId] : servers.map(({ integrationId }) => integrationId)
}

/** Collects which items have which name. */
export const bearings = () => {
  const all = new Map<string, Omit<Bearing, "items"> & { readonly items: Set<string> }>()
  return {
    add: (what: string, name: string, integrationId: string, item: string | null): void => {
      const key = keyOf({ what, name, integrationId })
      const one = all.get(key) ?? { what, name, integrationId, items: new Set() }
      if (item !== null) one.items.add(item)
      all.set(key, one)
    },
    all: (): ReadonlyArray<Bearing> => [...all.values()].map((one) => ({ ...one, items: [...one.items] }))
  }
}

/** The result of checking the names of one owner. */
export interface Reckoning {
  readonly names: ReadonlyArray<HeldName>
  readonly lost: ReadonlyArray<HeldName>
  readonly found: ReadonlyArray<HeldName>
}

export const reckon = (options: {
  readonly before: ReadonlyArray<HeldName>
  readonly now: ReadonlyArray<Bearing>
  /** The items in the library that had a name, including those that came back under another id. */
  readonly presentOf: (name: HeldName) => ReadonlyArray<string>
  /** Integrations that were removed. */
  readonly removed: ReadonlySet<string>
  readonly at: string
}): Reckoning => {
  const { at, before, now, presentOf, removed } = options
  const standing = new Map(now.map((one) => [keyOf(one), one]))
  const bearers = new Map<string, Set<string>>()
  for (const { items, name, what } of now) {
    const key = `${what}|${name}`
    const set = bearers.get(key) ?? new Set()
    for (const item of items) set.add(item)
    bearers.set(key, set)
  }
  const kept = new Map<string, HeldName>()
  const lost: Array<HeldName> = []
  const found: Array<HeldName> = []
  for (const held of before) {
    const key = keyOf(held)
    const present = presentOf(held)
    const bearing = bearers.get(`${held.what}|${held.name}`)
    const left = present.some((item) => bearing?.has(item) !== true)
    const items = [...new Set([...held.items, ...present])]
    if (held.what === "integration") {
      if (!removed.has(held.name)) {
        if (held.lostAt !== null) found.push(held)
        continue
      }
      const stays = { ...held, items, lostAt: held.lostAt ?? at }
      kept.set(key, stays)
      if (held.lostAt === null) lost.push(stays)
    } else if (held.lostAt !== null) {
      // The name may be in use again for other items; it counts as found once all items that had it have it again.
      if (present.length > 0 && !left) found.push(held)
      else kept.set(key, { ...held, items: [...new Set([...items, ...(standing.get(key)?.items ?? [])])] })
    } else if (!standing.has(key)) {
      if (left) {
        const gone = { ...held, items, lostAt: at }
        kept.set(key, gone)
        lost.push(gone)
        // When their integration was removed, all items may be gone for a while; they are compared once they are back.
      } else if (present.length === 0 && removed.has(held.integrationId)) kept.set(key, held)
    }
  }
  for (const [key, one] of standing) if (!kept.has(key)) kept.set(key, { ...one, lostAt: null })
  return { names: [...kept.values()], lost, found }
}

/** Finds the items in the library that had a name, by id, or by kind and typed id if they are gone. */
export const presence = Effect.fnUntraced(function* (
  snapshot: Snapshot,
  names: ReadonlyArray<HeldName>,
  removed: ReadonlySet<string>
) {
  const sql = yield* SqlClient.SqlClient
  const missing = new Set(names.flatMap(({ items }) => items.filter((id) => !snapshot.byId.has(id))))
  const rows: Array<GoneRow> = []
  const ids = [...missing].map(Number)
  for (let start = 0; start < ids.length; start += rowsAtOnce) {
    rows.push(...(yield* sql<GoneRow>`${columns(sql)} WHERE ${sql.in("i.id", ids.slice(start, start + rowsAtOnce))}`))
  }
  const places = [
    ...new Set(names.flatMap(({ name, what }) => (what === "integration" && removed.has(name) ? [Number(name)] : [])))
  ]
  if (places.length > 0)
    rows.push(...(yield* sql<GoneRow>`${columns(sql)} WHERE ${sql.in("i.integration_id", places)}`))
  const cameBack = new Map<string, Set<string>>()
  const ofPlace = new Map<string, Set<string>>()
  if (rows.length > 0) {
    const saidOf = makeTitles(
      rows.map((row) => ({
        integrationId: row.removed_at === null && !fromBit(row.of_server) ? String(row.integration_id) : null,
        kind: row.kind,
        ids: itemIdsOf(row.id, row.ids),
        seasonNumber: row.season_number,
        episodeNumber: row.episode_number,
        value: row
      }))
    )
    for (const item of snapshot.items) {
      for (const said of saidOf(item)) {
        if (!isAbout(said, item)) continue
        addTo(cameBack, String(said.value.id), item.id)
        addTo(ofPlace, String(said.value.integration_id), item.id)
      }
    }
  }
  return (name: HeldName): ReadonlyArray<string> => {
    if (name.what === "integration") return [...(ofPlace.get(name.name) ?? [])]
    return [...new Set(name.items.flatMap((id) => (snapshot.byId.has(id) ? [id] : [...(cameBack.get(id) ?? [])])))]
  }
}, Effect.orDie)

/** All names that rules about a subject refer to, by owner; for items, also those that protections refer to. */
export const heldNames = Effect.fnUntraced(function* (subject: string) {
  const sql = yield* SqlClient.SqlClient
  return byOwner(
    yield* Effect.orDie(
      sql<Row>`SELECT * FROM held_names WHERE subject = ${subject} ORDER BY owner, owner_id, what, name`
    )
  )
})

/** Dies if it is damaged: the items that it keeps are not known then. */
const heldItems = documentFormat("held_names", "items", Schema.Array(Schema.Int))
const heldThings = textsIn("held_names", "things")

const nameOf = (row: Row) => `${row.owner} ${row.owner_id}: ${row.what} ${row.name}`

/** The lost names. */
export const lostNames = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return byOwner(
    yield* Effect.orDie(
      sql<Row>`SELECT * FROM held_names WHERE lost_at IS NOT NULL ORDER BY owner, owner_id, what, name`
    )
  )
})

const byOwner = (rows: ReadonlyArray<Row>): ReadonlyMap<string, ReadonlyArray<HeldName>> => {
  const owned = new Map<string, Array<HeldName>>()
  for (const row of rows) {
    const key = ownerKey({ type: row.owner, id: String(row.owner_id) })
    const held: HeldName = {
      what: row.what,
      name: row.name,
      integrationId: String(row.integration_id),
      items:
        row.things === null
          ? requireDocument(heldItems, nameOf(row), row.items).map(String)
          : requireDocument(heldThings, nameOf(row), row.things),
      lostAt: row.lost_at
    }
    const names = owned.get(key)
    if (names === undefined) owned.set(key, [held])
    else names.push(held)
  }
  return owned
}

/** Whether two lists are equal, in any order. */
export const sameNames = (one: ReadonlyArray<HeldName>, other: ReadonlyArray<HeldName>): boolean => {
  if (one.length !== other.length) return false
  const before = new Map(one.map((held) => [keyOf(held), held]))
  return other.every((held) => {
    const was = before.get(keyOf(held))
    if (was === undefined || was.lostAt !== held.lostAt || was.items.length !== held.items.length) return false
    const items = new Set(was.items)
    return held.items.every((item) => items.has(item))
  })
}

export const ownerKey = ({ id, type }: NameOwner): string => `${type}:${id}`

/** The subject whose things have numbers as ids. */
const ofItems = "item"

/** Replaces the names of one owner, which is about `subject`. Within the caller's transaction. */
export const writeHeldNames = Effect.fnUntraced(function* (
  owner: NameOwner,
  names: ReadonlyArray<HeldName>,
  subject = ofItems
) {
  const sql = yield* SqlClient.SqlClient
  yield* forgetHeldNames(owner)
  for (const { integrationId, items, lostAt, name, what } of names) {
    yield* sql`INSERT INTO held_names ${sql.insert({
      owner: owner.type,
      owner_id: Number(owner.id),
      what,
      name,
      integration_id: rowId(integrationId),
      subject,
      ...(subject === ofItems
        ? { items: toJson(items.map(Number)), things: null }
        : { items: "[]", things: toJson(items) }),
      lost_at: lostAt
    })}`
  }
}, Effect.orDie)

/** Stores which items are in a collection that was just protected. Within the caller's transaction. */
export const holdCollection = Effect.fnUntraced(function* (protectionId: string, collection: string) {
  const sql = yield* SqlClient.SqlClient
  const members = yield* sql<{ id: number; integration_id: number }>`SELECT i.id, i.integration_id FROM items i
    JOIN item_collections c ON c.item_id = i.id WHERE i.gone_at IS NULL AND c.collection = ${collection}`
  const found = bearings()
  for (const { id, integration_id } of members) found.add("collections", collection, String(integration_id), String(id))
  const names = found.all().map((one): HeldName => ({ ...one, lostAt: null }))
  yield* writeHeldNames({ type: "protection", id: protectionId }, names)
}, Effect.orDie)

/** Called when a person has reviewed the names, or when the owner was deleted. Within the caller's transaction. */
export const forgetHeldNames = Effect.fnUntraced(function* ({ id, type }: NameOwner) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`DELETE FROM held_names WHERE owner = ${type} AND owner_id = ${Number(id)}`
}, Effect.orDie)

const keyOf = ({ integrationId, name, what }: Pick<Bearing, "what" | "name" | "integrationId">): string =>
  `${what}|${integrationId}|${name}`

const addTo = (map: Map<string, Set<string>>, key: string, value: string): void => {
  const set = map.get(key)
  if (set === undefined) map.set(key, new Set([value]))
  else set.add(value)
}

/** Maximum number of parameters per statement. */
const rowsAtOnce = 500

const columns = (sql: SqlClient.SqlClient) => sql`SELECT i.id, i.integration_id, i.kind, i.ids,
  ${documentPart(sql, "d.data", "catalog", "seasonNumber")} AS season_number,
  ${documentPart(sql, "d.data", "catalog", "episodeNumber")} AS episode_number, g.deleted_at AS removed_at,
  coalesce(${isTrueInDocument(sql, "d.data", "ofServer")}, 0) AS of_server
  FROM items i LEFT JOIN item_documents d ON d.item_id = i.id JOIN integrations g ON g.id = i.integration_id`

interface GoneRow {
  readonly id: number
  readonly integration_id: number
  readonly kind: ItemKind
  readonly ids: string
  readonly season_number: number | null
  readonly episode_number: number | null
  readonly removed_at: string | null
  readonly of_server: 0 | 1
}

interface Row {
  readonly owner: NameOwner["type"]
  readonly owner_id: number
  readonly what: string
  readonly name: string
  readonly integration_id: number
  readonly items: string
  /** Ids of the things of a subject other than items. */
  readonly things: string | null
  readonly lost_at: string | null
}
