/** Imports protections by their target, including those of items that are not in the library yet. */
import { Clock, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../../events/EventLog.ts"
import { type LibraryItem, itemKey } from "../../library/Item.ts"
import {
  placeProtection,
  type PortableProtection,
  portableProtections,
  type ProtectedItem,
  sameTarget
} from "../../library/PortableProtections.ts"
import type { Snapshot } from "../../library/Snapshots.ts"
import { isoOf } from "../../problems/Instants.ts"
import { differences, type Gathering } from "./Gathering.ts"
import type { Owners } from "./Import.ts"

export const importProtections = Effect.fnUntraced(function* (
  { events, snapshots, sql }: Owners,
  { apply, skip }: Gathering,
  given: ReadonlyArray<PortableProtection>,
  idOf: (name: string) => string | undefined
) {
  if (given.length === 0) return
  const present = yield* Effect.provideService(portableProtections, SqlClient.SqlClient, sql)
  const findItem = itemFinder(yield* snapshots.get)
  const now = yield* Clock.currentTimeMillis
  for (const [index, each] of given.entries()) {
    const path = ["protections", index]
    const wanted = { ...each, expiresAt: each.expiresAt === null ? null : isoOf(each.expiresAt) }
    if (wanted.expiresAt !== null && Date.parse(wanted.expiresAt) <= now) {
      skip(path, "it has expired")
      continue
    }
    const integrationId = wanted.target === "item" ? idOf(wanted.integration) : null
    if (integrationId === undefined) {
      skip(path, `the integration of "${wanted.title}" does not exist here`)
      continue
    }
    const itemId = wanted.target === "item" && integrationId !== null ? findItem(wanted, integrationId) : null
    if (wanted.target === "item" && itemId === null && wanted.ids.length === 0) {
      skip(path, `"${wanted.title}" is not in the library, and has no identifier by which it could be recognised`)
      continue
    }
    const known = present.find(({ protection }) => sameTarget(protection, wanted))
    const fields = known === undefined ? [] : differencesOf(known.protection, wanted, itemId)
    if (known !== undefined && fields.length === 0) continue
    yield* apply(
      path,
      { section: "protections", name: wanted.title, change: known === undefined ? "add" : "change", fields },
      placeProtection(wanted, { replaces: known?.rowId ?? null, integrationId, itemId }).pipe(
        Effect.provideService(SqlClient.SqlClient, sql),
        Effect.provideService(EventLog, events)
      )
    )
  }
})

/** A protection that was created before its item was in the library is now attached to the item. */
const differencesOf = (before: PortableProtection, after: PortableProtection, itemId: string | null) => [
  ...differences(
    { reason: before.reason, expiresAt: before.expiresAt },
    { reason: after.reason, expiresAt: after.expiresAt }
  ),
  ...(before.target === "item" && before.externalId === null && itemId !== null
    ? [{ field: "item", before: null, after: itemId }]
    : [])
]

/** Finds items by the integration's own id, then by ids that applications share. */
const itemFinder = ({ items }: Snapshot) => {
  const byExternalId = new Map(items.map((item) => [itemKey(item.integrationId, item.externalId), item]))
  const byTypedId = new Map<string, Array<LibraryItem>>()
  for (const item of items) {
    for (const id of item.ids) {
      const key = itemKey(item.integrationId, id)
      const alike = byTypedId.get(key)
      if (alike === undefined) byTypedId.set(key, [item])
      else alike.push(item)
    }
  }
  return (
    { episodeNumber, externalId, ids, kind, seasonNumber }: ProtectedItem,
    integrationId: string
  ): string | null => {
    const fits = (item: LibraryItem | undefined): item is LibraryItem =>
      item?.kind === kind &&
      (item.data.catalog.seasonNumber ?? null) === seasonNumber &&
      (item.data.catalog.episodeNumber ?? null) === (episodeNumber ?? null)
    const own = externalId === null ? undefined : byExternalId.get(itemKey(integrationId, externalId))
    // Another installation of the application assigns other numbers, so an id that both sides know must match too.
    if (fits(own) && (ids.length === 0 || own.ids.some((id) => ids.includes(id)))) return own.id
    const alike = ids.flatMap((id) => byTypedId.get(itemKey(integrationId, id)) ?? [])
    return alike.find(fits)?.id ?? null
  }
}
