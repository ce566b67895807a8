/** The root command, and the flags that all subcommands share. */
import { Console, Effect, type Redacted, type Option } from "effect"
import { Command, Flag } from "effect/cli"

/** A boolean flag that, unlike a plain boolean, never takes the next word (`--json 1`) as its value. */
export const toggle = (name: string, description: string): Flag.Flag<boolean> =>
  Flag.Boolean(name).pipe(
    Flag.withOptionalValue("true"),
    Flag.withoutNegation,
    Flag.withDefault(false),
    Flag.withDescription(description)
  )

/** `--x` or `--no-x`; nothing if neither is given. */
export const choice = (name: string, description: string): Flag.Flag<Option.Option<boolean>> =>
  Flag.Boolean(name).pipe(Flag.withOptionalValue("true"), Flag.withDescription(description), Flag.optional)

/** An optional text flag. */
export const textFlag = (name: string, metavar: string, description: string): Flag.Flag<Option.Option<string>> =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)

/** Which installation to use, and how to print its responses. */
export interface SharedFlags {
  readonly url: Option.Option<string>
  readonly apiKey: Option.Option<Redacted.Redacted<string>>
  readonly dataDir: Option.Option<string>
  readonly json: boolean
}

export const root = Command.make("tendarr").pipe(
  Command.withSharedFlags({
    url: textFlag("url", "URL", "Address of a Tendarr server, for example http://nas:8787 (TENDARR_URL)"),
    apiKey: Flag.Redacted("api-key").pipe(
      Flag.withMetavar("KEY"),
      Flag.withDescription("API key for that server (TENDARR_API_KEY)"),
      Flag.optional
    ),
    dataDir: textFlag(
      "data-dir",
      "DIR",
      "Data directory on this machine (TENDARR_DATA_DIR, default ./tendarr-data); if a server is running on it, that server is used"
    ),
    json: toggle("json", "Print the response as JSON")
  }),
  Command.withDescription("Keeps a media stack within its disk capacity and its owner's rules")
)

/** Prints the result of a command: as JSON if requested, otherwise as lines for people. */
export const answer = Effect.fnUntraced(function* (
  value: unknown,
  lines: () => Effect.Effect<ReadonlyArray<string>> | ReadonlyArray<string>
) {
  const { json } = yield* root
  if (json) return yield* Console.log(JSON.stringify(value, null, 2))
  const text = lines()
  yield* Console.log((Effect.isEffect(text) ? yield* text : text).join("\n"))
})
