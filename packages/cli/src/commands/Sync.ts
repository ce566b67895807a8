/** `tendarr sync`: reads the integrations and updates the library to match. */
import { syncJob } from "@tendarr/core/jobs/JobNames"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { syncLines } from "../output/Integrations.ts"
import { currentStyle } from "../output/Style.ts"
import { terminalWidth } from "../output/Table.ts"
import { answer } from "../Root.ts"
import { expectCompleted, printErrors, startAndFollow, syncReportOf } from "../RunFollowing.ts"
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
        const run = yield* startAndFollow(connection, syncJob, { integrationIds: ids })
        const report = yield* syncReportOf(run)
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer(run, () => (report === null ? [] : syncLines(report, style, width)))
        if (report === null) yield* printErrors(connection, run)
        yield* expectCompleted(run)
      })
    )
).pipe(
  Command.withDescription("Read the integrations and update the library"),
  Command.withExamples([{ command: "tendarr sync --integration Radarr", description: "Read one integration" }])
)
