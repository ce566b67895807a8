/** Every type of event has one name in Prunerr's activity, by which it is found and excluded. */
import { assert, describe, it } from "vitest"
import { actorsOf, actorTypeOf, eventTypeOf, selectionOf } from "../../src/dialects/prunerr/Activity/EventTypes.ts"
import { eventCatalogue } from "../../src/system/EventCatalogue.ts"

const names = ["scan", "deletion", "rule_match", "protection", "manual_action", "error"] as const

const begins = (beginnings: ReadonlyArray<string>, text: string) =>
  beginnings.some((one) => (/[.:/]$/.test(one) ? text.startsWith(one) : text === one))

const selects = (selection: ReturnType<typeof selectionOf>, type: string) =>
  selection === null || (begins(selection.types, type) && !begins(selection.withoutTypes, type))

describe("A type of event", () => {
  for (const { type } of eventCatalogue) {
    it(`${type} is selected by its name alone, and left out by it alone`, () => {
      for (const name of names) {
        assert.strictEqual(selects(selectionOf([name]), type), eventTypeOf(type) === name, name)
        assert.strictEqual(selects(selectionOf([], [name]), type), eventTypeOf(type) !== name, `without ${name}`)
        assert.isFalse(selects(selectionOf([name], [name]), type))
      }
      assert.isTrue(selects(selectionOf(["bogus"], ["bogus"]), type))
      assert.isFalse(selects(selectionOf([], names), type))
    })
  }
})

it("An actor is found by its type alone", () => {
  for (const actor of [
    "system",
    "job:sync",
    "job:rule",
    "job:rules",
    "account:ann",
    "key:env:TENDARR_API_KEY",
    "local",
    "dialect:prunerr",
    "dialect:prunerr/key:reader"
  ]) {
    for (const type of ["scheduler", "user", "rule"]) {
      const { actors, withoutActors } = actorsOf([type]) ?? { actors: [], withoutActors: [] }
      const isFound = begins(actors, actor) && !begins(withoutActors, actor)
      assert.strictEqual(isFound, actorTypeOf(actor) === type, `${actor} ${type}`)
    }
  }
  assert.isUndefined(actorsOf(["bogus"]))
})
