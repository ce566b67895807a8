/** `tendarr trends`: how the library and the disks developed over the last 30 days. */
import type { DayFigures, DiskTrend, StatsTrends } from "@tendarr/sdk-client"
import { Effect } from "effect"
import { Command } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { bytes } from "../output/Format.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { answer } from "../Root.ts"

export const trends = Command.make("trends", {}, () =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* ask((client) => client.system.trends())
      const style = yield* currentStyle
      const width = yield* terminalWidth
      yield* answer(found, () => trendLines(found, style, width))
    })
  )
).pipe(Command.withDescription("Show how the library and the disks developed over the last 30 days"))

export const trendLines = (
  { days, diskGroups }: StatsTrends,
  style: Style,
  width: number | null
): ReadonlyArray<string> => {
  const eventful = days.filter((day) => day.addedItems + day.goneItems + day.removedItems > 0)
  return [
    ...(diskGroups.length === 0
      ? ["No disks found yet; `tendarr sync` looks for them"]
      : disksOf(diskGroups, style, width)),
    "",
    ...(eventful.length === 0 ? ["Nothing was added or removed"] : daysOf(eventful, style, width))
  ]
}

const disksOf = (disks: ReadonlyArray<DiskTrend>, style: Style, width: number | null) =>
  table<DiskTrend>(
    [
      { header: "ID", cell: ({ diskGroupId }) => diskGroupId },
      { header: "MOUNT", cell: ({ mountPath }) => mountPath, flexible: true },
      { header: "PER DAY", align: "right", cell: ({ bytesPerDay }) => growth(bytesPerDay) },
      { header: "THRESHOLD", align: "right", cell: ({ daysUntilThreshold }) => reach(daysUntilThreshold) }
    ],
    disks,
    { style, width }
  )

const daysOf = (days: ReadonlyArray<DayFigures>, style: Style, width: number | null) =>
  table<DayFigures>(
    [
      { header: "DAY (UTC)", cell: ({ at }) => at.slice(0, 10) },
      { header: "ADDED", align: "right", cell: ({ addedItems }) => String(addedItems) },
      { header: "GONE", align: "right", cell: ({ goneItems }) => String(goneItems) },
      { header: "REMOVED", align: "right", cell: ({ removedItems }) => String(removedItems) },
      { header: "FREED", align: "right", cell: ({ removedBytes }) => bytes(removedBytes) }
    ],
    days,
    { style, width }
  )

const growth = (perDay: number | null): string =>
  perDay === null ? "unknown" : perDay < 0 ? `−${bytes(-perDay)}` : `+${bytes(perDay)}`

const reach = (days: number | null): string =>
  days === null ? "–" : days === 0 ? "reached" : days < 1 ? "within a day" : `in ${Math.round(days)} days`
