/** The files of a data directory are accessible only to their owner, whatever their permissions were before. */
import { chmod, readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { clientOf } from "./Client.ts"
import { adminKey, type ServerCommand, startServer, withDirectory } from "./ServerProcess.ts"

/** Permissions of everything in a directory, by path. */
export const modesIn = async (directory: string): Promise<Readonly<Record<string, string>>> => {
  const modes: Record<string, string> = {}
  for (const name of ["", ...(await readdir(directory, { recursive: true }))]) {
    modes[name] = ((await stat(join(directory, name))).mode & 0o777).toString(8)
  }
  return modes
}

/** Folders have 700, files 600. */
export const assertClosed = (modes: Readonly<Record<string, string>>): void => {
  const folders = ["", "backups", "artwork"]
  for (const [name, mode] of Object.entries(modes))
    assert.strictEqual(mode, folders.includes(name) ? "700" : "600", name)
}

export const fileTests = (command: ServerCommand) =>
  describe.skipIf(process.platform === "win32")("the data directory", () => {
    it("is accessible only to its owner with everything in it, even if it was accessible to others before", () =>
      withDirectory(async (directory) => {
        const start = () =>
          startServer(command, ["--data-dir", directory, "--sandbox", "--sandbox-items", "5"], {
            TENDARR_API_KEY: adminKey
          })
        const first = await start()
        await first.printed("Why one of them:")
        const client = clientOf(first.url, adminKey)
        const run = await client("POST", "/jobs/housekeeping/runs?wait=60", {})
        const items = await client("GET", "/items?limit=1")
        const poster = await client("GET", `/items/${items.textAt("items", 0, "id")}/poster`)
        assert.strictEqual(poster.status, 200, poster.text)
        assert.strictEqual(run.at("status"), "completed", run.text)
        const modes = await modesIn(directory)
        assert.containsAllKeys(modes, [
          "tendarr.db",
          "tendarr.db-wal",
          "tendarr.key",
          "local.key",
          "tendarr.lock",
          "backups"
        ])
        assertClosed(modes)
        await first.stop()
        for (const name of Object.keys(await modesIn(directory))) {
          await chmod(join(directory, name), ["", "backups", "artwork"].includes(name) ? 0o777 : 0o666)
        }
        const second = await start()
        await second.printed("Why one of them:")
        const mended = await modesIn(directory)
        const isCopy = (name: string) => /^(backups|artwork)\//.test(name)
        assertClosed(Object.fromEntries(Object.entries(mended).filter(([name]) => !isCopy(name))))
        await second.stop()
      }))
  })
