/**
 * How much time has passed, by a count that nobody can set: the wall clock says when, this says how long. Two readings of one
 * boot tell the time between them; of a later boot the count itself is what is certain.
 */
import { Context, Effect, Layer } from "effect"
import { readFileSync } from "node:fs"
import { uptime } from "node:os"
import { passedMillis } from "../problems/Instants.ts"

export interface MachineReading {
  readonly millis: number
  /** The boot that it counts from; empty where the system has no name for it. */
  readonly boot: string
}

/** By default that of the process, which stands still while the machine sleeps, and starts anew with it. */
export const MachineTime = Context.Reference<Effect.Effect<MachineReading>>("tendarr/jobs/MachineTime", {
  defaultValue: () => Effect.map(passedMillis, (millis) => ({ millis, boot: "" }))
})

/** That of the machine, which goes on while it sleeps and while Tendarr does not run. */
export const MachineTimeLive = Layer.sync(MachineTime, () => {
  const boot = bootId()
  return Effect.sync(() => ({ millis: Math.round(uptime() * 1000), boot }))
})

const bootId = (): string => {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
  } catch {
    return ""
  }
}
