/** The settings of a job, or of one of its subjects, apply to its runs unless their options override them. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Actor } from "../../src/events/Actor.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import type { JobDefinition } from "../../src/jobs/Job.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { jsonSchemaOf, settingsSchema } from "../../src/settings/SettingsSchema.ts"
import { temporaryDatabase } from "../support/Sql.ts"
import { gatedJob, job, jobsFile, JobsTest } from "./JobsTest.ts"

const SearchSettings = Schema.Struct({
  perRun: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 50 })).annotate({
    default: 5,
    description: "Titles that are searched for in one run"
  }),
  monitoredOnly: Schema.Boolean.annotate({ default: true, description: "Leave out what is not monitored" })
})
type SearchSettings = typeof SearchSettings.Type

const SearchOptions = Schema.Struct({
  perRun: Schema.optionalKey(SearchSettings.fields.perRun),
  dryRun: Schema.optionalKey(Schema.Boolean)
})

const searching = (
  during: Effect.Effect<unknown> = Effect.void
): JobDefinition<typeof SearchOptions.Type, SearchSettings> => ({
  name: "search",
  title: "Search",
  description: "For a test",
  options: SearchOptions,
  settings: settingsSchema(SearchSettings),
  defaultSchedule: null,
  destructive: false,
  run: ({ settings }) => Effect.as(during, settings)
})

const bySubject: JobDefinition<typeof SearchOptions.Type, SearchSettings> = {
  ...searching(),
  settings: settingsSchema(SearchSettings),
  run: ({ settings }) => Effect.succeed(settings),
  subjects: {
    type: "integration",
    list: Effect.succeed([
      { id: "1", name: "Radarr" },
      { id: "2", name: "Radarr 4K" }
    ])
  }
}

const result = Effect.fn(function* (options: object = {}, subject?: string) {
  const jobs = yield* Jobs
  const { id } = yield* jobs.start("search", {
    ...(subject === undefined ? {} : { subject }),
    options,
    startedBy: "person"
  })
  return (yield* jobs.await(id)).result
})

describe("The settings of a job", () => {
  it.effect("apply to its runs, and are overridden by options with the same names", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.register(searching())
      assert.deepStrictEqual(yield* result(), { perRun: 5, monitoredOnly: true })
      assert.deepStrictEqual(yield* jobs.patchSettings("search", { perRun: 9 }), {
        job: "search",
        defaults: { perRun: 5, monitoredOnly: true },
        value: { perRun: 9, monitoredOnly: true },
        version: 1,
        etag: '"job:search-1"',
        updatedAt: "1970-01-01T00:00:00.000Z"
      })
      assert.deepStrictEqual(yield* result(), { perRun: 9, monitoredOnly: true })
      assert.deepStrictEqual(yield* result({ perRun: 2, dryRun: true }), { perRun: 2, monitoredOnly: true })
      yield* jobs.resetSettings("search")
      assert.deepStrictEqual(yield* result(), { perRun: 5, monitoredOnly: true })
    }).pipe(Effect.provide(JobsTest))
  )

  it("of a job without settings are described as an object without fields", () => {
    assert.deepStrictEqual(jsonSchemaOf(Schema.Struct({})), {
      type: "object",
      properties: {},
      additionalProperties: false,
      $defs: {}
    })
  })

  it.effect("are described for forms, like the options", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.register(searching())
      const { optionsSchema, settingsSchema: schema } = yield* jobs.get("search")
      assert.deepInclude(schema, { type: "object", additionalProperties: false })
      assert.include(JSON.stringify(schema), '"default":5')
      assert.include(JSON.stringify(schema), "Titles that are searched for in one run")
      assert.deepInclude(optionsSchema, { type: "object", additionalProperties: false })
      assert.include(JSON.stringify(optionsSchema), '"dryRun"')
      yield* jobs.register(job("plain", () => Effect.void))
      assert.isNull((yield* jobs.get("plain")).settingsSchema)
      assert.deepInclude(yield* Effect.flip(jobs.settings("plain")), { _tag: "JobWithoutSettings", job: "plain" })
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("are refused with the field if they are wrong, like options before the run", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.register(searching())
      const pathsOf = <A>(effect: Effect.Effect<A, { readonly _tag: string }>) =>
        Effect.map(Effect.flip(effect), (error) =>
          "errors" in error && Array.isArray(error.errors)
            ? error.errors.map(({ path }) => path.join(".")).toSorted()
            : error._tag
        )
      assert.deepStrictEqual(yield* pathsOf(jobs.patchSettings("search", { perRun: 0, monitored: true })), [
        "payload.monitored",
        "payload.perRun"
      ])
      assert.deepStrictEqual(yield* pathsOf(jobs.patchSettings("search", [])), ["payload"])
      assert.deepStrictEqual(yield* pathsOf(jobs.start("search", { options: { perRun: 99 }, startedBy: "person" })), [
        "payload.options.perRun"
      ])
      assert.strictEqual((yield* jobs.settings("search")).version, 0)
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("that are changed during a run apply to the next one, even if it is already queued", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const gate = yield* Deferred.make<void>()
      yield* jobs.register(searching(Deferred.await(gate)))
      const running = yield* jobs.start("search", { startedBy: "person" })
      const waiting = yield* jobs.start("search", { startedBy: "person" })
      yield* Effect.yieldNow
      yield* jobs.patchSettings("search", { perRun: 7 })
      yield* Deferred.succeed(gate, undefined)
      assert.deepInclude((yield* jobs.await(running.id)).result, { perRun: 5 })
      assert.deepInclude((yield* jobs.await(waiting.id)).result, { perRun: 7 })
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("are stored per subject, survive a restart, and their changes are logged with the actor", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryDatabase
      yield* Effect.gen(function* () {
        const jobs = yield* Jobs
        yield* jobs.register(bySubject)
        yield* jobs
          .patchSettings("search", { perRun: 3 }, { subject: "2" })
          .pipe(Effect.provideService(Actor, "account:ann"))
        assert.strictEqual((yield* Effect.flip(jobs.patchSettings("search", {})))._tag, "InvalidRequest")
        const log = yield* EventLog
        const [event] = (yield* log.page({ type: "job.settings-changed" })).items
        assert.deepInclude(event, {
          actor: "account:ann",
          subject: { type: "job", id: "search" },
          message: "The settings of Search (Radarr 4K) were changed: perRun",
          payload: { subject: { id: "2", name: "Radarr 4K" }, before: { perRun: 5 }, after: { perRun: 3 } }
        })
      }).pipe(Effect.provide(jobsFile(filename), { local: true }))
      yield* Effect.gen(function* () {
        const jobs = yield* Jobs
        yield* jobs.register(bySubject)
        assert.deepInclude(yield* result({}, "1"), { perRun: 5 })
        assert.deepInclude(yield* result({}, "2"), { perRun: 3 })
        assert.deepInclude(yield* jobs.settings("search", "2"), {
          version: 1,
          subject: { id: "2", name: "Radarr 4K" }
        })
      }).pipe(Effect.provide(jobsFile(filename), { local: true }))
    }).pipe(Effect.scoped)
  )

  it.effect("are changed only under their entity tag", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.register(searching())
      const { etag } = yield* jobs.settings("search")
      yield* jobs.patchSettings("search", { perRun: 8 }, { ifMatch: etag })
      assert.deepInclude(yield* Effect.flip(jobs.patchSettings("search", { perRun: 9 }, { ifMatch: etag })), {
        _tag: "SettingsChanged",
        etag: '"job:search-1"'
      })
      assert.strictEqual((yield* jobs.settings("search")).value["perRun"], 8)
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("that this version cannot read make runs fail until they are changed", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const sql = yield* SqlClient.SqlClient
      yield* jobs.register(searching())
      yield* jobs.patchSettings("search", { perRun: 8 })
      yield* sql`UPDATE settings SET value = '{"perRun": 500}'`
      const { id } = yield* jobs.start("search", { startedBy: "person" })
      assert.strictEqual((yield* jobs.await(id)).status, "failed")
      yield* jobs.patchSettings("search", { perRun: 50 })
      assert.deepInclude(yield* result(), { perRun: 50 })
    }).pipe(Effect.provide(JobsTest))
  )
})

describe("A scheduled time during a run with other options", () => {
  it.effect("is not skipped: its run is queued behind the other", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const { definition, open } = yield* gatedJob("sync")
      yield* jobs.register({ ...definition, defaultSchedule: { type: "interval", seconds: 60 } })
      const trial = yield* jobs.start("sync", { options: { dryRun: true }, startedBy: "person" })
      yield* jobs.startSchedules
      yield* Effect.andThen(Effect.yieldNow, TestClock.adjust("3 minutes"))
      const { queued, running } = yield* jobs.get("sync")
      assert.strictEqual(running?.id, trial.id)
      assert.deepInclude(queued, { startedBy: "schedule", options: { dryRun: false, limit: 10 } })
      assert.lengthOf((yield* jobs.runs({})).items, 2)
      yield* open
    }).pipe(Effect.scoped, Effect.provide(JobsTest))
  )
})
