/** Entry point of the `tendarr` command. */
// Compiles schemas on first use; must be imported before any of them.
import "effect/schema/SchemaJITCompiler/enable"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Exit } from "effect"
import { runCommandLine } from "./Command.ts"

// Files in a data directory are accessible only to their owner.
process.umask(0o077)

// The reader of the output may exit before everything is written (`tendarr preview | head`); that is not an error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error
    process.exit(0)
  })
}

/** As in shells: 128 plus the number of SIGINT. */
const interrupted = 130

runCommandLine(process.argv.slice(2)).pipe(
  Effect.tap((code) =>
    Effect.sync(() => {
      process.exitCode = code
    })
  ),
  Effect.provide(NodeServices.layer),
  (main) =>
    NodeRuntime.runMain(main, {
      disableErrorReporting: true,
      // A command that was interrupted cleanly has set its exit code.
      teardown: (exit, onExit) => onExit(Exit.hasInterrupts(exit) ? Number(process.exitCode ?? interrupted) : 0)
    })
)
