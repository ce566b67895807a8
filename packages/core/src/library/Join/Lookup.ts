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
import { nameKey } from "../Viewers.ts"

export interface OnServer {
  readonly integrationId: string
  readonly item: ServerItem
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
  readonly #serverItems = new Map<string, Array<OnServer>>()
  readonly #byPath = new Map<string, Array<OnServer>>()
  /** Entries whose ids nobody reads, by title. */
  readonly #unread = new Map<string, Array<OnServer>>()
  readonly #seasons = new Map<string, ServerItem>()
  /** The lasting id of each key; `null` = the server tells none. */
  readonly #guids = new Map<string, { readonly guid: string | null; readonly title: string }>()
  readonly #keysByGuid = new Set<string>()
  readonly #playback = new Map<string, Array<PlaybackEntry>>()
  readonly #byGuid = new Map<string, Array<PlaybackEntry>>()
  readonly #told: Array<{ readonly serverId: string; readonly source: string; readonly entry: PlaybackEntry }> = []
  #loose: Map<string, Array<LoosePlay>> | undefined
  readonly #requests = new Map<string, Array<RequestEntry>>()
  readonly #copies = new Map<string, Copies>()

  /** `place` makes paths of different applications comparable. */
  constructor(place: Placing) {
    this.#place = place
  }

