/**
 * The facts of items. Each is defined in one place, in the file of its topic, and is limited to what its sources can
 * currently be trusted with.
 */
import { Record } from "effect"
import type { CatalogFacts, ContentsList, EntryDetail } from "../integrations/Observations.ts"
import { type Fact, type FactName, type FactSheet, inapplicable, notLoaded } from "./Facts.ts"
import { heavyAmong, type LoadedFacts } from "./Facts/Loading.ts"
import type { LibraryItem } from "./Item.ts"
import type { Family, ItemContext, ItemFact } from "./ItemFacts/Definition.ts"
import { copies } from "./ItemFacts/Copies.ts"
import { creators } from "./ItemFacts/Creators.ts"
import { dates } from "./ItemFacts/Dates.ts"
import { listedEpisodes } from "./ItemFacts/Episodes.ts"
import { disks } from "./ItemFacts/Disks.ts"
import { entryLists } from "./ItemFacts/EntryLists.ts"
import { everyEpisode } from "./ItemFacts/EveryEpisode.ts"
import { files } from "./ItemFacts/Files.ts"
import { finishing } from "./ItemFacts/Finishing.ts"
import { identity } from "./ItemFacts/Identity.ts"
import { listedFiles } from "./ItemFacts/ListedFiles.ts"
import { plays } from "./ItemFacts/Plays.ts"
import { ratings } from "./ItemFacts/Ratings.ts"
import { requests } from "./ItemFacts/Requests.ts"
import { onServers } from "./ItemFacts/Servers.ts"
import { siblings } from "./ItemFacts/Siblings.ts"
import { shows } from "./ItemFacts/Shows.ts"
import { viewing } from "./ItemFacts/Viewing.ts"
import { leftOpen } from "./ItemFacts/Through.ts"
import type { SourceContext } from "./SourceContext.ts"

/** Every key of `CatalogFacts`, which kinds report, is a fact of its type; a key without a definition does not compile. */
type CatalogFactTypes = {
  readonly [N in keyof CatalogFacts]-?: { readonly type: TypeOf<NonNullable<CatalogFacts[N]>> }
}
type TypeOf<Value> = Value extends string
  ? "string" | "date"
  : Value extends number
    ? "number"
    : Value extends boolean
      ? "boolean"
      : "strings"

export const itemFacts = {
  ...identity,
  ...files,
  ...listedFiles,
  ...copies,
  ...disks,
  ...ratings,
  ...dates,
  ...plays,
  ...viewing,
  ...finishing,
  ...requests,
  ...onServers,
  ...siblings,
  ...entryLists,
  ...shows,
  ...creators,
  ...listedEpisodes,
  ...everyEpisode
} as const satisfies CatalogFactTypes

export const factNames = Object.keys(itemFacts) as ReadonlyArray<FactName>

/** A map, since a record with so many names is slower to read, and a preview does this a million times. */
const reads: ReadonlyMap<FactName, (item: LibraryItem, sheet: ItemSheet) => Fact> = new Map(
  factNames.map((name) => {
    const definition: ItemFact = itemFacts[name]
    const { heavy, kinds, read, source } = definition
    if (heavy === undefined) return [name, read]
    const ofKinds = kinds === undefined ? null : new Set(kinds)
    return [
      name,
      (item, sheet) =>
        // An episode has no episodes, although its show does.
        ofKinds !== null && item.kind === "episode" && !ofKinds.has(item.kind)
          ? inapplicable
          : (sheet.loaded?.read(name, definition, { thing: item, id: item.id, context: sheet }) ?? notLoaded(source))
    ]
  })
)

/** Facts that are in no sheet unless they were loaded. */
export const heavyFactNames: ReadonlyArray<FactName> = heavyAmong(itemFacts, factNames)

/** The lists of wholes that these facts are read from. */
export const contentsOf = (names: Iterable<FactName>): ReadonlySet<ContentsList> => {
  const lists = new Set<ContentsList>()
  for (const name of names) {
    const { heavy }: ItemFact = itemFacts[name]
    if (heavy?.contents !== undefined) lists.add(heavy.contents)
  }
  return lists
}

/** What a sync reads about the entries of media servers for these facts. */
export const entryDetailsOf = (names: Iterable<FactName>): ReadonlySet<EntryDetail> => {
  const details = new Set<EntryDetail>()
  for (const name of names) {
    const { heavy }: ItemFact = itemFacts[name]
    if (heavy?.entryDetail !== undefined) details.add(heavy.entryDetail)
  }
  return details
}

/** Each fact as it is read: a value that a source left open although it was read is unknown. */
export const itemDefinitions: Readonly<Record<FactName, ItemFact>> = Record.map(
  itemFacts,
  (definition: ItemFact, name): ItemFact => ({
    ...definition,
    read: (item, context, loaded) => leftOpen(item, name, definition.read(item, context, loaded))
  })
)

/** `loaded` contains the heavy facts of the item; without it they are unknown. */
export const factSheet = (
  item: LibraryItem,
  sources: SourceContext,
  family: Family,
  loaded?: LoadedFacts<FactName>
): FactSheet => new ItemSheet(item, sources, family, loaded)

/** The sheet is the context of its own facts, so that reading one allocates only the fact. */
class ItemSheet implements FactSheet, ItemContext {
  readonly sources: SourceContext
  readonly family: Family
  readonly loaded: LoadedFacts<FactName> | undefined
  readonly #item: LibraryItem

  constructor(item: LibraryItem, sources: SourceContext, family: Family, loaded: LoadedFacts<FactName> | undefined) {
    this.#item = item
    this.sources = sources
    this.family = family
    this.loaded = loaded
  }

  get(name: FactName): Fact {
    return leftOpen(this.#item, name, reads.get(name)!(this.#item, this))
  }
}
