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

/** Whether it may have parts. */
export const isWholeKind = (kind: ItemKind): boolean => wholeKinds.has(kind)

const wholeKinds: ReadonlySet<ItemKind> = new Set(Object.values(wholes))

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

/**
 * Facts that the application usually tells and did not tell of this entry, each with the reason in words for people: a
 * field of the wrong type, a list that is trimmed. They are unknown, whatever stands in the field itself.
 */
export type Untold<Name extends string> = { readonly [N in Name]?: string }

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
  /** When it came into the library: the earliest day that the application tells. Of a part, its own day. */
  readonly addedAt?: string | null
  /** When its newest file came. */
  readonly fileAddedAt?: string | null
  readonly releasedAt?: string | null
  readonly language?: string | null
  /** `continuing`, `ended`, `upcoming` or `deleted`. */
  readonly showStatus?: string | null
  readonly seasonNumber?: number | null
  readonly seasonCount?: number | null
  /** Episodes that have a file. */
  readonly episodeCount?: number | null
  /** Episodes that were broadcast, are wanted, and have no file. */
  readonly missingEpisodes?: number | null
  /** Episodes that are announced and were not broadcast yet. */
  readonly unairedEpisodes?: number | null
  /** Whether a further episode of it has a date ahead. */
  readonly onAir?: boolean | null
  /** Whether no later season of the show has been broadcast. */
  readonly latestSeason?: boolean | null
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
  /** Of a part: the title of its whole, as media servers know it. */
  readonly wholeTitle?: string
  readonly sortTitle: string | null
  readonly year: number | null
  readonly ids: ReadonlyArray<TypedId>
  /** The folder that holds it, or its file. */
  readonly path: string | null
  /** Its file, where it has exactly one and the application tells it. Copies of a title are told apart by it. */
  readonly filePath?: string | null
  readonly rootFolder: string | null
  readonly sizeBytes: number
  readonly posterUrl: string | null
  /** Titles of the collections that the manager itself knows (Radarr: the TMDB collection). */
  readonly collections: ReadonlyArray<string>
  readonly facts: CatalogFacts
  readonly untold?: Untold<CatalogFactName>
}

/** Facts of an item that its manager tells. */
export type CatalogFactName = keyof CatalogFacts | "year" | "path" | "rootFolder" | "sizeBytes" | "collections"

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
  /** Further libraries that it stands in as well. */
  readonly otherLibraries?: ReadonlyArray<string>
  /** An id that the entry keeps when the server gives it a new key: Plex's `plex://movie/…`. */
  readonly guid?: string | null
  /** Files of a movie, or the folder of a show, as the server sees them; for the entry whose ids nobody reads. */
  readonly paths?: ReadonlyArray<string>
  readonly addedAt: string | null
  readonly labels: ReadonlyArray<string>
  readonly collections: ReadonlyArray<string>
  /** `null` = this server has no watchlist that could be read. */
  readonly onWatchlist: boolean | null
  /** What the entry itself says of plays, where the server keeps that beside its history: counters, marks by hand. */
  readonly ownPlays?: Omit<ViewerObservation, "name"> & { readonly name: string | null }
  readonly untold?: Untold<"labels" | "collections" | "addedAt" | "onWatchlist" | "library" | "plays">
}

/** What one person did with a movie, a season or a show. */
export interface ViewerObservation {
  /** The name that is shown. */
  readonly name: string
  /** Further names of the same person: login, mail, id. */
  readonly names?: ReadonlyArray<string>
  /** How often it was begun; episodes count each. */
  readonly plays: number
  readonly lastPlayedAt: string | null
  /** One of the plays has no date, so that the last one may be later than `lastPlayedAt`. */
  readonly undated?: boolean
  /**
   * How many of the plays the source itself calls watched; for a season or a show how many different episodes. Absent
   * where the source does not tell begun from watched.
   */
  readonly seen?: number
  /** When it was last watched as `seen` counts; `null` = without a date. */
  readonly lastSeenAt?: string | null
  /** The largest share of a movie that one play covered, 0..1, where the source tells it. */
  readonly furthest?: number
}

/**
 * Plays of one movie, of one season, or of a show as a whole, over all users. Only what was played at least once stands
 * here: the list is whole, so that what is missing was never played.
 */
export interface PlaybackEntry {
  /** The media server's key of the movie or show, as it was at the time of the play; `""` where the source names none. */
  readonly serverItemId: string
  /** The lasting id of the movie or show, as `ServerItem.guid`; tells a key that was given anew or used again. */
  readonly guid?: string | null
  /** What the source calls the movie or show. Never an identity: it tells which item a play that names none may be of. */
  readonly title?: string | null
  readonly year?: number | null
  readonly kind: "movie" | "show" | "season"
  /** Set for a season; `null` there = plays of the show of which nobody tells the season, so that they may be of any. */
  readonly seasonNumber: number | null
  readonly plays: number
  readonly lastPlayedAt: string | null
  readonly undated?: boolean
  /** Somebody was playing it when this was read. */
  readonly playing?: boolean
  /** Why it may have been played more than is counted here; such an entry may count nothing at all. */
  readonly untold?: string
  readonly users: ReadonlyArray<ViewerObservation>
}

/** What one person asked for: a movie, a show, or seasons of one. */
export interface RequestEntry {
  readonly requestId: string
  readonly kind: "movie" | "show"
  readonly ids: ReadonlyArray<TypedId>
  /** Seasons asked for; `null` = the whole show, or a movie. */
  readonly seasons: ReadonlyArray<number> | null
  /** `unknown` = a status that this version does not know; it is a request all the same. */
  readonly status: "pending" | "approved" | "declined" | "failed" | "completed" | "unknown"
  /** Asked for in 4K, beside or instead of the usual copy. */
  readonly is4k?: boolean
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
