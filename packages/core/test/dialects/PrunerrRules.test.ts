/** Rules of Tendarr that Prunerr's language cannot express: shown and changed through its API without damage. */
import { assert, describe, it } from "vitest"
import { at, textAt } from "../http/Client.ts"
import { dialectServed } from "./DialectServed.ts"

describe("A rule of Tendarr in Prunerr's API", () => {
  const { native, prunerr } = dialectServed(["--dialects", "prunerr"])
  const leaf = (field: string, operator: string, value: unknown) => ({ kind: "condition", field, operator, value })
  const group = (logic: string, ...children: ReadonlyArray<unknown>) => ({ kind: "group", logic, children })

  let made = 0
  const rule = async (more: object) => {
    const created = await native("POST", "/rules", {
      name: `Rule ${++made}`,
      effect: "act",
      condition: leaf("playCount", "equals", 0),
      action: { type: "remove" },
      ...more
    })
    assert.strictEqual(created.status, 201, created.text)
    const id = created.textAt("id")
    const read = async () => {
      const { action, condition, priority, scope } = Object((await native("GET", `/rules/${id}`)).body)
      return { action, condition, priority, scope }
    }
    const shown = async () => Object((await prunerr("GET", `/rules/${id}`)).at("data"))
    const put = (json: object) => prunerr("PUT", `/rules/${id}`, { json })
    return { id, read, shown, put }
  }

  it("keeps its integrations, collections, approval and exclusion when it is renamed or sent back", async () => {
    const integration = textAt((await native("GET", "/integrations")).listAt("items")[0], "id")
    const [collection] = (await prunerr("GET", "/collections")).listAt("data")
    const { put, read, shown } = await rule({
      action: { type: "remove", approval: true, importExclusion: true, graceDays: 12 },
      priority: 9,
      scope: { integrationIds: [integration], collections: [textAt(collection, "title")], itemKinds: ["show"] }
    })
    const before = await read()
    assert.strictEqual((await put({ name: `Renamed ${made}` })).status, 200)
    assert.deepStrictEqual(await read(), before)
    const sent = await put(await shown())
    assert.strictEqual(sent.status, 200, sent.text)
    assert.deepStrictEqual(await read(), before)
    assert.strictEqual((await put({ gracePeriodDays: 20, libraryKeys: ["Movies"] })).status, 200)
    assert.deepStrictEqual(await read(), {
      ...before,
      action: { ...before.action, graceDays: 20 },
      scope: { ...before.scope, libraries: ["Movies"] }
    })
    // `null` = all of them.
    assert.deepStrictEqual((await put({ libraryKeys: null })).at("data", "libraryKeys"), [])
    assert.strictEqual((await put({ deletionAction: "delete_files_only" })).status, 200)
    assert.deepStrictEqual((await read()).action, {
      type: "remove",
      action: "delete-files",
      approval: true,
      graceDays: 20
    })
  })

  it("about music does not become one about movies", async () => {
    const { put, read, shown } = await rule({ scope: { itemKinds: ["album"] } })
    const before = await read()
    await put(await shown())
    assert.deepStrictEqual(await read(), before)
  })

  it("that changes entries goes on changing them", async () => {
    const { put, read, shown } = await rule({ action: { type: "change", addTags: ["unwatched"] } })
    const before = await read()
    assert.strictEqual((await shown()).action, "flag")
    await put({ priority: 3 })
    await put(await shown())
    assert.deepStrictEqual(await read(), { ...before, priority: 3 })
  })

  it("keeps its condition, whatever Prunerr's form of it would mean", async () => {
    const conditions = [
      { kind: "condition", field: "lastPlayedAt", operator: "before", otherField: "addedAt" },
      leaf("kind", "equals", "show"),
      leaf("daysSinceWatched", "greaterThan", 90),
      group(
        "NOT",
        group("NOT", group("OR", leaf("daysSinceWatched", "greaterThan", 90), leaf("year", "lessThan", 2000)))
      ),
      leaf("hdr", "equals", "dv"),
      leaf("bitrate", "greaterThan", 8_000_500),
      leaf("daysSinceWatched", "overAgo", 30)
    ]
    for (const condition of conditions) {
      const { put, read, shown } = await rule({ condition })
      const before = await read()
      const body = await shown()
      const sent = await put(body)
      assert.strictEqual(sent.status, 200, sent.text)
      assert.deepStrictEqual(await read(), before)
      // As a text, without its other form, and as a list of one.
      await put({ conditions: body.conditions })
      await put({ conditions: { root: body.conditionsV2.root, version: 2 } })
      assert.deepStrictEqual((await read()).condition, before.condition)
      // A client adds a condition, and sends the other form as it was.
      const added = group("AND", body.conditionsV2.root, leaf("year", "less_than", 1990))
      const changed = await put({ ...body, conditions: JSON.stringify({ version: 2, root: added }) })
      assert.strictEqual(changed.status, 200, changed.text)
      assert.deepStrictEqual(at((await read()).condition, "children"), [
        before.condition,
        leaf("year", "less_than", 1990)
      ])
    }
  })

  it("that was made there is shown as it was sent", async () => {
    const sent = [
      leaf("days_since_watched", "greater_than", 90),
      leaf("days_since_added", "greater_than_or_equal", 30),
      leaf("last_watched_at", "less_than", "2024-01-01"),
      leaf("type", "equals", "show"),
      leaf("resolution_number", "less_than", 1080),
      leaf("bitrate", "between", [1000, 8000]),
      leaf("rating_rt", "less_than", 50),
      leaf("library_key", "in", ["Movies", "Kids"]),
      leaf("genres", "contains_any", ["Horror"]),
      leaf("original_language", "not_equals", "en"),
      leaf("series_status", "equals", "ended"),
      leaf("studio", "is_null", null),
      group("NOT", leaf("never_watched", "equals", true))
    ]
    const conditions = { version: 2, root: group("AND", ...sent) }
    const made = await prunerr("POST", "/rules", { json: { name: "All of it", action: "flag", conditions } })
    assert.strictEqual(made.status, 201, made.text)
    assert.deepStrictEqual(made.at("data", "conditionsV2"), conditions)
    const again = await prunerr("PUT", `/rules/${Number(made.at("data", "id"))}`, { json: Object(made.at("data")) })
    assert.deepStrictEqual(again.at("data", "conditionsV2"), conditions)
  })

  it("is not changed if what is sent is not valid", async () => {
    const { id, put, read } = await rule({})
    const before = await read()
    for (const json of [
      { conditions: "{" },
      { conditions: [], name: "Empty" },
      { conditions: null },
      { conditions: leaf("colour", "equals", 1) },
      { conditionsV2: { root: leaf("year", "greater_than", "soon") } },
      { action: "explode" },
      { gracePeriodDays: -1 },
      { priority: 1.5 }
    ]) {
      const refused = await put(json)
      assert.strictEqual(refused.status, 400, JSON.stringify(json))
      assert.isNotEmpty(refused.listAt("details"))
    }
    assert.deepStrictEqual(await read(), before)
    await native("DELETE", `/rules/${id}`)
  })
})
