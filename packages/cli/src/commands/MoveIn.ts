/** `tendarr move-in`: what another product knew, from its file: previewed, and then applied as a whole. */
import { openAsBlob } from "node:fs"
import { stat } from "node:fs/promises"
import { productNames } from "@tendarr/core/moving/MoveIn"
import type { MoveIn, MoveInEntry } from "@tendarr/sdk-client"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type Ask, withTendarr } from "../connection/Connection.ts"
import { misused } from "../Failure.ts"
import { bytes, clean, count, moment } from "../output/Format.ts"
import { pagesOf } from "../Paging.ts"
import { confirm, yesFlag } from "../Questions.ts"
import { answer, root, textFlag, toggle } from "../Root.ts"
import { integrationNamed } from "../Selection.ts"

/** Records of each section that are listed; the JSON contains all of them. */
const mostListed = 20
const pageSize = 200

export const moveIn = Command.make(
  "move-in",
  {
    product: Argument.Literals("product", productNames).pipe(
      Argument.withDescription("The product that the file is from: prunerr, maintainerr or cleanuparr")
    ),
    file: Argument.String("file").pipe(
      Argument.withDescription(
        "Its database; for Maintainerr also the YAML export of a rule group, for Cleanuparr answers of its API as JSON"
      )
    ),
    apply: toggle("apply", "Apply the preview; without it, nothing is changed"),
    mediaServer: textFlag("media-server", "NAME", "The integration that is the media server of the other product"),
    library: Flag.String("library").pipe(
      Flag.withMetavar("KEY=TITLE"),
      Flag.withDescription("Title of a library by its key on the media server; may be repeated"),
      Flag.atLeast(0)
    ),
    name: textFlag("name", "NAME", "Name of the rule, for an export that has none"),
    yes: yesFlag
  },
  ({ apply, file, library, mediaServer, name, product, yes }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const body = yield* contentOf(file, product)
        const server = Option.isNone(mediaServer) ? null : yield* integrationNamed(ask, mediaServer.value)
        const query = {
          product,
          ...(server === null ? {} : { mediaServer: server.id }),
          ...(library.length === 0 ? {} : { library: [...library] }),
          ...(Option.isNone(name) ? {} : { name: name.value })
        }
        const preview = yield* ask((client) => client.moving.preview({ query, body }))
        const entries = yield* entriesOf(ask, preview.id)
        if (!apply) {
          return yield* answer({ ...preview, entries }, () => [
            ...previewLines(preview, entries),
            "",
            "Nothing was changed. With --apply, exactly this is created."
          ])
        }
        const { json } = yield* root
        const lines = json ? [] : previewLines(preview, entries)
        yield* confirm([...lines, "Move this in?"].join("\n"), yes)
        const done = yield* ask((client) => client.moving.apply({ path: { id: preview.id } }))
        yield* answer({ ...done, entries }, () => [
          ...(yes ? [...lines, ""] : []),
          `Moved in at ${moment(done.appliedAt ?? "")}. Rules that act are switched off: review them with \`tendarr rules list\`, and switch them on one by one.`
        ])
      })
    )
).pipe(
  Command.withDescription(
    "Move in connections, rules, protections, the queue and the history of another product from its file. Every record is shown with what becomes of it, and why it is not carried over; nothing is changed without --apply, and then all of it or nothing. Rules that act arrive switched off, and nothing is removed earlier than there."
  ),
  Command.withShortDescription("Move in from Prunerr, Maintainerr or Cleanuparr"),
  Command.withExamples([
    { command: "tendarr move-in prunerr prunerr.db", description: "Show what would be moved in" },
    {
      command: "tendarr move-in maintainerr maintainerr.sqlite --media-server Plex --library 1=Movies --apply",
      description: "Choose the media server and a library, and move in"
    },
    {
      command: "tendarr move-in cleanuparr cleanuparr.db",
      description: "Show what would be moved in, with the connections and their keys, which are not shown"
    }
  ])
)

/** A database whose log lies beside it is not complete without it. */
const contentOf = Effect.fnUntraced(function* (file: string, product: string) {
  const log = yield* Effect.promise(() =>
    stat(`${file}-wal`).then(
      ({ size }) => size,
      () => 0
    )
  )
  if (log > 0) {
    return yield* misused(
      `${file}-wal contains changes that are not in ${file} yet`,
      `Stop ${product}, so that it merges them, and copy the file then`
    )
  }
  return yield* Effect.tryPromise({
    try: () => openAsBlob(file, { type: "application/octet-stream" }),
    catch: (error) => misused(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
})

const entriesOf = (ask: Ask, id: string) =>
  Effect.map(
    pagesOf({ all: true, cursor: Option.none(), limit: pageSize }, (query) =>
      ask((client) => client.moving.entries({ path: { id }, query }))
    ),
    ({ items }) => items
  )

const previewLines = (
  { counts, libraries, mediaServer, notes, version }: MoveIn,
  entries: ReadonlyArray<MoveInEntry>
): ReadonlyArray<string> => [
  `${version ?? "The file"}${mediaServer === null ? "; its media server was not recognised" : `; its media server is ${clean(mediaServer.name)}: ${mediaServer.because}`}`,
  ...notes.map((note) => `Note: ${clean(note)}`),
  ...libraries.map(({ key, title }) => `Library ${clean(key)}: ${title === null ? "not recognised" : clean(title)}`),
  ...counts.flatMap(({ create, notCarried, present, section }) => {
    if (create + present + notCarried === 0) return []
    const listed = entries.filter((one) => one.section === section && !isOrdinary(one))
    return [
      "",
      `${section}: ${create} to create, ${present} here already, ${notCarried} not carried over`,
      ...listed.slice(0, mostListed).flatMap(entryLines),
      ...(listed.length > mostListed ? [`  and ${listed.length - mostListed} more; --json lists all`] : [])
    ]
  })
]

/** History is only counted. */
const isOrdinary = ({ outcome, section }: MoveInEntry): boolean =>
  outcome === "present" || (section === "history" && outcome === "create")

const entryLines = ({
  because,
  connection,
  notes,
  outcome,
  removal,
  title,
  wouldMatch
}: MoveInEntry): ReadonlyArray<string> => [
  `  ${outcome === "create" ? "+" : "-"} ${clean(title)}${because === null ? "" : `: ${clean(because)}`}${
    removal === undefined ? "" : `: not removed before ${moment(removal.notBefore)}`
  }${connection === undefined ? "" : `: ${clean(connection.kind)} at ${clean(connection.url)}${connection.enabled ? "" : ", switched off"}`}${wouldMatch === undefined ? "" : `: matches ${count(wouldMatch.items, "item")} now, ${bytes(wouldMatch.bytes)}`}`,
  ...notes.map((note) => `      ${clean(note)}`)
]
