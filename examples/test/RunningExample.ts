/** An example as a reader runs it: a Node process with the built packages. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

export interface RunningExample {
  readonly process: ChildProcess
  /** Everything that it has printed so far. */
  readonly printed: () => string
  /** Resolves when a matching line is printed; rejects if the process ends before that. */
  readonly line: (pattern: RegExp) => Promise<string>
  /** Resolves with the output when the process has ended successfully, and rejects with it otherwise. */
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
  // A test that only waits for a line does not handle this rejection.
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
