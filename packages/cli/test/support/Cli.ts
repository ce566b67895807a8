/**
 * The command: in this process, where only its edges are replaced, or as a child process where a test is about those. Either
 * way it sees nothing of this process's environment but what every program needs.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { Console as NodeConsole } from "node:console"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Writable } from "node:stream"
import { fileURLToPath } from "node:url"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect, Exit, Sink, Stdio, Stream } from "effect"
import { TerminalCapabilities } from "effect/cli"
import { runCommandLine } from "../../src/Command.ts"

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
  /** Its standard input; empty by default. */
  readonly input?: string
}

const environment = (extra: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  HOME: process.env["HOME"] ?? "",
  TMPDIR: tmpdir(),
  NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "",
  ...extra
})

/**
 * Runs a command line to its end, in this process. Commands wait for each other, since each has the environment, the
 * directory and the file mode mask of the process for itself.
 */
export const cli = (args: ReadonlyArray<string>, options: CliOptions = {}): Promise<Outcome> => {
  const turn = last.then(() => withProcess(options, () => runHere(args, options.input ?? "")))
  last = turn.catch(() => undefined)
  return turn
}

let last: Promise<unknown> = Promise.resolve()

const withProcess = async <A>({ cwd, env }: CliOptions, use: () => Promise<A>): Promise<A> => {
  const before = { cwd: process.cwd(), env: process.env, umask: process.umask(0o077) }
  process.env = environment(env)
  if (cwd !== undefined) process.chdir(cwd)
  try {
    return await use()
  } finally {
    process.chdir(before.cwd)
    process.env = before.env
    process.umask(before.umask)
  }
}

/** As main.ts runs it, with pipes for its input and outputs. */
const runHere = async (args: ReadonlyArray<string>, input: string): Promise<Outcome> => {
  const output = { stdout: "", stderr: "" }
  const into = (name: "stdout" | "stderr") =>
    new Writable({
      decodeStrings: false,
      write: (text: string, _, done) => {
        output[name] += text
        done()
      }
    })
  const sink = (name: "stdout" | "stderr") =>
    Sink.forEach((part: string | Uint8Array) =>
      Effect.sync(() => void (output[name] += typeof part === "string" ? part : new TextDecoder().decode(part)))
    )
  const exit = await Effect.runPromiseExit(
    runCommandLine(args).pipe(
      Effect.provideService(Console.Console, new NodeConsole(into("stdout"), into("stderr"))),
      Effect.provideService(
        Stdio.Stdio,
        Stdio.make({
          args: Effect.succeed(args),
          stdin: Stream.make(new TextEncoder().encode(input)),
          stdout: () => sink("stdout"),
          stderr: () => sink("stderr")
        })
      ),
      Effect.provideService(TerminalCapabilities.TerminalCapabilities, noTerminal),
      Effect.provide(NodeServices.layer)
    )
  )
  return { code: Exit.isSuccess(exit) ? exit.value : null, ...output }
}

const noTerminal = { canColor: false, canAnimate: false, canPrompt: false }

/** Runs a command line to its end, in a separate process. */
export const spawned = async (args: ReadonlyArray<string>, options: CliOptions = {}): Promise<Outcome> => {
  const child = start(args, options)
  if (options.input !== undefined) child.stdin?.end(options.input)
  const output = { stdout: "", stderr: "" }
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (output.stdout += text))
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (output.stderr += text))
  await once(child, "close")
  return { code: child.exitCode, ...output }
}

/** Like `tendarr … | head`, if `head` has exited before the first line. */
export const readByNobody = async (args: ReadonlyArray<string>): Promise<Pick<Outcome, "code" | "stderr">> => {
  const child = start(args, {})
  child.stdout?.destroy()
  let stderr = ""
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text))
  await once(child, "close")
  return { code: child.exitCode, stderr }
}

const start = (args: ReadonlyArray<string>, options: CliOptions): ChildProcess =>
  spawn(process.execPath, ["--conditions", "tendarr-source", entry, ...args], {
    env: environment(options.env),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"]
  })

/** The output of a successful command with `--json`. */
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

/** A running `tendarr serve --sandbox` with its own data directory and its first plan. */
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

/** Sends a request to a served sandbox like a script, and fails unless it succeeds. */
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
