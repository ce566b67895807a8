/** Rows that were damaged outside Tendarr: they are reported, the other rows still work, and nothing is removed because of them. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import { SqlClient } from "effect/sql"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { HealthMonitor } from "../../src/integrations/HealthMonitor.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Library } from "../../src/library/Library.ts"
import { Protections } from "../../src/library/Protections.ts"
import { DueRemovals } from "../../src/removals/DueRemovals.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { StoppingDecisions } from "../../src/removals/StoppingDecisions.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { ConfigurationTransfer } from "../../src/system/ConfigurationTransfer.ts"
import { RecordedLog } from "../support/RecordedLog.ts"
import {
  diskOf,
  execution,
  drive,
  itemIdOf,
  makeStackInMemory,
  passTime,
  plan,
  reconcile,
  removalOf,
  runDue,
  setDisk,
  stackTest,
  states,
  sync
} from "../support/Stack.ts"
import { fullDisk, planned } from "./Stocks.ts"

const due = Effect.andThen(passTime("31 seconds"), runDue)

const damage = (statement: string) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement))

/** The defect of an effect as text; `null` = it succeeded. */
const deathOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.exit(effect), (exit) => (Exit.isSuccess(exit) ? null : String(Cause.squash(exit.cause))))

const keep = { kind: "condition", field: "title", operator: "is", value: "Movie 1" } as const
const drop = { kind: "condition", field: "title", operator: "is", value: "Movie 9" } as const

