/** Events of jobs and their runs, and of the clock that their schedules go by. */
import { Schema } from "effect"
import { changeFields } from "../events/Change.ts"
import { eventType } from "../events/EventType.ts"
import { EndedStatus, JobSchedule, JobSubject } from "./Job.ts"
import { RunError, StartedBy } from "./Run.ts"

const subject = Schema.optionalKey(JobSubject).pipe(
  Schema.annotateKey({ description: "What it runs for; absent for jobs without subjects." })
)
const run = { job: Schema.String, subject, startedBy: StartedBy }

const Ended = Schema.Struct({
  ...run,
  status: EndedStatus,
  errors: Schema.Int.annotate({ description: "Lines of level `error` in its log." }),
  durationMillis: Schema.optionalKey(Schema.Finite).annotate({ description: "Absent of a run that never began." }),
  error: Schema.optionalKey(RunError).annotate({ description: "Why it failed." })
})

const Schedule = Schema.Struct({ schedule: Schema.NullOr(JobSchedule), enabled: Schema.Boolean })

const ofRun = { category: "jobs", subject: "job-run" } as const
const ofJob = { category: "jobs", subject: "job" } as const
const ofClock = { category: "system", severity: "warning" } as const

const SetClock = Schema.Struct({
  millis: Schema.Finite.annotate({ description: "By how much the clock was set; below 0 when it was set back." })
})

export const JobEvents = {
  started: eventType("job-run.started", {
    ...ofRun,
    description: "A run of a job began.",
    payload: Schema.Struct(run)
  }),
  completed: eventType("job-run.completed", {
    ...ofRun,
    description: "A run came to its end; a warning when there are errors in its log.",
    payload: Ended
  }),
  failed: eventType("job-run.failed", {
    ...ofRun,
    severity: "error",
    description: "A run failed.",
    payload: Ended
  }),
  cancelled: eventType("job-run.cancelled", {
    ...ofRun,
    description: "A run was cancelled, or was still queued when it was.",
    payload: Ended
  }),
  interrupted: eventType("job-run.interrupted", {
    ...ofRun,
    severity: "warning",
    description: "A run ended with the process that carried it out.",
    payload: Ended
  }),
  scheduleChanged: eventType("job.schedule-changed", {
    ...ofJob,
    description: "The schedule of a job was changed, switched on or off, or set back to its own.",
    payload: Schema.Struct({ subject, before: Schedule, after: Schedule })
  }),
  settingsChanged: eventType("job.settings-changed", {
    ...ofJob,
    description: "The settings of a job were changed.",
    payload: Schema.Struct({ subject, ...changeFields })
  }),
  clockSetBack: eventType("clock.set-back", {
    ...ofClock,
    description: "The clock of the machine was set back; times that are waited for are moved along.",
    payload: SetClock
  }),
  clockSetForward: eventType("clock.set-forward", {
    ...ofClock,
    description: "The clock of the machine was set forward; times that are waited for are moved along.",
    payload: SetClock
  }),
  timeUnseen: eventType("clock.time-unseen", {
    ...ofClock,
    description: "Time has passed of which nobody can tell whether the machine was off or its clock was set.",
    payload: SetClock
  })
}
