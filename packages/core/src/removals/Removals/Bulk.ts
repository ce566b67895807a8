/** An action of a person on many removals. */
import { Array as Arr, Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { DeletionsDisabled } from "../../acts/Brake.ts"
import type { InvalidRequest } from "../../problems/Problem.ts"
import { transacting } from "../../storage/Transactions.ts"
import {
  beyondRecall,
  type RecalledRemoval,
  type RemovalBeyondRecall,
  type RemovalNotFound,
  type RemovalStateConflict,
  type RemovalSummary
} from "../Removal.ts"
import { RemovalStore } from "../RemovalStore.ts"

export const bulkActions = ["approve", "reject", "cancel", "unsnooze", "retry", "release"] as const
export type BulkAction = (typeof bulkActions)[number]

export const BulkResult = Schema.Struct({
  succeeded: Schema.Array(Schema.String),
  ...beyondRecall,
  failed: Schema.Array(Schema.Struct({ id: Schema.String, code: Schema.String, detail: Schema.String }))
}).annotate({ identifier: "BulkResult" })
export type BulkResult = typeof BulkResult.Type

type BulkFailure = RemovalNotFound | RemovalStateConflict | RemovalBeyondRecall | DeletionsDisabled | InvalidRequest
type One = (id: string) => Effect.Effect<RemovalSummary | RecalledRemoval, BulkFailure>

/** Removals per transaction, each of which waits for the disk once. Other writers wait that long. */
const atOnce = 100

/**
 * `actions` prepare an action, once per transaction, and return what is done to each removal. Each removal succeeds or
 * fails by itself.
 */
export const makeBulk = Effect.fnUntraced(function* (
  actions: Readonly<Record<BulkAction, Effect.Effect<One, BulkFailure>>>
) {
  const transact = transacting(yield* SqlClient.SqlClient)
  const store = yield* RemovalStore

  return Effect.fn("Removals.bulk")(function* (action: BulkAction, ids: ReadonlyArray<string>) {
    const taken: Array<RemovalSummary> = []
    const succeeded: Array<string> = []
    const beyond = new Set<string>()
    const failed: Array<{ id: string; code: string; detail: string }> = []

    const some = Effect.fnUntraced(function* (chunk: ReadonlyArray<string>) {
      const one = yield* Effect.result(actions[action])
      for (const id of chunk) {
        const done = one._tag === "Success" ? yield* Effect.result(one.success(id)) : one
        if (done._tag === "Success") {
          taken.push(done.success)
          succeeded.push(id)
          if ("beyondRecall" in done.success) for (const late of done.success.beyondRecall) beyond.add(late)
        } else {
          const now = yield* Effect.result(store.find(id))
          // A member of a collection was already handled together with another one of the list.
          if (now._tag === "Success" && taken.some((other) => wentAlong(now.success, other))) succeeded.push(id)
          else failed.push({ id, code: done.failure.code, detail: done.failure.message })
        }
        yield* Effect.yieldNow
      }
    })

    yield* Effect.forEach(Arr.chunksOf(new Set(ids), atOnce), (chunk) => transact(some(chunk)), { discard: true })
    return { succeeded, beyondRecall: [...beyond], failed } satisfies BulkResult
  })
})

const wentAlong = (removal: RemovalSummary, other: RemovalSummary): boolean =>
  removal.collection !== null &&
  removal.collection === other.collection &&
  removal.integrationId === other.integrationId &&
  removal.state === other.state
