/** Settings, rules and disk groups over HTTP: merging, entity tags and preconditions, and faults named by their path. */
import { assert, describe, it } from "vitest"
import { assertNames, assertProblem, at, clientOf } from "./Client.ts"
import { adminKey, type RunningServer } from "./ServerProcess.ts"

const leaf = (field: string, operator: string, value?: unknown) => ({
  kind: "condition",
  field,
  operator,
  ...(value === undefined ? {} : { value })
})

const newRule = (name: string) => ({ name, effect: "prefer-keep", condition: leaf("year", "gte", 2020) })

export const resourceTests = (server: () => RunningServer) => {
  const api: ReturnType<typeof clientOf> = (...request) => clientOf(server().url, adminKey)(...request)
  const ifMatch = (tag: string) => ({ headers: { "if-match": tag } })

  describe("settings", () => {
    it("merges a change into the current values, including nested objects", async () => {
      await api("DELETE", "/settings/removals")
      const before = await api("GET", "/settings/removals")
      const after = await api("PATCH", "/settings/removals", { snoozeHours: 48, caps: { maxItems: 7 } })
      assert.strictEqual(after.status, 200)
      assert.deepStrictEqual(after.at("value"), {
        ...Object(before.at("value")),
        snoozeHours: 48,
        caps: { ...Object(before.at("value", "caps")), maxItems: 7 }
      })
      assert.strictEqual(after.at("version"), Number(before.at("version")) + 1)
      const reset = await api("DELETE", "/settings/removals")
      assert.deepStrictEqual(reset.at("value"), before.at("value"))
    })

    it("reports the state of the background loops", async () => {
      const loops = (await api("GET", "/status")).listAt("loops")
      assert.deepStrictEqual(
        loops.map((loop) => [at(loop, "name"), at(loop, "status")]),
        ["clock-watch", "download-clients", "health-checks", "job-subjects", "removal-worker", "schedules"].map(
          (name) => [name, "running"]
        )
      )
    })

    it("refuses a change based on an outdated version", async () => {
      const seen = await api("GET", "/settings/general")
      const tag = seen.headers.get("etag") ?? ""
      assert.strictEqual(tag, seen.at("etag"))
      const first = await api("PATCH", "/settings/general", { instanceName: "Attic" }, ifMatch(tag))
      assert.strictEqual(first.status, 200)
      assert.notStrictEqual(first.headers.get("etag"), tag)
      const second = await api("PATCH", "/settings/general", { instanceName: "Cellar" }, ifMatch(tag))
      assertProblem(second, 412, "settings-changed")
      assert.strictEqual(second.at("etag"), first.headers.get("etag"))
      assertProblem(await api("DELETE", "/settings/general", undefined, ifMatch(tag)), 412, "settings-changed")
      assert.strictEqual((await api("GET", "/status")).at("instanceName"), "Attic")
      assert.strictEqual((await api("DELETE", "/settings/general", undefined, ifMatch("*"))).status, 200)
    })

    it("names every invalid value and every unknown key", async () => {
      const answer = await api("PATCH", "/settings/removals", { delaySeconds: -1, batchSize: "many", brake: true })
      for (const key of ["delaySeconds", "batchSize", "brake"]) assertNames(answer, ["payload", key])
      assertNames(await api("PATCH", "/settings/capacity", { defaultLimits: { target: 99 } }), [
        "payload",
        "defaultLimits",
        "target"
      ])
      assertNames(await api("GET", "/settings/nonsense"), ["params", "group"])
    })

    it("are exported as one document and imported again, first as a dry run, and refused completely with every fault", async () => {
      const exported = await api("GET", "/settings/export")
      assert.strictEqual(exported.status, 200, exported.text)
      const document = Object(exported.body)
      const secrets = await api("GET", "/settings/export?secrets=true")
      assert.isAbove(secrets.text.length, exported.text.length)
      const changed = { ...document, settings: { ...document.settings, general: { instanceName: "Moved" } } }
      const tried = await api("POST", "/settings/import?dryRun=true", changed)
      assert.deepStrictEqual(tried.at("changes"), [
        {
          section: "settings",
          name: "general",
          change: "change",
          fields: [{ field: "instanceName", before: "Tendarr", after: "Moved" }]
        }
      ])
      assert.strictEqual((await api("GET", "/status")).at("instanceName"), "Tendarr")
      assert.strictEqual((await api("POST", "/settings/import", changed)).at("dryRun"), false)
      assert.strictEqual((await api("GET", "/status")).at("instanceName"), "Moved")
      await api("DELETE", "/settings/general")
      assert.deepStrictEqual((await api("POST", "/settings/import", document)).at("changes"), [])

      const bad = { ...changed, rules: [{ ...newRule("Bad"), condition: leaf("yaer", "gte", 1) }], formatVersion: 9 }
      assertNames(await api("POST", "/settings/import", bad), ["payload", "formatVersion"])
      const refused = await api("POST", "/settings/import", { ...bad, formatVersion: 1 })
      assertNames(refused, ["payload", "rules", 0, "condition", "field"])
      assert.strictEqual((await api("GET", "/status")).at("instanceName"), "Tendarr")
      // Larger than the limit of other bodies.
      const long = { ...document, exportedAt: "x".repeat(2_000_000) }
      assert.strictEqual((await api("POST", "/settings/import?dryRun=true", long)).status, 200)
      assertProblem(
        await api("POST", "/settings/import", { ...document, exportedAt: "x".repeat(9_000_000) }),
        413,
        "body-too-large"
      )
    })

    it("lists all groups, each with a schema that contains its defaults", async () => {
      const groups = (await api("GET", "/settings")).listAt("items").map((group) => at(group, "group"))
      const schemas = (await api("GET", "/settings/schemas")).listAt("items")
      assert.deepStrictEqual(
        schemas.map((schema) => at(schema, "group")),
        groups
      )
      assert.strictEqual(at(schemas[0], "schema", "properties", "instanceName", "default"), "Tendarr")
    })
  })

  describe("rules", () => {
    it("stores a rule, changes it under its entity tag, and deletes it", async () => {
      const created = await api("POST", "/rules", newRule("Recent ones"))
      assert.strictEqual(created.status, 201, created.text)
      const path = `/rules/${created.textAt("id")}`
      assertProblem(await api("POST", "/rules", newRule("Recent ones")), 409, "rule-name-taken")
      const read = await api("GET", path)
      const tag = read.headers.get("etag") ?? ""
      assert.match(tag, /^"\d+"$/)
      const changed = await api("PATCH", path, { enabled: false }, ifMatch(tag))
      assert.strictEqual(changed.at("enabled"), false)
      assert.strictEqual(changed.at("name"), "Recent ones")
      assertProblem(await api("PATCH", path, { enabled: true }, ifMatch(tag)), 412, "version-conflict")
      assertNames(await api("PATCH", path, { enabled: true }, ifMatch("nonsense")), ["headers", "if-match"])
      assert.strictEqual((await api("DELETE", path)).status, 204)
      assertProblem(await api("GET", path), 404, "rule-not-found")
      assertProblem(await api("DELETE", path), 404, "rule-not-found")
    })

    it("stores the order that a person sets", async () => {
      const ids: Array<string> = []
      for (const name of ["First", "Second", "Third"])
        ids.push((await api("POST", "/rules", newRule(name))).textAt("id"))
      const wanted = ids.toReversed()
      const answer = await api("PUT", "/rules/order", { ids: wanted })
      assert.deepStrictEqual(
        answer.listAt("items").map((rule) => at(rule, "id")),
        wanted
      )
      assertProblem(await api("PUT", "/rules/order", { ids: ["999999"] }), 400, "invalid-request")
      for (const id of ids) await api("DELETE", `/rules/${id}`)
    })

    it("requires an existing subject for a rule", async () => {
      const fields = await api("GET", "/rules/fields?subject=item")
      assert.strictEqual(fields.textAt("subject"), "item")
      assert.deepStrictEqual(fields.body, (await api("GET", "/rules/fields")).body)
      const about = async (query: string, subject: string) =>
        (await api("GET", `/rules${query}`)).listAt("items").filter((rule) => at(rule, "subject") === subject)
      assert.deepStrictEqual(await about("?subject=item", "item"), await about("", "item"))
      assert.deepStrictEqual(await about("?subject=item", "download"), [])
      const wrong = { ...newRule("About nothing"), subject: "itme" }
      const refusals = [
        [await api("GET", "/rules?subject=itme"), ["query", "subject"]],
        [await api("GET", "/rules/fields?subject=itme"), ["query", "subject"]],
        [await api("POST", "/rules", wrong), ["payload", "subject"]],
        [await api("PUT", "/rules/order", { subject: "itme", ids: [] }), ["payload", "subject"]]
      ] as const
      for (const [refused, path] of refusals) {
        assertNames(refused, path)
        assert.include(JSON.stringify(refused.body), "did you mean item?")
      }
      assertNames(await api("POST", "/rules", { ...newRule("Wrong"), effect: "allways-keep" }), ["payload", "effect"])
    })

    it("reports the fault of a condition with its path in the tree", async () => {
      const tree = {
        kind: "group",
        logic: "AND",
        children: [leaf("year", "gte", 2000), { kind: "group", logic: "NOT", children: [leaf("yaer", "gte", 2000)] }]
      }
      const unknown = await api("POST", "/rules", { ...newRule("Bad"), condition: tree })
      assertNames(unknown, ["payload", "condition", "children", 1, "children", 0, "field"])
      const operator = await api("POST", "/rules", { ...newRule("Bad"), condition: leaf("year", "contains", "x") })
      assertNames(operator, ["payload", "condition", "operator"])
      const value = await api("POST", "/rules", { ...newRule("Bad"), condition: leaf("year", "gte", "soon") })
      assertNames(value, ["payload", "condition", "value"])
      const effect = await api("POST", "/rules", { ...newRule("Bad"), effect: "explode" })
      assertNames(effect, ["payload", "effect"])
      assert.deepStrictEqual((await api("GET", "/rules?subject=item")).listAt("items"), [])
    })

    it("previews a rule over the library and evaluates one on given facts, and stores nothing", async () => {
      const preview = await api("POST", "/rules/preview", { condition: leaf("sizeBytes", "gt", 0), limit: 3 })
      assert.strictEqual(preview.status, 200, preview.text)
      assert.isAbove(Number(preview.at("matched", "items")), 0)
      const evaluated = await api("POST", "/rules/evaluate", {
        condition: { kind: "group", logic: "OR", children: [leaf("year", "gte", 2020), leaf("rating", "gt", 8)] },
        facts: { year: 1999, rating: { unknown: "the source is down" } }
      })
      assert.strictEqual(evaluated.at("truth"), "unknown")
      assert.deepStrictEqual(evaluated.at("unknown"), ["rating"])
      assert.strictEqual(evaluated.at("trace", "children", 0, "truth"), "false")
      assert.deepStrictEqual((await api("GET", "/rules?subject=item")).listAt("items"), [])
    })
  })

  describe("disk groups and integrations", () => {
    it("guards a change of a disk group by its entity tag", async () => {
      const [group] = (await api("GET", "/disk-groups")).listAt("items")
      const path = `/disk-groups/${String(at(group, "id"))}`
      const tag = (await api("GET", path)).headers.get("etag") ?? ""
      const limits = { type: "percent", threshold: 84, target: 74 }
      const changed = await api("PATCH", path, { limits }, ifMatch(tag))
      assert.deepStrictEqual(changed.at("limits"), limits)
      assertProblem(await api("PATCH", path, { limits }, ifMatch(tag)), 412, "version-conflict")
      assertProblem(await api("GET", "/disk-groups/999999"), 404, "disk-group-not-found")
      const usage = await api("GET", `${path}/usage?resolution=raw&limit=1`)
      assert.strictEqual(usage.listAt("items").length, 1)
    })

    it("have a forecast, next to the daily changes of the library", async () => {
      const trends = await api("GET", "/stats/trends")
      assert.strictEqual(trends.status, 200)
      assert.match(trends.headers.get("content-type") ?? "", /^application\/json/)
      const days = trends.listAt("days")
      assert.lengthOf(days, 30)
      assert.deepStrictEqual(Object.keys(Object(days[0])), [
        "at",
        "removedItems",
        "removedBytes",
        "addedItems",
        "goneItems"
      ])
      const groups = (await api("GET", "/disk-groups")).listAt("items").map((group) => at(group, "id"))
      assert.deepStrictEqual(
        trends.listAt("diskGroups").map((trend) => at(trend, "diskGroupId")),
        groups
      )
    })

    it("masks secrets, and tests a connection without storing it", async () => {
      const { items } = Object((await api("GET", "/integrations")).body)
      assert.isAbove(items.length, 2)
      const [first] = items
      assert.notMatch(JSON.stringify(first.config), /[0-9a-f]{16}/)
      const tested = await api("POST", "/integrations/test", { integrationId: first.id })
      assert.strictEqual(tested.at("ok"), true, tested.text)
      const kinds = (await api("GET", "/integration-kinds")).listAt("items").map((kind) => at(kind, "id"))
      assert.include(kinds, first.kind)
      const unknown = { kind: "nonsense", name: "X", url: "http://127.0.0.1:1", config: {} }
      assertNames(await api("POST", "/integrations", unknown), ["payload", "kind"])
    })
  })
}
