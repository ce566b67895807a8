/**
 * Tendarr as a library for TypeScript programs: promises over the services. `openTendarr` opens a data directory: on
 * Node from `@tendarr/http-node/OpenTendarr`, on Bun from `@tendarr/http-bun/OpenTendarr`. Effect programs use the
 * layers of `Services.ts` instead.
 */
import { Effect, Layer, ManagedRuntime } from "effect"
import { Preview, type PreviewedItem, type PreviewPage, type PreviewQuery } from "./capacity/Preview.ts"
import { Actor } from "./events/Actor.ts"
import { capacityJob, syncJob } from "./jobs/JobNames.ts"
import { SyncReport } from "./library/Sync.ts"
import { Explain, type ItemExplanation } from "./removals/Explain.ts"
import { PlanReport } from "./removals/Planner.ts"
import { startBackground } from "./server/Startup.ts"
import { type Extensions, type Host, ServicesWith } from "./Services.ts"
import { RoomTables } from "./storage/RoomTables.ts"
import { defaultSecretKeyOptions, SecretKeyOptions } from "./storage/SecretKeys.ts"
import {
  type Dashboard,
  Dashboards,
  type LibraryDay,
  type RecommendationQuery,
  type Recommendations
} from "./system/Dashboard.ts"
import type { Stats } from "./system/Stats.ts"
import type { StatsTrends } from "./system/Trends.ts"
import { System, type SystemStatus } from "./system/System.ts"
import { backupCalls, type BackupCalls } from "./Tendarr/Backups.ts"
import { callsOver, type Ended, type RunCallOptions } from "./Tendarr/Calls.ts"
import {
  diskCalls,
  type DiskCalls,
  ruleCalls,
  type RuleCalls,
  scoringCalls,
  type ScoringCalls
} from "./Tendarr/Capacity.ts"
import { actCalls, type ActCalls } from "./Tendarr/ActCalls.ts"
import { downloadCalls, type DownloadCalls } from "./Tendarr/DownloadCalls.ts"
import { nameListCalls, type NameListCalls } from "./Tendarr/NameListCalls.ts"
import { orphanCalls, type OrphanCalls } from "./Tendarr/OrphanCalls.ts"
import { seedingCalls, type SeedingCalls } from "./Tendarr/SeedingCalls.ts"
import { apiKeyCalls, type ApiKeyCalls } from "./Tendarr/ApiKeyCalls.ts"
import { dialectCalls, type DialectCalls } from "./Tendarr/DialectCalls.ts"
import { eventCalls, type EventCalls } from "./Tendarr/EventCalls.ts"
import { settingsCalls, type SettingsCalls } from "./Tendarr/SettingsCalls.ts"
import { type ViewerCalls, viewerCalls } from "./Tendarr/Viewers.ts"
import { jobCalls, type JobCalls, runCalls, type RunCalls } from "./Tendarr/Jobs.ts"
import {
  collectionCalls,
  type CollectionCalls,
  integrationCalls,
  type IntegrationCalls,
  itemCalls,
  type ItemCalls,
  protectionCalls,
  type ProtectionCalls
} from "./Tendarr/Library.ts"
import { movingInCalls, type MovingInCalls, replacementCalls, type ReplacementCalls } from "./Tendarr/MovingIn.ts"
import { removalCalls, type RemovalCalls } from "./Tendarr/Removals.ts"

export type { Host } from "./Services.ts"
export type { CallOptions, Ended, RunCallOptions } from "./Tendarr/Calls.ts"

/** Options for opening Tendarr. `Extensions` add to what is built in. */
export interface TendarrOptions extends Extensions {
  /** The database and the file system, built once and released by `dispose`. */
  readonly database: Layer.Layer<Host, unknown>
  /** Whether schedules, health checks and due removals run automatically. Default: `false`. */
  readonly background?: boolean
  /** The actor recorded in every event. Default: `local`. */
  readonly actor?: string
  /** The key of the secrets. Default: `tendarr.key` in the data directory, created when it is first needed. */
  readonly secretKey?: Partial<SecretKeyOptions>
}

