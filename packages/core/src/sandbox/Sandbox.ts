/**
 * A complete simulated stack behind real HTTP on loopback: one listener per simulated application, all over one world.
 * `integrations` is what a user would enter to connect to it.
 */
import { Context, Effect, Layer } from "effect"
import type { SandboxApp } from "./apps/SandboxApp.ts"
import { FaultBoard } from "./Faults.ts"
import { chooseInstances, mediaServersOf, requestsOf } from "./Instances.ts"
import { Listener } from "./Listener.ts"
import {
  controlHandler,
  type FaultControls,
  makeControls,
  makeFaultControls,
  type SandboxControls
} from "./SandboxControls.ts"
import { hostApp } from "./SandboxHost.ts"
import { SandboxWorld } from "./SandboxWorld.ts"
import { SeededRandom } from "./world/SeededRandom.ts"
import type { WorldOptions } from "./world/WorldModel.ts"

export type { FaultControls, SandboxControls } from "./SandboxControls.ts"
export type { SandboxWorld } from "./SandboxWorld.ts"

export interface SandboxOptions extends WorldOptions {
  /**
   * Applications to start, by kind (`radarr`) or by id if one kind supports several (`whisparr-v2`); `all` means
   * one of each. A name that occurs twice is started twice. Default: one complete stack.
   */
  readonly kinds?: ReadonlyArray<string>
  /** Additional simulated applications. */
  readonly apps?: ReadonlyArray<SandboxApp>
  /** Port by application: `radarr`, `radarr-2` for the second; any free port by default. */
  readonly ports?: Readonly<Record<string, number>>
  /** Path prefix by application, such as `/radarr`. */
  readonly urlBases?: Readonly<Record<string, string>>
}

/** A simulated application as a user would configure it. */
export interface SandboxIntegration {
  readonly kind: string
  readonly name: string
  readonly url: string
  readonly config: Readonly<Record<string, string>>
}

/** A simulated application as the sandbox knows it. */
export interface SandboxApplication {
  /** Its name in faults, state and journal: `radarr`, `radarr-2` for the second. */
  readonly app: string
  readonly integration: SandboxIntegration
  /** The `app` of the media server whose plays it records, if there are several; `null` if there is no choice. */
  readonly mediaServer: string | null
}

export class Sandbox extends Context.Service<
  Sandbox,
  {
    readonly world: SandboxWorld
    readonly applications: ReadonlyArray<SandboxApplication>
    /** Those of the applications, in their order. */
    readonly integrations: ReadonlyArray<SandboxIntegration>
    readonly faults: FaultControls
    readonly controls: SandboxControls
    /** The controls over HTTP; mounted by the server, which protects them. */
    readonly handler: (request: Request) => Promise<Response>
  }
>()("tendarr/sandbox/Sandbox") {
  static readonly layer = (options: SandboxOptions = {}): Layer.Layer<Sandbox, never, Listener> =>
    Layer.effect(
      Sandbox,
      Effect.gen(function* () {
        const listener = yield* Listener
        const run = Effect.runPromiseWith(yield* Effect.context())
        const world = yield* SandboxWorld.make(options)
        const board = new FaultBoard()
        const secrets = new SeededRandom(`${options.seed ?? "tendarr"}/secrets`)
        const applications: Array<SandboxApplication> = []
        const instances = chooseInstances(options.kinds, options.apps)
        const mediaServers = mediaServersOf(world, instances)
        for (const instance of instances) {
          const { app, id, name, number } = instance
          const secret = secrets.fork(id).hex(32)
          const urlBase = options.urlBases?.[id]?.replace(/\/+$/, "") ?? ""
          const requests = requestsOf(world, instances, instance)
          const context = { world, number, mediaServers, requests, faults: board, secret, urlBase }
          const handler = hostApp(app, id, context, run)
          const { port } = yield* listener.listen(options.ports?.[id] ?? 0, handler)
          const mediaServer = mediaServers.length > 1 ? (app.keepsPlaysOf?.(context)?.id ?? null) : null
          const url = `http://127.0.0.1:${port}${urlBase}`
          const integration = { kind: app.kind, name, url, config: app.config(secret, context) }
          applications.push({ app: id, integration, mediaServer })
        }
        const faults = makeFaultControls(board)
        const controls = makeControls(world, board)
        const integrations = applications.map(({ integration }) => integration)
        return { world, applications, integrations, faults, controls, handler: controlHandler(controls, faults, run) }
      })
    )
}
