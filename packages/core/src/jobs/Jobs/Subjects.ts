/**
 * Tracks the subjects of jobs. They are listed whenever they are needed; an event about their type triggers a new
 * check, in which runs of subjects that no longer exist are cancelled and schedules are updated.
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

  /** `[null]` for a job without subjects; `null` if its module failed to list them, which must not block other jobs. */
  const presentOf = (job: RegisteredJob): Effect.Effect<ReadonlyArray<JobSubject | null> | null> =>
    job.subjects === null
      ? Effect.succeed([null])
      : job.subjects.list.pipe(
          Effect.catchCause((cause) =>
            Cause.hasInterruptsOnly(cause)
              ? Effect.failCause(cause)
              : Effect.as(Effect.logError(`The subjects of the job ${job.name} could not be listed`, cause), null)
          )
        )

  /** Ids of the subjects whose schedules start no runs. */
  const pausedOf = ({ name, subjects }: RegisteredJob): Effect.Effect<ReadonlySet<string>> =>
    (subjects?.paused ?? Effect.succeed(none)).pipe(
      Effect.catchCause((cause) =>
        Cause.hasInterruptsOnly(cause)
          ? Effect.failCause(cause)
          : Effect.as(Effect.logError(`The paused subjects of the job ${name} could not be listed`, cause), none)
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

  /**
   * Checks as long as the layer lives, starting with the first job that has subjects. `moved` is notified when subjects
   * may have changed.
   */
  const watch = Effect.fnUntraced(function* (slots: Slots, runner: Runner, moved: Effect.Effect<void>) {
    if (watching) return
    watching = true
    // Start from the newest event, whenever the loop gets to run; after a failure, continue from where it was.
    const [newest] = (yield* Effect.orDie(events.page({ limit: 1 }))).items
    let seen = newest?.id ?? "0"
    const follow = Effect.fnUntraced(function* ({ id, subject }: StoredEvent) {
      if (subject !== null && (yield* look(slots, runner, subject.type))) yield* moved
      seen = id
    })
    yield* loops
      .start({
        name: "job-subjects",
        title: "Following the subjects of jobs",
        turn: Effect.suspend(() => Stream.runForEach(events.stream({ after: seen }), follow))
      })
      .pipe(Effect.provideService(Scope.Scope, scope))
  })

  return { presentOf, pausedOf, watch }
})

const none: ReadonlySet<string> = new Set()
