/**
 * The actor of a change: `account:<name>`, `key:<name>`, `job:<name>`, `local` (the command line, an embedding program)
 * or `system`; through a dialect, `dialect:<name>` for its own key, and `dialect:<name>/key:<name>` for other credentials.
 * Recorded in every event.
 */
import { Context } from "effect"

export const Actor = Context.Reference<string>("tendarr/events/Actor", { defaultValue: () => "system" })
