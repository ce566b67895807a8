/** The outcome of a run, derived from the exit of its effect. */
import { Cause, Effect, Exit, Predicate } from "effect"
import { toJson } from "../../storage/Rows.ts"
import type { EndedStatus } from "../Job.ts"
import type { RunError } from "../Run.ts"
import type { LiveRun } from "./LiveRun.ts"

export interface Outcome {
  readonly status: EndedStatus
  readonly result: unknown
  readonly error: RunError | null
}

/**
 * A run with errors is not `completed`; a run that was interrupted by a person is `cancelled`, by the shutdown of the
 * server `interrupted`, and by itself `failed`. The error is written to the run's log, its stack at level `debug`.
 */
export const outcomeOf = Effect.fnUntraced(function* (
  live: LiveRun,
  exit: Exit.Exit<unknown, unknown>,
  stopping: boolean
): Effect.fn.Return<Outcome> {
  const { log } = live.context
  if (Exit.isSuccess(exit)) {
    const unstorable = jsonProblem(exit.value)
    // A result may be as long as a plan with thousands of entries, and is serialised next.
    yield* Effect.yieldNow
    if (unstorable !== null) {
      const error: RunError = { message: `The result is not JSON: ${unstorable}`, code: "unexpected" }
      yield* log("error", error.message)
      return { status: "failed", result: null, error }
    }
    const status = live.snapshot().errors > 0 ? "completed-with-errors" : "completed"
    return { status, result: exit.value ?? null, error: null }
  }

  const cause = exit.cause
  const broken = Cause.hasFails(cause) || Cause.hasDies(cause)
  if (Cause.hasInterrupts(cause) && (live.cancelledBy !== null || stopping)) {
    if (broken) {
      yield* log("error", `While it was being stopped: ${errorOf(cause).message}`)
      yield* log("debug", Cause.pretty(cause))
    }
    return live.cancelledBy !== null
      ? { status: "cancelled", result: null, error: null }
      : { status: "interrupted", result: null, error: stoppedError }
  }
  const error = broken ? errorOf(cause) : { message: "The run interrupted itself", code: "unexpected" }
  yield* log("error", error.message)
  yield* log("debug", Cause.pretty(cause))
  return { status: "failed", result: null, error }
})

/** The error of a run that ended because its process did. */
export const stoppedError: RunError = { message: "Tendarr stopped before the run had ended", code: "interrupted" }

/**
 * The message of a failure and its stable code. A defect is marked as one, since its message was not written for users.
 */
export const errorOf = (cause: Cause.Cause<unknown>): RunError => {
  const error = Cause.squash(cause)
  const words =
    Predicate.hasProperty(error, "message") && Predicate.isString(error.message) && error.message !== ""
      ? error.message
      : Predicate.isString(error) && error !== ""
        ? error
        : "The run failed and did not say why"
  if (!Cause.hasFails(cause)) return { message: `Unexpected error: ${words}`, code: "unexpected" }
  const code = ["code", "_tag"].flatMap((key) =>
    Predicate.hasProperty(error, key) && Predicate.isString(error[key]) ? [error[key]] : []
  )[0]
  return code === undefined ? { message: words } : { message: words, code }
}

const jsonProblem = (value: unknown): string | null => {
  try {
    toJson(value)
    return null
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  }
}
