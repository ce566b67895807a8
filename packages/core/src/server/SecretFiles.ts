/**
 * Secrets from files, as containers provide them: `TENDARR_API_KEY_FILE=/run/secrets/tendarr_api_key` sets
 * `TENDARR_API_KEY` to the contents of the file, so that the secret is neither in an environment nor in a compose file.
 */
import { Effect, FileSystem, Result } from "effect"
import { dialectIdentities } from "../settings/DialectsSettings.ts"
import { UsageError } from "./ServeOptions.ts"

export type Environment = Readonly<Record<string, string | undefined>>

const secrets = [
  "TENDARR_API_KEY",
  "TENDARR_ADMIN_USERNAME",
  "TENDARR_ADMIN_PASSWORD",
  ...Object.values(dialectIdentities).flatMap(({ keyVariable }) => keyVariable ?? [])
]

/** The environment, with the contents of the files that it names. */
export const withSecretFiles: (env: Environment) => Effect.Effect<Environment, UsageError, FileSystem.FileSystem> =
  Effect.fn("SecretFiles.withSecretFiles")(function* (env: Environment) {
    const found: Record<string, string> = {}
    for (const name of secrets) {
      const path = env[`${name}_FILE`]
      if (path === undefined || path === "") continue
      if (env[name] !== undefined && env[name] !== "") {
        return yield* new UsageError({ detail: `${name} and ${name}_FILE are both set; set only one of them` })
      }
      found[name] = yield* secretIn(name, path)
    }
    return { ...env, ...found }
  })

const secretIn = Effect.fnUntraced(function* (name: string, path: string) {
  const files = yield* FileSystem.FileSystem
  const text = yield* Effect.result(files.readFileString(path))
  if (Result.isFailure(text)) {
    return yield* new UsageError({ detail: `${name}_FILE: ${path} cannot be read (${text.failure.message})` })
  }
  // Editors and `echo` end a file with a line break, which is not part of the secret.
  const secret = text.success.replace(/\r?\n$/, "")
  if (secret === "") return yield* new UsageError({ detail: `${name}_FILE: ${path} is empty` })
  if (/[\r\n]/.test(secret)) return yield* new UsageError({ detail: `${name}_FILE: ${path} has more than one line` })
  return secret
})
