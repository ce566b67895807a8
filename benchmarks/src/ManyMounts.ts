/** What 298 endpoints cost: on a mount that is off, and after the first request to it. */
import { join } from "node:path"
import { root, runtimes } from "../../scripts/lib/Process.mjs"
import { lineOf, memoryOf, startChild, stopChild } from "./Children.ts"
import type { Context } from "./Context.ts"
import { atMost, type Measure, measure } from "./Measure.ts"
import { newFolder, pause } from "./Stack.ts"

/** The program of the tests, whose mounts requests switch on. It runs from source, hence with more memory than a build. */
const program = (runtime: Context["runtime"]) => join(root, "packages", `http-${runtime}`, "test", "Mounts.main.ts")

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
  return [
    measure("mounts", "298 endpoints on a mount that is off: resident memory, from source", "MB", off),
    measure("mounts", "… switched on: more", "MB", more, { goal: atMost(40) }),
    measure("mounts", "… switched on, with its first request", "ms", millis)
  ]
}
