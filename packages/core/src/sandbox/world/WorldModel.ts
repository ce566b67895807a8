/**
 * The data model of a simulated stack. A work is what metadata providers know about a movie or show and never changes;
 * a record is a library's entry for it. Times are milliseconds of the world's own time, sizes are bytes.
 */

export interface Quality {
  readonly resolution: "2160p" | "1080p" | "720p"
  readonly source: "bluray" | "web"
  readonly videoCodec: "x265" | "x264" | "AV1"
  readonly audioCodec: "EAC3" | "AC3" | "DTS" | "AAC" | "TrueHD Atmos"
  readonly dynamicRange: "" | "HDR10" | "DV" | "HDR10Plus" | "HLG"
}

export interface Ratings {
  /** 0..10, `null` without votes. */
  readonly imdb: number | null
  readonly tmdb: number | null
  /** 0..100. */
  readonly rottenTomatoes: number | null
  readonly votes: number
}

interface Work {
  readonly title: string
  readonly year: number
  readonly tmdbId: number
  readonly imdbId: string
  readonly language: { readonly id: number; readonly name: string }
  readonly genres: ReadonlyArray<string>
  readonly certification: string
  readonly runtimeMinutes: number
  readonly ratings: Ratings
  readonly quality: Quality
  readonly releasedAt: number
}

export interface MovieWork extends Work {
  readonly studio: string
  readonly collection: { readonly tmdbId: number; readonly title: string } | null
  /** Set for a scene, which TMDB does not list: its TMDB id is 0. */
  readonly stashId?: string
  /** Size of the downloaded file. */
  readonly sizeBytes: number
}

export interface SeasonWork {
  readonly number: number
  /** Episodes that have aired. */
  readonly aired: number
  readonly total: number
  /** The first episode; the others follow a week apart. */
  readonly firstAiredAt: number
  /** Of the files of all aired episodes. */
  readonly sizeBytes: number
}

export interface ShowWork extends Work {
  readonly tvdbId: number
  readonly tvMazeId: number
  readonly network: string
  readonly status: "continuing" | "ended"
  readonly seasons: ReadonlyArray<SeasonWork>
}

/** A media server's state of an item. */
export interface ServerState {
  /** False for the few items that the media server never scanned. */
  readonly scanned: boolean
  /** False if the media server found no match, and therefore has no shared ids. */
  readonly matched: boolean
  readonly labels: Set<string>
  readonly collections: Set<string>
}

export interface MovieRecord {
  readonly id: number
  /** Its number on media servers: two arrs may assign the same id. */
  readonly serverId: number
  readonly work: MovieWork
  readonly server: ServerState
  readonly addedAt: number
  /** A file that is shared with a download client: removing it frees nothing. */
  readonly hardlinked: boolean
  rootFolder: string
  folder: string
  qualityProfileId: number
  monitored: boolean
  minimumAvailability: string
  tags: ReadonlyArray<number>
  /** 0 while there is no file. */
  fileId: number
  fileAddedAt: number
  lastSearchAt: number | null
  /** Unknown keys that a client sent; returned unchanged. */
  extra: Readonly<Record<string, unknown>>
}

/** Episode n of a season is bit n - 1 of its masks. */
export interface SeasonRecord {
  readonly work: SeasonWork
  readonly show: ShowRecord
  /** Episode ids are `block * 32 + episode number`. */
  readonly block: number
  /** Ids of episode files are `fileBlock * 32 + episode number`; a new download takes a new block. */
  fileBlock: number
  /** Which episodes have a file. */
  files: number
  monitored: boolean
  monitoredEpisodes: number
  fileAddedAt: number
}

export interface ShowRecord {
  readonly id: number
  /** Its number on media servers: two arrs may assign the same id. */
  readonly serverId: number
  readonly work: ShowWork
  readonly server: ServerState
  readonly addedAt: number
  readonly hardlinked: boolean
  readonly seasons: ReadonlyArray<SeasonRecord>
  rootFolder: string
  folder: string
  qualityProfileId: number
  monitored: boolean
  seasonFolder: boolean
  seriesType: string
  monitorNewItems: string
  tags: ReadonlyArray<number>
  extra: Readonly<Record<string, unknown>>
}

/** The initial library of an arr for movies. */
export interface MovieStock {
  readonly root: string
  readonly movies: Iterable<MovieRecord>
  /** Known to metadata providers and not in the library. */
  readonly wanted: ReadonlyArray<MovieWork>
  readonly tagLabels: ReadonlyArray<string>
  /** Media servers number its movies starting after this. */
  readonly firstServerId: number
}

/** The initial library of an arr for shows. */
export interface ShowStock {
  readonly root: string
  readonly shows: Iterable<ShowRecord>
  readonly wanted: ReadonlyArray<ShowWork>
  readonly tagLabels: ReadonlyArray<string>
  /** Media servers number its shows starting after this, and its seasons starting with this. */
  readonly firstServerId: number
}

export interface Person {
  /** Account on the media server; 1 is the owner. */
  readonly accountId: number
  /** Number in the media server's cloud, which watch statistics use. */
  readonly cloudId: number
  readonly username: string
  readonly friendlyName: string
  readonly email: string
}

export interface Play {
  readonly id: number
  readonly person: Person
  readonly movie: MovieRecord | null
  readonly season: SeasonRecord | null
  /** 0 for a movie. */
  readonly episode: number
  readonly startedAt: number
  readonly durationSeconds: number
  /** 0..100. */
  readonly percent: number
}

export type RequestStatus = "pending" | "approved" | "declined" | "failed" | "completed"

export interface MediaRequest {
  readonly id: number
  readonly mediaId: number
  readonly person: Person
  readonly movie: MovieWork | null
  readonly show: ShowWork | null
  readonly seasons: ReadonlyArray<number>
  readonly createdAt: number
  /** For a 4K copy. */
  readonly is4k: boolean
  status: RequestStatus
}

export interface Mount {
  readonly path: string
  readonly label: string
  readonly totalBytes: number
  /** Used by data that is not in the library. */
  otherBytes: number
  readonly rootFolders: ReadonlyArray<string>
}

export interface QualityProfile {
  readonly id: number
  readonly name: string
  readonly cutoff: number
}

/** A request for a change, as received. */
export interface JournalEntry {
  readonly app: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly at: string
  readonly status: number
  /** True for destructive requests: DELETE and its equivalents. */
  readonly destructive: boolean
}

export interface WorldOptions {
  /** The same seed generates the same world. Default: `tendarr`. */
  readonly seed?: string
  /** Movies and seasons together. Default: 400. */
  readonly items?: number
  /** Albums, in addition to those items. Default: three per twenty items. */
  readonly albums?: number
  /** Puts the root folders of movies and shows on one mount instead of one each. Music always has its own. */
  readonly oneDisk?: boolean
  /** Share (0..1) of items whose removal frees nothing. Default: 0. */
  readonly hardlinkedShare?: number
  /** Duration of a download after a search. Default: 10 minutes. */
  readonly downloadMillis?: number
  /** Plays per day that passes after the start. Default: 0, that is, nobody watches unless requested. */
  readonly playsPerDay?: number
}
