/**
 * Where the secrets of an integration come from: a file, the environment, or a person at a terminal. Never from the command
 * line, which other accounts of the machine can read.
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

/** The value of the first variable that is set, or the content of the file that its `_FILE` names. */
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

/** From the file that was named (`-` = the standard input), else from the environment, else by asking. */
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
    `The ${field.label} is needed, and nobody can be asked here`,
    `Give it as ${names.map(variableOf).join(" or ")}, or as a file with --key-file.`
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
