/** Child processes of a measurement: started with the pinned tools on the path; none outlives this process. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { execFileSync } from "node:child_process"
import { environment } from "../../scripts/lib/Process.mjs"

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>
  /** With an IPC channel between the two processes. */
  readonly ipc?: boolean
}

const children = new Set<ChildProcess>()

process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL")
})
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(1))

export const startChild = (command: string, args: ReadonlyArray<string>, options: ChildOptions = {}): ChildProcess => {
  const child = spawn(command, args, {
    env: environment(options.env),
    stdio: options.ipc === true ? ["ignore", "pipe", "inherit", "ipc"] : ["ignore", "pipe", "inherit"],
    serialization: "json"
  })
  children.add(child)
  child.once("close", () => children.delete(child))
  return child
}

/** Resolves with the first matching line of output; rejects if the process ends before that. */
export const lineOf = (child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> =>
  new Promise((done, fail) => {
    let printed = ""
    child.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString()
      const found = pattern.exec(printed)
      if (found !== null) done(found)
    })
    child.once("close", (code) => fail(new Error(`A process ended with ${code} after printing: ${printed}`)))
  })

export const stopChild = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, "close")
  child.kill("SIGTERM")
  await closed
}

/** Sends a question over the IPC channel and returns the answer. */
export const ask = async (child: ChildProcess, question: string): Promise<unknown> => {
  const answered = once(child, "message")
  child.send(question)
  const [answer] = await answered
  return answer
}

/** The whole output of a process, if it ended successfully. */
export const outputOf = async (child: ChildProcess): Promise<string> => {
  let text = ""
  child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()))
  const [code] = await once(child, "close")
  if (code !== 0) throw new Error(`A process ended with ${code}: ${text}`)
  return text
}

export interface Memory {
  readonly residentMb: number
  /** Peak memory; `null` if the system does not record it. */
  readonly peakMb: number | null
}

/** Memory as reported by the operating system. */
export const memoryOf = (pid: number): Memory => {
  const file = `/proc/${pid}/status`
  if (!existsSync(file)) {
    const kilobytes = Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).trim())
    return { residentMb: kilobytes / 1024, peakMb: null }
  }
  const status = readFileSync(file, "utf8")
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? "0") / 1024
  return { residentMb: field("VmRSS"), peakMb: field("VmHWM") }
}
