/** Starts the simulated stack in a server. Imported only on demand: it is the largest folder of core. */
import { Context, Effect, Layer, Schema } from "effect"
import { sandboxMount } from "../api/SandboxMount.ts"
import { Downloads } from "../downloads/Downloads.ts"
import { DownloadsSettings } from "../downloads/DownloadsSettings.ts"
import { Integrations } from "../integrations/Integrations.ts"
import { RuleDefinition } from "../rules/Rule.ts"
import { Rules } from "../rules/Rules.ts"
import { LoopbackListener } from "../sandbox/LoopbackListener.ts"
import { Sandbox, type SandboxApplication } from "../sandbox/Sandbox.ts"
import { Settings } from "../settings/Settings.ts"
import type { SandboxStart } from "./ServeOptions.ts"

/** Starts the applications and connects them. Returns the mount of their controls. */
export const startSandbox = Effect.fn("SandboxServing.start")(function* (options: SandboxStart) {
  const started = yield* Layer.build(Sandbox.layer(options).pipe(Layer.provide(LoopbackListener)))
  const isNew = (yield* Integrations.use((integrations) => integrations.list)).length === 0
  yield* Effect.provideContext(connectSandbox(), started)
  if (isNew) yield* tendDownloads
  return sandboxMount(Context.get(started, Sandbox))
})

/** Lets rules clean the simulated download clients, with a rule that finds something at once, if there is anything. */
const tendDownloads = Effect.gen(function* () {
  const downloads = yield* Downloads
  yield* downloads.poll
  if (!(yield* downloads.current).some(({ faults }) => faults.some(({ kind }) => kind === "metadata"))) return
  yield* Settings.use((settings) => settings.patch(DownloadsSettings, { cleaning: true }))
  yield* Rules.use((rules) =>
    rules.create(
      ruleOf({
        subject: "download",
        name: "Magnets that nobody has",
        effect: "strike",
        condition: { kind: "condition", field: "faults", operator: "contains", value: "metadata" },
        action: { type: "strike" }
      })
    )
  )
}).pipe(Effect.orDie)

const ruleOf = Schema.decodeUnknownSync(RuleDefinition)

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
