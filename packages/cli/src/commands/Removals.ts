/** `tendarr removals`: planned and past removals, and all actions on them. */
import { removalActions } from "@tendarr/core/integrations/Kind"
import { removalStates } from "@tendarr/core/removals/RemovalStates"
import { Clock, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { decisionLines, downloadLines } from "../output/Explanations.ts"
import { bytes, clean } from "../output/Format.ts"
import { removalTable, termsOf, whenOf } from "../output/Removals.ts"
import { currentStyle } from "../output/Style.ts"
import { terminalWidth } from "../output/Table.ts"
import { moreLines, pageFlags, pagesOf } from "../Paging.ts"
import { answer, textFlag, toggle } from "../Root.ts"
import { diskGroupIds, integrationIds } from "../Selection.ts"
import { request } from "./RemovalRequest.ts"
import { approve, cancel, reject, release, reschedule, restore, retry, snooze, unsnooze } from "./RemovalSteps.ts"

const list = Command.make(
  "list",
  {
    state: Flag.Literals("state", removalStates).pipe(
      Flag.withDescription("Only removals in this state"),
      Flag.optional
    ),
    open: toggle("open", "Only open removals: proposed, snoozed, scheduled, executing or failed"),
    disk: textFlag("disk", "ID", "Only of this disk group, by id or mount path"),
    integration: textFlag("integration", "ID", "Only of this integration, by id or name"),
    item: textFlag("item", "ID", "Only of this item"),
    action: Flag.Literals("action", removalActions).pipe(
      Flag.withDescription("Only removals that do this to their item"),
      Flag.optional
    ),
    search: textFlag("search", "WORDS", "Only if the title contains these words"),
    order: Flag.Literals("order", ["newest", "due", "rank"]).pipe(
      Flag.withDescription("Newest first, next due first, or by rank"),
      Flag.withDefault("newest")
    ),
    ...pageFlags
  },
  (input) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const [diskGroupId] = (yield* diskGroupIds(ask, Option.toArray(input.disk))) ?? []
        const [integrationId] = (yield* integrationIds(ask, Option.toArray(input.integration))) ?? []
        const page = yield* pagesOf(input, (paging) =>
          ask((client) =>
            client.removals.list({
              query: {
                ...paging,
                order: input.order,
                ...(input.open ? { open: true } : {}),
                ...(Option.isSome(input.state) ? { state: input.state.value } : {}),
                ...(diskGroupId === undefined ? {} : { diskGroupId }),
                ...(integrationId === undefined ? {} : { integrationId }),
                ...(Option.isSome(input.item) ? { itemId: input.item.value } : {}),
                ...(Option.isSome(input.action) ? { action: input.action.value } : {}),
                ...(Option.isSome(input.search) ? { search: input.search.value } : {})
              }
            })
          )
        )
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer(page, () => [
          ...(page.items.length === 0 ? ["No removals"] : removalTable(page.items, style, width)),
          ...moreLines(page)
        ])
      })
    )
).pipe(Command.withDescription("List removals: open ones and past ones"))

const show = Command.make(
  "show",
  { id: Argument.String("id").pipe(Argument.withDescription("Id of the removal")) },
  ({ id }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const removal = yield* ask((client) => client.removals.get({ path: { id } }))
        const style = yield* currentStyle
        const width = yield* terminalWidth
        const now = yield* Clock.currentTimeMillis
        yield* answer(removal, () => [
          `${style.bold(clean(removal.title))}, ${removal.kind} of ${bytes(removal.sizeBytes)}, item ${removal.itemId}`,
          `Removal ${removal.id}: ${removal.state}, ${whenOf(removal)}${removal.reason === null ? "" : ` (${clean(removal.reason)})`}`,
          `Requested by ${clean(removal.actor)} in mode ${removal.mode}${
            removal.approvedBy === null ? "" : `, approved by ${clean(removal.approvedBy)}`
          }${removal.restorable ? "; can be restored" : ""}`,
          `Action: ${termsOf(removal)}`,
          `Decided on ${removal.decision.at}: ${clean(removal.decision.summary)}`,
          ...decisionLines(removal.decision, style, width, now),
          ...downloadLines(removal.downloads, style, width)
        ])
      })
    )
).pipe(Command.withDescription("Show one removal with the decision behind it"))

export const removals = Command.make("removals").pipe(
  Command.withDescription("Removals: list, request, approve, snooze, cancel, undo"),
  Command.withExamples([
    {
      command: "tendarr removals list --state proposed --order rank",
      description: "Removals that wait for a decision"
    },
    { command: "tendarr removals snooze 12 --for 2w", description: "Not now" }
  ]),
  Command.withSubcommands([
    list,
    show,
    request,
    approve,
    reject,
    snooze,
    unsnooze,
    reschedule,
    cancel,
    release,
    retry,
    restore
  ])
)
