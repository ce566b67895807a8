/**
 * The downloads of the simulated download clients, which belong to titles of the first arrs. What becomes of one is
 * decided when it is made; how far it is follows from the clock and from what people do to it.
 */
import { SeededRandom } from "./SeededRandom.ts"
import type { MovieRecord, SeasonRecord } from "./WorldModel.ts"
import { dayMillis } from "./Works.ts"

/**
 * `sticks` is complete and cannot be imported; `waits` has no metadata; `unregistered` is not known to its tracker any
 * more; `breaks` ends with a fault after its download.
 */
export type Fate =
  "seeds" | "downloads" | "slow" | "stalls" | "waits" | "sticks" | "unregistered" | "breaks" | "malware"

export interface YardDownload {
  /** Info hash, or id of an NZB. */
  readonly id: string
  readonly protocol: "torrent" | "usenet"
  readonly name: string
  readonly sizeBytes: number
  readonly fate: Fate
  readonly addedAt: number
  readonly isPrivate: boolean
  readonly tracker: string
  readonly movie: MovieRecord | null
  readonly season: SeasonRecord | null
  readonly files: ReadonlyArray<{ readonly name: string; readonly sizeBytes: number }>
  readonly tags: Set<string>
  readonly unwanted: Set<number>
  category: string
  savePath: string
  pausedAt: number | null
  /** How long it was paused before. */
  pausedMillis: number
  /** When its arr imported it because it was asked to; `null` = it was not. */
  importedOnRequestAt: number | null
  ratioLimit: number
  seedingTimeLimit: number
  inactiveSeedingTimeLimit: number
  downLimit: number
  upLimit: number
}

/** How far a download is. */
export interface YardState {
  /** 0..1 */
  readonly progress: number
  readonly isComplete: boolean
  readonly completedAt: number | null
  readonly importedAt: number | null
  readonly isPaused: boolean
  /** Bytes per second. */
  readonly downSpeed: number
  readonly upSpeed: number
  readonly seedingSeconds: number
  readonly uploaded: number
  readonly etaSeconds: number | null
}

export interface YardHost {
  readonly now: () => number
  readonly startedAt: number
  readonly seed: string
  readonly movies: () => Iterable<MovieRecord>
  readonly seasons: () => Iterable<SeasonRecord>
  readonly changed: () => void
}

const hour = 3_600_000

/** Time from the start to completion, without pauses. */
const durations: Readonly<Record<Fate, number>> = {
  seeds: hour,
  unregistered: hour,
  breaks: 2 * hour,
  downloads: 4 * hour,
  malware: 6 * hour,
  sticks: hour,
  slow: 40 * dayMillis,
  stalls: 4 * hour,
  waits: Number.POSITIVE_INFINITY
}

/** Where one that stalls stays. */
const stalledAt = 0.4

const setupBytes = 4_000_000

/** Time between completion and import. */
const importMillis = 600_000

const unfinished: ReadonlyArray<Fate> = ["downloads", "stalls", "sticks", "waits", "malware", "breaks", "slow"]

export class YardClient {
  readonly downloads = new Map<string, YardDownload>()
  readonly categories = new Map<string, string>()
  readonly tags = new Set<string>()
  readonly name: string
  readonly protocol: "torrent" | "usenet"
  isPaused = false
  readonly #host: YardHost

  constructor(host: YardHost, name: string, title: string, protocol: "torrent" | "usenet", place: number) {
    this.#host = host
    this.name = title
    this.protocol = protocol
    const random = new SeededRandom(`${host.seed}/downloads/${name}`)
    this.categories.set("radarr", "/downloads/radarr").set("sonarr", "/downloads/sonarr")
    const movies = [...host.movies()].filter(({ fileId }, index) => fileId !== 0 && index % 6 === place % 6)
    const seasons = [...host.seasons()].filter(({ files }, index) => files !== 0 && index % 6 === place % 6)
    for (const [index, movie] of movies.slice(0, 40).entries()) this.#make(random, fateOf(index), movie, null)
    for (const [index, season] of seasons.slice(0, 10).entries()) this.#make(random, fateOf(index + 2), null, season)
  }

