/** What each mode of a disk makes of a disk that is too full, from the plan to the end. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import {
  as,
  connectFakes,
  diskOf,
  explanationOf,
  passTime,
  plan,
  removalOf,
  removals,
  runDue,
  setDisk,
  stackTest,
  states,
  sync
} from "../support/Stack.ts"

/** Nine movies of 10 GiB on a disk of 100: 90 % used, threshold 85, target 75. Two must go. */
const fullDisk = () => {
  const library = new FakeLibrary()
  for (let n = 1; n <= 9; n++) library.add({ title: `Movie ${n}`, facts: { rating: n } })
  return library
}

describe("Modes of a disk", () => {
  it.effect("dry-run says what would go, and nothing ever leaves the proposals", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* connectFakes()
      yield* sync
      const report = yield* plan()
      assert.strictEqual(report.groups[0]?.plannedItems, 2)
      const proposed = yield* removals
      assert.deepStrictEqual(
        proposed.map(({ title, state, mode }) => [title, state, mode]),
        [
          ["Movie 1", "proposed", "dry-run"],
          ["Movie 2", "proposed", "dry-run"]
        ]
      )
      const service = yield* Removals
      const refused = yield* Effect.flip(service.approve(proposed[0]!.id))
      assert.strictEqual(refused.code, "removal-state-conflict")
      yield* passTime("40 days")
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
    }).pipe(Effect.provide(stackTest(library)))
  })
})
