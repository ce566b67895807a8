/**
 * Data of media servers, statistics applications and request managers, indexed by the identifiers of items: typed ids,
 * a server's own keys and lasting ids, file paths. A title identifies nothing. It only determines which items a play without
 * an identifier may belong to; these items then do not count as unplayed.
 */
import type {
  CatalogItem,
  ItemKind,
  PersonObservation,
  PlaybackEntry,
  RequestEntry,
  ServerItem,
  TypedId,
  ViewerObservation,
  WatchlistEntry
} from "../../integrations/Observations.ts"
import type { FormerPlays } from "../FormerPlays.ts"
import type { Placing } from "../Places.ts"
import { type Account, PersonMatcher } from "../../viewers/PersonMatcher.ts"
import { nameKey } from "../../viewers/NameKey.ts"
import { uhdSigns } from "../UhdCopies.ts"
import { later } from "../ViewerTally.ts"
import { Index } from "./Index.ts"
import { ListedTitles } from "./ListedTitles.ts"

export interface OnServer {
  readonly integrationId: string
  readonly item: ServerItem
}

/** A part of what a source reports about the plays on a server. */
interface PlaybackReading {
  readonly serverId: string
  readonly source: string
  readonly entries: ReadonlyArray<PlaybackEntry>
}

/** Plays as one source reports them. */
export type ReportedPlays = PlaybackEntry & { readonly source: string }

/** Plays that a former server reported. */
export interface FormerEntry {
  readonly serverId: string
  readonly plays: ReportedPlays
}

/** A request in one application. */
export interface ReportedRequest {
  readonly integrationId: string
  readonly request: RequestEntry
}

export interface WatchlistHolder {
  /** `undefined` = the application reports only names. */
  readonly account: Account | undefined
  readonly names: ReadonlyArray<string>
}

const personOn = ({ holder, holderNames }: WatchlistEntry): Pick<RequestEntry, "requester" | "requesterNames"> => ({
  requesterNames: holderNames,
  ...(holder === undefined ? {} : { requester: holder })
})

/** The holder of a title that is listed by the key of a media server, who is an account of that server. */
const accountOn = ({ holder, holderNames, serverItemId }: WatchlistEntry): PersonObservation | null => {
  const [name = holder?.id] = holderNames
  return serverItemId === undefined || holder === undefined || name === undefined ? null : { name, account: holder }
}

/** A play that cannot be attached to any entry of its server. */
interface LoosePlay {
  readonly entry: PlaybackEntry
  readonly source: string
}

/** Number of copies of a title: those recognised as 4K, and the others. */
interface Copies {
  all: number
  /** The number of 4K copies according to each sign. */
  readonly uhd: Array<number>
}

export class JoinLookup {
  readonly #place: Placing
  readonly #serverItems = new Index<OnServer>()
  readonly #byPath = new Index<OnServer>()
  readonly #inFolders = new Index<OnServer>()
  readonly #byTitle = new Index<OnServer>()
  readonly #seasons = new Index<ServerItem>()
  readonly #byKey = new Index<ServerItem>()
  readonly #byLastingId = new Index<ServerItem>()
  readonly #playback = new Index<ReportedPlays>()
  readonly #byGuid = new Index<ReportedPlays>()
  readonly #former = new Index<FormerEntry>()
  #hasFormer = false
  readonly #playbackReadings: Array<PlaybackReading> = []
  #loose: Index<LoosePlay> | undefined
  readonly #requests = new Index<ReportedRequest>()
  readonly #watchlists = new ListedTitles()
  readonly #copies = new Map<string, Copies>()
  /** Everybody who plays or requests something. Complete once all readings were added. */
  readonly people: PersonMatcher

  /** `place` makes paths of different applications comparable. */
  constructor(place: Placing, people = new PersonMatcher()) {
    this.#place = place
    this.people = people
  }

