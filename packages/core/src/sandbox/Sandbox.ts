/**
 * A whole simulated stack behind real HTTP on loopback: one listener for each simulated application, all over one world.
 * `integrations` is what a user would type to connect to it.
 */
import { Context, Effect, Layer } from "effect"
import { sandboxApps } from "./apps/Apps.ts"
import { FaultBoard } from "./Faults.ts"
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

export interface SandboxOptions extends WorldOptions {
  /** Kinds to start; where absent those that make one whole stack. */
  readonly kinds?: ReadonlyArray<string>
  /** Port by kind; any free one where absent. */
  readonly ports?: Readonly<Record<string, number>>
  /** Path prefix by kind, as `/radarr`. */
  readonly urlBases?: Readonly<Record<string, string>>
}

/** A simulated application as a user would configure it. */
export interface SandboxIntegration {
  readonly kind: string
  readonly name: string
  readonly url: string
  readonly config: Readonly<Record<string, string>>
}

export class Sandbox extends Context.Service<
  Sandbox,
  {
    readonly world: SandboxWorld
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
        const integrations: Array<SandboxIntegration> = []
        for (const app of sandboxApps) {
          if (options.kinds === undefined ? app.onlyWhenNamed === true : !options.kinds.includes(app.kind)) continue
          const secret = secrets.fork(app.kind).hex(32)
          const urlBase = options.urlBases?.[app.kind]?.replace(/\/+$/, "") ?? ""
          const handler = hostApp(app, { world, faults: board, secret, urlBase }, run)
          const { port } = yield* listener.listen(options.ports?.[app.kind] ?? 0, handler)
          const url = `http://127.0.0.1:${port}${urlBase}`
          integrations.push({ kind: app.kind, name: app.name, url, config: app.config(secret) })
        }
        const faults = makeFaultControls(board)
        const controls = makeControls(world, board)
        return { world, integrations, faults, controls, handler: controlHandler(controls, faults, run) }
      })
    )
}
