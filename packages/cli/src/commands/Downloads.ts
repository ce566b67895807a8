/** `tendarr downloads`: downloads of all clients, what is wrong with them, and their strikes. */
import { faultKinds, faultOwners } from "@tendarr/core/downloads/Fault"
import { importOutcomes } from "@tendarr/core/downloads/imports/ImportOutcomes"
import { blockingOutcomes } from "@tendarr/core/downloads/malware/BlockingOutcomes"
import { timelineFigures, timelineSpans } from "@tendarr/core/downloads/DownloadFigures"
import { downloadStates } from "@tendarr/core/integrations/Downloads"
import { Clock, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { misused } from "../Failure.ts"
import { blockedTable } from "../output/NameLists.ts"
import {
  clientTable,
  downloadLines,
  downloadTable,
  figureLines,
  importTable,
  timelineTable
} from "../output/Downloads.ts"
import { currentStyle } from "../output/Style.ts"
import { terminalWidth } from "../output/Table.ts"
import { moreLines, pageFlags, pagesOf } from "../Paging.ts"
import { answer, textFlag, toggle } from "../Root.ts"
import { integrationIds, nameListNamed } from "../Selection.ts"

const noClient = "No download client has been read yet; connect one like any other application"

const list = Command.make(
  "list",
  {
    client: textFlag("client", "ID", "Only of this download client, by id or name"),
    state: Flag.Literals("state", downloadStates).pipe(
      Flag.withDescription("Only downloads in this state"),
      Flag.optional
    ),
    fault: Flag.Literals("fault", faultKinds).pipe(Flag.withDescription("Only with this fault"), Flag.optional),
    faultOf: Flag.Literals("fault-of", faultOwners).pipe(
      Flag.withDescription("Only with a fault of this owner"),
      Flag.optional
    ),
    struck: toggle("struck", "Only those that have strikes"),
    search: textFlag("search", "TEXT", "Only if the name contains this"),
    ...pageFlags
  },
  (input) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const { client: from, fault, faultOf, search, state, struck } = input
        const [integrationId] = (yield* integrationIds(ask, Option.toArray(from))) ?? []
        const page = yield* pagesOf(input, (paging) =>
          ask((client) =>
            client.downloads.list({
              query: {
                ...paging,
                ...(struck ? { struck: true } : {}),
                ...(integrationId === undefined ? {} : { integrationId }),
                ...(Option.isSome(state) ? { state: state.value } : {}),
                ...(Option.isSome(fault) ? { fault: fault.value } : {}),
                ...(Option.isSome(faultOf) ? { faultOf: faultOf.value } : {}),
                ...(Option.isSome(search) ? { search: search.value } : {})
              }
            })
          )
        )
        const style = yield* currentStyle
        const width = yield* terminalWidth
        const isUnread =
          page.items.length === 0 && (yield* ask((client) => client.downloads.clients())).items.length === 0
        yield* answer(page, () => [
          ...(isUnread
            ? [noClient]
            : page.items.length === 0
              ? ["No downloads"]
              : downloadTable(page.items, style, width)),
          ...moreLines(page)
        ])
      })
    )
).pipe(Command.withDescription("List downloads by name, with what is wrong with them and whose fault that is"))

const id = Argument.String("id").pipe(Argument.withDescription("Id of the download"))

const show = Command.make("show", { id }, (input) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const one = yield* ask((client) => client.downloads.get({ path: { id: input.id } }))
      const style = yield* currentStyle
      const now = yield* Clock.currentTimeMillis
      yield* answer(one, () => downloadLines(one, style, now))
    })
  )
).pipe(Command.withDescription("Explain one download: its state, its faults, what the rules say, and its strikes"))

const forgive = Command.make("forgive", { id }, (input) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const one = yield* ask((client) => client.downloads.forgive({ path: { id: input.id } }))
      const style = yield* currentStyle
      const now = yield* Clock.currentTimeMillis
      yield* answer(one, () => downloadLines(one, style, now))
    })
  )
).pipe(Command.withDescription("Remove the strikes of a download"))

