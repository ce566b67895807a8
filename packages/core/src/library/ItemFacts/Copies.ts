/** Further copies of the same title, in the same application or another one: each copy is an item of its own. */
import type { LibraryItem } from "../Item.ts"
import { linesOf } from "../Facts/Derivations.ts"
import type { SourceTrust } from "../SourceContext.ts"
import { type ItemContext, type ItemFacts, managed } from "./Definition.ts"
import { through } from "./Through.ts"

export const copies = {
  copyCount: {
    type: "number",
    title: "Further copies",
    description: "Number of further copies of the same title, in this application or another one.",
    unit: "copies",
    ...managed,
    unknown: "an application that has a copy could not be read",
    read: (item, context) => {
      const others = context.family.copiesOf(item)
      return through(trustIn([item, ...others], context), others.length)
    }
  },
  betterCopy: {
    type: "boolean",
    title: "Better copy",
    description: "Whether a further copy of the same title has a higher resolution.",
    ...managed,
    unknown: "the resolution of a copy is unknown, or an application that has one could not be read",
    read: (item, context) => {
      const others = context.family.copiesOf(item)
      const trust = trustIn([item, ...others], context)
      if (others.length === 0) return through(trust, false)
      const own = linesIn(item)
      const lines = others.map(linesIn)
      if (own !== null && lines.some((one) => one !== null && one > own)) return through(trust, true)
      return own === null || lines.includes(null) ? unresolved(trust) : through(trust, false)
    }
  }
} as const satisfies ItemFacts

/** The first of these items' applications that cannot be trusted; otherwise the one of the first item. */
const trustIn = (items: ReadonlyArray<LibraryItem>, { sources }: ItemContext): SourceTrust => {
  const all = items.map(({ integrationId }) => sources.catalog(integrationId))
  return all.find(({ _tag }) => _tag === "Unsure") ?? all[0] ?? { _tag: "None" }
}

const linesIn = ({ data }: LibraryItem): number | null => {
  const lines = data.untold?.resolution === undefined ? linesOf(data.catalog.resolution ?? null) : null
  return typeof lines === "number" ? lines : null
}

const unresolved = (trust: SourceTrust) =>
  trust._tag === "Fresh"
    ? ({
        _tag: "Unknown",
        reason: "not-told",
        detail: "the resolution of a copy is unknown",
        source: trust.source
      } as const)
    : through(trust, null)
