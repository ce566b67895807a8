/** Child processes of the scripts: the pinned tools first on the path, no telemetry, and one clear line when one fails. */
import { spawn } from "node:child_process"
import { delimiter, dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..")

const modules = join(root, "node_modules")

/** The pinned runtimes themselves: the shims in `.bin` are shells that keep signals from them. */
export const runtimes = {
  node: join(modules, "node", "bin", process.platform === "win32" ? "node.exe" : "node"),
  bun: join(modules, "bun", "bin", "bun.exe")
}

/** A script of a package that is installed at the root. */
export const script = (path) => join(modules, path)

/** The environment in which the pinned tools run: they come first, and talk to nobody but the registry. */
export const environment = (extra = {}) => ({
  ...process.env,
  PATH: [dirname(runtimes.node), join(modules, ".bin"), process.env.PATH ?? ""].join(delimiter),
  TURBO_TELEMETRY_DISABLED: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
  DO_NOT_TRACK: "1",
  NO_UPDATE_NOTIFIER: "1",
  ...extra
})

export class CommandFailed extends Error {
  constructor(command, args, code, output) {
    super(`${[command, ...args].join(" ")} ended with ${code}`)
    this.code = code
    this.output = output
  }
}

/** Runs to the end; rejects with `CommandFailed`. With `quiet` its output is kept for the error and not shown. */
export const run = (command, args, { cwd = process.cwd(), env = {}, quiet = false } = {}) =>
  new Promise((done, fail) => {
    const child = spawn(command, args, {
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

/** Runs in our place: signals are passed on, we end as it ends, and it does not outlive who started us. */
export const become = (command, args, { cwd = process.cwd(), env = {} } = {}) => {
  const child = spawn(command, args, { cwd, env: environment(env), stdio: "inherit" })
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  const parent = process.ppid
  setInterval(() => process.ppid === parent || child.kill("SIGTERM"), 1000).unref()
  child.on("error", (error) => {
    say(error.message)
    process.exitCode = 1
  })
  child.on("close", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 143)
  })
}

/** One line to people; standard output belongs to what we run. */
export const say = (line) => process.stderr.write(`${line}\n`)
