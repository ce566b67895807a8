/**
 * Joins what the applications know about one item. Applications are matched by typed ids and by file paths, never by
 * title; a media server's own keys are used only within that server. Pure; the caller decides which observations are
 * included.
 */
import type { CatalogItem, EntryPeople, ServerItem, ServerRatings } from "../integrations/Observations.ts"
import type { FactName } from "./Facts.ts"
import type { ItemData, ItemHolder, ItemRequest } from "./Item.ts"
import type { Details, EntryLists } from "./ItemDetails.ts"
import {
  type JoinLookup,
  type OnServer,
  type ReportedRequest,
  sharedKindOf,
  type WatchlistHolder,
  whyUnread
} from "./Join/Lookup.ts"
import { type JoinedPlays, joinPlays } from "./Join/Plays.ts"
import { earlier, later } from "./ViewerTally.ts"
import type { AccountListing, ListName } from "../viewers/Listings.ts"
import { nameKey } from "../viewers/NameKey.ts"
import type { Account } from "../viewers/PersonMatcher.ts"

/** What the other applications know about one item of an integration. */
export const joinItem = (
  lookup: JoinLookup,
  integrationId: string,
  item: CatalogItem
): { readonly data: ItemData; readonly collections: ReadonlyArray<string>; readonly details: Details } => {
  const found = lookup.serverItemsOf(integrationId, item)
  const unread = unreadOf(lookup, item, found)
  const stranger = strangerIn(lookup, integrationId, item, found)
  const isPartOfShow = item.kind === "season" || item.kind === "episode"
  const seasonNumber = isPartOfShow ? (item.facts.seasonNumber ?? null) : null
  const own = found.map((onServer) => ({
    ...onServer,
    season: seasonNumber === null ? undefined : lookup.seasonOf(onServer, seasonNumber)
  }))
  const plays = joinPlays(lookup, item, found, unread)
  const untold = untoldOf(item, own, unread, plays)
  const addedAt = addedAtOf(item, own)
  const favourites = favouritesOf(lookup, own)
  const ratings = ratingsOf(found)
  const studios = unique(found.flatMap(({ item: server }) => server.studios ?? []))
  // A manager may know only the TVDB id of a show while a request contains its TMDB id: a media server has both.
  const ids = unique([...item.ids, ...found.flatMap(({ item: server }) => server.ids)])
  const watchlists = lookup.watchlistsOf(sharedKindOf(item), ids, found)
  const requests = ids.length === 0 ? null : requestsFor(lookup.requestsOf({ ...item, ids }), seasonNumber)
  return {
    details: {
      plays: plays.accounts,
      files: item.contentsSign === undefined ? (item.files ?? []) : null,
      requests: (requests ?? []).map((one) => ({ integrationId: one.integrationId, requestId: one.request.requestId })),
      listings: [
        ...listingsOf(favourites ?? [], "favourites"),
        ...listingsOf(
          (watchlists?.holders ?? []).flatMap(({ account }) => account ?? []),
          "watchlist"
        )
      ],
      entries: { ...peopleOf(found), ...playlistsOf(own) }
    },
    collections: unique([
      ...item.collections,
      ...own.flatMap(({ item: server, season }) => [...server.collections, ...(season?.collections ?? [])])
    ]),
    data: {
      rootFolder: item.rootFolder,
      posterUrl: item.posterUrl,
      catalog: item.facts,
      catalogCollections: item.collections,
      playback: plays.playback,
      requests: requests === null ? null : requestsOf(lookup, requests),
      onServers: own.map(({ integrationId, item: server, season }) => ({
        integrationId,
        serverItemId: (item.kind === "season" ? season?.serverItemId : undefined) ?? server.serverItemId,
        library: server.library,
        ...(server.otherLibraries === undefined ? {} : { otherLibraries: server.otherLibraries })
      })),
      ...(ratings === undefined ? {} : { ratings }),
      ...(studios.length === 0 ? {} : { studios }),
      labels: unique(own.flatMap(({ item: server, season }) => [...server.labels, ...(season?.labels ?? [])])),
      onWatchlist: own.every(({ item: server }) => server.onWatchlist === null)
        ? null
        : own.some(({ item: server, season }) => server.onWatchlist === true || season?.onWatchlist === true),
      ...(favourites === undefined ? {} : { favouritedBy: holdersOf(favourites.map(asHolder)) }),
      ...(watchlists === null ? {} : { watchlistedBy: holdersOf(watchlists.holders) }),
      ...(watchlists?.open === true ? { watchlistsOpen: true } : {}),
      ...(addedAt === undefined ? {} : { addedAt }),
      ...(item.filePath === null || item.filePath === undefined ? {} : { filePath: item.filePath }),
      ...(stranger === null ? {} : { folderHolds: stranger }),
      ...(item.contentsSign === undefined ? {} : { contentsSign: item.contentsSign }),
      ...(untold === undefined ? {} : { untold })
    }
  }
}

