/** `tendarr collections`: collections of the library, and requesting the removal of one as a whole. */
import type { Collection } from "@tendarr/sdk-client"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type Ask, withTendarr } from "../connection/Connection.ts"
import { failed } from "../Failure.ts"
import { bytes, clean, count } from "../output/Format.ts"
import { removalTable } from "../output/Removals.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { confirm, yesFlag } from "../Questions.ts"
import { answer } from "../Root.ts"

const list = Command.make("list", {}, () =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* ask((client) => client.library.collections())
      const style = yield* currentStyle
      const width = yield* terminalWidth
      yield* answer(found, () =>
        found.items.length === 0 ? ["No item is in a collection"] : collectionTable(found.items, style, width)
      )
    })
  )
).pipe(Command.withDescription("List collections with their size, and whether they are protected"))

const named = Effect.fnUntraced(function* (ask: Ask, text: string) {
  const { items } = yield* ask((client) => client.library.collections())
  const found = items.find(({ id, title }) => id === text || title.toLowerCase() === text.toLowerCase())
  return (
    found ??
    (yield* failed(
      `There is no collection "${text}"`,
      "collection-not-found",
      "`tendarr collections list` lists them."
    ))
  )
})

const remove = Command.make(
  "remove",
  {
    name: Argument.String("collection").pipe(Argument.withDescription("Id or title")),
    graceDays: Flag.Int("grace-days").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription("Days until it is removed; the default is the delay in the settings"),
      Flag.optional
    ),
    yes: yesFlag
  },
  ({ graceDays, name, yes }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const { bytes: size, id, items, title } = yield* named(ask, name)
        yield* confirm(`Request the removal of "${clean(title)}", ${count(items, "item")}, ${bytes(size)}?`, yes)
        const done = yield* ask((client) =>
          client.removals.requestMany({
            body: { collectionId: id, ...(Option.isSome(graceDays) ? { graceDays: graceDays.value } : {}) }
          })
        )
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer(done, () => [
          ...removalTable(done.requested, style, width),
          ...done.failed.map(({ detail, itemId }) => style.warn(`Item ${itemId} stays: ${clean(detail)}`))
        ])
      })
    )
).pipe(
  Command.withDescription(
    "Request the removal of all members of a collection. If none of them stays, they are removed together or not at all"
  ),
  Command.withShortDescription("Request the removal of a collection")
)

const collectionTable = (collections: ReadonlyArray<Collection>, style: Style, width: number | null) =>
  table<Collection>(
    [
      { header: "ID", cell: ({ id }) => id },
      { header: "TITLE", flexible: true, cell: ({ title }) => clean(title) },
      { header: "ITEMS", align: "right", cell: ({ items }) => String(items) },
      { header: "SIZE", align: "right", cell: ({ bytes: size }) => bytes(size) },
      {
        header: "PROTECTED",
        flexible: true,
        cell: ({ protection }) => (protection === null ? "no" : clean(protection.reason || "yes"))
      }
    ],
    collections,
    { style, width }
  )

export const collections = Command.make("collections").pipe(
  Command.withDescription("Collections of the library: list them, and request the removal of one"),
  Command.withShortDescription("Collections of the library"),
  Command.withSubcommands([list, remove])
)
