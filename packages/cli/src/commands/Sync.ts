/** `tendarr sync`: reads the integrations and makes the library what they say. */
import type { SyncReport } from "@tendarr/core/library/Sync"
import { Effect, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { clean, count } from "../output/Format.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { answer } from "../Root.ts"
import { expectCompleted, startAndFollow, tellErrors } from "../RunFollowing.ts"
import { integrationIds } from "../Selection.ts"

export const sync = Command.make(
  "sync",
  {
    integrations: Flag.String("integration").pipe(
      Flag.withMetavar("ID"),
      Flag.withDescription("Read only this integration, by id or name; may be repeated"),
      Flag.atLeast(0)
    )
  },
  ({ integrations }) =>
    withTendarr((connection) =>
      Effect.gen(function* () {
        const ids = yield* integrationIds(connection.ask, integrations)
        const run = yield* startAndFollow(connection, "library-sync", { integrationIds: ids })
        const reports = yield* Effect.promise(() => import("@tendarr/core/library/Sync"))
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer(run, () =>
          run.result === null
            ? Effect.succeed([])
            : Effect.map(Effect.orDie(Schema.decodeUnknownEffect(reports.SyncReport)(run.result)), (report) =>
                reportLines(report, style, width)
              )
        )
        if (run.result === null) yield* tellErrors(connection, run)
        yield* expectCompleted(run)
      })
    )
).pipe(
  Command.withDescription("Read the integrations and bring the library up to date"),
  Command.withExamples([{ command: "tendarr sync --integration Radarr", description: "Read one integration" }])
)

type Report = typeof SyncReport.Type

const reportLines = (report: Report, style: Style, width: number | null): ReadonlyArray<string> => {
  const held = report.integrations.filter(({ outcome }) => outcome === "held")
  return [
    ...(report.integrations.length === 0
      ? ["No integration is switched on that could be read"]
      : table<Report["integrations"][number]>(
          [
            { header: "ID", cell: ({ integrationId }) => integrationId },
            { header: "INTEGRATION", cell: ({ name }) => name },
            {
              header: "OUTCOME",
              cell: ({ outcome }) => outcome,
              paint: (text, { outcome }) =>
                (outcome === "applied" ? style.good : outcome === "held" ? style.warn : style.bad)(text)
            },
            { header: "ENTRIES", cell: ({ entries }) => entriesOf(entries), flexible: true },
            { header: "CALLS", align: "right", cell: ({ calls }) => String(calls) },
            { header: "", cell: ({ detail }) => detail ?? "", flexible: true }
          ],
          report.integrations,
          { style, width }
        )),
    "",
    `${count(report.total, "item")} in the library: ${report.added} new, ${report.changed} changed, ${report.gone} gone`,
    ...held.map(
      ({ integrationId, name }) =>
        `${clean(name)} is held: nothing of it was applied. If it is right that so much went, confirm with POST /api/v1/integrations/${integrationId}/held-sync/confirm, else discard it and look at the application.`
    )
  ]
}

const entriesOf = (entries: Readonly<Record<string, number>>): string =>
  Object.entries(entries)
    .map(([observation, number]) => `${number} ${observation}`)
    .join(", ")
