/** `tendarr activity`: what happened, by page and with a total. */
import type { ActivityEntry } from "@tendarr/sdk-client"
import { Clock, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { pastMoments } from "../Moments.ts"
import { ago, clean } from "../output/Format.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { answer, textFlag } from "../Root.ts"

export const activity = Command.make(
  "activity",
  {
    item: textFlag("item", "ID", "What happened to this item, and to the collections that it is in"),
    types: textFlag("types", "LIST", "Only events of these types, or beginnings of types: removal.,protection."),
    actors: textFlag("actors", "LIST", "Only by these actors, or beginnings of actors: account:,key:,dialect:"),
    search: textFlag("search", "TEXT", "Only if the message contains this text"),
    since: textFlag("since", "TIME", "Not before this time: 2h, 3d, 2026-01-31T18:00:00Z"),
    until: textFlag("until", "TIME", "Before this time"),
    offset: Flag.Int("offset").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription("Entries to skip (default 0)"),
      Flag.withDefault(0)
    ),
    limit: Flag.Int("limit").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription("Rows to show, at most 200 (default 50)"),
      Flag.withDefault(50)
    )
  },
  ({ actors, item, limit, offset, search, since, types, until }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const query = {
          ...(Option.isSome(item) ? { itemId: item.value } : {}),
          ...(Option.isSome(types) ? { types: namesIn(types.value) } : {}),
          ...(Option.isSome(actors) ? { actors: namesIn(actors.value) } : {}),
          ...(Option.isSome(search) ? { search: search.value } : {}),
          ...(yield* pastMoments({ since, until })),
          offset,
          limit
        }
        const page = yield* ask((client) => client.events.activity({ query }))
        const style = yield* currentStyle
        const width = yield* terminalWidth
        const now = yield* Clock.currentTimeMillis
        yield* answer(page, () =>
          page.items.length === 0
            ? [page.total === 0 ? "Nothing happened" : `There are only ${page.total} entries`]
            : [
                ...activityTable(page.items, style, width, now),
                "",
                `${offset + 1} to ${offset + page.items.length} of ${page.total}`
              ]
        )
      })
    )
).pipe(
  Command.withDescription("Show what happened, newest first, with a total"),
  Command.withExamples([
    { command: "tendarr activity --item 42", description: "Everything that happened to one item" },
    { command: "tendarr activity --types removal. --since 7d", description: "This week's removals" }
  ])
)

const namesIn = (text: string): Array<string> =>
  text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")

const activityTable = (entries: ReadonlyArray<ActivityEntry>, style: Style, width: number | null, now: number) =>
  table<ActivityEntry>(
    [
      { header: "WHEN", cell: ({ at }) => ago(at, now) },
      { header: "WHO", cell: ({ actor }) => clean(actor) },
      { header: "WHAT", flexible: true, cell: ({ message }) => clean(message) },
      { header: "TYPE", cell: ({ type }) => type, paint: (text) => style.dim(text) }
    ],
    entries,
    { style, width }
  )
