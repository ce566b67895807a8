/**
 * A job as the runner stores it: options and settings are decoded with the job's own schemas, whose types the runner
 * does not know.
 */
import { Effect, type JsonSchema, Predicate, Schema } from "effect"
import { invalidField, InvalidRequest } from "../../problems/Problem.ts"
import type { JsonObject } from "../../settings/MergePatch.ts"
import { jsonSchemaOf, type SettingsSchema } from "../../settings/SettingsSchema.ts"
import { toJson } from "../../storage/Rows.ts"
import type { AnyJobDefinition, JobContext, JobSchedule, JobSubject, JobSubjects } from "../Job.ts"
import { invalidOptions, JobSubjectNotFound } from "../JobErrors.ts"
import type { RunOptions } from "../Run.ts"
import { scheduleTimes } from "../ScheduleTimes.ts"

export interface PreparedRun {
  /** The options as they are stored, including defaults. */
  readonly options: RunOptions
  /** `set` contains the settings of the job at the start of the run. */
  readonly work: (
    context: Omit<JobContext<unknown>, "options" | "settings">,
    set: JsonObject
  ) => Effect.Effect<unknown, unknown>
}

export interface RegisteredJob {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly destructive: boolean
  readonly defaultSchedule: JobSchedule | null
  readonly subjects: JobSubjects | null
  readonly holds: ReadonlyArray<string>
  readonly optionsSchema: JsonSchema.JsonSchema
  readonly settings: SettingsSchema<JsonObject> | null
  /** Decodes the options of one run. A key that the job does not know is refused: it may be a misspelt brake. */
  readonly prepare: (options: unknown) => Effect.Effect<PreparedRun, InvalidRequest>
}

/** A definition that breaks the contract (name, default options, default schedule) is a defect. */
export const registeredJob = Effect.fnUntraced(function* <Options, Settings extends JsonObject>(
  definition: AnyJobDefinition<Options, Settings>
) {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(definition.name)) {
    return yield* Effect.die(new Error(`The name of job ${definition.name} is not in lower-kebab-case`))
  }
  const decode = Schema.decodeUnknownEffect(definition.options, { errors: "all", onExcessProperty: "error" })
  const encode = Schema.encodeEffect(definition.options)

  const prepare = Effect.fnUntraced(function* (input: unknown): Effect.fn.Return<PreparedRun, InvalidRequest> {
    const options = yield* Effect.mapError(decode(input), invalidOptions)
    const encoded = yield* Effect.orDie(encode(options))
    if (!Predicate.isReadonlyObject(encoded)) {
      return yield* Effect.die(new Error(`The options of job ${definition.name} are not an object`))
    }
    const stored: RunOptions = JSON.parse(toJson(encoded))
    if (definition.settings === undefined) {
      return {
        options: stored,
        work: (context) => Effect.suspend(() => definition.run({ ...context, options, settings: null }))
      }
    }
    const { run, settings } = definition
    const overrides = Object.fromEntries(Object.entries(stored).filter(([key]) => key in settings.defaults))
    // Invalid options are refused now, instead of failing the run later.
    yield* Effect.mapError(settings.resolve(overrides), underOptions)
    return {
      options: stored,
      work: (context, set) =>
        Effect.flatMap(settings.resolve({ ...set, ...overrides }), (resolved) =>
          run({ ...context, options, settings: resolved })
        )
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
    subjects: definition.subjects === undefined ? null : narrowed(definition.subjects),
    holds: definition.holds ?? [],
    optionsSchema: jsonSchemaOf(definition.options),
    settings: definition.settings ?? null,
    prepare
  }
  return job
})

/** Modules may list more fields of a subject than are to be stored with a run. */
const narrowed = ({ list, paused, type }: JobSubjects): JobSubjects => ({
  type,
  ...(paused === undefined ? {} : { paused }),
  list: Effect.map(list, (all) => all.map(({ id, name }) => ({ id, name })))
})

/** Key of a slot: the job itself, or one of its subjects. */
export const slotKey = (job: string, subject: string | null): string => (subject === null ? job : `${job}:${subject}`)

/**
 * The subject of a request. A job with subjects requires one that exists, a job without accepts none; `path` is its
 * location in the request.
 */
export const subjectOf = Effect.fnUntraced(function* (
  job: RegisteredJob,
  subject: string | undefined,
  path: ReadonlyArray<string>
): Effect.fn.Return<JobSubject | null, InvalidRequest | JobSubjectNotFound> {
  if (job.subjects === null) {
    return subject === undefined
      ? null
      : yield* invalidField(path, `is not for the job ${job.name}, which runs as a whole`)
  }
  const { list, type } = job.subjects
  if (subject === undefined) {
    return yield* invalidField(path, `is missing: the job ${job.name} runs for one ${type} at a time`)
  }
  const found = (yield* list).find(({ id }) => id === subject)
  if (found !== undefined) return found
  return yield* new JobSubjectNotFound({
    detail: `The job ${job.name} has no ${type} "${subject}"`,
    job: job.name,
    subject
  })
})

const underOptions = (problem: InvalidRequest): InvalidRequest =>
  new InvalidRequest({
    detail: problem.detail,
    errors: problem.errors.map(({ message, path: [slot = "payload", ...rest] }) => ({
      path: [slot, "options", ...rest],
      message
    }))
  })
