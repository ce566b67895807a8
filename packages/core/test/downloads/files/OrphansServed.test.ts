/** Orphaned files through the API of a complete server, on a real file system. */
import * as fs from "node:fs"
import { Effect, Exit, Scope } from "effect"
import { afterAll, assert, beforeAll, describe, expect, it, vi } from "vitest"
import { assertProblem, at, call, type Sent } from "../../http/Client.ts"
import { startInMemory } from "../../http/ServerInMemory.ts"
import { adminKey, type RunningServer } from "../../http/ServerProcess.ts"
import { FakeDownloads, fakeKinds, sampleClient } from "../FakeDownloads.ts"
import { type Disk, plainDisk } from "./RealDisk.ts"

const hours = (count: number) => count * 3_600_000

describe("Orphaned files in the API", () => {
  const scope = Scope.makeUnsafe()
  const fake = new FakeDownloads()
  let server: RunningServer
  let disk: Disk

  beforeAll(async () => {
    // When files were created cannot be chosen, but the time of the server can.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() })
    disk = await Effect.runPromise(Scope.provide(plainDisk, scope))
    fake.client = sampleClient({ savePath: disk.at("downloads"), categories: [], folders: [] })
    disk.torrent(fake, "Film", 1)
    disk.write(disk.at("downloads/Old.Film/old.mkv"))
    disk.write(disk.at("downloads/Other.Film/other.mkv"))
    server = await startInMemory(
      ["--data-dir", disk.at("data")],
      { TENDARR_API_KEY: adminKey },
      { kinds: fakeKinds(fake) }
    )
    for (const [kind, name] of [
      ["loader", "Loader"],
      ["fetcher", "Fetcher"]
    ]) {
      const made = await ask("POST", "/integrations", { json: { kind, name, url: `http://${kind}.test`, config: {} } })
      assert.strictEqual(made.status, 201, made.text)
    }
    await ask("PATCH", "/settings/files", { json: { orphans: true } })
  })
  afterAll(async () => {
    vi.useRealTimers()
    assert.strictEqual((await server.stop()).code, 0, server.output())
    await Effect.runPromise(Scope.close(scope, Exit.void))
  })

  const ask = (method: string, path: string, sent: Sent = {}) =>
    call(server.url, method, `/api/v1${path}`, { key: adminKey, ...sent })

  /** Runs the job to its end. */
  const look = async (options: object = {}) => {
    const started = await ask("POST", "/jobs/orphaned-files/runs", { json: { options } })
    assert.strictEqual(started.status, 202, started.text)
    const ended = () => ask("GET", `/job-runs/${started.textAt("id")}`)
    await expect.poll(async () => (await ended()).at("endedAt"), { timeout: 10_000 }).not.toBeNull()
    const run = await ended()
    assert.strictEqual(run.at("status"), "completed", run.text)
    return run
  }

  const listed = async (query = "") =>
    (await ask("GET", `/orphans${query}`)).listAt("items").map((one) => {
      const { path, reason, state } = one as Record<string, unknown>
      return [String(path).slice(disk.root.length + 1), state, reason]
    })

  const idOf = async (name: string) => (await ask("GET", `/orphans?search=${name}`)).textAt("items", 0, "id")

  it("are reported by a dry run, which stores none of them", async () => {
    const run = await look({ dryRun: true })
    assert.lengthOf(run.listAt("result", "items"), 2, run.text)
    assert.deepStrictEqual(await listed(), [])
  })

  it("are listed in pages, with their size and why they are still there", async () => {
    await look()
    const waits = "it has not been orphaned for 48 hours"
    assert.sameDeepMembers(await listed(), [
      ["downloads/Old.Film", "found", waits],
      ["downloads/Other.Film", "found", waits]
    ])
    const first = await ask("GET", "/orphans?limit=1")
    const rest = await ask("GET", `/orphans?limit=1&cursor=${first.textAt("nextCursor")}`)
    assert.notStrictEqual(first.textAt("items", 0, "path"), rest.textAt("items", 0, "path"))
    assert.isNull(rest.at("nextCursor"))
    assert.deepStrictEqual(await listed("?search=OLD.film&state=found"), [["downloads/Old.Film", "found", waits]])
    const one = await ask("GET", `/orphans/${await idOf("Old")}`)
    assert.deepInclude(one.at(), { files: 1, bytes: 100, freesBytes: 100, folder: disk.at("downloads") })
  })

  it("stay where they are if a person says so, and are restored from quarantine", async () => {
    const kept = await ask("POST", `/orphans/${await idOf("Other")}/keep`)
    assert.strictEqual(kept.at("state"), "kept", kept.text)
    vi.setSystemTime(Date.now() + hours(50))
    await look()
    assert.sameDeepMembers(await listed(), [
      ["downloads/Old.Film", "quarantined", null],
      ["downloads/Other.Film", "kept", kept.at("reason")]
    ])
    assert.isFalse(fs.existsSync(disk.at("downloads/Old.Film")))
    assert.isTrue(fs.existsSync(disk.at("downloads/Other.Film/other.mkv")))
    const id = await idOf("Old")
    const restored = await ask("POST", `/orphans/${id}/restore`)
    assert.strictEqual(restored.at("state"), "restored", restored.text)
    assert.isTrue(fs.existsSync(disk.at("downloads/Old.Film/old.mkv")))
    const log = (await ask("GET", "/event-log?limit=200")).listAt("items")
    assert.includeDeepMembers(
      log.map((event) => [at(event, "type"), at(event, "actor")]),
      [
        ["orphan.kept", "key:env:TENDARR_API_KEY"],
        ["orphan.restored", "key:env:TENDARR_API_KEY"]
      ]
    )
    assertProblem(await ask("POST", `/orphans/${id}/restore`), 409, "orphan-conflict")
    assertProblem(await ask("POST", `/orphans/${id}/keep`), 409, "orphan-conflict")
  })

  it("are refused with what is wrong with a request", async () => {
    assertProblem(await ask("GET", "/orphans/999"), 404, "orphan-not-found")
    assertProblem(await ask("POST", "/orphans/x/restore"), 404, "orphan-not-found")
    assertProblem(await ask("GET", "/orphans?state=lost"), 400, "invalid-request")
    assertProblem(await ask("GET", "/orphans?cursor=x"), 400, "invalid-request")
    assertProblem(await ask("GET", "/orphans", { key: "" }), 401, "unauthorized")
  })
})
