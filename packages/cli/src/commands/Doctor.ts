/** `tendarr doctor`: finds problems that keep Tendarr from working, and says what to do. */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { connect } from "../connection/Connection.ts"
import { type Place, placeOf } from "../connection/Place.ts"
import { type Check, type CheckStatus, fail, reportOf, type Report, skipped } from "../doctor/Check.ts"
import { troubled } from "../Failure.ts"
import { clean, count } from "../output/Format.ts"
import { makeProgress } from "../output/Progress.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { answer, root } from "../Root.ts"

export const doctor = Command.make("doctor", {}, () =>
  Effect.gen(function* () {
    const place = yield* placeOf(yield* root, process.env)
    const report = reportOf(yield* examine(place))
    const style = yield* currentStyle
    yield* answer(report, () => reportLines(report, style))
    if (!report.ok) return yield* troubled(`${count(report.failures, "problem")} found`)
  })
).pipe(
  Command.withDescription("Look for problems: data directory, database, integrations, disks, facts, modes, jobs"),
  Command.withShortDescription("Find problems and advise what to do")
)

const examine = (place: Place) =>
  Effect.scoped(
    Effect.gen(function* () {
      const progress = yield* makeProgress
      const machine = yield* Effect.promise(() => import("../doctor/MachineChecks.ts"))
      const service = yield* Effect.promise(() => import("../doctor/ServiceChecks.ts"))
      yield* progress.show("checking this machine")
      const checks: Array<Check> = [yield* machine.runtimeCheck]
      if (place._tag === "Folder") {
        checks.push(...(yield* machine.folderChecks(place.path)))
      } else {
        checks.push(
          skipped("data-directory", "A remote server's data directory can only be checked on its own machine")
        )
      }
      const unusable = checks.some(({ name, status }) => status === "fail" && /^(data-directory|database)$/.test(name))
      if (unusable) return [...checks, skipped("tendarr", "Not opened, because of the problem above")]
      yield* progress.show("asking Tendarr")
      const asked = yield* Effect.flatMap(connect(place), (connection) =>
        service.serviceChecks(connection, progress.show)
      ).pipe(Effect.catch((failure) => Effect.succeed([fail("tendarr", failure.message, failure.hint)])))
      return [...checks, ...asked]
    })
  )

const marks: Readonly<Record<CheckStatus, string>> = { ok: "ok  ", warn: "warn", fail: "FAIL", skipped: "-   " }

const reportLines = (report: Report, style: Style): ReadonlyArray<string> => {
  const paint = { ok: style.good, warn: style.warn, fail: style.bad, skipped: style.dim }
  return [
    ...report.checks.flatMap(({ detail, hint, name, status }) => [
      `${paint[status](marks[status])}  ${name}: ${clean(detail)}`,
      ...(hint === null ? [] : [`      ${style.dim("→")} ${hint}`])
    ]),
    "",
    report.failures + report.warnings === 0
      ? "No problems found"
      : `${count(report.failures, "problem")}, ${count(report.warnings, "warning")}`
  ]
}
