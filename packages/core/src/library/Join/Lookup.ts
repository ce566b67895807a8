/**
 * What media servers, statistics and request managers told, by what an item is looked up with: typed ids, a server's own
 * keys and lasting ids, the paths of files. A title identifies nothing. It only tells which items a play may belong to
 * that names none, and those are then not known to be unplayed.
 */
import type {
  CatalogItem,
  ItemKind,
  PlaybackEntry,
  RequestEntry,
  ServerItem,
  TypedId
} from "../../integrations/Observations.ts"
import type { Placing } from "../Places.ts"
import { later, nameKey } from "../Viewers.ts"
import { Index } from "./Index.ts"

export interface OnServer {
  readonly integrationId: string
  readonly item: ServerItem
}

/** A piece of what a source tells of the plays on a server. */
interface Told {
  readonly serverId: string
  readonly source: string
  readonly entries: ReadonlyArray<PlaybackEntry>
}

/** A play that cannot be hung on any entry of its server. */
interface LoosePlay {
  readonly entry: PlaybackEntry
  readonly source: string
}

/** How many copies of a title there are: those that are recognisably in 4K, and the others. */
interface Copies {
  all: number
  /** As many as each sign takes for 4K. */
  readonly uhd: Array<number>
}

export class JoinLookup {
  readonly #place: Placing
  readonly #serverItems = new Index<OnServer>()
  readonly #byPath = new Index<OnServer>()
  readonly #byTitle = new Index<OnServer>()
  readonly #seasons = new Index<ServerItem>()
  readonly #byKey = new Index<ServerItem>()
  readonly #byLastingId = new Index<ServerItem>()
  readonly #playback = new Index<PlaybackEntry>()
  readonly #byGuid = new Index<PlaybackEntry>()
  readonly #told: Array<Told> = []
  #loose: Index<LoosePlay> | undefined
  readonly #requests = new Index<RequestEntry>()
  readonly #copies = new Map<string, Copies>()

  /** `place` makes paths of different applications comparable. */
  constructor(place: Placing) {
    this.#place = place
  }

  addServerItems(integrationId: string, items: ReadonlyArray<ServerItem>): void {
    for (const item of items) {
      const { guid, kind, parentServerItemId, seasonNumber, serverItemId } = item
      if (kind === "season") {
        if (parentServerItemId !== null && seasonNumber !== null) {
          this.#seasons.add(integrationId, seasonKey(parentServerItemId, seasonNumber), item)
        }
        continue
      }
      const onServer = { integrationId, item }
      for (const id of item.ids) this.#serverItems.add(kind, id, onServer)
      for (const path of item.paths ?? []) this.#byPath.add(kind, this.#place(integrationId, path), onServer)
      this.#byTitle.add(kind, nameKey(item.title), onServer)
      this.#byKey.add(serverSpace(integrationId, kind), serverItemId, item)
      if (guid !== null && guid !== undefined) this.#byLastingId.add(serverSpace(integrationId, kind), guid, item)
    }
  }

  /** `serverId` is the media server whose keys the entries use; `source` the name of the integration that told them. */
  addPlayback(serverId: string, source: string, entries: ReadonlyArray<PlaybackEntry>): void {
    for (const entry of entries) {
      const space = playbackSpace(serverId, entry.kind, entry.seasonNumber)
      this.#playback.add(space, entry.serverItemId, entry)
      if (entry.guid !== null && entry.guid !== undefined) this.#byGuid.add(space, entry.guid, entry)
    }
    this.#told.push({ serverId, source, entries })
  }

  addRequests(requests: ReadonlyArray<RequestEntry>): void {
    for (const request of requests) for (const id of request.ids) this.#requests.add(request.kind, id, request)
  }

