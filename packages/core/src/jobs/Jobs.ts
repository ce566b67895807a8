/**
 * Runs all jobs: single flight, a queue of one, cancellation within 2 seconds, a log and a history of runs, schedules.
 * Domain layers register their jobs while they are built; a server calls `startSchedules` after that.
 */
import { Context, Effect, Layer, PubSub, type Scope, Stream, Option } from "effect"
import type { SqlClient } from "effect/sql"
import type { EventLog } from "../events/EventLog.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import type { ReadSql } from "../storage/Database.ts"
import type { Page } from "../storage/Pages.ts"
import type { JsonObject } from "../settings/MergePatch.ts"
import type { ChangeOptions, SettingsChanged } from "../settings/StoredSettings.ts"
import type { AnyJobDefinition, JobSchedule, JobSubject, ScheduleChange } from "./Job.ts"
import type {
  JobNotFound,
  JobSubjectNotFound,
  JobWithoutSettings,
  RunNotCancellable,
  RunNotEnded,
  RunNotFound,
  RunQueuedOtherwise
} from "./JobErrors.ts"
import { type JobSettingsState, makeJobSettings } from "./Jobs/JobSettings.ts"
import { type RegisteredJob, registeredJob, slotKey, subjectOf } from "./Jobs/RegisteredJob.ts"
import { lineId, makeRunLogStore, type RunLogQuery } from "./Jobs/RunLogStore.ts"
import { makeRunner, type StartRequest } from "./Jobs/Runner.ts"
import { makeRunStore, type RunQuery } from "./Jobs/RunStore.ts"
import { makeSchedules } from "./Jobs/Schedules.ts"
import { makeSlots } from "./Jobs/Slots.ts"
import { makeSubjects } from "./Jobs/Subjects.ts"
import { effectiveSchedule, makeScheduleStore, type ScheduleRow } from "./Jobs/ScheduleStore.ts"
import { hasEnded, type JobInfo, type JobSubjectInfo, type Run, type RunLog } from "./Run.ts"
import type { Loops } from "./Loops.ts"
import { previewTimes } from "./ScheduleTimes.ts"

export type { RunLogQuery } from "./Jobs/RunLogStore.ts"
export type { StartRequest } from "./Jobs/Runner.ts"
export type { RunQuery } from "./Jobs/RunStore.ts"

