/**
 * The calls to Jellyfin and to Emby, which have a common origin. Lists are read in pages; the differences between the
 * two are in `MediaBrowserApplication`.
 */
import { Effect, Schema } from "effect"
import type { ArtworkLimits, Connected, Connection, Kind, Probe, Progress, RemovalTarget } from "../../Kind.ts"
import { OddRecords } from "../../OddRecords.ts"
import type { Upstream, UpstreamClient } from "../../Upstream.ts"
import { type UpstreamError, UpstreamMalformed } from "../../UpstreamErrors.ts"
import { apiKeyConfig } from "../ApiKey.ts"
import { hasAll } from "../Meant.ts"
import { identified } from "../OneItem.ts"
import { batchesOf, readPages } from "../Paging.ts"
import { posterAt } from "../PosterAt.ts"
import { timedProbe } from "../Probing.ts"
import { serverRemoval } from "../ServerRemoval.ts"
import { manageUnknownField } from "../ServerVideos.ts"
import { deleteMillis, textOrNull } from "../Values.ts"
import { keyOf, readCatalog, rereadCatalog } from "./Catalog.ts"
import {
  BoxSet,
  Credits,
  Item,
  Keyed,
  Library,
  ListPage,
  Me,
  Session,
  SystemInfo,
  User,
  UserItem,
  Versions,
  Video
} from "./Responses.ts"
import { mediaBrowserFacts } from "./Facts.ts"
import { readPlayback, rereadPlayback } from "./Playback.ts"
import { readCollectionRecords, readServerItems, rereadServerItems } from "./ServerItems.ts"

/** `whereabouts` describes where to find the key. */
export const mediaBrowserConfig = (whereabouts: string) =>
  Schema.Struct({
    ...apiKeyConfig(whereabouts).fields,
    manageUnknown: manageUnknownField("The key, or the user to whom it belongs, must be allowed to delete media.")
  })
export type MediaBrowserConfig = ReturnType<typeof mediaBrowserConfig>["Type"]

export interface MediaBrowserApplication {
  readonly id: string
  readonly title: string
  readonly keySpace: string
  readonly config: Schema.Codec<MediaBrowserConfig, unknown>
  /** A regular expression that matches its public information, and not that of the other. */
  readonly answer: string
  /** Whether a server with this product name, or without one, is of this kind. */
  readonly isProduct: (productName: string | null) => boolean
  readonly headers: (apiKey: string, deviceId: string) => Readonly<Record<string, string>>
  /** How users and libraries are listed: plainly, or in pages like everything else. */
  readonly users: { readonly path: string; readonly paged: boolean }
  readonly libraries: { readonly path: string; readonly paged: boolean }
  /** How the items are listed as a user sees them, with the state of that user. */
  readonly itemsOf: (userId: string) => { readonly path: string; readonly query: Readonly<Record<string, string>> }
  /** Fields that are requested by name. */
  readonly itemFields: ReadonlyArray<string>
  readonly userItemFields: ReadonlyArray<string>
  /** In addition to `itemFields`, to read the files of movies and episodes. */
  readonly videoFields: ReadonlyArray<string>
}

export interface MediaBrowserServer {
  readonly probe: Effect.Effect<Probe, UpstreamError>
  /** The calls of one reading; the faults of its responses are collected in `odd`. */
  readonly reads: (odd: OddRecords) => MediaBrowser
  /** Deletes an entry with its files. */
  readonly remove: (key: string) => Effect.Effect<void, UpstreamError>
  /** Whether the user to whom the key belongs may delete media; `null` = the key belongs to no user. */
  readonly deletionAllowed: Effect.Effect<boolean | null, UpstreamError>
  /** The main image of an entry; `null` if it has none. */
  readonly poster: (key: string, limits: ArtworkLimits) => Effect.Effect<Uint8Array | null, UpstreamError>
}

