/** `tendarr jobs`: jobs, their schedules, and the results of their runs. */
import { runStatuses } from "@tendarr/core/jobs/Job"
import { hasEnded } from "@tendarr/core/jobs/Run"
import type { Job, JobSchedule, Run, RunLog } from "@tendarr/sdk-client"
import { Clock, Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type Ask, type Connection, withTendarr } from "../connection/Connection.ts"
import { failed, misused } from "../Failure.ts"
import { jobTable, logLine, optionsOf, runLines, runTable, scheduleOf } from "../JobText.ts"
import { clean, parseSpan } from "../output/Format.ts"
import { currentStyle } from "../output/Style.ts"
import { terminalWidth } from "../output/Table.ts"
import { moreLines, pageFlags, pagesOf } from "../Paging.ts"
import { answer, root, textFlag, toggle } from "../Root.ts"
import { expectCompleted, followRun, jobOf, printErrors, startAndFollow } from "../RunFollowing.ts"
import { nearest } from "../UsageErrors.ts"

const name = Argument.String("job").pipe(Argument.withDescription("Name of the job, as listed by `tendarr jobs list`"))
const subject = textFlag(
  "subject",
  "ID",
  "Id or name of the subject, for a job that runs separately for several subjects"
)
const runId = Argument.String("run").pipe(Argument.withDescription("Id of the run"))
const wait = toggle("wait", "Show progress, wait for the run to end, and exit with 4 unless it completed")

/** For a misspelt name, the nearest valid one is suggested. */
const jobNamed = Effect.fnUntraced(function* (ask: Ask, named: string) {
  const { items } = yield* ask((client) => client.jobs.list())
  const found = items.find((job) => job.name === named)
  if (found !== undefined) return found
  const names = items.map((job) => job.name)
  const near = nearest(named, names)
  return yield* failed(
    `There is no job "${named}"${near === null ? "" : `. Did you mean ${near}?`}`,
    "job-not-found",
    `There are: ${names.join(", ")}`
  )
})

/** The id of the named subject; Tendarr refuses one for a job without subjects. */
const subjectNamed = Effect.fnUntraced(function* (job: Job, named: Option.Option<string>) {
  if (Option.isNone(named)) return {}
  const all = job.subjects ?? []
  const found = all.find(({ id, name }) => id === named.value || name === named.value)
  if (found !== undefined || job.subjects === undefined) return { subject: found?.id ?? named.value }
  return yield* failed(
    `The job ${job.name} has no subject "${named.value}"`,
    "job-subject-not-found",
    `There are: ${all.map(({ name }) => clean(name)).join(", ") || "none"}`
  )
})

const list = Command.make("list", {}, () =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const jobs = yield* ask((client) => client.jobs.list())
      const style = yield* currentStyle
      const width = yield* terminalWidth
      const now = yield* Clock.currentTimeMillis
      yield* answer(jobs, () => jobTable(jobs.items, style, width, now))
    })
  )
).pipe(Command.withDescription("List jobs with their schedules and their last runs"))

const show = Command.make("show", { job: name }, ({ job: named }) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const job = yield* jobNamed(ask, named)
      const style = yield* currentStyle
      yield* answer(job, () => jobLines(job, style.bold, job.lastRun === null ? [] : runLines(job.lastRun, style)))
    })
  )
).pipe(Command.withDescription("Show a job with its schedule and its last run"))

const jobLines = (job: Job, bold: (text: string) => string, last: ReadonlyArray<string>): ReadonlyArray<string> => [
  `${bold(job.name)}: ${job.title}${job.destructive ? " (destructive)" : ""}`,
  job.description,
  `Schedule: ${scheduleOf(job.schedule)}${job.scheduleEnabled || job.schedule === null ? "" : ", disabled"}${
    job.nextRunAt === null ? "" : `; next at ${job.nextRunAt}`
  }`,
  ...(job.running === null ? [] : [`Run ${job.running.id} is in progress`]),
  ...(job.queued === null ? [] : [`Run ${job.queued.id} is waiting`]),
  ...(last.length === 0 ? ["It has never run"] : last),
  ...(job.subjects ?? []).map((subject) =>
    clean(
      `For ${subject.name} (${subject.id}): ${scheduleOf(subject.schedule)}${
        subject.scheduleEnabled || subject.schedule === null ? "" : ", disabled"
      }${subject.nextRunAt === null ? "" : `; next at ${subject.nextRunAt}`}`
    )
  )
]

