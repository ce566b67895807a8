/**
 * What is committed is on the disk before anybody hears of it: a power cut takes no word of a person back, and no intent that was
 * written before a request. Work that the next run does again (a sync, a plan, lines of a log) may be lost with the last moments.
 */
import { Context, Effect } from "effect"

export const Repeatable = Context.Reference<boolean>("tendarr/storage/Repeatable", { defaultValue: () => false })

/**
 * Commits of this work are handed to the system and not waited for. They keep their order: whatever is committed later and waited
 * for has them on the disk too. Never for what a person said, nor for an intent.
 */
export const repeatable = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideService(work, Repeatable, true)
