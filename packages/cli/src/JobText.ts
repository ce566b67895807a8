/** Formats jobs, their schedules and runs as text and tables, and parses their options from the command line. */
import type { Job, JobSchedule, Run, RunLog } from "@tendarr/sdk-client"
import { Effect } from "effect"
import { type CommandFailure, misused } from "./Failure.ts"
import { ago, clean, duration, moment } from "./output/Format.ts"
import type { Style } from "./output/Style.ts"
import { table } from "./output/Table.ts"
import { jobOf } from "./RunFollowing.ts"

export const scheduleOf = (schedule: JobSchedule | null): string =>
  schedule === null
    ? "only on request"
    : schedule.type === "cron"
      ? `${schedule.expression} (${schedule.zone})`
      : `every ${duration(schedule.seconds * 1000)}`

/** A job without subjects, or one subject of a job. */
type Standing = Pick<Job, "name" | "schedule" | "scheduleEnabled" | "nextRunAt" | "running" | "queued" | "lastRun">

/** One line per job, followed by one for each of its subjects. */
const standings = (jobs: ReadonlyArray<Job>): ReadonlyArray<Standing> =>
  jobs.flatMap((job) => [job, ...(job.subjects ?? []).map((subject) => ({ ...subject, name: `  ${subject.name}` }))])

export const jobTable = (jobs: ReadonlyArray<Job>, style: Style, width: number | null, now: number) =>
  table<Standing>(
    [
      { header: "JOB", cell: ({ name }) => name },
      {
        header: "SCHEDULE",
        flexible: true,
        cell: ({ schedule, scheduleEnabled }) =>
          `${scheduleOf(schedule)}${scheduleEnabled || schedule === null ? "" : ", disabled"}`
      },
      { header: "NEXT", cell: ({ nextRunAt }) => (nextRunAt === null ? "" : ago(nextRunAt, now)) },
      {
        header: "NOW",
        cell: ({ queued, running }) =>
          [running === null ? "" : `run ${running.id}`, queued === null ? "" : "one waiting"].filter(Boolean).join(", ")
      },
      {
        header: "LAST RUN",
        cell: ({ lastRun }) =>
          lastRun === null ? "never" : `${lastRun.status} ${ago(lastRun.endedAt ?? lastRun.queuedAt, now)}`,
        paint: (text, { lastRun }) => (lastRun === null ? style.dim : paintRun(style, lastRun.status))(text)
      }
    ],
    standings(jobs),
    { style, width }
  )

export const runTable = (runs: ReadonlyArray<Run>, style: Style, width: number | null) =>
  table<Run>(
    [
      { header: "RUN", align: "right", cell: ({ id }) => id },
      { header: "JOB", cell: jobOf },
      { header: "STATUS", cell: ({ status }) => status, paint: (text, { status }) => paintRun(style, status)(text) },
      { header: "BEGAN", cell: ({ queuedAt, startedAt }) => moment(startedAt ?? queuedAt) },
      { header: "TOOK", align: "right", cell: tookOf },
      { header: "BY", flexible: true, cell: ({ actor, startedBy }) => (startedBy === "schedule" ? "schedule" : actor) },
      {
        header: "",
        flexible: true,
        cell: ({ error, progress, status }) =>
          error?.message ?? (status === "running" || status === "queued" ? (progress?.message ?? "") : "")
      }
    ],
    runs,
    { style, width }
  )

export const runLines = (run: Run, style: Style): ReadonlyArray<string> => [
  `${style.bold(`Run ${run.id}`)} of ${clean(jobOf(run))}: ${paintRun(style, run.status)(run.status)}${run.error === null ? "" : `: ${clean(run.error.message)}`}`,
  `Started by ${clean(run.actor)} at ${run.startedAt ?? run.queuedAt}${run.endedAt === null ? "" : `, took ${tookOf(run)}`}`,
  ...(Object.keys(run.options).length === 0 ? [] : [`Options: ${JSON.stringify(run.options)}`]),
  ...(run.result === null || run.result === undefined ? [] : [`Result: ${clean(resultText(run.result))}`]),
  ...(run.errors === 0 ? [] : [`${run.errors} errors in its log: \`tendarr jobs logs ${run.id}\``])
]

/** Truncated to one line; the complete result is available as JSON. */
const resultText = (result: unknown): string =>
  typeof result !== "object" || result === null
    ? String(result)
    : Object.entries(result)
        .map(([key, value]) =>
          Array.isArray(value)
            ? `${value.length} ${key}`
            : `${key} ${typeof value === "object" && value !== null ? "…" : String(value)}`
        )
        .join(", ")

export const logLine = ({ at, level, message }: RunLog, style: Style): string => {
  const paint = level === "error" ? style.bad : level === "warning" ? style.warn : style.dim
  return `${style.dim(at)} ${paint(level.padEnd(7))} ${clean(message)}`
}

const tookOf = ({ endedAt, startedAt }: Run): string => {
  if (startedAt === null || endedAt === null) return ""
  const millis = Date.parse(endedAt) - Date.parse(startedAt)
  return millis < 1000 ? `${millis} ms` : duration(millis)
}

const paintRun = (style: Style, status: Run["status"]): ((text: string) => string) =>
  status === "completed"
    ? style.good
    : status === "failed" || status === "interrupted"
      ? style.bad
      : status === "running" || status === "queued"
        ? style.dim
        : style.warn

/** `key=value`: parsed as JSON if it is valid, otherwise as text; a repeated key makes a list. */
export const optionsOf = (
  pairs: ReadonlyArray<string>
): Effect.Effect<Readonly<Record<string, unknown>>, CommandFailure> => {
  const found = new Map<string, Array<string>>()
  for (const pair of pairs) {
    const at = pair.indexOf("=")
    if (at < 1) return Effect.fail(misused(`--option takes key=value, not "${pair}"`))
    const key = pair.slice(0, at)
    found.set(key, [...(found.get(key) ?? []), pair.slice(at + 1)])
  }
  return Effect.succeed(
    Object.fromEntries(
      [...found].map(([key, values]) => [key, values.length === 1 ? valueOf(values[0] ?? "") : values])
    )
  )
}

const valueOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
