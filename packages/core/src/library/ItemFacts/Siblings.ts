/** The other titles of an item's collections, and when they were last played. */
import { type ItemKind, wholeKindOf } from "../../integrations/Observations.ts"
import { type Fact, inapplicable, known } from "../Facts.ts"
import { wholeDaysSincePlayed } from "../Facts/Derivations.ts"
import { itemKey, type LibraryItem } from "../Item.ts"
import { later } from "../ViewerTally.ts"
import { type ItemContext, type ItemFacts, onNoServer, servers, statistics } from "./Definition.ts"
import { collectionsFact } from "./Servers.ts"
import { leftOpen, withoutValue } from "./Through.ts"

/** A show counts as one title with its seasons. */
const titleOf = ({ externalId, integrationId, kind, parentExternalId }: LibraryItem): string =>
  itemKey(integrationId, wholeKindOf(kind) === null ? externalId : (parentExternalId ?? externalId))

/** What is known about the last plays of a collection. */
interface LastPlays {
  /** The last play of each of the two titles that were played last. */
  readonly latest: ReadonlyArray<{ readonly title: string; readonly at: string }>
  /** Titles whose last play is not known, each with the reason; two are enough. */
  readonly open: ReadonlyArray<{ readonly title: string; readonly why: string }>
  /** The kinds of its contents: their sources must be trusted. */
  readonly kinds: ReadonlySet<ItemKind>
}

/** By the list of a collection's contents, which is the same for all of them: each list is walked once. */
const walked = new WeakMap<ReadonlyArray<LibraryItem>, LastPlays>()

const lastPlaysIn = (contents: ReadonlyArray<LibraryItem>): LastPlays => {
  const before = walked.get(contents)
  if (before !== undefined) return before
  const byTitle = new Map<string, string | null>()
  const open = new Map<string, string>()
  for (const item of contents) {
    const { playback, untold } = item.data
    const title = titleOf(item)
    if (playback === null) open.set(title, `no media server knows "${item.title}"`)
    else if (untold?.lastPlayedAt !== undefined) open.set(title, `"${item.title}": ${untold.lastPlayedAt}`)
    byTitle.set(title, later(byTitle.get(title) ?? null, playback?.lastPlayedAt ?? null))
  }
  const latest = Array.from(byTitle, ([title, at]) => ({ title, at }))
    .flatMap(({ at, title }) => (at === null ? [] : [{ title, at }]))
    .toSorted((one, other) => (one.at < other.at ? 1 : -1))
    .slice(0, 2)
  const found = {
    latest,
    open: Array.from(open, ([title, why]) => ({ title, why })).slice(0, 2),
    kinds: new Set(contents.map(({ kind }) => kind))
  }
  walked.set(contents, found)
  return found
}

/** The own title does not count. Empty without a collection, or if nobody has played another title of it. */
const siblingsLastPlayedAt = (item: LibraryItem, context: ItemContext): Fact => {
  const { family, sources } = context
  const collections = leftOpen(item, "collections", collectionsFact(item, context))
  if (sources.playback(item.kind)._tag === "None") return inapplicable
  if (collections._tag !== "Known") return withoutValue(collections)
  const own = titleOf(item)
  const all = item.collections.map((collection) => lastPlaysIn(family.inCollection(collection)))
  const kinds = new Set<ItemKind>([item.kind, ...all.flatMap((one) => [...one.kinds])])
  const trusts = [...kinds].flatMap((kind) => [sources.servers(kind), sources.playback(kind)])
  const unsure = trusts.find((trust) => trust._tag === "Unsure")
  if (unsure?._tag === "Unsure") {
    const { detail, reason, source } = unsure
    return { _tag: "Unknown", reason, detail, source }
  }
  const source = sources.playback(item.kind)
  if (source._tag !== "Fresh") return inapplicable
  const open = all.flatMap((one) => one.open).find(({ title }) => title !== own)
  if (open !== undefined) return { _tag: "Unknown", reason: "not-told", detail: open.why, source: source.source }
  const at = all
    .flatMap(({ latest }) => latest)
    .reduce<string | null>((last, one) => (one.title === own ? last : later(last, one.at)), null)
  return known(at, source.source, source.at)
}

export const siblings = {
  siblingsLastPlayedAt: {
    type: "date",
    title: "Other titles of its collections last played at",
    description:
      "When somebody last played another title of one of its collections; empty if nobody ever did, or if it is in none.",
    never: true,
    aliases: ["collection_siblings_last_viewed_at"],
    source: `${servers}, with ${statistics}`,
    unknown: `${onNoServer}; a server does not list its collections completely; the last play of another title is unknown`,
    ofPart: "both",
    read: siblingsLastPlayedAt,
    derived: {
      daysSinceSiblingsPlayed: {
        type: "number",
        title: "Days since other titles of its collections were played",
        description:
          "Whole days since somebody last played another title of one of its collections. Never played counts as infinitely long ago, and as empty.",
        unit: "days",
        elapsed: true,
        read: wholeDaysSincePlayed
      }
    }
  }
} as const satisfies ItemFacts