  addServerItems(integrationId: string, items: ReadonlyArray<ServerItem>): void {
    for (const item of items) {
      if (item.kind === "season") {
        if (item.parentServerItemId !== null && item.seasonNumber !== null) {
          this.#seasons.set(seasonKey(integrationId, item.parentServerItemId, item.seasonNumber), item)
        }
        continue
      }
      const onServer = { integrationId, item }
      for (const id of item.ids) push(this.#serverItems, idKey(item.kind, id), onServer)
      for (const path of item.paths ?? [])
        push(this.#byPath, placeKey(item.kind, this.#place(integrationId, path)), onServer)
      if (item.ids.length === 0) push(this.#unread, titleKey(item.kind, item.title), onServer)
      const guid = item.guid ?? null
      this.#guids.set(serverKey(integrationId, item.kind, item.serverItemId), { guid, title: item.title })
      if (guid !== null) this.#keysByGuid.add(serverKey(integrationId, item.kind, guid))
    }
  }

  /** `serverId` is the media server whose keys the entries use; `source` the name of the integration that told them. */
  addPlayback(serverId: string, source: string, entries: ReadonlyArray<PlaybackEntry>): void {
    for (const entry of entries) {
      push(this.#playback, playbackKey(serverId, entry.kind, entry.serverItemId, entry.seasonNumber), entry)
      if (entry.guid !== null && entry.guid !== undefined) {
        push(this.#byGuid, playbackKey(serverId, entry.kind, entry.guid, entry.seasonNumber), entry)
      }
      if (entry.title !== null && entry.title !== undefined) this.#told.push({ serverId, source, entry })
    }
  }

  addRequests(requests: ReadonlyArray<RequestEntry>): void {
    for (const request of requests) for (const id of request.ids) push(this.#requests, idKey(request.kind, id), request)
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

  /** Entries of media servers that are this item: by a shared id, or because they have its very file. */
  serverItemsOf(integrationId: string, item: CatalogItem): ReadonlyArray<OnServer> {
    const kind = sharedKindOf(item)
    return distinct([
      ...item.ids.flatMap((id) => this.#serverItems.get(idKey(kind, id)) ?? []),
      ...[item.filePath, item.path].flatMap((path) =>
        path === null || path === undefined
          ? []
          : (this.#byPath.get(placeKey(kind, this.#place(integrationId, path))) ?? [])
      )
    ])
  }

  /** Entries of that title whose ids nobody reads: they may be this item. */
  unreadOf(item: CatalogItem): ReadonlyArray<OnServer> {
    return (this.#unread.get(titleKey(sharedKindOf(item), titleOfWhole(item))) ?? []).filter(({ item: { year } }) =>
      sameYear(year, item.year)
    )
  }

  seasonOf({ integrationId, item }: OnServer, seasonNumber: number): ServerItem | undefined {
    return this.#seasons.get(seasonKey(integrationId, item.serverItemId, seasonNumber))
  }

  /** What all sources tell of one entry of a server: under its key, and under its lasting id if that key was another one. */
  playsOf(
    { integrationId, item }: OnServer,
    kind: ItemKind,
    seasonNumber: number | null
  ): ReadonlyArray<PlaybackEntry> {
    const guid = item.guid ?? null
    const underKey = this.#playback.get(playbackKey(integrationId, kind, item.serverItemId, seasonNumber)) ?? []
    if (guid === null) return underKey
    const underGuid = this.#byGuid.get(playbackKey(integrationId, kind, guid, seasonNumber)) ?? []
    if (underKey.length === 0 && underGuid.length === 0) return underKey
    const byKey = underKey.filter((entry) => !contradicts(entry.guid, guid))
    // One film in two libraries has one lasting id: what was played under the key of the other one is the other one's.
    const byGuid = underGuid.filter((entry) => {
      const other = this.#guids.get(serverKey(integrationId, item.kind, entry.serverItemId))
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
    return (this.#playback.get(playbackKey(integrationId, kind, item.serverItemId, seasonNumber)) ?? []).filter(
      (entry) =>
        contradicts(entry.guid, guid) && !this.#keysByGuid.has(serverKey(integrationId, item.kind, entry.guid ?? ""))
    )
  }

  /** Plays under keys that their server no longer has, or has given to something else, of what bears a title of the item. */
  loosePlaysOf(item: CatalogItem, found: ReadonlyArray<OnServer>): ReadonlyArray<LoosePlay> {
    this.#loose ??= this.#findLoose()
    if (this.#loose.size === 0) return []
    const titles = [titleOfWhole(item), ...found.map(({ item: { title } }) => title)]
    const keys = distinct(titles.map((title) => titleKey(item.kind, title)))
    return keys
      .flatMap((key) => this.#loose?.get(key) ?? [])
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
    return distinct(item.ids.flatMap((id) => this.#requests.get(idKey(kind, id)) ?? [])).filter((request) =>
      this.#isForCopy(request, item)
    )
  }

  #findLoose(): Map<string, Array<LoosePlay>> {
    const loose = new Map<string, Array<LoosePlay>>()
    for (const { entry, serverId, source } of this.#told) {
      const shared = entry.kind === "season" ? "show" : entry.kind
      const known = this.#guids.get(serverKey(serverId, shared, entry.serverItemId))
      const guid = entry.guid ?? null
      const byGuid = guid !== null && this.#keysByGuid.has(serverKey(serverId, shared, guid))
      const byKey = known !== undefined && !contradicts(guid, known.guid)
      // A key without a lasting id may have been used again: then the title is another one.
      const doubtful = byKey && guid === null && nameKey(known.title) !== nameKey(entry.title ?? "")
      if (byGuid || (byKey && !doubtful)) continue
      push(loose, titleKey(entry.kind, entry.title ?? ""), { entry, source })
    }
    return loose
  }

  /** A request for 4K is for the copy in 4K, and another one for the usual copy, where there are both to tell apart. */
  #isForCopy(request: RequestEntry, item: CatalogItem): boolean {
    const copies = item.ids.flatMap((id) => this.#copies.get(copyKey(item, id)) ?? [])
    const isUhd = uhdSigns.find((_, index) => copies.some(({ all, uhd }) => uhd[index]! > 0 && uhd[index]! < all))
    return isUhd === undefined || (request.is4k === true) === isUhd(item)
  }
}

/** Seasons carry the ids of their show. */
export const sharedKindOf = (item: CatalogItem): ItemKind => (item.kind === "season" ? "show" : item.kind)

const namesUhd = (text: string | null | undefined): boolean =>
  /(2160p?|4k|uhd|ultra[- ]?hd)(?![a-z0-9])/i.test(text ?? "")

/**
 * What tells the copy in 4K from the other, the surest first: the picture, the quality profile, the folder. A manager for
 * 4K may have nothing better than another copy as yet.
 */
const uhdSigns: ReadonlyArray<(item: CatalogItem) => boolean> = [
  ({ facts }) =>
    facts.resolution === null || facts.resolution === undefined
      ? namesUhd(facts.qualityProfile)
      : facts.resolution === "2160p",
  ({ facts }) => namesUhd(facts.qualityProfile),
  ({ path }) => namesUhd(path)
]

const contradicts = (one: string | null | undefined, other: string | null): boolean =>
  one !== null && one !== undefined && other !== null && one !== other

/** Years that are told and differ by more than a festival's year are two works. */
const sameYear = (one: number | null | undefined, other: number | null): boolean =>
  one === null || one === undefined || other === null || Math.abs(one - other) <= 1

/** The title that a media server knows: of a season that of its show. */
const titleOfWhole = (item: CatalogItem): string => item.wholeTitle ?? item.title

const titleKey = (kind: ItemKind, title: string) => `${kind}|${nameKey(title)}`
const placeKey = (kind: ItemKind, place: string) => `${kind}|${place}`
const idKey = (kind: ItemKind, id: TypedId) => `${kind}|${id}`
const copyKey = (item: CatalogItem, id: TypedId) => `${item.kind}|${item.facts.seasonNumber ?? ""}|${id}`
const serverKey = (integrationId: string, kind: ItemKind, key: string) => `${integrationId}|${kind}|${key}`
const seasonKey = (integrationId: string, show: string, season: number) => `${integrationId}|${show}|${season}`
const playbackKey = (integrationId: string, kind: ItemKind, key: string, season: number | null) =>
  `${integrationId}|${kind}|${key}|${season ?? ""}`

const distinct = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> => (values.length < 2 ? values : [...new Set(values)])

const push = <A>(map: Map<string, Array<A>>, key: string, value: A) => {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
