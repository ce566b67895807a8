/** Work over long lists that lets the event loop turn in between. */
import { Effect } from "effect"

/** Some 2 ms of the translations done here. */
const atOnce = 250

export const forEachWithPauses = Effect.fnUntraced(function* <A>(values: ReadonlyArray<A>, work: (value: A) => void) {
  for (const [index, value] of values.entries()) {
    work(value)
    if (index % atOnce === atOnce - 1) yield* Effect.yieldNow
  }
})
