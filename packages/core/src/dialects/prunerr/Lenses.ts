/** Prunerr's words for ours, in both directions: types, statuses, orders. Those of rules are in `moving/products/Prunerr`. */
import { Schema } from "effect"
import type { ItemKind } from "../../integrations/Observations.ts"
import type { ItemFilters, ItemSort, ItemSummary } from "../../library/Library.ts"

/** Prunerr knows movies and shows. */
export const libraryKinds: ReadonlyArray<ItemKind> = ["movie", "show"]

export const mediaTypeOf = (kind: ItemKind): "movie" | "tv" => (kind === "movie" ? "movie" : "tv")

/** The request's words; `episode` matches nothing, since episodes are no items of their own. */
export const MediaType = Schema.Literals(["movie", "show", "tv", "episode"])

export const kindsOfType = (type: typeof MediaType.Type | undefined): ReadonlyArray<ItemKind> => {
  switch (type) {
    case undefined:
      return libraryKinds
    case "movie":
      return ["movie"]
    case "episode":
      return []
    default:
      return ["show"]
  }
}

// --- statuses -----------------------------------------------------------------------------------------------------------

export const Status = Schema.Literals([
  "monitored",
  "active",
  "flagged",
  "pending_deletion",
  "queued",
  "protected",
  "deleted",
  "watched",
  "unwatched"
])

export const filtersOfStatus = (status: typeof Status.Type | undefined): ItemFilters => {
  switch (status) {
    case undefined:
      return {}
    case "monitored":
    case "active":
      return { removal: "none", protected: false }
    case "flagged":
      return { removal: "proposed" }
    case "pending_deletion":
    case "queued":
      return { removal: "queued" }
    case "protected":
      return { protected: true }
    case "deleted":
      return { gone: true }
    case "watched":
      return { played: true }
    case "unwatched":
      return { played: false }
  }
}

type RawStatus = "monitored" | "flagged" | "pending_deletion" | "protected" | "deleted"

export const rawStatusOf = (item: ItemSummary, isProtected: boolean): RawStatus => {
  if (item.goneAt !== null) return "deleted"
  if (isQueued(item)) return "pending_deletion"
  if (isProtected) return "protected"
  return item.removalState === "proposed" ? "flagged" : "monitored"
}

/** Lists have other words than single items. */
export const listStatusOf = (raw: RawStatus): string =>
  raw === "pending_deletion" ? "queued" : raw === "monitored" ? "active" : raw

const isQueued = ({ removalOrigin, removalState }: ItemSummary): boolean =>
  removalState === "scheduled" ||
  removalState === "executing" ||
  removalState === "failed" ||
  (removalState === "proposed" && removalOrigin === "person")

// --- orders -------------------------------------------------------------------------------------------------------------

const sorts = {
  title: "title",
  size: "size",
  file_size: "size",
  lastWatched: "last-played",
  last_watched_at: "last-played",
  addedAt: "added",
  added_at: "added",
  playCount: "plays",
  play_count: "plays",
  year: "year",
  // The order in which Tendarr first saw them comes closest.
  updatedAt: "id",
  updated_at: "id"
} as const satisfies Record<string, ItemSort>

export const SortBy = Schema.Literals(Object.keys(sorts) as ReadonlyArray<keyof typeof sorts>)

export const sortOf = (sortBy: typeof SortBy.Type = "updated_at"): ItemSort => sorts[sortBy]

export const SortOrder = Schema.Literals(["asc", "desc", "ASC", "DESC"])
