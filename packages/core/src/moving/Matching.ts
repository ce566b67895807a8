/**
 * Finds the items here that records of another product are about: by typed ids, or by the key of the same media server;
 * never by titles.
 */
import type { Integration } from "../integrations/Integration.ts"
import { isWholeKind } from "../integrations/Observations.ts"
import type { LibraryItem } from "../library/Item.ts"
import type { Snapshot } from "../library/Snapshots.ts"
import type { FoundItem, FoundSample } from "./Found.ts"
import type { MoveInSummary } from "./MoveIn.ts"

export interface Match {
  readonly items: ReadonlyArray<LibraryItem>
  /** A typed id, or `key 123 of Plex`. */
  readonly by: string
}

export interface Matching {
  readonly mediaServer: MoveInSummary["mediaServer"]
  /** Why an item is not found is the second one: a sentence without a subject. */
  readonly find: (item: FoundItem) => Match | string
  /** The title of a library by its key on the media server; `null` = not known. */
  readonly titleOf: (libraryKey: string) => string | null
}

export interface MatchingOptions {
  readonly samples: ReadonlyArray<FoundSample>
  readonly snapshot: Snapshot
  readonly integrations: ReadonlyArray<Integration>
  /** The media server and the libraries that a person has chosen. */
  readonly mediaServerId?: string
  readonly libraries: ReadonlyMap<string, string>
}

export const matchingOf = (options: MatchingOptions): Matching => {
  const { integrations, libraries, mediaServerId, samples, snapshot } = options
  const byId = indexOf(snapshot.items)
  const mediaServer = serverOf(samples, byId, integrations, mediaServerId)
  const byKey = new Map<string, Array<LibraryItem>>()
  for (const item of snapshot.items) {
    for (const { integrationId, serverItemId } of item.data.onServers) {
      if (integrationId === mediaServer?.integrationId) addTo(byKey, serverItemId, item)
    }
  }
  const known = new Map([...librariesOf(samples, byId, mediaServer?.integrationId ?? null), ...libraries])

  const find = (found: FoundItem): Match | string => {
    const { ids, kind, parentServerItemId, serverItemId } = found
    if (kind !== null) {
      for (const id of ids) {
        const items = (byId.get(id) ?? []).filter((item) => item.kind === kind)
        if (items.length > 0) return { items, by: id }
      }
    }
    if (mediaServer === null) {
      return ids.length > 0
        ? `nothing in the library has the id ${ids.join(" or ")}`
        : "it has no id that applications share, and it is not known which media server it is about: choose it"
    }
    const at = (key: string | null) => (key === null ? [] : (byKey.get(key) ?? []))
    // A part that is no item here, as an episode is not, is kept with its whole.
    const items = at(serverItemId).filter((item) => kind === null || item.kind === kind)
    const whole =
      items.length > 0 || kind !== null ? [] : at(parentServerItemId).filter((item) => isWholeKind(item.kind))
    const fitting = [...items, ...whole].filter((item) => !contradicts(item, ids))
    if (fitting.length > 0)
      return {
        items: fitting,
        by: `key ${items.length > 0 ? serverItemId : parentServerItemId} of ${mediaServer.name}`
      }
    return `nothing in the library has ${ids.length > 0 ? `the id ${ids.join(" or ")}, or ` : ""}the key ${serverItemId ?? "(none)"} of ${mediaServer.name}`
  }

  return { mediaServer, find, titleOf: (key) => known.get(key) ?? null }
}

/** An id of the same type with another value. */
const contradicts = (item: LibraryItem, ids: ReadonlyArray<string>): boolean => {
  const typeOf = (id: string) => id.slice(0, id.indexOf(":"))
  return (
    ids.some((id) => item.ids.some((one) => typeOf(one) === typeOf(id) && one !== id)) &&
    !ids.some((id) => item.ids.includes(id))
  )
}

const indexOf = (items: ReadonlyArray<LibraryItem>): ReadonlyMap<string, ReadonlyArray<LibraryItem>> => {
  const byId = new Map<string, Array<LibraryItem>>()
  for (const item of items) for (const id of item.ids) addTo(byId, id, item)
  return byId
}

const addTo = <K, V>(map: Map<K, Array<V>>, key: K, value: V): void => {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

const sampled = (
  sample: FoundSample,
  byId: ReadonlyMap<string, ReadonlyArray<LibraryItem>>
): ReadonlyArray<LibraryItem> =>
  sample.ids.flatMap((id) => byId.get(id) ?? []).filter((item) => item.kind === sample.kind)

/** The server on which titles that both sides know by their ids also have the same keys. */
const serverOf = (
  samples: ReadonlyArray<FoundSample>,
  byId: ReadonlyMap<string, ReadonlyArray<LibraryItem>>,
  integrations: ReadonlyArray<Integration>,
  chosen: string | undefined
): MoveInSummary["mediaServer"] => {
  const nameOf = (id: string) => integrations.find((one) => one.id === id)?.name
  if (chosen !== undefined) {
    const name = nameOf(chosen)
    return name === undefined ? null : { integrationId: chosen, name, because: "it was chosen" }
  }
  const agreed = new Map<string, number>()
  const differed = new Map<string, number>()
  for (const sample of samples) {
    for (const item of sampled(sample, byId)) {
      for (const { integrationId, serverItemId } of item.data.onServers) {
        const tally = serverItemId === sample.serverItemId ? agreed : differed
        tally.set(integrationId, (tally.get(integrationId) ?? 0) + 1)
      }
    }
  }
  const [best] = [...agreed].toSorted((one, other) => other[1] - one[1])
  if (best === undefined) return null
  const [integrationId, same] = best
  const name = nameOf(integrationId)
  // A server that was rebuilt numbers its entries anew: a few of them agree by chance.
  if (name === undefined || (differed.get(integrationId) ?? 0) > same / 4) return null
  return { integrationId, name, because: `${same} ${same === 1 ? "title has" : "titles have"} the same key on it` }
}

/** The one library that has all titles that are known under a key. */
const librariesOf = (
  samples: ReadonlyArray<FoundSample>,
  byId: ReadonlyMap<string, ReadonlyArray<LibraryItem>>,
  serverId: string | null
): ReadonlyArray<readonly [key: string, title: string]> => {
  const candidates = new Map<string, ReadonlySet<string>>()
  for (const sample of samples) {
    if (sample.libraryKey === null || serverId === null) continue
    const titles = sampled(sample, byId).flatMap((item) =>
      item.data.onServers.flatMap(({ integrationId, library, otherLibraries, serverItemId }) =>
        integrationId === serverId && serverItemId === sample.serverItemId ? [library, ...(otherLibraries ?? [])] : []
      )
    )
    if (titles.length === 0) continue
    const before = candidates.get(sample.libraryKey)
    candidates.set(sample.libraryKey, new Set(before === undefined ? titles : titles.filter((one) => before.has(one))))
  }
  return [...candidates].flatMap(([key, titles]) => {
    const [title] = titles
    return title !== undefined && titles.size === 1 ? [[key, title] as const] : []
  })
}
