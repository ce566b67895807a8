/**
 * The entry point of a server process: parses arguments, prints errors as one line, and shuts down cleanly on a signal.
 */
import { Cause, Console, Effect, Exit, type FileSystem, Result, Runtime } from "effect"
import { type Environment, withSecretFiles } from "./SecretFiles.ts"
import { parseServeArguments, type ServeOptions, serveUsage } from "./ServeOptions.ts"

/** The exit code of a process. Usage errors exit with 2, as in shells. */
export const runServer = <E, R>(
  argv: ReadonlyArray<string>,
  env: Environment,
  serve: (options: ServeOptions) => Effect.Effect<unknown, E, R>
): Effect.Effect<void, never, R | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const options = Result.flatMap(yield* Effect.result(withSecretFiles(env)), (whole) =>
      parseServeArguments(argv, whole)
    )
    if (Result.isFailure(options)) {
      yield* Console.error(`${options.failure.message}\n${serveUsage}`)
      return yield* exitWith(2)
    }
    if (options.success === "help") return yield* Console.log(serveUsage)
    // Files in the data directory are accessible only to their owner.
    yield* Effect.sync(() => process.umask(0o077))
    yield* serve(options.success).pipe(
      Effect.catchCause((cause) =>
        // A signal is the normal way to stop a server.
        Cause.hasInterruptsOnly(cause)
          ? Effect.void
          : Effect.andThen(Console.error(`tendarr: ${firstMessage(cause)}`), exitWith(1))
      )
    )
  })

/**
 * Exit code of the process: a server that is stopped by a signal ends successfully, unless an error occurs during the
 * shutdown.
 */
export const teardown: Runtime.Teardown = (exit, onExit) => {
  if (Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)) return onExit(Number(process.exitCode ?? 0))
  if (Exit.isFailure(exit)) process.stderr.write(`tendarr: it did not stop cleanly: ${Cause.pretty(exit.cause)}\n`)
  Runtime.defaultTeardown(exit, onExit)
}

/** One line for expected errors; the whole cause for unexpected ones. */
const firstMessage = (cause: Cause.Cause<unknown>): string => {
  const found = cause.reasons.find(Cause.isFailReason)?.error
  return found instanceof Error ? found.message : Cause.pretty(cause)
}

const exitWith = (code: number) =>
  Effect.sync(() => {
    process.exitCode = code
  })
