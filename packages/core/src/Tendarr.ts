/**
 * Tendarr inside another TypeScript program: promises over the services, for the main job and what it needs. Effect
 * programs take the layers of `Services.ts` instead. A promise rejects with the typed problem itself (`_tag`, `code`).
 */
import { Context, Effect, type FileSystem, Layer, ManagedRuntime, type Path, Result, Schema, Stream } from "effect"
import type { SqlClient } from "effect/sql"
import { DiskGroupPatch } from "./capacity/DiskGroup.ts"
import { DiskGroups } from "./capacity/DiskGroups.ts"
import { Preview, type PreviewQuery } from "./capacity/Preview.ts"
import { Actor } from "./events/Actor.ts"
import { EventLog, type EventQuery, type EventStreamOptions } from "./events/EventLog.ts"
import { ConnectionTest, IntegrationPatch, NewIntegration } from "./integrations/Integration.ts"
import { Integrations } from "./integrations/Integrations.ts"
import type { Kind } from "./integrations/Kind.ts"
import { Kinds } from "./integrations/Kinds.ts"
import { KyUpstreamDoor } from "./integrations/KyUpstreamDoor.ts"
import { Jobs } from "./jobs/Jobs.ts"
import type { Run } from "./jobs/Run.ts"
import { type ItemQuery, Library } from "./library/Library.ts"
import { NewProtection, Protections } from "./library/Protections.ts"
import { Sync, SyncReport } from "./library/Sync.ts"
import { decodeRequest } from "./problems/Decode.ts"
import { ExecutionReport } from "./removals/Executor.ts"
import { Explain } from "./removals/Explain.ts"
import { PlanReport } from "./removals/Planner.ts"
import { capacityJob, removalsJob, syncJob } from "./removals/RemovalJobs.ts"
import { type BulkAction, Removals } from "./removals/Removals.ts"
import type { RemovalQuery } from "./removals/RemovalStore.ts"
import { RuleDefinition } from "./rules/Rule.ts"
import { RulePatch, Rules } from "./rules/Rules.ts"
import { startBackground } from "./server/Startup.ts"
import { ServicesOver } from "./Services.ts"
import { Settings } from "./settings/Settings.ts"
import type { GroupName } from "./settings/SettingsGroups.ts"
import type { DataDirectory, ReadSql } from "./storage/Database.ts"
import { defaultSecretKeyOptions, SecretKeyOptions } from "./storage/SecretKeys.ts"
import { System } from "./system/System.ts"

/** What the runtime brings: a database, where files are kept, and the file system. */
export type Host = SqlClient.SqlClient | ReadSql | DataDirectory | FileSystem.FileSystem | Path.Path

export interface TendarrOptions {
  /** The database and the file system, built once and released by `dispose`. */
  readonly database: Layer.Layer<Host, unknown>
  /** Kinds of integration beside those that Tendarr brings; made by `sealKind`. */
  readonly kinds?: ReadonlyArray<Kind>
  /** Whether schedules, health checks and the removal of what is due run by themselves. Default: `false`. */
  readonly background?: boolean
  /** Who acts, as it stands in every event. Default: `local`. */
  readonly actor?: string
  /** Where the key of the secrets is. Default: `tendarr.key` in the data directory, made when it is first needed. */
  readonly secretKey?: Partial<SecretKeyOptions>
}

export interface CallOptions {
  /** Aborting interrupts the call, and cancels the run that it waits for. */
  readonly signal?: AbortSignal
}

export interface SyncRunOptions extends CallOptions {
  /** Only these; all that are switched on by default. */
  readonly integrationIds?: ReadonlyArray<string>
}

export interface RunOptions extends CallOptions {
  /** Whether the integrations are read first; by default as the settings say. */
  readonly sync?: boolean
  /** Work everything out and write nothing. */
  readonly dryRun?: boolean
  /** Only these disk groups. */
  readonly diskGroupIds?: ReadonlyArray<string>
}

/** A run that has ended, with what it answered; `null` when it failed or was cancelled. */
export interface Ended<Report> {
  readonly run: Run
  readonly report: Report | null
}

export interface Tendarr extends Effect.Success<ReturnType<typeof open>> {}

export const Tendarr = {
  /** Opens the database, migrates it, and answers when everything is ready. */
  make: (options: TendarrOptions): Promise<Tendarr> => Effect.runPromise(open(options))
}

