/** Locks the given data directory until it is killed, like a server at its start; prints `held`, or why it failed. */
import { NodeServices } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { holdFolder } from "../../../src/server/DataFolder.ts"

const main = Effect.scoped(
  Effect.gen(function* () {
    yield* holdFolder(process.argv[2] ?? "")
    yield* Console.log("held")
    return yield* Effect.never
  })
).pipe(
  Effect.catch((error) =>
    Effect.andThen(
      Console.error(error.message),
      Effect.sync(() => process.exit(1))
    )
  )
)

Effect.runFork(main.pipe(Effect.provide(NodeServices.layer)))
// Nothing else keeps the process running.
setInterval(() => {}, 60_000)
