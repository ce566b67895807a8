/** The shows of one arr, by seasons: its library, and removing and adding entries. */
import { seasonRecords, showFolder } from "./Generate.ts"
import { fullMask, hasBit } from "./Masks.ts"
import { Downloads, Exclusions, type RemovalMode, type Shelf, type ShelfHost } from "./Shelf.ts"
import { episodeSize } from "./Works.ts"
import type { SeasonRecord, ShowRecord, ShowStock, ShowWork } from "./WorldModel.ts"

/** Media servers number the shows and seasons of one shelf from its multiple of this up to the next. */
export const showStride = 100_000

/** How long an application queries its provider for the episodes of an added show. */
export const refreshMillis = 4_000

export class ShowShelf implements Shelf {
  readonly root: string
  readonly shows = new Map<number, ShowRecord>()
  /** Shows that a media server has found; they remain when an arr has dropped their entries. */
  readonly onServer = new Map<number, ShowRecord>()
  readonly tags: Map<number, string>
  readonly exclusions = new Exclusions()
  /** Seasons with deleted files, for the history. */
  readonly deletions: Array<{ readonly season: SeasonRecord; readonly at: number }> = []

  readonly #host: ShelfHost
  readonly #known = new Map<number, ShowWork>()
  readonly #byWork = new Map<number, ShowRecord>()
  readonly #seasonsByBlock = new Map<number, SeasonRecord>()
  readonly #seasonsByFileBlock = new Map<number, SeasonRecord>()
  readonly #downloads: Downloads<SeasonRecord>
  readonly #firstServerId: number
  /** When shows that were added since the start get their episodes, by id. */
  readonly #refreshedAt = new Map<number, number>()
  #lastId = 0
  #nextBlock: number
  #lastFileBlock: number

  constructor(stock: ShowStock, host: ShelfHost) {
    this.root = stock.root
    this.tags = new Map(stock.tagLabels.map((label, index) => [index + 1, label]))
    this.#host = host
    this.#downloads = new Downloads(host.due)
    this.#firstServerId = stock.firstServerId
    this.#nextBlock = stock.firstServerId
    for (const show of stock.shows) {
      this.#shelve(show)
      this.#lastId = Math.max(this.#lastId, show.id)
      for (const season of show.seasons) host.disks.count(show.rootFolder, this.bytes(season))
      const hasFiles = show.seasons.some((season) => season.files !== 0)
      if (show.server.scanned && hasFiles) this.onServer.set(show.serverId, show)
    }
    this.#lastFileBlock = this.#nextBlock
    for (const work of stock.wanted) this.#known.set(work.tvdbId, work)
  }

  get downloadsUnderWay(): number {
    return this.#downloads.size
  }

  known(tvdbId: number): ShowWork | undefined {
    return this.#known.get(tvdbId)
  }

  /** The entry for a work, if there is one. */
  of(work: ShowWork): ShowRecord | undefined {
    return this.#byWork.get(work.tvdbId)
  }

  /** Whether it has its episodes; until then there are none to list, change or search for. */
  isRefreshed(show: ShowRecord): boolean {
    return this.#host.now() >= (this.#refreshedAt.get(show.id) ?? 0)
  }

  seasonOfBlock(block: number): SeasonRecord | undefined {
    return this.#seasonsByBlock.get(block)
  }

  /** The season and the number of the episode whose file has this id, while that file exists. */
  episodeOfFile(fileId: number): { readonly season: SeasonRecord; readonly episode: number } | undefined {
    const season = this.#seasonsByFileBlock.get(Math.floor(fileId / 32))
    const episode = fileId % 32
    return season !== undefined && hasBit(season.files, episode) ? { season, episode } : undefined
  }

  bytes(season: SeasonRecord): number {
    if (season.files === fullMask(season.work.aired)) return season.work.sizeBytes
    let bytes = 0
    for (let episode = 1; episode <= season.work.aired; episode++) {
      if (hasBit(season.files, episode)) bytes += episodeSize(season.work, episode)
    }
    return bytes
  }

