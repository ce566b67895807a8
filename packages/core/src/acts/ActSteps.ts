/**
 * Progress of an act within its state, as stored in the column `step`. It is written before the step is carried out, so
 * that after a crash it shows what may have happened.
 */

/** The intent is stored; requests that prepare the act may have been sent, and must be reverted if it stops here. */
export const claimedStep = "claimed"
/** The request that carries it out may have been sent: it is beyond recall. */
export const sentStep = "sent"
/**
 * The request was sent and not refused, but the act was not done afterwards: it may take effect late. The preparations
 * are reverted if it has not within a minute.
 */
export const lateStep = "late"

export const actSteps = [claimedStep, sentStep, lateStep] as const
