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
      "Path under which a proxy forwards requests, such as /tendarr (TENDARR_BASE_PATH)"
    ),
    dialects: textFlag(
      "dialects",
      "LIST",
      "APIs of other products to serve too, such as prunerr or prunerr=3000, or all (TENDARR_DIALECTS)"
    ),
    sandbox: toggle("sandbox", "Serve a simulated stack, to try Tendarr out"),
    items: Flag.String("sandbox-items").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription("Items of the simulated library (default 400)"),
      Flag.optional
    ),
    seed: textFlag("sandbox-seed", "TEXT", "Seed of the simulated library; another text gives another library"),
    apps: textFlag(
      "sandbox-apps",
      "LIST",
      "Applications to simulate, such as radarr,radarr,plex, or all for one of each"
    ),
    keyFile: textFlag("key-file", "FILE", "File with the key of the secrets in the database (TENDARR_KEY_FILE)"),
    renewKey: toggle("renew-key", "Put a new key above the old one in the key file, and seal all secrets with it"),
    forgetSecrets: toggle("forget-secrets", "Start without the secrets that no key can open, to enter them again"),
    startAnew: toggle("start-anew", "Create a new database although one was lost and its key or its backups are left")
  },
  Effect.fnUntraced(function* (input) {
    const shared = yield* root
    if (Option.isSome(shared.url) || Option.isSome(shared.apiKey)) {
      return yield* misused(
        "serve accepts neither --url nor --api-key",
        "TENDARR_API_KEY presets an admin key; --host and --port set where to listen."
      )
    }
    const environment = yield* Effect.catch(withSecretFiles(process.env), ({ message }) => misused(message))
    const options = serveOptions(
      {
        host: Option.getOrUndefined(input.host),
        port: Option.getOrUndefined(input.port),
        "base-path": Option.getOrUndefined(input.basePath),
        "data-dir": Option.getOrUndefined(shared.dataDir),
        dialects: Option.getOrUndefined(input.dialects),
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
      // A server logs more than a command by default.
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
    { command: "tendarr serve --sandbox", description: "Try it with a simulated stack" },
    { command: "tendarr serve --data-dir /srv/tendarr --host 0.0.0.0", description: "Serve the local network" }
  ])
)
