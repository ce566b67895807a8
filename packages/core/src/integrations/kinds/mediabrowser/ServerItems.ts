/**
 * The movie and show libraries of a Jellyfin or Emby server as server items. Its labels are the tags, and its watchlist
 * consists of the favourites of all users.
 */
import { Effect } from "effect"
import type { CollectionRecord } from "../../CollectionCapability.ts"
import type { EntryKeys, Progress } from "../../Kind.ts"
import type {
  EntryDetail,
  ItemKind,
  PersonObservation,
  ServerItem,
  ServerRatings,
  TypedId
} from "../../Observations.ts"
import { type OddRecords, untoldOf } from "../../OddRecords.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { forEachWithPauses } from "../../Pauses.ts"
import { kindsByKey } from "../Meant.ts"
import { distinctTexts, idOfProvider, isoOrNull, positiveOrNull, textOrNull } from "../Values.ts"
import { withDetails } from "./Details.ts"
import type { Item, User } from "./Responses.ts"
import type { MediaBrowser } from "./MediaBrowser.ts"
import { personOf } from "./Person.ts"

export const readServerItems = Effect.fn("MediaBrowser.readServerItems")(function* (
  server: MediaBrowser,
  progress: Progress,
  odd: OddRecords,
  wanted: ReadonlySet<EntryDetail> = new Set()
): Effect.fn.Return<ReadonlyArray<ServerItem>, UpstreamError> {
  const libraries: Array<string> = []
  const found = yield* inLibraries(server, (libraryId, before) => {
    libraries.push(libraryId)
    return server.items(libraryId, (done) => progress(before + done, null))
  })
  const items = yield* describe(server, found, odd)
  yield* progress(items.length, items.length)
  return yield* withDetails(server, items, libraries, wanted)
})

