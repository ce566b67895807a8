/** `tendarr collections`: collections of the library, and requesting the removal of one as a whole. */
import type { Collection, MissingMember } from "@tendarr/sdk-client"
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

const nameArgument = Argument.String("collection").pipe(Argument.withDescription("Id or title"))

const show = Command.make("show", { name: nameArgument }, ({ name }) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* named(ask, name)
      const { items: missing } = yield* ask((client) => client.library.missing({ path: { id: found.id } }))
      const style = yield* currentStyle
      const width = yield* terminalWidth
      yield* answer({ ...found, missingMovies: missing }, () => [
        `${clean(found.title)}: ${count(found.items, "item")}, ${bytes(found.bytes)}`,
        ...(found.overview === null ? [] : [clean(found.overview)]),
        ...(found.protection === null
          ? []
          : [`Protected${found.protection.reason ? `: ${clean(found.protection.reason)}` : ""}`]),
        ...(found.missing === null
          ? ["No application knows all of its movies"]
          : missing.length === 0
            ? ["No movie of it is missing"]
            : ["", "Missing:", ...missingTable(missing, style, width)])
      ])
    })
  )
).pipe(
  Command.withDescription("Show a collection with the movies of it that no application of the library has"),
  Command.withShortDescription("Show a collection, and what is missing")
)

const sync = Command.make("sync", {}, () =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const done = yield* ask((client) => client.library.syncCollections())
      const style = yield* currentStyle
      yield* answer(done, () =>
        done.integrations.length === 0
          ? ["No application lists its collections"]
          : done.integrations.map(({ collections: found, detail, name }) =>
              detail === null
                ? `${clean(name)}: ${count(found, "collection")}`
                : style.warn(`${clean(name)}: ${clean(detail)}`)
            )
      )
    })
  )
).pipe(Command.withDescription("Read the descriptions and missing movies of all collections now"))

const remove = Command.make(
  "remove",
  {
    name: nameArgument,
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
      { header: "MISSING", align: "right", cell: ({ missing }) => (missing === null ? "-" : String(missing)) },
      {
        header: "PROTECTED",
        flexible: true,
        cell: ({ protection }) => (protection === null ? "no" : clean(protection.reason || "yes"))
      }
    ],
    collections,
    { style, width }
  )

const missingTable = (missing: ReadonlyArray<MissingMember>, style: Style, width: number | null) =>
  table<MissingMember>(
    [
      { header: "TITLE", flexible: true, cell: ({ title }) => clean(title) },
      { header: "YEAR", align: "right", cell: ({ year }) => (year === null ? "-" : String(year)) },
      { header: "TMDB", align: "right", cell: ({ tmdbId }) => String(tmdbId) }
    ],
    missing,
    { style, width }
  )

export const collections = Command.make("collections").pipe(
  Command.withDescription(
    "Collections of the library: list them, show what is missing, and request the removal of one"
  ),
  Command.withShortDescription("Collections of the library"),
  Command.withSubcommands([list, show, sync, remove])
)
