/** What saves an item on notice: that somebody watched it after the notice was given. */
import { type Environment, sheetOf } from "../capacity/Decision.ts"
import type { LibraryItem } from "../library/Item.ts"

/** Says so when the item was played after `since` (ISO-8601); `null` when it was not, or nobody knows. */
export const watchedSince = (environment: Environment, item: LibraryItem, since: string): string | null => {
  const played = sheetOf(environment, item).get("lastPlayedAt")
  return played._tag === "Known" && typeof played.value === "string" && played.value > since
    ? `it was watched at ${played.value}, after it was announced`
    : null
}
