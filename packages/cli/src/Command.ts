/** The `tendarr` command: its subcommands, and running it until it ends with an exit code. */
import { version } from "@tendarr/core/system/Version"
import { Cause, Console, Effect, Logger, References } from "effect"
import { CliError, Command } from "effect/cli"
import { activity } from "./commands/Activity.ts"
import { acts } from "./commands/Acts.ts"
import { downloads } from "./commands/Downloads.ts"
import { orphans } from "./commands/Orphans.ts"
import { seeding } from "./commands/Seeding.ts"
import { backup } from "./commands/Backup.ts"
import { collections } from "./commands/Collections.ts"
import { dialects } from "./commands/Dialects.ts"
import { disks } from "./commands/Disks.ts"
import { doctor } from "./commands/Doctor.ts"
import { events } from "./commands/Events.ts"
import { episodes } from "./commands/Episodes.ts"
import { explain } from "./commands/Explain.ts"
import { health } from "./commands/Health.ts"
import { init } from "./commands/Init.ts"
import { integrations } from "./commands/Integrations.ts"
import { keys } from "./commands/Keys.ts"
import { jobs } from "./commands/Jobs.ts"
import { moveIn } from "./commands/MoveIn.ts"
import { nameLists } from "./commands/NameLists.ts"
import { openapi } from "./commands/OpenApi.ts"
import { posters } from "./commands/Posters.ts"
import { preview } from "./commands/Preview.ts"
import { protections } from "./commands/Protections.ts"
import { removals } from "./commands/Removals.ts"
import { rules } from "./commands/Rules.ts"
import { run } from "./commands/Run.ts"
import { serve } from "./commands/Serve.ts"
import { settings } from "./commands/Settings.ts"
import { status } from "./commands/Status.ts"
import { sync } from "./commands/Sync.ts"
import { trends } from "./commands/Trends.ts"
import { users } from "./commands/Users.ts"
import { CommandFailure, exitCodeLines, exitCodes, failureLines } from "./Failure.ts"
import { root } from "./Root.ts"
import { usageErrors } from "./UsageErrors.ts"

export const tendarr = root.pipe(
  Command.withExamples([
    { command: "tendarr init", description: "Find and connect your applications" },
    { command: "tendarr serve --sandbox", description: "Try it with a simulated stack" },
    { command: "tendarr preview --status planned", description: "What would be removed now, and why" },
    { command: "tendarr run --wait --url http://nas:8787", description: "Have a server run the main job" }
  ]),
  Command.withSubcommands([
    init,
    serve,
    status,
    trends,
    sync,
    preview,
    run,
    episodes,
    explain,
    removals,
    acts,
    downloads,
    nameLists,
    seeding,
    orphans,
    protections,
    collections,
    posters,
    users,
    rules,
    moveIn,
    integrations,
    disks,
    jobs,
    events,
    activity,
    keys,
    dialects,
    settings,
    backup,
    doctor,
    openapi,
    health
  ])
)

/** Runs a command line. The effect always succeeds with the exit code; a signal interrupts it. */
export const runCommandLine = (argv: ReadonlyArray<string>): Effect.Effect<number, never, Command.Environment> =>
  Command.runWith(tendarr, { version })(argv).pipe(
    Effect.as(exitCodes.ok),
    Effect.catch((error) => {
      if (error instanceof CommandFailure) return Effect.as(printError(failureLines(error)), error.exit)
      // Already printed by the formatter; a command line without any command shows the help.
      if (CliError.isCliError(error) && error._tag === "ShowHelp") {
        return Effect.succeed(error.errors.length === 0 && argv.length === 0 ? exitCodes.ok : exitCodes.usage)
      }
      return Effect.as(printError([`tendarr: ${error.message}`]), exitCodes.usage)
    }),
    Effect.catchDefect((defect) =>
      Effect.as(printError([`tendarr: unexpected error: ${Cause.pretty(Cause.die(defect))}`]), exitCodes.failed)
    ),
    Effect.provide(usageErrors(verbsOf(tendarr), topics)),
    Effect.provideService(Logger.LogToStderr, true),
    Effect.provideService(References.MinimumLogLevel, "Warn")
  )

/** `status`, `removals`, `removals approve`. */
const verbsOf = (command: Command.Command.Any, before = ""): ReadonlyArray<string> =>
  command.subcommands.flatMap(({ commands }) =>
    commands.flatMap((each) => [before + each.name, ...verbsOf(each, `${before}${each.name} `)])
  )

const topics = [
  "",
  "EXIT CODES",
  ...exitCodeLines,
  "",
  "SHELL COMPLETIONS",
  "  bash  tendarr --completions bash > ~/.local/share/bash-completion/completions/tendarr",
  '  zsh   tendarr --completions zsh > "${fpath[1]}/_tendarr"',
  "  fish  tendarr --completions fish > ~/.config/fish/completions/tendarr.fish"
]

const printError = (lines: ReadonlyArray<string>) => Console.error(lines.join("\n"))
