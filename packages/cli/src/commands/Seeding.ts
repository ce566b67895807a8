/** `tendarr seeding`: what the rules about seeding want of downloads, and the disks that they are downloaded to. */
import { seedingOutcomes } from "@tendarr/core/downloads/seeding/SeedingReport"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { seedingLines, seedingTable, spaceTable } from "../output/Seeding.ts"
import { currentStyle } from "../output/Style.ts"
import { terminalWidth } from "../output/Table.ts"
import { moreLines, pageFlags, pagesOf } from "../Paging.ts"
import { answer, textFlag } from "../Root.ts"
import { integrationIds } from "../Selection.ts"

const list = Command.make(
  "list",
  {
    client: textFlag("client", "ID", "Only of this download client, by id or name"),
    goals: Flag.Literals("goals", ["none", "one", "several"]).pipe(
      Flag.withDescription("Only downloads for which no rule has a goal, one has, or several have"),
      Flag.optional
    ),
    outcome: Flag.Literals("outcome", seedingOutcomes).pipe(
      Flag.withDescription("Only downloads of which something has this outcome"),
      Flag.optional
    ),
    search: textFlag("search", "TEXT", "Only if the name contains this"),
    ...pageFlags
  },
  (input) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const { client: from, goals, outcome, search } = input
        const [integrationId] = (yield* integrationIds(ask, Option.toArray(from))) ?? []
        const page = yield* pagesOf(input, (paging) =>
          ask((client) =>
            client.seeding.list({
              query: {
                ...paging,
                ...(integrationId === undefined ? {} : { integrationId }),
                ...(Option.isSome(goals) ? { goals: goals.value } : {}),
                ...(Option.isSome(outcome) ? { outcome: outcome.value } : {}),
                ...(Option.isSome(search) ? { search: search.value } : {})
              }
            })
          )
        )
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer(page, () => [
          ...(page.items.length === 0 ? ["No downloads"] : seedingTable(page.items, style, width)),
          ...moreLines(page)
        ])
      })
    )
).pipe(Command.withDescription("List downloads by name, with their goals, what they owe, and what the next run does"))

const show = Command.make(
  "show",
  { id: Argument.String("id").pipe(Argument.withDescription("Id of the download")) },
  ({ id }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const one = yield* ask((client) => client.seeding.get({ path: { id } }))
        const style = yield* currentStyle
        yield* answer(one, () => seedingLines(one, style))
      })
    )
).pipe(Command.withDescription("Explain the seeding of one download: rules, goal, what it owes, and what is set"))

const space = Command.make("space", {}, () =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* ask((client) => client.seeding.space())
      const style = yield* currentStyle
      const width = yield* terminalWidth
      yield* answer(found, () =>
        found.items.length === 0
          ? ["Nothing is guarded: set seeding.keepFreeGib, and have something to download"]
          : spaceTable(found.items, style, width)
      )
    })
  )
).pipe(Command.withDescription("List the disks that downloads are guarded from filling"))

export const seeding = Command.make("seeding").pipe(
  Command.withDescription("Rules about seeding: preview, explain, free space"),
  Command.withShortDescription("Goals, obligations and limits of seeding"),
  Command.withExamples([
    { command: "tendarr seeding list --goals none", description: "What no rule about seeding covers" },
    { command: "tendarr seeding list --outcome planned", description: "What the next run does" },
    { command: "tendarr seeding show 12", description: "Why it is still there" }
  ]),
  Command.withSubcommands([list, show, space])
)
