/** Backups over HTTP: created, downloaded, uploaded and refused, and restored by a restart. */
import { request } from "node:http"
import { assert, describe, it } from "vitest"
import { assertProblem, at, clientOf, download } from "./Client.ts"
import { adminKey, type RunningServer, type ServerCommand, startServer, withDirectory } from "./ServerProcess.ts"

const databaseType = "application/vnd.sqlite3"

export const backupTests = (server: () => RunningServer) => {
  const api: ReturnType<typeof clientOf> = (...sent) => clientOf(server().url, adminKey)(...sent)
  const upload = (raw: Uint8Array | ReadableStream, contentType = databaseType) =>
    api("POST", "/backups/upload", undefined, { raw, contentType })

  const fileOf = (id: string) => download(server().url, `/api/v1/backups/${id}/file`, adminKey)

  describe("backups", () => {
    it("are created, downloaded, checked and uploaded again", async () => {
      const made = await api("POST", "/backups")
      assert.strictEqual(made.status, 201, made.text)
      const id = made.textAt("id")
      assert.deepStrictEqual((await api("GET", `/backups/${id}`)).body, made.body)
      const { bytes, response } = await fileOf(id)
      assert.strictEqual(bytes.length, made.at("bytes"))
      assert.strictEqual(new TextDecoder().decode(bytes.slice(0, 15)), "SQLite format 3")
      assert.strictEqual(response.headers.get("content-type"), databaseType)
      assert.strictEqual(response.headers.get("content-disposition"), `attachment; filename="${id}.db"`)
      const verified = await api("POST", `/backups/${id}/verify`)
      assert.strictEqual(verified.at("restorable"), true, verified.text)

      const taken = await upload(bytes)
      assert.strictEqual(taken.status, 201, taken.text)
      const pieces = await upload(inPieces(bytes), "application/octet-stream")
      assert.strictEqual(pieces.status, 201, pieces.text)
      const again = await fileOf(pieces.textAt("id"))
      assert.isTrue(Buffer.from(bytes).equals(again.bytes))
      const ids = (await api("GET", "/backups")).listAt("items").map((backup) => at(backup, "id"))
      assert.includeMembers(ids, [id, taken.textAt("id"), pieces.textAt("id")])
      for (const each of ids) assert.strictEqual((await api("DELETE", `/backups/${String(each)}`)).status, 204)
      assertProblem(await api("GET", `/backups/${id}`), 404, "backup-not-found")
      assert.deepStrictEqual((await api("GET", "/backups")).listAt("items"), [])
    })

    it("refuse a file that is not a database, is too large, or has another type", async () => {
      assertProblem(await upload(new TextEncoder().encode("rubbish ".repeat(100_000))), 422, "not-a-tendarr-database")
      assertProblem(await upload(new Uint8Array(), "text/plain"), 415, "unsupported-media-type")
      await api("PATCH", "/settings/backup", { maxUploadMebibytes: 1 })
      const large = await upload(inPieces(new Uint8Array(3_000_000)))
      assertProblem(large, 413, "upload-too-large")
      assert.strictEqual(large.at("maximumBytes"), 1_048_576)
      assert.strictEqual(await statusByLength(`${server().url}/api/v1/backups/upload`, 8_000_000_000), 413)
      await api("DELETE", "/settings/backup")
      assert.deepStrictEqual((await api("GET", "/backups")).listAt("items"), [])
    })

    it("are only for admins", async () => {
      const { key } = Object((await api("POST", "/api-keys", { name: "Operates", scope: "operate" })).body)
      for (const [method, path] of [
        ["GET", "/backups"],
        ["POST", "/backups"],
        ["GET", "/backups/x/file"],
        ["POST", "/backups/x/restore"],
        ["DELETE", "/backups/x"]
      ] as const) {
        assertProblem(await clientOf(server().url, key)(method, path), 403, "insufficient-scope")
      }
    })
  })
}

export const restoreTests = (command: ServerCommand) => {
  describe("a restore", () => {
    it("is carried out by the next start, which keeps the replaced database and switches deletions off", () =>
      withDirectory(async (directory) => {
        const start = async () => {
          const server = await startServer(command, ["--data-dir", directory], { TENDARR_API_KEY: adminKey })
          return { server, api: clientOf(server.url, adminKey) }
        }
        const { api, server } = await start()
        await api("PATCH", "/settings/general", { instanceName: "Before" })
        const id = (await api("POST", "/backups")).textAt("id")
        await api("PATCH", "/settings/general", { instanceName: "After" })
        assertProblem(await api("GET", "/backups/restore"), 404, "no-pending-restore")
        const staged = await api("POST", `/backups/${id}/restore`)
        assert.strictEqual(staged.status, 202, staged.text)
        assert.deepStrictEqual((await api("GET", "/backups/restore")).body, staged.body)
        assert.strictEqual((await api("GET", "/status")).at("instanceName"), "After")
        await server.stop()

        const again = await start()
        const status = await again.api("GET", "/status")
        assert.deepStrictEqual([status.at("instanceName"), status.at("deletionsEnabled")], ["Before", false])
        assertProblem(await again.api("GET", "/backups/restore"), 404, "no-pending-restore")
        const reasons = (await again.api("GET", "/backups")).listAt("items").map((backup) => at(backup, "reason"))
        assert.sameMembers(reasons, ["manual", "restore"])
        const [event] = (await again.api("GET", "/event-log?type=backup.restored")).listAt("items")
        assert.strictEqual(at(event, "subject", "id"), id)
        await again.server.stop()
      }))
  })
}

/** A body without a content length. */
const inPieces = (bytes: Uint8Array): ReadableStream => {
  let sent = 0
  return new ReadableStream({
    pull: (controller) => {
      controller.enqueue(bytes.slice(sent, sent + 50_000))
      sent += 50_000
      if (sent >= bytes.length) controller.close()
    }
  })
}

/** The response to a content length of which no byte is sent. */
const statusByLength = (url: string, length: number): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const sending = request(url, {
      method: "POST",
      headers: { "x-api-key": adminKey, "content-type": databaseType, "content-length": String(length) }
    })
    sending.on("response", (response) => {
      resolve(response.statusCode)
      sending.destroy()
    })
    sending.on("error", reject)
    sending.flushHeaders()
  })
