/**
 * Set-up at a terminal: finds applications, asks, connects, reads, and shows what would be removed. Each step is
 * complete in itself.
 */
import { syncJob } from "@tendarr/core/jobs/JobNames"
import type { Integration, IntegrationKind } from "@tendarr/sdk-client"
import { Console, Effect } from "effect"
import { Prompt } from "effect/cli"
import type { Connection } from "../connection/Connection.ts"
import type { Place } from "../connection/Place.ts"
import { clean, count } from "../output/Format.ts"
import { syncLines } from "../output/Integrations.ts"
import { makeProgress } from "../output/Progress.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { terminalWidth } from "../output/Table.ts"
import { asked } from "../Questions.ts"
import { printErrors, startAndFollow, syncReportOf } from "../RunFollowing.ts"
import { connectAttended, isConnected } from "./Connecting.ts"
import { addressIn, discover, type Found, placesFor, type Where } from "./Discovery.ts"
import { askDisks } from "./DiskSetup.ts"
import { nextLines, outlookLines, outlookOf } from "./Outlook.ts"
import type { InitProgress } from "./InitProgress.ts"
import { type InitOptions, wantedIntegrations } from "./InitOptions.ts"

export const setUpAttended = Effect.fnUntraced(function* (
  connection: Connection,
  place: Place,
  options: InitOptions,
  done: InitProgress
) {
  const { ask } = connection
  const style = yield* currentStyle
  const width = yield* terminalWidth
  yield* Console.log(`Setting up the Tendarr ${connection.server === null ? "in" : "at"} ${clean(connection.where)}\n`)
  yield* connectAll(connection, place, options, done, style)
  const integrations = (yield* ask((client) => client.integrations.list())).items
  if (!integrations.some(({ enabled }) => enabled)) {
    yield* Console.log("\nNothing is connected, so there is nothing to read.")
    return yield* Console.log(["", ...nextLines(place, connection.server !== null, null, style)].join("\n"))
  }
  if (options.sync) {
    yield* Console.log(`\n${style.bold("Reading the library")}`)
    const run = yield* startAndFollow(connection, syncJob, {})
    const report = yield* syncReportOf(run)
    if (report === null) yield* printErrors(connection, run)
    else yield* Console.log(syncLines(report, style, width).join("\n"))
    done.synced = true
  }
  const disks = (yield* ask((client) => client.capacity.diskGroups())).items
  if (disks.length > 0) {
    yield* Console.log(`\n${style.bold("Disks")}`)
    yield* askDisks(ask, disks, options, style, width)
    done.disksSet = true
  } else if (done.synced) {
    yield* Console.log("\nNo disk was found: an application that manages files (such as an arr) reports them.")
  }
  const preview = yield* outlookOf(ask)
  yield* Console.log(
    [
      "",
      ...outlookLines(preview, style),
      "",
      ...nextLines(place, connection.server !== null, done.synced ? preview : null, style)
    ].join("\n")
  )
})

const connectAll = Effect.fnUntraced(function* (
  connection: Connection,
  place: Place,
  options: InitOptions,
  done: InitProgress,
  style: Style
) {
  const { ask } = connection
  const kinds = (yield* ask((client) => client.integrations.kinds())).items
  for (const { kind, url } of yield* wantedIntegrations(ask, options.integrations)) {
    yield* connectOne(connection, { kinds: [kind], url }, done, style)
  }
  let where: Where = { kinds, ...placesFor(place, options.look) }
  for (;;) {
    const known = (yield* ask((client) => client.integrations.list())).items
    const found = (yield* lookAround(where)).filter(({ url }) => !isConnected(url, known))
    yield* printFound(found, known, where)
    for (const one of yield* choose(found)) yield* connectOne(connection, one, done, style)
    const typed = yield* asked(Prompt.String({ message: "Look on another host or at an address? (empty = continue)" }))
    if (typed.trim() === "") return
    where = { kinds, ...placesFor(place, [typed.trim()]) }
    const unrecognised = addressIn(typed)
    if (unrecognised !== null && (yield* lookAround(where)).length === 0) {
      const kind = yield* askKind(kinds, unrecognised)
      if (kind !== null) yield* connectOne(connection, { kinds: [kind], url: unrecognised }, done, style)
      where = { ...where, named: [] }
    }
  }
})

const lookAround = (where: Where) =>
  Effect.scoped(Effect.flatMap(makeProgress, (progress) => discover(where, progress.show)))

const printFound = (found: ReadonlyArray<Found>, known: ReadonlyArray<Integration>, { named }: Where) => {
  const connected = known.length === 0 ? "" : ` ${count(known.length, "integration")} connected already.`
  const where = named.length === 0 ? "on this machine or under the usual names of containers" : `at ${named.join(", ")}`
  return Console.log(
    found.length === 0
      ? `Nothing new was found ${clean(where)}.${connected}`
      : `Found ${count(found.length, "application")}.${connected}`
  )
}

const titleOf = ({ kinds, url }: Found): string => `${kinds.map(({ title }) => title).join(" or ")} at ${clean(url)}`

const choose = (found: ReadonlyArray<Found>) =>
  found.length === 0
    ? Effect.succeed([])
    : asked(
        Prompt.MultiSelect({
          message: "Which ones should be connected? (space selects)",
          choices: found.map((one) => ({ title: titleOf(one), value: one, selected: true })),
          maxPerPage: 20
        })
      )

const askKind = (kinds: ReadonlyArray<IntegrationKind>, url: string) =>
  asked(
    Prompt.Select<IntegrationKind | null>({
      message: `No known application answers at ${clean(url)}. Which one is expected there?`,
      choices: [{ title: "None, skip it", value: null }, ...kinds.map((kind) => ({ title: kind.title, value: kind }))],
      maxPerPage: 20
    })
  )

const connectOne = Effect.fnUntraced(function* ({ ask }: Connection, found: Found, done: InitProgress, style: Style) {
  const known = (yield* ask((client) => client.integrations.list())).items
  if (isConnected(found.url, known)) return yield* Console.log(`${clean(found.url)} is connected already`)
  const added = yield* connectAttended(ask, found, known, style)
  if (added !== null) done.added.push(added)
})
