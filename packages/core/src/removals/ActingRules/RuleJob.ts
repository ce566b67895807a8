/** The job that runs acting rules, each by itself and on a schedule of its own. */
import { Effect, Layer, PubSub } from "effect"
import { formatBytes } from "../../capacity/Bytes.ts"
import { DiskGroups } from "../../capacity/DiskGroups.ts"
import { ClockWatch } from "../../jobs/ClockWatch.ts"
import type { JobDefinition } from "../../jobs/Job.ts"
import { ruleJob } from "../../jobs/JobNames.ts"
import { Jobs } from "../../jobs/Jobs.ts"
import { itemCount, type Tally } from "../../library/Counting.ts"
import { Sync } from "../../library/Sync.ts"
import { isItemAction } from "../../rules/Rule.ts"
import { Rules } from "../../rules/Rules.ts"
import { RulesSettings } from "../../rules/RulesSettings.ts"
import { Settings } from "../../settings/Settings.ts"
import { ActingRules } from "../ActingRules.ts"
import { Removals } from "../Removals.ts"
import { RuleRunOptions } from "./RuleRunOptions.ts"
import type { RuleRunReport } from "../../capacity/ActingReport.ts"

export const RuleJob = Layer.effectDiscard(
  Effect.gen(function* () {
    const jobs = yield* Jobs
    const rules = yield* Rules
    const acting = yield* ActingRules
    const sync = yield* Sync
    const diskGroups = yield* DiskGroups
    const settings = yield* Settings
    const clock = yield* ClockWatch
    const removals = yield* Removals

    const actingRules = Effect.map(rules.list, (all) => all.filter(({ action }) => isItemAction(action)))

    const definition: JobDefinition<RuleRunOptions> = {
      name: ruleJob,
      title: "Run a rule",
      description:
        "Queues removals for what an acting rule matches, withdraws those for what it no longer matches, and changes entries in the applications, as the action of the rule says.",
      options: RuleRunOptions,
      defaultSchedule: { type: "cron", expression: "0 5 * * *", zone: "UTC" },
      destructive: true,
      subjects: {
        type: "rule",
        list: actingRules,
        paused: Effect.map(actingRules, (all) => new Set(all.flatMap(({ enabled, id }) => (enabled ? [] : [id]))))
      },
      run: ({ log, options, progress, runId, subject }) =>
        Effect.gen(function* () {
          // Snoozes and protections must end after the intended time, not when the clock is set.
          yield* clock.look
          const { syncBeforeRun } = yield* settings.get(RulesSettings)
          if (options.sync ?? syncBeforeRun) {
            const report = yield* sync.run({ progress })
            for (const one of report.integrations.filter((each) => each.outcome !== "applied")) {
              yield* log("error", `${one.name}: ${one.outcome}: ${one.detail ?? ""}`)
            }
            yield* diskGroups.refresh
          }
          const { dryRun, force } = options
          const report = yield* acting.run(subject?.id ?? "", { dryRun, force, runId, progress, log })
          for (const [level, line] of linesOf(report)) yield* log(level, line)
          if (!report.dryRun) yield* PubSub.publish(removals.changed, undefined)
          return report
        })
    }
    yield* jobs.register(definition)
  })
)

type Line = readonly ["info" | "warning" | "error", string]

const linesOf = (report: RuleRunReport): ReadonlyArray<Line> => {
  const {
    action,
    alreadyQueued,
    asWanted,
    changes,
    enabled,
    held,
    kept,
    left,
    matched,
    name,
    planned,
    queued,
    unknown
  } = report
  const size = ({ bytes, items }: Tally) => `${itemCount(items)} (${formatBytes(bytes)})`
  const lines: Array<Line> = []
  if (!enabled) lines.push(["warning", `The rule "${name}" is switched off: it is only evaluated`])
  lines.push([
    "info",
    `It matches ${size(matched)}; ${itemCount(kept.items)} kept, ${itemCount(unknown.items)} unknown`
  ])
  if (action.type === "remove") {
    const what = report.dryRun ? "would be queued" : "queued"
    lines.push([
      "info",
      `${size(queued)} ${what}, ${itemCount(alreadyQueued.items)} queued already, ${itemCount(left.items)} withdrawn`
    ])
  }
  if (action.type === "change") {
    const { changed, failed, waiting } = changes
    const parts = [
      `${planned.items} ${report.dryRun ? "would be planned" : "planned"}`,
      `${changed} changed`,
      `${asWanted.items} as wanted already`,
      `${waiting} waiting`
    ]
    lines.push([failed > 0 ? "error" : "info", [...parts, `${failed} failed`].join(", ")])
  }
  // A run that did not do what its rule says must not look completed.
  if (held !== null) lines.push([report.dryRun ? "warning" : "error", `The run is held: ${held.detail}`])
  return lines
}
