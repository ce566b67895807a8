/** Prunerr's calls that wait for work, or follow it, over the simulated stack. */
import { assert, describe, it } from "vitest"
import { at, textAt } from "../http/Client.ts"
import { adminKey } from "../http/ServerProcess.ts"
import { dialectServed, until } from "./DialectServed.ts"

/** The data of all events of a stream that ends. */
const eventsOf = (text: string): ReadonlyArray<unknown> =>
  text
    .split("\n\n")
    .flatMap((block) => block.split("\n").filter((line) => line.startsWith("data:")))
    .map((line): unknown => JSON.parse(line.slice("data:".length)))

const stagesOf = (text: string): ReadonlyArray<string> => eventsOf(text).map((event) => textAt(event, "stage"))

describe("Prunerr's API", () => {
  const { native, prunerr, server } = dialectServed(["--dialects", "prunerr"])
  const disks = async (mode: string) => {
    for (const disk of (await native("GET", "/disk-groups")).listAt("items")) {
      await native("PATCH", `/disk-groups/${textAt(disk, "id")}`, { mode })
    }
  }
  const queuedMovie = async () => {
    const answer = await prunerr("GET", "/library?type=movie&status=monitored&limit=1&sortBy=title")
    const id = Number(at(answer.listAt("data", "items")[0], "id"))
    await prunerr("POST", `/library/${id}/mark-deletion`, { json: { gracePeriodDays: 30 } })
    return id
  }
  const isGone = async (id: number) =>
    until(
      () => prunerr("GET", `/library/${id}`),
      (answer) => answer.status === 404 || answer.at("data", "deleted_at") !== null
    )

  it("deletes an item of the queue without waiting for its time", async () => {
    await disks("approval")
    const id = await queuedMovie()
    const answer = await prunerr("POST", `/queue/${id}/delete-now`)
    assert.strictEqual(answer.status, 200, answer.text)
    assert.deepInclude(answer.at("data"), { id, overseerrReset: false })
    assert.isAbove(Number(answer.at("data", "fileSizeFreed")), 0)
    await isGone(id)
    const again = await prunerr("POST", `/queue/${id}/delete-now`)
    assert.strictEqual(again.status, 400, again.text)
  })

  it("refuses to delete what nobody has queued, and what does not exist", async () => {
    const answer = await prunerr("GET", "/library?type=movie&status=monitored&limit=1")
    const id = Number(at(answer.listAt("data", "items")[0], "id"))
    assert.strictEqual((await prunerr("POST", `/queue/${id}/delete-now`)).status, 400)
    assert.strictEqual((await prunerr("POST", `/queue/${id}/delete-now/stream`)).status, 400)
    assert.strictEqual((await prunerr("POST", "/queue/999999/delete-now")).status, 404)
    assert.deepInclude((await prunerr("GET", `/library/${id}`)).at("data"), { status: "monitored", deleted_at: null })
  })

  it("deletes nothing at once while deletions are switched off, and leaves its deadline", async () => {
    const id = await queuedMovie()
    const due = async () => (await prunerr("GET", `/library/${id}`)).at("data", "delete_after")
    const before = await due()
    await native("PATCH", "/settings/removals", { deletionsEnabled: false })
    const answer = await prunerr("POST", `/queue/${id}/delete-now`)
    assert.strictEqual(answer.status, 409, answer.text)
    assert.strictEqual((await prunerr("POST", `/queue/${id}/delete-now/stream`)).status, 409)
    assert.strictEqual(await due(), before)
    await native("PATCH", "/settings/removals", { deletionsEnabled: true })
    await prunerr("DELETE", `/queue/${id}`)
  })

  it("says stage by stage how a deletion goes", async () => {
    const id = await queuedMovie()
    const { headers, text } = await prunerr("POST", `/queue/${id}/delete-now/stream`)
    assert.match(headers.get("content-type") ?? "", /^text\/event-stream/)
    assert.deepStrictEqual(stagesOf(text), ["starting", "deleting_files", "complete"])
    assert.deepInclude(at(eventsOf(text).at(-1), "result"), { id })
    await isGone(id)
  })

  it("says why a deletion that it follows did not happen", async () => {
    await disks("approval")
    const id = await queuedMovie()
    await disks("dry-run")
    const { status, text } = await prunerr("POST", `/queue/${id}/delete-now/stream`)
    assert.strictEqual(status, 200, text)
    assert.strictEqual(stagesOf(text).at(-1), "error")
    assert.match(textAt(eventsOf(text).at(-1), "message"), /dry-run/i)
    assert.deepInclude((await prunerr("GET", `/library/${id}`)).at("data"), { deleted_at: null })
    await disks("approval")
    await prunerr("DELETE", `/queue/${id}`)
  })

  it("takes what was protected out of the queue, and does not delete it", async () => {
    const id = await queuedMovie()
    await native("POST", "/protections", { itemId: String(id) })
    assert.strictEqual((await prunerr("POST", `/queue/${id}/delete-now`)).status, 400)
    assert.deepInclude((await prunerr("GET", `/library/${id}`)).at("data"), { status: "protected", deleted_at: null })
  })

  it("starts a scan and follows it to its end", async () => {
    assert.strictEqual((await prunerr("GET", "/library/sync/stream")).status, 204)
    const { status, text } = await prunerr("POST", "/library/sync/stream")
    assert.strictEqual(status, 200, text)
    const last = eventsOf(text).at(-1)
    assert.strictEqual(at(last, "stage"), "complete", text)
    assert.isAbove(Number(at(last, "result", "total")), 0)
  })

  it("tests a connected application, and one that is not connected yet", async () => {
    const stored = await prunerr("POST", "/settings/test/radarr")
    assert.strictEqual(stored.status, 200, stored.text)
    assert.deepInclude(stored.at("data"), { connected: true })
    const missing = await prunerr("POST", "/settings/test/tautulli", { json: { url: server().url, apiKey: adminKey } })
    assert.strictEqual(missing.status, 400, missing.text)
    assert.strictEqual((await prunerr("POST", "/settings/test/ombi")).status, 400)
    const wrong = await prunerr("POST", "/settings/test/radarr", { json: { apiKey: "wrong" } })
    assert.strictEqual(wrong.status, 400, wrong.text)
    // The stored key still works: a test changes nothing.
    assert.strictEqual((await prunerr("POST", "/settings/test/radarr")).status, 200)
  })
})
