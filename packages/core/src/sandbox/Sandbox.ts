/**
 * A whole simulated stack behind real HTTP on loopback: one listener for each simulated application, all over one world.
 * `integrations` is what a user would type to connect to it.
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
   * Applications to start, by kind (`radarr`) or by id where one kind reads several (`whisparr-v2`); `all` stands for one
   * of each. What is named twice is started twice. Where absent those that make one whole stack.
   */
  readonly kinds?: ReadonlyArray<string>
  /** Simulated applications of one's own, started beside those. */
  readonly apps?: ReadonlyArray<SandboxApp>
  /** Port by application: `radarr`, `radarr-2` for the second; any free one where absent. */
  readonly ports?: Readonly<Record<string, number>>
  /** Path prefix by application, as `/radarr`. */
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
  /** What faults, state and journal call it: `radarr`, `radarr-2` for the second. */
  readonly app: string
  readonly integration: SandboxIntegration
  /** Of several media servers the one whose plays it keeps, as its `app`; `null` where there is nothing to choose. */
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
    /** The controls over HTTP; mounted by the server, which guards them. */
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
