/**
 * Reads one item and its family from the applications again, and joins the responses as a sync does. The new data is
 * added to what was known: a play, a request, a label or a protection by tag that was added since the last sync counts,
 * and nothing that was known is forgotten because a response is missing.
 */
import { Effect } from "effect"
import { EpisodePlays } from "../integrations/EpisodePlays.ts"
import type { LiveIntegration } from "../integrations/Integrations.ts"
import type { EntryKeys, RemovalTarget } from "../integrations/Kind.ts"
import { type CatalogFile, type CatalogItem, entryKindOf, type ServerItem } from "../integrations/Observations.ts"
import { OddRecords } from "../integrations/OddRecords.ts"
import type { UpstreamError } from "../integrations/UpstreamErrors.ts"
import { PersonMatcher, type StoredIdentity } from "../viewers/PersonMatcher.ts"
import type { AccountPlays } from "../viewers/Plays.ts"
import { entryOf, partsOf } from "./Families.ts"
import type { LibraryItem } from "./Item.ts"
import { joinItem } from "./Join.ts"
import { JoinLookup } from "./Join/Lookup.ts"
import { mappingsOf, placing } from "./Places.ts"
import { reads } from "./ReadableObservations.ts"
import { doubtIn } from "./Refreshing/Doubts.ts"
import { whyManagedNow } from "./Refreshing/Managers.ts"
import { bothItems, withFresh } from "./Refreshing/Merging.ts"
import { hasMoved, newNeighbourOf } from "./Refreshing/NewNeighbours.ts"
import type { Snapshot } from "./Snapshots.ts"
import type { ListObservation } from "./Sources.ts"
import { serverOf } from "./Sync/ServerOfReading.ts"

/** A source that cannot be read for a single item. */
export interface Unasked {
  readonly name: string
  readonly observation: ListObservation
  /** When it was last read, ISO-8601; `null` = never. */
  readonly readAt: string | null
}

/** An item as it is now, and as it was known when its applications were asked. */
export interface FreshItem {
  readonly now: LibraryItem
  readonly known: LibraryItem
  /** Its plays by account; `null` = nobody could be asked for them. */
  readonly plays: ReadonlyArray<AccountPlays> | null
  /** `null` = its manager was not asked, or does not list them. */
  readonly files: ReadonlyArray<CatalogFile> | null
}

export interface Refreshed {
  /** The item and its family, by id. */
  readonly items: ReadonlyMap<string, FreshItem>
  /** Everybody who plays or requested one of them. */
  readonly people: PersonMatcher
  readonly unasked: ReadonlyArray<Unasked>
}

/** Something was reported that may be about the item. */
export interface Doubtful {
  readonly doubt: string
}

