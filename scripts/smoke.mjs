/**
 * The main job over HTTP, against a built server over the simulated stack: `node scripts/smoke.mjs node|bun`. Reports the
 * result of every expectation, and ends with `N passed, N failed`.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { build } from "./lib/Build.mjs"
import { install } from "./lib/Install.mjs"
import { main } from "./lib/Main.mjs"
import { environment } from "./lib/Process.mjs"
import { startSandbox, stopSandbox } from "./lib/SandboxServer.mjs"

const runtime = process.argv[2] ?? "node"
const apiKey = "key-of-the-smoke-test"
let passed = 0
let failed = 0

const expect = (what, held, seen = "") => {
  if (held) passed++
  else failed++
  process.stdout.write(`${held ? "ok" : "FAILED"}  ${what}${held || seen === "" ? "" : `: ${seen}`}\n`)
}

const caller = (url) => async (method, path, body) => {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { "x-api-key": apiKey, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body)
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
  return text === "" ? null : JSON.parse(text)
}

const everyPage = async (call, path) => {
  const items = []
  for (let cursor = ""; ;) {
    const page = await call("GET", `${path}${path.includes("?") ? "&" : "?"}limit=200${cursor}`)
    items.push(...page.items)
    if (page.nextCursor === null) return items
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`
  }
}

/** Repeats the request until the answer is as expected, or a minute has passed. */
const until = async (ask, wanted) => {
  for (const end = Date.now() + 60_000; ; await pause(200)) {
    const answer = await ask()
    if (wanted(answer) || Date.now() > end) return answer
  }
}

