/**
 * Loaded into the measured server before its own program. Once asked to, it watches how long the event loop stands still, by the
 * clock and by the processor time of its thread: the second is blind to what other processes do to the machine.
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

/** A timer of a millisecond that comes late by more tells of a pause. */
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
  if (message === "told") {
    watching = false
    const { system, user } = process.cpuUsage()
    process.send({ ...longest, processCpuMillis: (system + user) / 1000 })
  }
})
// Being listened to must not keep the server alive.
process.channel?.unref()
