/** `tendarr init`: finds the applications of a stack, connects and reads them, and shows what could be removed. */
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { placeOf } from "../connection/Place.ts"
import { misused } from "../Failure.ts"
import { canAsk } from "../Questions.ts"
import { root, textFlag, toggle } from "../Root.ts"

export const init = Command.make(
  "init",
  {
    yes: toggle("yes", "Ask nothing: use flags and environment variables, for scripts and containers"),
    integrations: Flag.String("integration").pipe(
      Flag.withMetavar("KIND=ADDRESS"),
      Flag.withDescription(
        "Connect this application, such as radarr=http://radarr:7878, or radarr:4K=… to name it; may be repeated"
      ),
      Flag.atLeast(0)
    ),
    look: Flag.String("look").pipe(
      Flag.withMetavar("HOST"),
      Flag.withDescription(
        "Look for applications on this host, such as nas, instead of the usual places; may be repeated"
      ),
      Flag.atLeast(0)
    ),
    threshold: textFlag(
      "threshold",
      "LIMIT",
      "Threshold at which a disk is too full: a percentage such as 85, or free bytes such as 200GiB"
    ),
    target: textFlag(
      "target",
      "LIMIT",
      "Target to reach by removals: a percentage such as 75, or free bytes such as 400GiB"
    ),
    mode: Flag.Literals("mode", ["dry-run", "approval", "auto", "sunset"]).pipe(
      Flag.withDescription("What Tendarr may do on the disks; the default is dry-run, in which nothing is removed"),
      Flag.optional
    ),
    sync: Flag.Boolean("sync").pipe(
      Flag.withOptionalValue("true"),
      Flag.withDescription("Read the library now; --no-sync leaves that for later"),
      Flag.withDefault(true)
    )
  },
  (input) =>
    Effect.gen(function* () {
      const attended = !input.yes && (yield* canAsk)
      if (!attended && !input.yes) {
        return yield* misused(
          "init asks questions, and there is no terminal to ask on",
          "Use --yes with flags and environment variables: --yes --integration radarr=http://radarr:7878, the key in TENDARR_KEY_RADARR."
        )
      }
      const place = yield* placeOf(yield* root, process.env)
      const options = {
        integrations: input.integrations,
        look: input.look,
        threshold: Option.getOrNull(input.threshold),
        target: Option.getOrNull(input.target),
        mode: Option.getOrNull(input.mode),
        sync: input.sync
      }
      const { noInitProgress, cancelledLines } = yield* Effect.promise(() => import("../init/InitProgress.ts"))
      const done = noInitProgress()
      yield* withTendarr(
        (connection) =>
          attended
            ? Effect.flatMap(
                Effect.promise(() => import("../init/Attended.ts")),
                ({ setUpAttended }) => setUpAttended(connection, place, options, done)
              )
            : Effect.flatMap(
                Effect.promise(() => import("../init/Unattended.ts")),
                ({ setUpUnattended }) => setUpUnattended(connection, place, options, done)
              ),
        { create: true }
      ).pipe(Effect.onInterrupt(() => Console.error(cancelledLines(done).join("\n"))))
    })
).pipe(
  Command.withDescription(
    "Find the applications of your stack on this machine, under their usual container names, and on hosts that you name; connect them, read the library, and show what could be removed. Running it again adds to the existing setup. Keys are prompted for, or with --yes read from TENDARR_KEY_<KIND> or TENDARR_KEY_<NAME> (or from the file that the same variable with _FILE names)"
  ),
  Command.withShortDescription("Set up: find and connect your applications"),
  Command.withExamples([
    { command: "tendarr init", description: "Search and ask" },
    { command: "tendarr init --look nas", description: "Search on the machine called nas" },
    {
      command: "tendarr init --yes --integration radarr=http://radarr:7878 --integration plex=http://plex:32400",
      description: "For a script, with TENDARR_KEY_RADARR and TENDARR_KEY_PLEX set"
    }
  ])
)