const open = Effect.fnUntraced(function* (options: TendarrOptions) {
  const services = ServicesOver.pipe(
    Layer.provideMerge(Layer.mergeAll(Kinds.layerWith(options.kinds ?? []), KyUpstreamDoor.layer)),
    Layer.provideMerge(options.database),
    Layer.provideMerge(Layer.succeed(SecretKeyOptions, { ...defaultSecretKeyOptions, ...options.secretKey })),
    Layer.provideMerge(Layer.succeed(Actor, options.actor ?? "local"))
  )
  const background = Layer.effectDiscard(startBackground).pipe(Layer.provideMerge(services))
  const runtime = ManagedRuntime.make(options.background === true ? background : services)
  const context = yield* runtime.contextEffect.pipe(Effect.onError(() => runtime.disposeEffect))
  type Services = ManagedRuntime.ManagedRuntime.Services<typeof runtime>

  const run = <A, E>(effect: Effect.Effect<A, E, Services>, signal?: AbortSignal): Promise<A> =>
    runtime.runPromise(effect, { signal })

  /** Checks what a caller gives before a service sees it: TypeScript's word is not enough for what decides on removals. */
  const write = <S extends Schema.ConstraintDecoder<unknown>, A, E>(
    schema: S,
    given: unknown,
    apply: (valid: S["Type"]) => Effect.Effect<A, E, Services>
  ) => run(Effect.flatMap(decodeRequest(schema)(given), apply))

  const job = <Report>(name: string, report: Schema.Codec<Report, unknown>, given: object, signal?: AbortSignal) =>
    run(
      Effect.gen(function* () {
        const jobs = yield* Jobs
        const { id } = yield* jobs.start(name, { options: given, startedBy: "person" })
        const ended = yield* jobs.await(id).pipe(Effect.onInterrupt(() => Effect.ignore(jobs.cancel(id))))
        const decoded = Schema.decodeUnknownResult(report)(ended.result)
        const answer: Ended<Report> = { run: ended, report: Result.isSuccess(decoded) ? decoded.success : null }
        return answer
      }),
      signal
    )

  return {
    /** Reads the integrations and makes the library what they say. */
    sync: ({ signal, ...given }: SyncRunOptions = {}) => job(syncJob, SyncReport, given, signal),
    /** What could go, ranked, with the reason for each. Writes nothing. */
    preview: (query: PreviewQuery = {}) => run(Preview.use((preview) => preview.page(query))),
    /** The main job: reads the stack, scores, and plans removals by the mode of each disk. */
    run: ({ signal, ...given }: RunOptions = {}) => job(capacityJob, PlanReport, given, signal),
    /** Why an item is where it is; also one that is gone. */
    explain: (itemId: string) => run(Explain.use((explain) => explain.item(itemId))),
    status: () => run(System.use((system) => system.status)),
    items: {
      list: (query: ItemQuery = {}) => run(Library.use((library) => library.page(query))),
      get: (id: string) => run(Library.use((library) => library.get(id)))
    },
    removals: {
      list: (query: RemovalQuery = {}) => run(Removals.use((all) => all.page(query))),
      get: (id: string) => run(Removals.use((all) => all.get(id))),
      /** Asks for the removal of an item. Protections, rules that always keep, dry-run and the brake bind it too. */
      request: (itemId: string) => run(Removals.use((all) => all.request(itemId))),
      approve: (id: string) => run(Removals.use((all) => all.approve(id))),
      reject: (id: string, until?: string) => run(Removals.use((all) => all.reject(id, until))),
      unsnooze: (id: string) => run(Removals.use((all) => all.unsnooze(id))),
      reschedule: (id: string, at: string) => run(Removals.use((all) => all.reschedule(id, at))),
      cancel: (id: string) => run(Removals.use((all) => all.cancel(id))),
      release: (id: string) => run(Removals.use((all) => all.release(id))),
      retry: (id: string) => run(Removals.use((all) => all.retry(id))),
      restore: (id: string) => run(Removals.use((all) => all.restore(id))),
      bulk: (action: BulkAction, ids: ReadonlyArray<string>) => run(Removals.use((all) => all.bulk(action, ids))),
      /** Removes what is due. With `background` this happens by itself. */
      carryOut: ({ signal }: CallOptions = {}) => job(removalsJob, ExecutionReport, {}, signal)
    },
    integrations: {
      list: () => run(Integrations.use((all) => all.list)),
      create: (draft: typeof NewIntegration.Encoded) =>
        write(NewIntegration, draft, (valid) => Integrations.use((all) => all.create(valid))),
      update: (id: string, patch: typeof IntegrationPatch.Encoded) =>
        write(IntegrationPatch, patch, (valid) => Integrations.use((all) => all.update(id, valid))),
      remove: (id: string) => run(Sync.use((sync) => sync.forget(id))),
      /** Asks the application who it is, and stores nothing. */
      test: (draft: typeof ConnectionTest.Encoded) =>
        write(ConnectionTest, draft, (valid) => Integrations.use((all) => all.test(valid)))
    },
    disks: {
      list: () => run(DiskGroups.use((disks) => disks.list)),
      update: (id: string, patch: typeof DiskGroupPatch.Encoded) =>
        write(DiskGroupPatch, patch, (valid) => DiskGroups.use((disks) => disks.update(id, valid))),
      /** Takes up planning again where it stopped because removals freed nothing. */
      resume: (id: string) => run(DiskGroups.use((disks) => disks.resume(id)))
    },
    rules: {
      list: () => run(Rules.use((rules) => rules.list)),
      create: (draft: typeof RuleDefinition.Encoded) =>
        write(RuleDefinition, draft, (valid) => Rules.use((rules) => rules.create(valid))),
      update: (id: string, patch: typeof RulePatch.Encoded) =>
        write(RulePatch, patch, (valid) => Rules.use((rules) => rules.update(id, valid))),
      remove: (id: string) => run(Rules.use((rules) => rules.remove(id)))
    },
    protections: {
      list: () => run(Protections.use((all) => all.list)),
      add: (draft: typeof NewProtection.Encoded) =>
        write(NewProtection, draft, (valid) => Protections.use((all) => all.add(valid))),
      remove: (id: string) => run(Protections.use((all) => all.remove(id)))
    },
    settings: {
      get: <G extends GroupName>(group: G) => run(Settings.use((all) => all.get(group))),
      patch: <G extends GroupName>(group: G, partial: unknown) => run(Settings.use((all) => all.patch(group, partial)))
    },
    events: {
      list: (query: EventQuery = {}) => run(EventLog.use((log) => log.page(query))),
      /** The log from `after` on and then live, until the loop over it is left. */
      stream: (from: EventStreamOptions = {}) => Stream.toAsyncIterable(Context.get(context, EventLog).stream(from))
    },
    /** Ends everything and closes the database. */
    dispose: () => runtime.dispose(),
    [Symbol.asyncDispose]: () => runtime.dispose()
  }
})
