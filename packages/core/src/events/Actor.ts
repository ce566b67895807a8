/** Who does what is being done: `account:<name>`, `key:<name>`, `job:<name>` or `system`. Written into every event. */
import { Context } from "effect"

export const Actor = Context.Reference<string>("tendarr/events/Actor", { defaultValue: () => "system" })
