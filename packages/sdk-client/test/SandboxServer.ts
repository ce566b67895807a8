/** The Node server from its sources over a small simulated stack, as a process of its own. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

const entry = fileURLToPath(new URL("../../http-node/src/main.ts", import.meta.url))

export interface SandboxServer {
  readonly url: string
  readonly apiKey: string
  readonly stop: () => Promise<void>
}

export const startSandboxServer = async (items: number): Promise<SandboxServer> => {
  const apiKey = "key-of-the-client-test"
  const child = spawn(
    process.execPath,
    ["--conditions", "tendarr-source", entry, "--port", "0", "--sandbox-items", String(items)],
    { env: { ...process.env, TENDARR_API_KEY: apiKey }, stdio: ["ignore", "pipe", "pipe"] }
  )
  let printed = ""
  const url = await new Promise<string>((found, fail) => {
    const read = (chunk: Buffer) => {
      printed += chunk.toString()
      const match = /^Tendarr is listening on (\S+)$/m.exec(printed)
      if (match?.[1] !== undefined) found(match[1])
    }
    child.stdout.on("data", read)
    child.stderr.on("data", read)
    child.once("close", (code) => fail(new Error(`The server ended with ${code}: ${printed}`)))
  })
  return {
    url,
    apiKey,
    stop: async () => {
      const closed = once(child, "close")
      child.kill()
      await closed
    }
  }
}
