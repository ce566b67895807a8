/** A download client and an application that has downloads fetched, in memory, with all services over them. */
import { Clock, Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Actor } from "../../src/events/Actor.ts"
import { Cleaning } from "../../src/downloads/Cleaning.ts"
import { downloadRules } from "../../src/downloads/DownloadRules.ts"
import { Downloads } from "../../src/downloads/Downloads.ts"
import { DownloadsSettings } from "../../src/downloads/DownloadsSettings.ts"
import type { ClientState, Download, DownloadFile, DownloadTracker, Limit } from "../../src/integrations/Downloads.ts"
import type {
  DownloadOutcome,
  DownloadsCapability,
  ExcludedFileNames
} from "../../src/integrations/DownloadsCapability.ts"
import { CurrentFinalCheck } from "../../src/integrations/FinalCheck.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import type { Kind } from "../../src/integrations/Kind.ts"
import { Kinds, sealKind } from "../../src/integrations/Kinds.ts"
import type {
  QueueCapability,
  QueueEntry,
  QueueHistoryEntry,
  QueueTarget
} from "../../src/integrations/QueueCapability.ts"
import { UpstreamClient } from "../../src/integrations/Upstream.ts"
import { UpstreamHeldBack, UpstreamRefused, UpstreamUnreachable } from "../../src/integrations/UpstreamErrors.ts"
import { MayDestroy } from "../../src/jobs/MayDestroy.ts"
import { nowIso } from "../../src/problems/Instants.ts"
import { RuleDefinition } from "../../src/rules/Rule.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { RuleSubjects } from "../../src/rules/RuleSubjects.ts"
import { ServicesOver } from "../../src/Services.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { SqlTest, type SqlTestServices } from "../support/Sql.ts"
import { startOfTest } from "../support/Stack.ts"

const unlimited: Limit = { is: "none", raw: 0 }
const speeds = { effective: null, own: unlimited, category: unlimited, global: unlimited }

/** A public torrent of 1 GB, half downloaded, at 1 MB/s. */
export const sampleDownload = (changes: Partial<Download> = {}): Download => ({
  id: "a".repeat(40),
  protocol: "torrent",
  hashes: { v1: changes.id ?? "a".repeat(40), v2: null },
  nzbId: null,
  name: "Some.Movie.2031.1080p",
  state: "downloading",
  phase: null,
  rawState: "downloading",
  progress: 0.5,
  bytes: { wanted: 1e9, total: 1e9, left: 5e8, done: 5e8, uploaded: 0 },
  speeds: { down: 1e6, up: 0 },
  limits: { down: speeds, up: speeds },
  etaSeconds: 500,
  availability: 3,
  seenCompleteAt: null,
  ratio: 0,
  seedingTime: { seconds: 0, clock: "active" },
  addedAt: "2026-01-15T10:00:00.000Z",
  completedAt: null,
  lastActiveAt: null,
  private: false,
  tags: [],
  category: "movies",
  savePath: "/downloads",
  contentPath: "/downloads/Some.Movie.2031.1080p",
  incompletePath: null,
  automaticManagement: false,
  trackerHosts: ["tracker.example"],
  trackers: null,
  files: null,
  swarm: { seedsConnected: 2, seedsTotal: 10, peersConnected: 4, peersTotal: 20 },
  error: null,
  seedLimits: {
    ratio: { is: "global", raw: -2 },
    seedingSeconds: { is: "global", raw: -2 },
    inactiveSeconds: { is: "global", raw: -2 }
  },
  atLimit: "pause",
  limitReached: false,
  forced: false,
  queuePosition: null,
  exportable: true,
  ...changes
})

export const sampleClient = (changes: Partial<ClientState> = {}): ClientState => ({
  version: "5.1",
  apiVersion: "2.11",
  epoch: "1",
  online: true,
  paused: false,
  alternativeLimits: false,
  limits: { down: unlimited, up: unlimited },
  speeds: { down: 1e6, up: 0 },
  folders: [{ path: "/downloads", freeBytes: 1e12 }],
  savePath: "/downloads",
  incompletePath: null,
  categories: [{ name: "movies", path: null }],
  tags: [],
  seedLimits: { ratio: unlimited, seedingSeconds: unlimited, inactiveSeconds: unlimited },
  atLimit: "pause",
  habits: [],
  clockAt: null,
  ...changes
})

