/**
 * The data that a kind reads from its upstream, in Tendarr's model. A kind translates; it makes no decisions.
 *
 * In all of these, a value is `null` if the upstream reported that there is none, and a key is absent if this kind
 * cannot know it. Times are ISO-8601 UTC with milliseconds, sizes are bytes.
 */

import type { EntryPeople, ServerRatingFact, ServerRatings } from "./EntryData.ts"

export {
  type EntryDetail,
  entryDetails,
  type EntryPeople,
  type ServerRatingFact,
  type ServerRatings
} from "./EntryData.ts"

/** Kinds of items, wholes and parts. */
export const itemKinds = ["movie", "show", "season", "episode", "artist", "album", "author", "book"] as const
export type ItemKind = (typeof itemKinds)[number]

/** The whole that a part belongs to. Removing a whole removes its parts. */
const wholes: Partial<Record<ItemKind, ItemKind>> = {
  season: "show",
  episode: "season",
  album: "artist",
  book: "author"
}

/** `show` for a season, `season` for an episode, `artist` for an album, `author` for a book; `null` for a kind that is not a part. */
export const wholeKindOf = (kind: ItemKind): ItemKind | null => wholes[kind] ?? null

/** The kind of the entry in the application that an item of this kind belongs to, or is: `show` for an episode. */
export const entryKindOf = (kind: ItemKind): ItemKind => {
  const whole = wholeKindOf(kind)
  return whole === null ? kind : entryKindOf(whole)
}

/** Whether items of this kind are entries that may have parts. A season, which may have episodes, is none. */
export const isWholeKind = (kind: ItemKind): boolean => wholeKinds.has(kind)

export const wholeKinds: ReadonlySet<ItemKind> = new Set(
  Object.values(wholes).filter((whole) => wholeKindOf(whole) === null)
)

/**
 * An identifier that several applications share, as `<type>:<value>`: `tmdb-movie:603`, `tmdb-show:1399`, `tvdb:121361`
 * (shows), `imdb:tt0133093`, `musicbrainz:<uuid>` (artists, and albums by their release group), `goodreads-author:<n>`,
 * `goodreads-book:<n>` (works), `tpdb:<n>` (sites), `stashdb:<uuid>` (scenes), `sportarr-league:<id>` (leagues). TMDB
 * and Goodreads have separate number ranges, hence two types each.
 */
export type TypedId = string

/** The types that Tendarr itself uses. External kinds may use others, if all of them use the same prefix. */
export const typedIdTypes = [
  "tmdb-movie",
  "tmdb-show",
  "tvdb",
  "imdb",
  "musicbrainz",
  "goodreads-author",
  "goodreads-book",
  "tpdb",
  "stashdb",
  "sportarr-league"
] as const
export type TypedIdType = (typeof typedIdTypes)[number]

export const typedId = (type: TypedIdType, value: string | number): TypedId => `${type}:${value}`

/**
 * Facts that the application usually reports but did not report for this entry, each with the reason as text: a field
 * of the wrong type, a truncated list. They are unknown, whatever value the field has.
 */
export type Untold<Name extends string> = { readonly [N in Name]?: string }

