/** Many clients read the preview while the library is synced and a run plans over it. */
import { fileURLToPath } from "node:url"
import { runtimes } from "../../scripts/lib/Process.mjs"
import { ask, startChild } from "./Children.ts"
import type { Context } from "./Context.ts"
import { atMost, below, type Measure, measure, spreadOf } from "./Measure.ts"
import { apiKey, pause, runJob, type Server } from "./Stack.ts"

const count = 200

/** Each requests again one second after its response, until all are stopped. */
const startReaders = (url: string) => {
  const program = fileURLToPath(new URL("ReadersProcess.mjs", import.meta.url))
  const child = startChild(runtimes.node, [program, url, String(count), apiKey], { ipc: true })
  return {
    stop: async () => {
      const { answers, refusals } = (await ask(child, "stop")) as {
        readonly answers: number
        readonly refusals: ReadonlyArray<string>
      }
      if (refusals.length > 0) throw new Error(`Readers were refused: ${refusals.join(", ")}`)
      return answers
    }
  }
}

/** Milliseconds that other pages take in the meantime, and the peak memory. */
const watchOthers = (server: Server) => {
  const millis: Array<number> = []
  let most = 0
  const stopping = new AbortController()
  const watched = (async () => {
    while (!stopping.signal.aborted) {
      for (const path of ["/stats", "/items?limit=50", "/removals?limit=50"]) {
        const started = performance.now()
        await server.call("GET", path)
        millis.push(performance.now() - started)
      }
      most = Math.max(most, server.memory().residentMb)
      await pause(50)
    }
  })()
  return {
    stop: async () => {
      stopping.abort()
      await watched
      return { millis, residentMb: most }
    }
  }
}

export const readers = async (context: Context): Promise<ReadonlyArray<Measure>> => {
  await context.simulated(context.items)
  const memory: Array<number> = []
  const wall: Array<number> = []
  const cpu: Array<number> = []
  const others: Array<number> = []
  const slowest: Array<number> = []
  const seconds: Array<number> = []
  const rate: Array<number> = []
  for (let run = 0; run < context.runs; run += 1) {
    const server = await context.synced(context.items)
    const { items: groups } = await server.call<{ items: ReadonlyArray<{ id: string }> }>("GET", "/disk-groups")
    for (const { id } of groups) {
      await server.call("PATCH", `/disk-groups/${id}`, {
        mode: "approval",
        limits: { type: "percent", threshold: 2, target: 1 }
      })
    }
    await server.call("GET", "/preview?limit=50")
    const { pauses } = await server.watching(async () => {
      const reading = startReaders(`${server.url}/api/v1/preview?limit=50`)
      const readingSince = performance.now()
      await pause(2000)
      const watch = watchOthers(server)
      const started = performance.now()
      await runJob(server, "capacity", { sync: true })
      seconds.push((performance.now() - started) / 1000)
      await pause(1000)
      const seen = await watch.stop()
      const answers = await reading.stop()
      memory.push(seen.residentMb)
      rate.push(answers / ((performance.now() - readingSince) / 1000))
      others.push(spreadOf(seen.millis).median)
      slowest.push(spreadOf(seen.millis).maximum)
    })
    wall.push(pauses.wallMillis)
    if (pauses.cpuMillis !== null) cpu.push(pauses.cpuMillis)
    await server.stop()
  }
  const row = (what: string, unit: string, samples: ReadonlyArray<number>, more = {}) =>
    measure("readers", what, unit, samples, more)
  return [
    row(`\`preview\`, ${count} readers during a sync and a run: memory`, "MB", memory, { goal: below(400) }),
    row("… longest pause of the event loop", "ms", wall, { goal: below(50) }),
    ...(cpu.length === 0 ? [] : [row("… in processor time of its thread", "ms", cpu, { goal: below(50) })]),
    row("… another page meanwhile", "ms", others, { goal: atMost(250) }),
    row("… the slowest other page", "ms", slowest),
    row("… the sync and the run", "s", seconds),
    row("… previews", "req/s", rate)
  ]
}