  #make(random: SeededRandom, fate: Fate, movie: MovieRecord | null, season: SeasonRecord | null): void {
    const work = movie?.work ?? season?.show.work
    if (work === undefined) return
    // What only torrents suffer is nothing for usenet.
    if (this.protocol === "usenet" && (fate === "waits" || fate === "unregistered" || fate === "stalls")) return
    const code = movie !== null ? String(work.year) : `S${String(season?.work.number ?? 1).padStart(2, "0")}`
    const name = `${work.title.replace(/[^A-Za-z0-9]+/g, ".")}.${code}.${work.quality.resolution}.WEB-DL-SANDBOX`
    const sizeBytes = movie?.work.sizeBytes ?? season?.work.sizeBytes ?? 0
    const parts = movie !== null ? 1 : Math.max(1, season?.work.aired ?? 1)
    const extension = fate === "malware" ? "mkv.lnk" : "mkv"
    // Something that nobody needs lies beside some films.
    const setup = fate === "downloads" && movie !== null && this.protocol === "torrent" ? setupBytes : 0
    const files = Array.from({ length: parts }, (_, part) => ({
      name: `${name}/${parts === 1 ? name : `${name}.E${String(part + 1).padStart(2, "0")}`}.${extension}`,
      sizeBytes: Math.floor((sizeBytes - setup) / parts)
    }))
    if (setup > 0) files.push({ name: `${name}/Codec.Setup.exe`, sizeBytes: setup })
    const isOld = fate === "seeds" || fate === "unregistered"
    const fileAddedAt = movie?.fileAddedAt ?? season?.fileAddedAt ?? this.#host.startedAt
    const category = movie !== null ? "radarr" : "sonarr"
    const id = this.protocol === "torrent" ? random.hex(40) : `SABnzbd_nzo_${random.hex(8)}`
    this.downloads.set(id, {
      id,
      protocol: this.protocol,
      name,
      sizeBytes,
      fate,
      addedAt: isOld ? fileAddedAt - durations[fate] - importMillis : this.#host.startedAt - random.int(1, 30) * 60_000,
      isPrivate: random.chance(0.5),
      tracker: random.pick(["tracker.example", "private.example", "open.example"]),
      movie,
      season,
      files,
      tags: new Set(),
      unwanted: new Set(),
      category,
      savePath: `/downloads/${category}`,
      pausedAt: null,
      pausedMillis: 0,
      importedOnRequestAt: null,
      ratioLimit: -2,
      seedingTimeLimit: -2,
      inactiveSeedingTimeLimit: -2,
      downLimit: 0,
      upLimit: 0
    })
  }

  stateOf(download: YardDownload): YardState {
    const now = this.#host.now()
    const { addedAt, fate, pausedAt, pausedMillis, sizeBytes } = download
    const active = Math.max(0, (pausedAt ?? now) - addedAt - pausedMillis)
    const duration = durations[fate]
    const most = fate === "stalls" ? stalledAt : 1
    const progress = Number.isFinite(duration) ? Math.min(most, active / duration) : 0
    const isComplete = progress >= 1
    const completedAt = isComplete ? addedAt + pausedMillis + duration : null
    const isImported = fate === "seeds" || fate === "unregistered" || fate === "downloads" || fate === "slow"
    const importedAt =
      completedAt !== null && isImported && completedAt + importMillis <= now
        ? completedAt + importMillis
        : download.importedOnRequestAt
    const moves = pausedAt === null && !isComplete && progress < most && Number.isFinite(duration)
    const downSpeed = moves ? Math.max(1, Math.floor((sizeBytes / duration) * 1000)) : 0
    const seedingSeconds = isComplete ? Math.floor((active - duration) / 1000) : 0
    const upSpeed = isComplete && pausedAt === null && fate === "seeds" ? Math.floor(sizeBytes / 500_000) : 0
    return {
      progress,
      isComplete,
      completedAt,
      importedAt,
      isPaused: pausedAt !== null,
      downSpeed,
      upSpeed,
      seedingSeconds,
      uploaded: fate === "seeds" ? Math.floor((seedingSeconds * sizeBytes) / 500_000) : 0,
      etaSeconds: moves ? Math.ceil((duration * (1 - progress)) / 1000) : null
    }
  }

  pause(download: YardDownload): void {
    download.pausedAt ??= this.#host.now()
    this.#host.changed()
  }

  resume(download: YardDownload): void {
    if (download.pausedAt === null) return
    download.pausedMillis += this.#host.now() - download.pausedAt
    download.pausedAt = null
    this.#host.changed()
  }

  /** Its arr imports it, if its files are all there and are what they claim to be. */
  importOnRequest(download: YardDownload): void {
    const { importedAt, isComplete } = this.stateOf(download)
    if (!isComplete || importedAt !== null || download.fate === "breaks" || download.fate === "malware") return
    download.importedOnRequestAt = this.#host.now()
    this.#host.changed()
  }

  remove(download: YardDownload): void {
    this.downloads.delete(download.id)
    this.#host.changed()
  }

  /** Notes a change that was made directly. */
  changed(): void {
    this.#host.changed()
  }
}

/** Most seed; some are on their way, or in one of the troubles that downloads have. */
const fateOf = (index: number): Fate =>
  index % 3 === 1
    ? (unfinished[Math.floor(index / 3) % unfinished.length] ?? "seeds")
    : index % 11 === 5
      ? "unregistered"
      : "seeds"

/** The clients of a world, which are filled when an application first asks for them. */
export class DownloadYard {
  readonly #clients = new Map<string, YardClient>()
  readonly #host: YardHost

  constructor(host: YardHost) {
    this.#host = host
  }

  client(name: string, title: string, protocol: "torrent" | "usenet", place: number): YardClient {
    const client = this.#clients.get(name) ?? new YardClient(this.#host, name, title, protocol, place)
    this.#clients.set(name, client)
    return client
  }

  /** Every download with its client and its state. */
  all(): ReadonlyArray<{ readonly client: YardClient; readonly download: YardDownload; readonly state: YardState }> {
    return [...this.#clients.values()].flatMap((client) =>
      [...client.downloads.values()].map((download) => ({ client, download, state: client.stateOf(download) }))
    )
  }
}
