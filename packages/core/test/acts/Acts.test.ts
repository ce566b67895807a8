import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Acts } from "../../src/acts/Acts.ts"
import { spare, wait } from "../../src/acts/Verdict.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import { MayDestroy } from "../../src/jobs/MayDestroy.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { actsOn, ActsTest, makeServer, takeLabel } from "./Labels.ts"

const nothing = { done: 0, spared: 0, failed: 0, waiting: 0 }

const stateOf = (id: string) => Acts.use((acts) => Effect.orDie(acts.find(id)))

describe("An act", () => {
  it.effect("is carried out, logged, and undone", () => {
    const server = makeServer("leaving", "kept")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      assert.deepStrictEqual([...server.labels], ["leaving", "kept"], "an intent changes nothing")
      assert.deepStrictEqual(yield* acts.run, { ...nothing, done: 1 })
      assert.deepStrictEqual([...server.labels], ["kept"])
      assert.include(yield* stateOf(id), { state: "done", undoable: true, reason: null })
      assert.deepStrictEqual(yield* acts.run, nothing, "once")
      assert.include(yield* acts.undo(id), { state: "undone", undoable: false })
      assert.isTrue(server.labels.has("leaving"))
      const events = yield* EventLog.use((log) => log.page({ category: "audit" }))
      assert.deepStrictEqual(
        events.items.map(({ category, payload, type }) => [category, type, payload["because"]]),
        [
          ["audit", "act.undone", "it is over"],
          ["audit", "act.undoing", "it is over"],
          ["audit", "act.done", "it is over"],
          ["audit", "act.executing", "it is over"],
          ["audit", "act.planned", "it is over"]
        ]
      )
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("is only carried out in a run of a destructive job", () => {
    const server = makeServer("leaving")
    return Effect.gen(function* () {
      const labels = yield* (yield* Acts).define(takeLabel(server))
      yield* labels.intend({ label: "leaving" }, { because: "it is over" })
      const run = labels.carryOutDue({ progress: () => Effect.void, log: () => Effect.void })
      assert.isTrue(Exit.hasDies(yield* Effect.exit(run)))
      assert.deepStrictEqual(server.sent, [])
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("waits while deletions are off, when no act can be planned either", () => {
    const server = makeServer("leaving", "second")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const settings = yield* Settings
      const { id } = yield* acts.take("leaving")
      yield* settings.patch(RemovalsSettings, { deletionsEnabled: false })
      assert.deepStrictEqual(yield* acts.run, { ...nothing, waiting: 1 })
      assert.deepStrictEqual(server.sent, [])
      assert.include(yield* stateOf(id), { state: "planned", reason: "deletions are switched off", attempts: 0 })
      assert.strictEqual((yield* Effect.flip(acts.take("second")))._tag, "DeletionsDisabled")
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("that is not destructive is not stopped by the brake", () => {
    const server = makeServer("leaving")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server, { destroys: false })
      yield* Settings.use((settings) => settings.patch(RemovalsSettings, { deletionsEnabled: false }))
      yield* acts.take("leaving")
      assert.deepStrictEqual(yield* acts.run, { ...nothing, done: 1 })
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect(
    "is spared if a reason against it appears right before the last request, and its preparations are reverted",
    () => {
      const server = makeServer("leaving")
      return Effect.gen(function* () {
        const acts = yield* actsOn(server)
        const { id } = yield* acts.take("leaving")
        server.meanwhile = Effect.sync(() => (server.verdict = spare("somebody wants to keep it")))
        assert.deepStrictEqual(yield* acts.run, { ...nothing, spared: 1 })
        assert.deepStrictEqual(server.sent, ["lock leaving", "unlock leaving"])
        assert.include(yield* stateOf(id), { state: "spared", reason: "somebody wants to keep it" })
      }).pipe(Effect.provide(ActsTest))
    }
  )

  it.effect("waits if the final check requires it, without using up an attempt", () => {
    const server = makeServer("leaving")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      server.meanwhile = Effect.sync(() => (server.verdict = wait("it is being played")))
      assert.deepStrictEqual(yield* acts.run, { ...nothing, waiting: 1 })
      assert.include(yield* stateOf(id), { state: "planned", reason: "it is being played", attempts: 0 })
      assert.strictEqual(server.locked.size, 0)
      server.meanwhile = Effect.void
      server.verdict = { _tag: "Go" }
      assert.deepStrictEqual(yield* acts.run, nothing, "not attempted again at once")
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* acts.run, { ...nothing, done: 1 })
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("that is cancelled before its request is sent is reverted; a cancellation after that is too late", () => {
    const server = makeServer("leaving", "second")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      server.meanwhile = Effect.suspend(() => acts.cancel(id))
      assert.deepStrictEqual(yield* acts.run, { ...nothing, waiting: 1 })
      assert.deepStrictEqual(server.sent, ["lock leaving", "unlock leaving"])
      assert.strictEqual((yield* stateOf(id)).state, "cancelled")

      server.meanwhile = Effect.void
      server.mode = "answer-lost"
      const late = yield* acts.take("second")
      yield* acts.run
      assert.strictEqual((yield* Effect.flip(acts.cancel(late.id)))._tag, "ActBeyondRecall")
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("whose outcome is unknown is checked with the application, and not sent again", () => {
    const server = makeServer("leaving")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      server.mode = "answer-lost"
      assert.deepStrictEqual(yield* acts.run, { ...nothing, failed: 1 })
      assert.strictEqual((yield* stateOf(id)).state, "executing")
      yield* acts.run
      assert.strictEqual((yield* stateOf(id)).state, "executing", "as long as the application is down")
      server.down = false
      yield* acts.run
      assert.strictEqual((yield* stateOf(id)).state, "done")
      assert.deepStrictEqual(
        server.sent.filter((name) => name.startsWith("take")),
        ["take leaving"]
      )
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("that was interrupted is settled by the next run", () => {
    const server = makeServer("leaving")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      server.mode = "dies"
      assert.isTrue(Exit.hasInterrupts(yield* Effect.exit(acts.run)))
      assert.strictEqual((yield* stateOf(id)).state, "executing")
      yield* acts.run
      assert.strictEqual((yield* stateOf(id)).state, "done")
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("that is refused is reverted, attempted again with growing delays, and then left to a person", () => {
    const server = makeServer("leaving")
    server.mode = "refuses"
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      for (const minutes of [2, 4, 8]) {
        assert.deepStrictEqual(yield* acts.run, { ...nothing, failed: 1 })
        assert.strictEqual(server.locked.size, 0)
        assert.deepStrictEqual(yield* acts.run, nothing)
        yield* TestClock.adjust(`${minutes} minutes`)
      }
      assert.deepStrictEqual(yield* acts.run, nothing)
      const failed = yield* stateOf(id)
      assert.include(failed, { state: "failed", attempts: 3 })
      assert.match(failed.reason ?? "", /not yours \(after 3 attempts it waits for a person\)/)
      assert.strictEqual((yield* acts.cancel(id)).state, "cancelled")
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("whose application falsely reports success has failed", () => {
    const server = makeServer("leaving")
    server.mode = "lies"
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      assert.deepStrictEqual(yield* acts.run, { ...nothing, failed: 1 })
      assert.match((yield* stateOf(id)).reason ?? "", /said that it was done, and it is not/)
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("for which nothing is left to do ends without a request", () => {
    const server = makeServer("leaving")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      yield* acts.take("leaving")
      server.labels.clear()
      assert.deepStrictEqual(yield* acts.run, { ...nothing, spared: 1 })
      assert.deepStrictEqual(server.sent, [])
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("is the only open one of its subject", () => {
    const server = makeServer("leaving")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      assert.deepInclude(yield* Effect.flip(acts.take("leaving")), { _tag: "ActConflict", actId: id })
      yield* acts.run
      assert.strictEqual((yield* acts.take("leaving")).state, "planned", "after it has ended there may be another one")
      const page = yield* acts.page({ kind: "take-label", limit: 1 })
      assert.deepStrictEqual(
        page.items.map(({ state }) => state),
        ["planned"]
      )
      const rest = yield* acts.page({ kind: "take-label", cursor: page.nextCursor ?? "" })
      assert.deepStrictEqual(
        rest.items.map(({ state }) => state),
        ["done"]
      )
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("cannot be undone before it is done, and stays done if the application refuses", () => {
    const server = makeServer("leaving")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      assert.strictEqual((yield* Effect.flip(acts.undo(id)))._tag, "ActConflict")
      yield* acts.run
      server.down = true
      const refused = yield* Effect.flip(acts.undo(id))
      assert.strictEqual(refused._tag, "UndoFailed")
      assert.include(yield* stateOf(id), { state: "done", undoable: true })
      server.down = false
      assert.strictEqual((yield* acts.undo(id)).state, "undone")
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("whose stored subject is damaged is reported, and the others are carried out", () => {
    const server = makeServer("first", "second")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("first")
      yield* acts.take("second")
      const sql = yield* SqlClient.SqlClient
      yield* sql`UPDATE acts SET subject = '{"label":' WHERE id = ${Number(id)}`
      assert.deepStrictEqual(
        (yield* (yield* Acts).page({})).items.map(({ id: each }) => each),
        ["2", "1"],
        "all are shown"
      )
      yield* sql`UPDATE acts SET subject = '{"label":7}' WHERE id = ${Number(id)}`
      const lines: Array<string> = []
      const log = (_level: string, line: string) => Effect.sync(() => void lines.push(line))
      const run = acts.carryOutDue({ progress: () => Effect.void, log })
      assert.deepStrictEqual(yield* Effect.provideService(run, MayDestroy, true), { ...nothing, done: 1, failed: 1 })
      assert.match(lines[0] ?? "", /The stored subject of acts .+ cannot be read: label: /)
      assert.deepStrictEqual([...server.labels], ["first"], "nothing is sent for what cannot be read")
      assert.strictEqual((yield* stateOf(id)).state, "planned")
    }).pipe(Effect.provide(ActsTest))
  })
})
