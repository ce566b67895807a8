/**
 * V8 lets a heap grow to several times of what is alive before it collects. A server that reads a whole library now and then
 * would keep hundreds of megabytes for the rest of its life.
 */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Effect } from "effect"

/**
 * Collects at 1.4 times of what was alive, and leaves the space for new objects at the size that the start has given it
 * (two times 8 MB instead of 32). A moment later it drops what the start itself has left. For a process that does nothing
 * but serve, once it is up.
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
