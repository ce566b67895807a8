/** Starts the simulated stack in a server. Imported only on demand: it is the largest folder of core. */
import { Context, Effect, Layer } from "effect"
import { sandboxMount } from "../api/SandboxMount.ts"
import { Integrations } from "../integrations/Integrations.ts"
import { LoopbackListener } from "../sandbox/LoopbackListener.ts"
import { Sandbox, type SandboxApplication } from "../sandbox/Sandbox.ts"
import type { SandboxStart } from "./ServeOptions.ts"

/** Starts the applications and connects them. Returns the mount of their controls. */
export const startSandbox = Effect.fn("SandboxServing.start")(function* (options: SandboxStart) {
  const started = yield* Layer.build(Sandbox.layer(options).pipe(Layer.provide(LoopbackListener)))
  yield* Effect.provideContext(connectSandbox(), started)
  return sandboxMount(Context.get(started, Sandbox))
})

/** Connects the simulated applications; their ports change at each start. */
export const connectSandbox = Effect.fn("SandboxServing.connect")(function* () {
  const { applications } = yield* Sandbox
  const integrations = yield* Integrations
  const known = yield* integrations.list
  const ids = new Map<string, string>()
  const connect = Effect.fnUntraced(function* ({ app, integration, mediaServer }: SandboxApplication) {
    const { config, name, url } = integration
    const before = known.find((candidate) => candidate.name === name)
    const mediaServerId = mediaServer === null ? undefined : ids.get(mediaServer)
    const options = mediaServerId === undefined ? {} : { options: { mediaServerId } }
    const { id } = yield* before === undefined
      ? integrations.create({ ...integration, ...options })
      : integrations.update(before.id, { url, config, ...options })
    ids.set(app, id)
  })
  // A new port may be the former port of an application that has not been updated yet.
  const later: Array<SandboxApplication> = []
  for (const application of applications) {
    yield* Effect.catchTag(connect(application), "AlreadyConnected", () =>
      Effect.sync(() => void later.push(application))
    )
  }
  yield* Effect.forEach(later, connect, { discard: true })
})
