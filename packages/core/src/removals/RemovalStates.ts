/** The states of a removal (design: one state machine). Apart from their schemas, so that a command line can name them cheaply. */

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
