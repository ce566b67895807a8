/** Reasons to end the notice of an item: it was watched after the notice was given, or more of its show was added. */
import { type Environment, sheetOf } from "../capacity/Decision.ts"
import { entryOf } from "../library/Families.ts"
import type { LibraryItem } from "../library/Item.ts"

/** Why the notice given at `since` (ISO-8601) ends for an item; `null` if it does not, or if this is unknown. */
export const reasonToEndNotice = (environment: Environment, item: LibraryItem, since: string): string | null =>
  watchedSince(environment, item, since) ?? grownSince(environment, item, since)

const watchedSince = (environment: Environment, item: LibraryItem, since: string): string | null => {
  const at = dateOf(environment, item, "lastPlayedAt")
  return at !== null && at > since ? `it was watched at ${at}, after it was announced` : null
}

/** A person who adds a new season wants the earlier ones too. */
const grownSince = (environment: Environment, item: LibraryItem, since: string): string | null => {
  const { childrenOf } = environment.snapshot
  const whole = entryOf(environment.snapshot, item)
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
