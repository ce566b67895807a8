/** A data directory without a server that is connected to a sandbox in this process. */
import { rm } from "node:fs/promises"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Integrations } from "@tendarr/core/integrations/Integrations"
import { LoopbackListener } from "@tendarr/core/sandbox/LoopbackListener"
import { Sandbox } from "@tendarr/core/sandbox/Sandbox"
import { holdFolder } from "@tendarr/core/server/DataFolder"
import { servedServices } from "@tendarr/core/server/Serve"
import { defaultSecretKeyOptions } from "@tendarr/core/storage/SecretKeys"
import { Settings } from "@tendarr/core/settings/Settings"
import { builtInSettings } from "@tendarr/core/system/BuiltInSettings"
import { node } from "@tendarr/http-node"
import { Effect, Layer, ManagedRuntime } from "effect"
import { temporaryFolder } from "./Cli.ts"

export interface LocalFolder {
  readonly path: string
  readonly sandbox: Sandbox["Service"]
  readonly stop: () => Promise<void>
}

/**
 * New disks are in mode auto, and approved removals are due a second later. With a `maxDisappearance` of 0 the
 * loss of a single entry holds a sync.
 */
export const localFolder = async (items = 60, maxDisappearance = 0.2): Promise<LocalFolder> => {
  const path = await temporaryFolder()
  const runtime = ManagedRuntime.make(Sandbox.layer({ items }).pipe(Layer.provide(LoopbackListener)))
  const sandbox = await runtime.runPromise(Sandbox)
  const prepare = Effect.gen(function* () {
    const held = yield* holdFolder(path)
    const services = yield* Layer.build(
      servedServices(node, held, { sandbox: null, secretKey: defaultSecretKeyOptions })
    )
    yield* Effect.gen(function* () {
      const settings = yield* Settings
      yield* settings.patch(builtInSettings.capacity, { defaultMode: "auto" })
      yield* settings.patch(builtInSettings.removals, { delaySeconds: 1, spacingSeconds: 0 })
      yield* settings.patch(builtInSettings.library, {
        maxDisappearance,
        minDisappearance: maxDisappearance === 0 ? 1 : 10
      })
      const integrations = yield* Integrations
      yield* Effect.forEach(sandbox.integrations, (simulated) => integrations.create(simulated))
    }).pipe(Effect.provide(services))
  })
  await Effect.runPromise(Effect.scoped(prepare).pipe(Effect.provide(NodeServices.layer)))
  return {
    path,
    sandbox,
    stop: async () => {
      await runtime.dispose()
      await rm(path, { recursive: true, force: true })
    }
  }
}
