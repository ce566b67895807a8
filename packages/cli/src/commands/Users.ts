/** `tendarr users`: the people who play and request things, and which accounts are theirs. */
import type { Viewer, ViewerIdentity, ViewerSummary } from "@tendarr/sdk-client"
import { Clock, Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { failed } from "../Failure.ts"
import { ago, clean, count } from "../output/Format.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { moreLines, pageFlags, pagesOf } from "../Paging.ts"
import { confirm, yesFlag } from "../Questions.ts"
import { answer, textFlag } from "../Root.ts"
import { lastOf, userArgument, userNamed } from "../UserNames.ts"
import { plays, requests, watchlist } from "./UserPages.ts"

const list = Command.make(
  "list",
  { search: textFlag("search", "TEXT", "Only those with this in one of their names"), ...pageFlags },
  ({ search, ...page }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const q = Option.getOrUndefined(search)
        const found = yield* pagesOf(page, (part) =>
          ask((client) => client.viewers.list({ query: { ...part, ...(q === undefined ? {} : { q }) } }))
        )
        const style = yield* currentStyle
        const width = yield* terminalWidth
        const now = yield* Clock.currentTimeMillis
        yield* answer(found, () =>
          found.items.length === 0
            ? ["There are no users yet; a sync of media servers and request managers finds them"]
            : [...userTable(found.items, style, width, now), ...moreLines(found)]
        )
      })
    )
).pipe(Command.withDescription("List everybody who has played or requested something, by name"))

const show = Command.make("show", { user: userArgument }, ({ user: named }) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* userNamed(ask, named)
      yield* answer(found, yield* linesOf([found]))
    })
  )
).pipe(Command.withDescription("Show a user with their accounts and plays"))

const join = Command.make(
  "join",
  {
    user: userArgument,
    others: Argument.String("other").pipe(
      Argument.withDescription("Users who are the same person, by id or name"),
      Argument.variadic({ min: 1 })
    ),
    yes: yesFlag
  },
  ({ others: named, user: first, yes }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const target = yield* userNamed(ask, first)
        const others = yield* Effect.forEach(named, (one) => userNamed(ask, one))
        if (others.some(({ id }) => id === target.id)) {
          return yield* failed(`${titleOf(target)} cannot be joined with the same user`, "invalid-request")
        }
        const who = others.map(titleOf).join(", ")
        yield* confirm(`Are ${who} and ${titleOf(target)} one person?`, yes)
        const joined = yield* ask((client) =>
          client.viewers.join({
            path: { id: target.id },
            headers: { "if-match": `"${target.version}"` },
            body: { viewerIds: others.map(({ id }) => id) }
          })
        )
        yield* answer(joined, yield* linesOf([joined]))
      })
    )
).pipe(
  Command.withDescription(
    "Join users who are one person: their accounts become accounts of the first one, and no sync separates them again"
  ),
  Command.withShortDescription("Join users who are one person"),
  Command.withExamples([
    { command: "tendarr users join 3 7", description: "User 7 is the same person as user 3" },
    { command: 'tendarr users join "Ann" "ann@example.org" --yes', description: "By names, without asking" }
  ])
)

const part = Command.make(
  "part",
  {
    user: userArgument,
    identities: Argument.String("account").pipe(
      Argument.withDescription("Ids of the accounts of the other person, as `tendarr users show` lists them"),
      Argument.variadic({ min: 1 })
    ),
    yes: yesFlag
  },
  ({ identities, user: named, yes }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const target = yield* userNamed(ask, named)
        const accounts = yield* Effect.forEach(identities, (id) => accountOf(target, id))
        const who = accounts.map(({ integration, name }) => `"${clean(name)}" of ${clean(integration)}`).join(", ")
        yield* confirm(`Are ${who} and ${titleOf(target)} different people?`, yes)
        const both = yield* ask((client) =>
          client.viewers.split({
            path: { id: target.id },
            headers: { "if-match": `"${target.version}"` },
            body: { identityIds: accounts.map(({ id }) => id) }
          })
        )
        yield* answer(both, yield* linesOf([both.viewer, both.split]))
      })
    )
).pipe(
  Command.withDescription(
    "Part accounts of another person from a user: they become a separate user, and no sync joins them again"
  ),
  Command.withShortDescription("Part accounts of another person"),
  Command.withExamples([{ command: "tendarr users part 3 12", description: "Account 12 is not of user 3" }])
)

