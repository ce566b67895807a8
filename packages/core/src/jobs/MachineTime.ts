/**
 * Elapsed time by a clock that cannot be set: the wall clock measures when, this clock measures how long. Two readings of the
 * same boot give the time between them; after a reboot, only the reading itself is certain.
 */
import { Context, Effect, Layer } from "effect"
import { readFileSync } from "node:fs"
import { uptime } from "node:os"
import { passedMillis } from "../problems/Instants.ts"

export interface MachineReading {
  readonly millis: number
  /** Identifies the boot that the time counts from; empty if the system does not provide an id. */
  readonly boot: string
}

/** The default is the clock of the process, which stops while the machine sleeps, and restarts with the process. */
export const MachineTime = Context.Reference<Effect.Effect<MachineReading>>("tendarr/jobs/MachineTime", {
  defaultValue: () => Effect.map(passedMillis, (millis) => ({ millis, boot: "" }))
})

/** The clock of the machine, which continues while the machine sleeps and while Tendarr is not running. */
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
