/**
 * The subjects of jobs as they come and go. They are asked for whenever it matters; an event about one of their type says
 * that it is time to look: runs of what is gone are ended, and schedules follow.
 */
import { Cause, Effect, Scope, Stream } from "effect"
import type { StoredEvent } from "../../events/Event.ts"
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

  const look = Effect.fnUntraced(function* (slots: Slots, runner: Runner, type: string) {
    const concerned = [...slots.jobs.values()].filter(({ subjects }) => subjects?.type === type)
    for (const job of concerned) {
      const present = (yield* presentOf(job))?.flatMap((subject) => subject ?? [])
      if (present !== undefined) yield* runner.endOrphans(job, present)
    }
    return concerned.length > 0
  })

  /** Looks for as long as the jobs are there; begins with the first that has subjects. `moved` is told when any may have. */
  const watch = Effect.fnUntraced(function* (slots: Slots, runner: Runner, moved: Effect.Effect<void>) {
    if (watching) return
    watching = true
    // From here on, whenever the loop gets to it, and after a failure from where it was.
    const [newest] = (yield* Effect.orDie(events.page({ limit: 1 }))).items
    let seen = newest?.id ?? "0"
    const follow = Effect.fnUntraced(function* ({ id, subject }: StoredEvent) {
      if (subject !== null && (yield* look(slots, runner, subject.type))) yield* moved
      seen = id
    })
    yield* loops
      .start({
        name: "job-subjects",
        title: "Following what jobs run for",
        turn: Effect.suspend(() => Stream.runForEach(events.stream({ after: seen }), follow))
      })
      .pipe(Effect.provideService(Scope.Scope, scope))
  })

  return { presentOf, watch }
})
