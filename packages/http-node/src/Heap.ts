/**
 * V8 lets a heap grow to several times its live size before it collects. A server that occasionally reads a whole
 * library would keep hundreds of megabytes for the rest of its lifetime.
 */
import { performance, PerformanceObserver } from "node:perf_hooks"
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Effect } from "effect"

/**
 * Size of the space for new objects, both halves together, beyond which it does not grow; by itself it would grow to
 * four times that. Work that fills a smaller one, as V8 makes it while the server is idle, moves its garbage to the old
 * space: a sync then needs 80 MB more.
 */
const largestNewSpace = 16 * 1024 * 1024

/**
 * Collects at 1.4 times the live size, and bounds the space for new objects. Shortly after the start it frees the
 * garbage of the start itself. For processes that only serve, once they are up.
 */
export const keepHeapSmall = Effect.gen(function* () {
  setFlagsFromString("--heap-growing-percent=40")
  yield* Effect.acquireRelease(Effect.sync(boundNewSpace), (observer) => Effect.sync(() => observer.disconnect()))
  yield* Effect.forkScoped(collectIfIdle)
})

/** If the process is busy for more than this share of the time, requests would wait for a collection, which takes a tenth of a second. */
const busy = 0.3

const isIdle = Effect.gen(function* () {
  const before = performance.eventLoopUtilization()
  yield* Effect.sleep("1 second")
  return performance.eventLoopUtilization(before).utilization < busy
})

const collectIfIdle = Effect.flatMap(isIdle, (idle) => (idle ? collect : Effect.void))

/** Returns free memory to the system after the first second in which the process is not busy; gives up after a minute. */
export const collectOnceIdle: Effect.Effect<void> = isIdle.pipe(
  Effect.repeat({ until: (idle) => idle, times: 60 }),
  Effect.flatMap((idle) => (idle ? collect : Effect.void))
)

/** V8 reads the maximum only when it starts, but the factor by which the space grows at every collection. */
const boundNewSpace = (): PerformanceObserver => {
  let factor = 0
  const bound = () => {
    const size = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? 0
    const wanted = size < largestNewSpace ? 2 : 1
    if (wanted === factor) return
    factor = wanted
    setFlagsFromString(`--semi-space-growth-factor=${factor}`)
  }
  bound()
  const observer = new PerformanceObserver(bound)
  observer.observe({ entryTypes: ["gc"] })
  return observer
}

/** The last resort of V8 also gives back the pages of the space for new objects, some 9 MB. */
const collect = Effect.sync(() => {
  setFlagsFromString("--expose-gc")
  const gc: unknown = runInNewContext("gc")
  setFlagsFromString("--no-expose-gc")
  if (typeof gc === "function") gc({ type: "major", execution: "sync", flavor: "last-resort" })
})
