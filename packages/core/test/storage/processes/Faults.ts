/** A full disk, and files that are read-only, damaged, locked or missing: the messages of a server, and the data that it leaves. */
import { chmod, cp, mkdir, open, readdir, rm, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "vitest"
import type { ServerCommand } from "../../http/ServerProcess.ts"
import { call } from "../../http/Client.ts"
import { launch, type Launched, type LaunchOptions, type TestDisk, withPlace } from "./Process.ts"

/** A user without access to these files. */
const nobody = 65_534

export const faultTests = (command: ServerCommand, disk: TestDisk | string) => {
  const withData = (
    use: (place: {
      folder: string
      data: string
      start: (options?: LaunchOptions) => Promise<Launched>
    }) => Promise<void>
  ) =>
    withPlace(({ folder, launched }) => {
      const data = join(folder, "data")
      const start = ({ flags = [], ...options }: LaunchOptions = {}) =>
        launch(command, { flags: ["--data-dir", data, ...flags], ...options }).then(launched)
      return use({ folder, data, start })
    })

  const refused = async (start: Promise<Launched>, ...words: ReadonlyArray<string | RegExp>) => {
    const server = await start
    assert.isNull(server.url, server.output())
    assert.strictEqual(server.code(), 1)
    for (const word of words) assert.match(server.output(), new RegExp(word))
    assert.notMatch(server.output(), /^ +at /m, "no stack is shown for what has a name")
  }

  const reason = typeof disk === "string" ? ` (skipped: ${disk})` : ""
  describe.skipIf(typeof disk === "string")(`a disk without room${reason}`, { timeout: 120_000 }, () => {
    it("refuses writes, reports that in health and status, changes nothing, and continues once there is space", () =>
      withData(async ({ data, folder, start }) => {
        if (typeof disk === "string") return
        const full = join(folder, "full")
        const env = disk.env({ data, synced: folder, full })
        const server = await start({ env })
        const health = () => call(server.url ?? "", "GET", "/api/v1/health")
        const name = async () => (await server.api("GET", "/settings/general")).at("value", "instanceName")
        const before = await name()
        await writeFile(full, "")
        for (let attempt = 0; attempt < 3; attempt++) {
          const answer = await server.api("PATCH", "/settings/general", { instanceName: "No room for it" })
          assert.strictEqual(answer.status, 507, answer.text)
          assert.strictEqual(answer.headers.get("content-type"), "application/problem+json")
          assert.deepInclude(answer.body, { code: "storage-failed", reason: "full" })
          assert.match(answer.textAt("detail"), /is full.*Free some space/)
        }
        assert.strictEqual(await name(), before)
        const sync = await server.api("POST", "/jobs/library-sync/runs", {})
        assert.strictEqual(sync.status, 507, sync.text)
        assert.strictEqual((await health()).status, 507)
        assert.strictEqual((await server.api("GET", "/status")).at("storage", "status"), "full")
        await rm(full)
        assert.strictEqual((await health()).status, 200)
        assert.strictEqual((await server.api("GET", "/status")).at("storage", "status"), "ok")
        assert.strictEqual((await server.api("PATCH", "/settings/general", { instanceName: "Room" })).status, 200)
        const again = await server.api("POST", "/jobs/library-sync/runs?wait=30", {})
        assert.strictEqual(again.at("status"), "completed", again.text)
        assert.strictEqual(await name(), "Room")
        await writeFile(full, "")
        await server.kill()
        await refused(start({ env }), /is full.*Free some space/)
        await rm(full)
        assert.strictEqual((await (await start({ env })).api("GET", "/status")).status, 200)
      }))
  })

  describe("A database", { timeout: 120_000 }, () => {
    it.skipIf(process.platform === "win32")("that cannot be written is named at the start", () =>
      withData(async ({ data, start }) => {
        await (await start()).stop()
        const file = join(data, "tendarr.db")
        const root = process.getuid?.() === 0
        // Root can write all files.
        const uid = root ? { uid: nobody } : {}
        if (root) await chmod(join(data, ".."), 0o755)
        await chmod(data, root ? 0o777 : 0o700)
        for (const name of await readdir(data)) await chmod(join(data, name), root ? 0o666 : 0o600).catch(() => {})
        await chmod(file, root ? 0o444 : 0o400)
        await refused(start(uid), /tendarr\.db cannot be written.*writable/)
        await chmod(data, root ? 0o555 : 0o500)
        await refused(start(uid), "/data cannot be used as the data directory")
        await chmod(data, 0o700)
      })
    )

    it("that is damaged is reported, with the way to recover", () =>
      withData(async ({ data, start }) => {
        const server = await start()
        await server.api("POST", "/backups", {})
        await server.stop()
        const file = await open(join(data, "tendarr.db"), "r+")
        await file.write(Buffer.alloc(8192, 0x5a), 0, 8192, 0)
        await file.close()
        await refused(start(), /\/data\/tendarr\.db is damaged.*tendarr backup restore/)
      }))

    it("that another program has locked does not block reads; writes wait, and then fail with that reason", () =>
      withData(async ({ data, start }) => {
        const server = await start()
        await server.api("GET", "/status")
        const other = new DatabaseSync(join(data, "tendarr.db"))
        const patch = (instanceName: string) => server.api("PATCH", "/settings/general", { instanceName })
        const longest = async (until: Promise<unknown>) => {
          const state = { over: false }
          let most = 0
          void until.finally(() => (state.over = true))
          while (!state.over) {
            const asked = performance.now()
            assert.strictEqual((await server.api("GET", "/items?limit=1")).status, 200)
            most = Math.max(most, performance.now() - asked)
          }
          return most
        }
        other.exec("BEGIN IMMEDIATE")
        const waiting = patch("Waited")
        const reading = longest(waiting)
        await new Promise((done) => setTimeout(done, 1000))
        other.exec("ROLLBACK")
        assert.strictEqual((await waiting).status, 200)
        assert.isBelow(await reading, 1000)

        other.exec("BEGIN IMMEDIATE")
        const given = patch("Given up")
        const most = await longest(given)
        const answer = await given
        assert.strictEqual(answer.status, 503, answer.text)
        assert.strictEqual(answer.at("code"), "database-held")
        assert.strictEqual(answer.headers.get("retry-after"), "5")
        assert.isBelow(most, 1000)
        const asked = performance.now()
        assert.strictEqual((await patch("At once")).status, 503)
        assert.isBelow(performance.now() - asked, 1000, "who comes later does not wait as long again")
        other.exec("ROLLBACK")
        other.close()
        assert.strictEqual((await patch("Free")).status, 200)
        assert.strictEqual((await server.api("GET", "/settings/general")).at("value", "instanceName"), "Free")
      }))

    it("that is missing next to its key or its backups is reported, and never silently created again", () =>
      withData(async ({ data, folder, start }) => {
        const server = await start()
        await server.api("PATCH", "/settings/general", { instanceName: "Before" })
        const backup = (await server.api("POST", "/backups", {})).textAt("id")
        await server.stop()
        const file = join(data, "tendarr.db")
        await cp(data, join(folder, "kept"), { recursive: true })
        const lost = async (...left: ReadonlyArray<string>) => {
          await rm(data, { recursive: true })
          await mkdir(data)
          for (const name of left) await cp(join(folder, "kept", name), join(data, name), { recursive: true })
        }
        await lost("tendarr.key", "backups")
        await refused(start(), /tendarr\.db is missing, and tendarr\.key and 1 backup/, backup, "--start-anew")
        assert.notInclude(await readdir(data), "tendarr.db")
        await lost("tendarr.key")
        await refused(start(), /is missing, and tendarr\.key next to/)
        await lost("tendarr.db", "backups")
        await truncate(file, 0)
        await refused(start(), /is empty, and 1 backup/)
        await lost("tendarr.db", "tendarr.key")
        const emptied = new DatabaseSync(join(data, "other.db"))
        emptied.exec("CREATE TABLE a (b); DROP TABLE a; VACUUM")
        emptied.close()
        await cp(join(data, "other.db"), file)
        await refused(start(), /is empty, and tendarr\.key/)
        const anew = await start({ flags: ["--start-anew"] })
        assert.notStrictEqual((await anew.api("GET", "/settings/general")).at("value", "instanceName"), "Before")
        await anew.stop()
        // With the flag given once, it is a normal database.
        assert.isNotNull((await start()).url)
      }))
  })
}