/** What the stalled half of a download looks like. */
export const stalled = { state: "stalled", rawState: "stalledDL", speeds: { down: 0, up: 0 } } as const

const everything = (ids: ReadonlyArray<string>): DownloadOutcome => ({ accepted: ids, absent: [], refused: [] })

export class FakeDownloads {
  readonly downloads = new Map<string, Download>()
  readonly queue = new Map<string, QueueEntry>()
  history: Array<QueueHistoryEntry> = []
  client = sampleClient()
  complete = true
  readonly down = new Set<"client" | "application" | "presence" | "search">()
  /** Reports success, and does nothing. */
  lies = false
  /** What was sent, in order. */
  readonly sent: Array<string> = []
  /** Downloads about which the application answers with an error. */
  readonly refusesAbout = new Set<string>()
  /** Downloads about which the application was asked. */
  readonly askedAbout: Array<string> = []
  readonly searched: Array<ReadonlyArray<QueueTarget>> = []
  wanted = true
  /** By the id of the download; those without have no list of files yet. */
  readonly files = new Map<string, ReadonlyArray<DownloadFile>>()
  /** Names of the downloads whose files were asked for, in order. */
  readonly asked: Array<string> = []
  /** What its trackers say, by the id of the download; the client's list does not contain it. */
  readonly trackers = new Map<string, ReadonlyArray<DownloadTracker>>()
  /** Names of the downloads about whose trackers alone the client was asked, in order. */
  readonly askedTrackers: Array<string> = []
  excluded: ExcludedFileNames = { on: false, patterns: [] }
  /** Of downloads that are not private: the list says so only after their trackers were asked for. */
  saysPrivacyLate = false
  /** Root folders of the application. */
  rootFolders: ReadonlyArray<string> = []
  /** How the application imports what it is asked to: `slow` = until a test says that it has. */
  importing: "at once" | "slow" = "at once"
  readonly underWay = new Set<string>()
  #row = 0

  readonly disks = Effect.sync(() => ({
    disks: [],
    rootFolders: this.rootFolders.map((path) => ({ path, accessible: true, freeBytes: null }))
  }))

  /** The application has imported it; `at` is ISO-8601. */
  finishImport(id: string, at: string): void {
    this.underWay.delete(id)
    this.queue.delete(id)
    const grab = this.history.find((entry) => entry.downloadId === id)
    if (grab !== undefined) this.history.push({ ...grab, what: "imported", at })
  }

  /** Adds a download that the application had fetched for a movie of that id. */
  add(name: string, movieId: number, changes: Partial<Download> = {}): Download {
    const id = (changes.id ?? name.toLowerCase().replace(/[^a-z0-9]/g, "")).padEnd(40, "0").slice(0, 40)
    const download = sampleDownload({
      name,
      contentPath: `/downloads/${name}`,
      ...changes,
      id,
      hashes: { v1: id, v2: null }
    })
    this.downloads.set(id, download)
    const targets: ReadonlyArray<QueueTarget> = [{ kind: "movie", wholeId: String(movieId) }]
    this.history.push({
      what: "grabbed",
      downloadId: id,
      at: "2026-01-15T10:00:00.000Z",
      title: name,
      indexer: "Indexer",
      targets
    })
    this.enqueue(id, { targets })
    return download
  }