  addServerItems(integrationId: string, items: ReadonlyArray<ServerItem>): void {
    for (const item of items) {
      const { favouritedBy, guid, kind, ownPlays, parentServerItemId, seasonNumber, serverItemId } = item
      for (const person of favouritedBy ?? []) this.people.add(integrationId, person)
      if (ownPlays !== undefined && isNamed(ownPlays)) this.people.add(integrationId, ownPlays)
      if (kind === "season") {
        if (parentServerItemId !== null && seasonNumber !== null) {
          this.#seasons.add(integrationId, seasonKey(parentServerItemId, seasonNumber), item)
        }
        continue
      }
      const onServer = { integrationId, item }
      for (const id of item.ids) this.#serverItems.add(kind, id, onServer)
      for (const path of item.paths ?? []) {
        const placed = this.#place(integrationId, path)
        this.#byPath.add(kind, placed, onServer)
        if (kind === "movie") for (const folder of nearestFolders(placed)) this.#inFolders.add(kind, folder, onServer)
      }
      this.#byTitle.add(kind, nameKey(item.title), onServer)
      this.#byKey.add(serverSpace(integrationId, kind), serverItemId, item)
      if (guid !== null && guid !== undefined) this.#byLastingId.add(serverSpace(integrationId, kind), guid, item)
    }
  }

  /**
   * `serverId` is the media server whose keys the entries use; `source` is the name of the integration that reported
   * them.
   */
  addPlayback(serverId: string, source: string, entries: ReadonlyArray<PlaybackEntry>): void {
    for (const one of entries) {
      const entry = { ...one, source }
      const space = playbackSpace(serverId, entry.kind, entry.seasonNumber)
      this.#playback.add(space, entry.serverItemId, entry)
      if (entry.guid !== null && entry.guid !== undefined) this.#byGuid.add(space, entry.guid, entry)
      for (const viewer of entry.users) this.people.add(serverId, viewer)
    }
    this.#playbackReadings.push({ serverId, source, entries })
  }

  /** Plays of a server that another one has replaced. */
  addFormerPlays({ entry, ids, serverId, source }: FormerPlays): void {
    this.#hasFormer = true
    const former = { serverId, plays: { ...entry, source } }
    for (const id of ids) this.#former.add(formerSpace(entry.kind, entry.seasonNumber), id, former)
    for (const viewer of entry.users) this.people.add(serverId, viewer)
  }

