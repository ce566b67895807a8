/**
 * What all calls to one host share: how many run at once, how far apart they start, and the circuit that stops asking a
 * host which does not answer. One gate stands for one `host:port`, whatever integrations point at it. An urgent call waits
 * for none of this, and its outcome counts like any other: an answer closes the circuit.
 */
import { Effect, Exit, Semaphore } from "effect"
import { passedMillis } from "../../problems/Instants.ts"

export interface HostGateOptions {
  /** Calls in flight at once. */
  readonly concurrency: number
  /** Least time between the starts of two calls. */
  readonly spacingMillis: number
  /** Failures in a row after which the circuit opens. */
  readonly circuitFailures: number
  /** How long the circuit stays open before one call may probe. */
  readonly circuitMillis: number
}

export interface HostGate {
  /**
   * Runs one attempt. `noAnswer` tells the failures that count against the host from those that are answers; `whenOpen`
   * makes the failure of an attempt that the open circuit turned away, which an `urgent` one never is.
   */
  readonly pass: <A, E, R>(
    attempt: Effect.Effect<A, E, R>,
    noAnswer: (error: E) => string | null,
    whenOpen: (reason: string) => E,
    urgent?: boolean
  ) => Effect.Effect<A, E, R>
}

export const makeHostGate = (options: HostGateOptions): HostGate => {
  const permits = Semaphore.makeUnsafe(options.concurrency)
  const circuit = { failures: 0, openUntil: 0, probing: false, lastFailure: "" }
  let nextStart = 0

  const enter = <E>(whenOpen: (reason: string) => E): Effect.Effect<{ readonly probe: boolean }, E> =>
    Effect.flatMap(passedMillis, (now) => {
      const open = circuit.failures >= options.circuitFailures
      if (open && (now < circuit.openUntil || circuit.probing)) {
        return Effect.fail(whenOpen(`not asked again yet after ${circuit.failures} failures: ${circuit.lastFailure}`))
      }
      circuit.probing = open
      return Effect.succeed({ probe: open })
    })

  /** An attempt that was interrupted tells nothing about the host. */
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

  const pass: HostGate["pass"] = (attempt, noAnswer, whenOpen, urgent = false) => {
    const run = Effect.acquireUseRelease(
      urgent ? Effect.succeed({ probe: false }) : enter(whenOpen),
      () => (urgent ? attempt : Effect.andThen(space, attempt)),
      ({ probe }, exit) => {
        const failure = Exit.findErrorOption(exit)
        const answered = Exit.isSuccess(exit) || failure._tag === "Some"
        return settle({ answered, noAnswer: failure._tag === "Some" ? noAnswer(failure.value) : null }, probe)
      }
    )
    return urgent ? run : permits.withPermit(run)
  }

  return { pass }
}
