/** What saves an item on notice: that it was watched after the notice was given, or that more of its show came. */
import { type Environment, sheetOf } from "../capacity/Decision.ts"
import { wholeKindOf } from "../integrations/Observations.ts"
import type { LibraryItem } from "../library/Item.ts"

/** Why the notice of `since` (ISO-8601) no longer holds for an item; `null` when it does, or nobody knows. */
export const savedSince = (environment: Environment, item: LibraryItem, since: string): string | null =>
  watchedSince(environment, item, since) ?? grownSince(environment, item, since)

const watchedSince = (environment: Environment, item: LibraryItem, since: string): string | null => {
  const at = dateOf(environment, item, "lastPlayedAt")
  return at !== null && at > since ? `it was watched at ${at}, after it was announced` : null
}

/** Who asks for a new season wants what comes before it to be there as well. */
const grownSince = (environment: Environment, item: LibraryItem, since: string): string | null => {
  const { childrenOf, parentOf } = environment.snapshot
  const whole = wholeKindOf(item.kind) === null ? item : parentOf(item)
  for (const part of whole === undefined ? [] : childrenOf(whole)) {
    if (part.kind !== "season") continue
    const at = dateOf(environment, part, "addedAt")
    if (at !== null && at > since) return `"${part.title}" came at ${at}, after it was announced`
  }
  return null
}

const dateOf = (environment: Environment, item: LibraryItem, name: "lastPlayedAt" | "addedAt"): string | null => {
  const fact = sheetOf(environment, item).get(name)
  return fact._tag === "Known" && typeof fact.value === "string" ? fact.value : null
}
