/** Prunerr's API over the simulated stack: what a client of it sees. */
import { assert, describe, it } from "vitest"
import { at, listAt, textAt } from "../http/Client.ts"
import { dialectServed, until } from "./DialectServed.ts"

describe("Prunerr's library", () => {
  const { native, prunerr } = dialectServed(["--dialects", "prunerr"])
  const idsOf = (list: ReadonlyArray<unknown>) => list.map((item) => Number(at(item, "id")))

  it("is in pages with totals, which contain every item once", async () => {
    const first = await prunerr("GET", "/library?limit=7&sortBy=title&sortOrder=asc")
    const [total, totalPages] = [Number(first.at("data", "total")), Number(first.at("data", "totalPages"))]
    assert.strictEqual(totalPages, Math.ceil(total / 7))
    const ids = new Set<number>()
    const titles: Array<string> = []
    for (let page = 1; page <= totalPages; page++) {
      const answer = await prunerr("GET", `/library?limit=7&page=${page}&sortBy=title&sortOrder=asc`)
      assert.deepInclude(answer.at("data"), { page, total, totalPages, limit: 7 })
      for (const item of answer.listAt("data", "items")) {
        ids.add(Number(at(item, "id")))
        titles.push(textAt(item, "title"))
        assert.include(["movie", "tv"], at(item, "type"))
      }
    }
    assert.strictEqual(ids.size, total)
    assert.strictEqual(titles.length, total)
    for (const page of [totalPages + 1, 99_999_999]) {
      const beyond = await prunerr("GET", `/library?limit=7&page=${page}`)
      assert.deepInclude(beyond.at("data"), { items: [], total, page })
    }
    for (const query of [
      "limit=-1",
      "limit=0",
      "limit=501",
      "page=0",
      "page=-1",
      "sortBy=colour",
      "status=odd",
      "type=x"
    ]) {
      assert.strictEqual((await prunerr("GET", `/library?${query}`)).status, 400, query)
    }
    const { items, total: all } = Object((await prunerr("GET", "/library?offset=7&limit=7")).at("data"))
    assert.deepStrictEqual([items.length, all], [7, total])
    const text = (await prunerr("GET", "/library?search=%25")).at("data", "total")
    assert.strictEqual(text, 0)
  })

  it("counts what the dashboard and the summary count", async () => {
    const stats = (await prunerr("GET", "/stats")).at("data")
    const total = Number((await prunerr("GET", "/library")).at("data", "total"))
    assert.strictEqual(Number(at(stats, "movieCount")) + Number(at(stats, "tvShowCount")), total)
    assert.isAbove(Number(at(stats, "tvEpisodeCount")), 0)
    const summary = (await prunerr("GET", "/library/summary")).at("data")
    assert.strictEqual(at(summary, "total"), total)
    const unwatched = await prunerr("GET", "/library?status=unwatched&type=movie")
    assert.strictEqual(unwatched.at("data", "total"), at(stats, "unwatchedMovies"))
    const days = (await prunerr("GET", "/stats/storage-history?days=5")).listAt("data")
    assert.strictEqual(at(days[0], "itemCount"), total)
    const health = (await prunerr("GET", "/health")).body
    assert.include(["healthy", "degraded"], at(health, "status"))
    assert.isTrue(listAt(health, "data", "services").every((service) => "responseTimeMs" in Object(service)))
  })

  it("is marked, shown in the queue, and taken out of it for good", async () => {
    const [item] = (await prunerr("GET", "/library?type=movie&limit=1")).listAt("data", "items")
    const id = Number(at(item, "id"))
    const marked = await prunerr("POST", `/library/${id}/mark-deletion`, {
      json: { gracePeriodDays: 5, deletionAction: "full_removal" }
    })
    assert.strictEqual(marked.status, 200, marked.text)
    assert.deepInclude(marked.at("data"), { id, status: "pending_deletion", deletion_action: "full_removal" })
    const queue = await prunerr("GET", "/queue")
    assert.deepInclude(
      queue.listAt("data").find((one) => at(one, "id") === id),
      { mediaItemId: id, deletionActionLabel: "Full Removal (delete everything)", resetOverseerr: false }
    )
    assert.strictEqual(queue.at("summary", "totalItems"), queue.at("total"))
    assert.strictEqual((await prunerr("POST", `/library/${id}/mark-deletion`)).status, 409)
    assert.include(idsOf((await prunerr("GET", "/library?status=queued")).listAt("data", "items")), id)
    assert.strictEqual((await prunerr("DELETE", `/queue/${id}`)).at("data", "delete_after"), null)
    assert.strictEqual((await prunerr("DELETE", `/queue/${id}`)).status, 400)
    for (const json of [{ gracePeriodDays: -5 }, { gracePeriodDays: 1.5 }, { deletionAction: "bogus" }]) {
      const refused = await prunerr("POST", `/library/${id}/mark-deletion`, { json })
      assert.strictEqual(refused.status, 400, JSON.stringify(json))
      assert.deepStrictEqual(refused.at("details", 0, "path"), ["payload", Object.keys(json)[0]])
    }
    assert.notInclude(idsOf((await prunerr("GET", "/queue")).listAt("data")), id)
  })

  it("that is protected is neither marked nor left in the queue", async () => {
    const [one, other] = idsOf(
      (await prunerr("GET", "/library?type=movie&limit=2&sortBy=title")).listAt("data", "items")
    )
    await prunerr("POST", `/library/${one}/mark-deletion`)
    const kept = await prunerr("POST", `/library/${one}/protect`, { json: { reason: "the children" } })
    assert.deepInclude(kept.at("data"), { is_protected: true, protection_reason: "the children", status: "protected" })
    assert.notInclude(idsOf((await prunerr("GET", "/queue")).listAt("data")), one)
    const bulk = await prunerr("POST", "/library/bulk/mark-deletion", { json: { ids: [one, String(other), 999_999] } })
    assert.deepStrictEqual(
      bulk.listAt("data", "success").map((done) => at(done, "id")),
      [other]
    )
    assert.deepStrictEqual(
      bulk.listAt("data", "skipped").map((done) => at(done, "id")),
      [one]
    )
    assert.deepStrictEqual(
      bulk.listAt("data", "failed").map((done) => at(done, "id")),
      [999_999]
    )
    await prunerr("DELETE", `/queue/${other}`)
    assert.strictEqual((await prunerr("DELETE", `/library/${one}/protect`)).at("data", "is_protected"), false)
    assert.strictEqual((await prunerr("DELETE", `/library/${one}/protect`)).status, 409)
    assert.strictEqual((await prunerr("DELETE", "/library/999999/protect")).status, 404)
  })

  it("has collections whose protection binds their members at once, in the queue and in the activity", async () => {
    const [collection] = (await prunerr("GET", "/collections")).listAt("data")
    const path = `/collections/${Number(at(collection, "id"))}`
    const members = idsOf((await prunerr("GET", `${path}/items`)).listAt("data"))
    const [member] = members
    await prunerr("POST", `/library/${member}/mark-deletion`)
    assert.include(idsOf((await prunerr("GET", "/queue")).listAt("data")), member)
    const on = await prunerr("PATCH", `${path}/protection`, { json: { isProtected: true, reason: "family" } })
    assert.deepInclude(on.at("data"), { isProtected: true, protectionReason: "family" })
    assert.notInclude(idsOf((await prunerr("GET", "/queue")).listAt("data")), member)
    const row = (await prunerr("GET", `/library/${member}`)).at("data")
    assert.deepInclude(row, { is_protected: true })
    assert.strictEqual(at(row, "protected_by_collection", "id"), at(collection, "id"))
    assert.strictEqual((await prunerr("POST", `/library/${member}/mark-deletion`)).status, 409)
    const refused = await prunerr("POST", `${path}/queue`, { json: { deletionAction: "full_removal" } })
    assert.strictEqual(refused.status, 409)
    assert.strictEqual((await prunerr("POST", `${path}/queue`, { json: {} })).status, 400)

    await prunerr("PATCH", `${path}/protection`, { json: { isProtected: false } })
    const queued = await prunerr("POST", `${path}/queue`, {
      json: { deletionAction: "full_removal", gracePeriodDays: 30 }
    })
    assert.strictEqual(Number(queued.at("data", "queued")) + Number(queued.at("data", "skipped")), members.length)
    const happened = (await prunerr("GET", `/activity/item/${member}`)).listAt("data")
    assert.includeMembers(
      happened.map((entry) => at(entry, "action")),
      ["collection_protected", "collection_unprotected", "item_queued"]
    )
    const [kept] = (await prunerr("GET", "/activity?eventTypes=protection&limit=1")).listAt("data", "items")
    assert.deepInclude(kept, { eventType: "protection", targetType: "collection", targetId: at(collection, "id") })
    assert.strictEqual((await prunerr("GET", "/activity?search=no%20such%20text")).at("data", "total"), 0)
    assert.strictEqual((await prunerr("GET", "/activity?dateRange=1y")).status, 400)
  })

  it("is not deleted while deletions are switched off", async () => {
    assert.strictEqual((await prunerr("POST", "/queue/process")).status, 200)
    await native("PATCH", "/settings/removals", { deletionsEnabled: false })
    const refused = await prunerr("POST", "/queue/process")
    assert.deepStrictEqual([refused.status, refused.at("error")], [409, "Deletions are switched off in the settings"])
    await native("PATCH", "/settings/removals", { deletionsEnabled: true })
  })

  it("is deleted once its grace period is over, where the disk is not in dry-run", async () => {
    for (const disk of (await native("GET", "/disk-groups")).listAt("items")) {
      await native("PATCH", `/disk-groups/${textAt(disk, "id")}`, { mode: "approval" })
    }
    const [item] = (await prunerr("GET", "/library?type=movie&status=monitored&limit=1")).listAt("data", "items")
    const id = Number(at(item, "id"))
    await prunerr("POST", `/library/${id}/mark-deletion`, {
      json: { gracePeriodDays: 0, deletionAction: "full_removal" }
    })
    const gone = await until(
      async () => {
        await prunerr("POST", "/queue/process")
        return prunerr("GET", `/library/${id}`)
      },
      (answer) => answer.at("data", "status") === "deleted"
    )
    assert.isNotNull(gone.at("data", "deleted_at"))
    assert.include(idsOf((await prunerr("GET", "/library?status=deleted")).listAt("data", "items")), id)
    const history = await prunerr("GET", "/history?dateRange=7d")
    assert.deepInclude(history.at("data", "items", 0), { mediaId: id, deletionReason: "manual", type: "movie" })
    assert.strictEqual(history.at("data", "stats", "totalDeleted"), 1)
    const csv = await prunerr("GET", "/history/export")
    assert.match(csv.headers.get("content-type") ?? "", /^text\/csv/)
    assert.strictEqual(csv.text.split("\r\n").length, 2)
    assert.strictEqual((await prunerr("GET", "/history?search=no%20such%20title")).at("data", "total"), 0)
  })

  it("is scanned on request, one scan at a time", async () => {
    const [before] = (await prunerr("GET", "/scan/history")).listAt("data")
    const started = await Promise.all([prunerr("POST", "/scan/trigger"), prunerr("POST", "/scan/trigger")])
    assert.include(
      started.map(({ status }) => status),
      202
    )
    const after = await until(
      () => prunerr("GET", "/scan/latest"),
      (answer) => answer.at("data", "id") !== at(before, "id") && answer.at("data", "status") === "completed"
    )
    assert.isAbove(Number(after.at("data", "itemsScanned")), 0)
    assert.isNotEmpty((await prunerr("GET", "/library/plex-libraries")).listAt("data"))
  })

  it("shows settings without secrets, and the people", async () => {
    const settings = await prunerr("GET", "/settings")
    assert.strictEqual(settings.at("data", "services", "plex", "token"), "********")
    assert.isString(settings.at("data", "services", "radarr", "url"))
    const put = (json: object) => prunerr("PUT", "/settings", { json })
    // A page sends everything back.
    assert.deepStrictEqual((await put(Object(settings.at("data")))).at("data"), [])
    const changed = await put({
      display: { instanceName: "Attic" },
      diskPressure: { softGraceDays: 14, maxGbPerRun: 2 }
    })
    assert.strictEqual(changed.listAt("data").length, 3, changed.text)
    assert.strictEqual((await native("GET", "/settings/general")).at("value", "instanceName"), "Attic")
    const { caps, sunsetDays } = Object((await native("GET", "/settings/removals")).at("value"))
    assert.deepStrictEqual([caps.maxBytes, sunsetDays], [2 * 1024 ** 3, 14])
    for (const [json, path] of [
      [{ display: { instanceName: "Cellar" }, diskPressure: { paths: [] } }, ["payload", "diskPressure", "paths"]],
      [{ display: { instanceName: "Cellar" }, colour: 1 }, ["payload", "colour"]],
      [{ display: { instanceName: "Cellar", shape: 1 } }, ["payload", "display", "shape"]]
    ] as const) {
      const refused = await put(json)
      assert.strictEqual(refused.status, 400)
      assert.deepStrictEqual(refused.at("details", 0, "path"), path)
    }
    assert.strictEqual((await put({ diskPressure: { softGraceDays: -1 } })).status, 400)
    assert.strictEqual((await native("GET", "/settings/general")).at("value", "instanceName"), "Attic")
    await put({ schedule: { autoProcess: false } })
    assert.strictEqual((await prunerr("POST", "/queue/process")).status, 409)
    await put({ schedule: { autoProcess: true } })
    const users = await prunerr("GET", "/users")
    assert.isNotEmpty(users.listAt("data"))
    assert.strictEqual(users.at("total"), users.listAt("data").length)
  })
})

