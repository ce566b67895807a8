/**
 * The calls that are made to Jellyfin and to Emby, which has the same origin. Lists are read in pages; what the two do
 * differently stands in `MediaBrowserApplication`.
 */
import { Effect, type Schema } from "effect"
import type { Connected, ConfigField, Connection, Kind, Probe, Progress } from "../../Kind.ts"
import type { Upstream, UpstreamDoor } from "../../Upstream.ts"
import { type UpstreamError, UpstreamMalformed } from "../../UpstreamErrors.ts"
import { ApiKeyConfig } from "../ApiKey.ts"
import { readPages } from "../Paging.ts"
import { timedProbe } from "../Probing.ts"
import { textOrNull } from "../Values.ts"
import { Item, Library, ListPage, SystemInfo, User, UserItem } from "./Answers.ts"
import { readPlayback } from "./Playback.ts"
import { readServerItems } from "./ServerItems.ts"

export interface MediaBrowserApplication {
  readonly id: string
  readonly title: string
  readonly keySpace: string
  readonly field: ConfigField
  /** A regular expression that fits what it tells of itself to anyone, and not what the other does. */
  readonly answer: string
  /** Whether a server that calls its product this, or nothing, is of this kind. */
  readonly isProduct: (productName: string | null) => boolean
  readonly headers: (apiKey: string, deviceId: string) => Readonly<Record<string, string>>
  /** Where users and libraries are listed: plainly, or in pages like everything else. */
  readonly users: { readonly path: string; readonly paged: boolean }
  readonly libraries: { readonly path: string; readonly paged: boolean }
  /** Where the items are listed as a user sees them, with what that user has done. */
  readonly itemsOf: (userId: string) => { readonly path: string; readonly query: Readonly<Record<string, string>> }
  /** Fields that are asked for by name. */
  readonly itemFields: ReadonlyArray<string>
  readonly userItemFields: ReadonlyArray<string>
}

export interface MediaBrowser {
  readonly probe: Effect.Effect<Probe, UpstreamError>
  readonly users: Effect.Effect<ReadonlyArray<User>, UpstreamError>
  readonly libraries: Effect.Effect<ReadonlyArray<Library>, UpstreamError>
  /** Movies, shows and seasons of one library. */
  readonly items: (libraryId: string, progress: Progress) => Effect.Effect<ReadonlyArray<Item>, UpstreamError>
  readonly favourites: (userId: string) => Effect.Effect<ReadonlyArray<Item>, UpstreamError>
  /** Collections, and what stands in one of them. Without a user a server answers that nothing does. */
  readonly collections: (userId: string) => Effect.Effect<ReadonlyArray<Item>, UpstreamError>
  readonly members: (userId: string, collectionId: string) => Effect.Effect<ReadonlyArray<Item>, UpstreamError>
  /** Every movie and episode that a user may see. A filter for played ones would leave out those only begun. */
  readonly userItems: (userId: string, progress: Progress) => Effect.Effect<ReadonlyArray<UserItem>, UpstreamError>
  /** An answer that has not what it must have. */
  readonly malformed: (call: string, detail: string) => UpstreamMalformed
}

export const pageSize = 1_000
/** Rows without fields are short, and there is one for every episode and user. */
export const sweepSize = 2_500

const pages = (rows: number, size: number) => Math.max(1, Math.ceil(rows / size))

export const mediaBrowserKind = (application: MediaBrowserApplication): Kind<ApiKeyConfig> => ({
  id: application.id,
  title: application.title,
  description: "Media server: its libraries with tags and collections, and the plays and favourites of all its users.",
  capabilities: ["playback", "labels", "collections"],
  itemKinds: ["movie", "show", "season"],
  keySpace: application.keySpace,
  fields: [application.field],
  config: ApiKeyConfig,
  discovery: {
    defaultPort: 8096,
    hostNames: [application.id],
    path: "System/Info/Public",
    answer: application.answer
  },
  syncCost: {
    formula:
      "4, and 1 per 1,000 movies, shows and seasons of each library; 1 for each collection; for each user 1, and 1 per 2,500 movies and episodes. The figure is for one library, one user and no collections, and takes as many movies and episodes as items",
    calls: ({ collections = 0, items, lists = 1, users = 1, videos = items }) =>
      4 + pages(items, pageSize) + (lists - 1) + collections + users * (1 + pages(videos, sweepSize))
  },
  connect: (door, connection): Connected => {
    const server = openMediaBrowser(door, connection, application)
    return {
      probe: server.probe,
      read: {
        serverItems: (progress) => readServerItems(server, progress),
        playback: (progress) => readPlayback(server, progress)
      }
    }
  }
})