/** The item as its manager has it now; `gone` if the manager no longer lists it. `identities` are the stored accounts. */
export const refresh = Effect.fn("Library.refresh")(function* (
  item: LibraryItem,
  target: RemovalTarget,
  snapshot: Snapshot,
  live: ReadonlyArray<LiveIntegration>,
  identities: ReadonlyArray<StoredIdentity> = []
): Effect.fn.Return<Refreshed | Doubtful | "gone", UpstreamError> {
  const unasked: Array<Unasked> = []
  const stateOf = (one: LiveIntegration, observation: ListObservation) =>
    snapshot.sourceStates.find((each) => each.integrationId === one.integration.id && each.observation === observation)
  const cannotAsk = (one: LiveIntegration, observation: ListObservation) =>
    unasked.push({ name: one.integration.name, observation, readAt: stateOf(one, observation)?.observedAt ?? null })
  /** Facts that are already unknown, and may be, may stay unknown: the decision took that into account. */
  const unlessUnknown = <A>(
    one: LiveIntegration,
    observation: ListObservation,
    asked: Effect.Effect<ReadonlyArray<A>, UpstreamError>
  ): Effect.Effect<ReadonlyArray<A> | null, UpstreamError> =>
    stateOf(one, observation)?.status === "ok" ? asked : Effect.catch(asked, () => Effect.succeed(null))
  const family = familyOf(item, snapshot)
  const perEpisode = family.some(({ kind }) => kind === "episode")
  const people = new PersonMatcher(identities)
  const place = placing(mappingsOf(live.map(({ integration }) => integration)))
  const lookup = new JoinLookup(place, people)

  const owner = live.find(({ integration }) => integration.id === item.integrationId)
  let listed: ReadonlyArray<CatalogItem> | null = null
  if (owner !== undefined && reads(owner, "catalog")) {
    const ask = owner.connected.reread?.catalog
    if (ask === undefined) cannotAsk(owner, "catalog")
    else listed = yield* ask(target, new OddRecords())
  }
  if (listed !== null && !listed.some(({ externalId }) => externalId === item.externalId)) return "gone"
  const neighbour = listed === null ? null : newNeighbourOf(item, listed, snapshot, place)
  if (neighbour !== null) return { doubt: `"${neighbour}" is now in the same place, which a sync reads` }

  /** Media servers may know it by further ids. */
  const ids = new Set(item.ids)
  let serversAsked = true
  const entriesOn = new Map<string, ReadonlyArray<EntryKeys>>()
  for (const one of live) {
    const known = keysOn(one.integration.id, family)
    if (known.length === 0 || !reads(one, "serverItems")) continue
    const ask = one.connected.reread?.serverItems
    if (ask === undefined) {
      cannotAsk(one, "serverItems")
      serversAsked = false
      lookup.addServerItems(one.integration.id, asEntries(known, family))
      entriesOn.set(one.integration.id, known)
      continue
    }
    const fresh = yield* unlessUnknown(one, "serverItems", ask(known, new OddRecords()))
    lookup.addServerItems(one.integration.id, fresh ?? asEntries(known, family))
    if (fresh === null) serversAsked = false
    // The plays under another key would be missed.
    else if (
      one === owner &&
      known.some(({ season, serverItemId }) => season === null && !isAmong(fresh, serverItemId))
    )
      return { doubt: `${one.integration.name} has given it another key, which a sync reads` }
    for (const entry of fresh ?? []) for (const id of entry.ids) ids.add(id)
    entriesOn.set(one.integration.id, named(known, fresh ?? []))
  }
  if (item.data.ofServer === true && owner !== undefined) {
    const [whole = item] = family
    const entry = listed?.find(({ externalId }) => externalId === whole.externalId)
    if (hasMoved(whole, entry, place)) return { doubt: "its files are no longer the same, which a sync reads" }
    const why = yield* whyManagedNow(entry ?? asListed(whole), owner, { live, lookup, place })
    if (why !== null) return { doubt: why }
  }
  let playsAsked = false
  for (const one of live) {
    if (!reads(one, "playback")) continue
    const server = serverOf(one, live)
    const entries = server._tag === "Found" ? entriesOn.get(server.integrationId) : undefined
    if (server._tag !== "Found" || entries === undefined) continue
    const ask = one.connected.reread?.playback
    if (ask === undefined) cannotAsk(one, "playback")
    else {
      const odd = new OddRecords()
      const asked = Effect.provideService(ask(entries, odd), EpisodePlays, perEpisode)
      const plays = yield* unlessUnknown(one, "playback", asked)
      if (odd.unidentified > 0) return { doubt: `${one.integration.name} reports plays that may be of it` }
      playsAsked ||= plays !== null
      lookup.addPlayback(server.integrationId, one.integration.name, plays ?? [])
    }
  }
  const kind = wantedKindOf(item)
  for (const one of live) {
    if (kind === null || ids.size === 0 || !reads(one, "requests")) continue
    const ask = one.connected.reread?.requests
    if (ask === undefined) cannotAsk(one, "requests")
    else {
      const odd = new OddRecords()
      const wanted = { kind, ids: [...ids] }
      const asked = yield* unlessUnknown(one, "requests", ask(wanted, odd))
      const doubt = asked === null ? null : doubtIn(odd, wanted, stateOf(one, "requests"))
      if (doubt !== null) {
        const { detail, record } = doubt
        return { doubt: `${one.integration.name} reports a request that may be for it (${record}: ${detail})` }
      }
      lookup.addRequests(asked ?? [], one.integration.id)
    }
  }
  for (const one of live) {
    if (kind === null || (ids.size === 0 && one.kind.watches === undefined) || !reads(one, "watchlists")) continue
    const ask = one.connected.reread?.watchlists
    if (ask === undefined) cannotAsk(one, "watchlists")
    else {
      const asked = yield* unlessUnknown(one, "watchlists", ask({ kind, ids: [...ids] }, new OddRecords()))
      const server = serverOf(one, live)
      const serverId = server._tag === "Found" ? server.integrationId : undefined
      if (asked !== null) lookup.addWatchlists(asked, one.integration.id, serverId)
    }
  }
  Array.from(lookup.findLoosePlays())
  // A request for 4K is for only one of two copies.
  for (const member of family) {
    const copies = snapshot.copiesOf(member)
    if (copies.length > 0) lookup.addCopies([member, ...copies].map(asListed))
  }

  const items = new Map<string, FreshItem>()
  for (const member of family) {
    const one = listed?.find(({ externalId }) => externalId === member.externalId) ?? asListed(member)
    const joined = joinItem(lookup, member.integrationId, one)
    const now = withFresh(member, one, joined, { plays: playsAsked, servers: serversAsked })
    const { files, plays } = joined.details
    items.set(member.id, {
      now,
      known: member,
      plays: playsAsked ? plays : null,
      files: files === null || files.length === 0 ? null : files
    })
  }
  return { items, people, unasked }
})

