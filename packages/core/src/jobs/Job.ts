/**
 * Definition of a job: a name, a title, options, a default schedule and an Effect. The runner treats all jobs alike.
 */
import { type Effect, Schema } from "effect"
import type { SettingsSchema } from "../settings/SettingsSchema.ts"

export const JobSchedule = Schema.Union([
  Schema.Struct({
    type: Schema.Literal("cron"),
    /** Five fields (minute hour day month weekday), or six with seconds first. */
    expression: Schema.String,
    /** IANA name; `UTC` by default. */
    zone: Schema.String
  }),
  Schema.Struct({
    type: Schema.Literal("interval"),
    seconds: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 31_536_000 }))
  })
]).annotate({ identifier: "JobSchedule" })
export type JobSchedule = typeof JobSchedule.Type

/** Given fields are changed, the others are kept; a schedule of `null` = runs only on request. */
export const ScheduleChange = Schema.Struct({
  schedule: Schema.optionalKey(Schema.NullOr(JobSchedule)),
  enabled: Schema.optionalKey(Schema.Boolean)
})
export type ScheduleChange = typeof ScheduleChange.Type

export const endedStatuses = ["completed", "completed-with-errors", "failed", "cancelled", "interrupted"] as const
export const runStatuses = ["queued", "running", ...endedStatuses] as const
export const RunStatus = Schema.Literals(runStatuses)
export type RunStatus = typeof RunStatus.Type

/** How a run can have ended. */
export const EndedStatus = Schema.Literals(endedStatuses)
export type EndedStatus = typeof EndedStatus.Type

export type LogLevel = "debug" | "info" | "warning" | "error"

/** What a job runs for, for example one integration. */
export const JobSubject = Schema.Struct({ id: Schema.String, name: Schema.String }).annotate({
  identifier: "JobSubject"
})
export type JobSubject = typeof JobSubject.Type

/** The subjects of a job that runs separately for each of them: each has its own runs, queue, schedule and settings. */
export interface JobSubjects {
  /** Type of the subject in events, for example `integration`: such an event causes the list to be read again. */
  readonly type: string
  /**
   * The current subjects, including changes of the enclosing transaction. Ids are stable and never reused; a run of a
   * subject that is no longer listed is cancelled, and its schedule and settings are kept in case it returns.
   */
  readonly list: Effect.Effect<ReadonlyArray<JobSubject>>
  /** Ids of subjects whose schedules start no runs at present; absent = none. A person may still start a run. */
  readonly paused?: Effect.Effect<ReadonlySet<string>>
}

export interface JobContext<Options, Settings = null> {
  readonly runId: string
  readonly options: Options
  /**
   * The settings at the start of the run, overridden by options of the same names; `null` for a job without settings.
   */
  readonly settings: Settings
  /** `null` for a job without subjects. */
  readonly subject: JobSubject | null
  /** `done` of `total` (`null` = not known yet), with a message about the current step. */
  readonly progress: (done: number, total: number | null, message: string) => Effect.Effect<void>
  /**
   * Writes one line to the run's log. After a line of level `error`, the run ends as `completed-with-errors` at best.
   * Messages of `Effect.log` within the run go to the same log, from the log level of the process on; use one of the
   * two per message, not both.
   */
  readonly log: (level: LogLevel, message: string, data?: Readonly<Record<string, unknown>>) => Effect.Effect<void>
}

interface JobBase<Options> {
  /** Lower-kebab-case, stable. */
  readonly name: string
  readonly title: string
  readonly description: string
  /** One-shot overrides of a run; decoding `{}` gives the defaults. */
  readonly options: Schema.Codec<Options, unknown>
  /** `null` = runs only on request. For a job with subjects, the schedule of each of them. */
  readonly defaultSchedule: JobSchedule | null
  /** Whether its runs may carry out acts that destroy or change something in an application (`MayDestroy`). */
  readonly destructive: boolean
  /** Absent = the job has no subjects. */
  readonly subjects?: JobSubjects
  /**
   * Names of the resources that a run needs exclusively, for example `library`. A run waits while another run holds any
   * of the same names, in the order of the requests; while it waits, it holds none of them. Subjects of one job may
   * hold its names at the same time.
   */
  readonly holds?: ReadonlyArray<string>
}

export interface JobWithoutSettings<Options> extends JobBase<Options> {
  readonly settings?: never
  /** The result is stored with the run as JSON. A failure with a `message` is shown by that message. */
  readonly run: (context: JobContext<Options>) => Effect.Effect<unknown, unknown>
}

interface JobWithSettings<Options, Settings> extends JobBase<Options> {
  /** The settings of the job, or of each of its subjects; they apply to every run that does not override them. */
  readonly settings: SettingsSchema<Settings>
  readonly run: (context: JobContext<Options, Settings>) => Effect.Effect<unknown, unknown>
}

/**
 * `Settings` stays away for a job without any.
 *
 * @example
 * ```ts
 * import type { JobDefinition } from "@tendarr/core/jobs/Job"
 * import { Jobs } from "@tendarr/core/jobs/Jobs"
 * import { Library } from "@tendarr/core/library/Library"
 * import { settingsSchema } from "@tendarr/core/settings/SettingsSchema"
 * import { Effect, Layer, Schema } from "effect"
 *
 * const Settings = Schema.Struct({
 *   least: Schema.Int.annotate({ default: 10, description: "Fewer items than this are an error." })
 * })
 *
 * const makeCount = Effect.gen(function* () {
 *   const library = yield* Library
 *   const job: JobDefinition<{}, typeof Settings.Type> = {
 *     name: "count-items",
 *     title: "Count the items",
 *     description: "Tells when the library becomes too small.",
 *     options: Schema.Struct({}),
 *     settings: settingsSchema(Settings),
 *     defaultSchedule: { type: "interval", seconds: 3600 },
 *     destructive: false,
 *     run: Effect.fnUntraced(function* ({ log, settings }) {
 *       const { total } = yield* library.counted({}, { offset: 0, limit: 1 })
 *       if (total < settings.least) yield* log("error", `There are ${total} items`)
 *       return { total }
 *     })
 *   }
 *   return job
 * })
 *
 * export const CountJob = Layer.effectDiscard(
 *   Effect.gen(function* () {
 *     const jobs = yield* Jobs
 *     yield* jobs.register(yield* makeCount)
 *   })
 * )
 * ```
 */
export type JobDefinition<Options = unknown, Settings = never> = [Settings] extends [never]
  ? JobWithoutSettings<Options>
  : JobWithSettings<Options, Settings>

/** The type of definition that can be registered. */
export type AnyJobDefinition<Options, Settings> = JobWithoutSettings<Options> | JobWithSettings<Options, Settings>
