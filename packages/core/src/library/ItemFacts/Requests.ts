/** Facts about who requested an item, and whether they have watched it since. */
import { nameKey } from "../../viewers/NameKey.ts"
import { type Fact, known, type ViewerPlays } from "../Facts.ts"
import type { ItemRequest, LibraryItem } from "../Item.ts"
import type { SourceContext, Watching } from "../SourceContext.ts"
import { earlier, later, namesOf } from "../ViewerTally.ts"
import { hasSeen } from "./Watched.ts"
import { type ItemFact, type ItemFacts, onNoServer, statistics } from "./Definition.ts"
import { playsOf } from "./Plays.ts"
import { notMatched, through, withoutValue } from "./Through.ts"

type RequestFactName =
  | "requested"
  | "requestCount"
  | "requestedBy"
  | "requestedAt"
  | "lastRequestedAt"
  | "requestStatus"
  | "requestedIn4k"
  | "requestApprovedAt"
  | "requestApprovedBy"

export const requestFact = (item: LibraryItem, context: SourceContext, name: RequestFactName): Fact => {
  const believed = context.requests(item.kind)
  const { requests } = item.data
  if (requests === null) return notMatched(believed, "the item has no id by which a request could be found")
  switch (name) {
    case "requested":
      return through(believed, requests.length > 0)
    case "requestCount":
      return through(believed, requests.length)
    case "requestedBy": {
      const fact = through(believed, [...new Set(requests.flatMap((request) => request.names))])
      return unlessUntold(fact, requests.some(({ names }) => names.length === 0) && noRequester)
    }
    case "requestStatus": {
      const fact = through(believed, [...new Set(requests.flatMap(({ status }) => status ?? []))])
      return unlessUntold(fact, requests.some(({ status = "unknown" }) => status === "unknown") && noStatus)
    }
    case "requestedIn4k": {
      // What earlier versions have stored does not contain it.
      const fact = through(
        believed,
        requests.some(({ is4k }) => is4k === true)
      )
      return unlessUntold(fact, requests.some(({ is4k, status }) => is4k !== true && status === undefined) && unread)
    }
    case "requestApprovedAt": {
      const approved = requests.map(({ approvedAt }) => approvedAt)
      const fact = through(
        believed,
        approved.reduce<string | null>((latest, at) => later(latest, at ?? null), null)
      )
      return unlessUntold(fact, approved.includes(undefined) && noApproval)
    }
    case "requestApprovedBy": {
      const approved = requests.filter(({ approvedAt }) => approvedAt !== null)
      const fact = through(believed, [...new Set(approved.flatMap(({ approvedBy }) => approvedBy ?? []))])
      return unlessUntold(fact, approved.some(({ approvedBy }) => approvedBy === undefined) && noApprover)
    }
    case "requestedAt":
    case "lastRequestedAt": {
      const fact = through(
        believed,
        requests.map(({ at }) => at).reduce(name === "requestedAt" ? earlier : later, null)
      )
      return requests.some(({ at }) => at === null) && fact._tag === "Known"
        ? { _tag: "Unknown", reason: "not-told", detail: "a request has no date", source: fact.source }
        : fact
    }
  }
}

const noRequester = "the requester of one of its requests is no longer known to the application"
const noStatus = "the status of one of its requests is not known"
const noApproval = "the application does not report when one of its requests was approved"
const noApprover = "the application does not report who approved one of its requests"
const unread = "the next sync reads it"

/** Unknown for the given reason, if there is one. */
const unlessUntold = (fact: Fact, detail: string | false): Fact =>
  detail === false || fact._tag !== "Known"
    ? fact
    : { _tag: "Unknown", reason: "not-told", detail, source: fact.source, lastKnown: fact.value }

/** When the last requested copy could be played; empty if that has not happened. */
const availableAt: ItemFact["read"] = (item, { sources }) => {
  const requested = requestFact(item, sources, "requested")
  if (requested._tag !== "Known") return withoutValue(requested)
  const dates = (item.data.requests ?? []).map((request) => request.availableAt)
  const known = dates.map((date) => date ?? null)
  return unlessUntold(
    { ...requested, value: known.reduce(later, null) },
    dates.includes(undefined) && "its application does not report when it became available"
  )
}

const watchedByRequesters = (
  item: LibraryItem,
  context: SourceContext,
  name: "watchedByRequester" | "watchedByAllRequesters"
): Fact => {
  const requested = requestFact(item, context, "requestedBy")
  if (requested._tag !== "Known") return requested
  const requests = item.data.requests ?? []
  if (requests.length === 0) return known(false, requested.source, requested.at)
  const plays = playsOf(item, context)
  if (plays._tag !== "Known") return plays
  const viewers = item.data.playback?.users ?? []
  const answers = requests.map((request) => hasWatchedSince(request, viewers, item, context.watching))
  const decisive = name === "watchedByRequester"
  const source = `${requested.source}, ${plays.source}`
  const value = answers.includes(decisive) ? decisive : answers.includes(null) ? null : !decisive
  if (value === null) {
    const detail = "it is not known whether a requester has watched it since"
    return { _tag: "Unknown", reason: "not-told", detail, source }
  }
  return known(value, source, requested.at < plays.at ? requested.at : plays.at)
}