/** The library with these items in their current state. Data that a sync has read in the meantime is merged in. */
export const snapshotWith = (snapshot: Snapshot, items: ReadonlyMap<string, FreshItem>): Snapshot => {
  const fresh = new Map<string, LibraryItem>()
  for (const [id, { known, now }] of items) {
    const stands = snapshot.byId.get(id)
    if (stands !== undefined)
      fresh.set(id, isSameReading(stands, known) ? standing(now, stands) : bothItems(stands, now))
  }
  const now = (item: LibraryItem): LibraryItem => fresh.get(item.id) ?? item
  const all = (some: ReadonlyArray<LibraryItem>): ReadonlyArray<LibraryItem> => some.map(now)
  const maybe = (item: LibraryItem | undefined) => (item === undefined ? undefined : now(item))
  return {
    ...snapshot,
    byId: new Map([...snapshot.byId, ...fresh]),
    childrenOf: (item) => all(snapshot.childrenOf(item)),
    parentOf: (item) => maybe(snapshot.parentOf(item)),
    copiesOf: (item) => all(snapshot.copiesOf(item)),
    sameFileAs: (item) => all(snapshot.sameFileAs(before(snapshot, item))),
    folderSharedWith: (item) => maybe(snapshot.folderSharedWith(before(snapshot, item))),
    inCollection: (collection) => {
      const listed = all(snapshot.inCollection(collection))
      const joined = [...fresh.values()].filter(
        (item) => item.collections.includes(collection) && !listed.includes(item)
      )
      return joined.length === 0 ? listed : [...listed, ...joined]
    }
  }
}

const isAmong = (entries: ReadonlyArray<ServerItem>, key: string): boolean =>
  entries.some(({ serverItemId }) => serverItemId === key)

/** Whether no sync has changed the item: the library is also loaded again after its details were stored. */
const isSameReading = (stands: LibraryItem, known: LibraryItem): boolean =>
  stands === known || JSON.stringify(withoutContents(stands)) === JSON.stringify(withoutContents(known))

const withoutContents = ({ contents: _, ...item }: LibraryItem) => item

/** The item as it was read again, with the contents that are stored. */
const standing = (now: LibraryItem, { contents }: LibraryItem): LibraryItem => {
  const item = withoutContents(now)
  return contents === undefined ? item : { ...item, contents }
}

