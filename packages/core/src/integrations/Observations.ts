/**
 * What a kind reads from its upstream, in the words of Tendarr. A kind translates; it decides nothing.
 *
 * In all of these a value is `null` when the upstream said that there is none, and a key is absent when this kind cannot
 * know it. Times are ISO-8601 UTC with milliseconds, sizes are bytes.
 */

/** Kinds of item, wholes and parts. */
export const itemKinds = ["movie", "show", "season", "artist", "album", "author", "book"] as const
export type ItemKind = (typeof itemKinds)[number]

/** The whole that a part belongs to. Removing a whole removes its parts. */
const wholes: Partial<Record<ItemKind, ItemKind>> = { season: "show", album: "artist", book: "author" }

/** `show` for a season, `artist` for an album, `author` for a book; `null` for what is no part of anything. */
export const wholeKindOf = (kind: ItemKind): ItemKind | null => wholes[kind] ?? null

/**
 * An identifier that several applications share, as `<type>:<value>`: `tmdb-movie:603`, `tmdb-show:1399`, `tvdb:121361`
 * (shows), `imdb:tt0133093`, `musicbrainz:<uuid>` (artists, and albums by their release group), `goodreads-author:<n>`,
 * `goodreads-book:<n>` (works), `tpdb:<n>` (sites), `stashdb:<uuid>` (scenes). TMDB and Goodreads number their kinds
 * apart, hence two types each.
 */
export type TypedId = string

/** The types that Tendarr itself gives. A kind from outside may give others, as long as it prefixes them alike. */
export const typedIdTypes = [
  "tmdb-movie",
  "tmdb-show",
  "tvdb",
  "imdb",
  "musicbrainz",
  "goodreads-author",
  "goodreads-book",
  "tpdb",
  "stashdb"
] as const
export type TypedIdType = (typeof typedIdTypes)[number]

export const typedId = (type: TypedIdType, value: string | number): TypedId => `${type}:${value}`

/** Facts that only the application which manages an item can know. */
export interface CatalogFacts {
  readonly monitored?: boolean | null
  readonly qualityProfile?: string | null
  readonly tags?: ReadonlyArray<string>
  readonly genres?: ReadonlyArray<string>
  /** 0..10, whatever the source's own scale. */
  readonly rating?: number | null
  readonly ratingImdb?: number | null
  readonly ratingTmdb?: number | null
  /** 0..100. */
  readonly ratingRottenTomatoes?: number | null
  readonly addedAt?: string | null
  readonly releasedAt?: string | null
  readonly language?: string | null
  /** `continuing`, `ended`, `upcoming` or `deleted`. */
  readonly showStatus?: string | null
  readonly seasonNumber?: number | null
  readonly seasonCount?: number | null
  /** Episodes that have a file. */
  readonly episodeCount?: number | null
  readonly studio?: string | null
  readonly runtimeMinutes?: number | null
  readonly contentRating?: string | null
  /** `2160p`, `1080p`, `720p`, `576p`, `480p`. */
  readonly resolution?: string | null
  readonly videoCodec?: string | null
  readonly audioCodec?: string | null
  /** `none`, `hdr10`, `hdr10+`, `dv`, `hlg`. */
  readonly hdr?: string | null
  /** Bits per second. */
  readonly bitrate?: number | null
}

/**
 * One item as the application that manages it tells it. A part's `externalId` begins with that of its whole: a season's
 * is `<series id>:s<number>`, an album's `<artist id>:a<album id>`, a book's `<author id>:b<book id>`.
 */
export interface CatalogItem {
  readonly externalId: string
  readonly kind: ItemKind
  /** The show of a season, the artist of an album, the author of a book. */
  readonly parentExternalId: string | null
  readonly title: string
  readonly sortTitle: string | null
  readonly year: number | null
  readonly ids: ReadonlyArray<TypedId>
  /** Its folder. */
  readonly path: string | null
  /** Its own file, where it is one and the application says which. */
  readonly filePath?: string | null
  readonly rootFolder: string | null
  readonly sizeBytes: number
  readonly posterUrl: string | null
  /** Titles of the collections that the manager itself knows (Radarr: the TMDB collection). */
  readonly collections: ReadonlyArray<string>
  readonly facts: CatalogFacts
}

/** One mount, in bytes. */
export interface DiskReport {
  /** The mount as the application sees it. */
  readonly path: string
  readonly totalBytes: number
  readonly freeBytes: number
}

/** All mounts that an application sees, and the folders of its library on them. */
export interface DisksSnapshot {
  readonly disks: ReadonlyArray<DiskReport>
  /** Folders in which the application keeps its library. */
  readonly rootFolders: ReadonlyArray<{
    readonly path: string
    readonly accessible: boolean
    readonly freeBytes: number | null
    /** Absent where the application does not say. */
    readonly totalBytes?: number | null
  }>
}

/** An entry of a media server's libraries: the bridge from its own keys to typed ids, with what it hangs on an item. */
export interface ServerItem {
  readonly serverItemId: string
  readonly kind: ItemKind
  readonly parentServerItemId: string | null
  readonly ids: ReadonlyArray<TypedId>
  readonly title: string
  readonly year: number | null
  readonly seasonNumber: number | null
  /** Title of the library (Plex section) it stands in. */
  readonly library: string
  readonly addedAt: string | null
  readonly labels: ReadonlyArray<string>
  readonly collections: ReadonlyArray<string>
  /** `null` = this server has no watchlist that could be read. */
  readonly onWatchlist: boolean | null
}

/**
 * Plays of one movie, of one season, or of a show as a whole, over all users. Only what was played at least once stands
 * here: the list is whole, so that what is missing was never played.
 */
export interface PlaybackEntry {
  /** The media server's key of the movie or show. */
  readonly serverItemId: string
  readonly kind: "movie" | "show" | "season"
  /** Set for a season. */
  readonly seasonNumber: number | null
  readonly plays: number
  readonly lastPlayedAt: string | null
  readonly users: ReadonlyArray<{ readonly name: string; readonly plays: number; readonly lastPlayedAt: string | null }>
}

/** What one person asked for: a movie, a show, or seasons of one. */
export interface RequestEntry {
  readonly requestId: string
  readonly kind: "movie" | "show"
  readonly ids: ReadonlyArray<TypedId>
  /** Seasons asked for; `null` = the whole show, or a movie. */
  readonly seasons: ReadonlyArray<number> | null
  readonly status: "pending" | "approved" | "declined" | "failed" | "completed"
  /** Every name the requester goes by (display name, Plex, Jellyfin, mail), for the comparison with viewers. */
  readonly requesterNames: ReadonlyArray<string>
  readonly requestedAt: string | null
}

/** What a sync reads, by name. Each is read whole or not at all. */
export interface Observed {
  readonly catalog: ReadonlyArray<CatalogItem>
  readonly disks: DisksSnapshot
  readonly serverItems: ReadonlyArray<ServerItem>
  readonly playback: ReadonlyArray<PlaybackEntry>
  readonly requests: ReadonlyArray<RequestEntry>
}
export type Observation = keyof Observed
export const observations = [
  "catalog",
  "disks",
  "serverItems",
  "playback",
  "requests"
] as const satisfies ReadonlyArray<Observation>
