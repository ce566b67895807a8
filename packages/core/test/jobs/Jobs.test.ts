import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Metric, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Actor } from "../../src/events/Actor.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { jsonSchemaOf } from "../../src/settings/SettingsSchema.ts"
import { UpstreamRefused } from "../../src/integrations/UpstreamErrors.ts"
import { looseEvent } from "../support/LoggedEvents.ts"
import { gatedJob, job, JobsTest, Options, loggedEvents } from "./JobsTest.ts"

const startOf = Date.parse("2026-05-01T10:00:00.000Z")

describe("A run", () => {
  it.effect("starts, completes and keeps its options, result and times", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(startOf)
      const jobs = yield* Jobs
      yield* jobs.register(
        job("sync", ({ options }) => Effect.as(Effect.sleep("3 seconds"), { items: options.limit * 2 }))
      )
      const started = yield* jobs
        .start("sync", { options: { limit: 21 }, startedBy: "person" })
        .pipe(Effect.provideService(Actor, "account:ann"))
      assert.strictEqual(started.status, "running")
      const waiting = yield* Effect.forkChild(jobs.await(started.id))
      yield* TestClock.adjust("3 seconds")
      const ended = yield* Fiber.join(waiting)
      assert.deepStrictEqual(ended, {
        id: "1",
        job: "sync",
        status: "completed",
        startedBy: "person",
        actor: "account:ann",
        options: { dryRun: false, limit: 21 },
        progress: null,
        result: { items: 42 },
        error: null,
        queuedAt: "2026-05-01T10:00:00.000Z",
        startedAt: "2026-05-01T10:00:00.000Z",
        endedAt: "2026-05-01T10:00:03.000Z",
        errors: 0
      })
      assert.deepStrictEqual(yield* jobs.run("1"), ended)
      assert.deepStrictEqual(yield* jobs.await("1"), ended)
      assert.deepStrictEqual(yield* loggedEvents, [
        "job-run.started 1 by account:ann",
        "job-run.completed 1 by account:ann"
      ])
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("acts as the person who started it, or as the job", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const log = yield* EventLog
      yield* jobs.register(
        job("tidy", () =>
          Effect.gen(function* () {
            yield* log.append(looseEvent({ type: "library.tidied", category: "library", message: "Tidied" }))
            return yield* Actor
          })
        )
      )
      const resultOf = Effect.fn(function* (startedBy: "schedule" | "person" | "job") {
        const run = yield* jobs.start("tidy", { startedBy })
        return (yield* jobs.await(run.id)).result
      })
      assert.strictEqual(yield* Effect.provideService(resultOf("person"), Actor, "key:dashboard"), "key:dashboard")
      assert.strictEqual(yield* resultOf("schedule"), "job:tidy")
      assert.strictEqual(yield* Effect.provideService(resultOf("job"), Actor, "job:other"), "job:tidy")
      assert.strictEqual((yield* jobs.run("3")).actor, "job:other")
      assert.include(yield* loggedEvents, "library.tidied - by key:dashboard")
      assert.include(yield* loggedEvents, "library.tidied - by job:tidy")
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("is refused with the path of every wrong or unknown option", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.register(job("sync", () => Effect.void))
      const error = yield* Effect.flip(
        jobs.start("sync", { options: { limit: "ten", dryrun: true }, startedBy: "person" })
      )
      assert.strictEqual(error._tag, "InvalidRequest")
      assert.deepStrictEqual(
        error._tag === "InvalidRequest" ? error.errors.map((issue) => issue.path).toSorted() : [],
        [
          ["payload", "options", "dryrun"],
          ["payload", "options", "limit"]
        ]
      )
      assert.strictEqual(
        (yield* Effect.flip(jobs.start("sync", { options: [], startedBy: "person" })))._tag,
        "InvalidRequest"
      )
      assert.strictEqual((yield* Effect.flip(jobs.start("nope", { startedBy: "person" })))._tag, "JobNotFound")
      assert.deepStrictEqual((yield* jobs.runs({})).items, [])
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("fails with the message and code of its failure, and the stack only in its log", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const refused = new UpstreamRefused({ integration: "Radarr", call: "GET /movie", detail: "no", status: 503 })
      yield* jobs.register(job("failing", () => Effect.fail(refused)))
      yield* jobs.register(job("dying", () => Effect.die(new Error("undefined is not a function"))))
      yield* jobs.register(
        job("throwing", () => {
          throw new Error("before the first effect")
        })
      )
      yield* jobs.register(job("circular", () => Effect.sync(() => ({ answer: 42n }))))
      const endOf = Effect.fn(function* (name: string) {
        const run = yield* jobs.start(name, { startedBy: "schedule" })
        return yield* jobs.await(run.id)
      })
      const failed = yield* endOf("failing")
      assert.strictEqual(failed.status, "failed")
      assert.deepStrictEqual(failed.error, {
        message: "Radarr refused GET /movie with 503: no",
        code: "UpstreamRefused"
      })
      assert.deepStrictEqual((yield* endOf("dying")).error, {
        message: "Unexpected error: undefined is not a function",
        code: "unexpected"
      })
      assert.strictEqual((yield* endOf("throwing")).status, "failed")
      const circular = yield* endOf("circular")
      assert.strictEqual(circular.status, "failed")
      assert.include(circular.error?.message, "not JSON")

      const lines = (yield* jobs.logs("2", {})).items
      assert.deepStrictEqual(
        lines.map((line) => line.level),
        ["error", "debug"]
      )
      assert.include(lines[1]?.message, "Jobs.test.ts")
      assert.notInclude(JSON.stringify(yield* jobs.run("2")), "Jobs.test.ts")
      assert.include(yield* loggedEvents, "job-run.failed 2 by job:dying")
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("with errors does not count as completed, and counts them", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.register(
        job("sync", ({ log }) =>
          Effect.gen(function* () {
            yield* log("error", "Plex did not answer", { attempt: 1 })
            yield* log("warning", "Going on without Plex")
            yield* log("error", "Tautulli neither")
            return "partial"
          })
        )
      )
      const run = yield* jobs.start("sync", { startedBy: "schedule" })
      const ended = yield* jobs.await(run.id)
      assert.strictEqual(ended.status, "completed-with-errors")
      assert.strictEqual(ended.errors, 2)
      assert.strictEqual(ended.result, "partial")
      assert.strictEqual((yield* jobs.runs({})).items[0]?.errors, 2)
      const event = (yield* (yield* EventLog).page({ type: "job-run.completed" })).items[0]
      assert.strictEqual(event?.severity, "warning")
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("publishes its progress at once, and stores it at most every 250 ms and at the end", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const sql = yield* SqlClient.SqlClient
      const stored = Effect.map(sql<{ progress: string | null }>`SELECT progress FROM job_runs`, (rows) =>
        rows[0]?.progress === null ? null : JSON.parse(rows[0]?.progress ?? "null").done
      )
      yield* jobs.register(
        job("sync", ({ progress }) =>
          Effect.forEach(
            Array.from({ length: 100 }, (_, n) => n + 1),
            (n) => Effect.andThen(Effect.sleep("10 millis"), progress(n, 100, `item ${n}`)),
            { discard: true }
          )
        )
      )
      const writes: Array<unknown> = []
      const run = yield* jobs.start("sync", { startedBy: "person" })
      for (let n = 1; n <= 99; n++) {
        yield* TestClock.adjust("10 millis")
        assert.deepStrictEqual((yield* jobs.run(run.id)).progress, { done: n, total: 100, message: `item ${n}` })
        assert.strictEqual((yield* jobs.runs({})).items[0]?.progress?.done, n)
        const now = yield* stored
        if (now !== writes[writes.length - 1]) writes.push(now)
      }
      assert.deepStrictEqual(writes, [1, 25, 50, 75])
      yield* TestClock.adjust("10 millis")
      assert.strictEqual((yield* jobs.await(run.id)).progress?.done, 100)
      assert.strictEqual(yield* stored, 100)
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("is counted in the metrics by job and status", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.register(job("measured", () => Effect.void))
      yield* Effect.forEach([1, 2], () =>
        Effect.flatMap(jobs.start("measured", { startedBy: "job" }), (run) => jobs.await(run.id))
      )
      const counted = (yield* Metric.snapshot).filter((metric) => metric.attributes?.["job"] === "measured")
      assert.deepStrictEqual(
        counted.map((metric) => [metric.id, metric.attributes?.["status"]]),
        [
          ["tendarr_job_runs_total", "completed"],
          ["tendarr_job_run_duration_seconds", "completed"]
        ]
      )
      assert.deepInclude(counted[0]?.state, { count: 2 })
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("is not started within a transaction, where it would wait forever", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const sql = yield* SqlClient.SqlClient
      yield* jobs.register(job("sync", () => Effect.void))
      const within = yield* Effect.exit(sql.withTransaction(jobs.start("sync", { startedBy: "job" })))
      assert.isTrue(Exit.hasDies(within))
      const after = yield* Deferred.make<string>()
      yield* sql.withTransaction(
        sql.afterCommit(
          Effect.flatMap(Effect.orDie(jobs.start("sync", { startedBy: "job" })), (run) =>
            Effect.asVoid(Deferred.succeed(after, run.id))
          )
        )
      )
      assert.strictEqual((yield* jobs.await(yield* Deferred.await(after))).status, "completed")
    }).pipe(Effect.provide(JobsTest))
  )
})

describe("The history of runs", () => {
  it.effect("is paged newest first, by job and by status, and pruned per job", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.register(job("good", () => Effect.void))
      yield* jobs.register(job("bad", () => Effect.fail("no")))
      for (let n = 0; n < 15; n++) {
        yield* jobs.await((yield* jobs.start("good", { startedBy: "schedule" })).id)
        yield* jobs.await((yield* jobs.start("bad", { startedBy: "schedule" })).id)
      }
      const first = yield* jobs.runs({ job: "good", limit: 10 })
      const second = yield* jobs.runs({ job: "good", limit: 10, cursor: first.nextCursor ?? "" })
      const ids = [...first.items, ...second.items].map((run) => Number(run.id))
      assert.deepStrictEqual(
        ids,
        Array.from({ length: 15 }, (_, n) => 29 - 2 * n)
      )
      assert.isNull(second.nextCursor)
      assert.strictEqual((yield* jobs.runs({ status: "failed", limit: 200 })).items.length, 15)
      assert.strictEqual((yield* Effect.flip(jobs.runs({ limit: 201 })))._tag, "InvalidRequest")

      assert.strictEqual(yield* jobs.prune(4), 22)
      assert.strictEqual((yield* jobs.runs({ job: "good" })).items.length, 4)
      assert.strictEqual((yield* jobs.runs({ job: "bad" })).items[0]?.id, "30")
      assert.strictEqual((yield* Effect.flip(jobs.run("1")))._tag, "RunNotFound")
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("allows a retry of an ended run with its options, and of no other", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const seen: Array<Options> = []
      const held = yield* gatedJob("held")
      yield* jobs.register(held.definition)
      yield* jobs.register(
        job("sync", ({ options }) =>
          Effect.suspend(() => {
            seen.push(options)
            return seen.length === 1 ? Effect.fail("not yet") : Effect.succeed("now")
          })
        )
      )
      const failed = yield* jobs.start("sync", { options: { limit: 3, dryRun: true }, startedBy: "schedule" })
      yield* jobs.await(failed.id)
      const again = yield* jobs.retry(failed.id).pipe(Effect.provideService(Actor, "account:ann"))
      const ended = yield* jobs.await(again.id)
      assert.deepInclude(ended, { status: "completed", startedBy: "person", actor: "account:ann" })
      assert.deepStrictEqual(seen, [
        { limit: 3, dryRun: true },
        { limit: 3, dryRun: true }
      ])
      const running = yield* jobs.start("held", { startedBy: "person" })
      assert.strictEqual((yield* Effect.flip(jobs.retry(running.id)))._tag, "RunNotEnded")
      assert.strictEqual((yield* Effect.flip(jobs.retry("4711")))._tag, "RunNotFound")
      yield* held.open
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("contains a damaged run without its unreadable columns, and never retries it with other options", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const sql = yield* SqlClient.SqlClient
      let runs = 0
      yield* jobs.register(job("sync", () => Effect.sync(() => ({ v: 7, runs: ++runs }))))
      const first = yield* jobs.start("sync", { options: { dryRun: true }, startedBy: "person" })
      const second = yield* jobs.start("sync", { startedBy: "person" })
      yield* jobs.await(first.id)
      assert.deepStrictEqual((yield* jobs.await(second.id)).result, { v: 7, runs: 2 }, "the keys are the job's own")
      yield* sql`UPDATE job_runs SET overrides = '{"dryRun":tr' WHERE id = ${Number(first.id)}`
      const { items } = yield* jobs.runs({ job: "sync" })
      assert.deepStrictEqual(
        items.map(({ id, result }) => [id, result]),
        [
          [second.id, { v: 7, runs: 2 }],
          [first.id, null]
        ]
      )
      const message = `The stored options of job_runs ${first.id} cannot be read: it is not JSON`
      assert.deepStrictEqual(items[1]?.error, { message, code: "damaged" })
      const refused = yield* Effect.exit(jobs.retry(first.id))
      assert.match(String(refused), /The stored overrides of job_runs/)
      assert.strictEqual(runs, 2)
    }).pipe(Effect.provide(JobsTest))
  )
})

describe("The list of jobs", () => {
  it.effect("contains the running, the queued and the last run", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const held = yield* gatedJob("held")
      yield* jobs.register(held.definition)
      yield* jobs.register(job("archive", () => Effect.void, { destructive: true }))
      const last = yield* jobs.await((yield* jobs.start("archive", { startedBy: "start" })).id)
      const running = yield* jobs.start("held", { startedBy: "person" })
      const queued = yield* jobs.start("held", { startedBy: "person", options: { limit: 2 } })
      const optionsSchema = jsonSchemaOf(Options)
      assert.deepStrictEqual(yield* jobs.list, [
        {
          name: "archive",
          title: "The archive job",
          description: "For a test",
          destructive: true,
          optionsSchema,
          settingsSchema: null,
          schedule: null,
          scheduleEnabled: true,
          nextRunAt: null,
          running: null,
          queued: null,
          lastRun: last
        },
        {
          name: "held",
          title: "The held job",
          description: "For a test",
          destructive: false,
          optionsSchema,
          settingsSchema: null,
          schedule: null,
          scheduleEnabled: true,
          nextRunAt: null,
          running,
          queued,
          lastRun: null
        }
      ])
      assert.strictEqual((yield* Effect.flip(jobs.get("nope")))._tag, "JobNotFound")
      yield* held.open
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("accepts no second job with the same name, no invalid name, and no invalid defaults", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const good = job("sync", () => Effect.void)
      yield* jobs.register(good)
      const zone = { type: "cron", expression: "0 4 * * *", zone: "Mars/Olympus" } as const
      const bad = [
        Effect.exit(jobs.register(good)),
        Effect.exit(jobs.register({ ...good, name: "Sync Again" })),
        Effect.exit(jobs.register({ ...good, name: "other", defaultSchedule: zone })),
        Effect.exit(
          jobs.register({
            ...good,
            name: "another",
            options: Schema.Struct({ needed: Schema.String }),
            run: () => Effect.void
          })
        )
      ]
      for (const exit of yield* Effect.all(bad)) assert.isTrue(Exit.hasDies(exit))
      assert.strictEqual((yield* jobs.list).length, 1)
    }).pipe(Effect.provide(JobsTest))
  )
})