/** The version that the place lookups are based on. */
const before = (snapshot: Snapshot, item: LibraryItem): LibraryItem => snapshot.byId.get(item.id) ?? item

/** The item with its whole, its siblings and its parts: their facts are part of its own. */
const familyOf = (item: LibraryItem, snapshot: Snapshot): ReadonlyArray<LibraryItem> => {
  const whole = entryOf(snapshot, item) ?? item
  const parts = partsOf(snapshot, whole)
  // The other episodes matter to no fact of a show or a season; an episode is read again with its seasons alone.
  const near = parts.filter(
    (part) => part.kind !== "episode" || part.id === item.id || snapshot.parentOf(part)?.id === item.id
  )
  return [...new Set([whole, item, ...near])]
}

/** The keys by which a media server identifies them. */
const keysOn = (integrationId: string, family: ReadonlyArray<LibraryItem>): ReadonlyArray<EntryKeys> => {
  const keysOf = (item: LibraryItem) =>
    item.data.onServers.flatMap((on) => (on.integrationId === integrationId ? [on.serverItemId] : []))
  const [whole] = family
  if (whole === undefined || (whole.kind !== "movie" && whole.kind !== "show")) return []
  const { kind, title } = whole
  return keysOf(whole).flatMap((serverItemId, index) => {
    const entry = { kind, serverItemId, guid: null, title, season: null }
    const seasons = family.flatMap((item) => {
      const number = item.data.catalog.seasonNumber
      if (item.kind !== "season" || number === null || number === undefined) return []
      // For a show in two libraries, its entries and those of its seasons are in the same order.
      const own = keysOf(item)[index]
      return [{ ...entry, season: { number, serverItemId: own === undefined || own === serverItemId ? null : own } }]
    })
    return [entry, ...seasons]
  })
}

/** With the lasting ids that the server reports for them. */
const named = (known: ReadonlyArray<EntryKeys>, fresh: ReadonlyArray<ServerItem>): ReadonlyArray<EntryKeys> =>
  known.map((entry) => {
    const now = fresh.find(({ kind, serverItemId }) => kind === entry.kind && serverItemId === entry.serverItemId)
    return now === undefined ? entry : { ...entry, guid: now.guid ?? null, title: now.title }
  })

/** Entries of a server that was not asked, so that plays reported by other sources can be attached to them. */
const asEntries = (known: ReadonlyArray<EntryKeys>, family: ReadonlyArray<LibraryItem>): ReadonlyArray<ServerItem> =>
  known.map(({ kind, season, serverItemId, title }) => ({
    serverItemId: season === null ? serverItemId : (season.serverItemId ?? `${serverItemId}:${season.number}`),
    kind: season === null ? kind : "season",
    parentServerItemId: season === null ? null : serverItemId,
    ids: family[0]?.ids ?? [],
    title,
    year: family[0]?.year ?? null,
    seasonNumber: season?.number ?? null,
    library: "",
    addedAt: null,
    labels: [],
    collections: [],
    onWatchlist: null
  }))

const wantedKindOf = ({ kind }: LibraryItem): "movie" | "show" | null =>
  kind === "movie" ? "movie" : entryKindOf(kind) === "show" ? "show" : null

/** An item whose manager was not asked, in the form of a reading. */
const asListed = (item: LibraryItem): CatalogItem => ({
  externalId: item.externalId,
  kind: item.kind,
  parentExternalId: item.parentExternalId,
  title: item.title,
  sortTitle: null,
  year: item.year,
  ids: item.ids,
  path: item.path,
  filePath: item.data.filePath ?? null,
  rootFolder: item.data.rootFolder,
  sizeBytes: item.sizeBytes,
  posterUrl: item.data.posterUrl,
  collections: item.data.catalogCollections,
  ...(item.data.contentsSign === undefined ? {} : { contentsSign: item.data.contentsSign }),
  facts: item.data.catalog
})
