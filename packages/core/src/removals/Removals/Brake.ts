import { Effect } from "effect"
import type { Settings } from "../../settings/Settings.ts"
import { DeletionsDisabled } from "../Removal.ts"
import { RemovalsSettings } from "../../settings/RemovalsSettings.ts"

/** Refuses while deletions are switched off. */
export const brake = Effect.fnUntraced(function* (settings: Settings["Service"]) {
  const { deletionsEnabled } = yield* settings.get(RemovalsSettings)
  if (!deletionsEnabled) return yield* new DeletionsDisabled({})
})
