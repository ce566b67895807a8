/**
 * Which runs are in progress, which are waiting, and for what. Each job, or each subject of a job, is a slot with at
 * most one running and one waiting run. Runs that hold the same name exclude each other: a waiting run takes everything
 * that it needs at once or nothing, and later requests queue behind it, so that no run waits forever.
 */
import { Effect } from "effect"
import type { JobSubject } from "../Job.ts"
import { JobNotFound } from "../JobErrors.ts"
import type { LiveRun } from "./LiveRun.ts"
import { type RegisteredJob, slotKey } from "./RegisteredJob.ts"

export interface Slot {
  readonly job: RegisteredJob
  /** With its most recent name. */
  readonly subject: JobSubject | null
  running: LiveRun | null
  queued: LiveRun | null
}

export interface Slots extends ReturnType<typeof makeSlots> {}

/** Changes require the runner's lock. */
export const makeSlots = () => {
  const jobs = new Map<string, RegisteredJob>()
  const slots = new Map<string, Slot>()

  const register = (job: RegisteredJob) =>
    jobs.has(job.name)
      ? Effect.die(new Error(`Two jobs are named ${job.name}`))
      : Effect.sync(() => void jobs.set(job.name, job))

  const jobOf = (name: string): Effect.Effect<RegisteredJob, JobNotFound> => {
    const job = jobs.get(name)
    return job === undefined ? Effect.fail(new JobNotFound({ job: name })) : Effect.succeed(job)
  }

  /** The current slot; empty slots are not stored. */
  const look = (job: RegisteredJob, subject: JobSubject | null): Slot =>
    slots.get(slotKey(job.name, subject?.id ?? null)) ?? { job, subject, running: null, queued: null }

  /** Stores a slot, or removes it if it is empty. */
  const keep = (slot: Slot): void => {
    const key = slotKey(slot.job.name, slot.subject?.id ?? null)
    if (slot.running === null && slot.queued === null) slots.delete(key)
    else slots.set(key, slot)
  }

  const inUse = (job: RegisteredJob): ReadonlyArray<Slot> => [...slots.values()].filter((slot) => slot.job === job)

  const slotOf = (live: LiveRun): Slot => look(live.job, live.subject)

  const all = () => [...slots.values()]
  const runningOnes = () => all().flatMap(({ running }) => running ?? [])
  const queuedOnes = () => inOrder(all().flatMap(({ queued }) => queued ?? []))

  /** The run that blocks this one: a run that holds something it needs, or a run that requested it earlier. */
  const obstacleTo = (job: RegisteredJob, waiting: LiveRun | null): LiveRun | null => {
    if (job.holds.length === 0) return null
    const shares = (other: LiveRun) => other.job.holds.some((name) => job.holds.includes(name))
    const queued = queuedOnes()
    const earlier = waiting === null ? queued : queued.slice(0, queued.indexOf(waiting))
    return runningOnes().find(shares) ?? earlier.find(shares) ?? null
  }

  /** The first waiting run that is no longer blocked. */
  const startable = (): LiveRun | undefined =>
    queuedOnes().find((live) => slotOf(live).running === null && obstacleTo(live.job, live) === null)

  /** Runs that are blocked only by a run of another slot, each with that run. */
  const waitingForOthers = (): ReadonlyArray<{ readonly live: LiveRun; readonly obstacle: LiveRun }> =>
    queuedOnes().flatMap((live) => {
      if (slotOf(live).running !== null) return []
      const obstacle = obstacleTo(live.job, live)
      return obstacle === null ? [] : [{ live, obstacle }]
    })

  return { jobs, register, jobOf, look, keep, inUse, slotOf, obstacleTo, startable, waitingForOthers }
}

/** In the order in which they were requested. */
const inOrder = (lives: ReadonlyArray<LiveRun>) => lives.toSorted((a, b) => Number(a.id) - Number(b.id))