export interface SyncRunOptions extends RunCallOptions {
  /** Only these; by default all enabled integrations. */
  readonly integrationIds?: ReadonlyArray<string>
}

export interface RunOptions extends RunCallOptions {
  /** Whether to read the integrations first; the default is taken from the settings. */
  readonly sync?: boolean
  /** Compute everything without writing anything. */
  readonly dryRun?: boolean
  /** Only these disk groups. */
  readonly diskGroupIds?: ReadonlyArray<string>
}

/**
 * An open Tendarr. Ids are strings, sizes bytes, times ISO-8601 UTC with milliseconds.
 *
 * A promise rejects with the problem itself: an `Error` with a `_tag` (`ItemNotFound`), a stable `code`
 * (`item-not-found`) and the fields of that problem. An `InvalidRequest` lists every invalid value with its path in
 * `errors`; any call may reject with `StorageFailed` or `DatabaseHeld`, and has then changed nothing. Any other
 * rejection is a bug in the program or in Tendarr. After `dispose`, every call rejects.
 */
export interface Tendarr extends AsyncDisposable {
  /**
   * Reads the integrations and updates the library to match. An application that does not answer is not a rejection:
   * the run ends `completed-with-errors`, the report says why, and the facts that only this application knows become
   * unknown.
   */
  readonly sync: (options?: SyncRunOptions) => Promise<Ended<SyncReport>>
  /**
   * The ranked candidates, each with its reason, in pages. Writes nothing. Rejects with `RulesUnreadable` while a
   * stored rule cannot be read.
   */
  readonly preview: (query?: PreviewQuery) => Promise<PreviewPage>
  /** Every entry of the preview, fetched page by page. */
  readonly previewAll: (query?: PreviewQuery) => AsyncIterable<PreviewedItem>
  /**
   * The main job: reads the stack, computes scores, and plans removals according to the mode of each disk. It removes
   * nothing itself; due removals are carried out by `removals.carryOut`, or automatically with `background`.
   */
  readonly run: (options?: RunOptions) => Promise<Ended<PlanReport>>
  /**
   * Explains an item: facts, factors, rules, protection. Items that are gone can be explained too. Rejects with
   * `ItemNotFound`.
   */
  readonly explain: (itemId: string) => Promise<ItemExplanation>
  /** Version, and the state of integrations, disks and jobs. */
  readonly status: () => Promise<SystemStatus>
  /** Figures for a dashboard; their cost does not depend on the size of the library. */
  readonly stats: () => Promise<Stats>
  /** The last 30 days: removals, items added and gone, and how the usage of each disk group develops. */
  readonly trends: () => Promise<StatsTrends>
  /** The library by kind, what was never played, what is queued, and what was freed in the last two weeks. */
  readonly dashboard: () => Promise<Dashboard>
  /** The size of the library per day, oldest first; the last 30 days unless `days` says otherwise (at most 800). */
  readonly libraryDays: (days?: number) => Promise<ReadonlyArray<LibraryDay>>
  /** What was not played for long, without what is protected or already queued. */
  readonly recommendations: (query: RecommendationQuery) => Promise<Recommendations>
  readonly integrations: IntegrationCalls
  readonly items: ItemCalls
  readonly collections: CollectionCalls
  readonly protections: ProtectionCalls
  readonly viewers: ViewerCalls
  readonly disks: DiskCalls
  readonly rules: RuleCalls
  readonly scoring: ScoringCalls
  readonly removals: RemovalCalls
  readonly acts: ActCalls
  readonly downloads: DownloadCalls
  /** Lists of names of files that downloads do not need. */
  readonly nameLists: NameListCalls
  readonly seeding: SeedingCalls
  readonly orphans: OrphanCalls
  readonly jobs: JobCalls
  readonly runs: RunCalls
  readonly settings: SettingsCalls
  readonly events: EventCalls
  readonly apiKeys: ApiKeyCalls
  readonly dialects: DialectCalls
  readonly backups: BackupCalls
  /** Moving in from other products. */
  readonly movingIn: MovingInCalls
  /** Media servers that others replace. */
  readonly replacements: ReplacementCalls
  /**
   * Ends every loop, interrupts runs in progress (they end as `interrupted`, within two seconds), and closes the
   * database. `await using` calls it at the end of the block.
   */
  readonly dispose: () => Promise<void>
}

