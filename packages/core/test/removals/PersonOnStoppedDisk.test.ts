import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { connectFakes, itemIdOf, passTime, removalOf, runDue, setDisk, stackTest, sync } from "../support/Stack.ts"
import { fullDisk } from "./Stocks.ts"

describe("A removal that a person requested on a stopped disk", () => {
  it.effect("is not carried out", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* connectFakes()
      yield* sync
      yield* setDisk({ mode: "approval" })
      const disks = yield* DiskGroups
      const removals = yield* Removals
      yield* removals.request(yield* itemIdOf("Movie 1"))
      yield* disks.stop((yield* disks.list)[0]!.id, "the files seem to be on another disk")
      yield* passTime("1 hour")
      yield* runDue
      assert.notStrictEqual((yield* removalOf("Movie 1")).state, "removed")
    }).pipe(Effect.provide(stackTest(library)))
  })
})
