/** What media servers report about an item besides its plays: library, collections, labels, watchlists. */
import { type Fact, inapplicable } from "../Facts.ts"
import { hasAny } from "../Facts/Derivations.ts"
import type { LibraryItem } from "../Item.ts"
import { type ItemContext, type ItemFacts, manager, onNoServer, servers, unmatched } from "./Definition.ts"
import { notMatched, through } from "./Through.ts"

const serverFact = (item: LibraryItem, { sources }: ItemContext, name: "labels" | "onWatchlist" | "library"): Fact => {
  const believed = sources.servers(item.kind)
  const { onServers } = item.data
  if (onServers.length === 0) return notMatched(believed, unmatched)
  if (name === "onWatchlist" && item.data.onWatchlist === null) return inapplicable
  if (name !== "library") return through(believed, item.data[name])
  return through(believed, [
    ...new Set(onServers.flatMap(({ library, otherLibraries }) => [library, ...(otherLibraries ?? [])]))
  ])
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
  onWatchlist: {
    type: "boolean",
    title: "On a watchlist",
    description: "Whether it is on a watchlist.",
    aliases: ["watchlist"],
    source: servers,
    unknown: onNoServer,
    ofPart: "both",
    read: (item, context) => serverFact(item, context, "onWatchlist")
  }
} as const satisfies ItemFacts
