/** The server in a separate process, from its sources, and calls of its API. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import type { ServerCommand } from "../http/ServerProcess.ts"

const apiKey = "a-key-for-the-test-of-killed-processes"

export interface ServerProcess {
  /** The JSON of a successful response; rejects with any other response. */
  readonly call: <A>(method: string, path: string, body?: unknown) => Promise<A>
  readonly signal: (signal: NodeJS.Signals) => void
  /** Sends SIGKILL. */
  readonly kill: () => Promise<void>
}

export interface ServerProcessOptions {
  /** Loaded before the server. */
  readonly preload?: string
  readonly env?: Readonly<Record<string, string>>
}

export const startServer = async (
  command: ServerCommand,
  dataDir: string,
  { env = {}, preload }: ServerProcessOptions = {}
): Promise<ServerProcess> => {
  const first = preload === undefined ? [] : ["--import", preload]
  const args = [...first, ...command.args, "--port", "0", "--data-dir", dataDir]
  const child = spawn(command.program, args, {
    env: { ...process.env, TENDARR_API_KEY: apiKey, ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const url = await listening(child)
  return {
    call: async <A>(method: string, path: string, body?: unknown): Promise<A> => {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { "x-api-key": apiKey, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
      return JSON.parse(text) as A
    },
    signal: (signal) => void child.kill(signal),
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill("SIGKILL")
      await once(child, "exit")
    }
  }
}

/** The address that the server prints first. */
const listening = async (child: ChildProcess): Promise<string> => {
  const errors: Array<string> = []
  child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk.toString()))
  if (child.stdout === null) throw new Error("The server has no output")
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Tendarr is listening on (\S+)/.exec(line)?.[1]
    if (url !== undefined) {
      child.stdout.resume()
      return url
    }
  }
  throw new Error(`The server ended before it listened: ${errors.join("")}`)
}
