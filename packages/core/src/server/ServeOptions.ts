/** Options of a server: from the command line, else from the environment, else the defaults. */
import { parseArgs } from "node:util"
import { Result, Schema } from "effect"
import { presetTokenRule, presetTokens } from "../access/Token.ts"
import { allApps, appNames } from "../sandbox/AppNames.ts"
import { isBasePath } from "../problems/BasePath.ts"
import { dialectIdentities, type DialectName, dialectNames } from "../settings/DialectsSettings.ts"
import { type SecretKeyOptions, secretKeyOptionsFrom } from "../storage/SecretKeys.ts"

/** Dialects that a flag switches on, with the port of their own. */
export type DialectFlags = Readonly<Partial<Record<DialectName, { readonly port: number | null }>>>

export interface SandboxStart {
  readonly items: number
  readonly seed: string
  /** Applications to start, by name; absent = one complete stack. */
  readonly kinds?: ReadonlyArray<string>
}

export interface ServeOptions {
  readonly host: string
  readonly port: number
  /** Path under which everything is served, such as `/tendarr`; `""` = the root. */
  readonly basePath: string
  /** `null` = a temporary directory that is deleted with the process (only with the sandbox). */
  readonly dataDir: string | null
  readonly sandbox: SandboxStart | null
  readonly apiKey: string | null
  readonly adminUsername: string | null
  readonly adminPassword: string | null
  /** Dialects that are on whatever the settings say. */
  readonly dialects: DialectFlags
  /** Keys of dialects from the environment. */
  readonly dialectKeys: Readonly<Partial<Record<DialectName, string>>>
  readonly secretKey: SecretKeyOptions
  /** Create a new database although one was lost. */
  readonly startAnew: boolean
}

export const defaultPort = 8787
export const defaultHost = "127.0.0.1"
export const defaultDataDir = "./tendarr-data"
export const defaultSandboxItems = 400

export class UsageError extends Schema.TaggedError<UsageError>()("UsageError", { detail: Schema.String }) {
  override get message() {
    return this.detail
  }
}

/** Flags of a command line; undefined if not given. */
export interface ServeFlags {
  readonly host?: string | undefined
  readonly port?: string | undefined
  readonly "base-path"?: string | undefined
  readonly "data-dir"?: string | undefined
  readonly sandbox?: boolean | undefined
  readonly "sandbox-items"?: string | undefined
  readonly "sandbox-seed"?: string | undefined
  readonly "sandbox-apps"?: string | undefined
  readonly dialects?: string | undefined
  readonly "key-file"?: string | undefined
  readonly "renew-key"?: boolean | undefined
  readonly "forget-secrets"?: boolean | undefined
  readonly "start-anew"?: boolean | undefined
}

export const serveUsage = `Usage: tendarr serve [flags]
  --host ADDRESS         address to listen on (TENDARR_HOST, default ${defaultHost})
  --port PORT            port to listen on, 0 = any free one (TENDARR_PORT, default ${defaultPort})
  --base-path PATH       path under which a proxy forwards requests, such as /tendarr (TENDARR_BASE_PATH,
                         default none)
  --data-dir DIR         where the database is kept (TENDARR_DATA_DIR, default ${defaultDataDir};
                         with --sandbox a temporary one)
  --dialects LIST        APIs of other products to serve too, as prunerr or prunerr=3000 (on that port of its
                         own), or all (TENDARR_DIALECTS); the settings switch them on permanently
  --sandbox              serve a simulated stack, to try Tendarr out
  --sandbox-items N      items of the simulated library (default ${defaultSandboxItems})
  --sandbox-seed TEXT    another text gives another library
  --sandbox-apps LIST    applications to simulate, as radarr,radarr,plex (twice = two of them), or
                         ${allApps} for one of each (default: those that make one whole stack)
  --key-file FILE        the key of the secrets in the database (TENDARR_KEY_FILE, default tendarr.key in
                         the data directory); made at the first start
  --renew-key            put a new key above the old one, and seal all secrets with it
  --forget-secrets       start without the secrets that no key opens, to enter them again
  --start-anew           create a new database although one was lost and its key or its backups are left
Environment: TENDARR_API_KEY presets an admin key (16 characters or more), TENDARR_ADMIN_USERNAME and
TENDARR_ADMIN_PASSWORD the first account; with _FILE after its name each is the path of a file that holds it.
PRUNERR_API_KEY sets the key of that dialect.
TENDARR_SECRET_KEY is the key of the secrets itself, 32 random bytes in base64.`

/** Parses the arguments of a server's entry point. */
export const parseServeArguments = (
  argv: ReadonlyArray<string>,
  env: Readonly<Record<string, string | undefined>>
): Result.Result<ServeOptions | "help", UsageError> =>
  Result.flatMap(
    Result.try({
      try: () =>
        parseArgs({
          args: [...argv],
          strict: true,
          allowPositionals: false,
          options: {
            help: { type: "boolean", short: "h" },
            host: { type: "string" },
            port: { type: "string" },
            "base-path": { type: "string" },
            "data-dir": { type: "string" },
            sandbox: { type: "boolean" },
            "sandbox-items": { type: "string" },
            "sandbox-seed": { type: "string" },
            "sandbox-apps": { type: "string" },
            dialects: { type: "string" },
            "key-file": { type: "string" },
            "renew-key": { type: "boolean" },
            "forget-secrets": { type: "boolean" },
            "start-anew": { type: "boolean" }
          }
        }).values,
      catch: (cause) => new UsageError({ detail: cause instanceof Error ? cause.message : String(cause) })
    }),
    (values): Result.Result<ServeOptions | "help", UsageError> =>
      values.help === true ? Result.succeed("help") : serveOptions(values, env)
  )

