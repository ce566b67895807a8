/** Entry point of the `tendarr` command. */
// Schemas are compiled when they are first used; it has to come before any of them.
import "effect/schema/SchemaJITCompiler/enable"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Exit } from "effect"
import { runCommandLine } from "./Command.ts"

// What is written into a data directory is for its owner alone.
process.umask(0o077)

// Who reads the output may go before it is all written (`tendarr preview | head`); that is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error
    process.exit(0)
  })
}

/** As the shell has it: 128 and the number of SIGINT. */
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
      // A command that was interrupted in good order has set its code.
      teardown: (exit, onExit) => onExit(Exit.hasInterrupts(exit) ? Number(process.exitCode ?? interrupted) : 0)
    })
)
