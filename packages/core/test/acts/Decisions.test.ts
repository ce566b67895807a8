/** What people decide about acts: cancelling, retrying, undoing, with what comes too late. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { Acts } from "../../src/acts/Acts.ts"
import { spare } from "../../src/acts/Verdict.ts"
import { Actor } from "../../src/events/Actor.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { actsOn, ActsTest, makeServer, takeLabel } from "./Labels.ts"

const nothing = { done: 0, spared: 0, failed: 0, waiting: 0 }

const detailOf = (id: string) => Acts.use((acts) => Effect.orDie(acts.get(id)))

const typesOf = (id: string) =>
  Effect.map(detailOf(id), ({ history }) => history.map(({ type }) => type.replace("act.", "")))

const takes = (sent: ReadonlyArray<string>) => sent.filter((name) => name.startsWith("take"))

describe("A decision about an act", () => {
  it.effect("that comes too late for the request is stored, and the request is not sent again", () => {
    const server = makeServer("leaving")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      server.mode = "answer-never"
      yield* acts.run
      const late = yield* Effect.flip(acts.cancel(id))
      assert.deepInclude(late, { _tag: "ActBeyondRecall", actId: id })
      server.down = false
      yield* acts.run
      const detail = yield* detailOf(id)
      assert.include(detail, { state: "cancelled", step: "late" })
      assert.match(detail.reason ?? "", /a person has cancelled it in the meantime/)
      yield* TestClock.adjust("2 hours")
      yield* acts.run
      assert.deepStrictEqual(takes(server.sent), ["take leaving"])
      assert.strictEqual(
        server.locked.size,
        0,
        "the preparations are reverted once the request can no longer take effect"
      )
      assert.include(yield* detailOf(id), { state: "cancelled", step: null })
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect(
    "names the act if an earlier request may still take effect; an act that takes effect late is logged as done",
    () => {
      const server = makeServer("leaving")
      server.mode = "lies"
      return Effect.gen(function* () {
        const acts = yield* actsOn(server)
        const { id } = yield* acts.take("leaving")
        assert.deepStrictEqual(yield* acts.run, { ...nothing, failed: 1 })
        const cancelled = yield* acts.cancel(id).pipe(Effect.provideService(Actor, "account:ann"))
        assert.deepInclude(cancelled, { state: "cancelled", beyondRecall: [id], reason: "cancelled by account:ann" })
        server.labels.delete("leaving")
        yield* TestClock.adjust("2 minutes")
        yield* acts.run
        assert.include(yield* detailOf(id), { state: "done", undoable: true })
        assert.deepStrictEqual(yield* typesOf(id), ["planned", "executing", "failed", "cancelled", "done"])
      }).pipe(Effect.provide(ActsTest))
    }
  )

  it.effect("to retry does not forget what an earlier request prepared and may still do", () => {
    const server = makeServer("leaving")
    server.mode = "breaks"
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      yield* acts.run
      assert.deepInclude(yield* acts.retry(id), { state: "planned", beyondRecall: [id] })
      server.verdict = spare("somebody wants to keep it")
      assert.deepStrictEqual(yield* acts.run, nothing, "not before its minute is over")
      assert.include(yield* detailOf(id), { state: "planned", step: "late" })
      assert.strictEqual(server.locked.size, 1)
      yield* TestClock.adjust("2 minutes")
      yield* acts.run
      assert.include(yield* detailOf(id), { state: "spared", step: null })
      assert.strictEqual(server.locked.size, 0)
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("to cancel stays final if another act has changed the subject since", () => {
    const server = makeServer("leaving")
    server.mode = "lies"
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      yield* acts.run
      yield* acts.cancel(id)
      server.mode = "works"
      const second = yield* acts.take("leaving")
      assert.deepStrictEqual(yield* acts.run, { ...nothing, done: 1 })
      yield* TestClock.adjust("2 minutes")
      yield* acts.run
      assert.include(yield* detailOf(id), { state: "cancelled", step: null })
      assert.include(yield* detailOf(second.id), { state: "done" })
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("to cancel ends in the state `done` if the request takes effect late and a newer act has not begun", () => {
    const server = makeServer("leaving")
    server.mode = "lies"
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      yield* acts.run
      yield* acts.cancel(id)
      const newer = yield* acts.intend({ label: "leaving" }, { because: "again", dueAt: "1970-01-01T01:00:00.000Z" })
      server.labels.delete("leaving")
      yield* TestClock.adjust("2 minutes")
      yield* acts.run
      assert.include(yield* detailOf(id), { state: "done" })
      yield* TestClock.adjust("1 hour")
      yield* acts.run
      assert.include(yield* detailOf(newer.id), { state: "spared", reason: "nothing was left to do" })
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("is refused if it names a version other than the current one", () => {
    const server = makeServer("leaving")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id, version } = yield* acts.take("leaving")
      assert.deepInclude(yield* Effect.flip(acts.cancel(id, version + 1)), { _tag: "VersionConflict", version })
      assert.include(yield* acts.cancel(id, version), { state: "cancelled", version: version + 1 })
      assert.strictEqual((yield* Effect.flip(acts.cancel(id)))._tag, "ActConflict")
      assert.strictEqual((yield* Effect.flip(acts.cancel("nowhere")))._tag, "ActNotFound")
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("to retry a failed act is refused while deletions are off", () => {
    const server = makeServer("leaving")
    server.mode = "refuses"
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const settings = yield* Settings
      yield* settings.patch(RemovalsSettings, { maxAttempts: 1 })
      const { id } = yield* acts.take("leaving")
      assert.strictEqual((yield* Effect.flip(acts.retry(id)))._tag, "ActConflict")
      yield* acts.run
      yield* TestClock.adjust("100 days")
      assert.deepStrictEqual(yield* acts.run, nothing, "it waits for a person")
      yield* settings.patch(RemovalsSettings, { deletionsEnabled: false })
      assert.strictEqual((yield* Effect.flip(acts.retry(id)))._tag, "DeletionsDisabled")
      yield* settings.patch(RemovalsSettings, { deletionsEnabled: true })
      server.mode = "works"
      assert.deepInclude(yield* acts.retry(id), { state: "planned", attempts: 0, beyondRecall: [] })
      assert.deepStrictEqual(yield* acts.run, { ...nothing, done: 1 })
      assert.deepStrictEqual(yield* typesOf(id), ["planned", "executing", "failed", "retried", "executing", "done"])
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("to undo an act whose response is lost is settled by asking, and a false response is not believed", () => {
    const server = makeServer("leaving", "second")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      const second = yield* acts.take("second")
      yield* acts.run
      server.undoMode = "answer-lost"
      assert.strictEqual((yield* acts.undo(id)).state, "undone")
      assert.isTrue(server.labels.has("leaving"))
      server.undoMode = "lies"
      assert.match((yield* Effect.flip(acts.undo(second.id))).message, /said that it was undone, and it is not/)
      assert.include(yield* detailOf(second.id), { state: "done", undoable: true })
      server.undoMode = "works"
      assert.strictEqual((yield* acts.undo(second.id)).state, "undone")
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("to undo an act is carried out once at a time, and continued after a crash", () => {
    const server = makeServer("leaving")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      yield* acts.run
      server.undoMode = "hangs"
      const first = yield* Effect.forkChild(acts.undo(id))
      yield* Effect.yieldNow
      while ((yield* detailOf(id)).state !== "undoing") yield* Effect.yieldNow
      assert.strictEqual((yield* Effect.flip(acts.undo(id)))._tag, "ActConflict")
      yield* acts.run
      assert.strictEqual(
        (yield* detailOf(id)).state,
        "undoing",
        "a run does not handle an act that another run handles"
      )
      yield* Fiber.interrupt(first)
      server.undoMode = "works"
      yield* acts.run
      assert.strictEqual((yield* detailOf(id)).state, "undone")
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("to undo an act is refused while its subject has an open act, and after its period", () => {
    const server = makeServer("leaving")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server, { undoDays: 10 })
      const { id } = yield* acts.take("leaving")
      yield* acts.run
      assert.strictEqual((yield* detailOf(id)).undo.until, "1970-01-11T00:00:00.000Z")
      server.labels.add("leaving")
      const open = yield* acts.take("leaving")
      assert.include((yield* Effect.flip(acts.undo(id))).message, `act ${open.id} on the same subject is open`)
      yield* acts.cancel(open.id)
      yield* TestClock.adjust("10 days")
      assert.strictEqual((yield* Effect.flip(acts.undo(id)))._tag, "UndoFailed")
      const { undo, undoable } = yield* detailOf(id)
      assert.deepInclude(undo, { possible: false, detail: "it could be undone until 1970-01-11T00:00:00.000Z" })
      assert.isFalse(undoable)
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("to cancel an act is possible after its application was removed", () => {
    const server = makeServer("leaving")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      server.mode = "answer-never"
      yield* acts.run
      server.forgotten = true
      yield* acts.run
      assert.include(yield* detailOf(id), { state: "failed", step: null })
      assert.strictEqual((yield* acts.cancel(id)).state, "cancelled")
      assert.deepStrictEqual(yield* typesOf(id), ["planned", "executing", "half-done", "failed", "cancelled"])
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("stays, with a note, if the application was removed while the request might still take effect", () => {
    const server = makeServer("leaving")
    server.mode = "breaks"
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      yield* acts.run
      yield* acts.cancel(id)
      server.down = true
      server.forgotten = true
      yield* TestClock.adjust("2 minutes")
      yield* acts.run
      const detail = yield* detailOf(id)
      assert.include(detail, { state: "cancelled", step: null })
      assert.match(detail.reason ?? "", /^cancelled by system; its application was removed before/)
      assert.deepStrictEqual(yield* typesOf(id), ["planned", "executing", "failed", "cancelled", "half-done"])
    }).pipe(Effect.provide(ActsTest))
  })
})

describe("An act that was refused and whose subject is gone later", () => {
  it.effect("is not logged as done", () => {
    const server = makeServer("leaving")
    server.mode = "refuses"
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      yield* acts.run
      server.labels.delete("leaving")
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* acts.run, { ...nothing, spared: 1 })
      assert.include(yield* detailOf(id), { state: "spared", reason: "nothing was left to do" })
    }).pipe(Effect.provide(ActsTest))
  })
})

describe("Preparations that cannot be reverted", () => {
  it.effect("are logged with an event", () => {
    const server = makeServer("leaving")
    server.mode = "refuses"
    server.keepsLocks = true
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      yield* acts.run
      assert.deepStrictEqual(yield* typesOf(id), ["planned", "executing", "half-done", "failed"])
    }).pipe(Effect.provide(ActsTest))
  })
})

describe("A bug in a kind of act", () => {
  it.effect("fails its own act, and the others are carried out", () => {
    const server = makeServer("buggy", "second")
    return Effect.gen(function* () {
      const kind = takeLabel(server)
      const acts = yield* actsOn(server, {
        presence: (subject) => (subject.label === "buggy" ? Effect.die(new Error("a slip")) : kind.presence(subject))
      })
      yield* acts.take("buggy")
      yield* acts.take("second")
      assert.deepStrictEqual(yield* acts.run, { ...nothing, failed: 1, done: 1 })
      assert.deepStrictEqual([...server.labels], ["buggy"])
    }).pipe(Effect.provide(ActsTest))
  })
})

describe("Two runs that carry out acts of one kind", () => {
  it.effect("do not treat each other's acts as left over from a crash", () => {
    const server = makeServer("leaving")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      server.meanwhile = acts.run
      assert.deepStrictEqual(yield* acts.run, { ...nothing, done: 1 })
      assert.deepStrictEqual(server.sent, ["lock leaving", "take leaving"])
      assert.deepStrictEqual(yield* typesOf(id), ["planned", "executing", "done"])
    }).pipe(Effect.provide(ActsTest))
  })
})
