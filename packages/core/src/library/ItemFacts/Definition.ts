/** What the definitions of item facts have in common: the record they read, and who tells what. */
import type { CatalogFacts, ItemKind } from "../../integrations/Observations.ts"
import { type Fact, inapplicable } from "../Facts.ts"
import type { FactDefinition } from "../Facts/Definition.ts"
import type { LibraryItem } from "../Item.ts"
import type { SourceContext } from "../SourceContext.ts"
import { through } from "./Through.ts"

/** Wholes and parts in the library that an item belongs to. */
export interface Family {
  readonly parentOf: (item: LibraryItem) => LibraryItem | undefined
  readonly childrenOf: (item: LibraryItem) => ReadonlyArray<LibraryItem>
}

/** `family` is used for the facts of a part that are about its whole or its siblings. */
export interface ItemContext {
  readonly sources: SourceContext
  readonly family: Family
}

export interface ItemFact extends FactDefinition<LibraryItem, ItemContext> {
  readonly kinds?: ReadonlyArray<ItemKind>
}
export type ItemFacts = { readonly [name: string]: ItemFact }

/** Reads what the managing application told, as it told it. Absent there = it cannot know it of such an item. */
export const catalog =
  (name: keyof CatalogFacts): ItemFact["read"] =>
  (item, { sources }): Fact => {
    const value = item.data.catalog[name]
    return value === undefined ? inapplicable : through(sources.catalog(item.integrationId), value)
  }

export const manager = "the managing application"
export const servers = "media servers"
export const statistics = "media servers and watch statistics"

export const unreadable = "the application tells it in a form that cannot be read"
export const onNoServer = "no media server has the item by a shared id or by its file"

/** Told by the managing application of each item, a part included. */
export const managed = { source: manager, unknown: unreadable, ofPart: "the part" } as const
/** Told by it, of a part what holds of its whole. */
export const managedWhole = { source: manager, unknown: unreadable, ofPart: "the whole" } as const

/** Why a fact of a media server is not known of an item that is on none. */
export const unmatched = "no media server knows this item by a shared id"
