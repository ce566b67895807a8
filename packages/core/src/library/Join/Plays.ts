/** The plays of an item, over all its entries on all servers and all sources, and what is not known about them. */
import type { CatalogItem, ServerItem, ViewerObservation } from "../../integrations/Observations.ts"
import type { Account } from "../../viewers/PersonMatcher.ts"
import type { AccountPlays } from "../../viewers/Plays.ts"
import type { ViewerPlays } from "../Facts.ts"
import type { ItemPlayback } from "../Item.ts"
import { bothViewers, earlier, later, ViewerTally, viewerOf } from "../ViewerTally.ts"
import { isNamed, type JoinLookup, type OnServer, type ReportedPlays, whyUnread } from "./Lookup.ts"

export interface JoinedPlays {
  /** `null` if no server knows the item, or if none counts plays of its kind. */
  readonly playback: ItemPlayback | null
  /** The same by account, as it is stored. */
  readonly accounts: ReadonlyArray<AccountPlays>
  /** Why there may be plays that are not counted here. */
  readonly doubt: string | null
  /** Why the last play may be later than the known one. */
  readonly dateDoubt: string | null
  /** Why somebody who is not named here may have played it. */
  readonly viewerDoubt: string | null
}

const none: JoinedPlays = { playback: null, accounts: [], doubt: null, dateDoubt: null, viewerDoubt: null }

/**
 * An album is not "never played" just because no source counts its plays. Plays on different servers, or in different
 * libraries of one server, are different plays and are added up.
 */
export const joinPlays = (
  lookup: JoinLookup,
  item: CatalogItem,
  found: ReadonlyArray<OnServer>,
  unread: ReadonlyArray<OnServer>
): JoinedPlays => {
  const { kind } = item
  if (kind !== "movie" && kind !== "show" && kind !== "season" && kind !== "episode") return none
  if (found.length === 0) return none
  const seasonNumber = kind === "season" || kind === "episode" ? (item.facts.seasonNumber ?? null) : null
  const tally = new ViewerTally()
  const accounts = new Map<Account, TakenPlays>()
  let plays = 0
  let lastPlayedAt: string | null = null
  let playing = false
  let undated = false
  let nameless = false
  const entriesOf = found.map((onServer) => ofEpisode(item, lookup.playsOf(onServer, kind, seasonNumber)))
  const former = lookup.formerPlaysOf(item, found, seasonNumber)
  const reports = [
    ...found.flatMap((onServer, index) => {
      // A server's list contains no episodes, and so none of their counters.
      const own =
        kind === "episode" ? undefined : seasonNumber === null ? onServer.item : lookup.seasonOf(onServer, seasonNumber)
      const entries = entriesOf[index] ?? []
      // Fast path: most of a library was never played.
      if (entries.length === 0 && (own?.ownPlays?.plays ?? 0) === 0) return []
      return [playsOf(lookup, onServer.integrationId, entries, own?.ownPlays)]
    }),
    ...former.map((one) => playsOf(lookup, one.serverId, [one.plays], undefined))
  ]
  for (const reported of reports) {
    plays += reported.plays
    lastPlayedAt = later(lastPlayedAt, reported.lastPlayedAt)
    playing ||= reported.playing
    undated ||= reported.undated
    nameless ||= reported.nameless
    for (const viewer of reported.tally.viewers) tally.add(viewer, sum)
    for (const [account, more] of reported.accounts) {
      const before = accounts.get(account)
      accounts.set(account, before === undefined ? more : bothTaken(before, more, sum))
    }
  }
  const users = tally.viewers.toSorted((a, b) => (a.user < b.user ? -1 : 1))
  return {
    playback: { plays, lastPlayedAt, users, ...(playing ? { playing } : {}) },
    accounts: Array.from(accounts, ([account, taken]) => asStored(account, taken)),
    doubt:
      kind === "episode" && lookup.formerPlaysOf({ ...item, kind: "season" }, found, seasonNumber).length > 0
        ? "a former media server recorded plays of its season, and not of which episodes"
        : doubtOf(lookup, item, found, [...entriesOf.flat(), ...former.map((one) => one.plays)], unread, seasonNumber),
    dateDoubt: undated ? "one of its plays has no date" : null,
    viewerDoubt: nameless ? "the viewer of some of its plays is not known" : null
  }
}

