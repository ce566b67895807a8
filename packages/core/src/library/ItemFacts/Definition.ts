/** What the definitions of item facts have in common: the record they read, and their sources. */
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
  /** Further copies of the same title; another name of the same file is none. */
  readonly copiesOf: (item: LibraryItem) => ReadonlyArray<LibraryItem>
  /** The contents of a collection: the same list as long as nothing has changed. */
  readonly inCollection: (collection: string) => ReadonlyArray<LibraryItem>
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

/** Reads a value as the managing application reported it. Absent = it cannot know it for such an item. */
export const catalog =
  (name: keyof CatalogFacts): ItemFact["read"] =>
  (item, { sources }): Fact => {
    const value = item.data.catalog[name]
    return value === undefined ? inapplicable : through(sources.catalog(item.integrationId), value)
  }

export const manager = "the managing application"
export const servers = "media servers"
export const statistics = "media servers and watch statistics"

export const unreadable = "the application reports it in a form that cannot be read"
export const onNoServer = "no media server has the item by a shared id or by its file"

/** Reported by the managing application for each item, including parts. */
export const managed = { source: manager, unknown: unreadable, ofPart: "the part" } as const
/** Reported by it; for a part, the value of its whole. */
export const managedWhole = { source: manager, unknown: unreadable, ofPart: "the whole" } as const

/** Why a fact from media servers is unknown for an item that is on none. */
export const unmatched = "no media server knows this item by a shared id"
