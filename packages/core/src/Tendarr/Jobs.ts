/** Jobs and their runs, for embedding programs. */
import { Schema, Stream } from "effect"
import { JobSchedule, ScheduleChange } from "../jobs/Job.ts"
import { Jobs } from "../jobs/Jobs.ts"
import type { JobSettingsState } from "../jobs/Jobs/JobSettings.ts"
import type { RunLogQuery } from "../jobs/Jobs/RunLogStore.ts"
import type { RunQuery } from "../jobs/Jobs/RunStore.ts"
import type { JobInfo, Run, RunLog } from "../jobs/Run.ts"
import type { Page } from "../storage/Pages.ts"
import type { CallOptions, Calls, RunCallOptions } from "./Calls.ts"

/** For jobs that run separately for each of several subjects. */
export interface OfSubject {
  /** Id of one of the job's `subjects`; required if it has any, refused otherwise. */
  readonly subject?: string
}

/** The jobs: `library-sync`, `capacity`, `removals`, and maintenance. Schedules fire only with `background`. */
export interface JobCalls {
  readonly list: () => Promise<ReadonlyArray<JobInfo>>
  /** Rejects with `JobNotFound`. */
  readonly get: (name: string) => Promise<JobInfo>
  /**
   * Starts a run, or queues it while a run of the job is in progress, and resolves immediately. Rejects with
   * `JobNotFound`, `JobSubjectNotFound`, `InvalidRequest` for options that the job does not know, or
   * `RunQueuedOtherwise` while a run with other options is waiting.
   */
  readonly start: (name: string, options?: Readonly<Record<string, unknown>>, of?: OfSubject) => Promise<Run>
  /** Starts a run and waits for its end. Rejects as `start` does; a failed run is a result, not a rejection. */
  readonly run: (
    name: string,
    options?: Readonly<Record<string, unknown>>,
    call?: RunCallOptions & OfSubject
  ) => Promise<Run>
  /**
   * Cron in a named time zone, an interval in seconds, or `null` for "only on request". Rejects with `InvalidRequest`.
   */
  readonly setSchedule: (name: string, change: typeof ScheduleChange.Encoded, of?: OfSubject) => Promise<JobInfo>
  /** Resets to the job's own schedule. Rejects with `JobNotFound`. */
  readonly resetSchedule: (name: string, of?: OfSubject) => Promise<JobInfo>
  /** The settings for all runs of a job, including defaults. Rejects with `JobNotFound` or `JobWithoutSettings`. */
  readonly settings: (name: string, of?: OfSubject) => Promise<JobSettingsState>
  /**
   * Keys replace, nested objects are merged, omitted keys are kept; all or nothing. Rejects with `InvalidRequest`,
   * which names each invalid key.
   */
  readonly patchSettings: (
    name: string,
    partial: Readonly<Record<string, unknown>>,
    of?: OfSubject
  ) => Promise<JobSettingsState>
  /** Resets the settings to the defaults. */
  readonly resetSettings: (name: string, of?: OfSubject) => Promise<JobSettingsState>
  /**
   * The next times of a schedule if it were set now (5 unless `count` says otherwise). Rejects with `InvalidRequest`.
   */
  readonly nextRuns: (schedule: typeof JobSchedule.Encoded, count?: number) => Promise<ReadonlyArray<string>>
}

/** Runs of jobs, with progress and log. */
export interface RunCalls {
  /** Newest first, in pages. */
  readonly list: (query?: RunQuery) => Promise<Page<Run>>
  /** With its current progress. Rejects with `RunNotFound`. */
  readonly get: (id: string) => Promise<Run>
  /**
   * The current state of the run, then each change of its progress, and finally its end. Rejects with `RunNotFound`.
   */
  readonly follow: (id: string, options?: CallOptions) => AsyncIterable<Run>
  /** Waits for the end. Rejects with `RunNotFound`. */
  readonly settled: (id: string, options?: CallOptions) => Promise<Run>
  /** Rejects with `RunNotFound`, or with `RunNotCancellable` if it has ended. */
  readonly cancel: (id: string) => Promise<Run>
  /** Starts a run again with the same options. Rejects with `RunNotFound`, `RunNotEnded` or `RunQueuedOtherwise`. */
  readonly retry: (id: string) => Promise<Run>
  /** Oldest line first; `after` = id of the last line seen. Rejects with `RunNotFound`. */
  readonly logs: (id: string, query?: RunLogQuery) => Promise<Page<RunLog>>
  /** The log so far, then live lines until the run has ended. Rejects with `RunNotFound`. */
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
