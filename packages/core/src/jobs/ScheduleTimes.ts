/**
 * When a schedule fires: validation, next time, and previews. Cron expressions are evaluated in their time zone, across
 * DST.
 */
import { Cron, DateTime, Effect, Option, Result } from "effect"
import { isoOfMillis } from "../problems/Instants.ts"
import { invalidField, type InvalidRequest, type Issue } from "../problems/Problem.ts"
import type { JobSchedule } from "./Job.ts"

export interface ScheduleTimes {
  /**
   * The first time after `now` (both in milliseconds since 1970), given the time for which the schedule last fired. An
   * interval continues from there, so that the duration of a run does not shift it, and skips times in the past; an
   * interval that has not fired yet fires one interval after `now`. `null` = never.
   */
  readonly next: (now: number, fired: number | null) => number | null
}

/** Fails with the invalid field, below `path`. */
export const scheduleTimes = (
  schedule: JobSchedule,
  path: Issue["path"]
): Effect.Effect<ScheduleTimes, InvalidRequest> =>
  schedule.type === "interval" ? intervalTimes(schedule.seconds, path) : cronTimes(schedule, path)

/** The next `count` times of a schedule if it were set now. */
export const previewTimes = Effect.fn("ScheduleTimes.preview")(function* (
  schedule: JobSchedule,
  count: number,
  path: Issue["path"]
) {
  if (!Number.isInteger(count) || count < 1 || count > maximumPreview) {
    return yield* invalidField([...path.slice(0, -1), "count"], `must be an integer from 1 to ${maximumPreview}`)
  }
  const times = yield* scheduleTimes(schedule, path)
  const preview: Array<string> = []
  let at: number | null = DateTime.toEpochMillis(yield* DateTime.now)
  while (preview.length < count) {
    at = times.next(at, preview.length === 0 ? null : at)
    if (at === null) break
    preview.push(isoOfMillis(at))
  }
  return preview
})

const maximumPreview = 100

const longestInterval = 31_536_000

const intervalTimes = (seconds: number, path: Issue["path"]): Effect.Effect<ScheduleTimes, InvalidRequest> => {
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > longestInterval) {
    return Effect.fail(invalidField([...path, "seconds"], `must be an integer from 1 to ${longestInterval}`))
  }
  const interval = seconds * 1_000
  return Effect.succeed({
    next: (now, fired) =>
      fired === null || fired > now ? now + interval : fired + (Math.floor((now - fired) / interval) + 1) * interval
  })
}

const cronTimes = Effect.fnUntraced(function* (
  schedule: Extract<JobSchedule, { type: "cron" }>,
  path: Issue["path"]
): Effect.fn.Return<ScheduleTimes, InvalidRequest> {
  const zone = DateTime.zoneFromString(schedule.zone)
  if (Option.isNone(zone)) return yield* invalidField([...path, "zone"], "is not a time zone, like Europe/Berlin")
  const parsed = Cron.parse(schedule.expression, zone.value)
  if (Result.isFailure(parsed)) return yield* invalidField([...path, "expression"], parsed.failure.message)
  // The 31st of February is a valid expression that never fires. Checked in UTC, because giving up takes 20 times as
  // long in other zones.
  const dates = Result.getOrThrow(Cron.parse(schedule.expression, "UTC"))
  if (nextOf(dates, DateTime.toEpochMillis(yield* DateTime.now)) === null) {
    return yield* invalidField([...path, "expression"], "never comes")
  }
  return { next: (now) => nextOf(parsed.success, now) }
})

const nextOf = (cron: Cron.Cron, now: number): number | null => {
  try {
    return Cron.next(cron, now).getTime()
  } catch {
    return null
  }
}
