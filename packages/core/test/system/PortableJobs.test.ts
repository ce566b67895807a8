/** Schedules and settings of jobs and their subjects in an exported configuration. */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { EventLog } from "../../src/events/EventLog.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import type { JobDefinition } from "../../src/jobs/Job.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { settingsSchema } from "../../src/settings/SettingsSchema.ts"
import type { Configuration } from "../../src/system/Configuration.ts"
import { ConfigurationTransfer } from "../../src/system/ConfigurationTransfer.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"

const SearchSettings = Schema.Struct({
  perRun: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 50 })).annotate({
    default: 5,
    description: "Titles of one run"
  }),
  quiet: Schema.Boolean.annotate({ default: false, description: "Say less" })
})

/** A job for each integration that manages a catalog. */
const registerSearch = Effect.gen(function* () {
  const integrations = yield* Integrations
  const jobs = yield* Jobs
  const definition: JobDefinition<object, typeof SearchSettings.Type> = {
    name: "search",
    title: "Search",
    description: "For a test",
    options: Schema.Struct({}),
    settings: settingsSchema(SearchSettings),
    defaultSchedule: null,
    destructive: false,
    subjects: {
      type: "integration",
      list: Effect.map(integrations.list, (all) =>
        all.filter(({ capabilities }) => capabilities.includes("catalog")).map(({ id, name }) => ({ id, name }))
      )
    },
    run: ({ settings }) => Effect.succeed(settings)
  }
  yield* jobs.register(definition)
})

const imported = (document: Configuration, dryRun = false) =>
  Effect.flatMap(ConfigurationTransfer, (transfer) => transfer.import(document, { dryRun }))

const furnished = Effect.gen(function* () {
  yield* connectFeed("manager", "Manager")
  yield* registerSearch
  const jobs = yield* Jobs
  const integrations = yield* Integrations
  const id = (yield* integrations.list)[0]?.id ?? ""
  yield* jobs.setSchedule("search", { schedule: { type: "interval", seconds: 600 } }, id)
  yield* jobs.patchSettings("search", { perRun: 9 }, { subject: id })
  const transfer = yield* ConfigurationTransfer
  return yield* transfer.export({ secrets: true })
})

describe("Schedules and settings of the subjects of jobs", () => {
  it.effect(
    "are imported into another installation by names, with the integrations, and change nothing the second time",
    () =>
      Effect.gen(function* () {
        const document = yield* furnished.pipe(Effect.provide(feedTest(new Feeds()), { local: true }))
        assert.deepStrictEqual(document.jobSettings, [{ job: "search", subject: "Manager", settings: { perRun: 9 } }])
        yield* Effect.gen(function* () {
          yield* connectFeed("manager", "Another")
          yield* registerSearch
          const jobs = yield* Jobs
          const tried = yield* imported(document, true)
          assert.deepInclude(tried.changes, {
            section: "jobSettings",
            name: "search (Manager)",
            change: "change",
            fields: [{ field: "perRun", before: 5, after: 9 }]
          })
          assert.lengthOf((yield* jobs.get("search")).subjects ?? [], 1)

          yield* imported(document)
          const [, subject] = (yield* jobs.get("search")).subjects ?? []
          assert.deepInclude(subject, { name: "Manager", schedule: { type: "interval", seconds: 600 } })
          assert.deepInclude((yield* jobs.settings("search", subject?.id)).value, { perRun: 9, quiet: false })
          assert.isEmpty((yield* imported(document)).changes)
          const log = yield* EventLog
          assert.lengthOf((yield* log.page({ type: "job.settings-changed" })).items, 1)
        }).pipe(Effect.provide(feedTest(new Feeds()), { local: true }))
      }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("are refused with their path if invalid, and skipped if they have no subject", () =>
    Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* registerSearch
      const base = { format: "tendarr-configuration", formatVersion: 1 }
      const wrong = yield* Effect.flip(
        imported({ ...base, jobSettings: [{ job: "search", subject: "Manager", settings: { perRun: 0, loud: true } }] })
      )
      assert.deepStrictEqual(wrong.errors.map(({ path }) => path.join(".")).toSorted(), [
        "payload.jobSettings.0.settings.loud",
        "payload.jobSettings.0.settings.perRun"
      ])
      const { changes, skipped } = yield* imported({
        ...base,
        schedules: [{ job: "search", schedule: null, enabled: true }],
        jobSettings: [
          { job: "search", subject: "Nobody", settings: {} },
          { job: "housekeeping", settings: {} }
        ]
      })
      assert.isEmpty(changes)
      assert.deepStrictEqual(
        skipped.map(({ because }) => because),
        [
          'there is no job "search" here',
          'there is no job "search" for "Nobody" here',
          'the job "housekeeping" has no settings here'
        ]
      )
    }).pipe(Effect.provide(feedTest(new Feeds())))
  )

  it.effect("end with the integration, whose runs are cancelled when it is removed", () =>
    Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      const integrations = yield* Integrations
      const jobs = yield* Jobs
      const id = (yield* integrations.list)[0]?.id ?? ""
      yield* jobs.register({
        name: "watch",
        title: "Watch",
        description: "For a test",
        options: Schema.Struct({}),
        defaultSchedule: null,
        destructive: false,
        subjects: { type: "integration", list: integrations.list },
        run: () => Effect.never
      })
      const run = yield* jobs.start("watch", { subject: id, startedBy: "person" })
      yield* integrations.remove(id)
      assert.deepInclude(yield* jobs.await(run.id), { status: "cancelled", subject: { id, name: "Manager" } })
    }).pipe(Effect.provide(feedTest(new Feeds())))
  )
})
