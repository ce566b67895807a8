/** `tendarr run`: the main job, and the due removals if no server carries them out. */
import { capacityJob } from "@tendarr/core/jobs/JobNames"
import type { PlanReport } from "@tendarr/core/removals/Planner"
import { Console, Effect, Option, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { openRemovalsText, planText, standingLines } from "../output/Counts.ts"
import { bytes, clean, count, percent, rankText } from "../output/Format.ts"
import { removalTable } from "../output/Removals.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { carryOut, type CarriedOut, waitMinutes } from "../RemovalsCarriedOut.ts"
import { root, toggle } from "../Root.ts"
import { expectCompleted, printErrors, startAndFollow } from "../RunFollowing.ts"
import { diskGroupIds } from "../Selection.ts"
import { troubled } from "../Failure.ts"

export const run = Command.make(
  "run",
  {
    dryRun: toggle("dry-run", "Compute everything without writing anything"),
    sync: Flag.Boolean("sync").pipe(
      Flag.withOptionalValue("true"),
      Flag.withDescription("Read the integrations first; --no-sync does not; the default is taken from the settings"),
      Flag.optional
    ),
    disks: Flag.String("disk").pipe(
      Flag.withMetavar("ID"),
      Flag.withDescription("Only this disk group, by id or mount path; may be repeated"),
      Flag.atLeast(0)
    ),
    wait: toggle(
      "wait",
      `Also wait for the removals that are due within ${waitMinutes} minutes, and show their results`
    )
  },
  (input) =>
    withTendarr((connection) =>
      Effect.gen(function* () {
        const ids = yield* diskGroupIds(connection.ask, input.disks)
        const planning = yield* startAndFollow(connection, capacityJob, {
          sync: Option.getOrUndefined(input.sync),
          dryRun: input.dryRun || undefined,
          diskGroupIds: ids
        })
        const { json } = yield* root
        const style = yield* currentStyle
        const width = yield* terminalWidth
        // The plan is printed before waiting for anything.
        if (!json && planning.result !== null) {
          const { PlanReport } = yield* Effect.promise(() => import("@tendarr/core/removals/Planner"))
          const report = yield* Effect.orDie(Schema.decodeUnknownEffect(PlanReport)(planning.result))
          yield* Console.log(planLines(report, input.dryRun, style, width).join("\n"))
        }
        // Without a server, nothing else would carry out the planned removals.
        const carries = !input.dryRun && planning.result !== null && (input.wait || connection.server === null)
        const carried = carries ? yield* carryOut(connection, { wait: input.wait, diskGroupIds: ids }) : null
        const result = { run: planning, removalRun: carried?.run ?? null, removals: carried?.removals ?? [] }
        if (json) yield* Console.log(JSON.stringify(result, null, 2))
        else if (carried !== null) yield* Console.log(carriedLines(carried, style, width).join("\n"))
        yield* printErrors(connection, planning)
        if (carried?.run != null) yield* printErrors(connection, carried.run)
        yield* expectCompleted(planning)
        if (carried?.run != null) yield* expectCompleted(carried.run)
        const failures = carried?.removals.filter(({ state }) => state === "failed").length ?? 0
        if (failures > 0) return yield* troubled(`${count(failures, "removal")} failed`)
      })
    )
).pipe(
  Command.withDescription("Score the library and plan removals, according to the mode of each disk"),
  Command.withShortDescription("Run the main job"),
  Command.withExamples([
    { command: "tendarr run --dry-run", description: "Show the plan without writing anything" },
    {
      command: "tendarr run --wait",
      description: "Plan, wait for the removals that are due, and show what was removed"
    }
  ])
)

type Report = typeof PlanReport.Type
type Group = Report["groups"][number]

const planLines = (report: Report, dryRun: boolean, style: Style, width: number | null): ReadonlyArray<string> => [
  ...(report.groups.length === 0 ? ["No disk is known; `tendarr sync` looks for them", ""] : []),
  ...report.groups.flatMap((group) => [...groupLines(group, style, width), ""]),
  ...standingLines(report.summary),
  planText(report.summary),
  dryRun ? "Nothing was written (--dry-run)" : `${openRemovalsText(report)}, ${report.takenBack} taken back`
]

const groupLines = (group: Group, style: Style, width: number | null): ReadonlyArray<string> => [
  `${style.bold(clean(group.mountPath))} is ${percent(group.usedPercent)} full, mode ${group.mode}: ${
    group.breached
      ? group.skippedBecause === null
        ? planText({ ...group, planned: { items: group.plannedItems, bytes: group.plannedBytes } })
        : style.warn(`nothing planned, ${clean(group.skippedBecause)}`)
      : "within its limits"
  }`,
  ...(group.limitedBy === null || !group.breached || group.skippedBecause !== null
    ? []
    : [
        style.warn(
          group.limitedBy === "caps"
            ? "  The caps in the settings allow no more per run"
            : "  There are no further candidates; `tendarr preview --status undecided` shows items with unknown facts"
        )
      ]),
  ...table<Group["items"][number]>(
    [
      { header: "ID", align: "right", cell: ({ itemId }) => itemId },
      { header: "TITLE", flexible: true, cell: ({ title }) => title },
      { header: "SIZE", align: "right", cell: ({ sizeBytes }) => bytes(sizeBytes) },
      { header: "RANK", align: "right", cell: ({ rank }) => rankText(rank) },
      ...(group.items.some(({ collection }) => collection !== null)
        ? [{ header: "COLLECTION", cell: ({ collection }: Group["items"][number]) => collection ?? "" }]
        : [])
    ],
    group.items,
    { style, width, indent: 2 }
  )
]

const carriedLines = (carried: CarriedOut, style: Style, width: number | null): ReadonlyArray<string> => {
  const removed = carried.removals.filter(({ state }) => state === "removed")
  const freed = removed.reduce((sum, { freedBytes }) => sum + (freedBytes ?? 0), 0)
  return [
    "",
    ...(carried.removals.length === 0
      ? ["No removal is due"]
      : [
          ...removalTable(carried.removals, style, width),
          `${removed.length} of ${count(carried.removals.length, "due removal")} carried out, ${bytes(freed)} freed`
        ]),
    ...(carried.later.length === 0
      ? []
      : [`${count(carried.later.length, "removal")} scheduled for later, the next at ${carried.later[0]?.scheduledAt}`])
  ]
}
