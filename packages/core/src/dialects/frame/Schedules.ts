/** Schedules of jobs in the products' APIs. */
import type { JobSchedule } from "../../jobs/Job.ts"

/** A cron expression, or an interval in words; `null` = the job runs only on request. */
export const scheduleText = (schedule: JobSchedule | null): string | null =>
  schedule === null ? null : schedule.type === "cron" ? schedule.expression : `every ${schedule.seconds} seconds`