/** A movie of a media server in the folder of the item that is another title; `null` = there is none. */
const strangerIn = (
  lookup: JoinLookup,
  integrationId: string,
  item: CatalogItem,
  found: ReadonlyArray<OnServer>
): string | null => {
  const own = new Set([item.title, ...found.map((one) => one.item.title)].map(nameKey))
  const stranger = lookup
    .moviesInFolderOf(integrationId, item)
    .find((one) => !found.includes(one) && !own.has(nameKey(one.item.title)))
  return stranger?.item.title ?? null
}

/** Entries without readable ids that have a title of the item: its own title, or that of a matched entry. */
const unreadOf = (lookup: JoinLookup, item: CatalogItem, found: ReadonlyArray<OnServer>): ReadonlyArray<OnServer> => {
  if (found.length === 0) return found
  const named = found.flatMap(({ item: { title } }) =>
    title === (item.wholeTitle ?? item.title) ? [] : lookup.unreadOf({ ...item, wholeTitle: title })
  )
  const all = [...lookup.unreadOf(item), ...named]
  return all.length === 0 ? all : [...new Set(all)].filter((one) => !found.includes(one))
}

interface Own extends OnServer {
  readonly season: ServerItem | undefined
}

/**
 * When the item was added. A whole was added with its first file: the earliest date that any source reports. A manager
 * also reports the date on which a person put the title on its list, which counts only if no server reports a date for
 * the file. A part has the latest date that is reported for itself: the date of its whole says nothing about it.
 */
const addedAtOf = (item: CatalogItem, own: ReadonlyArray<Own>): string | null | undefined => {
  const { addedAt, fileAddedAt, seasonNumber } = item.facts
  if (item.parentExternalId !== null) {
    // The server's date of a season is that of its first episode.
    const onServers =
      item.kind === "episode" ? [] : own.map(({ item: server, season }) => partOf(server, season, seasonNumber))
    const days = [addedAt, fileAddedAt, ...onServers]
    const known = days.filter((day) => day !== undefined && day !== null)
    return known.length === 0 ? undefined : known.reduce<string | null>(later, null)
  }
  const servers = own.flatMap(({ item: server }) => server.addedAt ?? [])
  const known = [...servers, ...(servers.length === 0 && addedAt !== undefined ? [addedAt] : [])]
  // The date of the newest file of a show says nothing about the first one.
  if (item.kind === "movie" && fileAddedAt !== undefined) known.push(fileAddedAt)
  return known.length === 0 ? addedAt : known.reduce<string | null>(earlier, null)
}

const partOf = (server: ServerItem, season: ServerItem | undefined, seasonNumber: number | null | undefined) =>
  seasonNumber === null || seasonNumber === undefined ? server.addedAt : (season?.addedAt ?? undefined)

/** Over all servers that have determined any. A season has those of its show. */
const peopleOf = (found: ReadonlyArray<OnServer>): Pick<EntryLists, "people"> => {
  const all = found.flatMap(({ item: { people } }) => people ?? [])
  if (all.length === 0) return {}
  const list = (role: keyof EntryPeople) => unique(all.flatMap((people) => people[role]))
  return { people: { actors: list("actors"), directors: list("directors"), writers: list("writers") } }
}

/** Known only if all of its servers have been asked. A season is in those of its own episodes. */
const playlistsOf = (own: ReadonlyArray<Own>): Pick<EntryLists, "playlists"> => {
  const all = own.map(({ item: server, season }) => (server.kind === "show" && season !== undefined ? season : server))
  const read = all.flatMap(({ playlists }) => (playlists === undefined ? [] : [playlists]))
  return all.length === 0 || read.length < all.length ? {} : { playlists: unique(read.flat()) }
}

/** Of the first server that has each. A season has those of its show. */
const ratingsOf = (found: ReadonlyArray<OnServer>): ServerRatings | undefined => {
  const [first, ...others] = found.flatMap(({ item: { ratings } }) => ratings ?? [])
  return others.reduce((one, other) => {
    const known = Object.entries(one ?? {}).filter(([, value]) => value !== null)
    return { ...one, ...other, ...Object.fromEntries(known) }
  }, first)
}

