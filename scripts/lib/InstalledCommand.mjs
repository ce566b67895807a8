/** The `tendarr` command from the packed packages, as users run it. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { environment, run } from "./Process.mjs"
import { must } from "./Tarballs.mjs"

export const checkCommand = async (project, expect) => {
  const command = join(project, "node_modules", ".bin", "tendarr")
  const { version } = JSON.parse(readFileSync(join(project, "node_modules/@tendarr/cli/package.json"), "utf8"))
  await expect("tendarr --version prints the version of the package", async () => {
    const output = await run(command, ["--version"], { cwd: project, quiet: true })
    must(output.includes(version), output)
  })
  await expect("tendarr --help names the commands", async () => {
    const output = await run(command, ["--help"], { cwd: project, quiet: true })
    for (const name of ["serve", "status", "preview", "explain"]) must(output.includes(name), output)
  })
  await expect("npx @tendarr/cli serve --sandbox serves", () =>
    serving("npx", ["--no", "@tendarr/cli", "--", "serve"], project, async (server) => {
      // npx is in between: the signal is sent to the whole process group, as a terminal does.
      process.kill(-server.pid, "SIGTERM")
      await once(server, "close")
    })
  )
  for (const [name, arguments_] of [
    ["tendarr", ["serve"]],
    ["tendarr-server", []]
  ]) {
    await expect(`${[name, ...arguments_].join(" ")} ends cleanly on a signal`, () =>
      serving(join(project, "node_modules", ".bin", name), arguments_, project, async (server) => {
        server.kill("SIGTERM")
        const [code] = await once(server, "close")
        must(code === 0, `exit code ${code}`)
      })
    )
  }
}

/** Starts a server over the simulated stack, checks its health, and stops it. */
export const serving = async (file, args, cwd, end, given = {}) => {
  const server = spawn(file, [...args, "--sandbox", "--sandbox-items", "40", "--port", "0"], {
    cwd,
    env: environment(given),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true
  })
  try {
    const url = await addressOf(server)
    const response = await fetch(`${url}/api/v1/health`)
    const { status } = await response.json()
    must(response.status === 200 && status === "ok", `health is ${response.status} ${status}`)
    await end(server, url)
  } finally {
    if (server.exitCode === null && server.signalCode === null) process.kill(-server.pid, "SIGKILL")
  }
}

const addressOf = (server) =>
  new Promise((found, fail) => {
    let printed = ""
    const read = (chunk) => {
      printed += chunk
      const address = /^Tendarr is listening on (\S+)$/m.exec(printed)?.[1]
      if (address !== undefined) found(address)
    }
    server.stdout.on("data", read)
    server.stderr.on("data", read)
    server.once("error", fail)
    server.once("close", (code) => fail(new Error(`It ended with ${code} after printing: ${printed}`)))
  })
