/** Why the terms of a removal cannot be fulfilled: checked when it is requested or planned, not only when it is due. */
import type { Environment } from "../capacity/Decision.ts"
import { actionsOf } from "../integrations/Kind.ts"
import type { LibraryItem } from "../library/Item.ts"
import { noResetter, requestedKindOf, resettersOf } from "./RequestResets.ts"
import { cannotDo, type RemovalTerms } from "./RemovalTerms.ts"

/** A sentence, or `null` if they can be. Says nothing about protections, rules and disks. */
export const whyNotPossible = (
  { live }: Pick<Environment, "live">,
  item: LibraryItem,
  { action, resetRequest }: Pick<RemovalTerms, "action" | "resetRequest">
): string | null => {
  const manager = live.get(item.integrationId)
  const capability = manager?.connected.removal
  if (manager === undefined || capability?.kinds.includes(item.kind) !== true || !manager.can("removal")) {
    return `no integration can remove this ${item.kind}`
  }
  if (!actionsOf(capability, item.kind).includes(action)) return cannotDo(manager.integration.name, item.kind, action)
  if (action === "unmonitor" && item.data.catalog.monitored === false) return "it is not monitored"
  if (!resetRequest) return null
  if (requestedKindOf(item.kind) === null) return `no ${item.kind} is requested by itself`
  return resettersOf([...live.values()]).length === 0 ? noResetter : null
}
