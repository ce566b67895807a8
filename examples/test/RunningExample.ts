/** An example as a reader runs it: a Node process over the built packages. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

export interface RunningExample {
  readonly process: ChildProcess
  /** Everything it has printed so far. */
  readonly printed: () => string
  /** Resolves when a line is printed that matches; rejects when it ends before that. */
  readonly line: (pattern: RegExp) => Promise<string>
  /** Resolves with what it printed when it has ended well, and rejects with it otherwise. */
  readonly ended: Promise<string>
}

export const startExample = (name: string, env: Readonly<Record<string, string>>): RunningExample => {
  const file = fileURLToPath(new URL(`../${name}.ts`, import.meta.url))
  const child = spawn(process.execPath, [file], { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  const look = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text
      for (const each of look) each()
    })
  }
  const ended = once(child, "close").then(([code]) => {
    for (const each of look) each()
    if (code !== 0) throw new Error(`${name} ended with ${code}:\n${output}`)
    return output
  })
  // Who only waits for a line need not hear of the end.
  ended.catch(() => undefined)
  return {
    process: child,
    printed: () => output,
    ended,
    line: (pattern) =>
      new Promise((found, fail) => {
        const read = () => {
          const line = output.split("\n").find((each) => pattern.test(each))
          if (line !== undefined) found(line)
          else if (child.exitCode !== null) fail(new Error(`${name} ended without ${pattern}:\n${output}`))
        }
        look.add(read)
        read()
      })
  }
}

export const runExample = (name: string, env: Readonly<Record<string, string>>): Promise<string> =>
  startExample(name, env).ended
