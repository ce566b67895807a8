/** Artists and albums, as works that metadata providers know and as records of a library. Sizes are bytes. */
import type { Mount } from "./WorldModel.ts"

export interface AlbumWork {
  readonly title: string
  /** Of its release group. */
  readonly mbId: string
  readonly releasedAt: number
  readonly genres: ReadonlyArray<string>
  readonly label: string
  /** 0..10. */
  readonly rating: number
  readonly votes: number
  /** 1 to 30. */
  readonly tracks: number
  readonly trackMillis: number
  /** Of the files of all tracks. */
  readonly sizeBytes: number
}

export interface ArtistWork {
  readonly name: string
  readonly mbId: string
  readonly ended: boolean
  readonly genres: ReadonlyArray<string>
  readonly rating: number
  readonly votes: number
  readonly albums: ReadonlyArray<AlbumWork>
}

/** Track n of an album is bit n - 1 of `files`. */
export interface AlbumRecord {
  readonly id: number
  readonly work: AlbumWork
  readonly artist: ArtistRecord
  monitored: boolean
  /** Ids of track files are `fileBlock * 32 + track number`; a new download takes a new block. */
  fileBlock: number
  files: number
  fileAddedAt: number
  lastSearchAt: number | null
}

export interface ArtistRecord {
  readonly id: number
  readonly work: ArtistWork
  readonly addedAt: number
  /** What sharing files with a download client means: their removal frees nothing. */
  readonly hardlinked: boolean
  /** In order of release. One that was deleted alone comes back with the next refresh, unless it is excluded. */
  albums: ReadonlyArray<AlbumRecord>
  rootFolder: string
  folder: string
  qualityProfileId: number
  metadataProfileId: number
  monitored: boolean
  monitorNewItems: string
  tags: ReadonlyArray<number>
  /** Keys that a client sent and we do not know; answered as they came. */
  extra: Readonly<Record<string, unknown>>
}

export interface MusicExclusion {
  readonly id: number
  /** MusicBrainz id of an artist or of an album. */
  readonly foreignId: string
  readonly artistName: string
}

export interface MusicStock {
  readonly artists: ReadonlyArray<ArtistRecord>
  /** Known to metadata providers and not in the library. */
  readonly wanted: ReadonlyArray<ArtistWork>
  readonly mount: Mount
}