  enqueue(id: string, changes: Partial<QueueEntry> = {}): void {
    this.queue.set(id, {
      rowIds: [++this.#row],
      downloadId: id,
      title: this.downloads.get(id)?.name ?? id,
      protocol: "torrent",
      clientName: "Loader",
      indexer: "Indexer",
      status: "downloading",
      trackedStatus: "ok",
      trackedState: "downloading",
      messages: [],
      sizeBytes: 1e9,
      leftBytes: 5e8,
      outputPath: null,
      addedAt: null,
      targets: [],
      ...changes
    })
  }

  change(download: Download, changes: Partial<Download>): void {
    const before = this.downloads.get(download.id)
    if (before !== undefined) this.downloads.set(download.id, { ...before, ...changes })
  }

  /** Gives a download files of 100 MB each, unless they say otherwise. */
  hold({ id }: Download, ...files: ReadonlyArray<string | Partial<DownloadFile>>): void {
    this.files.set(
      id,
      files.map((given, index) => ({
        index,
        path: "",
        bytes: 1e8,
        progress: 0,
        wanted: true,
        ...(typeof given === "string" ? { path: given } : given)
      }))
    )
  }

  /** As a person, or the client by itself, selects or deselects a file. */
  select({ id }: Pick<Download, "id">, indexes: ReadonlyArray<number>, wanted: boolean): void {
    const files = (this.files.get(id) ?? []).map((file) => (indexes.includes(file.index) ? { ...file, wanted } : file))
    this.files.set(id, files)
    const before = this.downloads.get(id)
    if (before === undefined) return
    const bytes = files.reduce((sum, file) => sum + (file.wanted ? file.bytes : 0), 0)
    this.downloads.set(id, { ...before, bytes: { ...before.bytes, wanted: bytes } })
  }

  readonly #answer = <A>(of: "client" | "application" | "presence" | "search", call: string, value: () => A) =>
    Effect.suspend(() =>
      this.down.has(of)
        ? Effect.fail(new UpstreamUnreachable({ integration: of, call, detail: "it does not answer" }))
        : Effect.succeed(value())
    )

  readonly #send = (of: "client" | "application", call: string, act: () => void) =>
    Effect.gen({ self: this }, function* () {
      const look = yield* CurrentFinalCheck
      const why = look === null ? null : yield* look.whyNot(true)
      if (why !== null) return yield* new UpstreamHeldBack({ integration: of, call, detail: why })
      if (this.down.has(of))
        return yield* new UpstreamUnreachable({ integration: of, call, detail: "it does not answer" })
      this.sent.push(call)
      if (!this.lies) act()
    })

  readonly capability: DownloadsCapability = {
    protocol: "torrent",
    read: () =>
      this.#answer("client", "GET list", () => ({
        complete: this.complete,
        incompleteBecause: this.complete ? null : "the list has just become shorter",
        downloads: [...this.downloads.values()],
        changed: [...this.downloads.keys()],
        removed: [],
        client: this.client,
        unknownStates: [
          ...new Set([...this.downloads.values()].flatMap((one) => (one.state === "unknown" ? [one.rawState] : [])))
        ],
        cursor: null
      })),
    readSome: (ids) => this.#answer("client", "GET some", () => ids.flatMap((id) => this.downloads.get(id) ?? [])),
    details: (ids, { files, trackers }) =>
      this.#answer("client", files ? "GET files" : "GET trackers", () =>
        ids.flatMap((id) => {
          const one = this.downloads.get(id)
          if (one === undefined) return []
          if (files) this.asked.push(one.name)
          else this.askedTrackers.push(one.name)
          if (files && trackers && this.saysPrivacyLate) this.downloads.set(id, { ...one, private: false })
          return [{ id, files: this.files.get(id) ?? null, trackers: this.trackers.get(id) ?? null, private: null }]
        })
      ),
    presence: (id) =>
      this.#answer(this.down.has("presence") ? "presence" : "client", "GET one", () => {
        const one = this.downloads.get(id)
        return one === undefined
          ? { _tag: "Absent" as const }
          : {
              _tag: "Present" as const,
              name: one.name,
              savePath: one.savePath,
              contentPath: one.contentPath,
              bytesTotal: one.bytes.total
            }
      }),
    pause: (ids) => Effect.succeed(everything(ids)),
    resume: (ids) => Effect.succeed(everything(ids)),
    remove: (ids, { withData }) =>
      Effect.as(
        this.#send(
          "client",
          `client: remove ${ids.map((id) => this.downloads.get(id)?.name).join()}${withData ? " with data" : ""}`,
          () => {
            for (const id of ids) this.downloads.delete(id)
          }
        ),
        everything(ids)
      ),
    removesData: true,
    recheck: null,
    reannounce: null,
    setCategory: null,
    createCategory: null,
    addTags: null,
    removeTags: null,
    setLimits: null,
    limits: [],
    ownLimits: [],
    setFileWanted: (id, indexes, wanted) =>
      Effect.as(
        this.#send(
          "client",
          `client: ${wanted ? "select" : "deselect"} ${indexes.join()} of ${this.downloads.get(id)?.name}`,
          () => this.select({ id }, indexes, wanted)
        ),
        everything([id])
      ),
    setQueuePosition: null,
    setSavePath: null,
    exportTorrent: null,
    add: null,
    excludedFileNames: {
      read: this.#answer("client", "GET names", () => this.excluded),
      write: (names) =>
        Effect.map(
          this.#send("client", `client: exclude ${names.on ? names.patterns.join() : "nothing"}`, () => {
            this.excluded = names
          }),
          () => this.excluded
        )
    }
  }

  readonly queueCapability: QueueCapability = {
    read: this.#answer("application", "GET queue", () => [...this.queue.values()]),
    history: (since) => this.#answer("application", "GET history", () => this.history.filter(({ at }) => at >= since)),
    historyOf: (downloadId) =>
      this.refusesAbout.has(downloadId)
        ? Effect.fail(
            new UpstreamRefused({
              integration: "application",
              call: "GET history of one",
              status: 500,
              detail: "it is damaged"
            })
          )
        : this.#answer(this.down.has("search") ? "search" : "application", "GET history of one", () => {
            this.askedAbout.push(downloadId)
            return this.history.filter((entry) => entry.downloadId === downloadId.toLowerCase())
          }),
    remove: (rowIds, { blocklist }) =>
      this.#send("application", `application: remove ${rowIds.join()}${blocklist ? " and blocklist" : ""}`, () => {
        for (const [id, entry] of this.queue)
          if (entry.rowIds.some((row) => rowIds.includes(row))) this.queue.delete(id)
      }),
    stillWanted: (targets) =>
      // Others go on while it is asked.
      Effect.andThen(
        Effect.yieldNow,
        this.#answer("application", "GET wanted", () => (this.wanted ? targets : []))
      ),
    search: (targets) => this.#answer("application", "POST search", () => void this.searched.push(targets)),
    imports: {
      from: ({ downloadId, mode, path }) =>
        Effect.flatMap(nowIso, (at) =>
          this.#send("application", `application: import ${path} as ${downloadId} by ${mode}`, () => {
            const id = downloadId.toLowerCase()
            if (this.importing === "slow") this.underWay.add(id)
            else this.finishImport(id, at)
          })
        ),
      underWay: this.#answer("application", "GET commands", () => [...this.underWay])
    }
  }
}

