/** The brake: while deletions are switched off in the settings, nothing destructive is requested, approved or sent. */
import { Effect } from "effect"
import { Problem } from "../problems/Problem.ts"
import { RemovalsSettings } from "../settings/RemovalsSettings.ts"
import type { Settings } from "../settings/Settings.ts"

/** The brake is on. */
export class DeletionsDisabled extends Problem<DeletionsDisabled>()("DeletionsDisabled", {
  code: "deletions-disabled",
  status: 409,
  title: "Deletions are switched off in the settings"
}) {}

export const isBraked = (settings: Settings["Service"]): Effect.Effect<boolean> =>
  Effect.map(settings.get(RemovalsSettings), ({ deletionsEnabled }) => !deletionsEnabled)

/** Refuses while deletions are switched off. */
export const brake = (settings: Settings["Service"]): Effect.Effect<void, DeletionsDisabled> =>
  Effect.flatMap(isBraked(settings), (braked) => (braked ? Effect.fail(new DeletionsDisabled({})) : Effect.void))
