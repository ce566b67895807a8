/** A built server over the simulated stack, for scripts that use it from outside. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { programs } from "./Build.mjs"
import { environment, runtimes } from "./Process.mjs"

/** Starts it; returns its address and its output once the main job has run. */
export const startSandbox = async (runtime, folder, { flags = [], env = {} } = {}) => {
  if (!Object.hasOwn(programs, runtime)) throw new Error(`"${runtime}" is neither node nor bun`)
  const args = [programs[runtime], "--sandbox", "--port", "0", "--data-dir", folder, ...flags]
  const child = spawn(runtimes[runtime], args, { env: environment(env), stdio: ["ignore", "pipe", "inherit"] })
  const server = { child, url: "", printed: "" }
  await new Promise((done, fail) => {
    child.stdout.on("data", (chunk) => {
      server.printed += chunk
      server.url = /^Tendarr is listening on (\S+)$/m.exec(server.printed)?.[1] ?? ""
      // The last of the first steps is printed once the main job has run.
      if (/items\/\S+\/explanation/.test(server.printed)) done()
    })
    child.once("close", (code) => fail(new Error(`The server ended with ${code} after printing: ${server.printed}`)))
  })
  return server
}

/** Stops it with a signal; returns its exit code. */
export const stopSandbox = async ({ child }) => {
  if (child.exitCode !== null) return child.exitCode
  const closed = once(child, "close")
  child.kill("SIGTERM")
  const [code] = await closed
  return code
}
