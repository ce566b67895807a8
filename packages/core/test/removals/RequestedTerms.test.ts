/** What a person may choose with a request: the action, what follows, and how long it waits. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import type { RequestOptions } from "../../src/removals/RemovalTerms.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { itemIdOf, passTime, plan, removalOf, runDue, stackTest, sync } from "../support/Stack.ts"
import { fullDisk, planned, shows } from "./Stocks.ts"

const request = (title: string, options?: object) =>
  Effect.gen(function* () {
    const service = yield* Removals
    return yield* service.request(yield* itemIdOf(title), options as RequestOptions | undefined)
  })

const days = (from: string, to: string | null) => (Date.parse(to ?? "") - Date.parse(from)) / 86_400_000

describe("A request", () => {
  it.effect("removes the entry of a whole, and the files of a part, unless it says otherwise", () =>
    Effect.gen(function* () {
      yield* planned("approval")
      const { action, graceDays, importExclusion, resetRequest, ruleId } = yield* request("Best")
      assert.deepStrictEqual(
        { action, graceDays, importExclusion, resetRequest, ruleId },
        { action: "remove-entry", graceDays: null, importExclusion: null, resetRequest: false, ruleId: null }
      )
      assert.strictEqual((yield* request("Worst, season 2")).action, "unmonitor-and-delete-files")
    }).pipe(Effect.provide(stackTest(shows())))
  )

  it.effect("waits for its days of grace, and is carried out after them", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      const now = DateTime.formatIso(yield* DateTime.now)
      assert.strictEqual(days(now, (yield* request("Movie 5", { graceDays: 14 })).scheduledAt), 14)
      assert.strictEqual(days(now, (yield* request("Movie 6", { graceDays: 0 })).scheduledAt), 0)
      const later = yield* request("Movie 7")
      assert.strictEqual(days(now, later.scheduledAt) * 86_400, 30)
      yield* passTime("13 days")
      yield* sync
      yield* runDue
      assert.deepStrictEqual(library.removed, ["6", "7"])
      yield* passTime("1 day")
      yield* sync
      yield* runDue
      assert.deepStrictEqual(library.removed, ["6", "7", "5"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("keeps its days of grace when it is snoozed and approved again", () =>
    Effect.gen(function* () {
      yield* planned("approval")
      const service = yield* Removals
      const { id } = yield* request("Movie 5", { graceDays: 7 })
      yield* service.reject(id)
      const now = DateTime.formatIso(yield* DateTime.now)
      assert.strictEqual(days(now, (yield* service.approve(id)).scheduledAt), 7)
      assert.strictEqual((yield* removalOf("Movie 5")).graceDays, 7)
    }).pipe(Effect.provide(stackTest(fullDisk())))
  )

  for (const option of [true, false]) {
    it.effect(`overrides the option of the integration about import lists, which is ${option}`, () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        yield* planned("approval", { options: { addImportExclusion: option } })
        yield* request("Movie 5", { importExclusion: true })
        yield* request("Movie 6", { importExclusion: false })
        yield* request("Movie 7")
        yield* passTime("31 seconds")
        yield* runDue
        assert.deepStrictEqual([...library.excluded], option ? ["5", "7"] : ["5"])
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  it.effect("is refused with the name of each value that is not valid, and nothing is stored (D16)", () =>
    Effect.gen(function* () {
      yield* planned("approval")
      const refused: ReadonlyArray<readonly [string, object]> = [
        ["action", { action: "full_removal" }],
        ["action", { action: null }],
        ["graceDays", { graceDays: -1 }],
        ["graceDays", { graceDays: 0.5 }],
        ["graceDays", { graceDays: 3651 }],
        ["graceDays", { graceDays: "7" }],
        ["importExclusion", { importExclusion: "yes" }],
        ["importExclusion", { action: "unmonitor", importExclusion: true }],
        ["resetRequest", { resetRequest: 1 }],
        ["gracedays", { gracedays: 7 }]
      ]
      for (const [field, options] of refused) {
        const error = yield* Effect.flip(request("Movie 5", options))
        assert.strictEqual(error.code, "invalid-request")
        assert.deepStrictEqual("errors" in error ? error.errors.map(({ path }) => path.join(".")) : [], [
          `payload.${field}`
        ])
      }
      yield* plan()
      const page = yield* (yield* Removals).page({ itemId: yield* itemIdOf("Movie 5") })
      assert.deepStrictEqual(page.items, [])
    }).pipe(Effect.provide(stackTest(fullDisk())))
  )
})
