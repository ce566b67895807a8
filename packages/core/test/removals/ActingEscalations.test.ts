/** Rules that are changed to do worse to what they have queued: that counts as new. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Rules } from "../../src/rules/Rules.ts"
import { RulesSettings } from "../../src/rules/RulesSettings.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { passTime, removalOf, runDue, stackTest, states, sync } from "../support/Stack.ts"
import { acting, badOnes, halfEmpty, ready, runRule } from "./ActingRun.ts"

/** Days pass, everything is read again, and what is due is removed. */
const afterDays = (days: number) => Effect.andThen(Effect.andThen(passTime(`${days} days`), sync), runDue)

describe("A rule that is changed to do worse", () => {
  const unmonitoring = { ...badOnes, action: { type: "remove", action: "unmonitor", graceDays: 1 } } as const
  const removing = { type: "remove", graceDays: 10 } as const
  const updated = (id: string, action: typeof removing) =>
    Effect.flatMap(Rules, (rules) => Effect.orDie(rules.update(id, { action })))

  it.effect("gives what it only unmonitored so far all days of grace before files are deleted", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting(unmonitoring)
      yield* runRule(rule.id)
      yield* updated(rule.id, removing)
      yield* runRule(rule.id)
      assert.deepInclude(yield* removalOf("Movie 1"), {
        state: "scheduled",
        action: "remove-entry",
        scheduledAt: "2026-01-25T12:00:00.000Z"
      })
      yield* afterDays(9)
      assert.deepStrictEqual(library.sent, [])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is held if that is too much of the library", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting(unmonitoring)
      yield* runRule(rule.id)
      yield* Effect.flatMap(Settings, (settings) => settings.patch(RulesSettings, { minActingItems: 1 }))
      yield* updated(rule.id, removing)
      assert.strictEqual((yield* runRule(rule.id)).held?.items, 2)
      yield* afterDays(30)
      assert.deepStrictEqual(library.sent, [])
      assert.strictEqual((yield* runRule(rule.id, { force: true })).held, null)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is held if proposals that were forced would be carried out without a person", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      yield* Effect.flatMap(Settings, (settings) => settings.patch(RulesSettings, { minActingItems: 1 }))
      const rule = yield* acting({ ...badOnes, action: { ...removing, approval: true } })
      yield* runRule(rule.id, { force: true })
      yield* updated(rule.id, removing)
      assert.strictEqual((yield* runRule(rule.id)).held?.items, 2)
      assert.deepStrictEqual(yield* states, { "Movie 1": "proposed", "Movie 2": "proposed" })
      yield* runRule(rule.id, { force: true })
      assert.deepStrictEqual(yield* states, { "Movie 1": "scheduled", "Movie 2": "scheduled" })
    }).pipe(Effect.provide(stackTest(library)))
  })
})
