/**
 * A power cut, on a disk that keeps only synced data: a decision of a person is on it when the response arrives, and an intent
 * when the destructive request arrives.
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Layer, ManagedRuntime } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { holdingProxy, type HoldingProxy } from "../../killed/HoldingProxy.ts"
import { LoopbackListener } from "../../../src/sandbox/LoopbackListener.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { textAt } from "../../http/Client.ts"
import type { ServerCommand } from "../../http/ServerProcess.ts"
import { launch, type Launched, type TestDisk } from "./Process.ts"

export const durableTests = (command: ServerCommand, disk: TestDisk | string) => {
  const reason = typeof disk === "string" ? ` (skipped: ${disk})` : ""
  describe.skipIf(typeof disk === "string")(`the power cut at any answer${reason}`, { timeout: 120_000 }, () => {
    const stack = ManagedRuntime.make(
      Sandbox.layer({ kinds: ["radarr"], items: 40, seed: "durable" }).pipe(Layer.provide(LoopbackListener))
    )
    let sandbox: Sandbox["Service"]
    let proxy: HoldingProxy
    let folder: string
    let server: Launched
    let ids: ReadonlyArray<string>
    const data = () => join(folder, "data")
    const start = async (directory: string) => {
      const env =
        typeof disk === "string"
          ? {}
          : disk.env({ data: directory, synced: join(folder, "synced"), full: join(folder, "full") })
      server = await launch(command, { flags: ["--data-dir", directory], env })
      assert.isNotNull(server.url, server.output())
    }

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "tendarr-durable-"))
      await mkdir(join(folder, "synced"))
      sandbox = await stack.runPromise(Sandbox)
      proxy = await holdingProxy(sandbox.integrations[0]!.url)
      await start(data())
      await succeed("POST", "/integrations", { ...sandbox.integrations[0]!, url: proxy.url })
      await succeed("PATCH", "/settings/removals", { delaySeconds: 3600, spacingSeconds: 0 })
      await succeed("POST", "/jobs/library-sync/runs?wait=60", {})
      const [disks] = (await server.api("GET", "/disk-groups")).listAt("items")
      await succeed("PATCH", `/disk-groups/${textAt(disks, "id")}`, {
        mode: "approval",
        limits: { type: "percent", threshold: 2, target: 1 }
      })
      await succeed("POST", "/jobs/capacity/runs?wait=60", {})
      const proposed = (await server.api("GET", "/removals?state=proposed&limit=20")).listAt("items")
      ids = proposed.map((removal) => textAt(removal, "id"))
      assert.isAbove(ids.length, 4)
    }, 120_000)

    afterAll(async () => {
      await server?.kill()
      await proxy?.close()
      await stack.dispose()
      await rm(folder, { recursive: true, force: true })
    })

    const succeed = async (method: string, path: string, json?: unknown) => {
      const answer = await server.api(method, path, json)
      assert.isBelow(answer.status, 300, `${method} ${path}: ${answer.text}`)
      return answer
    }

    let cuts = 0
    /** The directory that a power cut would leave now. */
    const cut = async () => {
      const left = join(folder, `cut-${++cuts}`)
      await cp(join(folder, "synced"), left, { recursive: true })
      return left
    }

    /** One value of the database that a power cut would leave now. */
    const left = async (query: string, ...values: ReadonlyArray<string | number>) => {
      const database = new DatabaseSync(join(await cut(), "tendarr.db"))
      try {
        return Object.values(database.prepare(query).get(...values) ?? {})[0]
      } finally {
        database.close()
      }
    }

    it("keeps a protection", async () => {
      for (const reason of ["dear", "very dear"]) {
        const removal = await server.api("GET", `/removals/${ids[0]!}`)
        const protection = await succeed("POST", "/protections", { itemId: removal.textAt("itemId"), reason })
        const id = protection.textAt("id")
        assert.strictEqual(await left("SELECT reason FROM protections WHERE id = ?", Number(id)), reason)
        await succeed("DELETE", `/protections/${id}`)
        assert.isUndefined(await left("SELECT reason FROM protections WHERE id = ?", Number(id)))
      }
    })

    it("keeps an approval, a snooze and a cancellation", async () => {
      const state = (id: string) => left("SELECT state FROM removals WHERE id = ?", Number(id))
      await succeed("POST", `/removals/${ids[1]!}/approve`)
      assert.strictEqual(await state(ids[1]!), "scheduled")
      await succeed("POST", `/removals/${ids[2]!}/reject`, {})
      assert.strictEqual(await state(ids[2]!), "snoozed")
      await succeed("POST", `/removals/${ids[1]!}/cancel`)
      assert.strictEqual(await state(ids[1]!), "cancelled")
    })

    it("keeps the brake, other settings, and created and revoked keys", async () => {
      const settings = (group: string) => left("SELECT value FROM settings WHERE name = ?", group)
      await succeed("PATCH", "/settings/removals", { deletionsEnabled: false })
      assert.include(String(await settings("removals")), '"deletionsEnabled":false')
      await succeed("PATCH", "/settings/removals", { deletionsEnabled: true })
      assert.include(String(await settings("removals")), '"deletionsEnabled":true')
      await succeed("PATCH", "/settings/general", { instanceName: "After the cut" })
      assert.include(String(await settings("general")), "After the cut")
      const key = await succeed("POST", "/api-keys", { name: "dashboard", scope: "read" })
      const id = key.textAt("apiKey", "id")
      const revoked = () => left("SELECT coalesce(revoked_at, 'live') FROM api_keys WHERE id = ?", Number(id))
      assert.strictEqual(await revoked(), "live")
      await succeed("DELETE", `/api-keys/${id}`)
      assert.notInclude(["live", undefined], await revoked())
    })

    it("ends a run if no space is left, changes nothing, and reports it once there is space", async () => {
      const items = async () => (await server.api("GET", "/items?limit=200")).text
      const full = join(folder, "full")
      const reading = proxy.hold("request", ({ method, path }) => method === "GET" && path === "/api/v3/movie")
      const before = await items()
      const run = await succeed("POST", "/jobs/library-sync/runs", {})
      await reading.reached
      await writeFile(full, "")
      await reading.release()
      const status = await server.api("GET", `/jobs/library-sync`)
      assert.strictEqual(status.status, 200, status.text)
      await poll(async () => (await server.api("GET", "/status")).listAt("running").length === 0)
      assert.strictEqual((await server.api("GET", "/status")).at("storage", "status"), "full")
      await rm(full)
      assert.strictEqual(await items(), before)
      assert.strictEqual((await succeed("POST", "/jobs/library-sync/runs?wait=60", {})).at("status"), "completed")
      assert.strictEqual((await server.api("GET", `/job-runs/${run.textAt("id")}`)).at("status"), "failed")
    })

    it("keeps the intent when the destructive request arrives, and the next start finishes it once", async () => {
      const deleted = proxy.hold("request", ({ method }) => method === "DELETE")
      await succeed("PATCH", "/settings/removals", { delaySeconds: 0, deletionsEnabled: true })
      await succeed("POST", `/removals/${ids[3]!}/approve`)
      await deleted.reached
      const directory = await cut()
      await server.kill()
      const database = new DatabaseSync(join(directory, "tendarr.db"))
      const row = database.prepare("SELECT state, step FROM removals WHERE id = ?").get(Number(ids[3]!))
      database.close()
      assert.deepStrictEqual({ ...row }, { state: "executing", step: "sent" })

      await deleted.release()
      await start(directory)
      await succeed("POST", "/jobs/removals/runs?wait=60", {})
      assert.strictEqual((await server.api("GET", `/removals/${ids[3]!}`)).at("state"), "removed")
      const gone = sandbox.world.journal.filter(({ destructive }) => destructive)
      assert.strictEqual(gone.length, 1, JSON.stringify(gone))
      for (const [id, state] of [
        [ids[1]!, "cancelled"],
        [ids[2]!, "snoozed"]
      ] as const) {
        assert.strictEqual((await server.api("GET", `/removals/${id}`)).at("state"), state)
      }
      assert.strictEqual((await server.api("GET", "/settings/general")).at("value", "instanceName"), "After the cut")
    })
  })
}

const poll = async (holds: () => Promise<boolean>): Promise<void> => {
  const until = performance.now() + 15_000
  while (!(await holds())) {
    assert.isBelow(performance.now(), until, "it does not happen")
    await new Promise((done) => setTimeout(done, 50))
  }
}
