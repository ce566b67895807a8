/**
 * V8 lets a heap grow to several times its live size before it collects. A server that occasionally reads a whole
 * library would keep hundreds of megabytes for the rest of its lifetime.
 */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Effect } from "effect"

/**
 * Collects at 1.4 times the live size, and leaves the space for new objects at its size after the start (two times 8 MB
 * instead of 32). Shortly afterwards it frees the garbage of the start itself. For processes that only serve, once they
 * are up.
 */
export const keepHeapSmall = Effect.gen(function* () {
  setFlagsFromString("--heap-growing-percent=40")
  setFlagsFromString("--semi-space-growth-factor=1")
  yield* Effect.forkScoped(Effect.delay(collect, "1 second"))
})

const collect = Effect.sync(() => {
  setFlagsFromString("--expose-gc")
  const gc: unknown = runInNewContext("gc")
  setFlagsFromString("--no-expose-gc")
  if (typeof gc === "function") gc()
})
