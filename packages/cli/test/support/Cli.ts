/** The real command as a child process, from its sources, with nothing of this process's environment that it reads. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** For tests that start many processes, on machines that are busy. */
export const patient = { timeout: 120_000 }

const entry = fileURLToPath(new URL("../../src/main.ts", import.meta.url))

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** What stands at its input; nothing by default. */
  readonly input?: string
}

const environment = (extra: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  HOME: process.env["HOME"] ?? "",
  TMPDIR: tmpdir(),
  // Many processes load the same sources.
  NODE_COMPILE_CACHE: join(tmpdir(), "tendarr-cli-test-cache"),
  ...extra
})

const start = (args: ReadonlyArray<string>, options: CliOptions): ChildProcess =>
  spawn(process.execPath, ["--conditions", "tendarr-source", entry, ...args], {
    env: environment(options.env),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"]
  })

/** Runs a command line to its end. */
export const cli = async (args: ReadonlyArray<string>, options: CliOptions = {}): Promise<Outcome> => {
  const child = start(args, options)
  if (options.input !== undefined) child.stdin?.end(options.input)
  const output = { stdout: "", stderr: "" }
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (output.stdout += text))
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (output.stderr += text))
  await once(child, "close")
  return { code: child.exitCode, ...output }
}

/** What a command printed with `--json`, when it went well. */
export const cliJson = async <A>(args: ReadonlyArray<string>, options: CliOptions = {}): Promise<A> => {
  const outcome = await cli([...args, "--json"], options)
  if (outcome.code !== 0) throw new Error(`tendarr ${args.join(" ")} ended with ${outcome.code}: ${outcome.stderr}`)
  return JSON.parse(outcome.stdout) as A
}

export interface ServedSandbox {
  readonly url: string
  readonly dataDir: string
  /** `TENDARR_URL` and `TENDARR_API_KEY`. */
  readonly env: Readonly<Record<string, string>>
  readonly stop: (signal?: NodeJS.Signals) => Promise<Outcome>
}

/** `tendarr serve --sandbox` on a data directory of its own, up and with its first plan. */
export const serveSandbox = async (items = 60, more: ReadonlyArray<string> = []): Promise<ServedSandbox> => {
  const dataDir = await temporaryFolder()
  const apiKey = "a-key-for-the-tests-0123456789"
  const flags = ["--sandbox", "--sandbox-items", String(items), "--port", "0", "--data-dir", dataDir, ...more]
  const child = start(["serve", ...flags], { env: { TENDARR_API_KEY: apiKey } })
  const output = { stdout: "", stderr: "" }
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (output.stderr += text))
  await new Promise<void>((resolve, reject) => {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output.stdout += text
      if (output.stdout.includes("Why one of them")) resolve()
    })
    child.once("close", () => reject(new Error(`The server ended: ${output.stderr}`)))
  })
  const url = /listening on (\S+)/.exec(output.stdout)?.[1] ?? ""
  return {
    url,
    dataDir,
    env: { TENDARR_URL: url, TENDARR_API_KEY: apiKey },
    stop: async (signal = "SIGTERM") => {
      if (child.exitCode === null) {
        const closed = once(child, "close")
        child.kill(signal)
        await closed
      }
      await rm(dataDir, { recursive: true, force: true })
      return { code: child.exitCode, ...output }
    }
  }
}

/** Asks a served sandbox as a script would, and fails on anything but success. */
export const ask = async <A>(served: ServedSandbox, method: string, path: string, body?: unknown): Promise<A> => {
  const response = await fetch(`${served.url}/api/v1${path}`, {
    method,
    headers: { "x-api-key": served.env["TENDARR_API_KEY"] ?? "", "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
  return JSON.parse(text) as A
}

export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "tendarr-cli-test-"))
