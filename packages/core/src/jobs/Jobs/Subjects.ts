/**
 * The subjects of jobs as they come and go. They are asked for whenever it matters; an event about one of their type says
 * that it is time to look: runs of what is gone are ended, and schedules follow.
 */
import { Cause, Effect, Scope, Stream } from "effect"
import { EventLog } from "../../events/EventLog.ts"
import type { JobSubject } from "../Job.ts"
import { Loops } from "../Loops.ts"
import type { RegisteredJob } from "./RegisteredJob.ts"
import type { Runner } from "./Runner.ts"
import type { Slots } from "./Slots.ts"

export interface Subjects extends Effect.Success<typeof makeSubjects> {}

export const makeSubjects = Effect.gen(function* () {
  const events = yield* EventLog
  const loops = yield* Loops
  const scope = yield* Effect.scope
  let watching = false

  /** `[null]` for a job that runs as a whole; `null` where its room could not tell, which must not hold up other jobs. */
  const presentOf = (job: RegisteredJob): Effect.Effect<ReadonlyArray<JobSubject | null> | null> =>
    job.subjects === null
      ? Effect.succeed([null])
      : job.subjects.list.pipe(
          Effect.catchCause((cause) =>
            Cause.hasInterruptsOnly(cause)
              ? Effect.failCause(cause)
              : Effect.as(Effect.logError(`What the job ${job.name} runs for could not be listed`, cause), null)
          )
        )

  /** Looks for as long as the jobs are there; called with each job that has subjects, and begins with the first. */
  const watch = Effect.fnUntraced(function* (slots: Slots, runner: Runner, moved: Effect.Effect<void>) {
    if (watching) return
    watching = true
    const look = Effect.fnUntraced(function* (type: string) {
      const concerned = [...slots.jobs.values()].filter(({ subjects }) => subjects?.type === type)
      if (concerned.length === 0) return
      for (const job of concerned) {
        const present = yield* presentOf(job)
        if (present !== null)
          yield* runner.endOrphans(
            job,
            present.flatMap((each) => each ?? [])
          )
      }
      yield* moved
    })
    yield* loops
      .start({
        name: "job-subjects",
        title: "Following what jobs run for",
        turn: events
          .stream({})
          .pipe(Stream.runForEach(({ subject }) => (subject === null ? Effect.void : look(subject.type))))
      })
      .pipe(Effect.provideService(Scope.Scope, scope))
  })

  return { presentOf, watch }
})
