/**
 * Who runs, who waits, and for whom. Each job, or each subject of it, is a slot with room for one run and one that waits.
 * Runs that hold something of the same name exclude each other: one that waits takes all that it needs at once or nothing,
 * and those who asked later stand behind it, so that nobody waits for ever.
 */
import { Effect } from "effect"
import type { JobSubject } from "../Job.ts"
import { JobNotFound } from "../JobErrors.ts"
import type { LiveRun } from "./LiveRun.ts"
import { type RegisteredJob, slotKey } from "./RegisteredJob.ts"

export interface Slot {
  readonly job: RegisteredJob
  /** As it was named last. */
  readonly subject: JobSubject | null
  running: LiveRun | null
  queued: LiveRun | null
}

export interface Slots extends ReturnType<typeof makeSlots> {}

/** Whoever changes a slot holds the door of the runner. */
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

  /** The slot as it is; an empty one is not kept. */
  const look = (job: RegisteredJob, subject: JobSubject | null): Slot =>
    slots.get(slotKey(job.name, subject?.id ?? null)) ?? { job, subject, running: null, queued: null }

  /** Puts a slot into use, or out of it when nothing is in it any more. */
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

  /** The run that a run of this job has to wait for: one that has what it needs, or one that asked for it before. */
  const obstacleTo = (job: RegisteredJob, waiting: LiveRun | null): LiveRun | null => {
    if (job.holds.length === 0) return null
    const shares = (other: LiveRun) => other.job.holds.some((name) => job.holds.includes(name))
    const queued = queuedOnes()
    const earlier = waiting === null ? queued : queued.slice(0, queued.indexOf(waiting))
    return runningOnes().find(shares) ?? earlier.find(shares) ?? null
  }

  /** The first run that waits and need not wait any longer. */
  const startable = (): LiveRun | undefined =>
    queuedOnes().find((live) => slotOf(live).running === null && obstacleTo(live.job, live) === null)

  /** Runs that wait for a run of another slot alone, each with that one. */
  const waitingForOthers = (): ReadonlyArray<{ readonly live: LiveRun; readonly obstacle: LiveRun }> =>
    queuedOnes().flatMap((live) => {
      if (slotOf(live).running !== null) return []
      const obstacle = obstacleTo(live.job, live)
      return obstacle === null ? [] : [{ live, obstacle }]
    })

  return { jobs, register, jobOf, look, keep, inUse, slotOf, obstacleTo, startable, waitingForOthers }
}

/** In the order in which they were asked for. */
const inOrder = (lives: ReadonlyArray<LiveRun>) => lives.toSorted((a, b) => Number(a.id) - Number(b.id))