const openMediaBrowser = (
  door: UpstreamDoor["Service"],
  connection: Connection<ApiKeyConfig>,
  application: MediaBrowserApplication
): MediaBrowser => {
  const { apiKey } = connection.config
  const upstream: Upstream = door.open({
    integration: connection.name,
    baseUrl: connection.url,
    headers: application.headers(apiKey, `tendarr-${connection.integrationId}`),
    secrets: [apiKey]
  })

  const paged = <A extends { readonly Id: string }>(
    path: string,
    row: Schema.Codec<A, unknown>,
    query: Readonly<Record<string, string | boolean>>,
    progress: Progress = () => Effect.void
  ) => pagedBy(path, row, (one) => one.Id, query, progress, pageSize)

  const pagedBy = <A>(
    path: string,
    row: Schema.Codec<A, unknown>,
    keyOf: (row: A) => string | null,
    query: Readonly<Record<string, string | boolean>>,
    progress: Progress,
    size: number
  ) =>
    readPages({
      integration: connection.name,
      call: `GET ${path}`,
      pageSize: size,
      keyOf,
      progress,
      fetch: (startIndex) =>
        upstream
          .getPage(
            path,
            { head: ListPage, rowsOf: (head) => head.Items, row },
            { query: { ...query, startIndex, limit: size }, timeoutMillis: 120_000 }
          )
          .pipe(Effect.map(({ head, rows }) => ({ rows, total: head.TotalRecordCount ?? null })))
    })

  // What is added while pages are read comes at the end and moves no row.
  const list = {
    recursive: true,
    enableImages: false,
    collapseBoxSetItems: false,
    sortBy: "DateCreated,SortName",
    sortOrder: "Ascending"
  }
  const fields = application.itemFields.join(",")

  const asUser = (userId: string, query: Readonly<Record<string, string | boolean>>) => {
    const { path, query: own } = application.itemsOf(userId)
    return paged(path, Item, { ...list, ...own, fields, ...query })
  }

  const malformed = (call: string, detail: string) =>
    new UpstreamMalformed({ integration: connection.name, call, detail })

  return {
    malformed,
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
    users: application.users.paged
      ? paged(application.users.path, User, {})
      : upstream.getArray(application.users.path, User),
    libraries: application.libraries.paged
      ? pagedBy(
          application.libraries.path,
          Library,
          (library) => library.ItemId ?? null,
          {},
          () => Effect.void,
          pageSize
        )
      : upstream.getArray(application.libraries.path, Library),
    items: (libraryId, progress) =>
      paged("Items", Item, { ...list, parentId: libraryId, includeItemTypes: "Movie,Series,Season", fields }, progress),
    favourites: (userId) => asUser(userId, { filters: "IsFavorite", includeItemTypes: "Movie,Series,Season,Episode" }),
    collections: (userId) => asUser(userId, { includeItemTypes: "BoxSet" }),
    members: (userId, collectionId) => asUser(userId, { parentId: collectionId, recursive: false }),
    userItems: (userId, progress) => {
      const { path, query } = application.itemsOf(userId)
      return pagedBy(
        path,
        UserItem,
        (item) => item.Id,
        {
          ...list,
          ...query,
          includeItemTypes: "Movie,Episode",
          enableUserData: true,
          ...(application.userItemFields.length === 0 ? {} : { fields: application.userItemFields.join(",") })
        },
        progress,
        sweepSize
      )
    }
  }
}