/** Of the plays of a season, those of the episode; all of them for anything else. */
const ofEpisode = (
  { facts, kind }: CatalogItem,
  entries: ReadonlyArray<ReportedPlays>
): ReadonlyArray<ReportedPlays> =>
  kind === "episode"
    ? entries.filter(({ episodeNumber }) => typeof episodeNumber === "number" && episodeNumber === facts.episodeNumber)
    : entries

/**
 * Plays of one entry of a server. Two sources often report the same plays (the server, its counters, the statistics
 * about it): per account the larger count is used, so that no play is counted twice, and different viewers are added up.
 */
const playsOf = (
  lookup: JoinLookup,
  serverId: string,
  entries: ReadonlyArray<ReportedPlays>,
  own: ServerItem["ownPlays"]
) => {
  const accounts = new Map<Account, TakenPlays>()
  const take = (observed: ViewerObservation, source: string) => {
    const account = lookup.accountOf(serverId, observed)
    const before = accounts.get(account)
    const taken: TakenPlays = {
      viewer: withAdditions(viewerOf(observed), account),
      firstPlayedAt: observed.firstPlayedAt ?? null,
      seconds: observed.seconds ?? null,
      marked: observed.marked ?? null,
      sources: [source]
    }
    accounts.set(account, before === undefined ? taken : bothTaken(before, taken, Math.max))
  }
  let largest = 0
  let lastPlayedAt: string | null = null
  let playing = false
  let undated = false
  let nameless = false
  for (const entry of entries) {
    largest = Math.max(largest, entry.plays)
    lastPlayedAt = later(lastPlayedAt, entry.lastPlayedAt)
    playing ||= entry.playing === true
    undated ||= entry.undated === true
    nameless ||= entry.plays > entry.users.reduce((total, viewer) => total + viewer.plays, 0)
    for (const viewer of entry.users) take(viewer, entry.source)
  }
  if (own !== undefined && own.plays > 0) {
    largest = Math.max(largest, own.plays)
    undated ||= own.undated === true || (own.lastPlayedAt === null && lastPlayedAt === null)
    lastPlayedAt = later(lastPlayedAt, own.lastPlayedAt)
    // Counters without a name only show that somebody played it.
    if (isNamed(own)) take(own, ofServer)
    else nameless = true
  }
  const tally = new ViewerTally()
  for (const { viewer } of accounts.values()) tally.add(viewer, Math.max)
  const total = tally.viewers.reduce((all, viewer) => all + viewer.plays, 0)
  return { plays: Math.max(largest, total), lastPlayedAt, playing, undated, nameless, tally, accounts }
}

/** The plays of one account. */
interface TakenPlays {
  readonly viewer: ViewerPlays
  /** `null` = some of the plays may have been earlier than all known ones. */
  readonly firstPlayedAt: string | null
  /** How long it was played; `null` = not reported for all of the plays. */
  readonly seconds: number | null
  /** What was only marked as watched; `null` = no source distinguishes that. */
  readonly marked: number | null
  readonly sources: ReadonlyArray<string>
}

/** The source of plays that a server records in its entries. */
const ofServer = "the media server"

const sum = (before: number, more: number): number => before + more

const bothTaken = (
  one: TakenPlays,
  other: TakenPlays,
  counts: (before: number, more: number) => number
): TakenPlays => ({
  viewer: bothViewers(one.viewer, other.viewer, counts),
  firstPlayedAt: firstOf(one, other),
  seconds: secondsOf(one, other, counts),
  marked: markedOf(one, other, counts),
  sources: [...new Set([...one.sources, ...other.sources])]
})

