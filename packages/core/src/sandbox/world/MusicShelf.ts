/** The music of a world: what an arr has of it, what it may take away and bring again. */
import type { Disks } from "./Disks.ts"
import { fullMask } from "./Generate.ts"
import { hasBit } from "./LibraryIndex.ts"
import { artistFolder, trackSize } from "./Music.ts"
import type { AlbumRecord, AlbumWork, ArtistRecord, ArtistWork, MusicExclusion, MusicStock } from "./MusicModel.ts"

/** What the shelf has of its world. */
export interface MusicHost {
  readonly disks: Disks
  readonly now: () => number
  /** When a download that starts now will end. */
  readonly due: () => number
  /** Told of every change. */
  readonly changed: () => void
}

interface Download {
  readonly dueAt: number
  readonly album: AlbumRecord
}

/** Which albums of an artist are wanted: those of these ids, or all, or none. */
export type Wanted = ReadonlySet<string> | "all" | "none"

export class MusicShelf {
  readonly artists = new Map<number, ArtistRecord>()
  readonly albums = new Map<number, AlbumRecord>()
  readonly tags = new Map<number, string>([
    [1, "keep"],
    [2, "vinyl"]
  ])
  readonly exclusions = new Map<number, MusicExclusion>()
  /** Albums whose files went away, for the history. */
  readonly deletions: Array<{ readonly album: AlbumRecord; readonly at: number }> = []

  readonly #host: MusicHost
  readonly #known = new Map<string, ArtistWork>()
  readonly #byFileBlock = new Map<number, AlbumRecord>()
  #downloads: Array<Download> = []
  #lastId = { artist: 0, album: 0, fileBlock: 0, exclusion: 0 }

  constructor(stock: MusicStock, host: MusicHost) {
    this.#host = host
    for (const artist of stock.artists) {
      this.#known.set(artist.work.mbId, artist.work)
      this.artists.set(artist.id, artist)
      this.#lastId.artist = Math.max(this.#lastId.artist, artist.id)
      for (const album of artist.albums) {
        this.#shelve(album)
        this.#lastId.album = Math.max(this.#lastId.album, album.id)
        this.#lastId.fileBlock = Math.max(this.#lastId.fileBlock, album.fileBlock)
        host.disks.count(artist.rootFolder, this.albumBytes(album))
      }
    }
    for (const work of stock.wanted) this.#known.set(work.mbId, work)
  }

  get downloadsUnderWay(): number {
    return this.#downloads.length
  }

  /** What metadata providers know of an artist. */
  known(mbId: string): ArtistWork | undefined {
    return this.#known.get(mbId)
  }

  artistOf(mbId: string): ArtistRecord | undefined {
    return [...this.artists.values()].find((artist) => artist.work.mbId === mbId)
  }

  albumBytes({ files, work }: AlbumRecord): number {
    if (files === fullMask(work.tracks)) return work.sizeBytes
    let bytes = 0
    for (let track = 1; track <= work.tracks; track++) if (hasBit(files, track)) bytes += trackSize(work, track)
    return bytes
  }

  /** The album and the number of the track whose file has this id, while that file exists. */
  trackOfFile(fileId: number): { readonly album: AlbumRecord; readonly track: number } | undefined {
    const album = this.#byFileBlock.get(Math.floor(fileId / 32))
    const track = fileId % 32
    return album !== undefined && track > 0 && hasBit(album.files, track) ? { album, track } : undefined
  }

