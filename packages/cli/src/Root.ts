/** The root of the command tree, and the flags that every verb shares. */
import { Console, Effect, type Redacted, type Option } from "effect"
import { Command, Flag } from "effect/cli"

/** A flag that is there or not. Unlike a plain boolean it never takes the next word (`--json 1`) for its value. */
export const toggle = (name: string, description: string): Flag.Flag<boolean> =>
  Flag.Boolean(name).pipe(
    Flag.withOptionalValue("true"),
    Flag.withoutNegation,
    Flag.withDefault(false),
    Flag.withDescription(description)
  )

/** Text that may be left out. */
export const textFlag = (name: string, metavar: string, description: string): Flag.Flag<Option.Option<string>> =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)

/** Which installation is meant, and how its answers are printed. */
export interface SharedFlags {
  readonly url: Option.Option<string>
  readonly apiKey: Option.Option<Redacted.Redacted<string>>
  readonly dataDir: Option.Option<string>
  readonly json: boolean
}

export const root = Command.make("tendarr").pipe(
  Command.withSharedFlags({
    url: textFlag("url", "URL", "Address of a Tendarr server, for instance http://nas:8787 (TENDARR_URL)"),
    apiKey: Flag.Redacted("api-key").pipe(
      Flag.withMetavar("KEY"),
      Flag.withDescription("API key for that server (TENDARR_API_KEY)"),
      Flag.optional
    ),
    dataDir: textFlag(
      "data-dir",
      "DIR",
      "Data directory on this machine (TENDARR_DATA_DIR, default ./tendarr-data); with a running server on it, that is asked"
    ),
    json: toggle("json", "Print the answer as JSON")
  }),
  Command.withDescription("Keeps a media stack within its disks and its owner's rules")
)

/** Prints what a command has to say: JSON when it was asked for, else lines for people. */
export const answer = Effect.fnUntraced(function* (
  value: unknown,
  lines: () => Effect.Effect<ReadonlyArray<string>> | ReadonlyArray<string>
) {
  const { json } = yield* root
  if (json) return yield* Console.log(JSON.stringify(value, null, 2))
  const told = lines()
  yield* Console.log((Effect.isEffect(told) ? yield* told : told).join("\n"))
})
