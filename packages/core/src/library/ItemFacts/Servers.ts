/** What media servers report about an item besides its plays: library, collections, labels, watchlists. */
import { type Fact, type FactValue, inapplicable, known } from "../Facts.ts"
import { hasAny } from "../Facts/Derivations.ts"
import type { ItemHolder, LibraryItem } from "../Item.ts"
import { type ItemContext, type ItemFacts, manager, onNoServer, servers, unmatched } from "./Definition.ts"
import { notMatched, through } from "./Through.ts"

const serverFact = (item: LibraryItem, { sources }: ItemContext, name: "labels" | "onWatchlist" | "library"): Fact => {
  const believed = sources.servers(item.kind)
  const { onServers } = item.data
  if (onServers.length === 0) return notMatched(believed, unmatched)
  // Favourites; a server without them knows nothing about watchlists.
  if (name === "onWatchlist" && item.data.onWatchlist === null) return inapplicable
  if (name !== "library") return through(believed, item.data[name])
  return through(believed, [
    ...new Set(onServers.flatMap(({ library, otherLibraries }) => [library, ...(otherLibraries ?? [])]))
  ])
}

/** Servers without favourites know nothing about them. */
const favouritesFact = (
  item: LibraryItem,
  { sources }: ItemContext,
  value: (holders: ReadonlyArray<ItemHolder>) => FactValue
): Fact => {
  const { favouritedBy, onServers } = item.data
  const believed = sources.servers(item.kind)
  if (onServers.length === 0) return notMatched(believed, unmatched)
  return favouritedBy === undefined ? inapplicable : through(believed, value(favouritedBy))
}

/** Watchlists are read from request managers and statistics applications, if they are configured to report them. */
const watchlistFact = (
  item: LibraryItem,
  { sources }: ItemContext,
  value: (holders: ReadonlyArray<ItemHolder>) => FactValue
): Fact => {
  const { watchlistedBy, watchlistsOpen } = item.data
  const believed = sources.watchlists(item.kind)
  if (believed._tag === "None") return inapplicable
  if (item.ids.length === 0 && (watchlistedBy ?? []).length === 0) return notMatched(believed, noId)
  if (watchlistedBy === undefined) {
    return believed._tag === "Fresh" ? untold(believed.source, "the next sync reads it", null) : through(believed, null)
  }
  const fact = through(believed, value(watchlistedBy))
  return watchlistsOpen === true && fact._tag === "Known" ? untold(fact.source, open, fact.value) : fact
}

const noId = "the item has no id by which it could be found on a watchlist"
const open =
  "the watchlist of one of the users could not be read, or may be empty only because it could not; or the item was not found on the media server whose titles are listed"

const untold = (source: string, detail: string, lastKnown: FactValue): Fact => ({
  _tag: "Unknown",
  reason: "not-told",
  detail,
  source,
  lastKnown
})

/** On one of the two kinds of lists: whoever knows that it is on one is sufficient. */
const onWatchlistFact = (item: LibraryItem, context: ItemContext): Fact => {
  const marked = serverFact(item, context, "onWatchlist")
  const listed = watchlistFact(item, context, ({ length }) => length > 0)
  const { watchlistedBy = [] } = item.data
  const believed = context.sources.watchlists(item.kind)
  if (watchlistedBy.length > 0 && believed._tag === "Fresh") return through(believed, true)
  if (listed._tag === "Inapplicable") return marked
  if (marked._tag === "Inapplicable") return listed
  if (marked._tag === "Known" && listed._tag === "Known") {
    const at = marked.at < listed.at ? marked.at : listed.at
    return known(marked.value === true, `${marked.source}, ${listed.source}`, at)
  }
  if (marked._tag === "Known") return marked.value === true ? marked : listed
  return marked
}

/**
 * Collections come from the manager and from media servers; without a server, the manager's list is complete. An item
 * that was found on no server may still be in one of their collections.
 */
export const collectionsFact = (item: LibraryItem, { sources }: ItemContext): Fact => {
  const catalog = sources.catalog(item.integrationId)
  const believed = sources.servers(item.kind)
  if (catalog._tag === "Fresh" && believed._tag === "Fresh" && item.data.onServers.length === 0) {
    const { source } = believed
    return { _tag: "Unknown", reason: "not-matched", detail: unmatched, source, lastKnown: item.collections }
  }
  return through(catalog._tag === "Fresh" && believed._tag === "Unsure" ? believed : catalog, item.collections)
}

