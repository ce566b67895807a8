/** A server in a separate process, which may fail to start, and the simulated disk of `Disk.c`. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Answer, call } from "../../http/Client.ts"
import type { ServerCommand } from "../../http/ServerProcess.ts"

export const adminKey = "a-key-for-the-tests-of-storage"

export interface Launched {
  /** `null` if it ended before it listened. */
  readonly url: string | null
  readonly code: () => number | null
  /** Its output so far, on both streams. */
  readonly output: () => string
  readonly api: (method: string, path: string, json?: unknown, key?: string) => Promise<Answer>
  /** Sends SIGKILL. */
  readonly kill: () => Promise<void>
  /** Sends SIGTERM. */
  readonly stop: () => Promise<void>
}

export interface LaunchOptions {
  readonly flags?: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
  readonly uid?: number
}

/** Resolves when the server listens, or has ended. */
export const launch = async (
  { args, program }: ServerCommand,
  { env = {}, flags = [], uid }: LaunchOptions
): Promise<Launched> => {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TENDARR_")))
  const child = spawn(program, [...args, "--port", "0", ...flags], {
    env: { ...own, TENDARR_API_KEY: adminKey, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid, gid: uid })
  })
  let output = ""
  const url = await new Promise<string | null>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text
        const found = /^Tendarr is listening on (\S+)\n/m.exec(output)?.[1]
        if (found !== undefined) resolve(found)
      })
    }
    child.once("close", () => resolve(null))
  })
  const end = (signal: "SIGKILL" | "SIGTERM") => async () => {
    if (hasEnded(child)) return
    child.kill(signal)
    await once(child, "close")
  }
  return {
    url,
    code: () => child.exitCode,
    output: () => output,
    api: (method, path, json, key = adminKey) => {
      if (url === null) throw new Error(`The server did not come up: ${output}`)
      return call(url, method, `/api/v1${path}`, { key, ...(json === undefined ? {} : { json }) })
    },
    kill: end("SIGKILL"),
    stop: end("SIGTERM")
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

/** A directory for `use`; its processes are ended and the directory is deleted afterwards. */
export const withPlace = async (
  use: (place: { readonly folder: string; readonly launched: (server: Launched) => Launched }) => Promise<void>
): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), "tendarr-storage-"))
  const servers: Array<Launched> = []
  try {
    await use({
      folder,
      launched: (server) => {
        servers.push(server)
        return server
      }
    })
  } finally {
    for (const server of servers) await server.kill()
    await rm(folder, { recursive: true, force: true })
  }
}

export interface TestDisk {
  readonly env: (place: { readonly data: string; readonly synced: string; readonly full: string }) => {
    readonly [name: string]: string
  }
}

/** The compiled simulated disk, or the reason why it is not available. */
export const testDisk = (folder: string): TestDisk | string => {
  if (process.platform !== "linux") return "it needs LD_PRELOAD of Linux"
  const library = join(folder, "disk.so")
  try {
    execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], { stdio: "pipe" })
  } catch (error) {
    return `it needs a C compiler, \`cc\`: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`
  }
  return {
    env: ({ data, full, synced }) => ({
      LD_PRELOAD: library,
      TENDARR_DISK: data,
      TENDARR_DISK_SYNCED: synced,
      TENDARR_DISK_FULL: full
    })
  }
}

const source = fileURLToPath(new URL("Disk.c", import.meta.url))