export class Jobs extends Context.Service<
  Jobs,
  {
    /** A second job with the same name, or one whose defaults are not valid, is a defect. */
    readonly register: <Options, Settings extends JsonObject = never>(
      definition: AnyJobDefinition<Options, Settings>
    ) => Effect.Effect<void>
    /** In order of their names. */
    readonly list: Effect.Effect<ReadonlyArray<JobInfo>>
    readonly get: (name: string) => Effect.Effect<JobInfo, JobNotFound>
    /**
     * Starts a run, or queues it while a run of the same job (and subject), or a run that excludes it, is in progress.
     * If a run with the same options is already queued, that run is returned; a queued run with other options is an
     * error. Calling it within a transaction is a defect: use `sql.afterCommit`.
     */
    readonly start: (
      name: string,
      request: StartRequest
    ) => Effect.Effect<Run, JobNotFound | JobSubjectNotFound | InvalidRequest | RunQueuedOtherwise>
    /**
     * Interrupts a run, or removes it from the queue, and returns it as it ended. If its cleanup takes longer than 2
     * seconds, the run is returned still `running`, and becomes `cancelled` when it has ended.
     */
    readonly cancel: (runId: string) => Effect.Effect<Run, RunNotFound | RunNotCancellable>
    /** Starts a run again with the same options and subject. */
    readonly retry: (
      runId: string
    ) => Effect.Effect<
      Run,
      RunNotFound | RunNotEnded | JobNotFound | JobSubjectNotFound | InvalidRequest | RunQueuedOtherwise
    >
    /** Completes when the run has ended. */
    readonly await: (runId: string) => Effect.Effect<Run, RunNotFound>
    /** The run once it has ended, or its state after `seconds`. */
    readonly settle: (runId: string, seconds: number) => Effect.Effect<Run>
    readonly run: (runId: string) => Effect.Effect<Run, RunNotFound>
    /** The current state of the run, then each change of its progress, and finally its end. */
    readonly follow: (runId: string) => Stream.Stream<Run, RunNotFound>
    /** Newest first. */
    readonly runs: (query: RunQuery) => Effect.Effect<Page<Run>, InvalidRequest>
    /** Oldest line first; what was logged in the last 250 ms of a live run may still be missing. */
    readonly logs: (runId: string, query: RunLogQuery) => Effect.Effect<Page<RunLog>, RunNotFound | InvalidRequest>
    /** The log so far (after a line, if given), then new lines until the run has ended. */
    readonly followLogs: (
      runId: string,
      options?: Pick<RunLogQuery, "after">
    ) => Stream.Stream<RunLog, RunNotFound | InvalidRequest>
    /**
     * Changes the given fields and keeps the others. `subject` is the id of the subject, here and in the methods below.
     */
    readonly setSchedule: (name: string, change: ScheduleChange, subject?: string) => Effect.Effect<JobInfo, NotOfJob>
    /** Resets to the job's own schedule, enabled. */
    readonly resetSchedule: (name: string, subject?: string) => Effect.Effect<JobInfo, NotOfJob>
    /** The settings for all runs, including defaults. */
    readonly settings: (
      name: string,
      subject?: string
    ) => Effect.Effect<JobSettingsState, NotOfJob | JobWithoutSettings>
    /**
     * Merges `partial` into the stored settings; all or nothing. A run in progress continues with the settings it
     * started with.
     */
    readonly patchSettings: (
      name: string,
      partial: unknown,
      options?: ChangeOptions & { readonly subject?: string | undefined }
    ) => Effect.Effect<JobSettingsState, NotOfJob | JobWithoutSettings | SettingsChanged>
    /** Replaces the settings: omitted keys return to their defaults. */
    readonly replaceSettings: (
      name: string,
      set: JsonObject,
      subject?: string
    ) => Effect.Effect<JobSettingsState, NotOfJob | JobWithoutSettings | SettingsChanged>
    /** Resets the settings to the defaults. */
    readonly resetSettings: (
      name: string,
      options?: ChangeOptions & { readonly subject?: string | undefined }
    ) => Effect.Effect<JobSettingsState, NotOfJob | JobWithoutSettings | SettingsChanged>
    /** The next `count` (1..100) times of a schedule if it were set now. */
    readonly nextRuns: (schedule: JobSchedule, count: number) => Effect.Effect<ReadonlyArray<string>, InvalidRequest>
    /**
     * Marks runs that a crash left open as `interrupted`, then starts jobs by their schedules until the scope closes. A
     * scheduled time is skipped while the job is running with the same options. An interval first fires after it has
     * elapsed once.
     */
    readonly startSchedules: Effect.Effect<void, never, Scope.Scope>
    /**
     * Keeps the newest `keepRuns` ended runs of each job (and subject) and their logs; returns how many runs were
     * deleted.
     */
    readonly prune: (keepRuns: number) => Effect.Effect<number>
  }
