/**
 * Replays the documents of the products whose APIs are served as dialects against a built server over the simulated
 * stack: `node scripts/replay.mjs node|bun`. The requests are with the recorded responses of the applications, in the
 * folder that TENDARR_SHARED names; without it nothing is replayed. Ends with `N passed, N failed`.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build } from "./lib/Build.mjs"
import { install } from "./lib/Install.mjs"
import { main } from "./lib/Main.mjs"
import { CommandFailed, run, runtimes, print } from "./lib/Process.mjs"
import { startSandbox, stopSandbox } from "./lib/SandboxServer.mjs"

const runtime = process.argv[2] ?? "node"
const apiKey = "key-of-the-replay"
/** Those that are finished. */
const dialects = ["cleanuparr", "prunerr"]

main(async () => {
  const replay = join(process.env.TENDARR_SHARED ?? "", "conformance", "replay.mjs")
  if (process.env.TENDARR_SHARED === undefined || !existsSync(replay)) {
    print("There are no documents to replay: TENDARR_SHARED does not name them")
    process.stdout.write("0 passed, 0 failed\n")
    return
  }
  await install()
  await build()
  const folder = mkdtempSync(join(tmpdir(), "tendarr-replay-"))
  const server = await startSandbox(runtime, folder, {
    flags: ["--dialects", dialects.join()],
    env: { TENDARR_API_KEY: apiKey }
  })
  try {
    await run(runtimes.node, [replay, "--base", server.url, "--api-key", apiKey, "--only", dialects.join()], {})
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    process.exitCode = 1
  } finally {
    const code = await stopSandbox(server)
    if (code !== 0) {
      print(`The server ended with ${code}`)
      process.exitCode = 1
    }
    rmSync(folder, { recursive: true, force: true })
  }
})
