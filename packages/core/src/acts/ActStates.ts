/**
 * The states of an act (one state machine). Separate from their schemas, so that a command line can list them without
 * loading those.
 */

export const actStates = ["planned", "executing", "failed", "done", "spared", "cancelled", "undoing", "undone"] as const

/** States in which the act is open; a subject has at most one such act of a kind. */
export const openActStates = ["planned", "executing", "failed"] as const satisfies ReadonlyArray<
  (typeof actStates)[number]
>
