/**
 * Reads the secrets of an integration from a file, from the environment, or from a prompt. Never from the command line,
 * which other accounts of the machine can read.
 */
import { Effect, FileSystem, Option, Redacted, Stdio, Stream } from "effect"
import type { IntegrationKind } from "@tendarr/sdk-client"
import { failed, misused } from "./Failure.ts"
import { askedSecret, canAsk } from "./Questions.ts"

type Field = IntegrationKind["fields"][number]

/** `TENDARR_KEY_MY_RADARR` for "My Radarr". */
export const variableOf = (name: string): string =>
  `TENDARR_KEY_${name
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, "_")
    .replace(/^_|_$/g, "")}`

/** The value of the first variable that is set, or the contents of the file that its `_FILE` variant names. */
export const secretFromEnvironment = Effect.fnUntraced(function* (
  names: ReadonlyArray<string>,
  env: Readonly<Record<string, string | undefined>>
) {
  const files = yield* FileSystem.FileSystem
  for (const variable of names.map(variableOf)) {
    const value = env[variable]?.trim()
    if (value !== undefined && value !== "") return Redacted.make(value)
    const file = env[`${variable}_FILE`]
    if (file !== undefined && file !== "") {
      return yield* files.readFileString(file).pipe(
        Effect.map((text) => Redacted.make(text.trim())),
        Effect.mapError(({ message }) => failed(`${variable}_FILE cannot be read: ${message}`, "key-file-unreadable"))
      )
    }
  }
  return null
})

/** From the given file (`-` = standard input), else from the environment, else by prompting. */
export const secretFor = Effect.fnUntraced(function* (
  field: Field,
  names: ReadonlyArray<string>,
  keyFile: Option.Option<string>
) {
  if (Option.isSome(keyFile)) return yield* secretFromFile(keyFile.value)
  const known = yield* secretFromEnvironment(names, process.env)
  if (known !== null) return known
  if (yield* canAsk) return yield* askedSecret(field.label, field.description)
  return yield* misused(
    `The ${field.label} is required, and there is no terminal to ask for it`,
    `Give it as ${names.map(variableOf).join(" or ")}, or in a file with --key-file.`
  )
})

export const secretFromFile = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const stdio = yield* Stdio.Stdio
  const text = yield* (
    file === "-" ? Stream.mkString(Stream.decodeText(stdio.stdin)) : files.readFileString(file)
  ).pipe(Effect.mapError(({ message }) => failed(`The key cannot be read: ${message}`, "key-file-unreadable")))
  return text.trim() === "" ? yield* misused(`There is no key in ${file}`) : Redacted.make(text.trim())
})
