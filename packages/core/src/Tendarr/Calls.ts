/**
 * Connects the promises of `Tendarr` to the services: a call, a call whose input is validated first, a job run that is
 * waited for, and iteration over the pages of a list.
 */
import { type Cause, type Context, Effect, type ManagedRuntime, Option, Result, Schema, Stream } from "effect"
import { Jobs } from "../jobs/Jobs.ts"
import type { Run, RunProgress } from "../jobs/Run.ts"
import { decodeRequest } from "../problems/Decode.ts"
import type { TendarrServices } from "../Services.ts"
import type { Page } from "../storage/Pages.ts"
import { type DatabaseHeld, problemOfFault, type StorageFailed, storageFaultIn } from "../storage/StorageFaults.ts"

export interface CallOptions {
  /** Aborting interrupts the call, and cancels the run that it waits for. The promise then rejects. */
  readonly signal?: AbortSignal
}

export interface RunCallOptions extends CallOptions {
  /** Progress callback, at most a few times per second. An exception thrown here rejects the promise. */
  readonly onProgress?: (progress: RunProgress) => void
}

/** A run that has ended, with its result. */
export interface Ended<Report> {
  /** `status` says how it ended: `completed`, `completed-with-errors`, `failed`, `cancelled` or `interrupted`. */
  readonly run: Run
  /** `null` if the run failed or was cancelled. */
  readonly report: Report | null
}

export interface Calls {
  readonly run: <A, E>(effect: Effect.Effect<A, E, TendarrServices>, signal?: AbortSignal) => Promise<A>
  /**
   * Validates the caller's input before a service uses it: static types alone are not enough for input that decides on
   * removals.
   */
  readonly write: <S extends Schema.ConstraintDecoder<unknown>, A, E>(
    schema: S,
    given: unknown,
    apply: (valid: S["Type"]) => Effect.Effect<A, E, TendarrServices>
  ) => Promise<A>
  /** Starts a job and waits for its end. */
  readonly job: <Report>(
    name: string,
    report: Schema.Codec<Report, unknown>,
    options: object,
    call: {
      readonly onProgress: RunCallOptions["onProgress"] | undefined
      readonly signal: AbortSignal | undefined
      /** Id of the subject, for jobs that have some. */
      readonly subject?: string
    }
  ) => Promise<Ended<Report>>
  /** Iterates over a stream until it ends, the loop is left, the signal is aborted, or Tendarr is closed. */
  readonly loop: <A, E>(stream: Stream.Stream<A, E, TendarrServices>, signal?: AbortSignal) => AsyncIterable<A>
  /** Iterates over every entry of a list, fetching pages as needed. */
  readonly everyPage: <Query extends { readonly cursor?: string }, A, E>(
    page: (query: Query) => Effect.Effect<Page<A>, E, TendarrServices>,
    query: Query
  ) => AsyncIterable<A>
}

/** `closing` is aborted when Tendarr is closed: every iteration ends then. */
export const callsOver = (
  runtime: ManagedRuntime.ManagedRuntime<TendarrServices, unknown>,
  services: Context.Context<TendarrServices>,
  closing: AbortSignal
): Calls => {
  const run: Calls["run"] = (effect, signal) =>
    closing.aborted
      ? Promise.reject(new Error("Tendarr was closed: nothing can be asked of it any more"))
      : runtime.runPromise(Effect.catchCause(effect, withStorageFault), signal === undefined ? {} : { signal })

  const loop: Calls["loop"] = (stream, signal) => {
    const leave = signal === undefined ? closing : AbortSignal.any([closing, signal])
    return Stream.toAsyncIterableWith(
      stream.pipe(
        Stream.interruptWhen(abortOf(leave)),
        // When the loop is ended on purpose, neither the ending nor an error caused by it is thrown.
        Stream.catchCause((cause) => (leave.aborted ? Stream.empty : Stream.failCause(cause)))
      ),
      services
    )
  }

  return {
    run,
    loop,
    write: (schema, given, apply) => run(Effect.flatMap(decodeRequest(schema)(given), apply)),
    job: (name, report, options, { onProgress, signal, ...of }) =>
      run(
        Effect.gen(function* () {
          const jobs = yield* Jobs
          const { id } = yield* jobs.start(name, { ...of, options, startedBy: "person" })
          const run = yield* endOf(jobs, id, onProgress).pipe(Effect.onInterrupt(() => Effect.ignore(jobs.cancel(id))))
          const decoded = Schema.decodeUnknownResult(report)(run.result)
          return { run, report: Result.isSuccess(decoded) ? decoded.success : null }
        }),
        signal
      ),
    everyPage: (page, query) =>
      loop(
        Stream.paginate(query, (asked) =>
          Effect.map(page(asked), ({ items, nextCursor }) => [
            items,
            nextCursor === null ? Option.none() : Option.some({ ...asked, cursor: nextCursor })
          ])
        )
      )
  }
}

/** Storage faults such as a full disk are typed problems for the caller, not defects. */
const withStorageFault = <E>(cause: Cause.Cause<E>): Effect.Effect<never, E | StorageFailed | DatabaseHeld> => {
  const fault = storageFaultIn(cause)
  return fault === null ? Effect.failCause(cause) : Effect.fail(problemOfFault(fault))
}

const endOf = (jobs: Jobs["Service"], runId: string, onProgress: RunCallOptions["onProgress"]) =>
  onProgress === undefined
    ? jobs.await(runId)
    : jobs.follow(runId).pipe(
        Stream.tap(({ progress }) => (progress === null ? Effect.void : Effect.sync(() => onProgress(progress)))),
        Stream.runDrain,
        Effect.andThen(jobs.await(runId))
      )

const abortOf = (signal: AbortSignal): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    if (signal.aborted) return resume(Effect.void)
    const abort = () => resume(Effect.void)
    signal.addEventListener("abort", abort, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", abort))
  })
