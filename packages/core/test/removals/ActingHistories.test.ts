/** Random histories around an acting rule: what is removed matches at that moment, and no due time ever moves. */
import { describe, it } from "@effect/vitest"
import { Clock, Effect, Logger } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { assert } from "vitest"
import { Protections } from "../../src/library/Protections.ts"
import { isoOfMillis } from "../../src/problems/Instants.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { openStates } from "../../src/removals/Removal.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import { leaf } from "../rules/Samples.ts"
import { itemIdOf, passTime, removals, runDue, type StackServices, stackTest, sync } from "../support/Stack.ts"
import { acting, ready, runRule } from "./ActingRun.ts"

const movies = 10
const title = (n: number) => `Movie ${n}`

type Command =
  | { readonly _tag: "rate"; readonly n: number; readonly rating: number }
  | { readonly _tag: "protect" | "cancel" | "approve" | "play"; readonly n: number }
  | { readonly _tag: "time"; readonly days: number }
  | { readonly _tag: "sync" | "run" | "due" | "terms" | "switch" | "brake" | "manager" | "server" | "exception" }

/** Something may happen between the run that queues and the run that removes. */
type Round = { readonly _tag: "round"; readonly between: ReadonlyArray<Command> }

const n = fc.integer({ min: 1, max: movies })
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ _tag: fc.constant("rate" as const), n, rating: fc.integer({ min: 1, max: 6 }) })
  },
  {
    weight: 3,
    arbitrary: fc.record({
      _tag: fc.constantFrom("protect" as const, "cancel" as const, "approve" as const, "play" as const),
      n
    })
  },
  { weight: 4, arbitrary: fc.record({ _tag: fc.constant("time" as const), days: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 14,
    arbitrary: fc.record({ _tag: fc.constantFrom("sync" as const, "run" as const, "due" as const, "terms" as const) })
  },
  {
    weight: 3,
    arbitrary: fc.record({
      _tag: fc.constantFrom(
        "switch" as const,
        "brake" as const,
        "manager" as const,
        "server" as const,
        "exception" as const
      )
    })
  }
)

/** Removals in all histories: without any, they would show nothing. */
let removedAtAll = 0

const between: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ _tag: fc.constant("rate" as const), n, rating: fc.integer({ min: 2, max: 6 }) }),
  fc.record({ _tag: fc.constantFrom("protect" as const, "cancel" as const, "play" as const), n }),
  fc.record({ _tag: fc.constantFrom("run" as const, "switch" as const, "exception" as const, "server" as const) })
)
const round = fc.record({ _tag: fc.constant("round" as const), between: fc.array(between, { maxLength: 5 }) })

