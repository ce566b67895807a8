/** Settings of a job, or of one of its subjects: stored like the other settings, under a name of their own. */
import { Effect, Schema } from "effect"
import { ReadSql } from "../../storage/Database.ts"
import { SqlClient } from "effect/sql"
import type { JsonObject } from "../../settings/MergePatch.ts"
import type { SettingsSchema } from "../../settings/SettingsSchema.ts"
import {
  type ChangeOptions,
  makeStoredSettings,
  merging,
  type StoredValue,
  toDefaults
} from "../../settings/StoredSettings.ts"
import { inTransaction } from "../../storage/Transactions.ts"
import { JobSubject } from "../Job.ts"
import { JobWithoutSettings } from "../JobErrors.ts"
import { JobEvents } from "../JobEvents.ts"
import { type RegisteredJob, slotKey } from "./RegisteredJob.ts"

export const JobSettingsState = Schema.Struct({
  job: Schema.String,
  subject: Schema.optionalKey(JobSubject),
  value: Schema.Record(Schema.String, Schema.Unknown).annotate({
    description: "The effective values, including defaults."
  }),
  defaults: Schema.Record(Schema.String, Schema.Unknown),
  version: Schema.Int,
  etag: Schema.String,
  updatedAt: Schema.NullOr(Schema.String)
}).annotate({ identifier: "JobSettings" })
export type JobSettingsState = typeof JobSettingsState.Type

export interface JobSettings extends Effect.Success<typeof makeJobSettings> {}

export const makeJobSettings = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const reader = yield* ReadSql
  const store = yield* makeStoredSettings

  /** The stored settings as a run takes them; empty for a job without settings. */
  const set = (job: RegisteredJob, subject: JobSubject | null): Effect.Effect<JsonObject> =>
    job.settings === null
      ? Effect.succeed({})
      : Effect.map(Effect.orDie(store.stored(nameOf(job, subject))), (row) => row.set)

  const read = Effect.fnUntraced(function* (job: RegisteredJob, subject: JobSubject | null) {
    const schema = yield* schemaOf(job)
    const from = (yield* inTransaction(sql)) ? sql : reader
    return stateOf(job, subject, schema, yield* Effect.orDie(store.load(nameOf(job, subject), schema, from)))
  })

  const change = Effect.fnUntraced(function* <E>(
    job: RegisteredJob,
    subject: JobSubject | null,
    next: (set: JsonObject) => Effect.Effect<JsonObject, E>,
    { ifMatch }: ChangeOptions
  ) {
    const schema = yield* schemaOf(job)
    const state = yield* store.change({
      name: nameOf(job, subject),
      schema,
      next,
      ifMatch,
      eventOf: ({ after, before, keys }) =>
        JobEvents.settingsChanged.make({
          subject: job.name,
          message: `The settings of ${job.title}${subject === null ? "" : ` (${subject.name})`} were changed: ${keys.join(", ")}`,
          payload: { ...(subject === null ? {} : { subject }), before, after }
        }),
      // There is no cache: a run reads the settings when it starts.
      committed: () => Effect.void
    })
    return stateOf(job, subject, schema, state)
  })

  return {
    set,
    read,
    patch: Effect.fnUntraced(function* (
      job: RegisteredJob,
      subject: JobSubject | null,
      partial: unknown,
      options: ChangeOptions
    ) {
      const { records } = yield* schemaOf(job)
      return yield* change(job, subject, merging(records, partial), options)
    }),
    replace: (job: RegisteredJob, subject: JobSubject | null, wanted: JsonObject) =>
      change(job, subject, () => Effect.succeed(wanted), {}),
    reset: (job: RegisteredJob, subject: JobSubject | null, options: ChangeOptions) =>
      change(job, subject, toDefaults, options).pipe(Effect.catchTag("InvalidRequest", Effect.die))
  }
})

const schemaOf = ({ name, settings }: RegisteredJob) =>
  settings === null ? Effect.fail(new JobWithoutSettings({ job: name })) : Effect.succeed(settings)

/** The colon keeps these names apart from the settings groups, which have none. */
const nameOf = (job: RegisteredJob, subject: JobSubject | null): string =>
  `job:${slotKey(job.name, subject?.id ?? null)}`

const stateOf = (
  job: RegisteredJob,
  subject: JobSubject | null,
  { defaults }: SettingsSchema<JsonObject>,
  stored: StoredValue<JsonObject>
): JobSettingsState => ({ job: job.name, ...(subject === null ? {} : { subject }), defaults, ...stored })