export const Tendarr = {
  /**
   * Opens and migrates the database, and resolves when everything is ready. Rejects with the error of the layer
   * `database`, and with an `Error` for a factor or a kind that cannot be used.
   */
  make: (options: TendarrOptions): Promise<Tendarr> => Effect.runPromise(open(options))
}

const open = Effect.fnUntraced(function* (options: TendarrOptions) {
  const services = ServicesWith(options).pipe(
    Layer.provideMerge(options.database),
    Layer.provideMerge(Layer.succeed(SecretKeyOptions, { ...defaultSecretKeyOptions, ...options.secretKey })),
    Layer.provideMerge(Layer.succeed(Actor, options.actor ?? "local")),
    // A staged restore is examined before the services are built.
    Layer.provide(Layer.succeed(RoomTables)(options.tables ?? []))
  )
  const background = Layer.effectDiscard(startBackground).pipe(Layer.provideMerge(services))
  const runtime = ManagedRuntime.make(options.background === true ? background : services)
  const context = yield* runtime.contextEffect.pipe(Effect.onError(() => runtime.disposeEffect))
  const closing = new AbortController()
  const calls = callsOver(runtime, context, closing.signal)
  const { everyPage, job, run } = calls

  const dispose = () => {
    closing.abort()
    return runtime.dispose()
  }

  const tendarr: Tendarr = {
    sync: ({ onProgress, signal, ...given } = {}) => job(syncJob, SyncReport, given, { onProgress, signal }),
    preview: (query = {}) => run(Preview.use((preview) => preview.page(query))),
    previewAll: (query = {}) => everyPage((asked) => Preview.use((preview) => preview.page(asked)), query),
    run: ({ onProgress, signal, ...given } = {}) => job(capacityJob, PlanReport, given, { onProgress, signal }),
    explain: (itemId) => run(Explain.use((explain) => explain.item(itemId))),
    status: () => run(System.use((system) => system.status)),
    stats: () => run(System.use((system) => system.stats)),
    trends: () => run(System.use((system) => system.trends)),
    dashboard: () => run(Dashboards.use((dashboards) => dashboards.figures)),
    libraryDays: (days = 30) => run(Dashboards.use((dashboards) => dashboards.days(days))),
    recommendations: (query) => run(Dashboards.use((dashboards) => dashboards.recommend(query))),
    integrations: integrationCalls(calls),
    items: itemCalls(calls),
    collections: collectionCalls(calls),
    protections: protectionCalls(calls),
    viewers: viewerCalls(calls),
    disks: diskCalls(calls),
    rules: ruleCalls(calls),
    scoring: scoringCalls(calls),
    removals: removalCalls(calls),
    acts: actCalls(calls),
    downloads: downloadCalls(calls),
    nameLists: nameListCalls(calls),
    seeding: seedingCalls(calls),
    orphans: orphanCalls(calls),
    jobs: jobCalls(calls),
    runs: runCalls(calls),
    settings: settingsCalls(calls),
    events: eventCalls(calls),
    apiKeys: apiKeyCalls(calls),
    dialects: dialectCalls(calls),
    backups: backupCalls(calls),
    movingIn: movingInCalls(calls),
    replacements: replacementCalls(calls),
    dispose,
    [Symbol.asyncDispose]: dispose
  }
  return tendarr
})
