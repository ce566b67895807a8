/** What 298 endpoints cost: on a mount that is off, and after the first request to it. */
import { join } from "node:path"
import { root, runtimes } from "../../scripts/lib/Process.mjs"
import { lineOf, memoryOf, startChild, stopChild } from "./Children.ts"
import type { Context } from "./Context.ts"
import { atMost, type Measure, measure } from "./Measure.ts"
import { newFolder, pause, startServer } from "./Stack.ts"

/** The program of the tests, whose mounts requests switch on. It runs from source, hence with more memory than a build. */
const program = (runtime: Context["runtime"]) => join(root, "packages", `http-${runtime}`, "test", "Mounts.main.ts")

/** A built server until its first answer, and after it has been idle. */
const served = async (runtime: Context["runtime"], flags: ReadonlyArray<string>) => {
  const server = await startServer({ runtime, dataDir: newFolder(), flags })
  await pause(3000)
  const { residentMb } = server.memory()
  await server.stop()
  return { millis: server.startMillis, residentMb }
}

const dialects = ["--dialects", "all"]

export const mounts = async ({ runs, runtime }: Context): Promise<ReadonlyArray<Measure>> => {
  const off: Array<number> = []
  const more: Array<number> = []
  const millis: Array<number> = []
  for (let run = 0; run < runs; run += 1) {
    const child = startChild(runtimes[runtime], [
      ...(runtime === "node" ? ["--conditions", "tendarr-source"] : ["--conditions=tendarr-source"]),
      program(runtime),
      "--port",
      "0",
      "--data-dir",
      newFolder()
    ])
    const [, url = ""] = await lineOf(child, /^Tendarr is listening on (\S+)$/m)
    await pause(3000)
    const before = memoryOf(child.pid ?? 0).residentMb
    const loaded = await (await fetch(`${url}/switch`)).json()
    if ((loaded as { manyLoaded: boolean }).manyLoaded) throw new Error("A mount that is off was loaded")
    const started = performance.now()
    await (await fetch(`${url}/switch/many/on`, { method: "POST" })).text()
    await (await fetch(`${url}/many/`)).text()
    millis.push(performance.now() - started)
    off.push(before)
    more.push(memoryOf(child.pid ?? 0).residentMb - before)
    await stopChild(child)
  }
  // The very first start fills the compile cache.
  await served(runtime, dialects)
  const without: Array<Awaited<ReturnType<typeof served>>> = []
  const withAll: Array<Awaited<ReturnType<typeof served>>> = []
  for (let run = 0; run < runs; run += 1) {
    without.push(await served(runtime, []))
    withAll.push(await served(runtime, dialects))
  }
  const startOf = (all: typeof without) => all.map(({ millis: taken }) => taken)
  const idleOf = (all: typeof without) => all.map(({ residentMb }) => residentMb)
  return [
    measure("mounts", "298 endpoints on a mount that is off: resident memory, from source", "MB", off),
    measure("mounts", "… switched on: more", "MB", more, { goal: atMost(40) }),
    measure("mounts", "… switched on, with its first request", "ms", millis),
    measure("mounts", "without dialects: start", "ms", startOf(without), { goal: atMost(300) }),
    measure("mounts", "… idle", "MB", idleOf(without), { goal: atMost(110) }),
    measure("mounts", "all dialects on: start", "ms", startOf(withAll), { goal: atMost(350) }),
    measure("mounts", "… idle", "MB", idleOf(withAll), { goal: atMost(170) })
  ]
}
