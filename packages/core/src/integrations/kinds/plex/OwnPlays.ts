/**
 * Plays recorded in an entry of a Plex server itself: counters of the requesting account, which also include manual
 * marks and plays that the history has lost, and the position at which somebody stopped.
 */
import type { ServerItem } from "../../Observations.ts"
import { isoOfSeconds, positiveOrNull, shareOf } from "../Values.ts"
import type { MetadataItem } from "./Container.ts"
import { ownerAccount } from "./Owner.ts"

export const ownPlaysOf = (
  kind: "movie" | "show" | "season",
  item: MetadataItem,
  name: string | null
): NonNullable<ServerItem["ownPlays"]> | null => {
  const watched = positiveOrNull(item.viewCount) ?? 0
  const lastPlayedAt = isoOfSeconds(item.lastViewedAt)
  // A date without a count means that it was begun, or watched and since marked as unwatched.
  const touched = lastPlayedAt === null ? 0 : 1
  const dated = lastPlayedAt === null ? { undated: true } : {}
  const owner = name === null ? { name } : { name, account: ownerAccount(name) }
  if (kind !== "movie") {
    const seen = positiveOrNull(item.viewedLeafCount) ?? 0
    const plays = Math.max(watched, seen, touched)
    // The last view may be of an episode that was only begun, so it is not the date of the last watched one.
    return plays === 0 ? null : { ...owner, plays, lastPlayedAt, ...dated, seen, lastSeenAt: null }
  }
  const stoppedAt = positiveOrNull(item.viewOffset)
  const plays = Math.max(watched + (stoppedAt === null ? 0 : 1), touched)
  if (plays === 0) return null
  const share = stoppedAt === null ? null : shareOf(stoppedAt, item.duration)
  return {
    ...owner,
    plays,
    lastPlayedAt,
    ...dated,
    seen: watched,
    lastSeenAt: stoppedAt === null && watched > 0 ? lastPlayedAt : null,
    // The share that a complete view covered is not reported.
    ...(watched > 0 || share === null ? {} : { furthest: share })
  }
}