/**
 * Whether the requester has watched the item after the request; `null` = no source reports it, or it is not known
 * whether the viewer is the requester.
 */
const hasWatchedSince = (
  request: ItemRequest,
  viewers: ReadonlyArray<ViewerPlays>,
  item: LibraryItem,
  watching: Watching
): boolean | null => {
  const names = new Set(request.names.map(nameKey))
  const ambiguous = new Set((request.ambiguous ?? []).map(nameKey))
  const answers = viewers.flatMap((viewer): ReadonlyArray<boolean | null> => {
    const shared = namesOf(viewer)
      .map(nameKey)
      .filter((name) => names.has(name))
    const isRequester =
      (request.person !== undefined && viewer.person === request.person) || shared.some((name) => !ambiguous.has(name))
    if (!isRequester && shared.length === 0) return []
    const watched = hasSeenSince(request, viewer, item, watching)
    return [isRequester || watched === false ? watched : null]
  })
  return answers.includes(true) ? true : answers.includes(null) ? null : false
}

const hasSeenSince = (
  request: ItemRequest,
  viewer: ViewerPlays,
  item: LibraryItem,
  watching: Watching
): boolean | null => {
  const seen = hasSeen(viewer, item, watching)
  if (seen !== true) return seen
  // If there are several plays, it is not known which one went far enough, unless the source reports it.
  const at = viewer.lastSeenAt ?? (viewer.plays === 1 ? viewer.lastPlayedAt : null)
  if (at !== null && request.at !== null && at >= request.at) return true
  return at === null || request.at === null || viewer.undated === true ? null : false
}

const request =
  (name: RequestFactName): ItemFact["read"] =>
  (item, { sources }) =>
    requestFact(item, sources, name)

const managers = "request managers"
const noId = "the item carries no id that a request could name"
const ofPart = "the part"
const asked = { source: managers, unknown: noId, ofPart } as const
const askedBy = { ...asked, unknown: `${noId}; the user who made a request was deleted` } as const
const dated = { source: managers, unknown: `${noId}; a request has no date`, ofPart } as const
const watched = {
  source: `${managers} with ${statistics}`,
  unknown: `${askedBy.unknown}; ${onNoServer}; no source distinguishes watched from begun, or reports when; somebody of the same name has watched it, and may be another person`,
  ofPart
} as const

export const requests = {
  requested: {
    type: "boolean",
    title: "Requested",
    description: "Whether somebody requested it.",
    aliases: ["is_requested"],
    ...asked,
    read: request("requested")
  },
  requestCount: {
    type: "number",
    title: "Request count",
    description: "Number of requests for it.",
    unit: "requests",
    ...asked,
    read: request("requestCount")
  },
  requestedBy: {
    type: "strings",
    title: "Requested by",
    description: "Names of everybody who requested it, including all names of each person.",
    aliases: ["requester"],
    named: "requester",
    ...askedBy,
    read: request("requestedBy")
  },
  requestedAt: {
    type: "date",
    title: "Requested at",
    description: "When it was first requested.",
    aliases: ["request_date"],
    ...dated,
    read: request("requestedAt")
  },
  lastRequestedAt: {
    type: "date",
    title: "Last requested at",
    description: "When it was last requested.",
    ...dated,
    read: request("lastRequestedAt")
  },
  requestStatus: {
    type: "strings",
    title: "Request status",
    description: "The states of its requests: `pending`, `approved`, `failed`, `completed`.",
    source: managers,
    unknown: `${noId}; a request has a status that is not known`,
    ofPart,
    read: request("requestStatus")
  },
  requestedIn4k: {
    type: "boolean",
    title: "Requested in 4K",
    description: "Whether somebody requested it in 4K.",
    ...asked,
    read: request("requestedIn4k")
  },
  requestApprovedAt: {
    type: "date",
    title: "Request approved at",
    description: "When a request for it was last approved; empty if none was.",
    aliases: ["approval_date"],
    source: managers,
    unknown: `${noId}; the application does not report when a request was approved`,
    ofPart,
    read: request("requestApprovedAt")
  },
  requestApprovedBy: {
    type: "strings",
    title: "Request approved by",
    description: "Names of everybody who approved a request for it, including all names of each person.",
    source: managers,
    unknown: `${noId}; the application does not report who approved a request`,
    ofPart,
    read: request("requestApprovedBy")
  },
  requestAvailableAt: {
    type: "date",
    title: "Request available at",
    description: "When what was requested last became available; empty if it is not.",
    aliases: ["media_added_at"],
    source: managers,
    unknown: `${noId}; the application does not report when a title became available`,
    ofPart,
    read: availableAt
  },
  watchedByRequester: {
    type: "boolean",
    title: "Watched by requester",
    description: "Whether somebody who requested it has since watched it, rather than only begun it.",
    aliases: ["watched_by_req", "watched_by_requestor"],
    ...watched,
    read: (item, { sources }) => watchedByRequesters(item, sources, "watchedByRequester")
  },
  watchedByAllRequesters: {
    type: "boolean",
    title: "Watched by all requesters",
    description: "Whether everybody who requested it has since watched it, rather than only begun it.",
    aliases: ["watched_by_all"],
    ...watched,
    read: (item, { sources }) => watchedByRequesters(item, sources, "watchedByAllRequesters")
  }
} as const satisfies ItemFacts
