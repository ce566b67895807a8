/**
 * A value of an item, limited to what its sources can currently be trusted with, and to what they did not leave open.
 */
import { type Fact, type FactName, type FactValue, inapplicable, known } from "../Facts.ts"
import type { LibraryItem } from "../Item.ts"
import type { SourceTrust } from "../SourceContext.ts"

export const through = (believed: SourceTrust, value: FactValue): Fact => {
  switch (believed._tag) {
    case "None":
      return inapplicable
    case "Fresh":
      return known(value, believed.source, believed.at)
    case "Unsure":
      return {
        _tag: "Unknown",
        reason: believed.reason,
        detail: believed.detail,
        source: believed.source,
        lastKnown: value
      }
  }
}

export const notMatched = (believed: SourceTrust, detail: string): Fact =>
  believed._tag === "Fresh"
    ? { _tag: "Unknown", reason: "not-matched", detail, source: believed.source }
    : through(believed, null)

/** As a fact that another one depends on: the last known value of the one is none of the other. */
export const withoutValue = (fact: Exclude<Fact, { readonly _tag: "Known" }>): Fact => {
  if (fact._tag === "Inapplicable") return inapplicable
  const { lastKnown: _, ...unknown } = fact
  return unknown
}

/** A fact that a source left open although it was read is unknown, whatever value is stored. */
export const leftOpen = (item: LibraryItem, name: FactName, fact: Fact): Fact => {
  const detail = item.data.untold?.[name]
  return detail === undefined || fact._tag !== "Known"
    ? fact
    : { _tag: "Unknown", reason: "not-told", detail, source: fact.source, lastKnown: fact.value }
}
