/**
 * Creators and their pieces (artists with albums, authors with books), as works known to metadata providers and as
 * records of a library. Sizes are bytes.
 */
import type { Mount } from "./WorldModel.ts"

export interface PieceWork {
  readonly title: string
  /** Of its release group, or of the book as a work. */
  readonly foreignId: string
  readonly releasedAt: number
  readonly genres: ReadonlyArray<string>
  /** The label of an album, the publisher of a book. */
  readonly label: string
  /** 0..10. */
  readonly rating: number
  readonly votes: number
  /** Files of the whole piece, 1 to 30: tracks of an album; a book is one. */
  readonly parts: number
  /** Playing time of one part; 0 for text. */
  readonly partMillis: number
  /** 0 for audio. */
  readonly pages: number
  /** Of the files of all parts. */
  readonly sizeBytes: number
}

export interface CreatorWork {
  readonly name: string
  readonly foreignId: string
  readonly ended: boolean
  readonly genres: ReadonlyArray<string>
  readonly rating: number
  readonly votes: number
  readonly pieces: ReadonlyArray<PieceWork>
}

/** Part n of a piece is bit n - 1 of `files`. */
export interface PieceRecord {
  readonly id: number
  readonly work: PieceWork
  readonly creator: CreatorRecord
  monitored: boolean
  /** Ids of files are `fileBlock * 32 + part number`; a new download takes a new block. */
  fileBlock: number
  files: number
  fileAddedAt: number
  lastSearchAt: number | null
}

export interface CreatorRecord {
  readonly id: number
  readonly work: CreatorWork
  readonly addedAt: number
  /** Files that are shared with a download client: removing them frees nothing. */
  readonly hardlinked: boolean
  /** In order of release. A piece that was deleted alone comes back with the next refresh, unless it is excluded. */
  pieces: ReadonlyArray<PieceRecord>
  rootFolder: string
  folder: string
  qualityProfileId: number
  metadataProfileId: number
  monitored: boolean
  monitorNewItems: string
  tags: ReadonlyArray<number>
  /** Unknown keys that a client sent; returned unchanged. */
  extra: Readonly<Record<string, unknown>>
}

export interface CreatorStock {
  readonly creators: ReadonlyArray<CreatorRecord>
  /** Known to metadata providers and not in the library. */
  readonly wanted: ReadonlyArray<CreatorWork>
  readonly tagLabels: ReadonlyArray<string>
  readonly mount: Mount
  readonly root: string
}