const play = (commands: ReadonlyArray<Command | Round>) => {
  const library = new FakeLibrary({ "/media": 1000 * gib })
  for (let one = 1; one <= movies; one++) library.add({ title: title(one), facts: { rating: one <= 7 ? 1 : 5 } })
  const violations: Array<string> = []
  const kept = { protected: new Set<string>(), cancelled: new Set<string>() }
  const state = { enabled: true, braked: false, resets: false, exception: null as string | null }
  /** Of the scheduled removals, by title, after the previous step. */
  const due = new Map<string, string>()

  return Effect.gen(function* () {
    yield* ready
    const rules = yield* Rules
    const service = yield* Removals
    const rule = yield* acting({
      name: "Bad",
      condition: leaf("rating", "<", 3),
      action: { type: "remove", graceDays: 2 }
    })
    library.onRemove = (target) =>
      Effect.sync(() => {
        removedAtAll++
        const item = library.byTitle(target.title)
        const say = (what: string) => void violations.push(`${target.title}: ${what}`)
        if ((item?.facts.rating ?? 9) >= 3) say(`removed with the rating ${item?.facts.rating}`)
        if (kept.protected.has(target.title)) say("removed although it is protected")
        if (kept.cancelled.has(target.title)) say("removed although a person cancelled it")
        if (!state.enabled) say("removed by a rule that is switched off")
        if (state.braked) say("removed while deletions are off")
        if (state.exception === target.title) say("removed although another rule comes first")
      })
    const openOf = (name: string) =>
      Effect.map(removals, (all) =>
        all.find((one) => one.title === name && openStates.some((open) => open === one.state))
      )
    const step = Effect.fnUntraced(function* (each: Command): Effect.fn.Return<unknown, unknown, StackServices> {
      switch (each._tag) {
        case "rate": {
          const item = library.byTitle(title(each.n))
          if (item !== undefined) item.facts = { ...item.facts, rating: each.rating }
          return
        }
        case "play": {
          const item = library.byTitle(title(each.n))
          const lastPlayedAt = isoOfMillis(yield* Clock.currentTimeMillis)
          if (item !== undefined) item.plays = [{ name: "ann", plays: 1, lastPlayedAt }]
          return
        }
        case "protect": {
          const protections = yield* Protections
          const added = yield* Effect.result(protections.add({ itemId: yield* itemIdOf(title(each.n)) }))
          // It may be gone already.
          if (added._tag === "Failure") return
          return void kept.protected.add(title(each.n))
        }
        case "cancel": {
          const open = yield* openOf(title(each.n))
          if (open === undefined) return
          yield* service.cancel(open.id)
          return void kept.cancelled.add(title(each.n))
        }
        case "approve": {
          const open = yield* openOf(title(each.n))
          return open === undefined ? undefined : yield* Effect.ignore(service.approve(open.id))
        }
        case "time":
          return yield* passTime(`${each.days} days`)
        case "sync":
          return yield* sync
        case "run":
          return yield* runRule(rule.id)
        case "due":
          return yield* runDue
        case "switch":
          state.enabled = !state.enabled
          // What it had queued is withdrawn: what it queues afterwards has a time of its own.
          if (!state.enabled) due.clear()
          return yield* rules.update(rule.id, { enabled: state.enabled })
        case "terms":
          state.resets = !state.resets
          return yield* rules.update(rule.id, {
            action: { type: "remove", graceDays: state.resets ? 6 : 2, resetRequest: state.resets }
          })
        case "brake":
          state.braked = !state.braked
          return yield* Effect.flatMap(Settings, (settings) =>
            settings.patch(RemovalsSettings, { deletionsEnabled: !state.braked })
          )
        case "manager":
        case "server":
          return void (library.down.delete(each._tag) || library.down.add(each._tag))
        case "exception": {
          if (state.exception !== null) return
          const first = yield* acting({
            name: "Not this one",
            condition: leaf("title", "is", title(1)),
            action: { type: "report" }
          })
          yield* rules.update(first.id, { priority: 9 })
          state.exception = title(1)
        }
      }
    })
    for (const each of commands) {
      if (each._tag === "round") {
        yield* sync
        yield* runRule(rule.id)
        yield* passTime("2 days")
        for (const one of each.between) yield* step(one)
        yield* runDue
      } else yield* step(each)
      const open = new Map<string, number>()
      const scheduled = new Map<string, string>()
      for (const one of yield* removals) {
        if (openStates.some((name) => name === one.state)) open.set(one.title, (open.get(one.title) ?? 0) + 1)
        if (one.state !== "scheduled" || one.approvedBy !== null || one.scheduledAt === null) continue
        scheduled.set(one.title, one.scheduledAt)
        const before = due.get(one.title)
        if (before !== undefined && before < one.scheduledAt) violations.push(`${one.title}: its due time moved`)
      }
      due.clear()
      for (const [name, at] of scheduled) due.set(name, at)
      for (const [name, count] of open) if (count > 1) violations.push(`${name}: ${count} open removals`)
      if (violations.length > 0) return [JSON.stringify(each), ...violations]
    }
    return violations
  }).pipe(
    Effect.provide(stackTest(library)),
    Effect.orDie,
    Effect.provide(Logger.layer([])),
    Effect.provide(TestClock.layer())
  )
}

describe("Whatever happens around an acting rule", () => {
  it(
    "removes only what matches, is not kept, and is due, and never moves a due time",
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.oneof(command, round), { minLength: 4, maxLength: 16 }), async (commands) => {
          assert.deepStrictEqual(await Effect.runPromise(play(commands)), [])
        }),
        { numRuns: 40, endOnFailure: true }
      )
      assert.isAbove(removedAtAll, 5)
    }
  )
})
