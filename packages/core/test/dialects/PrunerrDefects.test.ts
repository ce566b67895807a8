/** What Prunerr itself gets wrong, through its API over the simulated stack. */
import { assert, describe, it } from "vitest"
import { bytesText } from "../../src/dialects/prunerr/Bodies.ts"
import { at, call, textAt } from "../http/Client.ts"
import { adminKey } from "../http/ServerProcess.ts"
import { dialectServed, until } from "./DialectServed.ts"

const idsOf = (list: ReadonlyArray<unknown>) => list.map((item) => Number(at(item, "id")))

describe("Prunerr's API", () => {
  const { native, prunerr, server } = dialectServed(["--dialects", "prunerr"])
  const disks = async (mode: string) => {
    for (const disk of (await native("GET", "/disk-groups")).listAt("items")) {
      await native("PATCH", `/disk-groups/${textAt(disk, "id")}`, { mode })
    }
  }
  const movies = async () =>
    idsOf((await prunerr("GET", "/library?type=movie&status=monitored&limit=100&sortBy=title")).listAt("data", "items"))
  const all = { version: 2, root: { kind: "condition", field: "year", operator: "greater_than", value: 0 } }

  it("keeps the members of a protected collection from previews, rules and the queue", async () => {
    await disks("auto")
    await native("PATCH", "/settings/rules", { maxActingShare: 1 })
    const preview = async () => Object((await prunerr("POST", "/rules/preview", { json: all })).at("data"))
    const before = await preview()
    const [collection] = (await prunerr("GET", "/collections")).listAt("data")
    const path = `/collections/${Number(at(collection, "id"))}`
    const members = idsOf((await prunerr("GET", `${path}/items`)).listAt("data"))
    assert.isNotEmpty(members)
    await prunerr("PATCH", `${path}/protection`, { json: { isProtected: true } })
    const after = await preview()
    assert.strictEqual(after.totalMatches, before.totalMatches)
    assert.isAbove(after.wouldSkipProtected, before.wouldSkipProtected)
    const made = await prunerr("POST", "/rules", {
      json: { name: "Everything", action: "delete", conditions: all, gracePeriodDays: 30 }
    })
    const rule = `/rules/${Number(made.at("data", "id"))}`
    const run = await prunerr("POST", `${rule}/run`)
    assert.strictEqual(run.at("data", "summary", "processed"), after.wouldQueue, run.text)
    const queue = (await prunerr("GET", "/queue?limit=500")).listAt("data")
    assert.isNotEmpty(queue)
    assert.notIncludeMembers(idsOf(queue), members)

    // A second run does not move the deadline of what is queued.
    const deadlines = () =>
      prunerr("GET", "/queue?limit=500").then((answer) =>
        answer.listAt("data").map((one) => [at(one, "id"), at(one, "deleteAt")])
      )
    const due = await deadlines()
    await prunerr("POST", `${rule}/run`)
    assert.deepStrictEqual(await deadlines(), due)

    // What its rule no longer wants leaves the queue.
    await prunerr("DELETE", rule)
    assert.strictEqual((await prunerr("GET", "/queue")).at("total"), 0)
    await prunerr("PATCH", `${path}/protection`, { json: { isProtected: false } })
  })

  it("looks again before it deletes: what was protected in the meantime stays", async () => {
    await disks("approval")
    const [id = 0] = await movies()
    await prunerr("POST", `/library/${id}/mark-deletion`, { json: { gracePeriodDays: 0 } })
    await native("POST", "/protections", { itemId: String(id) })
    await prunerr("POST", "/queue/process")
    assert.deepInclude((await prunerr("GET", `/library/${id}`)).at("data"), { status: "protected", deleted_at: null })
    await prunerr("DELETE", `/library/${id}/protect`)
  })

  it("leaves nothing behind at an item that leaves the queue", async () => {
    const [id = 0] = await movies()
    const before = (await prunerr("GET", `/library/${id}`)).at("data")
    await prunerr("POST", `/library/${id}/mark-deletion`, { json: { resetOverseerr: true } })
    await prunerr("DELETE", `/queue/${id}`)
    const after = (await prunerr("GET", `/library/${id}`)).at("data")
    assert.deepStrictEqual(after, before)
    assert.deepInclude(after, { marked_at: null, delete_after: null, deletion_action: null, matched_rule_id: null })
  })

  it("keeps what is only unmonitored in the library, and counts nothing that is gone", async () => {
    await disks("approval")
    const [kept = 0, lost = 0] = await movies()
    const figures = async () => {
      const stats = Object((await prunerr("GET", "/stats")).at("data"))
      const summary = Object((await prunerr("GET", "/library/summary")).at("data"))
      assert.strictEqual(stats.movieCount, summary.byType.movie)
      assert.strictEqual(stats.totalStorage, summary.totalSize)
      return stats
    }
    const before = await figures()
    await prunerr("POST", `/library/${kept}/mark-deletion`, {
      json: { gracePeriodDays: 0, deletionAction: "unmonitor_only" }
    })
    await prunerr("POST", `/library/${lost}/mark-deletion`, {
      json: { gracePeriodDays: 0, deletionAction: "full_removal" }
    })
    await until(
      async () => {
        await prunerr("POST", "/queue/process")
        return prunerr("GET", "/queue")
      },
      (answer) => answer.at("total") === 0
    )
    assert.deepInclude((await prunerr("GET", `/library/${lost}`)).at("data"), { status: "deleted" })
    const row = (await prunerr("GET", `/library/${kept}`)).at("data")
    assert.deepInclude(row, { status: "monitored", deleted_at: null })
    const after = await figures()
    assert.strictEqual(after.movieCount, before.movieCount - 1)
    assert.isBelow(after.totalStorage, before.totalStorage)
  })

  it("finds by whom movies and shows were watched, also when only the play history knows it", async () => {
    // Plex itself reports the plays of its owner only; those of the others come from the play history.
    const rows = (await prunerr("GET", "/library?limit=500")).listAt("data", "items")
    const seen = new Map<string, { readonly types: Set<unknown>; items: number }>()
    for (const row of rows) {
      const names: unknown = JSON.parse(String(at(row, "watchedBy") ?? "[]"))
      for (const name of Array.isArray(names) ? names.map(String) : []) {
        const viewer = seen.get(name) ?? { types: new Set(), items: 0 }
        viewer.types.add(at(row, "type"))
        seen.set(name, { ...viewer, items: viewer.items + 1 })
      }
    }
    assert.isAbove(seen.size, 1)
    assert.includeMembers(
      [...seen.values()].flatMap(({ types }) => [...types]),
      ["movie", "tv"]
    )
    for (const [value, { items }] of seen) {
      const root = { kind: "condition", field: "watched_by", operator: "equals", value }
      const preview = await prunerr("POST", "/rules/preview", { json: { version: 2, root } })
      // A row names people as they were recorded; a rule knows each of them by all of their names.
      assert.isAtLeast(Number(preview.at("data", "totalMatches")), items, value)
    }
  })

  it("counts nothing as deleted, and no bytes as freed, when the deletion had no effect", async () => {
    await disks("approval")
    const [id = 0] = await movies()
    const faults = (list: ReadonlyArray<unknown>) =>
      call(server().url, "PUT", "/sandbox/faults", { key: adminKey, json: { faults: list } })
    const freed = async () => (await prunerr("GET", "/stats")).at("data", "reclaimedThisWeek")
    const before = await freed()
    await faults([{ kind: "lies", how: "kept", app: "radarr" }])
    await prunerr("POST", `/library/${id}/mark-deletion`, { json: { gracePeriodDays: 0 } })
    await prunerr("POST", "/queue/process")
    await faults([])
    const row = (await prunerr("GET", `/library/${id}`)).at("data")
    assert.notStrictEqual(at(row, "status"), "deleted")
    assert.isNull(at(row, "deleted_at"))
    assert.strictEqual(await freed(), before)
    await prunerr("DELETE", `/queue/${id}`)
  })

  it("does not mix events of a collection into those of the item with its id", async () => {
    for (const collection of (await prunerr("GET", "/collections")).listAt("data")) {
      const id = Number(at(collection, "id"))
      const members = idsOf((await prunerr("GET", `/collections/${id}/items`)).listAt("data"))
      if (members.includes(id) || (await prunerr("GET", `/library/${id}`)).status !== 200) continue
      await prunerr("PATCH", `/collections/${id}/protection`, { json: { isProtected: true } })
      const actions = async (item: number | undefined) =>
        (await prunerr("GET", `/activity/item/${item}`)).listAt("data").map((entry) => at(entry, "action"))
      assert.include(await actions(members[0]), "collection_protected")
      assert.notInclude(await actions(id), "collection_protected")
      return prunerr("PATCH", `/collections/${id}/protection`, { json: { isProtected: false } })
    }
    return assert.fail("Every collection contains the item with its id")
  })

  it("says which applications are connected, however they were set up", async () => {
    const services = (await prunerr("GET", "/health")).listAt("data", "services")
    const connected = services.filter((one) => at(one, "configured") === true).map((one) => at(one, "service"))
    assert.includeMembers(connected, ["plex", "radarr", "sonarr"])
  })

  it("answers what it does not have with 404 in its own form, and sizes of any order with a unit", async () => {
    for (const path of ["/media", "/media/stats", "/settings/export", "/settings/api_key", "/webhooks/test"]) {
      const answer = await prunerr("GET", path)
      assert.strictEqual(answer.status, 404, path)
      assert.deepInclude(answer.body, { success: false })
    }
    assert.deepStrictEqual([0, 1, 1536, 1.27 * 2 ** 50, 2 ** 63].map(bytesText), [
      "0 B",
      "1 B",
      "1.5 KB",
      "1.27 PB",
      "8 EB"
    ])
  })

  it("takes no setting for another: values that are none are refused, and change nothing", async () => {
    const before = (await prunerr("GET", "/settings")).at("data")
    for (const [json, path] of [
      [{ schedule: { enabled: "true" } }, ["payload", "schedule", "enabled"]],
      [{ schedule: { enabled: null } }, ["payload", "schedule", "enabled"]],
      [{ plexSync: { enabled: 1 } }, ["payload", "plexSync", "enabled"]],
      [{ schedule: "off" }, ["payload", "schedule"]],
      [{ display: null }, ["payload", "display"]],
      [{ excludedLibraryKeys: ["Movies"] }, ["payload", "excludedLibraryKeys"]],
      [{ services: { plex: { url: "http://evil.example", token: "x" } } }, ["payload", "services"]],
      [{ display: { instanceName: "Cellar" }, schedule: { autoProcess: "yes" } }, null]
    ] as const) {
      const refused = await prunerr("PUT", "/settings", { json })
      assert.strictEqual(refused.status, 400, JSON.stringify(json))
      if (path !== null) assert.deepStrictEqual(refused.at("details", 0, "path"), path)
    }
    assert.deepStrictEqual((await prunerr("GET", "/settings")).at("data"), before)
  })

  it("marks several movies and shows, but no part and no music by its id", async () => {
    const seasons = (await native("GET", "/items?kind=season&limit=1")).listAt("items")
    const [id] = idsOf(seasons)
    const json = { ids: [id] }
    for (const what of ["mark-deletion", "protect"]) {
      const answer = await prunerr("POST", `/library/bulk/${what}`, { json })
      assert.deepStrictEqual(idsOf(answer.listAt("data", "failed")), [id], answer.text)
    }
    assert.strictEqual((await prunerr("POST", `/library/${id}/mark-deletion`)).status, 404)
  })
})
