/** Events about runs. */
import type { NewEvent } from "../../events/EventType.ts"
import type { EndedStatus } from "../Job.ts"
import { JobEvents } from "../JobEvents.ts"
import type { Run } from "../Run.ts"

export const startedEvent = (title: string, run: Run): NewEvent =>
  JobEvents.started.make({
    subject: run.id,
    message: `${ofSubject(title, run)} started`,
    payload: { job: run.job, ...subjectOf(run), startedBy: run.startedBy }
  })

export interface EndedRun extends Run {
  readonly status: EndedStatus
}

export const endedEvent = (title: string, run: EndedRun): NewEvent => {
  const { of, severity, words } = endings[run.status]
  return of.make({
    severity,
    subject: run.id,
    message: `${ofSubject(title, run)} ${words}${run.status === "failed" && run.error !== null ? `: ${run.error.message}` : ""}`,
    payload: {
      job: run.job,
      ...subjectOf(run),
      startedBy: run.startedBy,
      status: run.status,
      errors: run.errors,
      ...(run.startedAt === null || run.endedAt === null
        ? {}
        : { durationMillis: Date.parse(run.endedAt) - Date.parse(run.startedAt) }),
      ...(run.error === null ? {} : { error: run.error })
    }
  })
}

/** For example `Search for what is missing (Radarr 4K)`. */
const ofSubject = (title: string, { subject }: Run): string =>
  subject === undefined ? title : `${title} (${subject.name})`

const subjectOf = ({ subject }: Run) => (subject === undefined ? {} : { subject })

const endings = {
  completed: { of: JobEvents.completed, severity: "info", words: "completed" },
  "completed-with-errors": { of: JobEvents.completed, severity: "warning", words: "completed with errors" },
  failed: { of: JobEvents.failed, severity: "error", words: "failed" },
  cancelled: { of: JobEvents.cancelled, severity: "info", words: "was cancelled" },
  interrupted: { of: JobEvents.interrupted, severity: "warning", words: "was interrupted" }
} as const satisfies Record<EndedStatus, unknown>
