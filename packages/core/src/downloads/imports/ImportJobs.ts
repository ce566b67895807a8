/** The job that hands downloads to their applications, for each download client by itself. */
import { Effect, Layer, Schema } from "effect"
import { Integrations } from "../../integrations/Integrations.ts"
import type { JobDefinition } from "../../jobs/Job.ts"
import { importsJob } from "../../jobs/JobNames.ts"
import { Jobs } from "../../jobs/Jobs.ts"
import { Imports } from "./Imports.ts"

const ImportJobOptions = Schema.Struct({
  dryRun: Schema.optionalKey(Schema.Boolean).annotate({ description: "Report without handing anything over." })
})

export const ImportJobs = Layer.effectDiscard(
  Effect.gen(function* () {
    const jobs = yield* Jobs
    const imports = yield* Imports
    const integrations = yield* Integrations
    const clients = Effect.map(integrations.live, (live) =>
      live.filter((one) => one.can("downloads")).map(({ integration: { id, name } }) => ({ id, name }))
    )
    const definition: JobDefinition<typeof ImportJobOptions.Type> = {
      name: importsJob,
      title: "Import what was not imported",
      description: "Hands complete downloads that their application did not import by itself to it.",
      options: ImportJobOptions,
      defaultSchedule: { type: "interval", seconds: 300 },
      destructive: true,
      subjects: { type: "integration", list: clients },
      run: ({ log, options, progress, subject }) =>
        Effect.gen(function* () {
          const report = yield* imports.run({ dryRun: options.dryRun, integrationId: subject?.id, log, progress })
          for (const { because, name, outcome } of report.items) {
            if (outcome === "import" || outcome === "needs-person") {
              yield* log("info", `"${name}": ${outcome}: ${because}`)
            }
          }
          return report
        })
    }
    yield* jobs.register(definition)
  })
)
