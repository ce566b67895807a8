/**
 * How far a removal has come within its state, as the column `step` has it. Written before what it stands for happens, so
 * that it tells after a crash what may have happened.
 */

/** The intent is written. Requests that prepare the deletion may have been sent, and are to be put back if it stops here. */
export const claimedStep = "claimed"
/** The request that deletes may be on its way: beyond recall. */
export const sentStep = "sent"
/** A removed item is being brought back, as it was or wanted again. */
export const restoringStep = "restoring"
export const restoringWantedStep = "restoring-wanted"
export const restoringSteps = [restoringStep, restoringWantedStep] as const