/** A source that counts more plays than another one may count earlier ones. */
const firstOf = (one: TakenPlays, other: TakenPlays): string | null => {
  if (one.firstPlayedAt !== null && other.firstPlayedAt !== null) {
    return earlier(one.firstPlayedAt, other.firstPlayedAt)
  }
  const [dated, open] = one.firstPlayedAt === null ? [other, one] : [one, other]
  return open.viewer.plays > dated.viewer.plays ? null : dated.firstPlayedAt
}

/**
 * Two sources about the same plays: the larger figure, unless the one without a figure counts more plays. Plays of
 * different entries are added up.
 */
const secondsOf = (
  one: TakenPlays,
  other: TakenPlays,
  counts: (before: number, more: number) => number
): number | null => {
  if (one.seconds !== null && other.seconds !== null) return counts(one.seconds, other.seconds)
  const [told, open] = one.seconds === null ? [other, one] : [one, other]
  const isCovered = counts === Math.max && open.viewer.plays <= told.viewer.plays
  return isCovered || open.viewer.plays === 0 ? told.seconds : null
}

/** A source that does not distinguish marks says nothing about those of another source, but its own plays may be marks. */
const markedOf = (
  one: TakenPlays,
  other: TakenPlays,
  counts: (before: number, more: number) => number
): number | null => {
  if (one.marked !== null && other.marked !== null) return counts(one.marked, other.marked)
  return counts === Math.max ? (one.marked ?? other.marked) : null
}

/** The plays of one account, as they were stored and as they were read again: what either of them knows. */
export const bothPlays = (known: AccountPlays, fresh: AccountPlays): AccountPlays => {
  const { serverId, key } = known
  return { serverId, key, ...countsOf(bothTaken(asTaken(known), asTaken(fresh), Math.max)) }
}

const asTaken = (one: AccountPlays): TakenPlays => ({
  viewer: {
    user: one.key,
    plays: one.plays,
    lastPlayedAt: one.lastPlayedAt,
    ...(one.undated ? { undated: true } : {}),
    ...(one.seen === null ? {} : { seen: one.seen, lastSeenAt: one.lastSeenAt }),
    ...(one.furthest === null ? {} : { furthest: one.furthest })
  },
  firstPlayedAt: one.firstPlayedAt,
  seconds: one.seconds,
  marked: one.marked,
  sources: one.source.split(betweenSources)
})

const betweenSources = ", "

const withAdditions = (viewer: ViewerPlays, { additions }: Account): ViewerPlays => {
  const { ambiguous, names, person } = additions
  if (ambiguous === undefined && names.length === 0) return viewer
  return {
    ...viewer,
    ...(names.length === 0 ? {} : { names: [...(viewer.names ?? []), ...names] }),
    ...(ambiguous === undefined ? {} : { ambiguous }),
    ...(person === undefined ? {} : { person })
  }
}

const asStored = ({ integrationId, key }: Account, taken: TakenPlays): AccountPlays => ({
  serverId: integrationId,
  key,
  ...countsOf(taken)
})

const countsOf = ({
  firstPlayedAt,
  marked,
  seconds,
  sources,
  viewer
}: TakenPlays): Omit<AccountPlays, "serverId" | "key"> => ({
  plays: viewer.plays,
  firstPlayedAt,
  lastPlayedAt: viewer.lastPlayedAt,
  undated: viewer.undated === true,
  seen: viewer.seen ?? null,
  lastSeenAt: viewer.lastSeenAt ?? null,
  furthest: viewer.furthest ?? null,
  seconds,
  marked,
  source: sources.toSorted().join(betweenSources)
})

