/** Why the terms of a removal cannot be fulfilled: checked when it is requested or planned, not only when it is due. */
import type { Environment } from "../capacity/Decision.ts"
import { actionsOf } from "../integrations/Kind.ts"
import type { SourceContext } from "../library/SourceContext.ts"
import type { LibraryItem } from "../library/Item.ts"
import { noResetter, requestedKindOf, resettersOf } from "./RequestResets.ts"
import { cannotDo, type RemovalTerms } from "./RemovalTerms.ts"

/** A sentence, or `null` if they can be. Says nothing about protections, rules and disks. */
export const whyNotPossible = (
  { live, sources }: Pick<Environment, "live" | "sources">,
  item: LibraryItem,
  { action, resetRequest }: Pick<RemovalTerms, "action" | "resetRequest">
): string | null => {
  const manager = live.get(item.integrationId)
  const capability = manager?.connected.removal
  if (manager === undefined || capability?.kinds.includes(item.kind) !== true || !manager.can("removal")) {
    return `no integration can remove this ${item.kind}`
  }
  if (!actionsOf(capability, item.kind).includes(action)) return cannotDo(manager.integration.name, item.kind, action)
  const doubt = whyManagerUnsure(sources, item)
  if (doubt !== null) return doubt
  if (action === "unmonitor" && item.data.catalog.monitored === false) return "it is not monitored"
  if (!resetRequest) return null
  if (requestedKindOf(item.kind) === null) return `no ${item.kind} is requested by itself`
  return resettersOf([...live.values()]).length === 0 ? noResetter : null
}

/**
 * Why an item of a media server must stay for now: whether no manager knows it cannot be told while one of them is not
 * read.
 */
export const whyManagerUnsure = ({ managers }: Pick<SourceContext, "managers">, item: LibraryItem): string | null => {
  const trust = managers(item.integrationId)
  return trust._tag === "Unsure" ? `a manager may know it: ${trust.detail}` : null
}

/** Whether its application could add it again. */
export const canBeUndone = ({ live }: Pick<Environment, "live">, { integrationId }: LibraryItem): boolean =>
  live.get(integrationId)?.connected.removal?.irreversible !== true