/** Those of these entries that still exist. */
export const rereadServerItems = Effect.fn("MediaBrowser.rereadServerItems")(function* (
  server: MediaBrowser,
  entries: ReadonlyArray<EntryKeys>,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<ServerItem>, UpstreamError> {
  const kindOf = kindsByKey(entries)
  const found = yield* inLibraries(server, (libraryId) => server.itemsIn(libraryId, [...kindOf.keys()]))
  const meant = found.filter(({ item }) => kinds[item.Type ?? ""] === kindOf.get(item.Id))
  return meant.length === 0 ? [] : yield* describe(server, meant, odd)
})

interface Found {
  readonly item: Item
  readonly libraries: Array<string>
}

/**
 * What `itemsOf` finds in each library that may contain videos; it receives the number of entries found in the previous
 * ones.
 */
const inLibraries = Effect.fnUntraced(function* (
  server: MediaBrowser,
  itemsOf: (libraryId: string, before: number) => Effect.Effect<ReadonlyArray<Item>, UpstreamError>
): Effect.fn.Return<ReadonlyArray<Found>, UpstreamError> {
  // One folder may belong to several libraries; its contents still have one entry each.
  const found = new Map<string, Found>()
  for (const { CollectionType, ItemId, Name } of yield* server.libraries) {
    // A library without an id was never scanned, and therefore is still empty.
    if (ItemId === null || ItemId === undefined || holdsNoVideo.has(CollectionType ?? "")) continue
    const items = yield* itemsOf(ItemId, found.size)
    yield* forEachWithPauses(items, (item) => {
      const known = found.get(item.Id)
      if (known === undefined) found.set(item.Id, { item, libraries: [Name ?? ItemId] })
      else known.libraries.push(Name ?? ItemId)
    })
  }
  return [...found.values()]
})

const describe = Effect.fnUntraced(function* (
  server: MediaBrowser,
  entries: ReadonlyArray<Found>,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<ServerItem>, UpstreamError> {
  const users = yield* server.users
  const favourites = yield* readFavourites(server, users)
  const collections = yield* readCollections(server, users)
  const versions = yield* readVersions(
    server,
    entries.map(({ item }) => item)
  )
  const shows = new Map(
    entries.flatMap(({ item }): ReadonlyArray<readonly [string, ReadonlyArray<TypedId>]> =>
      item.Type === "Series" ? [[item.Id, idsOf("show", item)]] : []
    )
  )
  const items: Array<ServerItem> = []
  yield* forEachWithPauses(entries, ({ item, libraries: [library = "", ...otherLibraries] }) => {
    const kind = kinds[item.Type ?? ""]
    if (kind === undefined) return
    const title = item.Name ?? ""
    const paths = distinctTexts([item.Path, ...(versions.paths.get(item.Id) ?? [])])
    const untold = {
      ...untoldOf(odd, item, title === "" ? `entry ${item.Id}` : title, factsOfFields).untold,
      ...(favourites.untold === null ? {} : { favouritedBy: favourites.untold }),
      // Whoever marked it, it is on a watchlist.
      ...(favourites.untold === null || favourites.byKey.has(item.Id) ? {} : { onWatchlist: favourites.untold }),
      ...(collections.untold === null ? {} : { collections: collections.untold }),
      ...(versions.unread.has(item.Id) ? { plays: "the server does not report the plays of its other versions" } : {})
    }
    items.push({
      serverItemId: item.Id,
      kind,
      parentServerItemId: kind === "season" ? (item.SeriesId ?? null) : null,
      // The ids of a season identify seasons, not shows, so those of its show are used.
      ids: kind === "season" ? (shows.get(item.SeriesId ?? "") ?? []) : idsOf(kind, item),
      title,
      year: positiveOrNull(item.ProductionYear),
      seasonNumber: kind === "season" ? (item.IndexNumber ?? null) : null,
      library,
      ...(otherLibraries.length === 0 ? {} : { otherLibraries }),
      ...(kind === "season" || paths.length === 0 ? {} : { paths }),
      addedAt: isoOrNull(item.DateCreated),
      ...(kind === "season"
        ? {}
        : { ratings: ratingsOf(item), studios: distinctTexts((item.Studios ?? []).map(({ Name }) => Name)) }),
      labels: distinctTexts([...(item.Tags ?? []), ...(item.TagItems ?? []).map((tag) => tag.Name)]),
      collections: collections.titles.get(item.Id) ?? [],
      onWatchlist: favourites.byKey.has(item.Id),
      favouritedBy: favourites.byKey.get(item.Id) ?? [],
      ...(Object.keys(untold).length === 0 ? {} : { untold })
    })
  })
  return items
})

const factsOfFields = {
  DateCreated: ["addedAt"],
  TagItems: ["labels"],
  Tags: ["labels"],
  Studios: ["studios"],
  CommunityRating: ["ratingAudience"],
  CriticRating: ["ratingCritics"]
} as const

/** The source of neither is reported. A rating by its users does not exist. */
const ratingsOf = ({ CommunityRating, CriticRating }: Item): ServerRatings => {
  const critics = positiveOrNull(CriticRating)
  return { critics: critics === null ? null : critics / 10, audience: positiveOrNull(CommunityRating) }
}

const kinds: Readonly<Record<string, Extract<ItemKind, "movie" | "show" | "season">>> = {
  Movie: "movie",
  Series: "show",
  Season: "season"
}

/** A library without a type, or with an unknown one, may contain movies and shows. */
export const holdsNoVideo = new Set([
  "audiobooks",
  "books",
  "boxsets",
  "games",
  "homevideos",
  "livetv",
  "music",
  "musicvideos",
  "photos",
  "playlists",
  "trailers"
])

export const idsOf = (kind: "movie" | "show", item: Pick<Item, "ProviderIds">): ReadonlyArray<TypedId> => [
  ...new Set(
    Object.entries(item.ProviderIds ?? {}).flatMap(([provider, value]) =>
      idOfProvider(kind, provider.toLowerCase(), value)
    )
  )
]

interface Favourites {
  /** The users who marked an entry, by its key. */
  readonly byKey: ReadonlyMap<string, ReadonlyArray<PersonObservation>>
  /** Why there may be more than is known. */
  readonly untold: string | null
}

/**
 * The favourites of all users. A favourite season or episode counts as a wish to keep its show. If the server refuses
 * the list of one user, only what depends on it is unknown.
 */
const readFavourites = Effect.fnUntraced(function* (
  server: MediaBrowser,
  users: ReadonlyArray<User>
): Effect.fn.Return<Favourites, UpstreamError> {
  const byKey = new Map<string, Array<PersonObservation>>()
  let untold: string | null = null
  for (const user of users) {
    const person = personOf(user.Id, user.Name)
    const refused = ({ message }: UpstreamError) =>
      Effect.sync((): ReadonlyArray<Item> => {
        untold ??= `the favourites of ${person.name} could not be read: ${message}`
        return []
      })
    // The key is accepted: the users were read with it.
    const marked = yield* Effect.catchTags(server.favourites(user.Id), {
      UpstreamRefused: refused,
      UpstreamUnauthorized: refused
    })
    const keys = new Set(marked.flatMap((item) => [item.Id, item.SeriesId, item.SeasonId]))
    for (const key of keys) {
      if (typeof key !== "string") continue
      const people = byKey.get(key)
      if (people === undefined) byKey.set(key, [person])
      else people.push(person)
    }
  }
  return { byKey, untold }
})

interface Collections {
  /** Titles by the keys of their contents. */
  readonly titles: ReadonlyMap<string, ReadonlyArray<string>>
  /** Why there may be more than is known. */
  readonly untold: string | null
}

/**
 * Items do not contain their collections, so each collection costs one call. A user sees only those of its members that
 * they may see.
 */
const readCollections = Effect.fnUntraced(function* (
  server: MediaBrowser,
  users: ReadonlyArray<User>
): Effect.fn.Return<Collections, UpstreamError> {
  const viewer = yield* viewerIn(server, users)
  const collections = yield* server.collections(viewer.Id)
  const members = yield* Effect.forEach(collections, (one) => server.members(viewer.Id, one.Id), { concurrency: 4 })
  const titles = new Map<string, ReadonlyArray<string>>()
  for (const [index, collection] of collections.entries()) {
    const title = collection.Name ?? collection.Id
    for (const key of (members[index] ?? []).flatMap(keysOf)) {
      titles.set(key, distinctTexts([...(titles.get(key) ?? []), title]))
    }
  }
  const untold = seesEverything(viewer)
    ? null
    : "no administrator of the server may see everything, so members of its collections may be hidden"
  return { titles, untold }
})

/** The administrator who sees most. */
const viewerIn = Effect.fnUntraced(function* (
  server: MediaBrowser,
  users: ReadonlyArray<User>
): Effect.fn.Return<User, UpstreamError> {
  const administrators = users.filter(
    ({ Policy: policy }) => policy?.IsAdministrator === true && policy.IsDisabled !== true
  )
  const viewer = administrators.find(seesEverything) ?? administrators[0]
  return viewer ?? (yield* server.malformed("GET users", "there is no administrator, who would see all collections"))
})

/** The collections of the server, which knows only the members that it has. */
export const readCollectionRecords = Effect.fn("MediaBrowser.readCollectionRecords")(function* (
  server: MediaBrowser
): Effect.fn.Return<ReadonlyArray<CollectionRecord>, UpstreamError> {
  const viewer = yield* viewerIn(server, yield* server.users)
  return (yield* server.boxSets(viewer.Id)).map(({ Id: key, Name, Overview }) => ({
    key,
    // As the items name it.
    title: Name ?? key,
    tmdbId: null,
    overview: textOrNull(Overview),
    missing: null
  }))
})

/** An episode is not an item: it would be removed with its season. */
const keysOf = ({ Id, SeasonId, Type }: Item): ReadonlyArray<string> =>
  Type === "Episode" && typeof SeasonId === "string" ? [Id, SeasonId] : [Id]

const seesEverything = ({ Policy: policy }: User): boolean =>
  policy?.EnableAllFolders !== false &&
  (policy?.MaxParentalRating ?? null) === null &&
  [policy?.BlockedTags, policy?.AllowedTags, policy?.BlockUnratedItems].every((list) => (list ?? []).length === 0)

/**
 * If an entry has several files, lists contain one of them. The others may be entries of their own, whose plays are
 * read under their own keys if the server reports them at all.
 */
const readVersions = Effect.fnUntraced(function* (server: MediaBrowser, items: ReadonlyArray<Item>) {
  const paths = new Map<string, ReadonlyArray<string | null | undefined>>()
  const unread = new Set<string>()
  const several = items.filter((item) => item.Type === "Movie" && (item.MediaSourceCount ?? 1) > 1)
  if (several.length === 0) return { paths, unread }
  const hidden = new Map<string, string>()
  for (const { Id, MediaSources } of yield* server.versions(several.map((item) => item.Id))) {
    paths.set(
      Id,
      (MediaSources ?? []).map((source) => source.Path)
    )
    for (const { Id: key } of MediaSources ?? [])
      if (key !== null && key !== undefined && key !== Id) hidden.set(key, Id)
  }
  const listed = new Set((yield* server.versions([...hidden.keys()])).map((version) => version.Id))
  for (const [key, primary] of hidden) if (!listed.has(key)) unread.add(primary)
  return { paths, unread }
})
