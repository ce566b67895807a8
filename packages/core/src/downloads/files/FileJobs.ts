/** The jobs about the files of downloads. */
import { Effect, Layer, Schema } from "effect"
import type { JobDefinition } from "../../jobs/Job.ts"
import { linksJob } from "../../jobs/JobNames.ts"
import { Jobs } from "../../jobs/Jobs.ts"
import { Links } from "./Links.ts"

const NoOptions = Schema.Struct({})

export const FileJobs = Layer.effectDiscard(
  Effect.gen(function* () {
    const jobs = yield* Jobs
    const links = yield* Links

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

    yield* jobs.register(linksDefinition)
  })
)
