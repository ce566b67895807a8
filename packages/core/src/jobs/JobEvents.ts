/** Events of jobs and their runs, and of the clock that their schedules depend on. */
import { Schema } from "effect"
import { changeFields } from "../events/Change.ts"
import { eventType } from "../events/EventType.ts"
import { EndedStatus, JobSchedule, JobSubject } from "./Job.ts"
import { RunError, StartedBy } from "./Run.ts"

const subject = Schema.optionalKey(JobSubject).pipe(
  Schema.annotateKey({ description: "The subject of the run; absent for jobs without subjects." })
)
const run = { job: Schema.String, subject, startedBy: StartedBy }

const Ended = Schema.Struct({
  ...run,
  status: EndedStatus,
  errors: Schema.Int.annotate({ description: "Number of lines of level `error` in its log." }),
  durationMillis: Schema.optionalKey(Schema.Finite).annotate({ description: "Absent for a run that never began." }),
  error: Schema.optionalKey(RunError).annotate({ description: "Why it failed." })
})

const Schedule = Schema.Struct({ schedule: Schema.NullOr(JobSchedule), enabled: Schema.Boolean })

const ofRun = { category: "jobs", subject: "job-run" } as const
const ofJob = { category: "jobs", subject: "job" } as const
const ofClock = { category: "system", severity: "warning" } as const

const SetClock = Schema.Struct({
  millis: Schema.Finite.annotate({ description: "By how much the clock was set; negative if it was set back." })
})

export const JobEvents = {
  started: eventType("job-run.started", {
    ...ofRun,
    description: "A run of a job began.",
    payload: Schema.Struct(run)
  }),
  completed: eventType("job-run.completed", {
    ...ofRun,
    description: "A run ended; a warning if its log contains errors.",
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
    description: "A run was cancelled, while it was in progress or still queued.",
    payload: Ended
  }),
  interrupted: eventType("job-run.interrupted", {
    ...ofRun,
    severity: "warning",
    description: "A run was interrupted, because its process ended.",
    payload: Ended
  }),
  scheduleChanged: eventType("job.schedule-changed", {
    ...ofJob,
    description: "The schedule of a job was changed, enabled, disabled, or reset to its own.",
    payload: Schema.Struct({ subject, before: Schedule, after: Schedule })
  }),
  settingsChanged: eventType("job.settings-changed", {
    ...ofJob,
    description: "The settings of a job were changed.",
    payload: Schema.Struct({ subject, ...changeFields })
  }),
  clockSetBack: eventType("clock.set-back", {
    ...ofClock,
    description: "The clock of the machine was set back; pending times were shifted by the same amount.",
    payload: SetClock
  }),
  clockSetForward: eventType("clock.set-forward", {
    ...ofClock,
    description: "The clock of the machine was set forward; pending times were shifted by the same amount.",
    payload: SetClock
  }),
  timeUnseen: eventType("clock.time-unseen", {
    ...ofClock,
    description: "Time passed for which it is not known whether the machine was off or its clock was set.",
    payload: SetClock
  })
}
