/**
 * The actor of a change: `account:<name>`, `key:<name>`, `job:<name>`, `local` (the command line, an embedding program)
 * or `system`. Recorded in every event.
 */
import { Context } from "effect"

export const Actor = Context.Reference<string>("tendarr/events/Actor", { defaultValue: () => "system" })
