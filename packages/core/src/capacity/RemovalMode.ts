/** What happens on a disk that is too full. */
import { Schema } from "effect"

export const removalModes = ["dry-run", "approval", "auto", "sunset"] as const
/** Modes of a disk group (presets over the one state machine of removals). */
export const RemovalMode = Schema.Literals(removalModes)
export type RemovalMode = typeof RemovalMode.Type
