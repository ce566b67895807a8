/** An action of a person on many removals. */
import { Array as Arr, Effect, Result, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { DeletionsDisabled } from "../../acts/Brake.ts"
import { transacting } from "../../storage/Transactions.ts"
import { beyondRecall, type RemovalBeyondRecall, type RemovalNotFound, type RemovalStateConflict } from "../Removal.ts"
import type { Done, Step } from "./Steps.ts"

export const bulkActions = ["approve", "reject", "cancel", "unsnooze", "retry", "release"] as const
export type BulkAction = (typeof bulkActions)[number]

export const BulkResult = Schema.Struct({
  succeeded: Schema.Array(Schema.String),
  ...beyondRecall,
  failed: Schema.Array(Schema.Struct({ id: Schema.String, code: Schema.String, detail: Schema.String }))
}).annotate({ identifier: "BulkResult" })
export type BulkResult = typeof BulkResult.Type

type BulkFailure = RemovalNotFound | RemovalStateConflict | RemovalBeyondRecall

/** Removals per transaction, each of which waits for the disk once. Other writers wait that long. */
const atOnce = 250

/**
 * `actions` prepare an action, once per transaction, and return what is done to its removals. Each removal succeeds or
 * fails by itself.
 */
export const makeBulk = Effect.fnUntraced(function* (
  actions: Readonly<Record<BulkAction, Effect.Effect<Step<BulkFailure>, DeletionsDisabled>>>
) {
  const transact = transacting(yield* SqlClient.SqlClient)

  return Effect.fn("Removals.bulk")(function* (action: BulkAction, ids: ReadonlyArray<string>) {
    let along: ReadonlySet<string> = new Set()
    const succeeded: Array<string> = []
    const beyond = new Set<string>()
    const failed: Array<{ id: string; code: string; detail: string }> = []

    for (const some of Arr.chunksOf(new Set(ids), atOnce)) {
      // Of a transaction that is rolled back, nothing went along.
      const withThese = new Set(along)
      const done = yield* Effect.flatMap(actions[action], (step) => step(some, withThese)).pipe(transact, Effect.result)
      if (Result.isSuccess(done)) along = withThese
      for (const id of some) {
        const one: Result.Result<Done, BulkFailure | DeletionsDisabled> | undefined = Result.isSuccess(done)
          ? done.success.get(id)
          : Result.fail(done.failure)
        if (one === undefined) continue
        if (Result.isFailure(one)) {
          failed.push({ id, code: one.failure.code, detail: one.failure.message })
          continue
        }
        succeeded.push(id)
        for (const late of one.success.beyondRecall) beyond.add(late)
      }
      yield* Effect.yieldNow
    }
    return { succeeded, beyondRecall: [...beyond], failed } satisfies BulkResult
  })
})
