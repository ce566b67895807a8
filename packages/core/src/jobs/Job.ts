/** What a job is: a name, a title, options, a default schedule and an Effect. The runner gives all of them one life. */
import { type Effect, Schema } from "effect"

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

export const runStatuses = [
  "queued",
  "running",
  "completed",
  "completed-with-errors",
  "failed",
  "cancelled",
  "interrupted"
] as const
export const RunStatus = Schema.Literals(runStatuses)
export type RunStatus = typeof RunStatus.Type

export type LogLevel = "debug" | "info" | "warning" | "error"

export interface JobContext<Options> {
  readonly runId: string
  readonly options: Options
  /** `done` of `total` (`null` = not known yet), with a word on what is under way. */
  readonly progress: (done: number, total: number | null, message: string) => Effect.Effect<void>
  /**
   * One line of the run's log. A line of level `error` makes the run end as `completed-with-errors` at best. What is said by
   * `Effect.log` beneath the run goes there as well, from the level on that the process logs; a line is said in one of both ways.
   */
  readonly log: (level: LogLevel, message: string, data?: Readonly<Record<string, unknown>>) => Effect.Effect<void>
}

export interface JobDefinition<Options = unknown> {
  /** Lower-kebab-case, stable. */
  readonly name: string
  readonly title: string
  readonly description: string
  /** One-shot overrides of a run; decoding `{}` gives the defaults. */
  readonly options: Schema.Codec<Options, unknown>
  /** `null` = runs only when asked. */
  readonly defaultSchedule: JobSchedule | null
  /** A destructive job is never started again by itself after a crash. */
  readonly destructive: boolean
  /** The JSON result is stored with the run. Failures with a `message` are shown by it. */
  readonly run: (context: JobContext<Options>) => Effect.Effect<unknown, unknown>
}
