/** The jobs about the files of downloads. */
import { Effect, Layer, Schema } from "effect"
import type { JobDefinition } from "../../jobs/Job.ts"
import { linksJob, orphansJob } from "../../jobs/JobNames.ts"
import { Jobs } from "../../jobs/Jobs.ts"
import { Links } from "./Links.ts"
import { Orphans } from "./Orphans.ts"

const NoOptions = Schema.Struct({})

const OrphanOptions = Schema.Struct({
  dryRun: Schema.optionalKey(Schema.Boolean).annotate({ description: "Look for them without writing anything." })
})

export const FileJobs = Layer.effectDiscard(
  Effect.gen(function* () {
    const jobs = yield* Jobs
    const links = yield* Links
    const orphans = yield* Orphans

    const linksDefinition: JobDefinition<typeof NoOptions.Type> = {
      name: linksJob,
      title: "Read the hard links of downloads",
      description:
        "Reads how often the files of complete downloads are linked, those first that were read longest ago.",
      options: NoOptions,
      defaultSchedule: { type: "interval", seconds: 900 },
      destructive: false,
      run: () => links.run
    }

    const orphansDefinition: JobDefinition<typeof OrphanOptions.Type> = {
      name: orphansJob,
      title: "Move orphaned files into quarantine",
      description:
        "Looks for files in the folders of download clients that no download, no application and no library knows, moves them into quarantine, and deletes from it what has been there long enough.",
      options: OrphanOptions,
      defaultSchedule: { type: "interval", seconds: 21_600 },
      destructive: true,
      run: ({ log, options, progress }) =>
        Effect.gen(function* () {
          const report = yield* orphans.run({ dryRun: options.dryRun, log, progress })
          for (const { because, outcome, path } of report.items) {
            if (outcome === "planned") yield* log("info", `${path}: planned: ${because}`)
          }
          return report
        })
    }

    yield* jobs.register(linksDefinition)
    yield* jobs.register(orphansDefinition)
  })
)
