/** The facts of an item: its stored data seen through what its sources may be believed now. */
import type { CatalogFacts } from "../integrations/Observations.ts"
import { type Fact, type FactName, type FactSheet, type FactValue, inapplicable, known } from "./Facts.ts"
import type { LibraryItem } from "./Item.ts"
import type { Believed, SourceContext } from "./SourceContext.ts"

export const factSheet = (item: LibraryItem, context: SourceContext): FactSheet => ({
  get: (name) => {
    switch (name) {
      case "title":
      case "kind":
      case "year":
      case "path":
      case "sizeBytes":
        return through(context.catalog(item.integrationId), item[name])
      case "rootFolder":
        return through(context.catalog(item.integrationId), item.data.rootFolder)
      case "playCount":
      case "lastPlayedAt":
      case "watchedBy":
      case "plays":
        return playbackFact(item, context, name)
      case "requested":
      case "requestCount":
      case "requestedBy":
      case "requestedAt":
        return requestFact(item, context, name)
      case "watchedByRequester":
        return watchedByRequester(item, context)
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
})

const through = (believed: Believed, value: FactValue): Fact => {
  switch (believed._tag) {
    case "None":
      return inapplicable
    case "Fresh":
      return known(value, believed.source, believed.at)
    case "Unsure":
      return {
        _tag: "Unknown",
        reason: believed.reason,
        detail: believed.detail,
        source: believed.source,
        lastKnown: value
      }
  }
}

const notMatched = (believed: Believed, detail: string): Fact =>
  believed._tag === "Fresh"
    ? { _tag: "Unknown", reason: "not-matched", detail, source: believed.source }
    : through(believed, null)

const catalogFact = (item: LibraryItem, context: SourceContext, name: Exclude<FactName, NotInCatalog>): Fact => {
  const value = item.data.catalog[name]
  return value === undefined ? inapplicable : through(context.catalog(item.integrationId), value)
}

type NotInCatalog = Exclude<FactName, keyof CatalogFacts>

const playbackFact = (
  item: LibraryItem,
  context: SourceContext,
  name: "playCount" | "lastPlayedAt" | "watchedBy" | "plays"
): Fact => {
  const believed = context.playback(item.kind)
  const playback = item.data.playback
  if (believed._tag === "None") return inapplicable
  if (playback === null) return notMatched(believed, "no media server knows this item by a shared id")
  // What a server lists decides what its plays are hung on, so both readings must be sound.
  const servers = context.servers(item.kind)
  const sound = servers._tag === "Unsure" ? servers : believed
  switch (name) {
    case "playCount":
      return through(sound, playback.plays)
    case "lastPlayedAt":
      return through(sound, playback.lastPlayedAt)
    case "watchedBy":
      return through(
        sound,
        playback.users.map((viewer) => viewer.user)
      )
    case "plays":
      return through(sound, playback.users)
  }
}

const requestFact = (
  item: LibraryItem,
  context: SourceContext,
  name: "requested" | "requestCount" | "requestedBy" | "requestedAt"
): Fact => {
  const believed = context.requests(item.kind)
  const requests = item.data.requests
  if (requests === null) return notMatched(believed, "the item carries no id that a request could be found by")
  switch (name) {
    case "requested":
      return through(believed, requests.count > 0)
    case "requestCount":
      return through(believed, requests.count)
    case "requestedBy":
      return through(believed, requests.requesters)
    case "requestedAt":
      return through(believed, requests.requestedAt)
  }
}

const watchedByRequester = (item: LibraryItem, context: SourceContext): Fact => {
  const requested = requestFact(item, context, "requestedBy")
  if (requested._tag !== "Known") return requested
  const requests = item.data.requests
  if (requests === null || requests.count === 0) return known(false, requested.source, requested.at)
  const watched = playbackFact(item, context, "watchedBy")
  if (watched._tag !== "Known") return watched
  const names = new Set(requests.requesterNames.map((name) => name.toLowerCase()))
  return known(
    item.data.playback?.users.some((viewer) => names.has(viewer.user.toLowerCase())) ?? false,
    `${requested.source}, ${watched.source}`,
    requested.at < watched.at ? requested.at : watched.at
  )
}

const serverFact = (item: LibraryItem, context: SourceContext, name: "labels" | "onWatchlist" | "library"): Fact => {
  const believed = context.servers(item.kind)
  if (item.data.onServers.length === 0) return notMatched(believed, "no media server knows this item by a shared id")
  if (name === "onWatchlist" && item.data.onWatchlist === null) return inapplicable
  return through(believed, name === "library" ? (item.data.onServers[0]?.library ?? null) : item.data[name])
}

/** Collections come from the manager and from media servers; with no server, the manager's word is the whole of it. */
const collectionsFact = (item: LibraryItem, context: SourceContext): Fact => {
  const catalog = context.catalog(item.integrationId)
  const servers = context.servers(item.kind)
  return through(catalog._tag === "Fresh" && servers._tag === "Unsure" ? servers : catalog, item.collections)
}