  /** Those of an item, by its ids and by those of its entries on servers. */
  formerPlaysOf(
    item: CatalogItem,
    found: ReadonlyArray<OnServer>,
    seasonNumber: number | null
  ): ReadonlyArray<FormerEntry> {
    if (!this.#hasFormer) return noFormer
    const space = formerSpace(item.kind, seasonNumber)
    const ids = distinct([...item.ids, ...found.flatMap(({ item: server }) => server.ids)])
    return distinct(ids.flatMap((id) => this.#former.get(space, id)))
  }

  /** `integrationId` is the application that has the requests. */
  addRequests(requests: ReadonlyArray<RequestEntry>, integrationId = ""): void {
    for (const request of requests) {
      const reported = { integrationId, request }
      for (const id of request.ids) this.#requests.add(request.kind, id, reported)
      this.people.addRequester(integrationId, request)
    }
  }

  /** As `ListedTitles.add`. */
  addWatchlists(entries: ReadonlyArray<WatchlistEntry>, integrationId: string, serverId?: string): void {
    for (const entry of entries) {
      const account = serverId === undefined ? null : accountOn(entry)
      if (account !== null && serverId !== undefined) this.people.add(serverId, account)
      else this.people.addRequester(integrationId, personOn(entry))
    }
    this.#watchlists.add(entries, integrationId, serverId)
  }

  /** Counts the copies of each title. Needed only if several managers may have the same title. */
  addCopies(items: ReadonlyArray<CatalogItem>): void {
    for (const item of items) {
      for (const id of item.ids) {
        const key = copyKey(item, id)
        const copies = this.#copies.get(key) ?? { all: 0, uhd: uhdSigns.map(() => 0) }
        copies.all++
        for (const [index, isUhd] of uhdSigns.entries()) if (isUhd(item)) copies.uhd[index]!++
        this.#copies.set(key, copies)
      }
    }
  }

  /**
   * Finds the plays that belong to no entry, in batches. Entries that are added later are not considered, so call it
   * after the last entry of the last server, and before the first item is joined.
   */
  *findLoosePlays(): Generator<void> {
    const loose = new Index<LoosePlay>()
    for (const { entries, serverId, source } of this.#playbackReadings) {
      for (const entry of entries) {
        if (this.#isLoose(serverId, entry)) loose.add(entry.kind, nameKey(entry.title ?? ""), { entry, source })
      }
      yield
    }
    this.#loose = loose
  }

  /** Entries of media servers that are this item: by a shared id of its kind, or because they have the same file. */
  serverItemsOf(integrationId: string, item: CatalogItem): ReadonlyArray<OnServer> {
    const kind = sharedKindOf(item)
    const found = distinct([
      ...item.ids.flatMap((id) => this.#serverItems.get(kind, id)),
      ...[item.filePath, item.path].flatMap((path) =>
        path === null || path === undefined ? [] : this.#byPath.get(kind, this.#place(integrationId, path))
      )
    ])
    // A server may know it by an id that its manager does not have, and another server only by that id.
    const further = found.flatMap(({ item: { ids } }) => ids.filter((id) => !item.ids.includes(id)))
    return distinct([...found, ...further.flatMap((id) => this.#serverItems.get(kind, id))])
  }

  /** Movies of media servers with a file in the folder of this item, which is deleted with it; its own entries too. */
  moviesInFolderOf(integrationId: string, { kind, path }: CatalogItem): ReadonlyArray<OnServer> {
    if (path === null || (kind !== "movie" && kind !== "show")) return []
    return this.#inFolders.get("movie", this.#place(integrationId, path))
  }

  /**
   * Entries with its title that no id distinguishes from this item: their ids cannot be read, or have other types than
   * those of the item.
   */
  unreadOf(item: CatalogItem): ReadonlyArray<OnServer> {
    const types = new Set(item.ids.map(typeOf))
    return this.#byTitle
      .get(sharedKindOf(item), nameKey(titleOfWhole(item)))
      .filter(({ item: { ids, year } }) => sameYear(year, item.year) && !ids.some((id) => types.has(typeOf(id))))
  }

  /** The entry of a season of this entry's show. Duplicates are combined. */
  seasonOf({ integrationId, item }: OnServer, seasonNumber: number): ServerItem | undefined {
    const listed = this.#seasons.get(integrationId, seasonKey(item.serverItemId, seasonNumber))
    return listed.length < 2 ? listed[0] : listed.reduce(bothEntries)
  }

  /**
   * Everything that all sources report about one entry of a server: under its key, and under its lasting id if the key
   * was a different one. For an episode, this is all that they report about the episodes of its season.
   */
  playsOf(
    { integrationId, item }: OnServer,
    kind: ItemKind,
    seasonNumber: number | null
  ): ReadonlyArray<ReportedPlays> {
    const guid = item.guid ?? null
    const space = playbackSpace(integrationId, kind, seasonNumber)
    const underKey = this.#playback.get(space, item.serverItemId)
    if (guid === null) return underKey
    const underGuid = this.#byGuid.get(space, guid)
    if (underKey.length === 0 && underGuid.length === 0) return underKey
    const byKey = underKey.filter((entry) => !contradicts(entry.guid, guid))
    // A movie in two libraries has one lasting id: plays under the key of the other entry belong to that entry.
    const byGuid = underGuid.filter((entry) => {
      const other = this.#entryOf(integrationId, item.kind, entry.serverItemId)
      return other === undefined || contradicts(entry.guid, other.guid)
    })
    return distinct([...byKey, ...byGuid])
  }

  /**
   * Plays under the key of an entry that have another lasting id, which no entry of the server has. Either the key was
   * reused, or the entry has since been matched again.
   */
  contradictedOf(
    { integrationId, item }: OnServer,
    kind: ItemKind,
    seasonNumber: number | null
  ): ReadonlyArray<PlaybackEntry> {
    const guid = item.guid ?? null
    if (guid === null) return []
    const space = serverSpace(integrationId, item.kind)
    return this.#playback
      .get(playbackSpace(integrationId, kind, seasonNumber), item.serverItemId)
      .filter((entry) => contradicts(entry.guid, guid) && !this.#byLastingId.has(space, entry.guid ?? ""))
  }

  /** Plays with a title of the item under keys that their server no longer has, or has reassigned. */
  loosePlaysOf(item: CatalogItem, found: ReadonlyArray<OnServer>): ReadonlyArray<LoosePlay> {
    const loose = this.#loose
    if (loose === undefined) throw new Error("Plays without an entry have not been collected")
    const titles = [titleOfWhole(item), ...found.map(({ item: { title } }) => title)]
    return distinct(titles.map(nameKey))
      .flatMap((key) => loose.get(item.kind, key))
      .filter(
        ({ entry }) =>
          sameYear(entry.year, item.year) &&
          (!isPart(item.kind) ||
            entry.seasonNumber === null ||
            entry.seasonNumber === (item.facts.seasonNumber ?? null)) &&
          (item.kind !== "episode" ||
            (entry.episodeNumber ?? null) === null ||
            entry.episodeNumber === item.facts.episodeNumber)
      )
  }

  requestsOf(item: CatalogItem): ReadonlyArray<ReportedRequest> {
    const kind = sharedKindOf(item)
    return distinct(item.ids.flatMap((id) => this.#requests.get(kind, id))).filter(({ request }) =>
      this.#isForCopy(request, item)
    )
  }

  /** Who has a title on their watchlist, by ids that a server knows too, and by its entries. As `ListedTitles.of`. */
  watchlistsOf(
    kind: ItemKind,
    ids: ReadonlyArray<TypedId>,
    found: ReadonlyArray<OnServer>
  ): { readonly holders: ReadonlyArray<WatchlistHolder>; readonly open: boolean } | null {
    const listed = this.#watchlists.of(kind, ids, found)
    if (listed === null) return null
    const holders = listed.listings.map(({ entry, integrationId, serverId }) => {
      const own = accountOn(entry)
      const account =
        own === null || serverId === undefined
          ? this.people.requesterAccount(integrationId, personOn(entry))
          : this.people.accountOf(serverId, own)
      return { account, names: entry.holderNames }
    })
    return { holders, open: listed.open }
  }

  /** The account on a server to which plays or favourites belong. */
  accountOf(serverId: string, viewer: PersonObservation): Account {
    return this.people.accountOf(serverId, viewer)
  }

  #entryOf(integrationId: string, kind: ItemKind, key: string): ServerItem | undefined {
    return this.#byKey.get(serverSpace(integrationId, kind), key).at(-1)
  }

  #isLoose(serverId: string, entry: PlaybackEntry): boolean {
    const { guid, title } = entry
    if (title === null || title === undefined) return false
    const kind = isPart(entry.kind) ? "show" : entry.kind
    if (guid !== null && guid !== undefined && this.#byLastingId.has(serverSpace(serverId, kind), guid)) return false
    const known = this.#entryOf(serverId, kind, entry.serverItemId)
    if (known === undefined || contradicts(guid, known.guid)) return true
    // A key without a lasting id may have been reused: then the title differs.
    return (guid === null || guid === undefined) && nameKey(known.title) !== nameKey(title)
  }

  /**
   * If a title has both a 4K copy and a usual one, a request for 4K is for the former, and any other request for the
   * latter.
   */
  #isForCopy(request: RequestEntry, item: CatalogItem): boolean {
    const copies = item.ids.flatMap((id) => this.#copies.get(copyKey(item, id)) ?? [])
    const differing = uhdSigns.filter((_, index) => copies.some(({ all, uhd }) => uhd[index]! > 0 && uhd[index]! < all))
    // If the signs contradict each other, it may be for either copy.
    return differing.length === 0 || differing.some((isUhd) => (request.is4k === true) === isUhd(item))
  }
}

/** Why no id shows whether an entry is the item with its title. */
export const whyUnread = ({ ids }: ServerItem): string =>
  ids.length === 0 ? "has no readable id" : "has no id of a type that its manager knows"

/** Whether plays that an entry records itself contain whose they are. */
export const isNamed = (plays: NonNullable<ServerItem["ownPlays"]>): plays is ViewerObservation => plays.name !== null

/** Seasons and episodes have the ids of their show. */
export const sharedKindOf = (item: CatalogItem): ItemKind => (isPart(item.kind) ? "show" : item.kind)

/** The folder of a file and the one above it: that of a version, a disc or a cut is in the folder of its title. */
const nearestFolders = (placed: string): ReadonlyArray<string> => {
  const folder = placed.slice(0, Math.max(0, placed.lastIndexOf("/")))
  const above = folder.slice(0, Math.max(0, folder.lastIndexOf("/")))
  return [folder, above].filter((one) => one !== "")
}

const isPart = (kind: ItemKind): boolean => kind === "season" || kind === "episode"

const noFormer: ReadonlyArray<FormerEntry> = []

const formerSpace = (kind: ItemKind, seasonNumber: number | null): string => `${kind} ${seasonNumber ?? ""}`

/** `tmdb-movie` for `tmdb-movie:603`. */
const typeOf = (id: TypedId): string => id.slice(0, id.indexOf(":"))

const bothEntries = (one: ServerItem, other: ServerItem): ServerItem => {
  const plays = bothPlays(one.ownPlays, other.ownPlays)
  return {
    ...one,
    addedAt: later(one.addedAt, other.addedAt),
    labels: [...one.labels, ...other.labels],
    collections: [...one.collections, ...other.collections],
    onWatchlist: one.onWatchlist === null ? other.onWatchlist : one.onWatchlist || other.onWatchlist === true,
    ...(one.favouritedBy === undefined && other.favouritedBy === undefined
      ? {}
      : { favouritedBy: [...(one.favouritedBy ?? []), ...(other.favouritedBy ?? [])] }),
    ...(plays === undefined ? {} : { ownPlays: plays }),
    untold: { ...other.untold, ...one.untold }
  }
}

/** The counters of two entries are independent. */
const bothPlays = (one: ServerItem["ownPlays"], other: ServerItem["ownPlays"]): ServerItem["ownPlays"] =>
  one === undefined || other === undefined
    ? (one ?? other)
    : {
        ...one,
        plays: one.plays + other.plays,
        lastPlayedAt: later(one.lastPlayedAt, other.lastPlayedAt),
        ...(one.undated === true || other.undated === true ? { undated: true } : {})
      }

const contradicts = (one: string | null | undefined, other: string | null | undefined): boolean =>
  one !== null && one !== undefined && other !== null && other !== undefined && one !== other

/** If both years are known and differ by more than one (a festival release), these are two works. */
const sameYear = (one: number | null | undefined, other: number | null): boolean =>
  one === null || one === undefined || other === null || Math.abs(one - other) <= 1

/** The title that a media server uses: for a season, that of its show. */
const titleOfWhole = (item: CatalogItem): string => item.wholeTitle ?? item.title

const copyKey = (item: CatalogItem, id: TypedId) =>
  `${item.kind}|${item.facts.seasonNumber ?? ""}|${item.facts.episodeNumber ?? ""}|${id}`
const serverSpace = (integrationId: string, kind: ItemKind) => `${integrationId}|${kind}`
const seasonKey = (show: string, season: number) => `${season}|${show}`
const playbackSpace = (integrationId: string, kind: ItemKind, season: number | null) =>
  `${integrationId}|${kind}|${season ?? ""}`

const distinct = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> => (values.length < 2 ? values : [...new Set(values)])
