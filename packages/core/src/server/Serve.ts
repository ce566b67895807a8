/** A server from its options to its end, the same on every runtime. */
import { Console, Context, Deferred, Effect, FileSystem, Layer, Path } from "effect"
import { PresetDialectKeys } from "../access/DialectKeys.ts"
import { LocalSecret } from "../api/Admission.ts"
import type { Mount } from "../api/Mount.ts"
import { type CannotMount, makeMountTable, type MountTable } from "../api/MountTable.ts"
import { nativeMount } from "../api/NativeMount.ts"
import { ImageResizer } from "../artwork/ImageResizer.ts"
import { Preview } from "../capacity/Preview.ts"
import type { ApiKeyNameTaken, ApiKeyNotFound } from "../access/AccessErrors.ts"
import type { AlreadyConnected, IntegrationNameTaken, IntegrationNotFound } from "../integrations/Integration.ts"
import type { SecretReuseRefused } from "../integrations/SecretReuse.ts"
import type { JobNotFound, JobSubjectNotFound, RunNotFound, RunQueuedOtherwise } from "../jobs/JobErrors.ts"
import { Snapshots } from "../library/Snapshots.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import type { VersionConflict } from "../problems/VersionConflict.ts"
import type { RulesUnreadable } from "../rules/Rules.ts"
import { type Extensions, type ServicesFailed, ServicesWith } from "../Services.ts"
import type { ConnectionsError } from "../storage/Connections.ts"
import { StartAnew } from "../storage/Presence.ts"
import { ForSandbox } from "../storage/SandboxMark.ts"
import { RoomTables } from "../storage/RoomTables.ts"
import { SecretKeyOptions } from "../storage/SecretKeys.ts"
import { withStorageFaults } from "../storage/StorageFaults.ts"
import { Dialects } from "../system/Dialects.ts"
import { RuntimeName } from "../system/System.ts"
import { type DataDirectoryBusy, type DataDirectoryUnusable, type HeldFolder, holdFolder } from "./DataFolder.ts"
import { type Dialect, serveDialects } from "./DialectServing.ts"
import { type CannotListen, gracePeriod } from "./Listening.ts"
import { makeMounts, type MountPlace, Mounts, type MountServices, type ServedServices } from "./Mounts.ts"
import type { Runtime } from "./Runtime.ts"
import { guardSandbox, type NotForSandbox, type OnlyForSandbox } from "./SandboxGuard.ts"
import type { ServeOptions } from "./ServeOptions.ts"
import { withTelemetry } from "./Telemetry.ts"
import type { TelemetryMisconfigured } from "./Telemetry/Environment.ts"
import { type Access, announcement, firstSteps, prepareAccess, runMainJobsOnce, startBackground } from "./Startup.ts"

export interface ServeExtensions extends Extensions {
  /** APIs of other products, each of which the settings or a flag switch on. The runtimes pass the built-in ones. */
  readonly dialects?: ReadonlyArray<Dialect>
  /** Mounts besides the native API that are on from the start. */
  readonly mounts?: ReadonlyArray<{ readonly mount: Mount<MountServices>; readonly place?: MountPlace }>
}

/** Why a server does not start, or ends. */
export type ServeFailed =
  | ServicesFailed
  | ConnectionsError
  | AlreadyConnected
  | ApiKeyNameTaken
  | ApiKeyNotFound
  | CannotListen
  | CannotMount
  | DataDirectoryBusy
  | DataDirectoryUnusable
  | IntegrationNameTaken
  | IntegrationNotFound
  | InvalidRequest
  | JobNotFound
  | JobSubjectNotFound
  | NotForSandbox
  | OnlyForSandbox
  | RulesUnreadable
  | RunNotFound
  | RunQueuedOtherwise
  | SecretReuseRefused
  | TelemetryMisconfigured
  | VersionConflict

