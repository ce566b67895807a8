/** A simulated stack in a separate process, at the usual ports, until it is stopped. Prints its integrations as JSON. */
import { Effect, Layer } from "effect"
import { Kinds } from "../../packages/core/src/integrations/Kinds.ts"
import { LoopbackListener } from "../../packages/core/src/sandbox/LoopbackListener.ts"
import { Sandbox } from "../../packages/core/src/sandbox/Sandbox.ts"

const kinds = await Effect.runPromise(Kinds.use((all) => all.list).pipe(Effect.provide(Kinds.layer)))
const ports = Object.fromEntries(kinds.map(({ discovery, id }) => [id, discovery?.defaultPort ?? 0]))
const chosen = ["radarr", "sonarr", "plex", "seerr"]

await Effect.runPromise(
  Effect.scoped(
    Effect.gen(function* () {
      const sandbox = yield* Layer.build(
        Sandbox.layer({ items: 120, seed: "first-run", ports, kinds: chosen }).pipe(Layer.provide(LoopbackListener))
      )
      const { integrations } = yield* Effect.provide(Sandbox, sandbox)
      process.stdout.write(`${JSON.stringify(integrations)}\n`)
      yield* Effect.never
    })
  )
)