describe("Prunerr's rules", () => {
  const { native, prunerr } = dialectServed(["--dialects", "prunerr"])
  const never = { version: 2, root: { kind: "condition", field: "play_count", operator: "equals", value: 0 } }
  const draft = { name: "Never watched", type: "watch_status", mediaType: "movie", action: "delete", conditions: never }

  it("are rules that act, in both APIs", async () => {
    const made = await prunerr("POST", "/rules", {
      json: { ...draft, gracePeriodDays: 3, deletionAction: "full_removal", resetOverseerr: true, priority: 7 }
    })
    assert.strictEqual(made.status, 201, made.text)
    const id = Number(made.at("data", "id"))
    const rule = (await native("GET", `/rules/${id}`)).body
    assert.deepInclude(rule, {
      effect: "act",
      priority: 7,
      action: { type: "remove", action: "remove-entry", graceDays: 3, resetRequest: true },
      scope: { itemKinds: ["movie"] }
    })
    const changed = await prunerr("PUT", `/rules/${id}`, { json: { name: "Unseen", mediaType: "tv" } })
    assert.deepInclude(changed.at("data"), {
      name: "Unseen",
      mediaType: "tv",
      action: "delete",
      gracePeriodDays: 3,
      deletionAction: "full_removal",
      resetOverseerr: true,
      priority: 7
    })
    assert.deepStrictEqual(JSON.parse(changed.textAt("data", "conditions")), changed.at("data", "conditionsV2"))
    assert.strictEqual((await prunerr("PATCH", `/rules/${id}/toggle`)).at("data", "enabled"), false)
    assert.strictEqual((await prunerr("DELETE", `/rules/${id}`)).status, 200)
    assert.strictEqual((await prunerr("DELETE", `/rules/${id}`)).status, 404)
    const weighing = await native("POST", "/rules", { name: "Keep", effect: "always-keep", condition: never.root })
    assert.strictEqual((await prunerr("GET", `/rules/${weighing.textAt("id")}`)).status, 404)
    assert.strictEqual((await prunerr("DELETE", `/rules/${weighing.textAt("id")}`)).status, 404)
    assert.strictEqual((await native("DELETE", `/rules/${weighing.textAt("id")}`)).status, 204)
  })

  it("that would match everything by mistake are refused", async () => {
    const empty = { version: 2, root: { kind: "group", logic: "AND", children: [] } }
    for (const conditions of [
      [],
      {},
      empty,
      "[]",
      "{",
      1,
      { version: 2, root: { kind: "condition", field: "colour", operator: "equals", value: 1 } }
    ]) {
      const refused = await prunerr("POST", "/rules", { json: { ...draft, conditions } })
      assert.strictEqual(refused.status, 400, JSON.stringify(conditions))
      assert.isNotEmpty(refused.listAt("details"))
    }
    for (const wrong of [
      { name: " " },
      { gracePeriodDays: -1 },
      { priority: 101 },
      { action: "explode" },
      { mediaType: "x" }
    ]) {
      assert.strictEqual(
        (await prunerr("POST", "/rules", { json: { ...draft, ...wrong } })).status,
        400,
        JSON.stringify(wrong)
      )
    }
    assert.strictEqual((await prunerr("POST", "/rules/preview", { json: {} })).status, 400)
  })

  it("match in the preview what their run queues, without what a protection keeps", async () => {
    for (const disk of (await native("GET", "/disk-groups")).listAt("items")) {
      await native("PATCH", `/disk-groups/${textAt(disk, "id")}`, { mode: "auto" })
    }
    await native("PATCH", "/settings/rules", { maxActingShare: 1 })
    const preview = () => prunerr("POST", "/rules/preview", { json: { ...never, mediaType: "movie" } })
    const before = (await preview()).at("data")
    const acting = await native("POST", "/rules/preview", {
      condition: never.root,
      effect: "act",
      action: { type: "remove" },
      scope: { itemKinds: ["movie"] }
    })
    const sample = Number(
      at(
        acting.listAt("acting", "items").find((item) => at(item, "outcome") === "queued"),
        "itemId"
      )
    )
    await prunerr("POST", `/library/${sample}/protect`)
    const after = (await preview()).at("data")
    assert.strictEqual(at(after, "totalMatches"), at(before, "totalMatches"))
    assert.strictEqual(Number(at(after, "wouldSkipProtected")), Number(at(before, "wouldSkipProtected")) + 1)
    const id = Number((await prunerr("POST", "/rules", { json: { ...draft, gracePeriodDays: 30 } })).at("data", "id"))
    const run = await prunerr("POST", `/rules/${id}/run`)
    assert.strictEqual(run.status, 200, run.text)
    assert.strictEqual(run.at("data", "summary", "held"), null)
    assert.strictEqual(run.at("data", "summary", "processed"), at(after, "wouldQueue"))
    const queued = (await prunerr("GET", "/queue?limit=500")).listAt("data")
    assert.strictEqual(queued.length, at(after, "wouldQueue"))
    assert.isFalse(queued.some((item) => at(item, "id") === sample))
  })

  it("are suggested with the very conditions that were counted", async () => {
    const suggestions = (await prunerr("GET", "/rules/suggestions")).listAt("data", "suggestions")
    assert.isNotEmpty(suggestions)
    for (const suggestion of suggestions) {
      const conditions = at(suggestion, "conditionsV2")
      const preview = await prunerr("POST", "/rules/preview", {
        json: { ...Object(conditions), mediaType: at(suggestion, "mediaType") }
      })
      assert.strictEqual(preview.status, 200, preview.text)
      assert.strictEqual(preview.at("data", "totalMatches"), at(suggestion, "matchCount"), textAt(suggestion, "id"))
    }
  })
})
