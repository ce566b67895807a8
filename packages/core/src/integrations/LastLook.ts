/**
 * The last look before a request that changes something: asked by the door with the permit to send in hand, directly before
 * the bytes go out, and before each of several requests again. Whoever removes something provides it; without one nothing is
 * asked. A kind that sends by other ways than the door asks it itself.
 */
import { Context, type Effect } from "effect"

export interface LastLook {
  /**
   * Why the request must not be sent now; `null` = it may. `destroys` tells the request that deletes from those that only
   * prepare it: once it may be sent, it is beyond recall.
   */
  readonly whyNot: (destroys: boolean) => Effect.Effect<string | null>
}

export const CurrentLastLook = Context.Reference<LastLook | null>("tendarr/integrations/LastLook", {
  defaultValue: () => null
})
