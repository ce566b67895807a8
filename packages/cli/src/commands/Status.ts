/** `tendarr status`: the state of the installation on one page. */
import type { SystemStatus } from "@tendarr/sdk-client"
import { Effect } from "effect"
import { Command } from "effect/cli"
import type { Connection } from "../connection/Connection.ts"
import { withTendarr } from "../connection/Connection.ts"
import { openRemovalsText, itemsOf } from "../output/Counts.ts"
import { clean, count, duration } from "../output/Format.ts"
import { diskTable } from "../output/Disks.ts"
import { paintHealth } from "../output/Integrations.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { answer } from "../Root.ts"
import { progressOf } from "../RunFollowing.ts"

export const status = Command.make("status", {}, () =>
  withTendarr((connection) =>
    Effect.gen(function* () {
      const found = yield* connection.ask((client) => client.system.status())
      const style = yield* currentStyle
      const width = yield* terminalWidth
      yield* answer(found, () => statusLines(found, connection, style, width))
    })
  )
).pipe(Command.withDescription("Show integrations, disks, running jobs and totals"))

const statusLines = (
  status: SystemStatus,
  connection: Connection,
  style: Style,
  width: number | null
): ReadonlyArray<string> => {
  const { stats } = status
  const served =
    connection.server === null
      ? `no server is running; read from ${connection.where}`
      : `up ${duration(Date.parse(status.now) - Date.parse(status.startedAt))} at ${connection.server}`
  return [
    `${style.bold(clean(status.instanceName))} ${status.version} on ${status.runtime}, ${served}`,
    ...(status.storage.detail === null ? [] : [style.bad(clean(status.storage.detail))]),
    // Servers of earlier versions report no loops.
    ...(status.loops ?? []).flatMap(({ error, nextTryAt, title }) =>
      error === null
        ? []
        : [style.bad(clean(`${title} failed: ${error}${nextTryAt === null ? "" : `; again at ${nextTryAt}`}`))]
    ),
    status.deletionsEnabled ? "Deletions are on" : style.warn("Deletions are switched off: nothing is removed"),
    "",
    ...section(style, "INTEGRATIONS", "none; connect one first", integrationLines(status, style, width)),
    ...section(
      style,
      "DISKS",
      "none found yet; `tendarr sync` looks for them",
      diskTable(status.diskGroups, style, width, 2)
    ),
    ...section(
      style,
      "RUNNING",
      "nothing",
      status.running.map((run) => `  ${clean(progressOf(run))}`)
    ),
    style.bold("TOTALS"),
    `  ${itemsOf(stats)}, ${count(stats.protections, "protection")}`,
    `  ${count(stats.openRemovals, "open removal")}: ${openRemovalsText(stats.openByState)}; removed so far: ${itemsOf({ items: stats.removedItems, bytes: stats.removedBytes })}`
  ]
}

const section = (style: Style, title: string, none: string, lines: ReadonlyArray<string>): ReadonlyArray<string> => [
  style.bold(title),
  ...(lines.length === 0 ? [`  ${none}`] : lines),
  ""
]

const integrationLines = ({ integrations }: SystemStatus, style: Style, width: number | null) =>
  table<SystemStatus["integrations"][number]>(
    [
      { header: "ID", cell: ({ id }) => id },
      { header: "NAME", cell: ({ name }) => name },
      { header: "KIND", cell: ({ kind }) => kind },
      {
        header: "HEALTH",
        cell: (one) => one.status,
        paint: (text, one) => paintHealth(style, one.status)(text)
      },
      { header: "", cell: ({ detail }) => detail ?? "", flexible: true }
    ],
    integrations,
    { style, width, indent: 2 }
  )
