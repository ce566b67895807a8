/**
 * Labels and collections of a section's entries, read from complete lists. A list of entries contains at most two
 * collections per entry, and often no labels; the lists of entries by label, and of the members of a collection, are
 * not truncated. A collection needs no call of its own if the entries already show all of its members.
 */
import { Effect } from "effect"
import { type UpstreamError, UpstreamRefused } from "../../UpstreamErrors.ts"
import { textOrNull } from "../Values.ts"
import type { Collection, MetadataItem } from "./Container.ts"
import type { ItemType, PlexReads } from "./PlexServer.ts"

/** The tags of one kind by key, and why they are incomplete, if they are. */
export interface Tags {
  readonly of: (item: MetadataItem) => ReadonlyArray<string>
  readonly untold: string | null
}

/** Status codes of a server, or of a proxy in front of it, that does not support a list. */
const unknownList = new Set([400, 404])

export const readLabels = Effect.fnUntraced(function* (
  server: PlexReads,
  section: string,
  type: ItemType,
  items: ReadonlyArray<MetadataItem>
): Effect.fn.Return<Tags, UpstreamError> {
  const tags = new TagSets((item) => item.Label, items)
  if (items.length === 0) return tags.whole()
  const labels = yield* orRefused(server.labels(section, type))
  if (labels instanceof UpstreamRefused) return tags.partly(refusalText("labels", labels))
  for (const { key, title } of labels) {
    for (const { ratingKey } of yield* server.labelled(section, type, key)) tags.add(ratingKey, title ?? key)
  }
  return tags.whole()
})

/** Labels of entries that were requested by their keys: these contain all of their labels. */
export const labelsOf = (items: ReadonlyArray<MetadataItem>): Tags => new TagSets((item) => item.Label, items).whole()

/**
 * `items` are all movies, shows and seasons of the section, as in lists, or some that were requested by their keys:
 * these contain all of their collections, so that only smart collections have to be read.
 */
export const readCollections = Effect.fnUntraced(function* (
  server: PlexReads,
  section: string,
  items: ReadonlyArray<MetadataItem>,
  asked: "listed" | "byKey" = "listed"
): Effect.fn.Return<Tags, UpstreamError> {
  const tags = new TagSets((item) => item.Collection, items)
  if (items.length === 0) return tags.whole()
  const collections = yield* orRefused(server.collections(section))
  if (collections instanceof UpstreamRefused) return tags.partly(refusalText("collections", collections))
  for (const collection of collections) {
    const title = textOrNull(collection.title)
    // Collections of episodes have no items as members.
    if (title === null || !holdsItems(collection)) continue
    if (asked === "byKey" && collection.smart !== true) continue
    const namesakes = collections.filter((one) => textOrNull(one.title) === title)
    if (namesakes.every(isCounted) && tags.count(title) === sum(namesakes)) continue
    for (const { ratingKey } of yield* server.members(collection.ratingKey)) tags.add(ratingKey, title)
  }
  return tags.whole()
})

class TagSets {
  readonly #tags = new Map<string, Set<string>>()
  readonly #counts = new Map<string, number>()

  constructor(listed: (item: MetadataItem) => MetadataItem["Label"], items: ReadonlyArray<MetadataItem>) {
    for (const item of items) for (const { tag } of listed(item) ?? []) this.add(item.ratingKey, tag ?? "")
  }

  add(key: string, tag: string): void {
    const text = textOrNull(tag)
    if (text === null) return
    const tags = this.#tags.get(key) ?? new Set()
    if (!tags.has(text)) this.#counts.set(text, this.count(text) + 1)
    this.#tags.set(key, tags.add(text))
  }

  /** The number of entries known to have it. */
  count(tag: string): number {
    return this.#counts.get(tag) ?? 0
  }

  whole(): Tags {
    return this.partly(null)
  }

  partly(untold: string | null): Tags {
    return { of: ({ ratingKey }) => [...(this.#tags.get(ratingKey) ?? [])], untold }
  }
}

const holdsItems = ({ subtype }: Collection): boolean =>
  subtype === null || subtype === undefined || subtype === "movie" || subtype === "show" || subtype === "season"

/** A smart collection is a filter: its members do not contain it. */
const isCounted = ({ childCount, smart }: Collection): boolean =>
  smart !== true && childCount !== null && childCount !== undefined

const sum = (collections: ReadonlyArray<Collection>): number =>
  collections.reduce((total, { childCount }) => total + (childCount ?? 0), 0)

const refusalText = (what: string, { status }: UpstreamRefused): string =>
  `the server does not list its ${what} (it answers ${status}), and an entry may show only some of them`

const orRefused = <A>(list: Effect.Effect<A, UpstreamError>): Effect.Effect<A | UpstreamRefused, UpstreamError> =>
  Effect.catchTag(list, "UpstreamRefused", (error) =>
    unknownList.has(error.status) ? Effect.succeed(error) : Effect.fail(error)
  )
