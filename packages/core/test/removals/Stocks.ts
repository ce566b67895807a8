/** The libraries of the examples, and the steps to their first plan. */
import { Effect } from "effect"
import type { DiskLimits } from "../../src/capacity/DiskLimits.ts"
import type { RemovalMode } from "../../src/capacity/RemovalMode.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import { connectFakes, type FakesOptions, plan, setDisk, sync } from "../support/Stack.ts"

/**
 * Nine movies of 10 GiB on a disk of 100: 90 % used with a threshold of 85 % and a target of 75 %, so that two must be
 * removed. "Movie 1" is rated worst and is removed first.
 */
export const fullDisk = (): FakeLibrary => {
  const library = new FakeLibrary()
  for (let n = 1; n <= 9; n++) library.add({ title: `Movie ${n}`, facts: { rating: n } })
  return library
}

/** Eighteen movies of 10 GiB on a disk of 200, the three worst in one collection. With `sagaLimits`, 20 GiB must be freed. */
export const fullDiskWithSaga = (): FakeLibrary => {
  const library = new FakeLibrary({ "/media": 200 * gib })
  for (let n = 1; n <= 18; n++) {
    library.add({ title: `Movie ${n}`, facts: { rating: n / 2 }, collections: n <= 3 ? ["Saga"] : [] })
  }
  return library
}

export const sagaLimits: DiskLimits = { type: "percent", threshold: 85, target: 80 }

export const together: FakesOptions = { options: { removeCollections: true } }

/** Two shows with two seasons of 20 GiB each on a disk of 100, and one movie. */
export const shows = (): FakeLibrary => {
  const library = new FakeLibrary()
  library.addShow("Worst", [20 * gib, 20 * gib], { facts: { rating: 1 } })
  library.addShow("Best", [20 * gib, 20 * gib], { facts: { rating: 9 } })
  library.add({ title: "Movie", facts: { rating: 8 } })
  return library
}

/** Connects, syncs, sets the mode of all disks, and plans once. */
export const planned = Effect.fnUntraced(function* (
  mode: RemovalMode,
  fakes: FakesOptions = {},
  limits: DiskLimits | null = null
) {
  yield* connectFakes(fakes)
  yield* sync
  yield* setDisk(limits === null ? { mode } : { mode, limits })
  return yield* plan()
})
