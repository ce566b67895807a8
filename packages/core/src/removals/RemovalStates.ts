/**
 * The states of a removal (one state machine). Separate from their schemas, so that a command line can list them
 * without loading those.
 */

export const removalStates = [
  "proposed",
  "snoozed",
  "scheduled",
  "executing",
  "failed",
  "removed",
  "restored",
  "spared",
  "cancelled"
] as const
