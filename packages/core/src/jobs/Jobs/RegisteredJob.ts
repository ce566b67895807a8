/** A job as the runner keeps it: its options read and written by its own schema, out of the runner's sight. */
import { Effect, Predicate, Schema } from "effect"
import type { InvalidRequest } from "../../problems/Problem.ts"
import { fromJson, toJson } from "../../storage/Rows.ts"
import type { JobContext, JobDefinition, JobSchedule } from "../Job.ts"
import { invalidOptions } from "../JobErrors.ts"
import type { RunOptions } from "../Run.ts"
import { scheduleTimes } from "../ScheduleTimes.ts"

export interface PreparedRun {
  /** The options as they are stored, defaults filled in. */
  readonly options: RunOptions
  readonly work: (context: Omit<JobContext<unknown>, "options">) => Effect.Effect<unknown, unknown>
}

export interface RegisteredJob {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly destructive: boolean
  readonly defaultSchedule: JobSchedule | null
  /** Reads the options of one run. A key that the job does not know is refused: it may be a misspelt brake. */
  readonly prepare: (options: unknown) => Effect.Effect<PreparedRun, InvalidRequest>
}

/** A definition that breaks the contract (name, default options, default schedule) is a defect. */
export const registeredJob = Effect.fnUntraced(function* <Options>(definition: JobDefinition<Options>) {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(definition.name)) {
    return yield* Effect.die(new Error(`The name of job ${definition.name} is not in lower-kebab-case`))
  }
  const decode = Schema.decodeUnknownEffect(definition.options, { errors: "all", onExcessProperty: "error" })
  const encode = Schema.encodeEffect(definition.options)

  const prepare = Effect.fnUntraced(function* (input: unknown): Effect.fn.Return<PreparedRun, InvalidRequest> {
    const options = yield* Effect.mapError(decode(input), invalidOptions)
    const stored = yield* Effect.orDie(encode(options))
    if (!Predicate.isReadonlyObject(stored)) {
      return yield* Effect.die(new Error(`The options of job ${definition.name} are not an object`))
    }
    return {
      options: fromJson<RunOptions>(toJson(stored)),
      work: (context) => Effect.suspend(() => definition.run({ ...context, options }))
    }
  })

  yield* Effect.orDie(prepare({}))
  if (definition.defaultSchedule !== null) yield* Effect.orDie(scheduleTimes(definition.defaultSchedule, ["schedule"]))

  const job: RegisteredJob = {
    name: definition.name,
    title: definition.title,
    description: definition.description,
    destructive: definition.destructive,
    defaultSchedule: definition.defaultSchedule,
    prepare
  }
  return job
})
