/**
 * The gates of the hosts that were called recently, by `host:port`. A gate is kept while a call is under way in it, and
 * long enough afterwards that neither an open circuit nor the spacing of calls is forgotten too early.
 */
import { Effect } from "effect"
import { passedMillis } from "../../problems/Instants.ts"
import { RecentMap } from "../../problems/RecentMap.ts"
import { type HostGate, type HostGateOptions, makeHostGate } from "./HostGate.ts"

export interface HostGates {
  readonly of: (host: string) => HostGate
  /** The number of gates in memory. */
  readonly size: () => number
}

/** How long a gate is kept after its last call. Failures that are further apart do not add up. */
export const gateIdleMillis = 3_600_000

export const maximumGates = 1_000

interface Kept {
  readonly gate: HostGate
  /** Calls that wait in the gate or are under way. */
  calls: number
}

export const makeHostGates = (options: HostGateOptions): HostGates => {
  const gates = new RecentMap<string, Kept>({
    maximum: maximumGates,
    idleMillis: Math.max(gateIdleMillis, options.circuitMillis, options.spacingMillis),
    held: ({ calls }) => calls > 0
  })

  const enter = (host: string) =>
    Effect.map(passedMillis, (now) => {
      const kept = gates.get(host) ?? { gate: makeHostGate(options), calls: 0 }
      kept.calls += 1
      gates.set(host, kept, now)
      return kept
    })

  const leave = (host: string, kept: Kept) =>
    Effect.map(passedMillis, (now) => {
      kept.calls -= 1
      gates.set(host, kept, now)
    })

  return {
    of: (host) => ({
      pass: (attempt, call) =>
        Effect.acquireUseRelease(
          enter(host),
          ({ gate }) => gate.pass(attempt, call),
          (kept) => leave(host, kept)
        )
    }),
    size: () => gates.size
  }
}
