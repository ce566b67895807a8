import { isoOfMillis } from "../problems/Instants.ts"
/**
 * How far a removal has come within its state, as the column `step` has it. Written before what it stands for happens, so
 * that it tells after a crash what may have happened.
 */

/** The intent is written. Requests that prepare the deletion may have been sent, and are to be put back if it stops here. */
export const claimedStep = "claimed"
/** The request that deletes may be on its way: beyond recall. */
export const sentStep = "sent"
/**
 * The request that deletes was sent, was not refused, and the item was still there afterwards: it may go late. What was
 * prepared is put back when it is still there a minute later.
 */
export const lateStep = "late"
/** Steps at which something is left to be put back. */
export const halfDoneSteps = [claimedStep, lateStep] as const
/** A removed item is being brought back, as it was or wanted again. */
export const restoringStep = "restoring"
export const restoringWantedStep = "restoring-wanted"
export const restoringSteps = [restoringStep, restoringWantedStep] as const

/**
 * When the application is asked again about one that is left behind, ISO-8601: a minute after the last change of its row,
 * which may have been written before the clock was set back.
 */
export const askedAgainAt = ({ updatedAt }: { readonly updatedAt: string }, now: number): string =>
  isoOfMillis(Math.min(Date.parse(updatedAt), now) + 60_000)