export interface MediaBrowser {
  readonly users: Effect.Effect<ReadonlyArray<User>, UpstreamError>
  readonly libraries: Effect.Effect<ReadonlyArray<Library>, UpstreamError>
  /** Movies, shows and seasons of one library. */
  readonly items: (libraryId: string, progress: Progress) => Effect.Effect<ReadonlyArray<Item>, UpstreamError>
  /** The ones with these keys. */
  readonly itemsIn: (libraryId: string, ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Item>, UpstreamError>
  /** Movies, shows, seasons and episodes with their files: those inside a library or a show, and those with these keys. */
  readonly videosIn: (parentId: string, progress: Progress) => Effect.Effect<ReadonlyArray<Video>, UpstreamError>
  readonly videosWith: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Video>, UpstreamError>
  readonly favourites: (userId: string) => Effect.Effect<ReadonlyArray<Item>, UpstreamError>
  /** Collections, and the contents of one of them. Without a user, a server returns an empty list. */
  readonly collections: (userId: string) => Effect.Effect<ReadonlyArray<Item>, UpstreamError>
  /** The collections with their descriptions. */
  readonly boxSets: (userId: string) => Effect.Effect<ReadonlyArray<BoxSet>, UpstreamError>
  readonly members: (userId: string, collectionId: string) => Effect.Effect<ReadonlyArray<Item>, UpstreamError>
  /** The people of the movies and shows of a library. */
  readonly credits: (libraryId: string) => Effect.Effect<ReadonlyArray<Credits>, UpstreamError>
  /** Playlists that a user may see, and the contents of one of them. */
  readonly playlists: (userId: string) => Effect.Effect<ReadonlyArray<Item>, UpstreamError>
  readonly inPlaylist: (userId: string, playlistId: string) => Effect.Effect<ReadonlyArray<Item>, UpstreamError>
  /** Every movie and episode that a user may see. A filter for played ones would omit those that were only begun. */
  readonly userItems: (userId: string, progress: Progress) => Effect.Effect<ReadonlyArray<UserItem>, UpstreamError>
  /** Keys of the episodes of a show. */
  readonly episodes: (showId: string) => Effect.Effect<ReadonlyArray<string>, UpstreamError>
  /** The files of entries, and a user's state of some: by their keys, many at once. */
  readonly versions: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Versions>, UpstreamError>
  readonly userItemsWith: (
    userId: string,
    ids: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<UserItem>, UpstreamError>
  /** Connected devices and what is being played on them. */
  readonly sessions: Effect.Effect<ReadonlyArray<Session>, UpstreamError>
  /** The error of a response that lacks required data. */
  readonly malformed: (call: string, detail: string) => UpstreamMalformed
}

export const pageSize = 1_000
/** Rows without fields are short, and there is one per episode and user. */
export const sweepSize = 2_500

/** Number of keys per call. */
export const batchSize = 100

const pages = (rows: number, size: number) => Math.max(1, Math.ceil(rows / size))

export const mediaBrowserKind = (application: MediaBrowserApplication): Kind<MediaBrowserConfig> => ({
  id: application.id,
  title: application.title,
  description: "Media server: its libraries with tags and collections, and the plays and favourites of all its users.",
  capabilities: ["playback", "labels", "collections", "artwork", "catalog", "removal"],
  itemKinds: ["movie", "show", "season", "episode"],
  keySpace: application.keySpace,
  config: application.config,
  discovery: {
    defaultPort: 8096,
    hostNames: [application.id],
    path: "System/Info/Public",
    answer: application.answer
  },
  syncCost: {
    formula:
      "7, and 1 per 1,000 movies, shows and seasons of each library; 1 for each collection; for each user 1, and 1 per 2,500 movies and episodes; per 100 movies and episodes with several files 3, and 1 for each user; if a rule needs people, 1 per 1,000 movies and shows of each library; if one needs playlists, 1 for each user and each playlist. If it manages what no manager knows: 1 for the libraries, and 1 per 1,000 movies, shows, seasons and episodes of each. The figure is for one library, one user and no collections, and assumes as many movies and episodes as items",
    calls: ({ collections = 0, items, lists = 1, users = 1, versions = 0, videos = items }) =>
      7 +
      pages(items, pageSize) +
      (lists - 1) +
      collections +
      users * (1 + pages(videos, sweepSize)) +
      Math.ceil(versions / batchSize) * (3 + users),
    reread:
      "5, 1 for each library and each collection, and 2 for each user; of a show 1 more per 1,000 episodes, and for each user 1 per 100 episodes instead; of several files 3 more, and 1 for each user. 2 to 6 more for an item that it manages itself, and the lists of all managers"
  },
  facts: mediaBrowserFacts(application),
  connect: (client, connection): Connected => {
    const server = openMediaBrowser(client, connection, application)
    const { manageUnknown = false } = connection.config
    const catalog = (target: RemovalTarget, odd: OddRecords) =>
      rereadCatalog(server.reads, server.probe, connection.name, target, odd)
    return {
      probe: manageUnknown ? probeDeletion(server, application.title) : server.probe,
      read: {
        ...(manageUnknown
          ? { catalog: (progress: Progress, odd: OddRecords) => readCatalog(server.reads(odd), progress) }
          : {}),
        serverItems: (progress, odd, wanted) => readServerItems(server.reads(odd), progress, odd, wanted),
        playback: (progress, odd) => readPlayback(server.reads(odd), progress, odd)
      },
      reread: {
        ...(manageUnknown ? { catalog } : {}),
        serverItems: (entries, odd) =>
          identified(
            connection.name,
            "GET Items",
            odd,
            (own) => rereadServerItems(server.reads(own), entries, own),
            hasAll(entries)
          ),
        playback: (entries, odd) => rereadPlayback(server.reads(odd), entries, odd)
      },
      ...(manageUnknown
        ? {
            removal: serverRemoval({
              integration: connection.name,
              catalog,
              keyOf: (target) => keyOf(server.reads, connection.name, target, new OddRecords()),
              remove: server.remove
            })
          }
        : {}),
      collections: Effect.suspend(() => readCollectionRecords(server.reads(new OddRecords()))),
      artwork: { poster: ({ key }, limits) => server.poster(key, limits) }
    }
  }
})

/** A key that belongs to no user may delete media. */
const probeDeletion = (server: MediaBrowserServer, title: string): Connected["probe"] =>
  Effect.gen(function* () {
    const probe = yield* server.probe
    const allowed = yield* Effect.orElseSucceed(server.deletionAllowed, () => null)
    return allowed === false
      ? { ...probe, refusesRemoval: `the user to whom the key belongs may not delete media in ${title}` }
      : probe
  })

const openMediaBrowser = (
  client: UpstreamClient["Service"],
  connection: Connection<MediaBrowserConfig>,
  application: MediaBrowserApplication
): MediaBrowserServer => {
  const { apiKey } = connection.config
  const upstream: Upstream = client.open({
    integration: connection.name,
    baseUrl: connection.url,
    headers: application.headers(apiKey, `tendarr-${connection.integrationId}`),
    secrets: [apiKey]
  })

  const malformed = (call: string, detail: string) =>
    new UpstreamMalformed({ integration: connection.name, call, detail })

  return {
    probe: timedProbe(
      Effect.gen(function* () {
        const info = yield* upstream.get("System/Info", SystemInfo)
        const product = info.ProductName ?? null
        if (!application.isProduct(product)) {
          return yield* malformed("GET System/Info", `this is ${product ?? "no such server"}, not ${application.title}`)
        }
        return { appName: application.title, version: info.Version ?? null, identity: textOrNull(info.Id) }
      })
    ),
    reads: (odd) => readsOf(upstream, connection.name, application, odd, malformed),
    remove: (key) => upstream.send("DELETE", `Items/${encodeURIComponent(key)}`, { timeoutMillis: deleteMillis }),
    deletionAllowed: Effect.map(
      upstream.get("Users/Me", Me),
      ({ Policy: policy }) => policy?.EnableContentDeletion ?? null
    ),
    poster: (key, limits) => posterAt(upstream, [`Items/${encodeURIComponent(key)}/Images/Primary`], limits)
  }
}

type Query = Readonly<Record<string, string | boolean>>

const readsOf = (
  upstream: Upstream,
  integration: string,
  application: MediaBrowserApplication,
  odd: OddRecords,
  malformed: MediaBrowser["malformed"]
): MediaBrowser => {
  const paged = <A>(
    path: string,
    row: Schema.Codec<A, unknown>,
    keyOf: (row: A) => string | null,
    query: Query,
    progress: Progress = () => Effect.void,
    size = pageSize
  ) =>
    readPages({
      integration,
      call: `GET ${path}`,
      pageSize: size,
      keyOf,
      progress,
      fetch: (startIndex) =>
        upstream
          .getPage(
            path,
            { head: ListPage, rowsOf: (head) => head.Items, row },
            { query: { ...query, startIndex, limit: size }, timeoutMillis: 120_000, odd, oddFrom: startIndex }
          )
          .pipe(
            Effect.map(({ head, rows }) => ({
              rows,
              records: head.Items.length,
              total: head.TotalRecordCount ?? null
            }))
          )
    })

  const whole = <A>(
    { paged: inPages, path }: MediaBrowserApplication["users"],
    row: Schema.Codec<A, unknown>,
    keyOf: (row: A) => string | null
  ) => (inPages ? paged(path, row, keyOf, {}) : upstream.getArray(path, row, { odd }))

  // Entries that are added while pages are read come at the end and move no row.
  const list = {
    recursive: true,
    enableImages: false,
    collapseBoxSetItems: false,
    sortBy: "DateCreated,SortName",
    sortOrder: "Ascending"
  }
  const fields = application.itemFields.join(",")
  const videoFields = [...application.itemFields, ...application.videoFields].join(",")

  const asUser = <A extends { readonly Id: string }>(
    userId: string,
    row: Schema.Codec<A, unknown>,
    query: Query,
    progress?: Progress,
    size?: number
  ) => {
    const { path, query: own } = application.itemsOf(userId)
    return paged(path, row, idOf, { ...list, ...own, ...query }, progress, size)
  }
  const itemsIn = (libraryId: string, query: Query, progress: Progress) =>
    paged(
      "Items",
      Item,
      idOf,
      { ...list, parentId: libraryId, includeItemTypes: "Movie,Series,Season", fields, ...query },
      progress
    )
  const videos = (query: Query, progress?: Progress) =>
    paged(
      "Items",
      Video,
      idOf,
      { ...list, includeItemTypes: "Movie,Series,Season,Episode", fields: videoFields, ...query },
      progress
    )
  const itemsAs = (userId: string, query: Query) => asUser(userId, Item, { fields, ...query })
  const userFields = {
    enableUserData: true,
    ...(application.userItemFields.length === 0 ? {} : { fields: application.userItemFields.join(",") })
  }

  return {
    malformed,
    users: whole(application.users, User, idOf),
    libraries: whole(application.libraries, Library, (library) => library.ItemId ?? null),
    items: (libraryId, progress) => itemsIn(libraryId, {}, progress),
    itemsIn: (libraryId, ids) =>
      inBatches((some) => itemsIn(libraryId, { ids: some.join(",") }, () => Effect.void))(ids),
    videosIn: (parentId, progress) => videos({ parentId }, progress),
    videosWith: inBatches((some) => videos({ ids: some.join(",") })),
    favourites: (userId) => itemsAs(userId, { filters: "IsFavorite", includeItemTypes: "Movie,Series,Season,Episode" }),
    collections: (userId) => itemsAs(userId, { includeItemTypes: "BoxSet" }),
    boxSets: (userId) => asUser(userId, BoxSet, { includeItemTypes: "BoxSet", fields: "Overview" }),
    members: (userId, collectionId) => itemsAs(userId, { parentId: collectionId, recursive: false }),
    credits: (libraryId) =>
      paged("Items", Credits, idOf, {
        ...list,
        parentId: libraryId,
        includeItemTypes: "Movie,Series",
        fields: "People"
      }),
    playlists: (userId) => itemsAs(userId, { includeItemTypes: "Playlist" }),
    inPlaylist: (userId, parentId) => {
      const { path, query } = application.itemsOf(userId)
      // A title may be in it more than once.
      return paged(path, Item, () => null, { ...list, ...query, fields, parentId, recursive: false })
    },
    userItems: (userId, progress) =>
      asUser(userId, UserItem, { includeItemTypes: "Movie,Episode", ...userFields }, progress, sweepSize),
    versions: inBatches((ids) =>
      paged("Items", Versions, idOf, { ids: ids.join(","), fields: "MediaSources", enableImages: false })
    ),
    episodes: (showId) =>
      Effect.map(paged("Items", Keyed, idOf, { ...list, parentId: showId, includeItemTypes: "Episode" }), (rows) =>
        rows.map(idOf)
      ),
    userItemsWith: (userId, ids) =>
      inBatches((some) => asUser(userId, UserItem, { ids: some.join(","), ...userFields }))(ids),
    sessions: upstream.getArray("Sessions", Session, { odd })
  }
}

const idOf = (row: { readonly Id: string }) => row.Id

const inBatches =
  <A>(read: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<A>, UpstreamError>) =>
  (ids: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<A>, UpstreamError> =>
    Effect.map(Effect.forEach(batchesOf(ids, batchSize), read), (rows) => rows.flat())
