/** Reads the whole library in slices, each with the heavy facts of its items, all of one state of the library. */
import { Effect } from "effect"
import type { FactName } from "../library/Facts.ts"
import { heavyAmong } from "../library/Facts/Loading.ts"
import type { LibraryItem } from "../library/Item.ts"
import { itemDefinitions } from "../library/ItemFacts.ts"
import type { Environment } from "./Decision.ts"
import type { Engine } from "./Engine.ts"

/** How often the library is read again because it has changed before its heavy facts were loaded. */
const attemptsBesideWriters = 3

/** One reading. It must start from nothing: it is dropped if the library changes. */
export interface SlicedReading<A> {
  readonly facts: ReadonlyArray<FactName>
  /** Called with each slice; `within` has the heavy facts of its items. */
  readonly add: (within: Environment, slice: ReadonlyArray<LibraryItem>) => Effect.Effect<void>
  readonly result: () => A
}

/** `size` = items between two yields. `begin` is called again for each attempt. */
export const inSlices = Effect.fnUntraced(function* <A, E>(
  engine: Pick<Engine["Service"], "environment" | "loaded">,
  size: number,
  begin: (environment: Environment) => Effect.Effect<SlicedReading<A>, E>
) {
  for (let attempt = 1; ; attempt++) {
    const environment = yield* engine.environment
    const { add, facts, result } = yield* begin(environment)
    const { items } = environment.snapshot
    const isHeavy = heavyAmong(itemDefinitions, facts).length > 0
    let isCurrent = true
    for (let start = 0; start < items.length; start += size) {
      if (start > 0) yield* Effect.yieldNow
      const slice = items.slice(start, start + size)
      const within = yield* engine.loaded(environment, slice, facts)
      isCurrent &&= !isHeavy || within.loaded !== undefined
      yield* add(within, slice)
    }
    if (isCurrent || attempt === attemptsBesideWriters) return result()
  }
})
