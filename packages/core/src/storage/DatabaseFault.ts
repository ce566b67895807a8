/** Error messages of SQLite. */
import { Cause } from "effect"

/** The message of SQLite itself, unwrapped from the errors around it. */
export const databaseFault = (error: unknown): string => {
  let found = Cause.isCause(error) ? Cause.squash(error) : error
  for (;;) {
    const inner: unknown =
      typeof found === "object" && found !== null
        ? (Reflect.get(found, "reason") ?? Reflect.get(found, "cause"))
        : undefined
    if (typeof inner !== "object" || inner === null) break
    found = inner
  }
  return (found instanceof Error ? found.message : String(found)).split("\n")[0] ?? ""
}
