/** The real server as a child process, started from source: its address, its output, and its exit. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** How a runtime starts the server: the program and its arguments, before the flags. */
export interface ServerCommand {
  readonly program: string
  readonly args: ReadonlyArray<string>
}

export interface RunningServer {
  readonly url: string
  /** Everything printed so far. */
  readonly output: () => string
  /** Resolves with the first line that begins with the text. */
  readonly printed: (start: string) => Promise<string>
  /** Sends SIGTERM; returns the exit code and the milliseconds until the exit. */
  readonly stop: () => Promise<{ readonly code: number | null; readonly millis: number }>
}

/** An admin key that tests preset. */
export const adminKey = "preset-key-of-the-http-suite"

export const startServer = async (
  command: ServerCommand,
  flags: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
): Promise<RunningServer> => {
  const child = spawn(command.program, [...command.args, "--port", "0", ...flags], {
    env: { ...withoutTendarr(process.env), ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const lines = linesOf(child)
  const first = await lines.printed("Tendarr is listening on ")
  return {
    url: first.replace("Tendarr is listening on ", ""),
    output: lines.output,
    printed: lines.printed,
    stop: () => stop(child)
  }
}

/** A directory for `use`, which is deleted afterwards. */
export const withDirectory = async <A>(use: (directory: string) => Promise<A>): Promise<A> => {
  const directory = await mkdtemp(join(tmpdir(), "tendarr-http-"))
  try {
    return await use(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Variables of the developer's shell must not affect a test. */
const withoutTendarr = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^(TENDARR|OTEL)_/.test(name)))

/** The output of a server while it runs. */
export const linesFrom = () => {
  let output = ""
  let ended: string | null = null
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const look of waiting) look()
  }
  const printed = (start: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        // The last line may be incomplete.
        const found = output
          .split("\n")
          .slice(0, -1)
          .find((line) => line.startsWith(start))
        if (found === undefined && ended === null) return
        waiting.delete(look)
        if (found !== undefined) resolve(found)
        else reject(new Error(`The server ended with ${ended} before "${start}":\n${output}`))
      }
      waiting.add(look)
      look()
    })
  return {
    output: () => output,
    printed,
    add: (text: string) => {
      output += text
      wake()
    },
    end: (how: string) => {
      ended = how
      wake()
    }
  }
}

const linesOf = (child: ChildProcess) => {
  const lines = linesFrom()
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", lines.add)
  child.on("close", () => lines.end(String(child.exitCode)))
  return lines
}

const stop = (child: ChildProcess): Promise<{ readonly code: number | null; readonly millis: number }> => {
  const startedAt = performance.now()
  return new Promise((resolve) => {
    const end = () => resolve({ code: child.exitCode, millis: performance.now() - startedAt })
    if (child.exitCode !== null || child.signalCode !== null) return end()
    // Not at the exit: the last output may not have arrived yet.
    child.once("close", end)
    child.kill("SIGTERM")
  })
}
