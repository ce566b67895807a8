/** Whether somebody has watched an item rather than only begun it. */
import type { ViewerPlays } from "../Facts.ts"
import type { LibraryItem } from "../Item.ts"
import type { Watching } from "../SourceContext.ts"

/** `null` = the source does not distinguish the two. */
export const hasSeen = (
  viewer: Pick<ViewerPlays, "furthest" | "plays" | "seen">,
  item: LibraryItem,
  { movieShare, seasonShare }: Watching
): boolean | null => {
  const { furthest, plays, seen } = viewer
  if (item.kind === "movie" || item.kind === "episode") {
    if (movieShare !== null && furthest !== undefined) return furthest >= movieShare
    return seen === undefined ? (plays > 0 ? null : false) : seen > 0
  }
  if (seen === undefined) return plays > 0 ? null : false
  if (seen === 0) return false
  const { episodeCount } = item.data.catalog
  return episodeCount === null || episodeCount === undefined ? null : seen >= Math.ceil(episodeCount * seasonShare)
}
