/**
 * Whether the stored contents of an item (its episodes, its files) can be trusted: they were read of its whole, at the
 * sign that the whole has now, not too long ago.
 */
import type { ContentsList } from "../../integrations/Observations.ts"
import type { Fact, FactValue, UnknownReason } from "../Facts.ts"
import { entryOf } from "../Families.ts"
import type { LibraryItem } from "../Item.ts"
import type { SourceTrust } from "../SourceContext.ts"
import type { ItemContext } from "./Definition.ts"
import { through } from "./Through.ts"

/** The item whose contents were read: the whole of a part; `undefined` if it is not in the library. */
export const wholeOf = (item: LibraryItem, { family }: Pick<ItemContext, "family">): LibraryItem | undefined =>
  entryOf(family, item)

export const contentsTrust = (item: LibraryItem, context: ItemContext, list: ContentsList): SourceTrust => {
  const catalog = context.sources.catalog(item.integrationId)
  if (catalog._tag !== "Fresh") return catalog
  const { source } = catalog
  const unsure = (reason: UnknownReason, detail: string): SourceTrust => ({ _tag: "Unsure", source, reason, detail })
  const whole = wholeOf(item, context)
  const sign = whole?.data.contentsSign
  if (whole === undefined || sign === undefined) {
    return unsure("not-told", `${source} does not report its ${list}, or not whether they have changed`)
  }
  const state = whole.contents?.[list]
  if (state?.failure != null)
    return unsure(state.failure.reason, `${source} at ${state.attemptedAt}: ${state.failure.detail}`)
  if (state === undefined || state.readAt === null) {
    return unsure("not-synced", `its ${list} have not been read yet; a sync reads them for the rules in force`)
  }
  if (state.sign !== sign) return unsure("not-synced", `it has changed since its ${list} were read at ${state.readAt}`)
  if (context.sources.isTooOld(state.readAt)) return unsure("stale", `its ${list} were last read at ${state.readAt}`)
  return { _tag: "Fresh", source, at: state.readAt }
}

/** A value from the contents of an item; `undefined` = they do not say. */
export const throughContents = (trust: SourceTrust, value: FactValue | undefined, detail: string): Fact => {
  if (value !== undefined) return through(trust, value)
  if (trust._tag === "Unsure") {
    const { detail: why, reason, source } = trust
    return { _tag: "Unknown", reason, detail: why, source }
  }
  return trust._tag === "Fresh"
    ? { _tag: "Unknown", reason: "not-told", detail, source: trust.source }
    : through(trust, null)
}
