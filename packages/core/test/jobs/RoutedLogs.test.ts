/** Messages that services log with `Effect.log` during a run are in its log: once, limited, and without credentials. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Logger, References } from "effect"
import { Jobs } from "../../src/jobs/Jobs.ts"
import type { RunLog } from "../../src/jobs/Run.ts"
import { job, JobsTest } from "./JobsTest.ts"

const linesOf = Effect.fn(function* (runId: string) {
  const jobs = yield* Jobs
  const all: Array<RunLog> = []
  for (let after = "0"; ;) {
    const { items } = yield* jobs.logs(runId, { after, limit: 200 })
    const last = items.at(-1)
    if (last === undefined) return all
    all.push(...items)
    after = last.id
  }
})

const logged = Effect.fn(function* (name: string, work: Effect.Effect<unknown, unknown>) {
  const jobs = yield* Jobs
  yield* jobs.register(job(name, ({ log }) => Effect.andThen(log("info", "written by the job"), work)))
  const { id } = yield* jobs.start(name, { startedBy: "person" })
  const run = yield* jobs.await(id)
  return { run, lines: yield* linesOf(id) }
})

describe("The log of a run", () => {
  it.effect("contains the log messages from within the run, once and with their level, also from its fibers", () => {
    const messages: Array<unknown> = []
    const process = Logger.make(({ message }) => void messages.push(message))
    return Effect.gen(function* () {
      const { lines, run } = yield* logged(
        "deep",
        Effect.gen(function* () {
          yield* Effect.logInfo("reading", { page: 2 }).pipe(Effect.annotateLogs({ integration: "Radarr" }))
          yield* Effect.forEach([1, 2], (n) => Effect.logWarning(`fiber ${n}`), { concurrency: 2, discard: true })
          yield* Effect.logDebug("too fine for this process")
          yield* Effect.logError("went wrong", new Error("the reason"))
        })
      )
      assert.deepStrictEqual(
        lines.map(({ level, message }) => `${level} ${message}`),
        [
          "info written by the job",
          'info reading {"page":2}',
          "warning fiber 1",
          "warning fiber 2",
          "error went wrong the reason"
        ]
      )
      assert.deepStrictEqual(lines[1]?.data, { integration: "Radarr" })
      assert.deepInclude(run, { status: "completed-with-errors", errors: 1 })
      assert.lengthOf(messages, 4, "the process hears of it as before")
    }).pipe(Effect.provide(JobsTest), Effect.provide(Logger.layer([process])))
  })

  it.effect("respects the log level of the process, and keeps causes", () =>
    Effect.gen(function* () {
      const failing = Effect.fail(new Error("refused")).pipe(
        Effect.catchCause((cause) => Effect.logWarning("left out", cause))
      )
      const { lines } = yield* logged("fine", Effect.andThen(Effect.logTrace("step"), failing))
      assert.deepStrictEqual(
        lines.map(({ level, message }) => `${level} ${message}`),
        ["info written by the job", "debug step", "warning left out"]
      )
      assert.include(String(lines[2]?.data?.["cause"]), "Error: refused")
    }).pipe(Effect.provide(JobsTest), Effect.provideService(References.MinimumLogLevel, "Trace"))
  )

  it.effect("contains neither the lines of another run nor those of a fiber that outlives it", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const gate = yield* Deferred.make<void>()
      const late = yield* Deferred.make<void>()
      const straggler = Effect.andThen(Deferred.await(gate), Effect.logInfo("too late")).pipe(
        Effect.ensuring(Deferred.succeed(late, undefined)),
        Effect.forkDetach,
        Effect.asVoid
      )
      const { run } = yield* logged("first", straggler)
      const other = yield* logged("second", Effect.logInfo("of the second"))
      yield* Deferred.succeed(gate, undefined)
      yield* Deferred.await(late)
      assert.deepStrictEqual(
        (yield* linesOf(run.id)).map(({ message }) => message),
        ["written by the job"]
      )
      assert.deepStrictEqual(
        other.lines.map(({ message }) => message),
        ["written by the job", "of the second"]
      )
      assert.strictEqual((yield* jobs.run(run.id)).status, "completed")
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("is limited in the number of lines and in their length", () =>
    Effect.gen(function* () {
      const { lines } = yield* logged(
        "loud",
        Effect.forEach(Array.from({ length: 2_500 }), (_, n) => Effect.logInfo(`${n} ${"x".repeat(10_000)}`), {
          discard: true
        })
      )
      assert.lengthOf(lines, 2_002)
      assert.deepInclude(lines.at(-1), { level: "warning", message: "Further messages are left out" })
      assert.isBelow(lines[1]?.message.length ?? Infinity, 4_100)
    }).pipe(Effect.provide(JobsTest), Effect.provide(Logger.layer([])))
  )

  it.effect("shows no credentials that a service logs", () =>
    Effect.gen(function* () {
      const secret = "0123456789abcdef"
      const words = [
        `GET http://radarr/api?apikey=${secret}&page=1`,
        `X-Api-Key: ${secret}`,
        `{"token":"${secret}"}`,
        `Authorization: Bearer ${secret}`,
        `http://ann:${secret}@radarr:7878`
      ]
      const { lines } = yield* logged(
        "careless",
        Effect.forEach(words, (text) =>
          Effect.logWarning(text, new Error(text)).pipe(Effect.annotateLogs({ at: text }))
        )
      )
      assert.lengthOf(lines, words.length + 1)
      assert.notInclude(JSON.stringify(lines), secret)
      assert.include(lines[1]?.message ?? "", "page=1")
    }).pipe(Effect.provide(JobsTest))
  )
})
