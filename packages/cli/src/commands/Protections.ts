/** `tendarr protections`: what must be kept, whatever the rules say. */
import type { NewProtection, Protection } from "@tendarr/sdk-client"
import { Clock, Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { type Ask, withTendarr } from "../connection/Connection.ts"
import { failed, misused } from "../Failure.ts"
import { itemNamed, itemArgument } from "../ItemNames.ts"
import { ago, clean, count, parseSpan } from "../output/Format.ts"
import { beyondRecallLines } from "../output/Removals.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { confirm, yesFlag } from "../Questions.ts"
import { answer, textFlag } from "../Root.ts"

const list = Command.make("list", {}, () =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* ask((client) => client.library.protections())
      const style = yield* currentStyle
      const width = yield* terminalWidth
      const now = yield* Clock.currentTimeMillis
      yield* answer(found, () =>
        found.items.length === 0
          ? ["Nothing is protected; see `tendarr protections add --help`"]
          : protectionTable(found.items, style, width, now)
      )
    })
  )
).pipe(Command.withDescription("List what is protected, by whom, and until when"))

const add = Command.make(
  "add",
  {
    words: itemArgument(0),
    collection: textFlag(
      "collection",
      "NAME",
      "Protect this whole collection instead, including items that join it later"
    ),
    reason: textFlag("reason", "TEXT", "The reason, for reference"),
    span: textFlag("for", "SPAN", "Only for this duration: 12h, 30d, 52w; by default until it is removed")
  },
  ({ collection, reason, span, words }) =>
    Option.isSome(collection) === words.length > 0
      ? Effect.fail(misused("Name either an item or a --collection"))
      : Effect.flatMap(endOf(span), (expiresAt) =>
          withTendarr(({ ask }) =>
            Effect.gen(function* () {
              const body: NewProtection = {
                ...(Option.isSome(collection)
                  ? { collection: collection.value }
                  : { itemId: (yield* itemNamed(ask, words)).id }),
                ...(Option.isSome(reason) ? { reason: reason.value } : {}),
                ...(expiresAt === null ? {} : { expiresAt })
              }
              const added = yield* ask((client) => client.library.protect({ body }))
              const style = yield* currentStyle
              const width = yield* terminalWidth
              const now = yield* Clock.currentTimeMillis
              yield* answer(added, () => [
                ...protectionTable([added], style, width, now),
                ...beyondRecallLines("removal", added.beyondRecall, style)
              ])
            })
          )
        )
).pipe(
  Command.withDescription(
    "Protect an item or a collection. It takes effect immediately, even against approved removals; protecting a show covers its seasons"
  ),
  Command.withShortDescription("Protect an item or a collection"),
  Command.withExamples([
    { command: "tendarr protections add the borrowed lock", description: "By words of the title" },
    {
      command: 'tendarr protections add 42 --reason "until the children have seen it" --for 90d',
      description: "For a limited time"
    },
    { command: 'tendarr protections add --collection "Alien Collection"', description: "A whole collection" }
  ])
)

const endOf = Effect.fnUntraced(function* (span: Option.Option<string>) {
  if (Option.isNone(span)) return null
  const millis = parseSpan(span.value)
  if (millis === null) return yield* misused(`"${span.value}" is not a duration; give one such as 12h, 30d, 52w`)
  return new Date((yield* Clock.currentTimeMillis) + millis).toISOString()
})

const remove = Command.make(
  "remove",
  {
    protections: Argument.String("protection").pipe(
      Argument.withDescription("Ids, or titles as listed by `tendarr protections list`"),
      Argument.variadic({ min: 1 })
    ),
    yes: yesFlag
  },
  ({ protections: named, yes }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const chosen = yield* protectionsNamed(ask, named)
        const [first] = chosen
        const what = chosen.length === 1 ? `"${clean(first?.title ?? "")}"` : count(chosen.length, "title")
        yield* confirm(`Remove the protection of ${what}?`, yes)
        for (const { id } of chosen) yield* ask((client) => client.library.unprotect({ path: { id } }))
        yield* answer({ items: chosen }, () => chosen.map(({ title }) => `"${clean(title)}" is no longer protected`))
      })
    )
).pipe(Command.withDescription("Remove protections; the items may then be removed like any others"))

const protectionsNamed = Effect.fnUntraced(function* (ask: Ask, named: ReadonlyArray<string>) {
  const { items } = yield* ask((client) => client.library.protections())
  return yield* Effect.forEach(named, (name) => {
    const found =
      items.find(({ id }) => id === name) ?? items.find(({ title }) => title.toLowerCase() === name.toLowerCase())
    // One that is damaged is not listed, and can only be named by its id.
    if (found === undefined && /^\d{1,15}$/.test(name)) return Effect.succeed({ id: name, title: name })
    return found === undefined
      ? Effect.fail(
          failed(`There is no protection "${name}"`, "protection-not-found", "`tendarr protections list` lists them.")
        )
      : Effect.succeed(found)
  })
})

const protectionTable = (all: ReadonlyArray<Protection>, style: Style, width: number | null, now: number) => [
  ...table<Protection>(
    [
      { header: "ID", align: "right", cell: ({ id }) => id },
      { header: "TITLE", flexible: true, cell: ({ lostAt, title }) => (lostAt === undefined ? title : `! ${title}`) },
      { header: "WHAT", cell: ({ itemId, target }) => (target === "item" ? `item ${itemId ?? ""}` : target) },
      { header: "BY", cell: ({ actor }) => actor },
      { header: "SINCE", cell: ({ createdAt }) => ago(createdAt, now) },
      { header: "UNTIL", cell: ({ expiresAt }) => (expiresAt === null ? "removed" : ago(expiresAt, now)) },
      { header: "REASON", flexible: true, cell: ({ reason }) => reason }
    ],
    all,
    { style, width }
  ),
  ...all.flatMap(({ lostAt, title }) =>
    lostAt === undefined
      ? []
      : [
          `${style.bad("!")} The collection "${clean(title)}" became empty ${ago(lostAt, now)}; what was in it stays protected`
        ]
  )
]

export const protections = Command.make("protections").pipe(
  Command.withDescription("Protections: what must stay, whatever the rules say"),
  Command.withShortDescription("Protect items and collections"),
  Command.withSubcommands([list, add, remove])
)
