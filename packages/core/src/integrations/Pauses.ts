/** Processing of long lists that yields to the event loop in between. */
import { Effect } from "effect"

/** How long such work runs before it yields; several of these may run at once. */
const millisAtOnce = 3

export interface Turns {
  /** Whether it is time to yield. */
  readonly isOver: () => boolean
  /** Yields to other fibers. */
  readonly next: Effect.Effect<void>
}

export const makeTurns = (): Turns => {
  let since = performance.now()
  return {
    isOver: () => performance.now() - since >= millisAtOnce,
    next: Effect.map(Effect.yieldNow, () => {
      since = performance.now()
    })
  }
}

/** How often the clock is read: that costs little, and no entry takes long. */
const entriesAtOnce = 10

export const forEachWithPauses = Effect.fnUntraced(function* <A>(values: Iterable<A>, work: (value: A) => void) {
  const turns = makeTurns()
  let done = 0
  for (const value of values) {
    work(value)
    if (++done % entriesAtOnce === 0 && turns.isOver()) yield* turns.next
  }
})
