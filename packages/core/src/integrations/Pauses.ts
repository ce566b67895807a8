/** Work over long lists that lets the event loop turn in between. */
import { Effect } from "effect"

/** How long such work goes on before others have their turn: several of these may be under way at once. */
const millisAtOnce = 3

export interface Turns {
  /** Whether it is the turn of others. */
  readonly isOver: () => boolean
  /** Gives it to them. */
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

/** A glance at the clock costs little, and nothing that is done here with one entry takes long. */
const entriesAtOnce = 10

export const forEachWithPauses = Effect.fnUntraced(function* <A>(values: Iterable<A>, work: (value: A) => void) {
  const turns = makeTurns()
  let done = 0
  for (const value of values) {
    work(value)
    if (++done % entriesAtOnce === 0 && turns.isOver()) yield* turns.next
  }
})
