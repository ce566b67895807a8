/** The installation that a command is about: a server at an address, or a data directory on this machine. */
import { Effect, Option, Redacted } from "effect"
import { type CommandFailure, misused } from "../Failure.ts"
import type { SharedFlags } from "../Root.ts"

export const defaultDataDir = "./tendarr-data"

export type Place =
  | { readonly _tag: "Server"; readonly url: string; readonly apiKey: Redacted.Redacted<string> | null }
  | { readonly _tag: "Folder"; readonly path: string; readonly apiKey: Redacted.Redacted<string> | null }

/** A flag takes precedence over the environment, even if they select different kinds of places. */
export const placeOf = (
  flags: SharedFlags,
  env: Readonly<Record<string, string | undefined>>
): Effect.Effect<Place, CommandFailure> =>
  Effect.gen(function* () {
    const urlFlag = Option.getOrNull(flags.url)
    const dataDirFlag = Option.getOrNull(flags.dataDir)
    const keyFlag = Option.getOrNull(flags.apiKey)
    if (urlFlag !== null && dataDirFlag !== null) {
      return yield* misused("--url and --data-dir name two different installations; give one of them")
    }
    const url = urlFlag ?? (dataDirFlag === null ? nonEmpty(env["TENDARR_URL"]) : null)
    if (url === null) {
      const path = dataDirFlag ?? nonEmpty(env["TENDARR_DATA_DIR"]) ?? defaultDataDir
      return { _tag: "Folder" as const, path, apiKey: keyFlag }
    }
    const key = nonEmpty(env["TENDARR_API_KEY"])
    return {
      _tag: "Server" as const,
      url: yield* addressOf(url),
      apiKey: keyFlag ?? (key === null ? null : Redacted.make(key))
    }
  })

const nonEmpty = (text: string | undefined): string | null => (text === undefined || text === "" ? null : text)

/** Without a trailing slash, so that paths can be appended. */
const addressOf = (text: string): Effect.Effect<string, CommandFailure> => {
  const refused = Effect.fail(misused(`"${text}" is not an address; give one such as http://nas:8787`))
  if (!URL.canParse(text)) return refused
  const url = new URL(text)
  return url.protocol === "http:" || url.protocol === "https:"
    ? Effect.succeed(`${url.origin}${url.pathname}`.replace(/\/+$/, ""))
    : refused
}
