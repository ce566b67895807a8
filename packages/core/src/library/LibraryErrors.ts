/** Errors of the library. */
import { Schema } from "effect"
import { Problem } from "../problems/Problem.ts"

export class ItemNotFound extends Problem<ItemNotFound>()(
  "ItemNotFound",
  { code: "item-not-found", status: 404, title: "There is no such item" },
  { itemId: Schema.String }
) {}

export class NothingHeld extends Problem<NothingHeld>()(
  "NothingHeld",
  { code: "nothing-held", status: 409, title: "No sync of this integration is held" },
  { integrationId: Schema.String }
) {}

/** `NothingHeld` refuses to confirm or to discard; this one is for showing a held sync. */
export class HeldSyncNotFound extends Problem<HeldSyncNotFound>()(
  "HeldSyncNotFound",
  { code: "held-sync-not-found", status: 404, title: "There is no held sync of this integration" },
  { integrationId: Schema.String }
) {}

export class ProtectionNotFound extends Problem<ProtectionNotFound>()(
  "ProtectionNotFound",
  { code: "protection-not-found", status: 404, title: "There is no such protection" },
  { protectionId: Schema.String }
) {}

export class CollectionNotFound extends Problem<CollectionNotFound>()(
  "CollectionNotFound",
  { code: "collection-not-found", status: 404, title: "No item is in such a collection" },
  { collection: Schema.String }
) {}

export class NoEpisodes extends Problem<NoEpisodes>()(
  "NoEpisodes",
  { code: "no-episodes", status: 404, title: "Only shows and seasons have episodes" },
  { itemId: Schema.String }
) {}

/** `detail` says why. */
export class EpisodesUnavailable extends Problem<EpisodesUnavailable>()(
  "EpisodesUnavailable",
  { code: "episodes-unavailable", status: 503, title: "The episodes could not be read yet" },
  { itemId: Schema.String, detail: Schema.String }
) {}
