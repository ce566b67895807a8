/** A simulated stack on its own ports, to which no Tendarr is connected yet. */
import { LoopbackListener } from "@tendarr/core/sandbox/LoopbackListener"
import { Sandbox, type SandboxIntegration, type SandboxOptions } from "@tendarr/core/sandbox/Sandbox"
import { Layer, ManagedRuntime } from "effect"

export interface Stack {
  readonly app: (kind: string) => SandboxIntegration & { readonly secret: string }
  readonly stop: () => Promise<void>
}

export const startStack = async (options: SandboxOptions = { items: 40 }): Promise<Stack> => {
  const runtime = ManagedRuntime.make(Sandbox.layer(options).pipe(Layer.provide(LoopbackListener)))
  const { integrations } = await runtime.runPromise(Sandbox)
  return {
    app: (kind) => {
      const found = integrations.find((one) => one.kind === kind)
      if (found === undefined) throw new Error(`No ${kind} in the stack`)
      return { ...found, secret: Object.values(found.config)[0] ?? "" }
    },
    stop: () => runtime.dispose()
  }
}
