/**
 * The movie and show libraries of a Jellyfin or Emby server as server items. Tags are its labels, and its watchlist is
 * what any user has marked as a favourite.
 */
import { Effect } from "effect"
import type { Progress } from "../../Kind.ts"
import type { ItemKind, ServerItem, TypedId } from "../../Observations.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { forEachWithPauses } from "../Pauses.ts"
import { distinctTexts, idOfProvider, isoOrNull, positiveOrNull } from "../Values.ts"
import type { Item, User } from "./Answers.ts"
import type { MediaBrowser } from "./MediaBrowser.ts"

export const readServerItems = Effect.fn("MediaBrowser.readServerItems")(function* (
  server: MediaBrowser,
  progress: Progress
): Effect.fn.Return<ReadonlyArray<ServerItem>, UpstreamError> {
  // One folder may belong to several libraries; what stands in it is still one entry.
  const found = new Map<string, { readonly item: Item; readonly library: string }>()
  for (const { CollectionType, ItemId, Name } of yield* server.libraries) {
    // Without an id it was never scanned, and so holds nothing yet.
    if (ItemId === null || ItemId === undefined || !hasVideo(CollectionType)) continue
    const before = found.size
    const items = yield* server.items(ItemId, (done) => progress(before + done, null))
    yield* forEachWithPauses(items, (item) => {
      if (!found.has(item.Id)) found.set(item.Id, { item, library: Name ?? ItemId })
    })
  }
  const users = yield* server.users
  const wanted = yield* readFavourites(server, users)
  const collections = yield* readCollections(server, users)

  const entries = [...found.values()]
  const shows = new Map(
    entries.flatMap(({ item }): ReadonlyArray<readonly [string, ReadonlyArray<TypedId>]> =>
      item.Type === "Series" ? [[item.Id, idsOf("show", item)]] : []
    )
  )
  const items: Array<ServerItem> = []
  yield* forEachWithPauses(entries, ({ item, library }) => {
    const kind = kinds[item.Type ?? ""]
    if (kind === undefined) return
    items.push({
      serverItemId: item.Id,
      kind,
      parentServerItemId: kind === "season" ? (item.SeriesId ?? null) : null,
      // A season's own ids number seasons, not shows: it goes by its show.
      ids: kind === "season" ? (shows.get(item.SeriesId ?? "") ?? []) : idsOf(kind, item),
      title: item.Name ?? "",
      year: positiveOrNull(item.ProductionYear),
      seasonNumber: kind === "season" ? (item.IndexNumber ?? null) : null,
      library,
      addedAt: isoOrNull(item.DateCreated),
      labels: distinctTexts([...(item.Tags ?? []), ...(item.TagItems ?? []).map((tag) => tag.Name)]),
      collections: collections.get(item.Id) ?? [],
      onWatchlist: wanted.has(item.Id)
    })
  })
  yield* progress(items.length, items.length)
  return items
})

const kinds: Readonly<Record<string, Extract<ItemKind, "movie" | "show" | "season">>> = {
  Movie: "movie",
  Series: "show",
  Season: "season"
}

/** A library without a type holds movies and shows side by side. */
const hasVideo = (collectionType: string | null | undefined): boolean =>
  ["movies", "tvshows", "mixed", ""].includes(collectionType ?? "")

const idsOf = (kind: "movie" | "show", item: Item): ReadonlyArray<TypedId> => [
  ...new Set(
    Object.entries(item.ProviderIds ?? {}).flatMap(([provider, value]) =>
      idOfProvider(kind, provider.toLowerCase(), value)
    )
  )
]

/** Keys of what any user has marked. Whoever wants a season or an episode wants its show to stay. */
const readFavourites = Effect.fnUntraced(function* (
  server: MediaBrowser,
  users: ReadonlyArray<User>
): Effect.fn.Return<ReadonlySet<string>, UpstreamError> {
  const lists = yield* Effect.forEach(users, (user) => server.favourites(user.Id))
  const keys = lists.flat().flatMap((item) => [item.Id, item.SeriesId, item.SeasonId])
  return new Set(keys.filter((key) => typeof key === "string"))
})

/** Titles of collections by the key of what stands in them. Items do not tell, hence a call for each collection. */
const readCollections = Effect.fnUntraced(function* (
  server: MediaBrowser,
  users: ReadonlyArray<User>
): Effect.fn.Return<ReadonlyMap<string, ReadonlyArray<string>>, UpstreamError> {
  const viewer = users.find((user) => user.Policy?.IsAdministrator === true && user.Policy.IsDisabled !== true)
  if (viewer === undefined) {
    return yield* server.malformed(
      "GET users",
      "there is no administrator, whose view of the collections would be whole"
    )
  }
  const collections = yield* server.collections(viewer.Id)
  const members = yield* Effect.forEach(collections, (one) => server.members(viewer.Id, one.Id), { concurrency: 4 })
  const titles = new Map<string, ReadonlyArray<string>>()
  for (const [index, collection] of collections.entries()) {
    const title = collection.Name ?? collection.Id
    for (const { Id } of members[index] ?? []) titles.set(Id, distinctTexts([...(titles.get(Id) ?? []), title]))
  }
  return titles
})
