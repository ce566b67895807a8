/**
 * Whether what runs here may carry out acts that destroy: true beneath a run of a job that says `destructive`, and nowhere
 * else. So every such act has a run that can be cancelled, that excludes others, and whose log tells of it.
 */
import { Context } from "effect"

export const MayDestroy = Context.Reference<boolean>("tendarr/jobs/MayDestroy", { defaultValue: () => false })
