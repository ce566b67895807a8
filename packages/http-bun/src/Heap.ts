/** Bun returns memory to the system only some time after it has become free. */
import { performance } from "node:perf_hooks"
import { Effect } from "effect"

declare const Bun: { readonly gc: (synchronously: boolean) => void }

/** If the process is busy for more than this share of the time, requests would wait for a collection. */
const busy = 0.3

const isIdle = Effect.gen(function* () {
  const before = process.cpuUsage()
  const since = performance.now()
  yield* Effect.sleep("1 second")
  const { system, user } = process.cpuUsage(before)
  return (system + user) / 1000 / (performance.now() - since) < busy
})

/** Returns free memory to the system after the first second in which the process is not busy; gives up after a minute. */
export const collectOnceIdle: Effect.Effect<void> = isIdle.pipe(
  Effect.repeat({ until: (idle) => idle, times: 60 }),
  Effect.map((idle) => {
    if (idle) Bun.gc(true)
  })
)
