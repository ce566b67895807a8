/** What the event log is told of runs. */
import type { EventSeverity, NewEvent } from "../../events/Event.ts"
import type { Run } from "../Run.ts"

export const startedEvent = (title: string, run: Run): NewEvent => ({
  type: "job-run.started",
  category: "jobs",
  subject: { type: "job-run", id: run.id },
  message: `${ofSubject(title, run)} started`,
  payload: { job: run.job, ...subjectOf(run), startedBy: run.startedBy }
})

export const endedEvent = (title: string, run: Run): NewEvent => {
  const ending = endings[run.status]
  return {
    type: `job-run.${ending.type}`,
    category: "jobs",
    severity: ending.severity,
    subject: { type: "job-run", id: run.id },
    message: `${ofSubject(title, run)} ${ending.words}${run.status === "failed" && run.error !== null ? `: ${run.error.message}` : ""}`,
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
  }
}

/** `Search for what is missing (Radarr 4K)`. */
const ofSubject = (title: string, { subject }: Run): string =>
  subject === undefined ? title : `${title} (${subject.name})`

const subjectOf = ({ subject }: Run) => (subject === undefined ? {} : { subject })

const ending = (type: string, severity: EventSeverity, words: string) => ({ type, severity, words })

const endings = {
  queued: ending("queued", "info", "is waiting"),
  running: ending("started", "info", "started"),
  completed: ending("completed", "info", "completed"),
  "completed-with-errors": ending("completed", "warning", "completed with errors"),
  failed: ending("failed", "error", "failed"),
  cancelled: ending("cancelled", "info", "was cancelled"),
  interrupted: ending("interrupted", "warning", "was interrupted")
} as const