/** A kind whose capabilities a test gives. */
export const kindOf = (id: string, capabilities: Kind["capabilities"], parts: object): Kind<{}> => ({
  id,
  title: id,
  description: "Stands in for an application in tests",
  capabilities,
  itemKinds: [],
  config: Schema.Struct({}),
  syncCost: { formula: "none", calls: () => 0 },
  connect: () => ({
    probe: Effect.succeed({ appName: id, version: "1", latencyMillis: 1 }),
    read: {},
    ...parts
  })
})

/** A download client, another one, and an application with a queue. */
export const fakeKinds = (fake: FakeDownloads, seeder = new FakeDownloads()): ReadonlyArray<Kind> => [
  sealKind(kindOf("loader", ["downloads"], { downloads: fake.capability })),
  sealKind(kindOf("seeder", ["downloads"], { downloads: seeder.capability })),
  sealKind(kindOf("fetcher", ["queue", "disks"], { queue: fake.queueCapability, read: { disks: () => fake.disks } }))
]

/** `sql`: a database that outlives the services; absent = one of their own. `seeder`: a second download client. */
export const downloadsTest = (
  fake: FakeDownloads,
  sql: Layer.Layer<SqlTestServices, unknown> = SqlTest,
  seeder = new FakeDownloads()
) =>
  ServicesOver.pipe(
    Layer.provideMerge(
      Layer.mergeAll(
        Kinds.layerWith(fakeKinds(fake, seeder)),
        Layer.succeed(UpstreamClient, {
          open: () => {
            throw new Error("The fakes speak to nobody")
          }
        })
      )
    ),
    Layer.provide(RuleSubjects.layerWith([downloadRules])),
    Layer.provideMerge(sql),
    Layer.provide(Layer.effectDiscard(TestClock.setTime(startOfTest)))
  )