>()("tendarr/jobs/Jobs") {
  static readonly layer: Layer.Layer<Jobs, never, SqlClient.SqlClient | ReadSql | EventLog | Loops> = Layer.effect(
    Jobs,
    Effect.gen(function* () {
      const store = yield* makeRunStore
      const logStore = yield* makeRunLogStore
      const scheduleStore = yield* makeScheduleStore
      const settings = yield* makeJobSettings
      const slots = makeSlots()
      const subjects = yield* makeSubjects
      const runner = yield* makeRunner(slots, store, logStore, settings)
      const schedules = yield* makeSchedules(scheduleStore, slots, subjects, runner)

      const register = Effect.fn("Jobs.register")(function* <Options, Settings extends JsonObject = never>(
        definition: AnyJobDefinition<Options, Settings>
      ) {
        const job = yield* registeredJob(definition)
        yield* slots.register(job)
        if (job.subjects !== null) yield* subjects.watch(slots, runner, schedules.wake)
        yield* schedules.wake
      })

      const standingOf = Effect.fnUntraced(function* (
        job: RegisteredJob,
        subject: JobSubject | null,
        rows: ReadonlyMap<string, ScheduleRow>
      ) {
        const { running, queued } = slots.look(job, subject)
        const { schedule, enabled } = effectiveSchedule(job, rows.get(slotKey(job.name, subject?.id ?? null)))
        return {
          schedule,
          scheduleEnabled: enabled,
          nextRunAt: schedules.nextRunAt(job, subject),
          running: running?.snapshot() ?? null,
          queued: queued?.snapshot() ?? null,
          lastRun: yield* store.lastEnded(job.name, subject?.id ?? null)
        }
      })

      const infoOf = Effect.fnUntraced(function* (job: RegisteredJob, rows: ReadonlyMap<string, ScheduleRow>) {
        const about = {
          name: job.name,
          title: job.title,
          description: job.description,
          destructive: job.destructive,
          optionsSchema: job.optionsSchema,
          settingsSchema: job.settings === null ? null : job.settings.jsonSchema()
        }
        const own = yield* standingOf(job, null, rows)
        if (job.subjects === null) return { ...about, ...own } satisfies JobInfo
        const present = (yield* subjects.presentOf(job)) ?? slots.inUse(job).map(({ subject }) => subject)
        const each: ReadonlyArray<JobSubjectInfo> = yield* Effect.forEach(
          present.flatMap((subject) => subject ?? []),
          (subject) => Effect.map(standingOf(job, subject, rows), (standing) => ({ ...subject, ...standing }))
        )
        const info: JobInfo = {
          ...about,
          ...own,
          nextRunAt: first(each.map(({ nextRunAt }) => nextRunAt)),
          running: firstRun(each.map(({ running }) => running)),
          queued: firstRun(each.map(({ queued }) => queued)),
          subjects: each
        }
        return info
      })

      const list = Effect.gen(function* () {
        const rows = yield* scheduleStore.rows()
        const byName = [...slots.jobs.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
        return yield* Effect.forEach(byName, (job) => infoOf(job, rows))
      }).pipe(Effect.withSpan("Jobs.list"))

      const get = Effect.fn("Jobs.get")(function* (name: string) {
        return yield* infoOf(yield* slots.jobOf(name), yield* scheduleStore.rows())
      })

      /** The job and the subject that a request about schedule or settings refers to. */
      const whose = Effect.fnUntraced(function* (name: string, given: string | undefined) {
        const job = yield* slots.jobOf(name)
        return { job, subject: yield* subjectOf(job, given, ["query", "subject"]) }
      })

      const runs = Effect.fn("Jobs.runs")(function* (query: RunQuery) {
        const page = yield* store.page(query)
        return { ...page, items: page.items.map((run) => runner.lives.get(run.id)?.snapshot() ?? run) }
      })

      const logs = Effect.fn("Jobs.logs")(function* (runId: string, query: RunLogQuery) {
        yield* runner.found(runId)
        return yield* logStore.page(runId, query)
      })

      const followLogs = (runId: string, options: Pick<RunLogQuery, "after"> = {}) =>
        Stream.unwrap(
          Effect.gen(function* () {
            const first = yield* lineId(options.after)
            yield* runner.found(runId)
            const live = runner.lives.get(runId)
            const changes = live === undefined ? null : yield* PubSub.subscribe(live.changes)
            const ended =
              live === undefined
                ? Effect.map(store.find(runId), (run) => run === undefined || hasEnded(run))
                : Effect.sync(() => hasEnded(live.snapshot()))
            return Stream.paginate(first, (line) =>
              Effect.gen(function* () {
                // Checked before the lines are read: an ended run gets no more lines.
                const complete = yield* ended
                const lines = yield* logStore.after(runId, line, followSize)
                const last = lines[lines.length - 1]
                if (last !== undefined) return [lines, Option.some(Number(last.id))] as const
                if (complete) return [[], Option.none()] as const
                yield* changes === null ? Effect.sleep("1 second") : PubSub.takeAll(changes)
                return [[], Option.some(line)] as const
              })
            )
          })
        )

      const follow = (runId: string) =>
        Stream.unwrap(
          Effect.gen(function* () {
            const live = runner.lives.get(runId)
            const changes = live === undefined ? null : yield* PubSub.subscribe(live.changes)
            const now = live === undefined ? runner.found(runId) : Effect.sync(live.snapshot)
            return Stream.paginate(true, (first) =>
              Effect.gen(function* () {
                if (!first) yield* changes === null ? Effect.sleep("1 second") : PubSub.takeAll(changes)
                const run = yield* now
                return [[run], hasEnded(run) ? Option.none() : Option.some(false)] as const
              })
            )
          })
        )

      const setSchedule = (name: string, change: ScheduleChange, of?: string) =>
        Effect.flatMap(whose(name, of), ({ job, subject }) =>
          Effect.andThen(schedules.set(job, subject, change), get(name))
        )

      const resetSchedule = (name: string, of?: string) =>
        Effect.flatMap(whose(name, of), ({ job, subject }) => Effect.andThen(schedules.reset(job, subject), get(name)))

      return Jobs.of({
        register,
        list,
        get,
        start: runner.start,
        cancel: runner.cancel,
        retry: runner.retry,
        await: runner.awaitEnd,
        settle: (runId, seconds) =>
          Effect.orDie(
            Effect.raceFirst(
              runner.awaitEnd(runId),
              Effect.andThen(Effect.sleep(`${seconds} seconds`), runner.found(runId))
            )
          ),
        run: runner.found,
        follow,
        runs,
        logs,
        followLogs,
        setSchedule,
        resetSchedule,
        settings: Effect.fn("Jobs.settings")(function* (name: string, of?: string) {
          const { job, subject } = yield* whose(name, of)
          return yield* settings.read(job, subject)
        }),
        patchSettings: Effect.fn("Jobs.patchSettings")(function* (name, partial, { ifMatch, subject: of } = {}) {
          const { job, subject } = yield* whose(name, of)
          return yield* settings.patch(job, subject, partial, { ifMatch })
        }),
        replaceSettings: Effect.fn("Jobs.replaceSettings")(function* (name, set, of) {
          const { job, subject } = yield* whose(name, of)
          return yield* settings.replace(job, subject, set)
        }),
        resetSettings: Effect.fn("Jobs.resetSettings")(function* (name, { ifMatch, subject: of } = {}) {
          const { job, subject } = yield* whose(name, of)
          return yield* settings.reset(job, subject, { ifMatch })
        }),
        nextRuns: (schedule, count) => previewTimes(schedule, count, ["payload", "schedule"]),
        startSchedules: schedules.start,
        prune: (keepRuns) => store.prune(Math.max(0, Math.floor(keepRuns)))
      })
    })
  )
}

/** Errors of requests about the schedule or the settings of a job, or of one of its subjects. */
type NotOfJob = JobNotFound | JobSubjectNotFound | InvalidRequest

const first = (times: ReadonlyArray<string | null>): string | null =>
  times.flatMap((at) => at ?? []).toSorted()[0] ?? null

const firstRun = (runs: ReadonlyArray<Run | null>): Run | null =>
  runs.flatMap((run) => run ?? []).toSorted((a, b) => Number(a.id) - Number(b.id))[0] ?? null

/** Number of lines that a follower reads at once. */
const followSize = 500