const start = Command.make(
  "start",
  {
    job: name,
    subject,
    wait,
    options: Flag.String("option").pipe(
      Flag.withMetavar("KEY=VALUE"),
      Flag.withDescription("An option for this run only; may be repeated, and repeating a key makes a list"),
      Flag.atLeast(0)
    )
  },
  (input) =>
    withTendarr((connection) =>
      Effect.gen(function* () {
        const options = yield* optionsOf(input.options)
        const found = yield* jobNamed(connection.ask, input.job)
        const job = found.name
        const of = yield* subjectNamed(found, input.subject)
        // Without a server, a run ends with this command.
        if (input.wait || connection.server === null) {
          return yield* printEnd(connection, yield* startAndFollow(connection, job, options, of.subject))
        }
        const run = yield* connection.ask((client) =>
          client.jobs.start({ path: { name: job }, body: { ...of, options } })
        )
        yield* answer(run, () => [
          `Run ${run.id} of ${jobOf(run)} is ${run.status}; \`tendarr jobs logs ${run.id} --follow\``
        ])
      })
    )
).pipe(
  Command.withDescription(
    "Start a job, or queue it if it is running. `tendarr run` starts the main job and shows its plan"
  ),
  Command.withShortDescription("Start a job"),
  Command.withExamples([
    {
      command: "tendarr jobs start capacity --option dryRun=true --wait",
      description: "With an option, waiting for its end"
    },
    { command: "tendarr jobs start backup", description: "Without waiting" }
  ])
)

const printEnd = Effect.fnUntraced(function* (connection: Connection, run: Run) {
  const style = yield* currentStyle
  yield* answer(run, () => runLines(run, style))
  yield* printErrors(connection, run)
  yield* expectCompleted(run)
})

const runs = Command.make(
  "runs",
  {
    job: Argument.String("job").pipe(Argument.withDescription("Only of this job"), Argument.optional),
    status: Flag.Literals("status", runStatuses).pipe(Flag.withDescription("Only in this status"), Flag.optional),
    ...pageFlags
  },
  ({ job, status, ...flags }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const found = Option.isNone(job) ? undefined : (yield* jobNamed(ask, job.value)).name
        const page = yield* pagesOf(flags, (query) =>
          ask((client) =>
            client.jobs.runs({
              query: {
                ...query,
                ...(found === undefined ? {} : { job: found }),
                ...(Option.isNone(status) ? {} : { status: status.value })
              }
            })
          )
        )
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer(page, () => [
          ...(page.items.length === 0 ? ["No runs"] : runTable(page.items, style, width)),
          ...moreLines(page)
        ])
      })
    )
).pipe(Command.withDescription("List runs, newest first"))

const logs = Command.make(
  "logs",
  {
    run: runId,
    follow: toggle("follow", "Continue until the run has ended; with --json, one line of JSON per log line")
  },
  ({ follow, run: id }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const { json } = yield* root
        const style = yield* currentStyle
        const all: Array<RunLog> = []
        const print = (line: RunLog) => Console.log(json ? JSON.stringify(line) : logLine(line, style))
        for (let after: string | null = null; ;) {
          // Checked before the lines are read: an ended run gets no more lines.
          const run: Run = yield* ask((client) => client.jobs.run({ path: { id } }))
          const lines: ReadonlyArray<RunLog> = yield* logAfter(ask, id, after)
          for (const line of lines) {
            if (json && !follow) all.push(line)
            else yield* print(line)
          }
          after = lines.at(-1)?.id ?? after
          if (!follow || (hasEnded(run) && lines.length === 0)) break
          if (lines.length === 0) yield* Effect.sleep(500)
        }
        if (json && !follow) yield* Console.log(JSON.stringify({ items: all, nextCursor: null }, null, 2))
      })
    )
).pipe(
  Command.withDescription("Show the log of a run; --follow continues until it has ended"),
  Command.withExamples([{ command: "tendarr jobs logs 42 --follow", description: "As it is written" }])
)

const logAfter = Effect.fnUntraced(function* (ask: Ask, id: string, first: string | null) {
  const found: Array<RunLog> = []
  for (let after = first; ;) {
    const { items }: { readonly items: ReadonlyArray<RunLog> } = yield* ask((client) =>
      client.jobs.logs({ path: { id }, query: { limit: 200, ...(after === null ? {} : { after }) } })
    )
    found.push(...items)
    after = items.at(-1)?.id ?? after
    if (items.length < 200) return found
  }
})

const cancel = Command.make("cancel", { run: runId }, ({ run: id }) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const run = yield* ask((client) => client.jobs.cancel({ path: { id } }))
      yield* answer(run, () => [`Run ${id} of ${run.job} is ${run.status}`])
    })
  )
).pipe(Command.withDescription("Cancel a run; takes effect within two seconds"))

