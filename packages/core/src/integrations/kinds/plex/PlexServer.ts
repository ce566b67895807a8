/** The calls to a Plex Media Server with decoded responses; lists are read in pages of 1,000. */
import { Effect, type Schema } from "effect"
import type { Probe, Progress } from "../../Kind.ts"
import type { OddRecords } from "../../OddRecords.ts"
import type { QueryValue, Upstream } from "../../Upstream.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { readPages } from "../Paging.ts"
import { timedProbe } from "../Probing.ts"
import { deleteMillis } from "../Values.ts"
import {
  Account,
  Collection,
  Container,
  Credits,
  HistoryRow,
  Identity,
  KeyedItem,
  Label,
  MetadataEntry,
  MetadataItem,
  parseContainer,
  Playlist,
  PlaylistItem,
  Section,
  ServerInfo,
  SessionRow
} from "./Container.ts"

/** 1 movies, 2 shows, 3 seasons, 4 episodes. */
export type ItemType = 1 | 2 | 3 | 4

type Rows<Row> = Effect.Effect<ReadonlyArray<Row>, UpstreamError>

/** The calls of one reading; the faults of its responses are collected with it. */
export interface PlexReads {
  readonly sections: Rows<typeof Section.Type>
  readonly accounts: Rows<typeof Account.Type>
  /** Everything of one type in a section. */
  readonly items: (section: string, type: ItemType, progress: Progress) => Rows<MetadataItem>
  /** Labels of entries of this type in a section, and the keys of the entries with one of them. */
  readonly labels: (section: string, type: ItemType) => Rows<typeof Label.Type>
  readonly labelled: (section: string, type: ItemType, label: string) => Rows<typeof KeyedItem.Type>
  readonly collections: (section: string) => Rows<Collection>
  readonly members: (collection: string) => Rows<typeof KeyedItem.Type>
  /** Entries by their keys, with all data that the server has about each. At most `batchSize` of them. */
  readonly entries: (keys: ReadonlyArray<string>) => Rows<MetadataItem>
  /** The people of entries; at most `batchSize` of them. */
  readonly credits: (keys: ReadonlyArray<string>) => Rows<Credits>
  /** Playlists of videos that the account of the token sees, and the contents of one. */
  readonly playlists: Rows<typeof Playlist.Type>
  readonly inPlaylist: (playlist: string) => Rows<typeof PlaylistItem.Type>
  /** One entry with its seasons, and the section of entries that do not contain their own. */
  readonly entry: (
    keys: ReadonlyArray<string>
  ) => Effect.Effect<
    { readonly rows: ReadonlyArray<MetadataEntry>; readonly section: typeof Container.Type.MediaContainer },
    UpstreamError
  >
  /** Entries of one type with this lasting id, in any section. */
  readonly withGuid: (guid: string, type: ItemType) => Rows<MetadataItem>
  /** The seasons and the episodes of a show. */
  readonly seasonsOf: (show: string) => Rows<MetadataItem>
  readonly episodesOf: (show: string) => Rows<MetadataItem>
  /** Every play of every account, oldest first. */
  readonly history: (progress: Progress) => Rows<HistoryRow>
  /** The same for one movie, or for all episodes of a show. */
  readonly historyOf: (key: string) => Rows<HistoryRow>
  /** What is being played. */
  readonly sessions: Rows<SessionRow>
}

export interface PlexServer {
  readonly probe: Effect.Effect<Probe, UpstreamError>
  /** Whether the server deletes media for its clients; `null` = it does not say. */
  readonly deletionAllowed: Effect.Effect<boolean | null, UpstreamError>
  /** Deletes an entry with its files. */
  readonly remove: (key: string) => Effect.Effect<void, UpstreamError>
  readonly reads: (odd: OddRecords) => PlexReads
}

export const pageSize = 1_000
export const batchSize = 100

export const historyPath = "status/sessions/history/all"
export const sessionsPath = "status/sessions"

