/**
 * Whether the current fiber may carry out destructive acts: true only in runs of jobs that are declared `destructive`. So
 * every such act belongs to a run that can be cancelled, that excludes others, and whose log records it.
 */
import { Context } from "effect"

export const MayDestroy = Context.Reference<boolean>("tendarr/jobs/MayDestroy", { defaultValue: () => false })