export const serveOptions = (
  flags: ServeFlags,
  env: Readonly<Record<string, string | undefined>>
): Result.Result<ServeOptions, UsageError> => {
  const port = wholeNumber("--port", flags.port ?? env["TENDARR_PORT"] ?? String(defaultPort), 0, 65_535)
  const items = wholeNumber("--sandbox-items", flags["sandbox-items"] ?? String(defaultSandboxItems), 1, 200_000)
  const apps = sandboxApps(flags["sandbox-apps"])
  const about = [flags["sandbox-items"], flags["sandbox-seed"], flags["sandbox-apps"]]
  const sandbox = flags.sandbox === true || about.some((flag) => flag !== undefined)
  const base = basePathOf(flags["base-path"], env)
  const dialects = dialectFlags(flags.dialects ?? env["TENDARR_DIALECTS"])
  const keys = dialectKeysIn(env)
  return Result.flatMap(
    Result.all([port, apps, base, dialects, keys]),
    ([portNumber, kinds, basePath, on, dialectKeys]) =>
      Result.map(items, (itemCount) => ({
        host: flags.host ?? env["TENDARR_HOST"] ?? defaultHost,
        port: portNumber,
        basePath,
        dataDir: flags["data-dir"] ?? env["TENDARR_DATA_DIR"] ?? (sandbox ? null : defaultDataDir),
        sandbox: sandbox ? { items: itemCount, seed: flags["sandbox-seed"] ?? "tendarr", ...kinds } : null,
        apiKey: nonEmpty(env["TENDARR_API_KEY"]),
        adminUsername: nonEmpty(env["TENDARR_ADMIN_USERNAME"]),
        adminPassword: nonEmpty(env["TENDARR_ADMIN_PASSWORD"]),
        dialects: on,
        dialectKeys,
        secretKey: secretKeyOptions(flags, env),
        startAnew: flags["start-anew"] === true
      }))
  )
}

/** `prunerr,chub=8060`, or `all`. */
const dialectFlags = (text: string | undefined): Result.Result<DialectFlags, UsageError> => {
  if (text === undefined || text.trim() === "") return Result.succeed({})
  if (text.trim() === "all") {
    return Result.succeed(Object.fromEntries(dialectNames.map((name) => [name, { port: null }])))
  }
  const found = text
    .split(",")
    .map((one): Result.Result<readonly [DialectName, { readonly port: number | null }], UsageError> => {
      const [given = "", port, ...rest] = one.split("=").map((part) => part.trim())
      const name = dialectNames.find((known) => known === given)
      if (name === undefined || rest.length > 0) {
        const detail = `--dialects does not know "${one.trim()}"; it takes all, or some of ${dialectNames.join(", ")}, each with =PORT or without`
        return Result.fail(new UsageError({ detail }))
      }
      if (port === undefined) return Result.succeed([name, { port: null }])
      return Result.map(wholeNumber(`--dialects ${name}=`, port, 1, 65_535), (number) => [name, { port: number }])
    })
  return Result.map(Result.all(found), (flags) => Object.fromEntries(flags))
}

const dialectKeysIn = (
  env: Readonly<Record<string, string | undefined>>
): Result.Result<ServeOptions["dialectKeys"], UsageError> => {
  const keys: Partial<Record<DialectName, string>> = {}
  for (const name of dialectNames) {
    const variable = dialectIdentities[name].keyVariable
    const key = variable === null ? null : nonEmpty(env[variable])
    if (key === null) continue
    if (!presetTokens.test(key)) return Result.fail(new UsageError({ detail: `${variable} ${presetTokenRule}` }))
    keys[name] = key
  }
  return Result.succeed(keys)
}

const secretKeyOptions = (flags: ServeFlags, env: Readonly<Record<string, string | undefined>>): SecretKeyOptions => {
  const fromEnvironment = secretKeyOptionsFrom(env)
  return {
    ...fromEnvironment,
    // The flag takes precedence over both environment variables.
    ...(flags["key-file"] === undefined ? {} : { given: null, file: flags["key-file"] }),
    renew: flags["renew-key"] === true,
    forgetUnreadable: flags["forget-secrets"] === true
  }
}

/** The path from the flag, else from the environment; without a trailing slash. */
export const basePathOf = (
  flag: string | undefined,
  env: Readonly<Record<string, string | undefined>>
): Result.Result<string, UsageError> => {
  const text = flag ?? env["TENDARR_BASE_PATH"] ?? ""
  const path = text.endsWith("/") ? text.slice(0, -1) : text
  if (isBasePath(path)) return Result.succeed(path)
  const name = flag === undefined ? "TENDARR_BASE_PATH" : "--base-path"
  return Result.fail(
    new UsageError({
      detail: `${name} must be a path such as /tendarr, with letters, digits and . _ ~ - between slashes, not "${text}"`
    })
  )
}

const nonEmpty = (text: string | undefined): string | null => (text === undefined || text === "" ? null : text)

const sandboxApps = (
  text: string | undefined
): Result.Result<{ readonly kinds?: ReadonlyArray<string> }, UsageError> => {
  if (text === undefined) return Result.succeed({})
  const kinds = text.split(",").map((name) => name.trim())
  const unknown = kinds.find((name) => !appNames.includes(name))
  return unknown === undefined
    ? Result.succeed({ kinds })
    : Result.fail(
        new UsageError({ detail: `--sandbox-apps does not know "${unknown}"; it knows ${appNames.join(", ")}` })
      )
}

const wholeNumber = (flag: string, text: string, least: number, most: number): Result.Result<number, UsageError> => {
  const value = Number(text)
  return /^\d+$/.test(text) && value >= least && value <= most
    ? Result.succeed(value)
    : Result.fail(new UsageError({ detail: `${flag} takes a whole number from ${least} to ${most}, not "${text}"` }))
}
