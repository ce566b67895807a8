/** The job service over an empty database, and sample jobs. */
import { Deferred, Effect, Layer, Schema } from "effect"
import { EventLog } from "../../src/events/EventLog.ts"
import { EventLogLive } from "../../src/events/EventLogLive.ts"
import type { JobContext, JobDefinition, JobSchedule, JobSubject } from "../../src/jobs/Job.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { Loops } from "../../src/jobs/Loops.ts"
import { looseEvent } from "../support/LoggedEvents.ts"
import { sqlFile, SqlTest } from "../support/Sql.ts"

const jobsOver = Jobs.layer.pipe(Layer.provideMerge(Layer.mergeAll(EventLogLive, Loops.layer)))

export const JobsTest = Layer.provideMerge(jobsOver, SqlTest)

export const jobsFile = (filename: string) => Layer.provideMerge(jobsOver, sqlFile(filename))

export const Options = Schema.Struct({
  dryRun: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
  limit: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10)))
})
export type Options = typeof Options.Type

export const job = (
  name: string,
  run: (context: JobContext<Options>) => Effect.Effect<unknown, unknown>,
  more: { readonly defaultSchedule?: JobSchedule | null; readonly destructive?: boolean } = {}
): JobDefinition<Options> => ({
  name,
  title: `The ${name} job`,
  description: "For a test",
  options: Options,
  defaultSchedule: more.defaultSchedule ?? null,
  destructive: more.destructive ?? false,
  run
})

export interface Shelf {
  present: ReadonlyArray<JobSubject>
  /** The names of subjects, in the order in which their runs began. */
  readonly began: Array<string>
  readonly gates: Map<string, Deferred.Deferred<void>>
}

/** Ann and Ben, for whom the job `water` runs until its gate opens. */
export const shelfOfTwo = (): Shelf => ({
  present: [
    { id: "1", name: "Ann" },
    { id: "2", name: "Ben" }
  ],
  began: [],
  gates: new Map()
})

const gateOf = ({ gates }: Shelf, id: string) => {
  const gate = gates.get(id) ?? Deferred.makeUnsafe<void>()
  gates.set(id, gate)
  return gate
}

/** Lets the current run of a subject end, or else the next one. */
export const openGate = (shelf: Shelf, id: string) =>
  Effect.suspend(() => Deferred.succeed(gateOf(shelf, id), undefined))

export const watering = (shelf: Shelf, defaultSchedule: JobSchedule | null = null): JobDefinition<Options> => ({
  ...job("water", ({ subject }) =>
    Effect.suspend(() => {
      const id = subject?.id ?? ""
      shelf.began.push(subject?.name ?? "nobody")
      return Effect.ensuring(
        Deferred.await(gateOf(shelf, id)),
        Effect.sync(() => shelf.gates.delete(id))
      )
    })
  ),
  defaultSchedule,
  subjects: { type: "plant", list: Effect.sync(() => shelf.present) }
})

/** Publishes a change of the subjects, like the room that owns them. */
export const plantsChanged = Effect.flatMap(EventLog, (log) =>
  log.append(
    looseEvent({
      type: "plant.changed",
      category: "library",
      message: "Plants changed",
      subject: { type: "plant", id: "1" }
    })
  )
)

/** A job that runs until its gate opens, and counts its runs. */
export const gatedJob = Effect.fn(function* (name: string) {
  const state = { gate: yield* Deferred.make<void>(), running: 0, most: 0, started: 0, cleaned: 0 }
  const definition = job(name, () =>
    Effect.suspend(() => {
      state.started++
      state.running++
      state.most = Math.max(state.most, state.running)
      return Deferred.await(state.gate)
    }).pipe(
      Effect.ensuring(
        Effect.sync(() => {
          state.running--
          state.cleaned++
        })
      )
    )
  )
  return { state, definition, open: Deferred.succeed(state.gate, undefined) }
})

/** Types, actors and subjects of all events, oldest first. */
export const loggedEvents = Effect.gen(function* () {
  const log = yield* EventLog
  const page = yield* log.page({ limit: 200 })
  return page.items.toReversed().map((event) => `${event.type} ${event.subject?.id ?? "-"} by ${event.actor}`)
})
