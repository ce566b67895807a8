/**
 * Progress of a removal within its state, as stored in the column `step`. It is written before the step is carried out,
 * so that after a crash it shows what may have happened.
 */

/**
 * The intent is written. Requests that prepare the deletion may have been sent, and must be reverted if it stops here.
 */
export const claimedStep = "claimed"
/** The deletion may have been sent: it can no longer be recalled. */
export const sentStep = "sent"
/**
 * The deletion was sent and not refused, but the item still existed afterwards: it may be removed late. The
 * preparations are reverted if it still exists a minute later.
 */
export const lateStep = "late"
/** As `claimedStep`, while a deletion that an earlier attempt sent may still take effect: nothing is reverted at once. */
export const claimedAgainStep = "claimed-again"
/** Steps after which something may have to be reverted. */
export const halfDoneSteps = [claimedStep, claimedAgainStep, lateStep] as const
/** A removed item is being restored, either as it was or set to monitored. */
export const restoringStep = "restoring"
export const restoringWantedStep = "restoring-wanted"
export const restoringSteps = [restoringStep, restoringWantedStep] as const
