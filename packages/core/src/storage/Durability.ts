/**
 * A commit is on the disk before it is reported: a power cut loses neither a person's decision nor an intent that was
 * written before a request. Work that the next run repeats (a sync, a plan, lines of a log) may lose its last moments.
 */
import { Context, Effect } from "effect"

export const Repeatable = Context.Reference<boolean>("tendarr/storage/Repeatable", { defaultValue: () => false })

/**
 * Commits of this work are handed to the operating system without waiting for the disk. They keep their order: a later
 * commit that is waited for puts them on the disk too. Never use it for a person's decision, nor for an intent.
 */
export const repeatable = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideService(work, Repeatable, true)