/** With the manager's own; complete under the same conditions as collections. */
const studiosFact = (item: LibraryItem, { sources }: ItemContext): Fact => {
  const catalog = sources.catalog(item.integrationId)
  const believed = sources.servers(item.kind)
  const { catalog: facts, onServers, studios = [] } = item.data
  const own = facts.studio ?? null
  const all = [...new Set([...(own === null ? [] : [own]), ...studios])]
  if (catalog._tag !== "Fresh" || believed._tag === "None") {
    return facts.studio === undefined ? inapplicable : through(catalog, all)
  }
  return onServers.length === 0 ? notMatched(believed, unmatched) : through(believed, all)
}

export const onServers = {
  studios: {
    type: "strings",
    title: "Studios",
    description: "All studios or networks, as the managing application and media servers name them.",
    source: `${manager} and ${servers}`,
    unknown: onNoServer,
    ofPart: "the whole",
    read: studiosFact
  },

  library: {
    type: "strings",
    title: "Library",
    description: "Titles of the media servers' libraries (Plex: sections) that contain it.",
    aliases: ["library_title", "libraries"],
    named: "library",
    source: servers,
    unknown: onNoServer,
    ofPart: "the whole",
    read: (item, context) => serverFact(item, context, "library")
  },
  collections: {
    type: "strings",
    title: "Collections",
    description: "Titles of the collections it is in.",
    aliases: ["collection", "collection_membership"],
    named: "collection",
    source: `${manager} and ${servers}`,
    unknown: `${onNoServer}; a server does not list its collections completely`,
    ofPart: "both",
    read: collectionsFact,
    derived: {
      inCollection: {
        type: "boolean",
        title: "In a collection",
        description: "Whether it is in any collection.",
        read: hasAny
      }
    }
  },
  labels: {
    type: "strings",
    title: "Labels",
    description: "Labels in the media server.",
    aliases: ["label"],
    named: "label",
    source: servers,
    unknown: `${onNoServer}; a server does not list its labels completely`,
    ofPart: "both",
    read: (item, context) => serverFact(item, context, "labels"),
    derived: {
      hasLabel: { type: "boolean", title: "Has a label", description: "Whether it has any label.", read: hasAny }
    }
  },
  favouritedBy: {
    type: "strings",
    title: "Favourited by",
    description: "Names of everybody who marked it as a favourite, including all names of each person.",
    aliases: ["favorited_by"],
    named: "viewer",
    source: servers,
    unknown: `${onNoServer}; the favourites of one of the users could not be read`,
    ofPart: "both",
    read: (item, context) => favouritesFact(item, context, (holders) => holders.flatMap(({ names }) => names))
  },
  favouriteCount: {
    type: "number",
    title: "Number of favourites",
    description: "How many people marked it as a favourite.",
    unit: "people",
    source: servers,
    unknown: `${onNoServer}; the favourites of one of the users could not be read`,
    ofPart: "both",
    read: (item, context) => favouritesFact(item, context, ({ length }) => length)
  },
  onWatchlist: {
    type: "boolean",
    title: "On a watchlist",
    description:
      "Whether somebody has it on a watchlist: among the favourites of Jellyfin or Emby, or on a watchlist that a request manager or a statistics application reports.",
    aliases: ["watchlist"],
    source: `${servers}, request managers and statistics applications`,
    unknown: `${onNoServer}; the list of one of the users could not be read`,
    ofPart: "both",
    read: (item, context) => onWatchlistFact(item, context)
  },
  watchlistedBy: {
    type: "strings",
    title: "On the watchlist of",
    description:
      "Names of everybody who has it on a watchlist that a request manager or a statistics application reports, including all names of each person.",
    named: "viewer",
    source: "request managers and statistics applications",
    unknown: `${noId}; the watchlist of one of the users could not be read`,
    ofPart: "the whole",
    read: (item, context) => watchlistFact(item, context, (holders) => holders.flatMap(({ names }) => names))
  },
  watchlistCount: {
    type: "number",
    title: "Number of watchlists",
    description: "How many people have it on a watchlist that a request manager or a statistics application reports.",
    unit: "people",
    source: "request managers and statistics applications",
    unknown: `${noId}; the watchlist of one of the users could not be read`,
    ofPart: "the whole",
    read: (item, context) => watchlistFact(item, context, ({ length }) => length)
  }
} as const satisfies ItemFacts