/** Why plays on one server may be of this episode although they are not counted for it; `null` = there are none. */
const whyNotPerEpisode = (lookup: JoinLookup, item: CatalogItem, onServer: OnServer): string | null => {
  const { episodeNumber = null, seasonNumber = null } = item.facts
  if (lookup.playsOf(onServer, "show", null).some((entry) => entry.plays > 0 && entry.byEpisode !== true)) {
    return "the plays of its show were not counted by episode; the next sync does that"
  }
  const inSeason = lookup.playsOf(onServer, "episode", seasonNumber)
  if (inSeason.length > 0 && episodeNumber === null)
    return "the application does not number it, and its season was played"
  if (inSeason.some((entry) => (entry.episodeNumber ?? null) === null)) {
    return "its season was played, but it is not known which episode"
  }
  const last = item.lastNumberInSeason
  const beyond = inSeason.find((entry) => last !== undefined && (entry.episodeNumber ?? 0) > last)
  if (beyond !== undefined) {
    return `episode ${beyond.episodeNumber ?? ""} of its season was played, and its manager has only ${last ?? 0}: they number the episodes differently`
  }
  const counted = Math.max(0, ...lookup.playsOf(onServer, "season", seasonNumber).map(({ plays }) => plays))
  const own = seasonNumber === null ? undefined : lookup.seasonOf(onServer, seasonNumber)?.ownPlays
  return (own?.plays ?? 0) > counted
    ? "the media server counts more plays of its season than it lists, such as episodes that were marked as watched"
    : null
}

const doubtOf = (
  lookup: JoinLookup,
  item: CatalogItem,
  found: ReadonlyArray<OnServer>,
  entries: ReadonlyArray<ReportedPlays>,
  unread: ReadonlyArray<OnServer>,
  seasonNumber: number | null
): string | null => {
  const seasons = seasonNumber === null ? [] : found.flatMap((one) => lookup.seasonOf(one, seasonNumber) ?? [])
  const [untold] = [...found.map(({ item: server }) => server), ...seasons].flatMap((one) => one.untold?.plays ?? [])
  if (untold !== undefined) return untold
  const doubtful = entries.find((entry) => entry.untold !== undefined)
  if (doubtful?.untold !== undefined) return doubtful.untold
  if (seasonNumber !== null && found.some((one) => lookup.playsOf(one, "season", null).length > 0)) {
    return "its show was played, but it is not known which season"
  }
  if (item.kind === "episode") {
    const unsure = found.flatMap((one) => whyNotPerEpisode(lookup, item, one) ?? [])[0]
    if (unsure !== undefined) return unsure
  }
  const [other] = found.flatMap((one) => lookup.contradictedOf(one, item.kind, seasonNumber))
  if (other !== undefined) {
    return `plays under its key ${other.serverItemId} are of another id (${other.guid ?? ""}), which the media server does not have: it may have been matched again`
  }
  const [loose] = lookup.loosePlaysOf(item, found)
  if (loose !== undefined) {
    const { serverItemId } = loose.entry
    const key =
      serverItemId === ""
        ? "that name no entry of the media server"
        : `under the key ${serverItemId}, which the media server has for something else or no longer has`
    return `${loose.source} has plays of a title of this name ${key}`
  }
  for (const one of unread) {
    const untold = one.item.untold?.plays
    if (untold !== undefined) return untold
    const entries = lookup.playsOf(one, item.kind, seasonNumber)
    const ofSomeSeason = seasonNumber === null ? [] : lookup.playsOf(one, "season", null)
    if ((one.item.ownPlays?.plays ?? 0) > 0 || entries.length + ofSomeSeason.length > 0)
      return `"${one.item.title}" in the library ${one.item.library} was played, and ${whyUnread(one.item)}`
  }
  // The least specific reason, therefore the last one.
  if (seasonNumber !== null && found.every((onServer) => lookup.seasonOf(onServer, seasonNumber) === undefined)) {
    return "a media server has its show, and none lists this season"
  }
  return null
}
