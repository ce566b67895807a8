/** `tendarr serve`: runs the server. */
import { withSecretFiles } from "@tendarr/core/server/SecretFiles"
import { serveOptions } from "@tendarr/core/server/ServeOptions"
import { Effect, Option, References, Result } from "effect"
import { Command, Flag, GlobalFlag } from "effect/cli"
import { exitCodes, misused, toFailure } from "../Failure.ts"
import { root, textFlag, toggle } from "../Root.ts"

export const serve = Command.make(
  "serve",
  {
    host: textFlag("host", "ADDRESS", "Address to listen on (TENDARR_HOST, default 127.0.0.1)"),
    port: textFlag("port", "PORT", "Port to listen on, 0 = any free one (TENDARR_PORT, default 8787)"),
    basePath: textFlag(
      "base-path",
      "PATH",
      "Path under which a proxy passes requests on, as /tendarr (TENDARR_BASE_PATH)"
    ),
    sandbox: toggle("sandbox", "Serve a simulated stack, to look around"),
    items: Flag.String("sandbox-items").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription("Items of the simulated library (default 400)"),
      Flag.optional
    ),
    seed: textFlag("sandbox-seed", "TEXT", "Another text gives another simulated library"),
    apps: textFlag("sandbox-apps", "LIST", "Applications to simulate, as radarr,radarr,plex, or all for one of each"),
    keyFile: textFlag("key-file", "FILE", "Key of the secrets in the database (TENDARR_KEY_FILE)"),
    renewKey: toggle("renew-key", "Put a new key above the old one, and seal all secrets with it"),
    forgetSecrets: toggle("forget-secrets", "Start without the secrets that no key opens, to enter them again"),
    startAnew: toggle("start-anew", "Make a new database where one was lost and its key or its backups are left")
  },
  Effect.fnUntraced(function* (input) {
    const shared = yield* root
    if (Option.isSome(shared.url) || Option.isSome(shared.apiKey)) {
      return yield* misused(
        "serve takes neither --url nor --api-key",
        "TENDARR_API_KEY presets an admin key; --host and --port say where to listen."
      )
    }
    const environment = yield* Effect.catch(withSecretFiles(process.env), ({ message }) => misused(message))
    const options = serveOptions(
      {
        host: Option.getOrUndefined(input.host),
        port: Option.getOrUndefined(input.port),
        "base-path": Option.getOrUndefined(input.basePath),
        "data-dir": Option.getOrUndefined(shared.dataDir),
        sandbox: input.sandbox,
        "sandbox-items": Option.getOrUndefined(input.items),
        "sandbox-seed": Option.getOrUndefined(input.seed),
        "sandbox-apps": Option.getOrUndefined(input.apps),
        "key-file": Option.getOrUndefined(input.keyFile),
        "renew-key": input.renewKey,
        "forget-secrets": input.forgetSecrets,
        "start-anew": input.startAnew
      },
      environment
    )
    if (Result.isFailure(options)) return yield* misused(options.failure.message)
    const server = yield* Effect.promise(() => import("@tendarr/http-node"))
    const level = yield* GlobalFlag.LogLevel
    yield* server.serve(options.success).pipe(
      // A server says more than a command does, unless it is told otherwise.
      Effect.provideService(
        References.MinimumLogLevel,
        Option.getOrElse(level, () => "Info" as const)
      ),
      // A signal is the normal way to stop a server.
      Effect.onInterrupt(() =>
        Effect.sync(() => {
          process.exitCode = exitCodes.ok
        })
      ),
      Effect.mapError((error) => toFailure(error, "the server"))
    )
  })
).pipe(
  Command.withDescription("Run the server"),
  Command.withExamples([
    { command: "tendarr serve --sandbox", description: "Look around in a simulated stack" },
    { command: "tendarr serve --data-dir /srv/tendarr --host 0.0.0.0", description: "Serve the network" }
  ])
)
