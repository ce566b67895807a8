/** A removing rule may also keep items by names, in the exceptions of its condition. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Condition } from "../../src/rules/Condition.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { feedTest } from "../library/Feeds.ts"
import { explanationOf } from "../support/Stack.ts"
import { eventsOf, everything, feedsOf, keep, lostNames, prepare, rename, sync } from "./NamedFilms.ts"
import { group, leaf } from "./Samples.ts"

describe("A removing rule that spares a library that is renamed", () => {
  const ways: ReadonlyArray<readonly [string, Condition]> = [
    ["notEquals", leaf("library", "notEquals", "Kids")],
    ["notIn", leaf("library", "notIn", ["Kids", "x"])],
    ["NOT", group("AND", everything, group("NOT", leaf("library", "contains", "kid")))]
  ]
  for (const [way, condition] of ways) {
    it.effect(`still spares items by ${way}, and reports that, until a person has reviewed it`, () => {
      const feeds = feedsOf()
      const truths = Effect.forEach(["Ant", "Cat"], (title) =>
        Effect.map(explanationOf(title), ({ decision }) => decision?.rules[0]?.truth)
      )
      return Effect.gen(function* () {
        yield* prepare
        const { id } = yield* keep(condition, undefined, "always-remove")
        assert.deepStrictEqual(yield* truths, ["false", "true"])
        rename(feeds, "Kids", "Children")
        yield* sync
        assert.deepStrictEqual(yield* truths, ["false", "true"])
        assert.deepStrictEqual(yield* lostNames, ["Kids 2"])
        assert.deepStrictEqual(yield* eventsOf("rules"), ["rule.names-lost"])
        const sentence = (yield* explanationOf("Ant")).decision?.rules[0]?.sentence
        assert.include(sentence, "spares what it spared until a person has reviewed it")
        const rules = yield* Rules
        yield* rules.acknowledge(id)
        assert.deepStrictEqual(yield* truths, ["true", "true"])
        assert.deepStrictEqual(yield* lostNames, [])
      }).pipe(Effect.provide(feedTest(feeds)))
    })
  }

  it.effect("does not apply to more items by a name that it requires and that is gone", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* prepare
      yield* keep(leaf("library", "equals", "Kids"), undefined, "always-remove")
      rename(feeds, "Kids", "Children")
      yield* sync
      assert.strictEqual((yield* explanationOf("Ant")).decision?.rules[0]?.truth, "false")
      assert.deepStrictEqual(yield* lostNames, [])
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
