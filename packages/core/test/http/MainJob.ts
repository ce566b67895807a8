/** The main job from plan to undo, only over HTTP, and jobs that are cancelled. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, assert, describe, it } from "vitest"
import { assertNames, assertProblem, at, clientOf, type EventReader, type Frame, openEvents, textAt } from "./Client.ts"
import { adminKey, type RunningServer } from "./ServerProcess.ts"

export const mainJobTests = (server: () => RunningServer) => {
  const api: ReturnType<typeof clientOf> = (...request) => clientOf(server().url, adminKey)(...request)
  const readers: Array<EventReader> = []
  const events = async (): Promise<EventReader> => {
    const reader = await openEvents(server().url, adminKey)
    readers.push(reader)
    // The stream has begun when its first ping arrives.
    await reader.next()
    return reader
  }
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close()
  })

  const runCapacity = () => api("POST", "/jobs/capacity/runs?wait=60", {})

  const setMode = async (mode: string) => {
    for (const group of (await api("GET", "/disk-groups")).listAt("items")) {
      const changed = await api("PATCH", `/disk-groups/${textAt(group, "id")}`, { mode })
      assert.strictEqual(changed.status, 200)
    }
  }

  describe("the main job", () => {
    it("plans, removes what a person approves, logs it, and restores it", async () => {
      await api("PATCH", "/settings/removals", { delaySeconds: 0, spacingSeconds: 0 })
      await setMode("approval")
      const run = await runCapacity()
      assert.strictEqual(run.status, 202)
      assert.strictEqual(run.at("status"), "completed", run.text)
      const proposed = (await api("GET", "/removals?state=proposed&order=rank&limit=200")).listAt("items")
      assert.isAbove(proposed.length, 0)
      const id = textAt(proposed[0], "id")
      const itemId = textAt(proposed[0], "itemId")
      assert.isNotEmpty(textAt(proposed[0], "because"))
      const detail = await api("GET", `/removals/${id}`)
      assert.strictEqual(detail.at("decision", "status"), "candidate")

      const reader = await events()
      const approved = await api("POST", `/removals/${id}/approve`)
      assert.strictEqual(approved.status, 200)
      const about = (type: string) => (frame: Frame) => frame.event === type && at(frame.data, "subject", "id") === id
      const removed = await reader.next(about("removal.removed"))
      assert.strictEqual(at(removed.data, "category"), "audit")
      const after = await api("GET", `/removals/${id}`)
      assert.strictEqual(after.at("state"), "removed")
      assert.strictEqual(after.at("restorable"), true)
      assert.isNotNull((await api("GET", `/items/${itemId}`)).at("goneAt"))
      assert.strictEqual((await api("GET", `/items/${itemId}/explanation`)).at("basis"), "removal")

      const restored = await api("POST", `/removals/${id}/restore`)
      assert.strictEqual(restored.at("state"), "restored", restored.text)
      assertProblem(await api("POST", `/removals/${id}/restore`), 409, "removal-state-conflict")
    })

    it("applies one decision to many removals, and reports those to which it could not be applied", async () => {
      await runCapacity()
      const proposed = (await api("GET", "/removals?state=proposed&limit=2")).listAt("items")
      const ids = proposed.map((removal) => textAt(removal, "id"))
      assert.strictEqual(ids.length, 2)
      const bulk = await api("POST", "/removals/bulk", { action: "cancel", ids: [...ids, "999999"] })
      assert.strictEqual(bulk.status, 200, bulk.text)
      assert.include(bulk.text, "999999")
      for (const id of ids) assert.strictEqual((await api("GET", `/removals/${id}`)).at("state"), "cancelled")
      assertNames(await api("POST", "/removals/bulk", { action: "cancel", ids: [] }), ["payload", "ids"])
    })

    it("removes nothing while the brake is on", async () => {
      await api("PATCH", "/settings/removals", { deletionsEnabled: false })
      const [proposed] = (await api("GET", "/removals?state=proposed&limit=1")).listAt("items")
      const refused = await api("POST", `/removals/${textAt(proposed, "id")}/approve`)
      assertProblem(refused, 409, "deletions-disabled")
      await api("DELETE", "/settings/removals")
    })
  })

  describe("jobs", () => {
    it("cancels a run that waits for an application, within two seconds", async () => {
      let asked = () => {}
      const waiting = new Promise<void>((resolve) => {
        asked = resolve
      })
      // The probe of its connection gets no response, and that is accepted at once.
      let connected = false
      const silent = createServer((_, response) => (connected ? asked() : response.writeHead(503).end()))
      await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve))
      const { port } = silent.address() as AddressInfo
      const created = await api("POST", "/integrations", {
        kind: "radarr",
        name: "Silent",
        url: `http://127.0.0.1:${port}`,
        config: { apiKey: "0123456789abcdef0123456789abcdef" }
      })
      assert.strictEqual(created.status, 201, created.text)
      connected = true
      try {
        const started = await api("POST", "/jobs/library-sync/runs", {})
        assert.strictEqual(started.status, 202)
        const id = started.textAt("id")
        await waiting
        const before = performance.now()
        const cancelled = await api("POST", `/job-runs/${id}/cancel`)
        assert.strictEqual(cancelled.status, 200, cancelled.text)
        assert.isBelow(performance.now() - before, 2000)
        assert.strictEqual((await api("GET", `/job-runs/${id}`)).at("status"), "cancelled")
        assertProblem(await api("POST", `/job-runs/${id}/cancel`), 409, "run-not-cancellable")
      } finally {
        silent.closeAllConnections()
        silent.close()
        await api("DELETE", `/integrations/${created.textAt("id")}`)
      }
    })

    it("backs up the database to a valid file", async () => {
      const run = await api("POST", "/jobs/backup/runs?wait=60", {})
      assert.strictEqual(run.at("status"), "completed", run.text)
      const path = `/backups/${run.textAt("result", "backup")}`
      assert.strictEqual((await api("GET", path)).at("reason"), "scheduled")
      assert.strictEqual((await api("POST", `${path}/verify`)).at("restorable"), true)
      const kept = await api("POST", "/jobs/housekeeping/runs?wait=60", {})
      assert.strictEqual(kept.at("status"), "completed", kept.text)
    })

    it("streams the log of a run line by line, and previews a schedule", async () => {
      const run = await runCapacity()
      const path = `/job-runs/${run.textAt("id")}/logs`
      const lines = (await api("GET", path)).listAt("items")
      assert.isAbove(lines.length, 0)
      const rest = await api("GET", `${path}?after=${textAt(lines[0], "id")}`)
      assert.deepStrictEqual(rest.listAt("items"), lines.slice(1))
      const next = await api("POST", "/schedules/next-runs", {
        schedule: { type: "cron", expression: "0 4 * * *", zone: "Europe/Berlin" },
        count: 3
      })
      assert.strictEqual(next.listAt("items").length, 3)
      const bad = { schedule: { type: "cron", expression: "61 * * * *", zone: "Europe/Berlin" } }
      assertNames(await api("POST", "/schedules/next-runs", bad), ["payload", "schedule"])
      assertProblem(await api("POST", "/jobs/nonsense/runs", {}), 404, "job-not-found")
    })
  })
}
