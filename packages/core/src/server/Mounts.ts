/** Switches mounts on and off while a server runs: on the port of the native API, or on ports of their own. */
import { Context, Effect, Ref, Scope } from "effect"
import type { Mount } from "../api/Mount.ts"
import { type CannotMount, makeMountTable, type MountTable } from "../api/MountTable.ts"
import { type CannotListen, gracePeriod } from "./Listening.ts"
import type { Host, TendarrServices } from "../Services.ts"
import type { HttpServices, Runtime } from "./Runtime.ts"

/** What a server provides besides the mounts. */
export type ServedServices = TendarrServices | Host | HttpServices

/** Services that a mount may use. */
export type MountServices = ServedServices | Mounts

/** Where a mount is served. */
export type MountPlace =
  /** On the port of the native API, below its prefix. */
  | "shared"
  /** On a port of its own, without its prefix. Port 0 = any free port. */
  | { readonly host: string; readonly port: number; readonly basePath?: string }

export interface RunningMount {
  readonly name: string
  readonly url: string
}

export interface MountsShape {
  /** Loads a mount and serves it until the scope closes; returns its address. */
  readonly start: (
    mount: Mount<MountServices>,
    place?: MountPlace
  ) => Effect.Effect<string, CannotMount | CannotListen, Scope.Scope>
  /** Mounts that are switched on, in order of activation. */
  readonly running: Effect.Effect<ReadonlyArray<RunningMount>>
}

export class Mounts extends Context.Service<Mounts, MountsShape>()("tendarr/server/Mounts") {}

export const makeMounts = Effect.fnUntraced(function* (
  runtime: Pick<Runtime, "listen">,
  shared: MountTable<MountServices>,
  /** Address of the shared port with its base path, once it listens. */
  sharedUrl: Effect.Effect<string>
) {
  // Includes this service itself, because a mount may switch other mounts.
  const context = yield* Effect.context<Exclude<MountServices, Mounts>>()
  const running = yield* Ref.make<ReadonlyArray<RunningMount>>([])

  const open = Effect.fnUntraced(function* (mount: Mount<MountServices>, place: MountPlace) {
    if (place === "shared") {
      yield* shared.attach(mount)
      return `${yield* sharedUrl}${mount.prefix}`
    }
    const { basePath = "", host, port } = place
    const table = yield* makeMountTable<MountServices>({ basePath, gracePeriod })
    yield* table.attach({ ...mount, prefix: "" })
    return `${yield* runtime.listen({ host, port, mount: mount.name }, table)}${basePath}`
  })

  const mounts: MountsShape = {
    start: Effect.fn("Mounts.start")(function* (mount, place = "shared") {
      const scope = yield* Effect.scope
      // Used instead of the caller's context: the context of a request would otherwise become that of every request of
      // the mount.
      const own = Context.add(Context.add(context, Mounts, mounts), Scope.Scope, scope)
      const url = yield* Effect.updateContext(open(mount, place), (_: Context.Context<never>) => own)
      const entry: RunningMount = { name: mount.name, url }
      yield* Effect.acquireRelease(
        Ref.update(running, (all) => [...all, entry]),
        () => Ref.update(running, (all) => all.filter((other) => other !== entry))
      )
      return url
    }),
    running: Ref.get(running)
  }
  return mounts
})
