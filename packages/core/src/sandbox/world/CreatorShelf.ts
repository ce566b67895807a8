/** The creators of one arr with their pieces: its library, and removing and adding entries. */
import { creatorFolder } from "./Creators.ts"
import type { CreatorRecord, CreatorStock, CreatorWork, PieceRecord, PieceWork } from "./CreatorModel.ts"
import { fullMask, hasBit, shareOf } from "./Masks.ts"
import { Downloads, Exclusions, type RemovalMode, type Shelf, type ShelfHost } from "./Shelf.ts"

/** Which pieces of a creator are monitored: those with these ids, or all, or none. */
export type Wanted = ReadonlySet<string> | "all" | "none"

export class CreatorShelf implements Shelf {
  readonly root: string
  readonly creators = new Map<number, CreatorRecord>()
  readonly pieces = new Map<number, PieceRecord>()
  readonly tags: Map<number, string>
  readonly exclusions = new Exclusions()
  /** Pieces whose files were deleted, for the history. */
  readonly deletions: Array<{ readonly piece: PieceRecord; readonly at: number }> = []

  readonly #host: ShelfHost
  readonly #known = new Map<string, CreatorWork>()
  readonly #byFileBlock = new Map<number, PieceRecord>()
  readonly #downloads: Downloads<PieceRecord>
  #lastId = { creator: 0, piece: 0, fileBlock: 0 }

  constructor(stock: CreatorStock, host: ShelfHost) {
    this.root = stock.root
    this.tags = new Map(stock.tagLabels.map((label, index) => [index + 1, label]))
    this.#host = host
    this.#downloads = new Downloads(host.due)
    for (const creator of stock.creators) {
      this.#known.set(creator.work.foreignId, creator.work)
      this.creators.set(creator.id, creator)
      this.#lastId.creator = Math.max(this.#lastId.creator, creator.id)
      for (const piece of creator.pieces) {
        this.#shelve(piece)
        this.#lastId.piece = Math.max(this.#lastId.piece, piece.id)
        this.#lastId.fileBlock = Math.max(this.#lastId.fileBlock, piece.fileBlock)
        host.disks.count(creator.rootFolder, this.bytes(piece))
      }
    }
    for (const work of stock.wanted) this.#known.set(work.foreignId, work)
  }

  get downloadsUnderWay(): number {
    return this.#downloads.size
  }

  /** The metadata of a creator. */
  known(foreignId: string): CreatorWork | undefined {
    return this.#known.get(foreignId)
  }

  of(foreignId: string): CreatorRecord | undefined {
    return [...this.creators.values()].find((creator) => creator.work.foreignId === foreignId)
  }

  bytes({ files, work }: PieceRecord): number {
    if (files === fullMask(work.parts)) return work.sizeBytes
    let bytes = 0
    for (let part = 1; part <= work.parts; part++) if (hasBit(files, part)) bytes += partSize(work, part)
    return bytes
  }

  /** The piece and the number of the part whose file has this id, while that file exists. */
  partOfFile(fileId: number): { readonly piece: PieceRecord; readonly part: number } | undefined {
    const piece = this.#byFileBlock.get(Math.floor(fileId / 32))
    const part = fileId % 32
    return piece !== undefined && part > 0 && hasBit(piece.files, part) ? { piece, part } : undefined
  }

