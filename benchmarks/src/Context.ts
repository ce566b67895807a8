/** Shared by the rows of one measurement: simulated stacks, synced libraries, and their readings. */
import {
  connect,
  dropFolder,
  newFolder,
  pause,
  type Pauses,
  runJob,
  type RuntimeName,
  type Server,
  type Simulated,
  startSandbox,
  startServer
} from "./Stack.ts"
import type { Memory } from "./Children.ts"

export interface Options {
  readonly items: number
  readonly runs: number
  readonly runtime: RuntimeName
}

/** The figures of one server from its start: started without data, connected, synced, first engine run. */
export interface FirstSync {
  readonly idle: Memory
  readonly afterSync: Memory
  /** Ten seconds later. */
  readonly settled: Memory
  readonly afterEngine: Memory
  readonly seconds: number
  readonly calls: number
  readonly cpuSeconds: number
  readonly libraryItems: number
  readonly pauses: Pauses
  readonly firstEngineMillis: number
  readonly enginePauses: Pauses
}

export interface Context extends Options {
  /** A running stack with that many items. */
  readonly simulated: (items: number) => Promise<Simulated>
  /** First syncs, at least as many as there are runs. */
  readonly firstSyncs: (items: number, runs: number) => Promise<ReadonlyArray<FirstSync>>
  /** A data directory with a synced library; no server holds it. */
  readonly library: (items: number) => Promise<string>
  /** A server over a copy of it. */
  readonly synced: (items: number) => Promise<Server>
  readonly close: () => Promise<void>
}

const engineRun = "/preview?status=planned&limit=1"

export const makeContext = (options: Options, print: (line: string) => void): Context => {
  const stacks = new Map<number, Promise<Simulated>>()
  const readings = new Map<number, Array<FirstSync>>()
  const libraries = new Map<number, string>()

  const simulated = (items: number) => {
    const stack = stacks.get(items) ?? startSandbox(items)
    stacks.set(items, stack)
    return stack
  }

  const firstSync = async (items: number): Promise<FirstSync> => {
    const stack = await simulated(items)
    const folder = newFolder()
    const server = await startServer({ runtime: options.runtime, dataDir: folder, watched: true })
    await pause(2000)
    const idle = server.memory()
    await connect(server, stack)
    const callsBefore = await stack.calls()
    const cpuBefore = (await server.watching(async () => null)).pauses.processCpuMillis
    const started = performance.now()
    const { pauses } = await server.watching(() => runJob(server, "library-sync", {}))
    const seconds = (performance.now() - started) / 1000
    const calls = (await stack.calls()) - callsBefore
    const afterSync = server.memory()
    await pause(10_000)
    const settled = server.memory()
    const { items: libraryItems } = await server.call<{ items: number }>("GET", "/stats")
    const engineStarted = performance.now()
    const engine = await server.watching(() => server.call("GET", engineRun))
    const firstEngineMillis = performance.now() - engineStarted
    const afterEngine = server.memory()
    await server.stop()
    if (libraries.has(items)) dropFolder(folder)
    else libraries.set(items, folder)
    const cpuSeconds = (pauses.processCpuMillis - cpuBefore) / 1000
    print(
      `  ${items} items read in ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of processor), ${calls} calls, ${afterSync.residentMb.toFixed(0)} MB`
    )
    return {
      idle,
      afterSync,
      settled,
      afterEngine,
      seconds,
      calls,
      cpuSeconds,
      libraryItems,
      pauses,
      firstEngineMillis,
      enginePauses: engine.pauses
    }
  }

  const firstSyncs = async (items: number, runs: number) => {
    const all = readings.get(items) ?? []
    readings.set(items, all)
    while (all.length < runs) all.push(await firstSync(items))
    return all
  }

  const library = async (items: number) => {
    const found = libraries.get(items)
    if (found !== undefined) return found
    await firstSyncs(items, 1)
    return libraries.get(items) ?? newFolder()
  }

  return {
    ...options,
    simulated,
    firstSyncs,
    library,
    synced: async (items) =>
      startServer({ runtime: options.runtime, dataDir: newFolder(await library(items)), watched: true }),
    close: async () => {
      for (const stack of stacks.values()) await (await stack).stop()
    }
  }
}

/**
 * Milliseconds of each of several engine runs. The state is changed before each run; otherwise the previous result
 * would be served from memory.
 */
export const engineRuns = async (server: Server, rounds: number): Promise<ReadonlyArray<number>> => {
  const samples: Array<number> = []
  while (samples.length < rounds) {
    const maxItems = 100_000 + (Math.floor(performance.now() * 1000) % 100_000)
    await server.call("PATCH", "/settings/removals", { caps: { maxItems } })
    samples.push(...(await timed(1, () => server.call("GET", engineRun))))
  }
  return samples
}

/** Milliseconds of each of several rounds. */
export const timed = async (rounds: number, work: () => Promise<unknown>): Promise<ReadonlyArray<number>> => {
  const samples: Array<number> = []
  while (samples.length < rounds) {
    const started = performance.now()
    await work()
    samples.push(performance.now() - started)
  }
  return samples
}
