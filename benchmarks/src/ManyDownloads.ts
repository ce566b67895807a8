/** Ten thousand downloads on one client: the first reading, the rules about them in steady state, and changes of these rules. */
import { fileURLToPath } from "node:url"
import { runtimes } from "../../scripts/lib/Process.mjs"
import { ask, lineOf, startChild, stopChild } from "./Children.ts"
import type { Context } from "./Context.ts"
import { atMost, below, type Measure, measure } from "./Measure.ts"
import { connect, newFolder, type Pauses, runJob, type Server, type Simulated, startServer } from "./Stack.ts"

const count = 10_000

/** A client and an application in a process of their own. */
const startClient = async (): Promise<Simulated> => {
  const program = fileURLToPath(new URL("DownloadsProcess.mjs", import.meta.url))
  const child = startChild(runtimes.node, [program, String(count)], { ipc: true })
  const [line] = await lineOf(child, /^\[.*\]$/m)
  return {
    integrations: JSON.parse(line),
    calls: async () => Number(await ask(child, "calls")),
    stop: () => stopChild(child)
  }
}

const leaf = (field: string, operator: string, value: unknown) => ({ kind: "condition", field, operator, value })
const group = (logic: string, ...children: ReadonlyArray<object>) => ({ kind: "group", logic, children })

const action = { type: "strike", action: "report" }

const strike = (name: string, priority: number, condition: object) => ({
  subject: "download",
  name,
  effect: "strike",
  action,
  priority,
  condition
})

const stalled = leaf("stalledMinutes", "greaterThan", 60)

/** Rules as people have them; one names a tag, whose existence is checked at each run. */
const rules = [
  { subject: "download", name: "Kept", effect: "ignore", condition: leaf("tags", "contains", "kept") },
  strike("Stalled", 3, stalled),
  strike("Metadata", 2, leaf("metadataMinutes", "greaterThan", 60)),
  strike(
    "Slow",
    1,
    group(
      "AND",
      leaf("averageSpeed", "lessThan", 50_000),
      leaf("category", "equals", "radarr"),
      leaf("completion", "lessThan", 90)
    )
  ),
  strike(
    "Failed imports",
    0,
    group("AND", leaf("faults", "contains", "failed-import"), leaf("imported", "equals", false))
  )
]

interface Watched {
  readonly millis: number
  readonly cpuMillis: number
  readonly pauses: Pauses
}

const cpuOf = async (server: Server) => (await server.watching(async () => null)).pauses.processCpuMillis

/** One piece of work: its time, the processor time of the server, and the longest pause. */
const watched = async (server: Server, work: () => Promise<unknown>): Promise<Watched> => {
  const before = await cpuOf(server)
  const started = performance.now()
  const { pauses } = await server.watching(work)
  return { millis: performance.now() - started, cpuMillis: pauses.processCpuMillis - before, pauses }
}

export const downloads = async ({ runs, runtime }: Context): Promise<ReadonlyArray<Measure>> => {
  const first: Array<Watched & { readonly calls: number }> = []
  const cycles: Array<Watched & { readonly calls: number }> = []
  const previews: Array<Watched> = []
  const changes: Array<Watched> = []
  const restarted: Array<Watched> = []
  const memory: Array<number> = []
  for (let run = 0; run < Math.min(runs, 3); run += 1) {
    const client = await startClient()
    const folder = newFolder()
    const server = await startServer({ runtime, dataDir: folder, watched: true })
    await server.call("PATCH", "/settings/downloads", { cleaning: true, pollSeconds: 60 })
    const made: Array<string> = []
    for (const rule of rules) made.push((await server.call<{ id: string }>("POST", "/rules", rule)).id)
    await connect(server, client)
    const { items } = await server.call<{ items: ReadonlyArray<{ id: string; kind: string }> }>("GET", "/integrations")
    const subject = items.find(({ kind }) => kind === "qbittorrent")?.id
    const clean = async () => {
      const before = await client.calls()
      const seen = await watched(server, () => runJob(server, "download-cleaning", {}, subject))
      return { ...seen, calls: (await client.calls()) - before }
    }
    first.push(await clean())
    for (let cycle = 0; cycle < 2; cycle += 1) await clean()
    for (let cycle = 0; cycle < 5; cycle += 1) cycles.push(await clean())
    memory.push(server.memory().residentMb)
    const preview = (of: Server) => () =>
      of.call("POST", "/rules/preview", { subject: "download", effect: "strike", action, condition: stalled })
    for (let time = 0; time < 3; time += 1) previews.push(await watched(server, preview(server)))
    for (let time = 0; time < 3; time += 1) {
      const name = `Stalled ${time}`
      changes.push(await watched(server, () => server.call("PATCH", `/rules/${made[1] ?? ""}`, { name })))
    }
    await server.stop()
    // Its clients have not been read yet then.
    const again = await startServer({ runtime, dataDir: folder, watched: true })
    restarted.push(await watched(again, preview(again)))
    await again.stop()
    await client.stop()
  }
  const row = (what: string, unit: string, samples: ReadonlyArray<number>, more = {}) =>
    measure("downloads", what, unit, samples, more)
  const pausesOf = (all: ReadonlyArray<Watched>, more: object) => {
    const cpu = all.flatMap(({ pauses }) => pauses.cpuMillis ?? [])
    const wall = all.map(({ pauses }) => pauses.wallMillis)
    return [
      row("… longest pause of the event loop", "ms", wall, more),
      ...(cpu.length === 0 ? [] : [row("… in processor time of its thread", "ms", cpu, more)])
    ]
  }
  const millisOf = (all: ReadonlyArray<Watched>) => all.map(({ millis }) => millis)
  const secondsOf = (all: ReadonlyArray<Watched>) => all.map(({ millis }) => millis / 1000)
  const callsOf = (all: ReadonlyArray<{ readonly calls: number }>) => all.map(({ calls }) => calls)
  const quiet = { goal: below(50) }
  return [
    row(
      "first reading of 10,000 downloads on one client, with their history, and a run of the rules",
      "s",
      secondsOf(first)
    ),
    row("… upstream calls", "calls", callsOf(first)),
    ...pausesOf(first, quiet),
    row("queue cleaning over 10,000 downloads, all of which have changed a little", "s", secondsOf(cycles), {
      goal: below(2)
    }),
    row(
      "… processor time of the server",
      "s",
      cycles.map(({ cpuMillis }) => cpuMillis / 1000)
    ),
    row("… upstream calls", "calls", callsOf(cycles), { goal: atMost(10) }),
    ...pausesOf(cycles, quiet),
    row("… resident memory afterwards", "MB", memory),
    row("preview of a rule about 10,000 downloads", "ms", millisOf(previews)),
    ...pausesOf(previews, quiet),
    row("… the first after a start, before the client was read", "ms", millisOf(restarted)),
    ...pausesOf(restarted, quiet),
    row("change of a rule about 10,000 downloads", "ms", millisOf(changes)),
    ...pausesOf(changes, quiet)
  ]
}
