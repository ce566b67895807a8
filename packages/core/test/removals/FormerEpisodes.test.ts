/** What somebody has decided about an episode that is no longer an item of its own: its show is no longer chosen. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Protections } from "../../src/library/Protections.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { leaf } from "../rules/Samples.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import {
  as,
  connectFakes,
  itemIdOf,
  passTime,
  plan,
  runDue,
  setDisk,
  stackTest,
  states,
  sync
} from "../support/Stack.ts"
import { acting, runRule } from "./ActingRun.ts"

const first = "Daily, season 1, episode 1"
const due = Effect.andThen(passTime("31 seconds"), runDue)

/** Two seasons that fill the disk; the first one has two episodes. */
const daily = () => {
  const library = new FakeLibrary()
  const { seasons } = library.addShow("Daily", [80 * gib, 10 * gib], { facts: { rating: 1, seriesType: "daily" } })
  const episodes = library.addEpisodes(seasons[0]!, [40 * gib, 40 * gib])
  const start = Effect.gen(function* () {
    yield* connectFakes()
    yield* sync
    yield* setDisk({ mode: "auto" })
  })
  const noLongerChosen = Effect.suspend(() => {
    for (const { externalId } of episodes) library.items.delete(externalId)
    return sync
  })
  return { library, start, noLongerChosen }
}

const refuse = Effect.gen(function* () {
  const removals = yield* Removals
  const { id } = yield* removals.request(yield* itemIdOf(first), { graceDays: 9 })
  yield* removals.cancel(id)
}).pipe(as("ann"))

describe("A decision about an episode that is no item any more", () => {
  it.effect("keeps its season from being removed for a full disk, and no other season, if it was refused", () => {
    const { library, noLongerChosen, start } = daily()
    return Effect.gen(function* () {
      yield* start
      yield* refuse
      yield* noLongerChosen
      yield* plan()
      yield* due
      assert.deepStrictEqual(library.sent, ["1:s2"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("keeps its season and its show from being removed by a rule if it was refused", () => {
    const { library, noLongerChosen, start } = daily()
    return Effect.gen(function* () {
      yield* start
      yield* refuse
      yield* noLongerChosen
      const rule = yield* acting({
        name: "Bad shows",
        scope: { itemKinds: ["season", "show"] },
        condition: leaf("rating", "<", 2),
        action: { type: "remove", graceDays: 0 }
      } as never)
      const report = JSON.stringify(yield* runRule(rule.id))
      assert.include(report, `of \\"${first}\\", which belongs to it, was cancelled by account:ann`)
      yield* due
      assert.deepStrictEqual(library.sent, ["1:s2"])
      assert.notProperty(yield* states, "Daily")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("keeps its season if it was protected", () => {
    const { library, noLongerChosen, start } = daily()
    return Effect.gen(function* () {
      yield* start
      const itemId = yield* itemIdOf(first)
      yield* Effect.flatMap(Protections, (protections) => protections.add({ itemId })).pipe(as("ann"))
      yield* noLongerChosen
      yield* plan()
      yield* due
      assert.deepStrictEqual(library.sent, ["1:s2"])
    }).pipe(Effect.provide(stackTest(library)))
  })
})
