/**
 * Fuzzes every operation of the API document against a built server over the simulated stack, including destructive
 * ones: `node scripts/fuzz.mjs node|bun [boundaries|random|all] [seed]`. CI runs all on Node, and the boundaries on Bun.
 * Schemathesis sends requests that match the document and requests that do not, uses results of operations in others, and
 * checks every response against the document: status, type and body. Ends with `N passed, N failed`, counting operations.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build } from "./lib/Build.mjs"
import { install } from "./lib/Install.mjs"
import { main } from "./lib/Main.mjs"
import { CommandFailed, print, root, run } from "./lib/Process.mjs"
import { startSandbox, stopSandbox } from "./lib/SandboxServer.mjs"

const [runtime = "node", wanted = "all", seed = "20261"] = process.argv.slice(2)

/**
 * First every boundary of every parameter and body, then random cases. The times are limits in seconds, for a busy
 * machine.
 */
const allRounds = [
  { name: "boundaries", phases: "examples,coverage", seconds: "150" },
  { name: "random", phases: "fuzzing,stateful", seconds: "90" }
]
const rounds = allRounds.filter(({ name }) => wanted === "all" || wanted === name)

const here = join(root, "scripts", "fuzz")
const tools = join(root, ".tendarr", "fuzz")

/** Installs the pinned tool into its own folder, once. */
const installTool = async () => {
  const requirements = join(here, "requirements.txt")
  const stamp = join(tools, "requirements.txt")
  const wanted = readFileSync(requirements, "utf8")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return
  print("Installing Schemathesis …")
  rmSync(tools, { recursive: true, force: true })
  mkdirSync(tools, { recursive: true })
  await run("python3", ["-m", "venv", tools], { quiet: true })
  await run(join(tools, "bin", "python"), ["-m", "pip", "install", "--quiet", "--requirement", requirements], {
    quiet: true
  })
  writeFileSync(stamp, wanted)
}

const caller = (url, key) => async (method, path, body) => {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { "x-api-key": key, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body)
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
  return JSON.parse(text)
}

/** Lets the jobs that are started remove something, and makes sure that every kind of object exists. */
const prepare = async (call) => {
  await call("PATCH", "/settings/removals", { delaySeconds: 0, spacingSeconds: 0 })
  for (const { id } of (await call("GET", "/disk-groups")).items) {
    await call("PATCH", `/disk-groups/${id}`, { mode: "approval" })
  }
  const condition = { kind: "condition", field: "year", operator: "gte", value: 2020 }
  for (const name of ["One", "Two", "Three"]) await call("POST", "/rules", { name, effect: "prefer-keep", condition })
  const [{ id }] = (await call("GET", "/items?limit=1")).items
  await call("POST", "/protections", { itemId: id, reason: "so that there is one" })
}

const fuzz = async (url, key, folder, { phases, seconds }) => {
  const report = join(folder, `${phases}.json`)
  const args = ["--config-file", join(here, "schemathesis.toml"), "run", `${url}/openapi.json`]
  args.push(
    "--phases",
    phases,
    "--seed",
    seed,
    "--max-time",
    seconds,
    "--request-timeout",
    "20",
    "--continue-on-failure"
  )
  args.push("--generation-database", "none", "--warnings", "off", "--no-color")
  args.push("--report", "json", "--report-json-path", report)
  try {
    await run(join(tools, "bin", "schemathesis"), args, { cwd: folder, env: { TENDARR_FUZZ_KEY: key } })
  } catch (error) {
    // The findings are in its report, and have been printed.
    if (!(error instanceof CommandFailed) || !existsSync(report)) throw error
  }
  return JSON.parse(readFileSync(report, "utf8"))
}

main(async () => {
  if (rounds.length === 0) throw new Error(`There is no round "${wanted}"; there are boundaries, random, and all`)
  await install()
  await build()
  await installTool()
  const folder = mkdtempSync(join(tmpdir(), "tendarr-fuzz-"))
  const data = join(folder, "data")
  const server = await startSandbox(runtime, data, { flags: ["--sandbox-items", "60"] })
  let passed = 0
  let failed = 0
  const expect = (what, held) => {
    if (held) passed++
    else failed++
    print(`${held ? "ok" : "FAILED"}  ${what}`)
  }
  try {
    // API keys can be revoked by a request; the local key cannot.
    const key = readFileSync(join(data, "local.key"), "utf8").trim()
    const call = caller(server.url, key)
    await prepare(call)
    for (const round of rounds) {
      print(`Fuzzing ${server.url} on ${runtime}, ${round.phases}, with the seed ${seed} …`)
      const { errors, failures, operations, stop_reason, test_cases } = await fuzz(server.url, key, folder, round)
      const bad = new Set([...failures, ...errors].flatMap((entry) => entry.operations ?? [entry.operation ?? "?"]))
      passed += operations.tested - bad.size
      failed += bad.size
      for (const operation of bad) print(`FAILED  ${operation}`)
      print(
        `${test_cases.generated} requests to ${operations.tested} operations, until ${stop_reason ?? "all was tried"}`
      )
      expect("every operation was reached", operations.tested === operations.selected && operations.tested > 50)
    }
    expect("the server is healthy afterwards", (await call("GET", "/health")).status === "ok")
    const { status } = await call("POST", "/jobs/capacity/runs?wait=60", {})
    expect("a run of the main job still completes", status.startsWith("completed"))
  } finally {
    expect("a signal ends the server cleanly", (await stopSandbox(server)) === 0)
    rmSync(folder, { recursive: true, force: true })
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  if (failed > 0) process.exitCode = 1
})
