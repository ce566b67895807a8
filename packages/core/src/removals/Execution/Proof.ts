/** What proves that a removal has been carried out: its application's report about the item, not its response. */
import { Effect } from "effect"
import { type Presence, type RemovalCapability, usualActionOf } from "../../integrations/Kind.ts"
import { type UpstreamError, UpstreamMalformed } from "../../integrations/UpstreamErrors.ts"
import type { StoredRemoval } from "../RemovalStore/Rows.ts"

export type PresentItem = Presence & { readonly _tag: "Present" }

/** After the request was sent. If the id was reassigned to another title, the application is asked for the title itself. */
export const isCarriedOut = (
  { capability, name }: { readonly capability: RemovalCapability; readonly name: string },
  removal: StoredRemoval,
  presence: Presence
): Effect.Effect<boolean, UpstreamError> => {
  if (presence._tag === "Absent") return Effect.succeed(true)
  if (isAnother(removal, presence)) {
    return removal.action === "remove-entry"
      ? Effect.map(capability.isBack(removal.restore, removal.action), (back) => back === null)
      : Effect.succeed(false)
  }
  const left = isLeft(removal, presence)
  return left === null
    ? Effect.fail(
        new UpstreamMalformed({
          integration: name,
          call: "presence",
          detail: `the application does not report whether "${removal.title}" ${removal.action === "unmonitor" ? "is monitored" : "has files"}`
        })
      )
    : Effect.succeed(!left)
}

/** Why the entry in the application is not to be touched: it is another title, or nothing is left to do. */
export const whyNotTouched = (removal: StoredRemoval, presence: PresentItem): string | null => {
  if (!sameTitle(removal, presence)) return `the application now has "${presence.title}" under this id`
  if (isLeft(removal, presence) !== false) return null
  return removal.action === "unmonitor" ? "it is not monitored any more" : "its files are gone already"
}

/** Whether something is left to do; `null` = the application does not report it. */
const isLeft = ({ action, kind }: StoredRemoval, { hasFiles, monitored }: PresentItem): boolean | null => {
  // Its entry is the item, and so are the files of a part whose kind reports nothing else.
  if (action === "remove-entry" || (hasFiles === undefined && action === usualActionOf(kind))) return true
  return (action === "unmonitor" ? monitored : hasFiles) ?? null
}

/** The id was reassigned to another title. Without ids on both sides this cannot be known. */
const isAnother = (removal: StoredRemoval, presence: PresentItem): boolean =>
  removal.ids.length > 0 && presence.ids.length > 0 && !removal.ids.some((id) => presence.ids.includes(id))

/** Applications may renumber their items; an id that now refers to another title must not be removed. */
const sameTitle = (removal: StoredRemoval, presence: PresentItem): boolean =>
  removal.ids.length === 0 || presence.ids.length === 0
    ? removal.title === presence.title
    : !isAnother(removal, presence)
