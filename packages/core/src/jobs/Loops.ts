/**
 * Background loops that run as long as Tendarr serves, next to the runs of jobs: each has a name, is restarted after a
 * failure with an increasing delay, and reports its state. A run ends; a loop does not.
 */
import { Cause, Context, DateTime, Effect, Layer, Schema, type Scope } from "effect"
import { isoOfMillis, nowIso, passedMillis } from "../problems/Instants.ts"
import { errorOf } from "./Jobs/Outcome.ts"

export const LoopState = Schema.Struct({
  name: Schema.String,
  title: Schema.String,
  status: Schema.Literals(["running", "failed"]),
  since: Schema.String.annotate({ description: "Since when it has been running, or failing." }),
  failures: Schema.Int.annotate({ description: "Consecutive failures; 0 after a successful iteration." }),
  error: Schema.NullOr(Schema.String).annotate({ description: "The last error, while there are failures." }),
  nextTryAt: Schema.NullOr(Schema.String).annotate({ description: "When a failed loop is restarted." })
}).annotate({ identifier: "Loop" })
export type LoopState = typeof LoopState.Type

export interface LoopDefinition<R = never> {
  /** Lower-kebab-case; visible to users and in the API. */
  readonly name: string
  readonly title: string
  /**
   * One iteration. The next one starts as soon as it ends, so the effect must do its own waiting. A failure or a defect
   * ends the iteration and is reported; the next one starts after the delay.
   */
  readonly turn: Effect.Effect<unknown, unknown, R>
  /** The delay doubles with every consecutive failure up to this. Default: 60,000. */
  readonly longestWaitMillis?: number
}

export class Loops extends Context.Service<
  Loops,
  {
    /**
     * Runs until the scope closes, which waits for the clean-up of the iteration. A second loop of the same name is a defect.
     *
     * @example
     * ```ts
     * import { Loops } from "@tendarr/core/jobs/Loops"
     * import { Effect } from "effect"
     *
     * export const startBeat = Effect.gen(function* () {
     *   const loops = yield* Loops
     *   yield* loops.start({
     *     name: "beat",
     *     title: "Logging a heartbeat",
     *     turn: Effect.andThen(Effect.log("still there"), Effect.sleep("1 minute"))
     *   })
     * })
     * ```
     */
    readonly start: <R>(definition: LoopDefinition<R>) => Effect.Effect<void, never, R | Scope.Scope>
    /** In order of their names. */
    readonly list: Effect.Effect<ReadonlyArray<LoopState>>
  }
>()("tendarr/jobs/Loops") {
  static readonly layer = Layer.sync(Loops, () => {
    const states = new Map<string, LoopState>()

    const start = Effect.fn("Loops.start")(function* <R>(definition: LoopDefinition<R>) {
      const { longestWaitMillis = longestWait, name, title, turn } = definition
      if (states.has(name)) return yield* Effect.die(new Error(`Two loops are named ${name}`))
      const update = (change: Partial<LoopState>) =>
        Effect.sync(() => {
          const before = states.get(name)
          if (before !== undefined) states.set(name, { ...before, ...change })
        })
      let failures = 0

      const well = Effect.suspend(() => {
        if (failures === 0) return Effect.void
        failures = 0
        return update({ failures, error: null })
      })

      const failed = Effect.fnUntraced(function* (cause: Cause.Cause<unknown>, began: number) {
        // An iteration that ran longer than the longest delay had recovered.
        if ((yield* passedMillis) - began > longestWaitMillis) failures = 0
        failures += 1
        const wait = Math.min(firstWait * 2 ** (failures - 1), longestWaitMillis)
        const since = yield* DateTime.now
        yield* update({
          status: "failed",
          since: DateTime.formatIso(since),
          failures,
          error: errorOf(cause).message,
          nextTryAt: isoOfMillis(DateTime.toEpochMillis(since) + wait)
        })
        yield* Effect.logError(`${title} failed, and is restarted in ${wait / 1000} seconds`, cause)
        yield* Effect.sleep(wait)
        yield* update({ status: "running", since: yield* nowIso, nextTryAt: null })
      })

      const supervised = Effect.gen(function* () {
        const began = yield* passedMillis
        yield* Effect.catchCause(Effect.andThen(turn, well), (cause) =>
          // The interruption of the loop itself is not a failure; the interruption of a fiber within an iteration is.
          Cause.hasInterruptsOnly(cause) ? Effect.andThen(Effect.yieldNow, failed(cause, began)) : failed(cause, began)
        )
      })

      // Registered before the fiber is forked, so that the name is released after the fiber has ended.
      yield* Effect.acquireRelease(
        Effect.map(nowIso, (since) =>
          states.set(name, { name, title, status: "running", since, failures: 0, error: null, nextTryAt: null })
        ),
        () => Effect.sync(() => states.delete(name))
      )
      yield* Effect.forkScoped(Effect.annotateLogs(Effect.forever(supervised), { loop: name }))
    })

    return Loops.of({
      start,
      list: Effect.sync(() => [...states.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    })
  })
}

const firstWait = 5_000
const longestWait = 60_000