export const makePlexServer = (upstream: Upstream, integration: string, clientId: string): PlexServer => {
  const headers = {
    accept: "application/json",
    "X-Plex-Client-Identifier": clientId,
    "X-Plex-Product": "Tendarr",
    "X-Plex-Version": "1"
  }
  const request = (query: Record<string, QueryValue> = {}) => ({
    query,
    headers,
    parse: parseContainer,
    timeoutMillis: 120_000
  })

  const page = <A>(
    path: string,
    list: "Metadata" | "Directory" | "Account",
    row: Schema.Codec<A, unknown>,
    query: Record<string, QueryValue> = {},
    odd?: OddRecords,
    oddFrom = 0
  ) => {
    const rowsOf = (head: typeof Container.Type) => head.MediaContainer[list] ?? []
    return upstream
      .getPage(
        path,
        { head: Container, rowsOf, row },
        { ...request(query), ...(odd === undefined ? {} : { odd, oddFrom }) }
      )
      .pipe(
        Effect.map(({ head, rows }) => ({
          rows,
          head,
          records: rowsOf(head).length,
          total: head.MediaContainer.totalSize ?? null
        }))
      )
  }

  const reads = (odd: OddRecords): PlexReads => {
    const list = <A>(path: string, name: "Metadata" | "Directory" | "Account", row: Schema.Codec<A, unknown>) =>
      Effect.map(page(path, name, row, {}, odd), ({ rows }) => rows)

    const paged = <A>(
      path: string,
      row: Schema.Codec<A, unknown>,
      query: Record<string, QueryValue>,
      keyOf: (row: A) => string | null,
      progress: Progress = () => Effect.void
    ) =>
      readPages({
        integration,
        call: `GET ${path}`,
        pageSize,
        keyOf,
        progress,
        fetch: (start) =>
          page(
            path,
            "Metadata",
            row,
            { ...query, "X-Plex-Container-Start": start, "X-Plex-Container-Size": pageSize },
            odd,
            start
          )
      })

    const history = (query: Record<string, QueryValue>, progress?: Progress) =>
      paged(historyPath, HistoryRow, { ...query, sort: "viewedAt:asc" }, (row) => row.historyKey ?? null, progress)

    // Oldest first: entries that are added while pages are read come at the end and move no row.
    const inSection = <A extends { readonly ratingKey: string }>(
      section: string,
      row: Schema.Codec<A, unknown>,
      query: Record<string, QueryValue>,
      progress?: Progress
    ) => paged(`${sectionPath(section)}/all`, row, { ...query, sort: "addedAt:asc" }, keyOfItem, progress)

    return {
      sections: list("library/sections", "Directory", Section),
      accounts: list("accounts", "Account", Account),
      items: (section, type, progress) => inSection(section, MetadataItem, { type, includeGuids: 1 }, progress),
      labels: (section, type) =>
        Effect.map(page(`${sectionPath(section)}/label`, "Directory", Label, { type }, odd), ({ rows }) => rows),
      labelled: (section, type, label) => inSection(section, KeyedItem, { type, label }),
      collections: (section) => paged(`${sectionPath(section)}/collections`, Collection, {}, keyOfItem),
      members: (collection) =>
        paged(`library/collections/${encodeURIComponent(collection)}/items`, KeyedItem, {}, keyOfItem),
      entries: (keys) => list(metadataPath(keys), "Metadata", MetadataItem),
      credits: (keys) => list(metadataPath(keys), "Metadata", Credits),
      playlists: paged("playlists", Playlist, { playlistType: "video" }, keyOfItem),
      inPlaylist: (playlist) =>
        // A title may be in it more than once.
        paged(`playlists/${encodeURIComponent(playlist)}/items`, PlaylistItem, {}, () => null),
      entry: (keys) =>
        Effect.map(page(metadataPath(keys), "Metadata", MetadataEntry, {}, odd), ({ head, rows }) => ({
          rows,
          section: head.MediaContainer
        })),
      withGuid: (guid, type) => paged("library/all", MetadataItem, { guid, type, includeGuids: 1 }, keyOfItem),
      seasonsOf: (show) => paged(`${metadataPath([show])}/children`, MetadataItem, {}, keyOfItem),
      episodesOf: (show) => paged(`${metadataPath([show])}/allLeaves`, MetadataItem, {}, keyOfItem),
      history: (progress) => history({}, progress),
      historyOf: (key) => history({ metadataItemID: key }),
      sessions: list(sessionsPath, "Metadata", SessionRow)
    }
  }

  // The identity is public; the libraries require a valid token.
  const probe = timedProbe(
    Effect.map(upstream.get("identity", Identity, request()), ({ MediaContainer: server }) => ({
      appName: "Plex Media Server",
      version: server.version ?? null,
      identity: server.machineIdentifier
    })),
    page("library/sections", "Directory", Section)
  )

  return {
    probe,
    reads,
    deletionAllowed: Effect.map(
      upstream.get("", ServerInfo, request()),
      ({ MediaContainer: info }) => info.allowMediaDeletion ?? null
    ),
    remove: (key) => upstream.send("DELETE", metadataPath([key]), { headers, timeoutMillis: deleteMillis })
  }
}

const metadataPath = (keys: ReadonlyArray<string>) => `library/metadata/${keys.map(encodeURIComponent).join(",")}`
const sectionPath = (section: string) => `library/sections/${encodeURIComponent(section)}`
const keyOfItem = (item: { readonly ratingKey: string }) => item.ratingKey