  remove(show: ShowRecord, mode: RemovalMode): void {
    for (const season of show.seasons) {
      if (mode.deleteFiles) this.deleteFiles(season, season.files, mode.freesBytes)
      else this.#host.disks.disown(show.rootFolder, this.bytes(season))
    }
    this.shows.delete(show.id)
    this.#byWork.delete(show.work.tvdbId)
    this.#downloads.stop((season) => season.show === show)
    this.#host.changed()
  }

  /** Deletes the files of the episodes whose bits are set in `episodes`. */
  deleteFiles(season: SeasonRecord, episodes: number, freesBytes: boolean): void {
    if ((season.files & episodes) === 0) return
    const { show } = season
    const before = this.bytes(season)
    season.files &= ~episodes
    this.#host.disks.free(show.rootFolder, before - this.bytes(season), freesBytes && !show.hardlinked)
    if (show.seasons.every((each) => each.files === 0)) this.onServer.delete(show.serverId)
    this.deletions.push({ season, at: this.#host.now() })
    this.#host.changed()
  }

  /** Adds a show without files. */
  add(
    work: ShowWork,
    entry: Pick<
      ShowRecord,
      "rootFolder" | "qualityProfileId" | "monitored" | "seasonFolder" | "seriesType" | "monitorNewItems" | "tags"
    >
  ): ShowRecord {
    const id = ++this.#lastId
    const bare = {
      ...entry,
      id,
      serverId: this.#firstServerId + id,
      work,
      server: { scanned: true, matched: true, labels: new Set<string>(), collections: new Set<string>() },
      addedAt: this.#host.now(),
      hardlinked: false,
      folder: showFolder(work),
      extra: {}
    }
    const show = seasonRecords(bare, this.#nextBlock, false, this.#host.now())
    this.#refreshedAt.set(id, this.#host.now() + refreshMillis)
    this.#shelve(show)
    this.#host.changed()
    return show
  }

  /** Moves a show to another root folder, with its files and bytes. */
  moveRoot(show: ShowRecord, rootFolder: string): void {
    if (show.rootFolder === rootFolder) return
    const bytes = show.seasons.reduce((sum, season) => sum + this.bytes(season), 0)
    this.#host.disks.count(show.rootFolder, -bytes)
    this.#host.disks.count(rootFolder, bytes)
    show.rootFolder = rootFolder
    this.#host.changed()
  }

  /** Starts a download for the monitored episodes of one season that have no file; it ends after `downloadMillis`. */
  search(season: SeasonRecord): void {
    const missing = season.monitoredEpisodes & fullMask(season.work.aired) & ~season.files
    if (season.show.monitored && missing !== 0) this.#downloads.start(season)
  }

  hurry(): void {
    this.#downloads.hurry()
  }

  settle(now: number): void {
    this.#downloads.settle(now, (season) => {
      const { disks } = this.#host
      const { rootFolder } = season.show
      const before = this.bytes(season)
      if (!disks.fits(rootFolder, season.work.sizeBytes - before)) return false
      season.files |= season.monitoredEpisodes & fullMask(season.work.aired)
      this.#moveFiles(season, ++this.#lastFileBlock)
      season.fileAddedAt = now
      disks.count(rootFolder, this.bytes(season) - before)
      if (season.show.server.scanned) this.onServer.set(season.show.serverId, season.show)
      this.#host.changed()
      return true
    })
  }

  /** Gives the files of a season new ids. */
  #moveFiles(season: SeasonRecord, fileBlock: number): void {
    if (this.#seasonsByFileBlock.get(season.fileBlock) === season) this.#seasonsByFileBlock.delete(season.fileBlock)
    season.fileBlock = fileBlock
    this.#seasonsByFileBlock.set(fileBlock, season)
  }

  #shelve(show: ShowRecord): void {
    this.shows.set(show.id, show)
    this.#known.set(show.work.tvdbId, show.work)
    this.#byWork.set(show.work.tvdbId, show)
    for (const season of show.seasons) {
      this.#seasonsByBlock.set(season.block, season)
      if (season.files !== 0) this.#seasonsByFileBlock.set(season.fileBlock, season)
      this.#nextBlock = Math.max(this.#nextBlock, season.block + 1)
    }
  }
}
