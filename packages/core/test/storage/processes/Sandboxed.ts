/** The sandbox and an installation never share a directory, however a server is started. */
import { createHash } from "node:crypto"
import { readdir, readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "vitest"
import type { ServerCommand } from "../../http/ServerProcess.ts"
import { adminKey, launch, withPlace } from "./Process.ts"

const small = ["--sandbox", "--sandbox-items", "5"]

/** Every file with its content, mode and modification time. */
const picture = async (folder: string): Promise<Record<string, string>> => {
  const names = await readdir(folder, { recursive: true })
  const entries = names.map(async (name) => {
    const info = await stat(join(folder, name))
    const content = info.isFile() ? createHash("sha256").update(await readFile(join(folder, name))) : null
    return [name, `${info.mode} ${info.mtimeMs} ${content?.digest("hex") ?? ""}`] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

export const sandboxTests = (command: ServerCommand) => {
  describe("The sandbox", { timeout: 120_000 }, () => {
    it("is refused in the directory of an installation, by flag and by environment, before anything is written", () =>
      withPlace(async ({ folder, launched }) => {
        const data = join(folder, "data")
        const own = launched(await launch(command, { flags: ["--data-dir", data] }))
        const radarr = { kind: "radarr", name: "Radarr", url: "http://127.0.0.1:9", config: { apiKey: "a".repeat(32) } }
        assert.strictEqual((await own.api("POST", "/integrations", radarr)).status, 201)
        await own.stop()
        const before = await picture(data)
        for (const given of [
          { flags: [...small, "--data-dir", data] },
          { flags: small, env: { TENDARR_DATA_DIR: data } }
        ]) {
          const refused = launched(await launch(command, given))
          assert.isNull(refused.url, refused.output())
          assert.strictEqual(refused.code(), 1)
          assert.match(refused.output(), /holds an installation.*--no-sandbox.*--data-dir.*TENDARR_DATA_DIR/)
          assert.deepStrictEqual(await picture(data), before)
        }
        const again = launched(await launch(command, { flags: ["--data-dir", data] }))
        assert.strictEqual((await again.api("GET", "/integrations")).listAt("items").length, 1)
      }))

    it("has its own directory, which is never served as an installation, and whose keys end with it", () =>
      withPlace(async ({ folder, launched }) => {
        const data = join(folder, "data")
        const keyOf = (output: string) => /^API key: (\S+)$/m.exec(output)?.[1] ?? assert.fail(output)
        const start = (env = {}) => launch(command, { flags: [...small, "--data-dir", data], env }).then(launched)
        const first = await start({ TENDARR_API_KEY: "" })
        const key = keyOf(first.output())
        assert.strictEqual((await first.api("GET", "/status", undefined, key)).status, 200)
        await first.stop()
        assert.deepStrictEqual(liveKeys(data), [])
        const second = await start({ TENDARR_API_KEY: "" })
        const other = keyOf(second.output())
        await second.kill()
        assert.deepStrictEqual(liveKeys(data), ["sandbox"], "it could not be cancelled")

        const served = launched(await launch(command, { flags: ["--data-dir", data] }))
        assert.isNull(served.url, served.output())
        assert.match(served.output(), /holds the database of a sandbox.*--sandbox/)
        const third = await start({ TENDARR_API_KEY: adminKey })
        for (const ended of [key, other]) {
          assert.strictEqual((await third.api("GET", "/status", undefined, ended)).status, 401)
        }
        assert.notInclude(liveKeys(data), "sandbox")
      }))
  })
}

const liveKeys = (data: string) => {
  const database = new DatabaseSync(join(data, "tendarr.db"))
  const rows = database.prepare("SELECT name FROM api_keys WHERE revoked_at IS NULL").all()
  database.close()
  return rows.map(({ name }) => name)
}