  /** Counts the copies of each title. Needed only where several managers may have one. */
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
   * Finds the plays that hang on no entry, a piece at a turn. What is added later is not among them, so this comes between
   * the last entry of the last server and the first item that is joined.
   */
  *findLoosePlays(): Generator<void> {
    const loose = new Index<LoosePlay>()
    for (const { entries, serverId, source } of this.#told) {
      for (const entry of entries) {
        if (this.#isLoose(serverId, entry)) loose.add(entry.kind, nameKey(entry.title ?? ""), { entry, source })
      }
      yield
    }
    this.#loose = loose
  }

  /** Entries of media servers that are this item: by a shared id, as such a one, or because they have its very file. */
  serverItemsOf(integrationId: string, item: CatalogItem): ReadonlyArray<OnServer> {
    const kind = sharedKindOf(item)
    const found = distinct([
      ...item.ids.flatMap((id) => this.#serverItems.get(kind, id)),
      ...[item.filePath, item.path].flatMap((path) =>
        path === null || path === undefined ? [] : this.#byPath.get(kind, this.#place(integrationId, path))
      )
    ])
    // A server may know it by an id that its manager does not have, and another server by that one alone.
    const further = found.flatMap(({ item: { ids } }) => ids.filter((id) => !item.ids.includes(id)))
    return distinct([...found, ...further.flatMap((id) => this.#serverItems.get(kind, id))])
  }

  /** Entries of that title that no id tells from this item: nobody reads theirs, or they are of other types than its own. */
  unreadOf(item: CatalogItem): ReadonlyArray<OnServer> {
    const types = new Set(item.ids.map(typeOf))
    return this.#byTitle
      .get(sharedKindOf(item), nameKey(titleOfWhole(item)))
      .filter(({ item: { ids, year } }) => sameYear(year, item.year) && !ids.some((id) => types.has(typeOf(id))))
  }

  /** What a server lists of a season of an entry. One that stands there twice is one. */
  seasonOf({ integrationId, item }: OnServer, seasonNumber: number): ServerItem | undefined {
    const listed = this.#seasons.get(integrationId, seasonKey(item.serverItemId, seasonNumber))
    return listed.length < 2 ? listed[0] : listed.reduce(bothEntries)
  }

  /** What all sources tell of one entry of a server: under its key, and under its lasting id if that key was another one. */
  playsOf(
    { integrationId, item }: OnServer,
    kind: ItemKind,
    seasonNumber: number | null
  ): ReadonlyArray<PlaybackEntry> {
    const guid = item.guid ?? null
    const space = playbackSpace(integrationId, kind, seasonNumber)
    const underKey = this.#playback.get(space, item.serverItemId)
    if (guid === null) return underKey
    const underGuid = this.#byGuid.get(space, guid)
    if (underKey.length === 0 && underGuid.length === 0) return underKey
    const byKey = underKey.filter((entry) => !contradicts(entry.guid, guid))
    // One film in two libraries has one lasting id: what was played under the key of the other one is the other one's.
    const byGuid = underGuid.filter((entry) => {
      const other = this.#entryOf(integrationId, item.kind, entry.serverItemId)
      return other === undefined || contradicts(entry.guid, other.guid)
    })
    return distinct([...byKey, ...byGuid])
  }

  /**
   * Plays under the key of an entry that are of another lasting id, and that id is on no entry of the server. Either the
   * key was used again, or the entry was matched anew since.
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

  /** Plays under keys that their server no longer has, or has given to something else, of what bears a title of the item. */
  loosePlaysOf(item: CatalogItem, found: ReadonlyArray<OnServer>): ReadonlyArray<LoosePlay> {
    const loose = this.#loose
    if (loose === undefined) throw new Error("The plays that hang on no entry were not looked for")
    const titles = [titleOfWhole(item), ...found.map(({ item: { title } }) => title)]
    return distinct(titles.map(nameKey))
      .flatMap((key) => loose.get(item.kind, key))
      .filter(
        ({ entry }) =>
          sameYear(entry.year, item.year) &&
          (item.kind !== "season" ||
            entry.seasonNumber === null ||
            entry.seasonNumber === (item.facts.seasonNumber ?? null))
      )
  }

  requestsOf(item: CatalogItem): ReadonlyArray<RequestEntry> {
    const kind = sharedKindOf(item)
    return distinct(item.ids.flatMap((id) => this.#requests.get(kind, id))).filter((request) =>
      this.#isForCopy(request, item)
    )
  }

  #entryOf(integrationId: string, kind: ItemKind, key: string): ServerItem | undefined {
    return this.#byKey.get(serverSpace(integrationId, kind), key).at(-1)
  }

  #isLoose(serverId: string, entry: PlaybackEntry): boolean {
    const { guid, title } = entry
    if (title === null || title === undefined) return false
    const kind = entry.kind === "season" ? "show" : entry.kind
    if (guid !== null && guid !== undefined && this.#byLastingId.has(serverSpace(serverId, kind), guid)) return false
    const known = this.#entryOf(serverId, kind, entry.serverItemId)
    if (known === undefined || contradicts(guid, known.guid)) return true
    // A key without a lasting id may have been used again: then the title is another one.
    return (guid === null || guid === undefined) && nameKey(known.title) !== nameKey(title)
  }

  /** A request for 4K is for the copy in 4K, and another one for the usual copy, where there are both to tell apart. */
  #isForCopy(request: RequestEntry, item: CatalogItem): boolean {
    const copies = item.ids.flatMap((id) => this.#copies.get(copyKey(item, id)) ?? [])
    const telling = uhdSigns.filter((_, index) => copies.some(({ all, uhd }) => uhd[index]! > 0 && uhd[index]! < all))
    // Where the signs contradict each other, it may be the one copy or the other.
    return telling.length === 0 || telling.some((isUhd) => (request.is4k === true) === isUhd(item))
  }
}

/** Why no id tells whether an entry is an item of its title. */
export const whyUnread = ({ ids }: ServerItem): string =>
  ids.length === 0 ? "carries no id that is read" : "carries no id of a kind that its manager knows"

/** Seasons carry the ids of their show. */
export const sharedKindOf = (item: CatalogItem): ItemKind => (item.kind === "season" ? "show" : item.kind)

const namesUhd = (text: string | null | undefined): boolean =>
  /(2160p?|4k|uhd|ultra[- ]?hd)(?![a-z0-9])/i.test(text ?? "")

/**
 * What tells the copy in 4K from the other: the picture, the quality profile, the folder. A manager for 4K may have nothing
 * better than another copy as yet.
 */
const uhdSigns: ReadonlyArray<(item: CatalogItem) => boolean> = [
  ({ facts }) =>
    facts.resolution === null || facts.resolution === undefined
      ? namesUhd(facts.qualityProfile)
      : facts.resolution === "2160p",
  ({ facts }) => namesUhd(facts.qualityProfile),
  ({ path }) => namesUhd(path)
]

/** `tmdb-movie` of `tmdb-movie:603`. */
const typeOf = (id: TypedId): string => id.slice(0, id.indexOf(":"))

const bothEntries = (one: ServerItem, other: ServerItem): ServerItem => {
  const plays = bothPlays(one.ownPlays, other.ownPlays)
  return {
    ...one,
    addedAt: later(one.addedAt, other.addedAt),
    labels: [...one.labels, ...other.labels],
    collections: [...one.collections, ...other.collections],
    onWatchlist: one.onWatchlist === null ? other.onWatchlist : one.onWatchlist || other.onWatchlist === true,
    ...(plays === undefined ? {} : { ownPlays: plays }),
    untold: { ...other.untold, ...one.untold }
  }
}

/** The counters of two entries were counted apart. */
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

/** Years that are told and differ by more than a festival's year are two works. */
const sameYear = (one: number | null | undefined, other: number | null): boolean =>
  one === null || one === undefined || other === null || Math.abs(one - other) <= 1

/** The title that a media server knows: of a season that of its show. */
const titleOfWhole = (item: CatalogItem): string => item.wholeTitle ?? item.title

const copyKey = (item: CatalogItem, id: TypedId) => `${item.kind}|${item.facts.seasonNumber ?? ""}|${id}`
const serverSpace = (integrationId: string, kind: ItemKind) => `${integrationId}|${kind}`
const seasonKey = (show: string, season: number) => `${season}|${show}`
const playbackSpace = (integrationId: string, kind: ItemKind, season: number | null) =>
  `${integrationId}|${kind}|${season ?? ""}`

const distinct = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> => (values.length < 2 ? values : [...new Set(values)])
