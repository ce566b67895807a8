import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Jobs } from "../../jobs/Jobs.ts"
import { Api } from "../Api.ts"
import { tagged, toList } from "../Common.ts"

export const JobsHandlers = HttpApiBuilder.group(
  Api,
  "jobs",
  Effect.fn(function* (handlers) {
    const jobs = yield* Jobs
    return handlers.handleAll({
      list: () => Effect.map(jobs.list, toList),
      get: ({ params }) => jobs.get(params.name),
      start: ({ params, payload, query }) =>
        jobs
          .start(params.name, { ...payload, startedBy: "person" })
          .pipe(
            Effect.flatMap((run) => (query.wait === undefined ? Effect.succeed(run) : jobs.settle(run.id, query.wait)))
          ),
      setSchedule: ({ params, payload, query }) => jobs.setSchedule(params.name, payload, query.subject),
      resetSchedule: ({ params, query }) => jobs.resetSchedule(params.name, query.subject),
      settings: ({ params, query }) => tagged(jobs.settings(params.name, query.subject)),
      patchSettings: ({ headers, params, payload, query }) =>
        tagged(jobs.patchSettings(params.name, payload, { ifMatch: headers["if-match"], subject: query.subject })),
      resetSettings: ({ headers, params, query }) =>
        tagged(jobs.resetSettings(params.name, { ifMatch: headers["if-match"], subject: query.subject })),
      nextRuns: ({ payload }) => Effect.map(jobs.nextRuns(payload.schedule, payload.count ?? 5), toList),
      runs: ({ query }) => jobs.runs(query),
      run: ({ params }) => jobs.run(params.id),
      cancel: ({ params }) => jobs.cancel(params.id),
      retry: ({ params }) => jobs.retry(params.id),
      logs: ({ params, query }) => jobs.logs(params.id, query)
    })
  })
)
