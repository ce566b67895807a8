/** `tendarr events`: past and live events. */
import { eventCategories } from "@tendarr/core/events/Event"
import type { Event } from "@tendarr/sdk-client"
import { Clock, Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { type Ask, withTendarr } from "../connection/Connection.ts"
import { unreachable } from "../Failure.ts"
import { pastMoment, pastMoments } from "../Moments.ts"
import { ago, clean } from "../output/Format.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { moreLines, pageFlags, pagesOf } from "../Paging.ts"
import { answer, root, textFlag } from "../Root.ts"
import { types, warnOfUnknownType } from "./EventTypes.ts"

const filters = {
  type: textFlag("type", "TYPE", "Only of this type, such as removal.removed; `tendarr events types` lists them"),
  subjectType: textFlag(
    "subject-type",
    "NOUN",
    "Only about subjects of this type: item, removal, rule, integration, …"
  ),
  subjectId: textFlag("subject-id", "ID", "Only about the subject with this id; requires --subject-type"),
  search: textFlag("search", "WORDS", "Only if the message contains these words")
}
const since = textFlag("since", "TIME", "Not before this time: 2h, 3d, 2026-01-31T18:00:00Z")

const textQuery = (flags: { readonly [K in keyof typeof filters]: Option.Option<string> }) =>
  Object.fromEntries(
    Object.entries(flags).flatMap(([key, flag]) => (Option.isSome(flag) ? [[key, flag.value] as const] : []))
  )

const list = Command.make(
  "list",
  {
    category: Flag.Literals("category", eventCategories).pipe(
      Flag.withDescription("Only of this category; audit covers removals and their reasons"),
      Flag.optional
    ),
    ...filters,
    since,
    until: textFlag("until", "TIME", "Before this time"),
    ...pageFlags
  },
  ({ all, category, cursor, limit, search, since, subjectId, subjectType, type, until }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const query = {
          ...textQuery({ search, subjectId, subjectType, type }),
          ...(yield* pastMoments({ since, until })),
          ...(Option.isNone(category) ? {} : { category: category.value })
        }
        const page = yield* pagesOf({ all, cursor, limit }, (paging) =>
          ask((client) => client.events.list({ query: { ...query, ...paging } }))
        )
        if (page.items.length === 0 && Option.isSome(type)) yield* warnOfUnknownType(ask, type.value)
        const style = yield* currentStyle
        const width = yield* terminalWidth
        const now = yield* Clock.currentTimeMillis
        yield* answer(page, () => [
          ...(page.items.length === 0
            ? [page.nextCursor === null ? "No events" : "No events yet"]
            : eventTable(page.items, style, width, now)),
          ...moreLines(page)
        ])
      })
    )
).pipe(
  Command.withDescription("List events, newest first"),
  Command.withExamples([
    { command: "tendarr events list --category audit --since 7d", description: "What happened to removals this week" },
    {
      command: "tendarr events list --subject-type item --subject-id 42 --all",
      description: "Everything about one item"
    }
  ])
)

const follow = Command.make(
  "follow",
  {
    categories: Flag.Literals("category", eventCategories).pipe(
      Flag.withDescription("Only of this category; may be repeated"),
      Flag.atLeast(0)
    ),
    ...filters,
    since,
    after: textFlag("after", "ID", "Start after the event with this id")
  },
  ({ after, categories, search, since, subjectId, subjectType, type }) =>
    withTendarr(({ ask, server, use, where }) =>
      Effect.gen(function* () {
        if (server === null) {
          return yield* unreachable(
            `No server is running on ${where}, so no new events occur`,
            "`tendarr events list` shows past events."
          )
        }
        if (Option.isSome(type)) yield* warnOfUnknownType(ask, type.value)
        const { json } = yield* root
        const style = yield* currentStyle
        const console = yield* Console.Console
        const wanted = fits(textQuery({ search, subjectId, subjectType, type }))
        const print = (event: Event) => {
          if (wanted(event)) console.log(json ? JSON.stringify(event) : eventLine(event, style))
        }
        // Past events are read from the log first; the stream continues after the last one.
        const past = Option.isNone(since) ? [] : yield* eventsSince(ask, yield* pastMoment(since.value, "--since"))
        for (const event of past) {
          if (categories.length === 0 || categories.includes(event.category)) print(event)
        }
        const known = past.at(-1)?.id ?? Option.getOrUndefined(after)
        yield* use(async (client, signal) => {
          const events = client.follow({
            categories: [...categories],
            ...(known === undefined ? {} : { after: known }),
            ...(Option.isNone(type) ? {} : { types: [type.value] }),
            signal,
            onPause: ({ message }, millis) =>
              console.error(
                `The connection to ${where} broke (${clean(message)}); trying again in ${(millis / 1000).toFixed(1)} s`
              )
          })
          for await (const event of events) print(event)
        })
      })
    )
).pipe(
  Command.withDescription(
    "Print events as they happen, until interrupted; a lost connection is resumed after the last event. With --json, one line of JSON per event"
  ),
  Command.withShortDescription("Follow the event log"),
  Command.withExamples([
    { command: "tendarr events follow --since 1h", description: "The last hour, then new events" },
    { command: "tendarr events follow --category audit --json | jq .message", description: "For a script" }
  ])
)

export const events = Command.make("events").pipe(
  Command.withDescription("The event log: past and live events"),
  Command.withExamples([
    { command: "tendarr events list --category audit --since 7d", description: "What happened to removals this week" },
    { command: "tendarr events follow", description: "Events as they happen" }
  ]),
  Command.withSubcommands([list, follow, types])
)

/** Oldest first. */
const eventsSince = Effect.fnUntraced(function* (ask: Ask, moment: string) {
  const { items } = yield* pagesOf({ all: true, cursor: Option.none(), limit: 0 }, (paging) =>
    ask((client) => client.events.list({ query: { since: moment, ...paging } }))
  )
  return items.toReversed()
})

/** Filters that the stream itself does not support. */
const fits =
  (query: Readonly<Record<string, string>>) =>
  (event: Event): boolean =>
    (query["type"] === undefined || event.type === query["type"]) &&
    (query["subjectType"] === undefined || event.subject?.type === query["subjectType"]) &&
    (query["subjectId"] === undefined || event.subject?.id === query["subjectId"]) &&
    (query["search"] === undefined || event.message.toLowerCase().includes(query["search"].toLowerCase()))

const paintSeverity = (style: Style, severity: Event["severity"]) =>
  severity === "error" ? style.bad : severity === "warning" ? style.warn : (text: string) => text

const eventTable = (events: ReadonlyArray<Event>, style: Style, width: number | null, now: number) =>
  table<Event>(
    [
      { header: "ID", align: "right", cell: ({ id }) => id },
      { header: "WHEN", cell: ({ at }) => ago(at, now) },
      { header: "TYPE", cell: ({ type }) => type, paint: (text) => style.dim(text) },
      { header: "BY", cell: ({ actor }) => actor },
      {
        header: "WHAT",
        flexible: true,
        cell: ({ message }) => message,
        paint: (text, { severity }) => paintSeverity(style, severity)(text)
      }
    ],
    events,
    { style, width }
  )

const eventLine = ({ actor, at, message, severity, type }: Event, style: Style): string =>
  `${style.dim(at)} ${style.dim(type)} ${paintSeverity(style, severity)(clean(message))} ${style.dim(`(${clean(actor)})`)}`