  /** Deletes the files of the tracks whose bits are set in `tracks`. */
  deleteFiles(album: AlbumRecord, tracks: number, freesBytes: boolean): void {
    if ((album.files & tracks) === 0) return
    const before = this.albumBytes(album)
    album.files &= ~tracks
    const { hardlinked, rootFolder } = album.artist
    this.#host.disks.free(rootFolder, before - this.albumBytes(album), freesBytes && !hardlinked)
    this.deletions.push({ album, at: this.#host.now() })
    this.#host.changed()
  }

  removeAlbum(album: AlbumRecord, mode: { readonly deleteFiles: boolean; readonly freesBytes: boolean }): void {
    if (mode.deleteFiles) this.deleteFiles(album, album.files, mode.freesBytes)
    else this.#host.disks.disown(album.artist.rootFolder, this.albumBytes(album))
    album.artist.albums = album.artist.albums.filter((each) => each !== album)
    this.albums.delete(album.id)
    this.#byFileBlock.delete(album.fileBlock)
    this.#downloads = this.#downloads.filter((download) => download.album !== album)
    this.#host.changed()
  }

  removeArtist(artist: ArtistRecord, mode: { readonly deleteFiles: boolean; readonly freesBytes: boolean }): void {
    for (const album of artist.albums) this.removeAlbum(album, mode)
    this.artists.delete(artist.id)
    this.#host.changed()
  }

  /** Adds an artist without files. What is wanted of it stays so until a search has brought it. */
  addArtist(
    work: ArtistWork,
    entry: Pick<
      ArtistRecord,
      "rootFolder" | "qualityProfileId" | "metadataProfileId" | "monitored" | "monitorNewItems" | "tags"
    >,
    wanted: Wanted
  ): ArtistRecord {
    const artist: ArtistRecord = {
      ...entry,
      id: ++this.#lastId.artist,
      work,
      addedAt: this.#host.now(),
      hardlinked: false,
      albums: [],
      folder: artistFolder(work),
      extra: {}
    }
    this.artists.set(artist.id, artist)
    this.#bringAlbums(artist, (album) => wanted === "all" || (wanted !== "none" && wanted.has(album.mbId)))
    return artist
  }

  /** Reads the metadata again: albums that the arr does not have are added, unless they are excluded. */
  refresh(artist: ArtistRecord): void {
    this.#bringAlbums(artist, () => artist.monitorNewItems === "all")
  }

  /** Starts a download for a monitored album without all its files. */
  search(album: AlbumRecord): void {
    album.lastSearchAt = this.#host.now()
    this.#host.changed()
    const missing = fullMask(album.work.tracks) & ~album.files
    if (!album.monitored || missing === 0 || this.#downloads.some((download) => download.album === album)) return
    this.#downloads.push({ dueAt: this.#host.due(), album })
  }

  /** Adds to the exclusions, or finds what is there already. */
  exclude(foreignId: string, artistName: string): MusicExclusion {
    const existing = [...this.exclusions.values()].find((exclusion) => exclusion.foreignId === foreignId)
    const exclusion = existing ?? { id: ++this.#lastId.exclusion, foreignId, artistName }
    this.exclusions.set(exclusion.id, exclusion)
    return exclusion
  }

  /** Downloads that are under way end at the next settling. */
  hurry(): void {
    this.#downloads = this.#downloads.map((download) => ({ ...download, dueAt: 0 }))
  }

  /** Ends downloads that are due. One that does not fit on the disk waits, as a full disk makes it. */
  settle(now: number): void {
    if (this.#downloads.length === 0) return
    this.#downloads = this.#downloads.filter(({ album, dueAt }) => dueAt > now || !this.#fill(album, now))
  }

  #fill(album: AlbumRecord, now: number): boolean {
    const missing = album.work.sizeBytes - this.albumBytes(album)
    const { disks } = this.#host
    if (!disks.fits(album.artist.rootFolder, missing)) return false
    disks.count(album.artist.rootFolder, missing)
    album.files = fullMask(album.work.tracks)
    this.#byFileBlock.delete(album.fileBlock)
    album.fileBlock = ++this.#lastId.fileBlock
    album.fileAddedAt = now
    this.#byFileBlock.set(album.fileBlock, album)
    this.#host.changed()
    return true
  }

  #bringAlbums(artist: ArtistRecord, isWanted: (work: AlbumWork) => boolean): void {
    const excluded = new Set([...this.exclusions.values()].map((exclusion) => exclusion.foreignId))
    const missing = artist.work.albums.filter(
      (work) => !excluded.has(work.mbId) && !artist.albums.some((album) => album.work === work)
    )
    const brought = missing.map((work): AlbumRecord => ({
      id: ++this.#lastId.album,
      work,
      artist,
      monitored: isWanted(work),
      fileBlock: ++this.#lastId.fileBlock,
      files: 0,
      fileAddedAt: this.#host.now(),
      lastSearchAt: null
    }))
    artist.albums = [...artist.albums, ...brought].sort((one, other) => one.work.releasedAt - other.work.releasedAt)
    for (const album of brought) this.#shelve(album)
    this.#host.changed()
  }

  #shelve(album: AlbumRecord): void {
    this.albums.set(album.id, album)
    this.#byFileBlock.set(album.fileBlock, album)
  }
}
