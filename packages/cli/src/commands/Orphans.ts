/** `tendarr orphans`: what nothing knows in the folders of download clients, its quarantine, and its way back. */
import { orphanStates } from "@tendarr/core/downloads/files/Orphan"
import { orphansJob } from "@tendarr/core/jobs/JobNames"
import type { Orphan } from "@tendarr/sdk-client"
import { Clock, Console, Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type Ask, withTendarr } from "../connection/Connection.ts"
import type { CommandFailure } from "../Failure.ts"
import { oneByOne, report } from "../OneByOne.ts"
import { orphanLines, orphanRunLines, orphanTable } from "../output/Orphans.ts"
import { currentStyle } from "../output/Style.ts"
import { terminalWidth } from "../output/Table.ts"
import { moreLines, pageFlags, pagesOf } from "../Paging.ts"
import { answer, root, textFlag, toggle } from "../Root.ts"
import { expectCompleted, printErrors, startAndFollow } from "../RunFollowing.ts"

const list = Command.make(
  "list",
  {
    state: Flag.Literals("state", orphanStates).pipe(Flag.withDescription("Only in this state"), Flag.optional),
    search: textFlag("search", "TEXT", "Only if the path contains this"),
    ...pageFlags
  },
  (input) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const { search, state } = input
        const page = yield* pagesOf(input, (paging) =>
          ask((client) =>
            client.orphans.list({
              query: {
                ...paging,
                ...(Option.isSome(state) ? { state: state.value } : {}),
                ...(Option.isSome(search) ? { search: search.value } : {})
              }
            })
          )
        )
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer(page, () => [
          ...(page.items.length === 0 ? ["No orphaned files"] : orphanTable(page.items, style, width)),
          ...moreLines(page)
        ])
      })
    )
).pipe(Command.withDescription("List orphaned files, newest first: found, in quarantine, restored, kept and deleted"))

const show = Command.make(
  "show",
  { id: Argument.String("id").pipe(Argument.withDescription("Id of the orphaned file")) },
  ({ id }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const one = yield* ask((client) => client.orphans.get({ path: { id } }))
        const style = yield* currentStyle
        const now = yield* Clock.currentTimeMillis
        yield* answer(one, () => orphanLines(one, style, now))
      })
    )
).pipe(Command.withDescription("Show one orphaned file or folder: its state, why, and when it will be deleted"))

const ids = Argument.String("id").pipe(Argument.withDescription("Ids of orphaned files"), Argument.variadic({ min: 1 }))

const aboutOne: ReadonlySet<string> = new Set([
  "orphan-not-found",
  "orphan-conflict",
  "act-not-found",
  "act-conflict",
  "act-beyond-recall",
  "undo-failed"
])

const step = (
  name: string,
  done: string,
  description: string,
  take: (ask: Ask, id: string) => Effect.Effect<Orphan, CommandFailure>
) =>
  Command.make(name, { ids }, (input) =>
    withTendarr(({ ask }) =>
      Effect.flatMap(
        oneByOne(input.ids, aboutOne, (id) => take(ask, id)),
        (result) => report("orphan", done, result)
      )
    )
  ).pipe(Command.withDescription(description))

const restore = step(
  "restore",
  "restored",
  "Move orphaned files back from quarantine; they are never moved there again",
  (ask, id) => ask((client) => client.orphans.restore({ path: { id } }))
)
const keep = step("keep", "kept", "Let orphaned files stay where they are, for good", (ask, id) =>
  ask((client) => client.orphans.keep({ path: { id } }))
)

const run = Command.make(
  "run",
  { dryRun: toggle("dry-run", "Show what would be done, without writing or moving anything") },
  ({ dryRun }) =>
    withTendarr((connection) =>
      Effect.gen(function* () {
        const ended = yield* startAndFollow(connection, orphansJob, { dryRun: dryRun || undefined })
        const { json } = yield* root
        const style = yield* currentStyle
        const width = yield* terminalWidth
        if (json) yield* Console.log(JSON.stringify(ended, null, 2))
        else if (ended.result !== null) {
          const { OrphansReport } = yield* Effect.promise(() => import("@tendarr/core/downloads/files/OrphansReport"))
          const found = yield* Effect.orDie(Schema.decodeUnknownEffect(OrphansReport)(ended.result))
          yield* Console.log(orphanRunLines(found, style, width).join("\n"))
        }
        yield* printErrors(connection, ended)
        yield* expectCompleted(ended)
      })
    )
).pipe(
  Command.withDescription(
    "Look for orphaned files now, move into quarantine what has been orphaned for long enough, and delete from it what is due"
  ),
  Command.withShortDescription("Look for orphaned files now")
)

export const orphans = Command.make("orphans").pipe(
  Command.withDescription(
    "Files in the folders of download clients that no download, no application and no library knows: list, explain, restore, keep"
  ),
  Command.withShortDescription("Orphaned files and their quarantine"),
  Command.withExamples([
    { command: "tendarr orphans run --dry-run", description: "What would be moved into quarantine now" },
    { command: "tendarr orphans list --state quarantined", description: "What can be restored" },
    { command: "tendarr orphans restore 12", description: "Move it back to where it was" }
  ]),
  Command.withSubcommands([list, show, restore, keep, run])
)
