/**
 * One server from its options to its end, the same on every runtime. A runtime brings its database driver and a way to
 * serve the routes.
 */
import { Console, Effect, FileSystem, Layer, type Path, type Scope } from "effect"
import type { SqlClient } from "effect/sql"
import { LocalSecret } from "../api/AuthorizationLive.ts"
import { Preview } from "../capacity/Preview.ts"
import { LoopbackListener } from "../sandbox/LoopbackListener.ts"
import { Sandbox } from "../sandbox/Sandbox.ts"
import { type Extensions, ServicesWith } from "../Services.ts"
import type { ConnectionsError } from "../storage/Connections.ts"
import type { DataDirectory, ReadSql } from "../storage/Database.ts"
import { StartAnew } from "../storage/Presence.ts"
import { ForSandbox } from "../storage/SandboxMark.ts"
import { SecretKeyOptions } from "../storage/SecretKeys.ts"
import { tellingStorageFaults } from "../storage/StorageFaults.ts"
import { RuntimeName } from "../system/System.ts"
import { type HeldFolder, holdFolder } from "./DataFolder.ts"
import type { CannotListen } from "./Listening.ts"
import { guardSandbox } from "./SandboxGuard.ts"
import type { ServeOptions } from "./ServeOptions.ts"
import { announcement, connectSandbox, firstSteps, prepareAccess, runMainJobOnce, startBackground } from "./Startup.ts"

export interface Runtime<HttpRequirements> {
  /** Name and version, for instance `node 24.1.0`. */
  readonly name: string
  readonly database: (
    folder: string,
    filename: string
  ) => Layer.Layer<SqlClient.SqlClient | ReadSql | DataDirectory, ConnectionsError, PlatformServices>
  /** Serves the routes until the scope closes; answers the address. */
  readonly listen: (options: ServeOptions) => Effect.Effect<string, CannotListen, Scope.Scope | HttpRequirements>
}

/** Everything the routes ask for, over the data directory. */
export const servedServices = <H>(
  runtime: Pick<Runtime<H>, "database" | "name">,
  held: { readonly path: string; readonly database: string; readonly localSecret: string },
  {
    sandbox,
    secretKey,
    startAnew = false
  }: Pick<ServeOptions, "sandbox" | "secretKey"> & Partial<Pick<ServeOptions, "startAnew">>,
  extensions: Extensions = {}
) => {
  const services = ServicesWith(extensions).pipe(
    Layer.provideMerge(runtime.database(held.path, held.database)),
    Layer.provideMerge(Layer.succeed(RuntimeName, runtime.name)),
    Layer.provideMerge(Layer.succeed(LocalSecret, held.localSecret)),
    Layer.provideMerge(Layer.succeed(SecretKeyOptions, secretKey)),
    Layer.provide([Layer.succeed(ForSandbox, sandbox !== null), Layer.succeed(StartAnew, startAnew)])
  )
  return sandbox === null
    ? services
    : Layer.merge(services, Sandbox.layer(sandbox).pipe(Layer.provide(LoopbackListener)))
}

/** Runs a server until it is interrupted. */
export const serve = <H>(runtime: Runtime<H>, options: ServeOptions, extensions: Extensions = {}) =>
  Effect.scoped(
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const folder = options.dataDir ?? (yield* files.makeTempDirectoryScoped({ prefix: "tendarr-" }))
      yield* guardSandbox(folder, options.sandbox !== null)
      const held = yield* holdFolder(folder)
      return yield* served(runtime, options, extensions, held).pipe(tellingStorageFaults(held.database))
    })
  )

const served = <H>(runtime: Runtime<H>, options: ServeOptions, extensions: Extensions, held: HeldFolder) =>
  Effect.gen(function* () {
    const services = yield* Layer.build(servedServices(runtime, held, options, extensions))
    yield* Effect.gen(function* () {
      const access = yield* prepareAccess(options)
      yield* connectSandbox()
      const url = yield* runtime.listen(options)
      yield* held.announce(url)
      yield* Console.log(announcement(url, access, options))
      yield* startBackground
      if (options.sandbox !== null) {
        yield* runMainJobOnce
        const preview = yield* Preview
        const { items } = yield* preview.page({ status: "planned", limit: 1 })
        yield* Console.log(firstSteps(url, access, options, items[0]?.itemId ?? "1"))
      }
      return yield* Effect.never
    }).pipe(Effect.provide(services))
  })

export type PlatformServices = FileSystem.FileSystem | Path.Path
