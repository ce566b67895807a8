/** `tendarr users plays`, `requests` and `watchlist`: what a user has played, requested and wants to keep. */
import type { ViewerListing, ViewerPlay, ViewerRequest } from "@tendarr/sdk-client"
import { Clock, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { ago } from "../output/Format.ts"
import { currentStyle } from "../output/Style.ts"
import { type Column, table, terminalWidth } from "../output/Table.ts"
import { moreLines, type Page, pageFlags, pagesOf } from "../Paging.ts"
import { answer, toggle } from "../Root.ts"
import { userArgument, userNamed } from "../UserNames.ts"

const shown = Effect.fnUntraced(function* <A>(
  found: Page<A>,
  none: string,
  columns: (now: number) => ReadonlyArray<Column<A>>
) {
  const style = yield* currentStyle
  const width = yield* terminalWidth
  const now = yield* Clock.currentTimeMillis
  yield* answer(found, () =>
    found.items.length === 0 ? [none] : [...table(columns(now), found.items, { style, width }), ...moreLines(found)]
  )
})

export const plays = Command.make("plays", { user: userArgument, ...pageFlags }, ({ user, ...page }) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const { id } = yield* userNamed(ask, user)
      const found = yield* pagesOf(page, (part) => ask((client) => client.viewers.plays({ path: { id }, query: part })))
      yield* shown<ViewerPlay>(found, "Nothing that is in the library was played by this user", (now) => [
        { header: "ITEM", align: "right", cell: ({ itemId }) => itemId },
        { header: "TITLE", flexible: true, cell: titleOf },
        { header: "ON", cell: ({ integration }) => integration },
        { header: "PLAYS", align: "right", cell: ({ plays: count }) => String(count) },
        { header: "WATCHED", align: "right", cell: ({ seen }) => (seen === null ? "not known" : String(seen)) },
        {
          header: "LAST PLAY",
          cell: ({ lastPlayedAt }) => (lastPlayedAt === null ? "not known" : ago(lastPlayedAt, now))
        }
      ])
    })
  )
).pipe(
  Command.withDescription("List the movies and shows that a user has played, the last played first"),
  Command.withShortDescription("List what a user has played"),
  Command.withExamples([{ command: "tendarr users plays 3 --limit 10", description: "The last ten titles" }])
)

const statuses = ["pending", "approved", "declined", "failed", "completed", "unknown"] as const

export const requests = Command.make(
  "requests",
  {
    user: userArgument.pipe(Argument.optional),
    status: Flag.Literals("status", statuses).pipe(Flag.withDescription("Only those in this state"), Flag.optional),
    nobody: toggle("nobody", "Only those of users who were deleted: it is not known who made them"),
    ...pageFlags
  },
  ({ nobody, status: chosen, user, ...page }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const viewer = Option.isSome(user) ? (yield* userNamed(ask, user.value)).id : undefined
        const status = Option.getOrUndefined(chosen)
        const found = yield* pagesOf(page, (part) =>
          ask((client) =>
            client.requests.list({
              query: {
                ...part,
                ...(viewer === undefined ? {} : { viewer }),
                ...(status === undefined ? {} : { status }),
                ...(nobody ? { known: false } : {})
              }
            })
          )
        )
        yield* shown<ViewerRequest>(found, "No requests", (now) => [
          { header: "REQUEST", align: "right", cell: ({ requestId }) => requestId },
          { header: "IN", cell: ({ integration }) => integration },
          { header: "TITLE", flexible: true, cell: ({ ids, title }) => title ?? ids.join(", ") },
          { header: "BY", flexible: true, cell: ({ requestedBy }) => requestedBy?.name ?? "not known" },
          { header: "STATUS", cell: ({ is4k, status: state }) => (is4k ? `${state}, 4K` : state) },
          { header: "REQUESTED", cell: ({ requestedAt }) => whenOf(requestedAt, now) },
          { header: "APPROVED", cell: approvalOf(now) }
        ])
      })
    )
).pipe(
  Command.withDescription(
    "List the requests of a user, or of everybody, the newest first, with who approved them; also those for titles that are not in the library"
  ),
  Command.withShortDescription("List what a user has requested"),
  Command.withExamples([
    { command: "tendarr users requests ann@example.org", description: "Requests of one user" },
    { command: "tendarr users requests --nobody --json", description: "Requests of users who were deleted" }
  ])
)

export const watchlist = Command.make("watchlist", { user: userArgument, ...pageFlags }, ({ user, ...page }) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const { id } = yield* userNamed(ask, user)
      const found = yield* pagesOf(page, (part) =>
        ask((client) => client.viewers.watchlist({ path: { id }, query: part }))
      )
      yield* shown<ViewerListing>(
        found,
        "Nothing that is in the library is on a watchlist or among the favourites of this user",
        () => [
          { header: "ITEM", align: "right", cell: ({ itemId }) => itemId },
          { header: "TITLE", flexible: true, cell: titleOf },
          { header: "LIST", cell: ({ list }) => list },
          { header: "OF", cell: ({ integration }) => integration }
        ]
      )
    })
  )
).pipe(
  Command.withDescription("List what a user has on their watchlist and among their favourites"),
  Command.withShortDescription("List what a user wants to keep"),
  Command.withExamples([{ command: "tendarr users watchlist 3", description: "By the id of the user" }])
)

const titleOf = ({ title, year }: Pick<ViewerPlay, "title" | "year">): string =>
  year === null ? title : `${title} (${year})`

const whenOf = (at: string | null, now: number): string => (at === null ? "not known" : ago(at, now))

const approvalOf =
  (now: number) =>
  ({ approvedAt, approvedBy: [by] }: ViewerRequest): string => {
    const when = approvedAt === null ? "" : ago(approvedAt, now)
    return by === undefined ? when : `${when === "" ? "" : `${when}, `}by ${by}`
  }