  /** Deletes the files of the parts whose bits are set in `parts`. */
  deleteFiles(piece: PieceRecord, parts: number, freesBytes: boolean): void {
    if ((piece.files & parts) === 0) return
    const before = this.bytes(piece)
    piece.files &= ~parts
    const { hardlinked, rootFolder } = piece.creator
    this.#host.disks.free(rootFolder, before - this.bytes(piece), freesBytes && !hardlinked)
    this.deletions.push({ piece, at: this.#host.now() })
    this.#host.changed()
  }

  removePiece(piece: PieceRecord, mode: RemovalMode): void {
    if (mode.deleteFiles) this.deleteFiles(piece, piece.files, mode.freesBytes)
    else this.#host.disks.disown(piece.creator.rootFolder, this.bytes(piece))
    piece.creator.pieces = piece.creator.pieces.filter((each) => each !== piece)
    this.pieces.delete(piece.id)
    this.#byFileBlock.delete(piece.fileBlock)
    this.#downloads.stop((each) => each === piece)
    this.#host.changed()
  }

  remove(creator: CreatorRecord, mode: RemovalMode): void {
    for (const piece of creator.pieces) this.removePiece(piece, mode)
    this.creators.delete(creator.id)
    this.#host.changed()
  }

  /** Adds a creator without files. Its monitored pieces stay monitored until a search has downloaded them. */
  add(
    work: CreatorWork,
    entry: Pick<
      CreatorRecord,
      "rootFolder" | "qualityProfileId" | "metadataProfileId" | "monitored" | "monitorNewItems" | "tags"
    >,
    wanted: Wanted
  ): CreatorRecord {
    const creator: CreatorRecord = {
      ...entry,
      id: ++this.#lastId.creator,
      work,
      addedAt: this.#host.now(),
      hardlinked: false,
      pieces: [],
      folder: creatorFolder(work),
      extra: {}
    }
    this.creators.set(creator.id, creator)
    this.#bringPieces(creator, (piece) => wanted === "all" || (wanted !== "none" && wanted.has(piece.foreignId)))
    return creator
  }

  /** Reads the metadata again: pieces that the arr does not have are added, unless they are excluded. */
  refresh(creator: CreatorRecord): void {
    this.#bringPieces(creator, () => creator.monitorNewItems === "all")
  }

  /** Starts a download for a monitored piece without all its files. */
  search(piece: PieceRecord): void {
    piece.lastSearchAt = this.#host.now()
    this.#host.changed()
    if (piece.monitored && piece.files !== fullMask(piece.work.parts)) this.#downloads.start(piece)
  }

  hurry(): void {
    this.#downloads.hurry()
  }

  settle(now: number): void {
    this.#downloads.settle(now, (piece) => {
      const missing = piece.work.sizeBytes - this.bytes(piece)
      const { disks } = this.#host
      if (!disks.fits(piece.creator.rootFolder, missing)) return false
      disks.count(piece.creator.rootFolder, missing)
      piece.files = fullMask(piece.work.parts)
      this.#byFileBlock.delete(piece.fileBlock)
      piece.fileBlock = ++this.#lastId.fileBlock
      piece.fileAddedAt = now
      this.#byFileBlock.set(piece.fileBlock, piece)
      this.#host.changed()
      return true
    })
  }

  #bringPieces(creator: CreatorRecord, isWanted: (work: PieceWork) => boolean): void {
    const missing = creator.work.pieces.filter(
      (work) => this.exclusions.of(work.foreignId) === undefined && !creator.pieces.some((piece) => piece.work === work)
    )
    const brought = missing.map((work): PieceRecord => ({
      id: ++this.#lastId.piece,
      work,
      creator,
      monitored: isWanted(work),
      fileBlock: ++this.#lastId.fileBlock,
      files: 0,
      fileAddedAt: this.#host.now(),
      lastSearchAt: null
    }))
    creator.pieces = [...creator.pieces, ...brought].sort((one, other) => one.work.releasedAt - other.work.releasedAt)
    for (const piece of brought) this.#shelve(piece)
    this.#host.changed()
  }

  #shelve(piece: PieceRecord): void {
    this.pieces.set(piece.id, piece)
    this.#byFileBlock.set(piece.fileBlock, piece)
  }
}

/** Size of the file of one part. All of a piece's files together have exactly the piece's size. */
export const partSize = (work: PieceWork, part: number): number => shareOf(work.sizeBytes, work.parts, part)
