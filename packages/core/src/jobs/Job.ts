/** What a job is: a name, a title, options, a default schedule and an Effect. The runner gives all of them one life. */
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

/** What is given is changed and the rest kept; a schedule of `null` = runs only when asked. */
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

/** What a job runs for, for instance one integration. */
export const JobSubject = Schema.Struct({ id: Schema.String, name: Schema.String }).annotate({
  identifier: "JobSubject"
})
export type JobSubject = typeof JobSubject.Type

/** The subjects of a job that runs for each of them apart: each has its own runs, queue, schedule and settings. */
export interface JobSubjects {
  /** Type of the subject in events, for instance `integration`: such an event makes the list be looked at again. */
  readonly type: string
  /**
   * Those that are there now, also within a transaction that changes them. Ids are stable and never given again; a run of
   * one that is no longer listed is cancelled, and what was set for it waits for the case that it comes back.
   */
  readonly list: Effect.Effect<ReadonlyArray<JobSubject>>
}

export interface JobContext<Options, Settings = null> {
  readonly runId: string
  readonly options: Options
  /** As they were when the run began, with the options of the same names over them; `null` for a job without settings. */
  readonly settings: Settings
  /** `null` for a job without subjects. */
  readonly subject: JobSubject | null
  /** `done` of `total` (`null` = not known yet), with a word on what is under way. */
  readonly progress: (done: number, total: number | null, message: string) => Effect.Effect<void>
  /**
   * One line of the run's log. A line of level `error` makes the run end as `completed-with-errors` at best. What is said by
   * `Effect.log` beneath the run goes there as well, from the level on that the process logs; a line is said in one of both ways.
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
  /** `null` = runs only when asked. With subjects, of each of them. */
  readonly defaultSchedule: JobSchedule | null
  /** Whether its runs may carry out acts that destroy or change something in an application (`MayDestroy`). */
  readonly destructive: boolean
  /** Absent = the job runs as a whole. */
  readonly subjects?: JobSubjects
  /**
   * Names of what a run has to itself, for instance `library`. A run waits in line while another one has any of the same
   * names, in the order in which they were asked for; while it waits it holds none. Subjects of one job share its names.
   */
  readonly holds?: ReadonlyArray<string>
}

interface JobWithoutSettings<Options> extends JobBase<Options> {
  readonly settings?: never
  /** The JSON result is stored with the run. Failures with a `message` are shown by it. */
  readonly run: (context: JobContext<Options>) => Effect.Effect<unknown, unknown>
}

interface JobWithSettings<Options, Settings> extends JobBase<Options> {
  /** What can be set for the job, or for each of its subjects, and holds for every run that does not say otherwise. */
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

/** What is registered. */
export type AnyJobDefinition<Options, Settings> = JobWithoutSettings<Options> | JobWithSettings<Options, Settings>
