/** `tendarr acts`: what is destroyed or changed in applications other than items, and all actions on it. */
import { actStates } from "@tendarr/core/acts/ActStates"
import type { DecidedAct } from "@tendarr/sdk-client"
import { Clock, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type Ask, withTendarr } from "../connection/Connection.ts"
import type { CommandFailure } from "../Failure.ts"
import { pastMoments } from "../Moments.ts"
import { oneByOne, report } from "../OneByOne.ts"
import { actLines, actTable } from "../output/Acts.ts"
import { currentStyle } from "../output/Style.ts"
import { terminalWidth } from "../output/Table.ts"
import { moreLines, pageFlags, pagesOf } from "../Paging.ts"
import { answer, textFlag, toggle } from "../Root.ts"

const list = Command.make(
  "list",
  {
    kind: textFlag("kind", "NAME", "Only of this kind"),
    state: Flag.Literals("state", actStates).pipe(Flag.withDescription("Only acts in this state"), Flag.optional),
    open: toggle("open", "Only open acts: planned, executing or failed"),
    key: textFlag("key", "KEY", "Only of the subject with this key"),
    search: textFlag("search", "WORDS", "Only if the title contains these words"),
    since: textFlag("since", "TIME", "Planned at this time or later: 2h, 3d, 2026-01-31T18:00:00Z"),
    until: textFlag("until", "TIME", "Planned before this time"),
    ...pageFlags
  },
  (input) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const times = yield* pastMoments({ since: input.since, until: input.until })
        const page = yield* pagesOf(input, (paging) =>
          ask((client) =>
            client.acts.list({
              query: {
                ...paging,
                ...times,
                ...(input.open ? { open: true } : {}),
                ...(Option.isSome(input.kind) ? { kind: input.kind.value } : {}),
                ...(Option.isSome(input.state) ? { state: input.state.value } : {}),
                ...(Option.isSome(input.key) ? { key: input.key.value } : {}),
                ...(Option.isSome(input.search) ? { search: input.search.value } : {})
              }
            })
          )
        )
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer(page, () => [
          ...(page.items.length === 0 ? ["No acts"] : actTable(page.items, style, width)),
          ...moreLines(page)
        ])
      })
    )
).pipe(Command.withDescription("List acts: open ones and past ones, newest first"))

const show = Command.make(
  "show",
  { id: Argument.String("id").pipe(Argument.withDescription("Id of the act")) },
  ({ id }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const act = yield* ask((client) => client.acts.get({ path: { id } }))
        const style = yield* currentStyle
        const now = yield* Clock.currentTimeMillis
        yield* answer(act, () => actLines(act, style, now))
      })
    )
).pipe(Command.withDescription("Show one act: why it was planned, its steps, and what undoes it"))

const ids = Argument.String("id").pipe(Argument.withDescription("Ids of acts"), Argument.variadic({ min: 1 }))

const aboutOne: ReadonlySet<string> = new Set(["act-not-found", "act-conflict", "act-beyond-recall", "undo-failed"])

const step = (
  name: string,
  done: string,
  description: string,
  take: (ask: Ask, id: string) => Effect.Effect<DecidedAct, CommandFailure>
) =>
  Command.make(name, { ids }, (input) =>
    withTendarr(({ ask }) =>
      Effect.flatMap(
        oneByOne(input.ids, aboutOne, (id) => take(ask, id)),
        (result) => report("act", done, result)
      )
    )
  ).pipe(Command.withDescription(description))

const cancel = step("cancel", "cancelled", "Cancel open acts", (ask, id) =>
  ask((client) => client.acts.cancel({ path: { id } }))
)
const retry = step("retry", "retried", "Retry failed acts: the next run of their job carries them out", (ask, id) =>
  ask((client) => client.acts.retry({ path: { id } }))
)
const undo = step("undo", "undone", "Undo acts: return their subjects to their state before the act", (ask, id) =>
  ask((client) => client.acts.undo({ path: { id } }))
)

export const acts = Command.make("acts").pipe(
  Command.withDescription("Acts on applications other than removals of items: list, explain, cancel, retry, undo"),
  Command.withShortDescription("Acts other than removals: list, cancel, undo"),
  Command.withExamples([
    { command: "tendarr acts list --open", description: "What is still to be carried out, and what failed" },
    { command: "tendarr acts undo 12", description: "Return the subject to its previous state" }
  ]),
  Command.withSubcommands([list, show, cancel, retry, undo])
)