const blocked = Command.make(
  "blocked",
  {
    outcome: Flag.Literals("outcome", blockingOutcomes).pipe(
      Flag.withDescription("Only downloads with this outcome (default: all but no-list, clean and ignored)"),
      Flag.optional
    ),
    list: textFlag("list", "NAME", "What this list, by id or name, would do if only it applied"),
    ...pageFlags
  },
  (input) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const named = Option.isSome(input.list) ? yield* nameListNamed(ask, input.list.value) : null
        const page = yield* pagesOf(input, (paging) =>
          ask((client) =>
            client.downloads.blocked({
              query: {
                ...paging,
                ...(named === null ? {} : { list: named.id }),
                ...(Option.isSome(input.outcome) ? { outcome: input.outcome.value } : {})
              }
            })
          )
        )
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer(page, () => [
          ...(page.items.length === 0 ? ["No downloads"] : blockedTable(page.items, style, width)),
          ...moreLines(page)
        ])
      })
    )
).pipe(Command.withDescription("List what lists of names do to downloads, or would do, and why; changes nothing"))

const imports = Command.make(
  "imports",
  {
    outcome: Flag.Literals("outcome", importOutcomes).pipe(
      Flag.withDescription(
        "Only downloads with this outcome (default: all but nobody, incomplete, imported and ignored)"
      ),
      Flag.optional
    ),
    ...pageFlags
  },
  (input) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const page = yield* pagesOf(input, (paging) =>
          ask((client) =>
            client.downloads.imports({
              query: { ...paging, ...(Option.isSome(input.outcome) ? { outcome: input.outcome.value } : {}) }
            })
          )
        )
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer(page, () => [
          ...(page.items.length === 0 ? ["No downloads"] : importTable(page.items, style, width)),
          ...moreLines(page)
        ])
      })
    )
).pipe(
  Command.withDescription(
    "List complete downloads that were not imported: which are handed to their application, and why the others are not; changes nothing"
  )
)

const clients = Command.make("clients", {}, () =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* ask((client) => client.downloads.clients())
      const style = yield* currentStyle
      const width = yield* terminalWidth
      const now = yield* Clock.currentTimeMillis
      yield* answer(found, () => (found.items.length === 0 ? [noClient] : clientTable(found.items, style, width, now)))
    })
  )
).pipe(Command.withDescription("List download clients as they were last read"))

const stats = Command.make(
  "stats",
  {
    hours: Flag.Int("hours").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription("Hours that the figures reach back (default 24; 720 for a figure over time)"),
      Flag.optional
    ),
    over: Flag.Literals("over-time", timelineFigures).pipe(
      Flag.withDescription("Show this figure over time instead"),
      Flag.optional
    ),
    span: Flag.Literals("span", timelineSpans).pipe(
      Flag.withDescription("Length of the intervals of a figure over time (default day; hour for up to 24 hours)"),
      Flag.optional
    ),
    zone: textFlag(
      "zone",
      "NAME",
      "IANA time zone of the intervals, such as Europe/Berlin (default: that of the settings)"
    )
  },
  ({ hours, over, span, zone }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const within = Option.isSome(hours) ? { hours: hours.value } : {}
        const style = yield* currentStyle
        if (Option.isNone(over)) {
          if (Option.isSome(span) || Option.isSome(zone)) {
            return yield* misused("--span and --zone are for a figure over time: add --over-time")
          }
          const found = yield* ask((client) => client.downloads.stats({ query: within }))
          const now = yield* Clock.currentTimeMillis
          return yield* answer(found, () => figureLines(found, style, now))
        }
        const query = {
          figure: over.value,
          ...within,
          ...(Option.isSome(span) ? { span: span.value } : {}),
          ...(Option.isSome(zone) ? { zone: zone.value } : {})
        }
        const found = yield* ask((client) => client.downloads.timeline({ query }))
        const width = yield* terminalWidth
        yield* answer(found, () => timelineTable(found, style, width))
      })
    )
).pipe(Command.withDescription("Show how many strikes, removals and searches there were, in total or over time"))

export const downloads = Command.make("downloads").pipe(
  Command.withDescription(
    "Downloads of all clients: list, explain, remove strikes, what lists of names do, imports, figures"
  ),
  Command.withShortDescription("Downloads and their strikes"),
  Command.withExamples([
    { command: "tendarr downloads list --struck", description: "What has strikes now" },
    { command: "tendarr downloads show 12", description: "Why it has them, and whose fault it is" },
    { command: "tendarr downloads stats --over-time strikes --span week", description: "Strikes of each week" }
  ]),
  Command.withSubcommands([list, show, forgive, blocked, imports, clients, stats])
)
