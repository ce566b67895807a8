/** What is known about the current request, for metrics, traces and the log. */
import { Context, Effect } from "effect"
import type { Principal } from "../../access/Scope.ts"

export interface RequestRecord {
  /** From the request, or generated; see `RequestId.ts`. */
  readonly id: string
  readonly mount: string
  readonly method: string
  /** The path as the API declares it, with the base path and the prefix: `/api/v1/items/{id}`. `null` = there is none. */
  readonly route: string | null
  /** The caller, as soon as its credentials have been accepted. */
  principal: Principal | null
  /** `null` until it is answered. */
  status: number | null
  /** Bytes of the body that have been sent. */
  bytes: number
}

export const CurrentRecord = Context.Reference<RequestRecord | null>("tendarr/api/CurrentRecord", {
  defaultValue: () => null
})

/** Records whose credentials were accepted, whether or not their scope allows the request. */
export const notePrincipal = (principal: Principal): Effect.Effect<void> =>
  Effect.map(CurrentRecord, (record) => {
    if (record !== null) record.principal = principal
  })
