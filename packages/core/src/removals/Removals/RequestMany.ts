/** A person's request to remove many items: each succeeds or fails by itself. */
import { Array as Arr, Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { transacting } from "../../storage/Transactions.ts"
import { RemovalSummary } from "../Removal.ts"
import type { RequestOptions } from "../RemovalTerms.ts"
import type { makeRequest } from "./Request.ts"

export const RequestedRemovals = Schema.Struct({
  requested: Schema.Array(RemovalSummary),
  failed: Schema.Array(Schema.Struct({ itemId: Schema.String, code: Schema.String, detail: Schema.String }))
}).annotate({ identifier: "RequestedRemovals" })
export type RequestedRemovals = typeof RequestedRemovals.Type

/** Requests per transaction, each of which waits for the disk once. Other writers wait that long. */
const atOnce = 100

/** Removals of one request that belong together. */
export interface TogetherOptions {
  /** Title of the collection whose members are removed together or not at all. */
  readonly collection?: string | null
}

export const makeRequestMany = Effect.fnUntraced(function* (request: Effect.Success<typeof makeRequest>) {
  const transact = transacting(yield* SqlClient.SqlClient)

  return Effect.fn("Removals.requestMany")(function* (
    itemIds: ReadonlyArray<string>,
    options: RequestOptions = {},
    { collection = null }: TogetherOptions = {}
  ) {
    const requested: Array<RemovalSummary> = []
    const failed: Array<RequestedRemovals["failed"][number]> = []
    const some = Effect.fnUntraced(function* (ids: ReadonlyArray<string>) {
      for (const itemId of ids) {
        const done = yield* Effect.result(request(itemId, options, collection))
        if (done._tag === "Success") requested.push(done.success)
        else failed.push({ itemId, code: done.failure.code, detail: done.failure.message })
        yield* Effect.yieldNow
      }
    })
    // What belongs together is one transaction, however many there are.
    const chunks = collection === null ? Arr.chunksOf(new Set(itemIds), atOnce) : [[...new Set(itemIds)]]
    yield* Effect.forEach(chunks, (chunk) => transact(some(chunk)), { discard: true })
    return { requested, failed } satisfies RequestedRemovals
  })
})
