/**
 * State shared by all calls to one host: how many run concurrently, how far apart they start, and a circuit breaker
 * that stops calls to a host that does not answer. There is one gate per `host:port`, whichever integrations use it.
 * Calls that change something have permits of their own, so that they do not queue behind the pages of a sync. An
 * urgent call skips all of this, but its outcome counts like any other: a response closes the circuit.
 *
 * The circuit is not `CircuitBreaker` of `effect/persistence` (4.1.0, src/persistence/CircuitBreaker.ts), which was
 * tried: while a circuit is open, it records no outcome (lines 1182 and 1202), so that the response to an urgent call
 * could not close it; and it measures with the wall clock (lines 1118 and 1180), so that a clock that is set back by an
 * hour keeps the circuit open for an hour longer.
 */
import { Effect, Exit, Semaphore } from "effect"
import { passedMillis } from "../../problems/Instants.ts"

export interface HostGateOptions {
  /** Maximum number of concurrent reads. */
  readonly concurrency: number
  /** Maximum number of concurrent calls that change something. */
  readonly actConcurrency: number
  /** How long such a call waits for its permit before it is given up. */
  readonly actWaitMillis: number
  /** Minimum time between the starts of two calls. */
  readonly spacingMillis: number
  /** Consecutive failures after which the circuit opens. */
  readonly circuitFailures: number
  /** How long the circuit stays open before one call may probe. */
  readonly circuitMillis: number
}

export interface HostGate {
  /** Runs one attempt once it is its turn. */
  readonly pass: <A, E, R>(attempt: Effect.Effect<A, E, R>, call: GatedCall<E>) => Effect.Effect<A, E, R>
}

export interface GatedCall<E> {
  /** Distinguishes failures that count against the host (the reason) from responses (`null`). */
  readonly noAnswer: (error: E) => string | null
  /** The failure of an attempt that was rejected by the open circuit; never applies to urgent attempts. */
  readonly whenOpen: (reason: string) => E
  readonly urgent?: boolean
  /** Whether an attempt failed before anything was sent, so that it reveals nothing about the host. */
  readonly heldBack?: (error: E) => boolean
  /** Set for a call that changes something: the failure if it has waited for its permit for too long. */
  readonly whenLate?: (waitedMillis: number) => E
}

export const makeHostGate = (options: HostGateOptions): HostGate => {
  const reads = Semaphore.makeUnsafe(options.concurrency)
  const acts = Semaphore.makeUnsafe(options.actConcurrency)
  const circuit = { failures: 0, openUntil: 0, probing: false, lastFailure: "" }
  let nextStart = 0

  const enter = <E>(whenOpen: (reason: string) => E): Effect.Effect<{ readonly probe: boolean }, E> =>
    Effect.flatMap(passedMillis, (now) => {
      const open = circuit.failures >= options.circuitFailures
      if (open && (now < circuit.openUntil || circuit.probing)) {
        return Effect.fail(whenOpen(`not called again yet after ${circuit.failures} failures: ${circuit.lastFailure}`))
      }
      circuit.probing = open
      return Effect.succeed({ probe: open })
    })

  /** An interrupted attempt reveals nothing about the host. */
  const settle = (outcome: { readonly answered: boolean; readonly noAnswer: string | null }, probe: boolean) =>
    Effect.map(passedMillis, (now) => {
      if (probe) circuit.probing = false
      if (outcome.noAnswer !== null) {
        circuit.failures += 1
        circuit.lastFailure = outcome.noAnswer
        if (circuit.failures >= options.circuitFailures) circuit.openUntil = now + options.circuitMillis
      } else if (outcome.answered) circuit.failures = 0
    })

  const space = Effect.gen(function* () {
    if (options.spacingMillis <= 0) return
    const now = yield* passedMillis
    const start = Math.max(now, nextStart)
    nextStart = start + options.spacingMillis
    if (start > now) yield* Effect.sleep(start - now)
  })

  /** Gives up an act whose permit does not become available in time; an act that has started is never ended by this. */
  const inTime = <A, E, R>(run: Effect.Effect<A, E, R>, late: E): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      let state: "waiting" | "begun" | "late" = "waiting"
      const begin = Effect.suspend(() => {
        if (state === "late") return Effect.fail(late)
        state = "begun"
        return run
      })
      const giveUp = Effect.suspend(() => {
        if (state === "begun") return Effect.never
        state = "late"
        return Effect.fail(late)
      })
      return Effect.raceFirst(acts.withPermit(begin), Effect.andThen(Effect.sleep(options.actWaitMillis), giveUp))
    })

  const pass: HostGate["pass"] = (attempt, call) => {
    const { heldBack = () => false, noAnswer, urgent = false, whenLate, whenOpen } = call
    const run = Effect.acquireUseRelease(
      urgent ? Effect.succeed({ probe: false }) : enter(whenOpen),
      () => (urgent ? attempt : Effect.andThen(space, attempt)),
      ({ probe }, exit) => {
        const failure = Exit.findErrorOption(exit)
        const answered = Exit.isSuccess(exit) || (failure._tag === "Some" && !heldBack(failure.value))
        return settle({ answered, noAnswer: failure._tag === "Some" ? noAnswer(failure.value) : null }, probe)
      }
    )
    if (urgent) return run
    return whenLate === undefined ? reads.withPermit(run) : inTime(run, whenLate(options.actWaitMillis))
  }

  return { pass }
}
