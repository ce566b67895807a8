/** A simulated stack, servers over it, and client calls to them. */
import type { ChildProcess } from "node:child_process"
import { cpSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { programs } from "../../scripts/lib/Build.mjs"
import { root, runtimes } from "../../scripts/lib/Process.mjs"
import { ask, lineOf, type Memory, memoryOf, startChild, stopChild } from "./Children.ts"

export type RuntimeName = "node" | "bun"

export const apiKey = "key-of-the-benchmarks"

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/** What the commands of the packages start: with the compile cache, as for users. */
const commands: Readonly<Record<RuntimeName, string>> = {
  node: join(root, "packages", "http-node", "bin", "tendarr-server.js"),
  bun: programs.bun
}

export interface Simulated {
  readonly integrations: ReadonlyArray<Readonly<Record<string, unknown>>>
  /** Requests that the simulated applications have answered. */
  readonly calls: () => Promise<number>
  readonly stop: () => Promise<void>
}

export const startSandbox = async (items: number): Promise<Simulated> => {
  const child = startChild(runtimes.node, [here("SandboxProcess.ts"), String(items)], { ipc: true })
  const [line] = await lineOf(child, /^\[.*\]$/m)
  return {
    integrations: JSON.parse(line),
    calls: async () => Number(await ask(child, "calls")),
    stop: () => stopChild(child)
  }
}

export interface Pauses {
  readonly wallMillis: number
  /** `null` if the runtime does not report the time of a thread. */
  readonly cpuMillis: number | null
  /** Of all threads, since the start of the process. */
  readonly processCpuMillis: number
  /** The part of it that was not spent in the system, for example on writing to sockets. */
  readonly processUserMillis: number
}

export interface Server {
  readonly url: string
  readonly dataDir: string
  /** From the start of the process to its first response. */
  readonly startMillis: number
  readonly call: <A>(method: string, path: string, body?: unknown) => Promise<A>
  readonly memory: () => Memory
  /** Measures blocking of the event loop during `work`. */
  readonly watching: <A>(work: () => Promise<A>) => Promise<{ readonly value: A; readonly pauses: Pauses }>
  readonly stop: () => Promise<void>
}

export interface ServerOptions {
  readonly runtime: RuntimeName
  readonly dataDir: string
  /** Loads the probe of the event loop. */
  readonly watched?: boolean
  /** Further flags of the server. */
  readonly flags?: ReadonlyArray<string>
}

export const startServer = async ({ dataDir, flags = [], runtime, watched }: ServerOptions): Promise<Server> => {
  const probe = here("Probe.mjs")
  const preload =
    watched !== true ? [] : runtime === "node" ? ["--import", pathToFileURL(probe).href] : ["--preload", probe]
  const extra = process.env["BENCH_NODE_FLAGS"]?.split(" ") ?? []
  const started = performance.now()
  const child = startChild(
    runtimes[runtime],
    [
      ...(runtime === "node" ? extra : []),
      ...preload,
      commands[runtime],
      "--port",
      "0",
      "--data-dir",
      dataDir,
      ...flags
    ],
    { env: { TENDARR_API_KEY: apiKey }, ipc: watched === true }
  )
  const [, url = ""] = await lineOf(child, /^Tendarr is listening on (\S+)$/m)
  const first = await fetch(`${url}/api/v1/health`)
  await first.text()
  if (first.status !== 200) throw new Error(`The first answer was ${first.status}`)
  const startMillis = performance.now() - started
  return {
    url,
    dataDir,
    startMillis,
    call: caller(url),
    memory: () => memoryOf(child.pid ?? 0),
    watching: (work) => watching(child, work),
    stop: () => stopChild(child)
  }
}

const watching = async <A>(child: ChildProcess, work: () => Promise<A>) => {
  await ask(child, "watch")
  const value = await work()
  return { value, pauses: (await ask(child, "report")) as Pauses }
}

const caller =
  (url: string) =>
  async <A>(method: string, path: string, body?: unknown): Promise<A> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { "x-api-key": apiKey, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
    return text === "" ? (null as A) : JSON.parse(text)
  }

/** Connects every simulated application to a server, as a user would. */
export const connect = async (server: Server, simulated: Simulated): Promise<void> => {
  for (const integration of simulated.integrations) await server.call("POST", "/integrations", integration)
}

export interface Run<Result> {
  readonly status: string
  readonly result: Result
  readonly startedAt: string
  readonly endedAt: string
}

/** Runs a job to its end; anything other than complete success is an error. */
export const runJob = async <Result>(
  server: Server,
  job: string,
  options: unknown,
  subject?: string
): Promise<Run<Result>> => {
  const body = { options, ...(subject === undefined ? {} : { subject }) }
  const run = await server.call<Run<Result>>("POST", `/jobs/${job}/runs?wait=300`, body)
  if (run.status !== "completed")
    throw new Error(`The job ${job} ended ${run.status}: ${JSON.stringify(run).slice(0, 2000)}`)
  return run
}

const folders = new Set<string>()
process.on("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A data directory that is deleted with this process, empty or a copy of another one that no server holds. */
export const newFolder = (copyOf?: string): string => {
  const folder = mkdtempSync(join(tmpdir(), "tendarr-bench-"))
  folders.add(folder)
  if (copyOf !== undefined) cpSync(copyOf, folder, { recursive: true })
  return folder
}

export const dropFolder = (folder: string): void => {
  rmSync(folder, { recursive: true, force: true })
  folders.delete(folder)
}

export const pause = (millis: number): Promise<void> => new Promise((done) => setTimeout(done, millis))
