/** One action on many things, each handled separately, and the report of it. */
import type { BulkResult } from "@tendarr/sdk-client"
import { Effect } from "effect"
import { type CommandFailure, failed } from "./Failure.ts"
import { clean, count } from "./output/Format.ts"
import { beyondRecallLines, type DecidedNoun } from "./output/Removals.ts"
import { currentStyle } from "./output/Style.ts"
import { answer } from "./Root.ts"

/** An error about one of them (`aboutOne`, by code) is reported with it; any other error ends the command. */
export const oneByOne = Effect.fnUntraced(function* <R>(
  chosen: ReadonlyArray<string>,
  aboutOne: ReadonlySet<string>,
  step: (
    id: string
  ) => Effect.Effect<{ readonly id: string; readonly beyondRecall?: ReadonlyArray<string> }, CommandFailure, R>
) {
  const succeeded: Array<string> = []
  const beyondRecall: Array<string> = []
  const refused: Array<BulkResult["failed"][number]> = []
  for (const id of new Set(chosen)) {
    const outcome = yield* Effect.result(step(id))
    if (outcome._tag === "Success") {
      succeeded.push(id)
      beyondRecall.push(...(outcome.success.beyondRecall ?? []))
      continue
    }
    const { failure } = outcome
    if (failure.code === null || !aboutOne.has(failure.code)) return yield* failure
    refused.push({ id, code: failure.code, detail: failure.message })
  }
  return { succeeded, beyondRecall, failed: refused } satisfies BulkResult
})

/** Prints the result, and fails if the action could not be applied to one of them. */
export const report = Effect.fnUntraced(function* (noun: DecidedNoun, done: string, result: BulkResult) {
  const style = yield* currentStyle
  yield* answer(result, () => [
    `${count(result.succeeded.length, noun)} ${done}`,
    ...beyondRecallLines(noun, result.beyondRecall, style),
    ...result.failed.map(
      ({ code, detail, id }) => `${noun.charAt(0).toUpperCase()}${noun.slice(1)} ${id}: ${clean(detail)} [${code}]`
    )
  ])
  if (result.failed.length > 0) {
    return yield* failed(`${count(result.failed.length, noun)} not ${done}`, result.failed[0]?.code ?? null)
  }
})