/** Connects both, and lets rules remove. */
export const connected = Effect.gen(function* () {
  const integrations = yield* Integrations
  for (const [kind, name] of [
    ["loader", "Loader"],
    ["fetcher", "Fetcher"]
  ] as const) {
    yield* integrations.create({ kind, name, url: `http://${kind}.test`, config: {} })
  }
  yield* Effect.flatMap(Settings, (settings) => settings.patch(DownloadsSettings, { cleaning: true }))
})

/** Connects a second download client. */
export const withSeeder = Effect.flatMap(Integrations, (integrations) =>
  Effect.orDie(integrations.create({ kind: "seeder", name: "Seeder", url: "http://seeder.test", config: {} }))
)

const decode = Schema.decodeUnknownSync(RuleDefinition)

/** A rule about downloads; by default one that removes after three strikes what stands still for more than five minutes. */
export const strikeRule = (
  given: {
    readonly name?: string
    readonly condition?: unknown
    readonly action?: object
    readonly priority?: number
  } = {}
) =>
  Effect.flatMap(Rules, (rules) =>
    Effect.orDie(
      rules.create(
        decode({
          subject: "download",
          name: given.name ?? "Stalled",
          effect: "strike",
          condition: given.condition ?? { kind: "condition", field: "stalledMinutes", operator: ">", value: 5 },
          action: { type: "strike", ...given.action },
          ...(given.priority === undefined ? {} : { priority: given.priority })
        })
      )
    )
  )

/** A rule by which all downloads of the category "movies" owe their trackers these hours. */
export const hitAndRunRule = (hours: number) =>
  Effect.flatMap(Rules, (rules) =>
    Effect.orDie(
      rules.create(
        decode({
          subject: "download",
          name: "Tracker",
          effect: "hit-and-run",
          condition: { kind: "condition", field: "category", operator: "is", value: "movies" },
          action: { type: "hit-and-run", hours, marginHours: 0, fromPercent: 0 }
        })
      )
    )
  )

/** Lets time pass with a reading every 30 seconds. */
export const live = (minutes: number) =>
  Effect.gen(function* () {
    const downloads = yield* Downloads
    for (let passed = 0; passed < minutes * 2; passed++) {
      yield* TestClock.adjust("30 seconds")
      yield* downloads.poll
    }
  })

/** Lets minutes pass in which downloads come further by their speed. */
export const goOn = (fake: FakeDownloads, minutes: number) =>
  Effect.gen(function* () {
    for (let minute = 0; minute < minutes; minute++) {
      for (const one of fake.downloads.values()) {
        const { done, wanted } = one.bytes
        if (wanted === null || done === null || one.speeds.down === null || one.speeds.down <= 0) continue
        const further = Math.min(wanted * 0.99, done + one.speeds.down * 60)
        fake.change(one, { bytes: { ...one.bytes, done: further, left: wanted - further }, progress: further / wanted })
      }
      yield* live(1)
    }
  })

/** A run of the job. */
export const clean = Effect.flatMap(Cleaning, (cleaning) =>
  cleaning
    .run({ progress: () => Effect.void, log: () => Effect.void })
    .pipe(Effect.provideService(Actor, "job:download-cleaning"), Effect.provideService(MayDestroy, true))
)

/** Runs each of the parts in services of its own over one database. */
export const processes = (fake: FakeDownloads, ...parts: ReadonlyArray<Effect.Effect<unknown, unknown, Services>>) =>
  Effect.gen(function* () {
    const sql = Layer.succeedContext(yield* Layer.build(SqlTest))
    let now: number | null = null
    for (const part of parts) {
      const timed = Effect.andThen(
        Effect.suspend(() => (now === null ? Effect.void : TestClock.setTime(now))),
        part
      )
      yield* Effect.scoped(Effect.provide(timed, downloadsTest(fake, sql)))
      now = yield* Clock.currentTimeMillis
    }
  }).pipe(Effect.scoped)
export type Services = Layer.Success<ReturnType<typeof downloadsTest>>
