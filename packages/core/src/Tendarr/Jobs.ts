/** Jobs inside a program: what runs by itself or when asked, and how each run went. */
import { Schema, Stream } from "effect"
import { JobSchedule, ScheduleChange } from "../jobs/Job.ts"
import { Jobs } from "../jobs/Jobs.ts"
import type { JobSettingsState } from "../jobs/Jobs/JobSettings.ts"
import type { RunLogQuery } from "../jobs/Jobs/RunLogStore.ts"
import type { RunQuery } from "../jobs/Jobs/RunStore.ts"
import type { JobInfo, Run, RunLog } from "../jobs/Run.ts"
import type { Page } from "../storage/Pages.ts"
import type { CallOptions, Calls, RunCallOptions } from "./Calls.ts"

/** For jobs that run for each of several subjects apart. */
export interface OfSubject {
  /** Id of one of `subjects` of the job; needed where it has any, else refused. */
  readonly subject?: string
}

/** Repeatable work: `library-sync`, `capacity`, `removals` and what keeps the house. Schedules fire with `background` alone. */
export interface JobCalls {
  readonly list: () => Promise<ReadonlyArray<JobInfo>>
  /** Rejects with `JobNotFound`. */
  readonly get: (name: string) => Promise<JobInfo>
  /**
   * Starts a run, or queues it while one of the job is under way, and answers at once.
   * Rejects with `JobNotFound`, `JobSubjectNotFound`, `InvalidRequest` for options that the job does not know, or
   * `RunQueuedOtherwise` while a run with other options waits.
   */
  readonly start: (name: string, options?: Readonly<Record<string, unknown>>, of?: OfSubject) => Promise<Run>
  /** Starts a run and waits for its end. Rejects as `start` does; a run that failed is an answer, not a rejection. */
  readonly run: (
    name: string,
    options?: Readonly<Record<string, unknown>>,
    call?: RunCallOptions & OfSubject
  ) => Promise<Run>
  /** Cron in a named time zone, an interval in seconds, or `null` for "only when asked". Rejects with `InvalidRequest`. */
  readonly setSchedule: (name: string, change: typeof ScheduleChange.Encoded, of?: OfSubject) => Promise<JobInfo>
  /** Back to the job's own schedule. Rejects with `JobNotFound`. */
  readonly resetSchedule: (name: string, of?: OfSubject) => Promise<JobInfo>
  /** What is set for all runs of a job, defaults filled in. Rejects with `JobNotFound` or `JobWithoutSettings`. */
  readonly settings: (name: string, of?: OfSubject) => Promise<JobSettingsState>
  /** Keys replace, nested objects merge, what is left out stays; all or nothing. Rejects with `InvalidRequest`, which names each bad key. */
  readonly patchSettings: (
    name: string,
    partial: Readonly<Record<string, unknown>>,
    of?: OfSubject
  ) => Promise<JobSettingsState>
  /** Back to the defaults. */
  readonly resetSettings: (name: string, of?: OfSubject) => Promise<JobSettingsState>
  /** The next times of a schedule, were it set now (5 unless `count` says otherwise). Rejects with `InvalidRequest`. */
  readonly nextRuns: (schedule: typeof JobSchedule.Encoded, count?: number) => Promise<ReadonlyArray<string>>
}

/** Runs of jobs, with progress and log. */
export interface RunCalls {
  /** Newest first, in pages. */
  readonly list: (query?: RunQuery) => Promise<Page<Run>>
  /** With the progress of this moment. Rejects with `RunNotFound`. */
  readonly get: (id: string) => Promise<Run>
  /** The run as it is, then after each change of its progress, and last as it ended. Rejects with `RunNotFound`. */
  readonly follow: (id: string, options?: CallOptions) => AsyncIterable<Run>
  /** Waits for the end. Rejects with `RunNotFound`. */
  readonly settled: (id: string, options?: CallOptions) => Promise<Run>
  /** Rejects with `RunNotFound`, or `RunNotCancellable` when it has ended. */
  readonly cancel: (id: string) => Promise<Run>
  /** Starts again with the same options. Rejects with `RunNotFound`, `RunNotEnded` or `RunQueuedOtherwise`. */
  readonly retry: (id: string) => Promise<Run>
  /** Oldest line first; `after` = id of the last line seen. Rejects with `RunNotFound`. */
  readonly logs: (id: string, query?: RunLogQuery) => Promise<Page<RunLog>>
  /** The log so far and then live, until the run has ended. Rejects with `RunNotFound`. */
  readonly followLogs: (id: string, options?: CallOptions) => AsyncIterable<RunLog>
}

export const jobCalls = ({ job, run, write }: Calls): JobCalls => ({
  list: () => run(Jobs.use((jobs) => jobs.list)),
  get: (name) => run(Jobs.use((jobs) => jobs.get(name))),
  start: (name, options = {}, of = {}) =>
    run(Jobs.use((jobs) => jobs.start(name, { ...of, options, startedBy: "person" }))),
  run: (name, options = {}, { onProgress, signal, ...of } = {}) =>
    job(name, Schema.Unknown, options, { onProgress, signal, ...of }).then((ended) => ended.run),
  setSchedule: (name, change, { subject } = {}) =>
    write(ScheduleChange, change, (valid) => Jobs.use((jobs) => jobs.setSchedule(name, valid, subject))),
  resetSchedule: (name, { subject } = {}) => run(Jobs.use((jobs) => jobs.resetSchedule(name, subject))),
  settings: (name, { subject } = {}) => run(Jobs.use((jobs) => jobs.settings(name, subject))),
  patchSettings: (name, partial, of = {}) => run(Jobs.use((jobs) => jobs.patchSettings(name, partial, of))),
  resetSettings: (name, of = {}) => run(Jobs.use((jobs) => jobs.resetSettings(name, of))),
  nextRuns: (schedule, count = 5) =>
    write(NextRuns, { schedule, count }, (valid) => Jobs.use((jobs) => jobs.nextRuns(valid.schedule, valid.count)))
})

export const runCalls = ({ loop, run }: Calls): RunCalls => ({
  list: (query = {}) => run(Jobs.use((jobs) => jobs.runs(query))),
  get: (id) => run(Jobs.use((jobs) => jobs.run(id))),
  follow: (id, { signal } = {}) => loop(Stream.unwrap(Jobs.useSync((jobs) => jobs.follow(id))), signal),
  settled: (id, { signal } = {}) =>
    run(
      Jobs.use((jobs) => jobs.await(id)),
      signal
    ),
  cancel: (id) => run(Jobs.use((jobs) => jobs.cancel(id))),
  retry: (id) => run(Jobs.use((jobs) => jobs.retry(id))),
  logs: (id, query = {}) => run(Jobs.use((jobs) => jobs.logs(id, query))),
  followLogs: (id, { signal } = {}) => loop(Stream.unwrap(Jobs.useSync((jobs) => jobs.followLogs(id))), signal)
})

const NextRuns = Schema.Struct({
  schedule: JobSchedule,
  count: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 }))
})
