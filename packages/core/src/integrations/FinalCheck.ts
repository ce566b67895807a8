/**
 * The final check before a request that changes something: the client runs it when the permit to send is held, directly
 * before the request is sent, and again before each of several requests. Code that removes something provides it;
 * without one, nothing is checked. A kind that does not send through the client must run it itself.
 */
import { Context, type Effect } from "effect"

export interface FinalCheck {
  /**
   * Why the request must not be sent now; `null` = it may be sent. `destroys` distinguishes the request that deletes
   * from those that only prepare it: once it may be sent, it can no longer be recalled.
   */
  readonly whyNot: (destroys: boolean) => Effect.Effect<string | null>
}

export const CurrentFinalCheck = Context.Reference<FinalCheck | null>("tendarr/integrations/FinalCheck", {
  defaultValue: () => null
})
