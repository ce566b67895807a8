/** The Node server from its sources over a small simulated stack, in a separate process that can be restarted. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const entry = fileURLToPath(new URL("../../http-node/src/main.ts", import.meta.url))

export interface SandboxServer {
  /** Changes with each start. */
  readonly url: () => string
  readonly apiKey: string
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

export const startSandboxServer = async (items: number): Promise<SandboxServer> => {
  const apiKey = "key-of-the-client-test"
  const folder = mkdtempSync(join(tmpdir(), "tendarr-client-"))
  const flags = ["--port", "0", "--sandbox-items", String(items), "--data-dir", folder]
  const begin = async (until: RegExp) => {
    const child = spawn(process.execPath, ["--conditions", "tendarr-source", entry, ...flags], {
      env: { ...process.env, TENDARR_API_KEY: apiKey },
      stdio: ["ignore", "pipe", "pipe"]
    })
    return { child, url: await addressOf(child, until) }
  }
  const end = async ({ child }: { readonly child: ChildProcess }) => {
    const closed = once(child, "close")
    child.kill()
    await closed
  }
  // The first start waits for the library: the last of its messages is printed when the main job has run once.
  let running = await begin(/\/explanation/)
  return {
    url: () => running.url,
    apiKey,
    restart: async () => {
      await end(running)
      running = await begin(/listening/)
    },
    stop: async () => {
      await end(running)
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

const addressOf = (child: ChildProcess, until: RegExp): Promise<string> => {
  let printed = ""
  return new Promise<string>((found, fail) => {
    const read = (chunk: Buffer) => {
      printed += chunk.toString()
      const match = /^Tendarr is listening on (\S+)$/m.exec(printed)
      if (match?.[1] !== undefined && until.test(printed)) found(match[1])
    }
    child.stdout?.on("data", read)
    child.stderr?.on("data", read)
    child.once("close", (code) => fail(new Error(`The server ended with ${code}: ${printed}`)))
  })
}