describe("A damaged rule", () => {
  it.effect("stops all decisions and all due removals until it is replaced or deleted", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      const rules = yield* Rules
      const kept = yield* rules.create({ name: "Keep", enabled: true, effect: "always-keep", condition: keep })
      const other = yield* rules.create({ name: "Other", enabled: true, effect: "always-keep", condition: drop })
      yield* damage(`UPDATE rules SET condition = '{"kind":"condition","field' WHERE id = ${kept.id}`)
      yield* rules.acknowledge(other.id)

      assert.match(
        (yield* deathOf(plan())) ?? "",
        /The rule "Keep" \(\d+\) is damaged: The stored condition of rules \d+ cannot be read: it is not JSON/
      )
      yield* due
      assert.deepStrictEqual(library.sent, [], "a rule that keeps must not vanish")
      assert.deepStrictEqual(
        (yield* rules.list).map(({ name }) => name),
        ["Other"],
        "the others are shown"
      )
      assert.match((yield* rules.damaged)[0]?.detail ?? "", /^The rule "Keep"/)
      assert.include((yield* deathOf(rules.get(kept.id))) ?? "", "RulesUnreadable")
      assert.include((yield* deathOf(rules.update(kept.id, { name: "Kept" }))) ?? "", "RulesUnreadable")
      const transfer = yield* ConfigurationTransfer
      assert.include((yield* deathOf(transfer.export({ secrets: false }))) ?? "", "RulesUnreadable")

      const repaired = yield* rules.update(kept.id, { condition: keep, scope: {} })
      assert.deepInclude(repaired, { name: "Keep", effect: "always-keep", condition: keep })
      yield* plan()
      yield* due
      assert.notInclude(library.sent, "1")

      yield* damage(`UPDATE rules SET scope = '[]' WHERE id = ${kept.id}`)
      yield* rules.remove(kept.id)
      assert.deepStrictEqual(yield* rules.damaged, [])
      assert.isNull(yield* deathOf(plan()))
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A damaged protection", () => {
  it.effect("stops planned and due removals, and can be deleted", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      const decisions = yield* StoppingDecisions
      const protections = yield* Protections
      const first = yield* decisions.protect({ itemId: yield* itemIdOf("Movie 2") })
      const second = yield* decisions.protect({ itemId: yield* itemIdOf("Movie 3") })
      for (const [column, value] of [
        ["ids", `'{"tmdb":1}'`],
        ["kind", `'film'`],
        ["expires_at", `'soon'`],
        ["expires_at", `''`]
      ] as const) {
        const set = (to: string) => damage(`UPDATE protections SET ${column} = ${to} WHERE id = ${first.id}`)
        const sql = yield* SqlClient.SqlClient
        const [before] = yield* sql.unsafe<Record<string, string | null>>(
          `SELECT quote(${column}) AS value FROM protections WHERE id = ${first.id}`
        )
        yield* set(value)
        const named = new RegExp(`The stored ${column} of protections ${first.id} cannot be read`)
        assert.match((yield* deathOf(plan())) ?? "", named)
        assert.match((yield* deathOf(due)) ?? "", named)
        assert.deepStrictEqual(library.sent, [])
        assert.deepStrictEqual(
          (yield* protections.list).map(({ id }) => id),
          [second.id],
          "the others are shown"
        )
        const pages = yield* Library
        const { items } = yield* pages.counted({ protected: true }, { offset: 0, limit: 10 })
        assert.deepStrictEqual(
          items.map(({ title }) => title),
          ["Movie 3"],
          "a page is shown by those that can be read"
        )
        const another = yield* decisions.protect({ itemId: yield* itemIdOf("Movie 4") })
        assert.deepStrictEqual(another.beyondRecall, [])
        yield* protections.remove(another.id)
        yield* set(before?.["value"] ?? "NULL")
      }
      yield* damage(`UPDATE protections SET expires_at = '' WHERE id = ${first.id}`)
      yield* protections.remove(first.id)
      assert.isNull(yield* deathOf(plan()))
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("The damaged data of an item", () => {
  it.effect("is left out of pages, and the others are shown", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      const [one, other] = [yield* itemIdOf("Movie 2"), yield* itemIdOf("Movie 3")]
      const pages = yield* Library
      assert.deepStrictEqual(
        [...(yield* pages.data([one, other, "0", "x"])).keys()].toSorted(),
        [one, other].toSorted()
      )
      yield* damage(`UPDATE item_documents SET data = '{' WHERE item_id = ${one}`)
      const data = yield* pages.data([one, other])
      assert.deepStrictEqual([...data.keys()], [other])
      assert.isDefined(data.get(other)?.catalog)
      yield* damage(`UPDATE items SET gone_at = '2026-01-01T00:00:00.000Z' WHERE id = ${other}`)
      assert.strictEqual((yield* pages.data([other])).size, 0)
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A damaged name stored for a protection", () => {
  it.effect("stops all decisions", () => {
    const library = fullDisk()
    library.add({ title: "Part one", collections: ["Saga"] })
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* (yield* StoppingDecisions).protect({ collection: "Saga" })
      yield* damage(`UPDATE held_names SET items = '[1,"two"]', lost_at = '2026-01-15T00:00:00.000Z'`)
      assert.match(
        (yield* deathOf(plan())) ?? "",
        /The stored items of held_names protection \d+: collections Saga cannot be read/
      )
      assert.include((yield* deathOf(due)) ?? "", "held_names")
      assert.deepStrictEqual(library.sent, [])
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A damaged disk group", () => {
  it.effect("is stopped until its limits are set again, and nothing on it is removed", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* damage(`UPDATE disk_groups SET limits = '{"type":"percent","threshold":"80"}'`)
      const stopped = yield* diskOf("/media")
      assert.match(stopped.stoppedBecause ?? "", /The stored limits of disk_groups \d+ cannot be read: .*threshold/)
      assert.isFalse(stopped.breached)
      yield* due
      assert.deepStrictEqual(library.sent, [])
      const report = yield* plan()
      assert.strictEqual(report.scheduled, 0)
      library.add({ title: "Movie 10", facts: { rating: 1 } })
      yield* sync
      assert.strictEqual((yield* plan()).scheduled, 0, "not even on a disk that is full")

      yield* setDisk({ mode: "approval" })
      assert.isNotNull((yield* diskOf("/media")).stoppedBecause, "another change does not replace them with defaults")
      yield* setDisk({ limits: { type: "percent", threshold: 90, target: 80 } })
      assert.isNull((yield* diskOf("/media")).stoppedBecause)
      yield* damage(`UPDATE disk_groups SET allowed_unknown = '["smell","rating"]'`)
      assert.deepStrictEqual((yield* (yield* DiskGroups).list)[0]?.allowedUnknown, ["rating"])
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A damaged integration", () => {
  it.effect("is reported by its health, receives no requests, and its facts are unknown", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      const integrations = yield* Integrations
      const [shelf, screen] = yield* integrations.list
      if (shelf === undefined || screen === undefined) return assert.fail("both are connected")
      yield* integrations.update(shelf.id, { options: { disabledCapabilities: ["removal"] } })
      for (const [column, text] of [
        ["options", `'{"disabledCapabilities":"removal"}'`],
        ["options", `'{"disabled'`],
        ["config", `'[1]'`]
      ] as const) {
        yield* damage(`UPDATE integrations SET ${column} = ${text}, version = version + 1 WHERE id = ${shelf.id}`)
        const { health, name } = yield* (yield* HealthMonitor).checkNow(shelf.id)
        assert.strictEqual(name, "Shelf")
        const problem = health.problems.find(({ code }) => code === "damaged")
        assert.match(
          problem?.detail ?? "",
          new RegExp(`The stored ${column} of integrations ${shelf.id} cannot be read`)
        )
        const calls = library.journal.length
        const live = yield* integrations.connect(shelf.id)
        assert.isUndefined(live?.connected.removal)
        yield* sync
        yield* plan()
        yield* due
        assert.deepStrictEqual(library.sent, [])
        assert.isTrue(
          library.journal.slice(calls).every(({ call }) => !call.includes("/items")),
          "the application receives no request"
        )
        const others = (yield* integrations.list).filter(({ id }) => id !== shelf.id)
        for (const other of others) assert.isFalse(other.health.problems.some(({ code }) => code === "damaged"))

        if (column === "options") {
          const partly = yield* Effect.flip(integrations.update(shelf.id, { options: { wholeShows: false } }))
          assert.include(String(partly.message), "must be given too")
          yield* integrations.update(shelf.id, { name: "Shelf" })
          assert.isTrue((yield* integrations.get(shelf.id)).health.problems.some(({ code }) => code === "damaged"))
          yield* integrations.update(shelf.id, { options: { ...shelf.options, disabledCapabilities: ["removal"] } })
        } else yield* damage(`UPDATE integrations SET config = '{}', version = version + 1 WHERE id = ${shelf.id}`)
        assert.isFalse((yield* integrations.get(shelf.id)).health.problems.some(({ code }) => code === "damaged"))
      }
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A damaged reading", () => {
  it.effect("counts as failed, so that the facts that depend on it are unknown", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      const integrations = yield* Integrations
      const screen = (yield* integrations.list).find(({ name }) => name === "Screen")
      yield* damage(
        `UPDATE sources SET odd = '{"count":"none"}' WHERE integration_id = ${screen?.id ?? 0} AND observation = 'playback'`
      )
      yield* due
      assert.deepStrictEqual(library.sent, [], "it is unknown whether it was watched")
      assert.match(
        (yield* removalOf("Movie 1")).reason ?? "",
        /The stored odd of sources playback of integration \d+ cannot/
      )
      yield* sync
      yield* passTime("2 minutes")
      yield* runDue
      assert.isAbove(library.sent.length, 0, "the next reading replaces it")
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A damaged removal", () => {
  it.effect("is not carried out and blocks neither other removals nor the start; new plans wait", () => {
    const library = fullDisk()
    const log = new RecordedLog()
    return Effect.gen(function* () {
      const stack = yield* makeStackInMemory(library)
      yield* stack.use(planned("auto"))
      yield* stack.use(
        Effect.gen(function* () {
          const damaged = yield* removalOf("Movie 1")
          yield* damage(`UPDATE removals SET restore = '{"half', step = 'claimed' WHERE id = ${damaged.id}`)
          yield* passTime("31 seconds")
          yield* drive(execution)
          assert.isNull(yield* (yield* DueRemovals).nextDue, "it starts no run after the other")
          yield* damage(
            `UPDATE removals SET scheduled_at = 'soon', restore = NULL, step = NULL WHERE id = ${damaged.id}`
          )
          assert.isNull(yield* (yield* DueRemovals).nextDue, "an invalid time is not awaited")
          yield* damage(`UPDATE removals SET restore = '{"half', step = 'claimed-again' WHERE id = ${damaged.id}`)
          yield* reconcile
          yield* damage(`UPDATE removals SET restore = '{"half', step = 'claimed' WHERE id = ${damaged.id}`)
        })
      )
      assert.deepStrictEqual(library.sent, ["2"])
      assert.isTrue(log.has(/The stored restore of removals \d+ cannot be read: it is not JSON/), log.text())
      yield* stack.use(damage(`UPDATE removals SET state = 'executing' WHERE title = 'Movie 1'`))
      yield* stack.restart
      yield* stack.use(
        Effect.gen(function* () {
          yield* reconcile
          assert.strictEqual((yield* states)["Movie 1"], "executing", "its page can be read")
          assert.include((yield* deathOf(plan())) ?? "", "removals")
          const { id } = yield* removalOf("Movie 1")
          assert.include((yield* deathOf((yield* Removals).get(id))) ?? "", `removals ${id}`)
          yield* damage(`UPDATE removals SET step = 'sent' WHERE id = ${id}`)
          const braked = yield* (yield* StoppingDecisions).set(RemovalsSettings, { deletionsEnabled: false })
          assert.deepStrictEqual(
            braked.beyondRecall,
            [id],
            "the brake can be set, and the response lists the removals for which it comes too late"
          )
        })
      )
      assert.deepStrictEqual(library.sent, ["2"])
    }).pipe(Effect.scoped, Effect.provide(log.layer))
  })
})