/** All services that mounts need, over the data directory. */
export const servedServices = (
  runtime: Pick<Runtime, "database" | "http" | "images" | "name">,
  held: { readonly path: string; readonly database: string; readonly localSecret: string },
  {
    dialectKeys = {},
    sandbox,
    secretKey,
    startAnew = false
  }: Pick<ServeOptions, "sandbox" | "secretKey"> & Partial<Pick<ServeOptions, "startAnew" | "dialectKeys">>,
  extensions: Extensions = {}
): Layer.Layer<ServedServices, ServicesFailed | ConnectionsError, FileSystem.FileSystem | Path.Path> =>
  ServicesWith(extensions).pipe(
    Layer.provideMerge(runtime.database(held.path, held.database)),
    Layer.provideMerge(runtime.http),
    Layer.provideMerge(platform),
    Layer.provideMerge(Layer.succeed(RuntimeName, runtime.name)),
    Layer.provideMerge(Layer.succeed(LocalSecret, held.localSecret)),
    Layer.provideMerge(Layer.succeed(SecretKeyOptions, secretKey)),
    Layer.provide([
      Layer.succeed(ImageResizer, runtime.images),
      Layer.succeed(ForSandbox, sandbox !== null),
      Layer.succeed(PresetDialectKeys, dialectKeys),
      Layer.succeed(StartAnew, startAnew),
      // A staged restore is examined before the services are built.
      Layer.succeed(RoomTables)(extensions.tables ?? [])
    ])
  )

/**
 * The platform services of the program, for the mounts too. Nothing else of its context is passed on, in particular not
 * its scope.
 */
const platform = Layer.effectContext(
  Effect.map(Effect.context<FileSystem.FileSystem | Path.Path>(), Context.pick(FileSystem.FileSystem, Path.Path))
)

/** Runs a server until it is interrupted. */
export const serve = (
  runtime: Runtime,
  options: ServeOptions,
  extensions: ServeExtensions = {}
): Effect.Effect<void, ServeFailed, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const folder = options.dataDir ?? (yield* files.makeTempDirectoryScoped({ prefix: "tendarr-" }))
    yield* guardSandbox(folder, options.sandbox !== null)
    const held = yield* holdFolder(folder)
    return yield* served(runtime, options, extensions, held).pipe(withStorageFaults(held.database))
  }).pipe(withTelemetry, Effect.scoped)

const served = (runtime: Runtime, options: ServeOptions, extensions: ServeExtensions, held: HeldFolder) =>
  Effect.gen(function* () {
    const { basePath } = options
    const services = yield* Layer.build(servedServices(runtime, held, options, extensions))
    yield* Effect.gen(function* () {
      const access = yield* prepareAccess(options)
      const table = yield* makeMountTable<MountServices>({ basePath, gracePeriod })
      const url = yield* Deferred.make<string>()
      const mounts = yield* makeMounts(runtime, table, Deferred.await(url))
      yield* opened({ runtime, options, extensions, held, access, table, url }).pipe(
        Effect.provideService(Mounts, mounts)
      )
    }).pipe(Effect.provide(services))
  })

interface Opening {
  readonly runtime: Runtime
  readonly options: ServeOptions
  readonly extensions: ServeExtensions
  readonly held: HeldFolder
  readonly access: Access
  readonly table: MountTable<MountServices>
  readonly url: Deferred.Deferred<string>
}

/** Lives from the first mount to the last request. */
const opened = Effect.fnUntraced(function* ({ access, extensions, held, options, runtime, table, url }: Opening) {
  const { basePath, host, port, sandbox } = options
  yield* table.attach(nativeMount)
  if (sandbox !== null) {
    const { startSandbox } = yield* Effect.promise(() => import("./SandboxServing.ts"))
    yield* table.attach(yield* startSandbox(sandbox))
  }
  const address = `${yield* runtime.listen({ host, port, mount: null }, table)}${basePath}`
  yield* Deferred.succeed(url, address)
  const mounts = yield* Mounts
  yield* Effect.forEach(extensions.mounts ?? [], ({ mount, place }) => mounts.start(mount, place), { discard: true })
  yield* serveDialects({ dialects: extensions.dialects ?? [], flags: options.dialects, host })
  yield* held.announce(address)
  const dialects = yield* (yield* Dialects).list
  yield* Console.log(announcement(address, access, options, dialects))
  yield* runtime.settle
  yield* Snapshots.use((snapshots) => snapshots.onDropped(runtime.collect))
  yield* startBackground
  if (sandbox !== null) {
    yield* runMainJobsOnce
    const preview = yield* Preview
    const { items } = yield* preview.page({ status: "planned", limit: 1 })
    yield* Console.log(firstSteps(address, access, options, items[0]?.itemId ?? "1"))
  }
  return yield* Effect.never
})
