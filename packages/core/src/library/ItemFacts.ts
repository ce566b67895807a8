/** The facts of an item: its stored data seen through what its sources may be believed now. */
import { type CatalogFacts, wholeKindOf } from "../integrations/Observations.ts"
import { type Fact, type FactName, type FactSheet, inapplicable, known } from "./Facts.ts"
import type { LibraryItem } from "./Item.ts"
import { requestFact, watchedByRequesters } from "./ItemFacts/Requests.ts"
import { leftOpen, notMatched, through } from "./ItemFacts/Through.ts"
import { upNext } from "./ItemFacts/UpNext.ts"
import type { SourceContext } from "./SourceContext.ts"
import { namesOf } from "./Viewers.ts"

/** Wholes and parts of the library that an item stands in. */
export interface Family {
  readonly parentOf: (item: LibraryItem) => LibraryItem | undefined
  readonly childrenOf: (item: LibraryItem) => ReadonlyArray<LibraryItem>
}

/** `family` is asked for the facts of a part that are about its whole or its siblings. */
export const factSheet = (item: LibraryItem, context: SourceContext, family: Family): FactSheet => ({
  get: (name) => leftOpen(item, name, toldFact(item, context, family, name))
})

/** As the sources told it, whatever they left open. */
const toldFact = (item: LibraryItem, context: SourceContext, family: Family, name: FactName): Fact => {
  switch (name) {
    case "title":
    case "kind":
    case "year":
    case "path":
    case "sizeBytes":
      return through(context.catalog(item.integrationId), item[name])
    case "rootFolder":
      return through(context.catalog(item.integrationId), item.data.rootFolder)
    case "addedAt":
      return addedAtFact(item, context)
    case "playCount":
    case "lastPlayedAt":
    case "watchedBy":
    case "plays":
    case "playing":
      return playbackFact(item, context, name)
    case "showPlayCount":
    case "showLastPlayedAt":
      return ofShow(item, context, family, name === "showPlayCount" ? "playCount" : "lastPlayedAt")
    case "upNext":
    case "upNextFor":
      return upNextFact(item, context, family, name)
    case "requested":
    case "requestCount":
    case "requestedBy":
    case "requestedAt":
    case "lastRequestedAt":
      return requestFact(item, context, name)
    case "watchedByRequester":
    case "watchedByAllRequesters":
      return watchedByRequesters(item, context, leftOpen(item, "plays", playbackFact(item, context, "plays")), name)
    case "labels":
    case "onWatchlist":
    case "library":
      return serverFact(item, context, name)
    case "collections":
      return collectionsFact(item, context)
    default:
      return catalogFact(item, context, name)
  }
}

const catalogFact = (item: LibraryItem, context: SourceContext, name: Exclude<FactName, NotInCatalog>): Fact => {
  const value = item.data.catalog[name]
  return value === undefined ? inapplicable : through(context.catalog(item.integrationId), value)
}

type NotInCatalog = Exclude<FactName, keyof CatalogFacts>

/** Of a part it is mostly a media server that tells the day, of anything else the manager. */
const addedAtFact = (item: LibraryItem, context: SourceContext): Fact => {
  const { addedAt } = item.data
  const catalog = context.catalog(item.integrationId)
  if (wholeKindOf(item.kind) === null) return addedAt === undefined ? inapplicable : through(catalog, addedAt)
  const servers = context.servers(item.kind)
  if (addedAt === undefined) {
    const believed = servers._tag === "None" ? catalog : servers
    return notMatched(believed, `no application tells when this ${item.kind} came`)
  }
  return through(catalog._tag === "Fresh" && servers._tag === "Unsure" ? servers : catalog, addedAt)
}

const unmatched = "no media server knows this item by a shared id"

type PlaybackFactName = "playCount" | "lastPlayedAt" | "watchedBy" | "plays" | "playing"

const playbackFact = (item: LibraryItem, context: SourceContext, name: PlaybackFactName): Fact => {
  const believed = context.playback(item.kind)
  const playback = item.data.playback
  if (believed._tag === "None") return inapplicable
  if (playback === null) return notMatched(believed, unmatched)
  // What a server lists decides what its plays are hung on, so both readings must be sound.
  const servers = context.servers(item.kind)
  const sound = servers._tag === "Unsure" ? servers : believed
  switch (name) {
    case "playCount":
      return through(sound, playback.plays)
    case "lastPlayedAt":
      return through(sound, playback.lastPlayedAt)
    case "watchedBy":
      return through(sound, playback.users.flatMap(namesOf))
    case "plays":
      return through(sound, playback.users)
    case "playing":
      return through(sound, playback.playing === true)
  }
}

/** A fact of the show that a season belongs to. */
const ofShow = (item: LibraryItem, context: SourceContext, family: Family, name: PlaybackFactName): Fact => {
  if (item.kind !== "season") return inapplicable
  const show = family.parentOf(item)
  if (show === undefined) return notMatched(context.playback(item.kind), "its show is not in the library")
  return leftOpen(show, name, playbackFact(show, context, name))
}

const upNextFact = (item: LibraryItem, context: SourceContext, family: Family, name: "upNext" | "upNextFor"): Fact => {
  const ofWhole = ofShow(item, context, family, "plays")
  if (ofWhole._tag !== "Known") return ofWhole
  const show = family.parentOf(item)
  const seasons = show === undefined ? [] : family.childrenOf(show)
  const viewers = show?.data.playback?.users ?? []
  const next = upNext(item, { seasons, viewers }, Date.parse(ofWhole.at), context.watching.activeDays)
  if ("untold" in next) {
    return { _tag: "Unknown", reason: "not-told", detail: next.untold, source: ofWhole.source }
  }
  return known(name === "upNext" ? next.names.length > 0 : next.names, ofWhole.source, ofWhole.at)
}

const serverFact = (item: LibraryItem, context: SourceContext, name: "labels" | "onWatchlist" | "library"): Fact => {
  const believed = context.servers(item.kind)
  const { onServers } = item.data
  if (onServers.length === 0) return notMatched(believed, unmatched)
  if (name === "onWatchlist" && item.data.onWatchlist === null) return inapplicable
  if (name !== "library") return through(believed, item.data[name])
  return through(believed, [
    ...new Set(onServers.flatMap(({ library, otherLibraries }) => [library, ...(otherLibraries ?? [])]))
  ])
}

/**
 * Collections come from the manager and from media servers; with no server, the manager's word is the whole of it. Of what
 * was found on none of them they may have put something into a collection all the same.
 */
const collectionsFact = (item: LibraryItem, context: SourceContext): Fact => {
  const catalog = context.catalog(item.integrationId)
  const servers = context.servers(item.kind)
  if (catalog._tag === "Fresh" && servers._tag === "Fresh" && item.data.onServers.length === 0) {
    const { source } = servers
    return { _tag: "Unknown", reason: "not-matched", detail: unmatched, source, lastKnown: item.collections }
  }
  return through(catalog._tag === "Fresh" && servers._tag === "Unsure" ? servers : catalog, item.collections)
}
