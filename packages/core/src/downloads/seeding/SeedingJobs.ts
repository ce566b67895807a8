/** The job that runs the rules about seeding, for each download client by itself. */
import { Effect, Layer, Schema } from "effect"
import { Integrations } from "../../integrations/Integrations.ts"
import type { JobDefinition } from "../../jobs/Job.ts"
import { seedingJob } from "../../jobs/JobNames.ts"
import { Jobs } from "../../jobs/Jobs.ts"
import { Seeding } from "./Seeding.ts"

const SeedingJobOptions = Schema.Struct({
  dryRun: Schema.optionalKey(Schema.Boolean).annotate({ description: "Judge the downloads without writing anything." })
})

export const SeedingJobs = Layer.effectDiscard(
  Effect.gen(function* () {
    const jobs = yield* Jobs
    const seeding = yield* Seeding
    const integrations = yield* Integrations
    const clients = Effect.map(integrations.live, (live) =>
      live.filter((one) => one.can("downloads")).map(({ integration: { id, name } }) => ({ id, name }))
    )
    const definition: JobDefinition<typeof SeedingJobOptions.Type> = {
      name: seedingJob,
      title: "Tend what a download client seeds",
      description:
        "Runs the rules about seeding: goals and what follows them, limits, categories, tags and the queue; and pauses downloads before a disk is full.",
      options: SeedingJobOptions,
      defaultSchedule: { type: "interval", seconds: 300 },
      destructive: true,
      subjects: { type: "integration", list: clients },
      run: ({ log, options, progress, subject }) =>
        Effect.gen(function* () {
          const report = yield* seeding.run({ dryRun: options.dryRun, integrationId: subject?.id, log, progress })
          for (const { because, name, outcome, rule, step } of report.items) {
            if (outcome === "planned" || outcome === "refused") {
              const by = rule === null ? "" : ` by "${rule}"`
              yield* log(
                outcome === "refused" ? "warning" : "info",
                `"${name}": ${step ?? "goal"} ${outcome}${by}: ${because}`
              )
            }
          }
          return report
        })
    }
    yield* jobs.register(definition)
  })
)
