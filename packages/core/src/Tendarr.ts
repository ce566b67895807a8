/**
 * Tendarr inside another TypeScript program: promises over the services. On Node `openTendarr` of
 * `@tendarr/http-node/OpenTendarr` brings a data directory, on Bun that of `@tendarr/http-bun/OpenTendarr`. Effect programs
 * take the layers of `Services.ts` instead.
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
import { defaultSecretKeyOptions, SecretKeyOptions } from "./storage/SecretKeys.ts"
import type { Stats } from "./system/Stats.ts"
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
import { apiKeyCalls, type ApiKeyCalls, eventCalls, type EventCalls } from "./Tendarr/House.ts"
import { settingsCalls, type SettingsCalls } from "./Tendarr/SettingsCalls.ts"
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
import { removalCalls, type RemovalCalls } from "./Tendarr/Removals.ts"

export type { Host } from "./Services.ts"
export type { CallOptions, Ended, RunCallOptions } from "./Tendarr/Calls.ts"

/** How Tendarr is opened. What `Extensions` has adds to what it brings. */
export interface TendarrOptions extends Extensions {
  /** The database and the file system, built once and released by `dispose`. */
  readonly database: Layer.Layer<Host, unknown>
  /** Whether schedules, health checks and the removal of what is due run by themselves. Default: `false`. */
  readonly background?: boolean
  /** Who acts, as it stands in every event. Default: `local`. */
  readonly actor?: string
  /** Where the key of the secrets is. Default: `tendarr.key` in the data directory, made when it is first needed. */
  readonly secretKey?: Partial<SecretKeyOptions>
}

export interface SyncRunOptions extends RunCallOptions {
  /** Only these; all that are switched on by default. */
  readonly integrationIds?: ReadonlyArray<string>
}

export interface RunOptions extends RunCallOptions {
  /** Whether the integrations are read first; by default as the settings say. */
  readonly sync?: boolean
  /** Work everything out and write nothing. */
  readonly dryRun?: boolean
  /** Only these disk groups. */
  readonly diskGroupIds?: ReadonlyArray<string>
}

/**
 * Tendarr, open. Ids are strings, sizes bytes, times ISO-8601 UTC with milliseconds.
 *
 * A promise rejects with the problem itself: an `Error` with a `_tag` (`ItemNotFound`), a stable `code`
 * (`item-not-found`) and what belongs to it. An `InvalidRequest` lists every bad value with its path in `errors`; a
 * `StorageFailed` or `DatabaseHeld` may come from any call, which has then changed nothing. Anything
 * else that a promise rejects with is a fault of the program or of Tendarr. After `dispose` every call rejects.
 */
export interface Tendarr extends AsyncDisposable {
  /**
   * Reads the integrations and makes the library what they say. An application that does not answer is no rejection: the
   * run ends `completed-with-errors`, the report says why, and the facts that it alone knows become unknown.
   */
  readonly sync: (options?: SyncRunOptions) => Promise<Ended<SyncReport>>
  /**
   * What could go, ranked, with the reason for each, in pages. Writes nothing.
   * Rejects with `RulesUnreadable` while a stored rule cannot be read.
   */
  readonly preview: (query?: PreviewQuery) => Promise<PreviewPage>
  /** Every entry of the preview, asked for page by page. */
  readonly previewAll: (query?: PreviewQuery) => AsyncIterable<PreviewedItem>
  /**
   * The main job: reads the stack, scores, and plans removals by the mode of each disk. It removes nothing itself; what is
   * due is carried out by `removals.carryOut`, or by itself with `background`.
   */
  readonly run: (options?: RunOptions) => Promise<Ended<PlanReport>>
  /** Why an item is where it is: facts, factors, rules, protection. Also one that is gone. Rejects with `ItemNotFound`. */
  readonly explain: (itemId: string) => Promise<ItemExplanation>
  /** Version, and how integrations, disks and jobs stand. */
  readonly status: () => Promise<SystemStatus>
  /** Figures for a dashboard; they cost the same for any size of library. */
  readonly stats: () => Promise<Stats>
  readonly integrations: IntegrationCalls
  readonly items: ItemCalls
  readonly collections: CollectionCalls
  readonly protections: ProtectionCalls
  readonly disks: DiskCalls
  readonly rules: RuleCalls
  readonly scoring: ScoringCalls
  readonly removals: RemovalCalls
  readonly jobs: JobCalls
  readonly runs: RunCalls
  readonly settings: SettingsCalls
  readonly events: EventCalls
  readonly apiKeys: ApiKeyCalls
  readonly backups: BackupCalls
  /**
   * Ends every loop, interrupts what is under way (a run ends as `interrupted`, within two seconds), and closes the
   * database. `await using` does it at the end of the block.
   */
  readonly dispose: () => Promise<void>
}

export const Tendarr = {
  /**
   * Opens the database, migrates it, and answers when everything is ready. Rejects with what the layer `database` fails
   * with, and with an `Error` for a factor or a kind that cannot be used.
   */
  make: (options: TendarrOptions): Promise<Tendarr> => Effect.runPromise(open(options))
}

const open = Effect.fnUntraced(function* (options: TendarrOptions) {
  const services = ServicesWith(options).pipe(
    Layer.provideMerge(options.database),
    Layer.provideMerge(Layer.succeed(SecretKeyOptions, { ...defaultSecretKeyOptions, ...options.secretKey })),
    Layer.provideMerge(Layer.succeed(Actor, options.actor ?? "local"))
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
    integrations: integrationCalls(calls),
    items: itemCalls(calls),
    collections: collectionCalls(calls),
    protections: protectionCalls(calls),
    disks: diskCalls(calls),
    rules: ruleCalls(calls),
    scoring: scoringCalls(calls),
    removals: removalCalls(calls),
    jobs: jobCalls(calls),
    runs: runCalls(calls),
    settings: settingsCalls(calls),
    events: eventCalls(calls),
    apiKeys: apiKeyCalls(calls),
    backups: backupCalls(calls),
    dispose,
    [Symbol.asyncDispose]: dispose
  }
  return tendarr
})
