/**
 * Asks the managers whether they know an item of a media server by now. No manager can be asked about a file or a title
 * alone, so their whole lists are read: what a media server deletes cannot be restored.
 */
import { Effect } from "effect"
import type { LiveIntegration } from "../../integrations/Integrations.ts"
import type { CatalogItem } from "../../integrations/Observations.ts"
import { OddRecords } from "../../integrations/OddRecords.ts"
import type { UpstreamError } from "../../integrations/UpstreamErrors.ts"
import type { JoinLookup } from "../Join/Lookup.ts"
import { ManagedItems, mayBeManaged } from "../Join/Managed.ts"
import type { Placing } from "../Places.ts"
import { reads } from "../ReadableObservations.ts"
import { isServer } from "../Sync/ServerOfReading.ts"

/** Why a manager may know `whole`, which is in the list of the media server `owner`; `null` = none does. */
export const whyManagedNow = Effect.fn("Library.whyManagedNow")(function* (
  whole: CatalogItem,
  owner: LiveIntegration,
  {
    live,
    lookup,
    place
  }: {
    readonly live: ReadonlyArray<LiveIntegration>
    readonly lookup: JoinLookup
    readonly place: Placing
  }
): Effect.fn.Return<string | null, UpstreamError> {
  for (const one of live) {
    const { connected, integration, kind } = one
    const read = connected.read.catalog
    if (read === undefined || isServer(one) || !reads(one, "catalog")) continue
    if (!kind.itemKinds.some((each) => owner.kind.itemKinds.includes(each))) continue
    const odd = new OddRecords()
    const listed = yield* read(() => Effect.void, odd)
    if (odd.unidentified > 0)
      return `a manager may know it: ${integration.name} lists records that cannot be identified`
    const managed = new ManagedItems(place)
    for (const item of listed) managed.add(integration.id, item)
    if (mayBeManaged(managed, lookup, owner.integration.id, whole)) {
      return `${integration.name} may know it now, which a sync reads`
    }
  }
  return null
})
