/**
 * Loaded into the measured server before its own program. On request, it measures how long the event loop is blocked,
 * by wall clock and by the processor time of its thread; the latter excludes the load of other processes.
 */
import { setTimeout as later } from "node:timers"

const threadMillis =
  typeof process.threadCpuUsage === "function"
    ? () => {
        const { system, user } = process.threadCpuUsage()
        return (system + user) / 1000
      }
    : null

let watching = false
let wall = 0
let cpu = 0
let longest = { wallMillis: 0, cpuMillis: threadMillis === null ? null : 0 }

/** If a one-millisecond timer is later than this, the loop was blocked. */
const tick = () => {
  if (!watching) return
  const nowWall = performance.now()
  longest.wallMillis = Math.max(longest.wallMillis, nowWall - wall - 1)
  if (threadMillis !== null) {
    const nowCpu = threadMillis()
    longest.cpuMillis = Math.max(longest.cpuMillis, nowCpu - cpu)
    cpu = nowCpu
  }
  wall = nowWall
  later(tick, 1)
}

process.on("message", (message) => {
  if (message === "watch") {
    longest = { wallMillis: 0, cpuMillis: threadMillis === null ? null : 0 }
    watching = true
    wall = performance.now()
    cpu = threadMillis?.() ?? 0
    later(tick, 1)
    process.send("watching")
    return
  }
  if (message === "report") {
    watching = false
    const { system, user } = process.cpuUsage()
    process.send({ ...longest, processCpuMillis: (system + user) / 1000, processUserMillis: user / 1000 })
  }
})
// The listener must not keep the server alive.
process.channel?.unref()
