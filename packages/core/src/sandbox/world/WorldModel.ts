/**
 * What a simulated stack is made of. A work is what metadata providers know of a film or show and never changes; a
 * record is a library's entry for it. Times are milliseconds of the world's own time, sizes are bytes.
 */

export interface Quality {
  readonly resolution: "2160p" | "1080p" | "720p"
  readonly source: "bluray" | "web"
  readonly videoCodec: "x265" | "x264" | "AV1"
  readonly audioCodec: "EAC3" | "AC3" | "DTS" | "AAC" | "TrueHD Atmos"
  readonly dynamicRange: "" | "HDR10" | "DV" | "HDR10Plus" | "HLG"
}

export interface Ratings {
  /** 0..10, `null` where nobody voted. */
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
  /** Set for a scene, which TMDB does not list: its number there is 0. */
  readonly stashId?: string
  /** Of the file that a download brings. */
  readonly sizeBytes: number
}

export interface SeasonWork {
  readonly number: number
  /** Episodes that have been broadcast. */
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

/** What a media server keeps of an item. */
export interface ServerState {
  /** False for the few items that the media server never scanned. */
  readonly scanned: boolean
  /** False where the media server found no match, and so knows no shared ids. */
  readonly matched: boolean
  readonly labels: Set<string>
  readonly collections: Set<string>
}

export interface MovieRecord {
  readonly id: number
  /** What media servers count it by: two arrs may give the same id. */
  readonly serverId: number
  readonly work: MovieWork
  readonly server: ServerState
  readonly addedAt: number
  /** What sharing the file with a download client means: its removal frees nothing. */
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
  /** Keys that a client sent and we do not know; answered as they came. */
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
  /** What media servers count it by: two arrs may give the same id. */
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

/** What one arr for movies has at the start. */
export interface MovieStock {
  readonly root: string
  readonly movies: Iterable<MovieRecord>
  /** Known to metadata providers and not in the library. */
  readonly wanted: ReadonlyArray<MovieWork>
  readonly tagLabels: ReadonlyArray<string>
  /** Media servers count its movies from the one after this. */
  readonly firstServerId: number
}

/** What one arr for shows has at the start. */
export interface ShowStock {
  readonly root: string
  readonly shows: Iterable<ShowRecord>
  readonly wanted: ReadonlyArray<ShowWork>
  readonly tagLabels: ReadonlyArray<string>
  /** Media servers count its shows from the one after this, and its seasons from this. */
  readonly firstServerId: number
}

export interface Person {
  /** Account on the media server; 1 is the owner. */
  readonly accountId: number
  /** Number in the media server's cloud, which the watch statistics use. */
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
  /** For a copy in 4K. */
  readonly is4k: boolean
  status: RequestStatus
}

export interface Mount {
  readonly path: string
  readonly label: string
  readonly totalBytes: number
  /** Used by anything that is not in the library. */
  otherBytes: number
  readonly rootFolders: ReadonlyArray<string>
}

export interface QualityProfile {
  readonly id: number
  readonly name: string
  readonly cutoff: number
}

/** One request that asked to change something, as it came in. */
export interface JournalEntry {
  readonly app: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly at: string
  readonly status: number
  /** True for what takes away: DELETE, and what stands for it elsewhere. */
  readonly destructive: boolean
}

export interface WorldOptions {
  /** The same seed gives the same world. Default `tendarr`. */
  readonly seed?: string
  /** Movies and seasons together. Default 400. */
  readonly items?: number
  /** Albums, beside those items. Default three for every twenty of them. */
  readonly albums?: number
  /** The root folders of movies and shows on one mount instead of one each. Music has its own all the same. */
  readonly oneDisk?: boolean
  /** Share (0..1) of items whose removal frees nothing. Default 0. */
  readonly hardlinkedShare?: number
  /** How long a download takes after a search. Default 10 minutes. */
  readonly downloadMillis?: number
  /** Plays that happen on every day that passes after the start. Default 0: nobody watches unless told to. */
  readonly playsPerDay?: number
}
