/** The job that runs the rules about downloads, for each download client by itself. */
import { Effect, Layer, Schema } from "effect"
import { Integrations } from "../integrations/Integrations.ts"
import type { JobDefinition } from "../jobs/Job.ts"
import { cleaningJob } from "../jobs/JobNames.ts"
import { Jobs } from "../jobs/Jobs.ts"
import { Cleaning } from "./Cleaning.ts"

const CleaningOptions = Schema.Struct({
  dryRun: Schema.optionalKey(Schema.Boolean).annotate({ description: "Judge the downloads without writing anything." })
})

export const DownloadJobs = Layer.effectDiscard(
  Effect.gen(function* () {
    const jobs = yield* Jobs
    const cleaning = yield* Cleaning
    const integrations = yield* Integrations
    const clients = Effect.map(integrations.live, (live) =>
      live.filter((one) => one.can("downloads")).map(({ integration: { id, name } }) => ({ id, name }))
    )
    const definition: JobDefinition<typeof CleaningOptions.Type> = {
      name: cleaningJob,
      title: "Keep a download queue clean",
      description:
        "Reads a download client, gives strikes by the rules about downloads, removes what has too many, and has other releases searched for.",
      options: CleaningOptions,
      defaultSchedule: { type: "interval", seconds: 300 },
      destructive: true,
      subjects: { type: "integration", list: clients },
      run: ({ log, options, progress, subject }) =>
        Effect.gen(function* () {
          const report = yield* cleaning.run({ dryRun: options.dryRun, integrationId: subject?.id, log, progress })
          for (const { because, name, outcome, rule } of report.items) {
            if (outcome === "struck" || outcome === "planned" || outcome === "reported" || outcome === "needs-person") {
              yield* log("info", `"${name}": ${outcome}${rule === null ? "" : ` by the rule "${rule}"`}: ${because}`)
            }
          }
          return report
        })
    }
    yield* jobs.register(definition)
  })
)