/** Facts that only the managing application of an item can know. */
export interface CatalogFacts {
  readonly monitored?: boolean | null
  readonly qualityProfile?: string | null
  /** The application's own number of the quality profile. */
  readonly qualityProfileId?: number | null
  readonly tags?: ReadonlyArray<string>
  readonly genres?: ReadonlyArray<string>
  /** 0..10, whatever the scale of the source. */
  readonly rating?: number | null
  readonly ratingImdb?: number | null
  readonly ratingTmdb?: number | null
  /** 0..100. */
  readonly ratingRottenTomatoes?: number | null
  readonly ratingTrakt?: number | null
  /** 0..100. */
  readonly ratingMetacritic?: number | null
  /** How many people have voted for `rating`, and for the rating of each source. */
  readonly ratingVotes?: number | null
  readonly votesImdb?: number | null
  readonly votesTmdb?: number | null
  readonly votesTrakt?: number | null
  /** When it was added to the library: the earliest date that the application reports. For a part, its own date. */
  readonly addedAt?: string | null
  /** When its newest file was added. */
  readonly fileAddedAt?: string | null
  readonly releasedAt?: string | null
  readonly inCinemasAt?: string | null
  readonly digitalReleaseAt?: string | null
  readonly physicalReleaseAt?: string | null
  /** Release of the latest work of a creator that is out, and of the next one. */
  readonly latestReleaseAt?: string | null
  readonly nextReleaseAt?: string | null
  readonly language?: string | null
  /** `continuing`, `ended`, `upcoming` or `deleted`. */
  readonly showStatus?: string | null
  /** Whether no further season, album or book is expected. */
  readonly ended?: boolean | null
  /** `standard`, `daily` or `anime`. */
  readonly seriesType?: string | null
  readonly seasonNumber?: number | null
  /** Number of an episode in its season. */
  readonly episodeNumber?: number | null
  /**
   * Of an episode: 1 for the newest aired episode of the show that has a file, 2 for the one before it; `null` for
   * specials.
   */
  readonly episodeRank?: number | null
  /** The same within its season. */
  readonly episodeRankInSeason?: number | null
  /** Whether it is the last episode of its season. */
  readonly seasonFinale?: boolean | null
  /** Whether it is the last episode of a show that has ended. */
  readonly seriesFinale?: boolean | null
  readonly seasonCount?: number | null
  /** Without specials, as `seasonCount`. */
  readonly monitoredSeasons?: number | null
  /** Albums of an artist that its application lists. */
  readonly albumCount?: number | null
  /** Tracks of an artist or an album that its application lists. */
  readonly trackCount?: number | null
  /** Tracks that have been released, are monitored, and have no file. */
  readonly missingTracks?: number | null
  /** The type of an album, and its further types: `Album`, `Live`. */
  readonly albumTypes?: ReadonlyArray<string>
  /** Books of an author that its application lists. */
  readonly bookCount?: number | null
  /** Books that have been released, are monitored, and have no file. */
  readonly missingBooks?: number | null
  /** Titles of the series that a book belongs to. */
  readonly bookSeries?: ReadonlyArray<string>
  /** Episodes that have a file. */
  readonly episodeCount?: number | null
  /** Episodes that have aired, are monitored, and have no file. */
  readonly missingEpisodes?: number | null
  /** Episodes that are announced and have not aired yet. */
  readonly unairedEpisodes?: number | null
  /** Whether it has a further episode with an air date in the future. */
  readonly onAir?: boolean | null
  /** Whether no later season of the show has aired. */
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
 * One item, as its managing application reports it. The `externalId` of a part begins with that of its whole: a
 * season's is `<series id>:s<number>`, an episode's `<series id>:e<episode id>`, an album's `<artist id>:a<album id>`, a
 * book's `<author id>:b<book id>`.
 */
export interface CatalogItem {
  readonly externalId: string
  readonly kind: ItemKind
  /** The show of a season or of an episode, the artist of an album, the author of a book. */
  readonly parentExternalId: string | null
  readonly title: string
  /** For a part: the title of its whole, as media servers name it. */
  readonly wholeTitle?: string
  readonly sortTitle: string | null
  readonly year: number | null
  readonly ids: ReadonlyArray<TypedId>
  /** The folder that holds it, or its file. */
  readonly path: string | null
  /** Its file, if it has exactly one and the application reports it. Distinguishes copies of a title. */
  readonly filePath?: string | null
  /** All of its files; absent if the application's lists do not contain them. */
  readonly files?: ReadonlyArray<CatalogFile>
  /**
   * Of a whole whose episodes or files take a call of their own: a text that differs as soon as the lists show that they
   * have changed. Absent if they cannot be read, or if the lists do not show whether they have changed.
   */
  readonly contentsSign?: string
  /** Of an episode: the highest number that an episode of its season has, with a file or without. */
  readonly lastNumberInSeason?: number
  readonly rootFolder: string | null
  readonly sizeBytes: number
  readonly posterUrl: string | null
  /** Titles of the collections that the managing application itself knows (Radarr: the TMDB collection). */
  readonly collections: ReadonlyArray<string>
  readonly facts: CatalogFacts
  readonly untold?: Untold<CatalogFactName>
}

/** Facts of an item that its managing application reports. */
export type CatalogFactName =
  keyof CatalogFacts | FileFactName | "year" | "path" | "rootFolder" | "sizeBytes" | "collections"

/** Facts about the files of an item, which are read from the list of its files. */
export type FileFactName =
  | "fileCount"
  | "fileQuality"
  | "releaseGroups"
  | "fileLanguages"
  | "audioLanguages"
  | "subtitleLanguages"
  | "customFormatScore"
  | "lowestCustomFormatScore"
  | "cutoffMet"
  | "audioChannels"
  | "audioTrackCount"
  | "videoCodecs"
  | "audioCodecs"
  | "newestFileAt"
  | "filePaths"

/** One file of an item. A key is absent if the application has not determined it. */
export interface CatalogFile {
  readonly path: string | null
  readonly sizeBytes: number | null
  /** The name of its quality: `Bluray-1080p`. */
  readonly quality?: string
  readonly releaseGroup: string | null
  /** Names of the languages that the application has assigned to it. */
  readonly languages?: ReadonlyArray<string>
  /** Languages of its audio tracks, as they are tagged: `eng`. */
  readonly audioLanguages?: ReadonlyArray<string>
  readonly subtitleLanguages?: ReadonlyArray<string>
  readonly videoCodec: string | null
  readonly audioCodec: string | null
  /** Channels of its main audio track: 5.1. */
  readonly audioChannels?: number
  readonly audioTracks?: number
  readonly addedAt: string | null
  readonly customFormatScore?: number
  /** Whether its quality meets the cutoff of the quality profile. */
  readonly cutoffMet?: boolean
}

/** What a whole consists of, each list in a call of its own. */
export const contentsLists = ["episodes", "files"] as const
export type ContentsList = (typeof contentsLists)[number]

/** One episode of a show. A key is absent if the application did not report it in a form that can be read. */
export interface CatalogEpisode {
  /** The application's own id. */
  readonly externalId: string
  /** 0 = specials. */
  readonly seasonNumber: number
  /** `null` if the application does not number its episodes. */
  readonly number: number | null
  /** Its number over all seasons, as anime is counted. */
  readonly absoluteNumber: number | null
  readonly title: string | null
  /** `null` = no date is announced. */
  readonly airsAt?: string | null
  readonly monitored?: boolean
  readonly hasFile?: boolean
  /** As `WholeFile.fileId`; `null` without a file. Several episodes may share one. */
  readonly fileId: string | null
  /** What the application knows it to be the last episode of; absent if it does not report that. */
  readonly finale?: "season" | "series"
}

/** One file of a show, an artist or an author. */
export interface WholeFile extends CatalogFile {
  /** The application's own id. */
  readonly fileId: string
  /** `CatalogItem.externalId` of the season, the album or the book that it belongs to; `null` if it belongs to none. */
  readonly partExternalId: string | null
}

/** The lists of a whole's contents. */
export interface Contents {
  readonly episodes: ReadonlyArray<CatalogEpisode>
  readonly files: ReadonlyArray<WholeFile>
}

/** One mount, in bytes. */
export interface DiskReport {
  /** The mount path as the application sees it. */
  readonly path: string
  readonly totalBytes: number
  readonly freeBytes: number
}

/** All mounts that an application sees, and the folders of its library on them. */
export interface DisksSnapshot {
  readonly disks: ReadonlyArray<DiskReport>
  /** Library folders of the application. */
  readonly rootFolders: ReadonlyArray<{
    readonly path: string
    readonly accessible: boolean
    readonly freeBytes: number | null
    /** Absent if the application does not report it. */
    readonly totalBytes?: number | null
  }>
}

/**
 * An entry of a media server's libraries: it links the server's own keys to typed ids, and carries the facts that the
 * server adds to an item.
 */
export interface ServerItem {
  readonly serverItemId: string
  readonly kind: ItemKind
  readonly parentServerItemId: string | null
  readonly ids: ReadonlyArray<TypedId>
  readonly title: string
  readonly year: number | null
  readonly seasonNumber: number | null
  /** Title of the library (Plex section) that contains it. */
  readonly library: string
  /** Further libraries that also contain it. */
  readonly otherLibraries?: ReadonlyArray<string>
  /** An id that the entry keeps even if the server gives it a new key: Plex's `plex://movie/…`. */
  readonly guid?: string | null
  /** Files of a movie, or the folder of a show, as the server sees them; used for entries without readable ids. */
  readonly paths?: ReadonlyArray<string>
  readonly addedAt: string | null
  readonly labels: ReadonlyArray<string>
  /** Of a movie or a show. */
  readonly ratings?: ServerRatings
  /** Of a movie or a show. */
  readonly studios?: ReadonlyArray<string>
  /** Of a movie or a show. Absent if they were not read, or if the server has not determined any. */
  readonly people?: EntryPeople
  /** Titles of the playlists that contain it, or an episode of it. Absent if they were not read. */
  readonly playlists?: ReadonlyArray<string>
  readonly collections: ReadonlyArray<string>
  /** `null` = this server has no readable watchlist. */
  readonly onWatchlist: boolean | null
  /** Users who marked it as a favourite; absent if the server has no favourites. */
  readonly favouritedBy?: ReadonlyArray<PersonObservation>
  /**
   * Plays recorded in the entry itself, if the server keeps them in addition to its history: counters, manual marks.
   */
  readonly ownPlays?: Omit<ViewerObservation, "name"> & { readonly name: string | null }
  readonly untold?: Untold<
    | "labels"
    | "collections"
    | "addedAt"
    | "onWatchlist"
    | "favouritedBy"
    | "library"
    | "plays"
    | "studios"
    | ServerRatingFact
  >
}

/** The space of mail addresses among shared ids. */
export const mailSpace = "mail"

/** How a source identifies an account of a media server. */
export interface ServerAccount {
  /** The server's own id of the account. */
  readonly id?: string
  /** The login, which no other account of that server has. */
  readonly login?: string
  /**
   * Ids that accounts of several applications share and that no other account has, as `<space>:<id>`. An account has at
   * most one id of each space. A mail address (`mail:ann@example.org`) may change, and accounts of one person may have
   * different ones: it joins accounts of different applications, and distinguishes none.
   */
  readonly sharedIds?: ReadonlyArray<string>
}

/** A person, as a source identifies them. */
export interface PersonObservation {
  /** The display name. */
  readonly name: string
  /** Further names of the same person: login, mail, id. */
  readonly names?: ReadonlyArray<string>
  /** Absent if the source knows only names. */
  readonly account?: ServerAccount
}

/** The plays of a movie, a season or a show by one person. */
export interface ViewerObservation extends PersonObservation {
  /** How often it was started; for a season or show, the sum over its episodes. */
  readonly plays: number
  /** When it was first played, if the source reports every play with its date. */
  readonly firstPlayedAt?: string
  readonly lastPlayedAt: string | null
  /** One of the plays has no date, so the last play may be later than `lastPlayedAt`. */
  readonly undated?: boolean
  /**
   * How many of the plays the source itself counts as watched; for a season or a show, the number of distinct episodes.
   * Absent if the source does not distinguish started from watched.
   */
  readonly seen?: number
  /** When it was last watched in the sense of `seen`; `null` = without a date. */
  readonly lastSeenAt?: string | null
  /** The largest share of a movie that one play covered, 0..1, if the source reports it. */
  readonly furthest?: number
  /** How long it was played altogether, without pauses, if the source reports it for every play. */
  readonly seconds?: number
  /**
   * How many of those that count as watched were only marked so by hand, without a play: the movie, or episodes. Absent
   * if the source does not distinguish them.
   */
  readonly marked?: number
}

/**
 * Plays of one movie, of one season or episode, or of a show as a whole, over all users. Only titles that were played at least
 * once have an entry: the list is complete, so a missing title was never played.
 */
export interface PlaybackEntry {
  /** The media server's key of the movie or of the show at the time of the play; `""` if the source does not contain one. */
  readonly serverItemId: string
  /** The lasting id of the movie or show, as `ServerItem.guid`; reveals that a key was reassigned or reused. */
  readonly guid?: string | null
  /** The title in the source. Never used as an identity: it shows which items a play without a key may belong to. */
  readonly title?: string | null
  readonly year?: number | null
  readonly kind: "movie" | "show" | "season" | "episode"
  /**
   * Set for a season and for an episode; `null` = plays of the show whose season is unknown, so that they may belong to
   * any season.
   */
  readonly seasonNumber: number | null
  /** Set for an episode; `null` = plays of the season whose episode is unknown, so that they may belong to any of its episodes. */
  readonly episodeNumber?: number | null
  /** Of a show: its plays are counted per episode too, in entries of their own. */
  readonly byEpisode?: true
  readonly plays: number
  readonly lastPlayedAt: string | null
  readonly undated?: boolean
  /** Somebody was playing it at the time of the reading. */
  readonly playing?: boolean
  /** Why there may be more plays than are counted here; the count of such an entry may be zero. */
  readonly untold?: string
  readonly users: ReadonlyArray<ViewerObservation>
}

/** A person's request: for a movie, a show, or seasons of a show. */
export interface RequestEntry {
  readonly requestId: string
  readonly kind: "movie" | "show"
  readonly ids: ReadonlyArray<TypedId>
  /** The requested seasons; `null` = the whole show, or a movie. */
  readonly seasons: ReadonlyArray<number> | null
  /** `unknown` = a status that this version does not know; it still counts as a request. */
  readonly status: "pending" | "approved" | "declined" | "failed" | "completed" | "unknown"
  /** Requested in 4K, in addition to or instead of the usual copy. */
  readonly is4k?: boolean
  /**
   * All names of the requester (display name, Plex, Jellyfin, mail), to compare with viewers. Empty = the application no
   * longer knows who requested it.
   */
  readonly requesterNames: ReadonlyArray<string>
  /** The requester's account in the application itself; absent if the application does not report one. */
  readonly requester?: Pick<ServerAccount, "sharedIds"> & { readonly id: string }
  readonly requestedAt: string | null
  /** When it was approved; `null` = it is not approved, absent = the application does not report when it was. */
  readonly approvedAt?: string | null
  /** When what was requested could be played; `null` = not yet; absent if the application does not report it. */
  readonly availableAt?: string | null
  /** All names of who approved it; absent = it is not approved, or the application does not report by whom. */
  readonly approvedBy?: ReadonlyArray<string>
}

/** A title on the watchlist of a user of a request manager or of a statistics application. */
export interface WatchlistEntry {
  /** Unique in the application. */
  readonly entryId: string
  readonly kind: "movie" | "show" | null
  readonly ids: ReadonlyArray<TypedId>
  /**
   * The key of the movie or of the show on the media server that the application watches, if it knows no shared ids. The
   * holder is then an account of that server too, with `holder.id` as its id.
   */
  readonly serverItemId?: string
  /** As `RequestEntry.requesterNames` and `RequestEntry.requester`. */
  readonly holderNames: ReadonlyArray<string>
  readonly holder?: RequestEntry["requester"]
  /** The entry is no title: there may be more on this user's list, for this reason. */
  readonly unread?: string
}

/** The readings of a sync, by name. Each is read completely or not at all. */
export interface Observed {
  readonly catalog: ReadonlyArray<CatalogItem>
  readonly disks: DisksSnapshot
  readonly serverItems: ReadonlyArray<ServerItem>
  readonly playback: ReadonlyArray<PlaybackEntry>
  readonly requests: ReadonlyArray<RequestEntry>
  readonly watchlists: ReadonlyArray<WatchlistEntry>
}
export type Observation = keyof Observed
export const observations = [
  "catalog",
  "disks",
  "serverItems",
  "playback",
  "requests",
  "watchlists"
] as const satisfies ReadonlyArray<Observation>