const hasCurl = () => {
  try {
    execFileSync("curl", ["--version"], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}

const looksAround = async ({ printed, url }, call) => {
  expect("the server prints the address on which it listens", url.startsWith("http://127.0.0.1:"), printed)
  expect("it is healthy without a key", (await fetch(`${url}/api/v1/health`)).status === 200)
  expect("nothing else is open without a key", (await fetch(`${url}/api/v1/items`)).status === 401)
  const lines = printed.split("\n").filter((line) => line.startsWith("  curl "))
  expect("it prints three commands to begin with", lines.length === 3, printed)
  if (hasCurl()) {
    for (const line of lines) {
      const answer = JSON.parse(
        execFileSync("sh", ["-c", line], { encoding: "utf8", env: environment({ TENDARR_API_KEY: apiKey }) })
      )
      expect(`the printed command works: ${line.trim().slice(-60)}`, answer.code === undefined, JSON.stringify(answer))
    }
  }
  const preview = await call("GET", "/preview?status=planned&limit=200")
  expect("the preview shows what would be removed", preview.items.length > 0)
  expect(
    "every planned item has a reason",
    preview.items.every((item) => item.planned && item.reason.length > 0)
  )
  const run = await call("POST", "/jobs/capacity/runs?wait=60", {})
  expect("a run of the main job completes", run.status === "completed", JSON.stringify(run))
  const proposals = await call("GET", "/removals?state=proposed")
  expect("in dry-run it leaves proposals", proposals.items.length > 0)
  const why = await call("GET", `/items/${proposals.items[0].itemId}/explanation`)
  expect(
    "an item explains itself by facts with sources",
    why.decision.facts.every((fact) => "source" in fact),
    why.summary
  )
  expect("its score consists of factors", why.decision.score.factors.length > 0)
  return preview
}

const bringsDiskToTarget = async (call, breached) => {
  const run = await call("POST", "/jobs/capacity/runs?wait=60", {})
  expect("in auto mode the run schedules removals", run.result.scheduled > 0, JSON.stringify(run.result))
  const query = `/removals?diskGroupId=${breached.id}`
  const open = await until(
    () => call("GET", `${query}&open=true`),
    ({ items }) => items.length === 0
  )
  expect("all of them are carried out", open.items.length === 0, JSON.stringify(open.items[0]))
  // The disks are read again after the last removal of the run, before the run ends.
  await until(
    () => call("GET", "/jobs/removals"),
    ({ running }) => running === null
  )
  const disk = (await call("GET", "/disk-groups")).items.find(({ id }) => id === breached.id)
  const target = (disk.limits.target / 100) * disk.totalBytes
  const removed = (await everyPage(call, `${query}&state=removed`)).toSorted((a, b) => (a.endedAt < b.endedAt ? 1 : -1))
  expect("the disk is at its target", disk.usedBytes <= target, `${disk.usedPercent} %`)
  expect(
    "and no further: without the last removal it would not be",
    disk.usedBytes + removed[0].sizeBytes > target,
    `${disk.usedPercent} %, last ${removed[0].sizeBytes}`
  )
  const again = await call("POST", "/jobs/capacity/runs?wait=60", {})
  expect("another run plans nothing more", again.result.scheduled === 0, JSON.stringify(again.result))
  return removed
}

/** Movies, seasons and albums, each from one application, which loses what was planned and nothing else. */
const keepsWithinCapacity = async ({ url }, call) => {
  await call("PATCH", "/settings/removals", { delaySeconds: 0, spacingSeconds: 0 })
  const disks = (await call("GET", "/disk-groups")).items
  const films = disks.find((disk) => disk.breached)
  const roomy = disks.filter((disk) => !disk.breached)
  expect("one disk of the simulated stack is too full", films !== undefined && roomy.length === 2)
  await call("PATCH", `/disk-groups/${films.id}`, { mode: "auto" })
  const removed = await bringsDiskToTarget(call, films)
  const parts = []
  for (const disk of roomy) {
    const { usedPercent } = disk
    const limits = { type: "percent", threshold: Math.floor(usedPercent) - 1, target: Math.floor(usedPercent) - 6 }
    await call("PATCH", `/disk-groups/${disk.id}`, { mode: "auto", limits })
    parts.push(...(await bringsDiskToTarget(call, disk)))
  }
  expect(
    "of shows single seasons go, and of artists single albums",
    [...new Set(parts.map(({ kind }) => kind))].toSorted().join() === "album,season"
  )
  const journal = await fetch(`${url}/sandbox/journal`, { headers: { "x-api-key": apiKey } })
  const destroyed = (await journal.json()).entries.filter((entry) => entry.destructive)
  expect(
    "the applications were asked once for each of them, and for nothing else",
    destroyed.length === removed.length + parts.length,
    `${destroyed.length} requests for ${removed.length + parts.length} removals`
  )
  return removed
}

const bringsOneBack = async (call, removed) => {
  const { id, itemId, title } = removed.find((removal) => removal.restorable)
  expect("the removed item is gone", (await call("GET", `/items/${itemId}`)).goneAt !== null)
  const restored = await call("POST", `/removals/${id}/restore`, {})
  expect("a removal can be undone", restored.state === "restored", JSON.stringify(restored))
  const protections = (await call("GET", "/protections")).items
  expect(
    "who brings an item back keeps it",
    protections.some((protection) => protection.title === title),
    title
  )
  const audit = await call("GET", `/event-log?category=audit&subjectType=removal&subjectId=${id}`)
  expect(
    "the audit log contains every step",
    audit.items.length >= 3,
    JSON.stringify(audit.items.map(({ type }) => type))
  )
}

main(async () => {
  await install()
  await build()
  const folder = mkdtempSync(join(tmpdir(), "tendarr-smoke-"))
  const server = await startSandbox(runtime, folder, { env: { TENDARR_API_KEY: apiKey } })
  try {
    const call = caller(server.url)
    await looksAround(server, call)
    await bringsOneBack(call, await keepsWithinCapacity(server, call))
  } catch (error) {
    expect("no call fails", false, error.stack)
  } finally {
    const code = await stopSandbox(server)
    expect("a signal ends the server cleanly", code === 0, `exit code ${code}`)
    rmSync(folder, { recursive: true, force: true })
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  if (failed > 0) process.exitCode = 1
})