const retry = Command.make("retry", { run: runId, wait }, ({ run: id, wait }) =>
  withTendarr((connection) =>
    Effect.gen(function* () {
      const run = yield* connection.ask((client) => client.jobs.retry({ path: { id } }))
      if (wait || connection.server === null) return yield* printEnd(connection, yield* followRun(connection, run))
      yield* answer(run, () => [`Run ${run.id} of ${run.job} is ${run.status}, with the options of run ${id}`])
    })
  )
).pipe(Command.withDescription("Start a run again with the same options"))

const schedule = Command.make(
  "schedule",
  {
    job: name,
    subject,
    cron: textFlag("cron", "EXPRESSION", 'Minute, hour, day, month, weekday: "30 3 * * *"'),
    zone: textFlag("zone", "ZONE", "Time zone of the expression, such as Europe/Berlin (default: from the settings)"),
    every: textFlag("every", "SPAN", "Interval between runs: 30m, 12h, 1d"),
    own: toggle("own", "Reset to the job's own schedule"),
    on: toggle("on", "Enable the current schedule again")
  },
  ({ cron, every, job: named, on, own, subject, zone }) =>
    Effect.gen(function* () {
      const ways = [Option.isSome(cron), Option.isSome(every), own, on].filter(Boolean).length
      if (ways !== 1) return yield* misused("Give one of --cron, --every, --own and --on")
      if (Option.isSome(zone) && Option.isNone(cron)) return yield* misused("--zone requires --cron")
      yield* withTendarr(({ ask }) =>
        Effect.gen(function* () {
          const found = yield* jobNamed(ask, named)
          const job = found.name
          const query = yield* subjectNamed(found, subject)
          const print = (changed: Job) => printSchedule(changed, query.subject)
          if (own)
            return yield* print(yield* ask((client) => client.jobs.resetSchedule({ path: { name: job }, query })))
          const wanted = on ? null : yield* wantedSchedule(ask, cron, zone, every)
          const body = { enabled: true, ...(wanted === null ? {} : { schedule: wanted }) }
          yield* print(yield* ask((client) => client.jobs.setSchedule({ path: { name: job }, query, body })))
        })
      )
    })
).pipe(
  Command.withDescription("Set the schedule of a job"),
  Command.withExamples([
    { command: 'tendarr jobs schedule capacity --cron "0 4 * * *" --zone Europe/Berlin', description: "Every night" },
    { command: "tendarr jobs schedule library-sync --every 6h", description: "Every six hours" }
  ])
)

const wantedSchedule = Effect.fnUntraced(function* (
  ask: Ask,
  cron: Option.Option<string>,
  zone: Option.Option<string>,
  every: Option.Option<string>
) {
  if (Option.isSome(cron)) {
    const general = yield* ask((client) => client.settings.get({ path: { group: "general" } }))
    const found: JobSchedule = {
      type: "cron",
      expression: cron.value,
      zone: Option.getOrElse(zone, () => String(general.value["timeZone"]))
    }
    return found
  }
  const text = Option.getOrElse(every, () => "")
  const millis = parseSpan(text)
  if (millis === null) return yield* misused(`"${text}" is not a duration; give one such as 30m, 12h, 1d`)
  const found: JobSchedule = { type: "interval", seconds: Math.max(1, Math.round(millis / 1000)) }
  return found
})

const printSchedule = (job: Job, subject: string | undefined) => {
  const found = job.subjects?.find(({ id }) => id === subject)
  const { nextRunAt, schedule, scheduleEnabled } = found ?? job
  return answer(job, () => [
    clean(
      `${job.name}${found === undefined ? "" : ` (${found.name})`}: ${scheduleOf(schedule)}${
        scheduleEnabled || schedule === null ? "" : ", disabled"
      }${nextRunAt === null ? "" : `; next at ${nextRunAt}`}`
    )
  ])
}

const unschedule = Command.make("unschedule", { job: name, subject }, ({ job: named, subject }) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* jobNamed(ask, named)
      const query = yield* subjectNamed(found, subject)
      const body = { enabled: false }
      yield* printSchedule(
        yield* ask((client) => client.jobs.setSchedule({ path: { name: found.name }, query, body })),
        query.subject
      )
    })
  )
).pipe(
  Command.withDescription(
    "Disable the schedule of a job, so that it runs only on request; `schedule --on` enables it again"
  )
)

export const jobs = Command.make("jobs").pipe(
  Command.withDescription("Jobs: their schedules, what they are doing, and the results of their runs"),
  Command.withShortDescription("Jobs, their schedules, runs and logs"),
  Command.withExamples([
    { command: "tendarr jobs start backup --wait", description: "Start one and wait for its end" },
    { command: "tendarr jobs runs capacity --status failed", description: "Failed runs" }
  ]),
  Command.withSubcommands([list, show, start, runs, logs, cancel, retry, schedule, unschedule])
)