const titleOf = ({ id, name }: Viewer): string => `"${clean(name)}" (user ${id})`

const accountOf = ({ id, identities, name }: Viewer, wanted: string) => {
  const found = identities.find((one) => one.id === wanted)
  return found === undefined
    ? Effect.fail(
        failed(
          `"${clean(name)}" has no account ${wanted}`,
          "identity-not-found",
          `\`tendarr users show ${id}\` lists the accounts.`
        )
      )
    : Effect.succeed(found)
}

const userTable = (viewers: ReadonlyArray<ViewerSummary>, style: Style, width: number | null, now: number) =>
  table<ViewerSummary>(
    [
      { header: "ID", align: "right", cell: ({ id }) => id },
      { header: "NAME", flexible: true, cell: ({ name }) => name },
      { header: "KNOWN BY", flexible: true, cell: ({ integrations }) => integrations.join(", ") },
      { header: "ITEMS", align: "right", cell: ({ totals }) => String(totals.items) },
      { header: "PLAYS", align: "right", cell: ({ totals }) => String(totals.plays) },
      { header: "LAST PLAY", cell: ({ totals }) => lastOf(totals.lastPlayedAt, now) }
    ],
    viewers,
    { style, width }
  )

const linesOf = Effect.fnUntraced(function* (all: ReadonlyArray<Viewer>) {
  const style = yield* currentStyle
  const width = yield* terminalWidth
  const now = yield* Clock.currentTimeMillis
  return () =>
    all.flatMap((one, index) => [
      ...(index === 0 ? [] : [""]),
      `${style.bold(clean(one.name))} (user ${one.id})`,
      `${count(one.totals.items, "item")}, ${count(one.totals.plays, "play")}, last ${lastOf(one.totals.lastPlayedAt, now)}`,
      "",
      ...identityTable(one.identities, style, width, now),
      ...ambiguousLines(one, style)
    ])
})

const identityTable = (identities: ReadonlyArray<ViewerIdentity>, style: Style, width: number | null, now: number) =>
  table<ViewerIdentity>(
    [
      { header: "ACCOUNT", align: "right", cell: ({ id }) => id },
      { header: "OF", cell: ({ integration }) => integration },
      { header: "NAMES", flexible: true, cell: ({ names }) => names.join(", ") },
      { header: "ROLE", cell: ({ role }) => (role === "account" ? "plays" : "asks") },
      { header: "PLACED", cell: ({ placedBy }) => (placedBy === "person" ? "by a person" : "by the sync") },
      { header: "PLAYS", align: "right", cell: ({ totals }) => String(totals.plays) },
      { header: "LAST PLAY", cell: ({ totals }) => lastOf(totals.lastPlayedAt, now) },
      {
        header: "MISSING",
        cell: ({ missingSince }) => (missingSince === null ? "" : `since ${ago(missingSince, now)}`)
      }
    ],
    identities,
    { style, width }
  )

const ambiguousLines = ({ identities }: Viewer, style: Style): ReadonlyArray<string> => {
  const names = [...new Set(identities.flatMap(({ ambiguous }) => ambiguous))]
  return names.length === 0
    ? []
    : [
        "",
        `${style.bad("!")} Others are called ${names.map((name) => `"${clean(name)}"`).join(", ")} too, so rules do not recognise this user by that name. \`tendarr users join\` joins users who are one person`
      ]
}

export const users = Command.make("users").pipe(
  Command.withDescription(
    "Users: the people who play and request things, the accounts by which applications know them, and what each has played, requested and wants to keep"
  ),
  Command.withShortDescription("See who plays and requests things"),
  Command.withSubcommands([list, show, plays, requests, watchlist, join, part])
)
