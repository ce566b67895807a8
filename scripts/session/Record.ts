/** Types the session, and writes the picture. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { keys, ScriptedTerminal } from "../lib/ScriptedTerminal.ts"
import { picture } from "./Picture.ts"

const root = resolve(import.meta.dirname, "../..")
const target = join(root, "docs", "first-run.svg")
const columns = 112
const clock = join(import.meta.dirname, "FixedClock.mjs")
const command = [process.execPath, "--import", clock, join(root, "packages", "cli", "dist", "main.js")]

interface Application {
  readonly kind: string
  readonly name: string
  readonly url: string
  readonly config: Readonly<Record<string, string>>
}

const startStack = async (): Promise<{
  readonly child: ChildProcess
  readonly applications: ReadonlyArray<Application>
}> => {
  const args = ["--import", clock, "--conditions", "tendarr-source", join(import.meta.dirname, "Stack.ts")]
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
  const printed = await Promise.race([
    once(child.stdout.setEncoding("utf8"), "data").then(([text]) => String(text)),
    once(child, "exit").then(() => {
      throw new Error("The simulated stack ended; is one of the usual ports (7878, 8989, 32400, 5055) taken?")
    })
  ])
  return { child, applications: JSON.parse(printed) as ReadonlyArray<Application> }
}

/** Another application at one of the usual ports would be found too. */
const expectQuiet = async (): Promise<void> => {
  for (const port of [7878, 8989, 8686, 8787, 6969, 32_400, 8096, 8181, 3000, 5055, 3579]) {
    const socket = connect(port, "127.0.0.1")
    const [taken] = await Promise.race([
      once(socket, "connect").then(() => [true]),
      once(socket, "error").then(
        () => [false],
        () => [false]
      )
    ]).catch(() => [false])
    socket.destroy()
    if (taken === true) throw new Error(`Something listens on port ${port}; stop it for the recording`)
  }
}

const session = async (): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), "tendarr-session-"))
  const env = { PATH: process.env["PATH"] ?? "", HOME: folder, LANG: "C.UTF-8" }
  const { applications, child } = await startStack()
  let shown = ""
  const run = async (words: ReadonlyArray<string>, steps: (terminal: ScriptedTerminal) => Promise<void>) => {
    await using terminal = new ScriptedTerminal([...command, ...words], { env, cwd: folder, columns, rows: 50 })
    await steps(terminal)
    const code = await terminal.ends()
    if (code !== 0) throw new Error(`tendarr ${words.join(" ")} ended with ${code}:\n${terminal.text}`)
    shown += `\u001b[1;32m$\u001b[0m \u001b[1mtendarr ${words.join(" ")}\u001b[0m\r\n${terminal.raw}\r\n`
  }
  try {
    await run(["init"], async (terminal) => {
      await terminal.answers("Which ones should be connected?", keys.enter)
      for (const { config, name } of applications) {
        await terminal.shows(new RegExp(`${name} at http`))
        await terminal.answers(/\? (API key|Token) ›/, `${Object.values(config)[0] ?? ""}${keys.enter}`)
        await terminal.shows(/ok {2}\S/)
      }
      await terminal.answers("Look on another host", keys.enter)
      await terminal.answers("When is a disk too full", keys.enter)
      await terminal.answers("What may Tendarr do there?", keys.enter)
    })
    await run(["preview", "--status", "planned", "--limit", "5"], async () => undefined)
    return shown
  } finally {
    child.kill("SIGTERM")
    rmSync(folder, { recursive: true, force: true })
  }
}

const started = performance.now()
await expectQuiet()
const shown = await session()
const took = (performance.now() - started) / 1000
const svg = await picture(
  shown,
  columns,
  "Setting up Tendarr at a terminal",
  "tendarr init finds Radarr, Sonarr, Plex and Seerr on this machine, asks for their keys, tries and connects them, reads the library, shows the disks, asks for limits and mode, and shows three of the items that a run would take with the reasons. Then tendarr preview lists what a run would take. The text of the picture is the whole output."
)
if (process.argv.includes("--check")) {
  if (!existsSync(target) || readFileSync(target, "utf8") !== svg) {
    process.stderr.write("docs/first-run.svg is not what the command shows now. Run: npm run record-session\n")
    process.exitCode = 1
  }
} else {
  writeFileSync(target, svg)
  process.stderr.write(
    `Wrote docs/first-run.svg, ${(svg.length / 1024).toFixed(0)} KB; the session took ${took.toFixed(1)} s\n`
  )
}
