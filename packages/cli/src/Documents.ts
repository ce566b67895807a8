/** Reads JSON documents from a file or standard input, and writes documents to a file or standard output. */
import { readFile, rename, rm, writeFile } from "node:fs/promises"
import { Console, Effect, Option, Stdio, Stream } from "effect"
import { CommandFailure, failed, misused } from "./Failure.ts"
import { textFlag } from "./Root.ts"

export const outputFlag = textFlag("output", "FILE", "Write it to this file, readable only by its owner")

const nameOf = (file: string): string => (file === "-" ? "The input" : file)

/** `-` is standard input. */
export const readText = (file: string): Effect.Effect<string, CommandFailure, Stdio.Stdio> => {
  const read: Effect.Effect<string, Error, Stdio.Stdio> = file === "-" ? input : contentOf(file)
  return Effect.mapError(read, ({ message }) => misused(`${nameOf(file)} cannot be read: ${message}`))
}

/** `-` is standard input. */
export const readJson = Effect.fnUntraced(function* (file: string) {
  const name = nameOf(file)
  const content = yield* readText(file)
  return yield* Effect.try({
    try: (): unknown => JSON.parse(content),
    catch: (error) => misused(`${name} is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  })
})

export const readJsonObject = Effect.fnUntraced(function* (file: string) {
  const value = yield* readJson(file)
  if (!isObject(value)) return yield* misused(`${file === "-" ? "The input" : file} must be a JSON object`)
  return value
})

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Prints a document, or writes it to a file atomically. */
export const putDocument = Effect.fnUntraced(function* (output: Option.Option<string>, content: string) {
  if (Option.isNone(output)) return yield* Console.log(content)
  yield* putFile(output.value, (partial) => writeFile(partial, `${content}\n`, { mode: 0o600 }))
  yield* Console.error(`Wrote ${output.value}`)
})

/** Lets `write` create the file under a temporary name, and renames it once it is complete. */
export const putFile = (
  file: string,
  write: (partial: string) => Promise<void>
): Effect.Effect<void, CommandFailure> => {
  const partial = `${file}.partial`
  return Effect.tryPromise({
    try: async () => {
      await write(partial)
      await rename(partial, file)
    },
    catch: (error) =>
      error instanceof CommandFailure
        ? error
        : failed(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`, "not-written")
  }).pipe(Effect.onError(() => Effect.promise(() => rm(partial, { force: true }))))
}

const input = Effect.flatMap(Stdio.Stdio, ({ stdin }) => Stream.mkString(Stream.decodeText(stdin)))

const contentOf = (file: string): Effect.Effect<string, Error> =>
  Effect.tryPromise({
    try: () => readFile(file, "utf8"),
    catch: (error) => (error instanceof Error ? error : new Error(String(error)))
  })
