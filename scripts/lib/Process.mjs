/**
 * Child processes of the scripts: the pinned tools are first on the path, telemetry is off, and no child outlives the
 * script.
 */
import { spawn } from "node:child_process"
import { delimiter, dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..")

const modules = join(root, "node_modules")

/** The pinned runtimes themselves: the shims in `.bin` are shells that do not forward signals. */
export const runtimes = {
  node: join(modules, "node", "bin", process.platform === "win32" ? "node.exe" : "node"),
  bun: join(modules, "bun", "bin", "bun.exe")
}

/** A script of a package that is installed at the root. */
export const script = (path) => join(modules, path)

/**
 * The environment of the pinned tools: they come first, and contact nothing except the registry. On glibc, every thread
 * would otherwise keep its own arena, which cost the server about 40 MB after a sync.
 */
export const environment = (extra = {}) => ({
  ...process.env,
  PATH: [dirname(runtimes.node), join(modules, ".bin"), process.env.PATH ?? ""].join(delimiter),
  TURBO_TELEMETRY_DISABLED: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
  DO_NOT_TRACK: "1",
  NO_UPDATE_NOTIFIER: "1",
  MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? "2",
  ...extra
})

export class CommandFailed extends Error {
  constructor(command, args, code, output) {
    super(`${[command, ...args].join(" ")} ended with ${code}`)
    this.code = code
    this.output = output
  }
}

const children = new Set()
let watching = false
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

/**
 * A child receives our signals, and one if our parent process disappears without a signal. We exit when the child has
 * ended.
 */
const start = (command, args, options) => {
  const child = spawn(command, args, options)
  if (!watching) watch()
  children.add(child)
  child.once("close", () => children.delete(child))
  return child
}

const watch = () => {
  watching = true
  const pass = (signal) => {
    for (const child of children) child.kill(signal)
  }
  for (const signal of Object.keys(exitCodes)) process.on(signal, pass)
  const parent = process.ppid
  setInterval(() => process.ppid === parent || pass("SIGTERM"), 1000).unref()
}

/** Runs to the end; rejects with `CommandFailed`. With `quiet`, output is only kept for the error. */
export const run = (command, args, { cwd = process.cwd(), env = {}, quiet = false } = {}) =>
  new Promise((done, fail) => {
    const child = start(command, args, {
      cwd,
      env: environment(env),
      stdio: quiet ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"]
    })
    let output = ""
    child.stdout?.on("data", (chunk) => (output += chunk))
    child.stderr?.on("data", (chunk) => (output += chunk))
    child.on("error", fail)
    child.on("close", (code, signal) =>
      code === 0 ? done(output) : fail(new CommandFailed(command, args, code ?? signal, output))
    )
  })

/** Runs the command in place of this process: we exit with its result. */
export const become = (command, args, { cwd = process.cwd(), env = {} } = {}) => {
  const child = start(command, args, { cwd, env: environment(env), stdio: "inherit" })
  child.on("error", (error) => {
    print(error.message)
    process.exitCode = 1
  })
  child.on("close", (code, signal) => {
    process.exitCode = code ?? exitCodes[signal] ?? 1
  })
}

/** Prints one line for people; standard output belongs to the programs that are run. */
export const print = (line) => process.stderr.write(`${line}\n`)
