/**
 * A computation shared by all fibers that wait for it: later fibers join it, and it is interrupted when the last one
 * has left. A result is kept; after a failure or an interruption, the next request starts it again.
 */
import { Deferred, Effect, Exit, Fiber, type Scope } from "effect"

export interface Shared<A, E> {
  readonly get: Effect.Effect<A, E>
  /** Completes when nothing is being computed. */
  readonly idle: Effect.Effect<void>
}

export const makeShared = <A, E>(compute: Effect.Effect<A, E>, scope: Scope.Scope): Shared<A, E> => {
  let result: Exit.Exit<A, E> | null = null
  let work: Work<A, E> | null = null

  const start = Effect.fnUntraced(function* () {
    const mine: Work<A, E> = { ended: Deferred.makeUnsafe(), readers: 0, fiber: null }
    work = mine
    mine.fiber = yield* compute.pipe(
      Effect.onExit((exit) =>
        Effect.sync(() => {
          if (Exit.isSuccess(exit)) result = exit
          if (work === mine) work = null
          Deferred.doneUnsafe(mine.ended, exit)
        })
      ),
      Effect.forkIn(scope)
    )
    return mine
  })

  const get = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      if (result !== null) return yield* result
      const mine = work ?? (yield* start())
      mine.readers++
      return yield* restore(Deferred.await(mine.ended)).pipe(
        Effect.ensuring(
          Effect.suspend(() => {
            mine.readers--
            if (mine.readers > 0 || work !== mine || mine.fiber === null) return Effect.void
            work = null
            return Fiber.interrupt(mine.fiber)
          })
        )
      )
    })
  )

  return {
    get,
    idle: Effect.suspend(() => (work === null ? Effect.void : Effect.asVoid(Effect.exit(Deferred.await(work.ended)))))
  }
}

interface Work<A, E> {
  readonly ended: Deferred.Deferred<A, E>
  readers: number
  fiber: Fiber.Fiber<A, E> | null
}
