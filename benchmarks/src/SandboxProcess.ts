/** The simulated stack in a separate process, so that its memory and work do not count as the server's. */
import { LoopbackListener } from "@tendarr/core/sandbox/LoopbackListener"
import { Sandbox } from "@tendarr/core/sandbox/Sandbox"
import { Effect, Layer } from "effect"

const items = Number(process.argv[2])

Effect.runFork(
  Effect.scoped(
    Effect.gen(function* () {
      const { controls, integrations } = yield* Sandbox
      process.on("message", () => {
        Effect.runPromise(controls.state).then(
          ({ calls }) => process.send?.(Object.values(calls).reduce((sum, count) => sum + count, 0)),
          () => process.exit(1)
        )
      })
      process.on("disconnect", () => process.exit(0))
      console.log(JSON.stringify(integrations))
      return yield* Effect.never
    })
  ).pipe(Effect.provide(Sandbox.layer({ items }).pipe(Layer.provide(LoopbackListener))))
)