/** Facts that some source left open, with the most actionable reason. */
const untoldOf = (
  item: CatalogItem,
  own: ReadonlyArray<Own>,
  unread: ReadonlyArray<OnServer>,
  plays: JoinedPlays
): ItemData["untold"] => {
  const untold: { [N in FactName]?: string } = { ...item.untold }
  for (const { item: server, season } of own) {
    for (const [name, reason] of [...Object.entries(server.untold ?? {}), ...Object.entries(season?.untold ?? {})]) {
      if (isServerFact(name)) untold[name] ??= reason
    }
  }
  // An entry whose ids cannot be read may be this item; its data may then belong to this item too.
  for (const { item: server } of unread) {
    const reason = `"${server.title}" in the library ${server.library} ${whyUnread(server)}, and may be this one`
    if (server.labels.length > 0) untold.labels ??= reason
    if (server.collections.length > 0) untold.collections ??= reason
    if (server.onWatchlist === true) untold.onWatchlist ??= reason
    if ((server.favouritedBy ?? []).length > 0) untold.favouritedBy ??= reason
    if (own.every(({ item: { library } }) => library !== server.library)) untold.library ??= reason
    for (const [name, why] of Object.entries(server.untold ?? {})) if (isServerFact(name)) untold[name] ??= why
  }
  if (untold.favouritedBy !== undefined) untold.favouriteCount ??= untold.favouritedBy
  const { dateDoubt, doubt, viewerDoubt } = plays
  if (doubt !== null) for (const name of playFacts) untold[name] ??= doubt
  if (dateDoubt !== null) untold.lastPlayedAt ??= dateDoubt
  if (viewerDoubt !== null) for (const name of ["watchedBy", "plays"] as const) untold[name] ??= viewerDoubt
  return Object.keys(untold).length === 0 ? undefined : untold
}

/** The accounts that marked an item, or the whole of a part; `undefined` = none of its servers has favourites. */
const favouritesOf = (lookup: JoinLookup, own: ReadonlyArray<Own>): ReadonlyArray<Account> | undefined => {
  const marks = own.flatMap(({ integrationId, item: server, season }) =>
    [server.favouritedBy, season?.favouritedBy].flatMap((people) =>
      people === undefined ? [] : [people.map((person) => lookup.accountOf(integrationId, person))]
    )
  )
  return marks.length === 0 ? undefined : unique(marks.flat())
}

const asHolder = (account: Account): WatchlistHolder => ({ account, names: account.names })

/** One entry for each person. */
const holdersOf = (holders: ReadonlyArray<WatchlistHolder>): ReadonlyArray<ItemHolder> => {
  const people = unique(holders.map((holder) => holder.account?.person ?? holder))
  return people.map((one) => ({
    names: unique(
      holders.flatMap((holder) => {
        const { account, names } = holder
        if ((account?.person ?? holder) !== one) return []
        return account === undefined ? names : [account.name, ...names, ...account.names, ...account.additions.names]
      })
    )
  }))
}

const listingsOf = (accounts: ReadonlyArray<Account>, list: ListName): ReadonlyArray<AccountListing> =>
  unique(accounts).map(({ integrationId, key }) => ({ integrationId, key, list }))

const playFacts = ["playCount", "lastPlayedAt", "watchedBy", "plays"] as const satisfies ReadonlyArray<FactName>
const serverFacts = [
  ...(["labels", "collections", "addedAt", "onWatchlist", "favouritedBy", "library", "studios"] as const),
  ...(["userRating", "ratingCritics", "ratingAudience", "ratingRottenTomatoesAudience"] as const)
]
const isServerFact = (name: string): name is (typeof serverFacts)[number] => serverFacts.some((fact) => fact === name)

/** The requests for an item; for a season, those that do not name only other seasons. */
const requestsFor = (
  requests: ReadonlyArray<ReportedRequest>,
  seasonNumber: number | null
): ReadonlyArray<ReportedRequest> =>
  seasonNumber === null
    ? requests
    : requests.filter(({ request: { seasons } }) => seasons === null || seasons.includes(seasonNumber))

/** A declined request does not count. A request that failed to be processed still counts. */
const requestsOf = ({ people }: JoinLookup, requests: ReadonlyArray<ReportedRequest>): ReadonlyArray<ItemRequest> =>
  requests
    .filter(({ request }) => request.status !== "declined")
    .map(({ integrationId, request }) => {
      const { ambiguous, names, person } = people.requesterOf(integrationId, request)
      return {
        names,
        at: request.requestedAt,
        status: request.status,
        ...(request.is4k === true ? { is4k: true } : {}),
        ...(request.approvedAt === undefined ? {} : { approvedAt: request.approvedAt }),
        ...(request.approvedBy === undefined ? {} : { approvedBy: request.approvedBy }),
        ...(request.availableAt === undefined ? {} : { availableAt: request.availableAt }),
        ...(ambiguous === undefined ? {} : { ambiguous }),
        ...(person === undefined ? {} : { person })
      }
    })

const unique = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> => (values.length < 2 ? values : [...new Set(values)])
