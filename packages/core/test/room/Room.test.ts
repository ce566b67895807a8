/** A made-up room that is added to a complete server as the documentation describes. */
import { afterAll, assert, beforeAll, describe, expect, it } from "vitest"
import { assertProblem, call, type Sent } from "../http/Client.ts"
import { startInMemory } from "../http/ServerInMemory.ts"
import { adminKey, type RunningServer } from "../http/ServerProcess.ts"
import { trash, trashRoom } from "./Trash.ts"

describe("A room of a program that embeds Tendarr", () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startInMemory(["--sandbox"], { TENDARR_API_KEY: adminKey }, trashRoom)
    await server.printed("Why one of them:")
  })
  afterAll(async () => {
    assert.strictEqual((await server.stop()).code, 0, server.output())
  })

  const ask = (method: string, path: string, sent: Sent = {}) =>
    call(server.url, method, `/api/v1${path}`, { key: adminKey, ...sent })

  /** Starts the job for an integration and waits until the run has ended. */
  const empty = async (integration: string) => {
    const started = await ask("POST", "/jobs/empty-trash/runs", { json: { subject: integration } })
    assert.strictEqual(started.status, 202, started.text)
    await expect
      .poll(async () => (await ask("GET", `/job-runs/${started.textAt("id")}`)).at("endedAt"), { timeout: 5000 })
      .not.toBeNull()
    return ask("GET", `/job-runs/${started.textAt("id")}`)
  }

  it("has its settings, its subject of rules, its job per integration and its types of events in the API", async () => {
    const group = await ask("PATCH", "/settings/trash", { json: { mostFiles: 2 } })
    assert.deepStrictEqual(group.at("value"), { mostFiles: 2 })
    const refused = await ask("PATCH", "/settings/trash", { json: { mostFiles: 0 } })
    assert.deepInclude(refused.listAt("errors")[0], { path: ["payload", "mostFiles"] })
    const fields = await ask("GET", "/rules/fields?subject=trash-file")
    assert.deepStrictEqual(
      fields.listAt("fields").map((field) => Reflect.get(Object(field), "name")),
      ["name", "days", "folder"]
    )
    const job = await ask("GET", "/jobs/empty-trash")
    assert.isTrue(job.at("destructive"))
    assert.isAbove(job.listAt("subjects").length, 1)
    const types = await ask("GET", "/event-log/types")
    assert.include(types.text, `"trash.emptied"`)
  })

  it("decides by its rules, with unknown results, and carries out acts only while the brake is off", async () => {
    const integrations = await ask("GET", "/integrations")
    const [id, name] = [integrations.textAt("items", 0, "id"), integrations.textAt("items", 0, "name")]
    trash.set(name, [
      { name: "old.mkv", bytes: 1, days: 40 },
      { name: "older.locked", bytes: 1, days: 90 },
      { name: "young.mkv", bytes: 1, days: 2 },
      { name: "undated.mkv", bytes: 1, days: null },
      { name: "kept.mkv", bytes: 1, days: 50 }
    ])
    const rule = (json: unknown) => ask("POST", "/rules", { json })
    const letGo = { kind: "condition", field: "days", operator: "greaterThan", value: 30 }
    const made = await rule({ name: "Old trash", subject: "trash-file", effect: "let-go", condition: letGo })
    assert.strictEqual(made.status, 201, made.text)
    const keep = { kind: "condition", field: "name", operator: "contains", value: "kept" }
    await rule({ name: "Kept", subject: "trash-file", effect: "keep", condition: keep })

    await ask("PATCH", "/settings/removals", { json: { deletionsEnabled: false } })
    const braked = await empty(id)
    assert.strictEqual(braked.at("status"), "failed", "no intent is written while deletions are off")
    assert.lengthOf(trash.get(name) ?? [], 5)

    await ask("PATCH", "/settings/removals", { json: { deletionsEnabled: true } })
    const run = await empty(id)
    assert.strictEqual(run.at("status"), "completed", run.text)
    assert.deepInclude(run.at("result"), { done: 1, spared: 1, failed: 0 })
    assert.deepStrictEqual(
      trash.get(name)?.map((file) => file.name),
      ["older.locked", "young.mkv", "undated.mkv", "kept.mkv"]
    )
    const log = await ask("GET", "/event-log?limit=50")
    for (const type of ["trash.emptied", "act.done", "act.spared", "settings.changed"]) {
      assert.include(log.text, `"${type}"`)
    }
  })

  it("still keeps files by a name in a rule that is lost, reports that, and previews its rules", async () => {
    const integrations = await ask("GET", "/integrations")
    const [id, name] = [integrations.textAt("items", 2, "id"), integrations.textAt("items", 2, "name")]
    const file = (title: string, folder: string) => ({ name: title, bytes: title.length, days: 60, folder })
    trash.set(name, [file("letter.pdf", "Papers"), file("film.mkv", "Downloads")])
    const keep = { kind: "condition", field: "folder", operator: "equals", value: "papers" }
    const preview = (json: object) => ask("POST", "/rules/preview", { json: { subject: "trash-file", ...json } })
    const matched = await preview({ condition: keep, scope: { integrationIds: [id] } })
    assert.deepStrictEqual(matched.at("matched"), { items: 1, bytes: 10 })
    assert.deepInclude(matched.listAt("items")[0], {
      itemId: `${name}/letter.pdf`,
      title: "letter.pdf",
      kind: "trash-file",
      sizeBytes: 10,
      truth: "true",
      reason: "Folder is papers. It is Papers."
    })
    const none = await preview({ condition: { ...keep, value: "paper" } })
    assert.deepStrictEqual(none.at("warnings"), [
      'None of the files in the trash has the folder "paper"; did you mean "Papers"?'
    ])
    const undated = { kind: "condition", field: "days", operator: "greaterThan", value: 1 }
    assert.isAbove(Number((await preview({ condition: undated })).at("unknown", "items")), 0)
    const all = { condition: { kind: "condition", field: "name", operator: "isNotEmpty" }, limit: 1 }
    const titles: Array<string> = []
    for (let cursor: unknown = undefined; cursor !== null;) {
      const page = await preview(cursor === undefined ? all : { ...all, cursor })
      titles.push(page.textAt("items", 0, "title"))
      cursor = page.at("nextCursor")
    }
    assert.deepStrictEqual(
      titles.toSorted(),
      [...trash.values()]
        .flat()
        .map((one) => one.name)
        .toSorted()
    )

    const rule = { name: "Papers stay", subject: "trash-file", effect: "keep", condition: keep }
    const kept = (await ask("POST", "/rules", { json: rule })).textAt("id")
    trash.set(name, [file("letter.pdf", "Documents"), file("film.mkv", "Downloads")])
    assert.deepInclude((await empty(id)).at("result"), { done: 1 })
    assert.deepStrictEqual(
      trash.get(name)?.map((one) => one.name),
      ["letter.pdf"]
    )
    const view = await ask("GET", `/rules/${kept}`)
    assert.deepInclude(view.listAt("lostNames")[0], {
      what: "folder",
      name: "Papers",
      items: 1,
      message:
        'It names the folder "Papers", which no longer exists: what it kept by it (files in the trash: 1) stays kept until a person has reviewed the rule'
    })
    const log = await ask("GET", `/event-log?type=rule.names-lost&subjectType=rule&subjectId=${kept}`)
    assert.include(log.textAt("items", 0, "message"), 'names the folder "Papers", which no longer exists')
    assert.strictEqual((await ask("POST", `/rules/${kept}/acknowledge`)).status, 200)
    assert.deepInclude((await empty(id)).at("result"), { done: 1 })
    assert.deepStrictEqual(trash.get(name), [])
  })

  it("has its acts in the API, where they are explained, cancelled, retried and undone", async () => {
    const integrations = await ask("GET", "/integrations")
    const [id, name] = [integrations.textAt("items", 1, "id"), integrations.textAt("items", 1, "name")]
    const before = { name: "old.mkv", bytes: 1, days: 40 }
    trash.set(name, [before])
    await empty(id)
    assert.deepStrictEqual(trash.get(name), [])
    const list = await ask(
      "GET",
      `/acts?kind=let-go&state=done&search=OLD&key=${encodeURIComponent(`${name}/old.mkv`)}`
    )
    assert.lengthOf(list.listAt("items"), 1)
    const act = list.textAt("items", 0, "id")
    const detail = await ask("GET", `/acts/${act}`)
    assert.deepInclude(detail.body, { because: "Old trash", attempts: 1, step: null, undoable: true })
    assert.deepStrictEqual(detail.at("undo"), { possible: true, until: null, detail: null, kept: before })
    assert.deepStrictEqual(detail.at("subject"), { integration: name, name: "old.mkv" })
    assert.deepStrictEqual(
      detail.listAt("history").map((entry) => Reflect.get(Object(entry), "type")),
      ["act.planned", "act.executing", "act.done"]
    )

    assertProblem(await ask("POST", `/acts/${act}/cancel`), 409, "act-conflict")
    assertProblem(await ask("POST", `/acts/${act}/retry`), 409, "act-conflict")
    const stale = { headers: { "if-match": '"1"' } }
    assertProblem(await ask("POST", `/acts/${act}/undo`, stale), 412, "version-conflict")
    assertProblem(await ask("POST", "/acts/999999/undo"), 404, "act-not-found")
    const etag = detail.headers.get("etag") ?? ""
    const undone = await ask("POST", `/acts/${act}/undo`, { headers: { "if-match": etag } })
    assert.deepInclude(undone.body, { state: "undone", beyondRecall: [] })
    assert.deepStrictEqual(trash.get(name), [before])
    const audit = await ask("GET", `/event-log?subjectType=act&subjectId=${act}&limit=2`)
    assert.deepStrictEqual(
      audit.listAt("items").map((event) => Reflect.get(Object(event), "actor")),
      ["key:env:TENDARR_API_KEY", "key:env:TENDARR_API_KEY"]
    )
    assert.deepStrictEqual((await ask("PATCH", "/settings/removals", { json: {} })).at("actsBeyondRecall"), [])
  })

  it("serves the API of another product with its own errors", async () => {
    const files = await call(server.url, "GET", "/trash/files", { key: adminKey })
    assert.strictEqual(files.status, 200, files.text)
    const nowhere = await call(server.url, "GET", "/trash/nowhere", { key: adminKey })
    assert.deepStrictEqual([nowhere.status, nowhere.text.slice(0, 5)], [404, "E404:"])
  })

  it("is included in the configuration that is exported", async () => {
    const exported = await ask("GET", "/settings/export")
    assert.deepStrictEqual(exported.at("settings", "trash"), { mostFiles: 2 })
    assert.include(exported.text, `"trash-file"`)
    const back = await ask("POST", "/settings/import?dryRun=true", { json: exported.body })
    assert.strictEqual(back.status, 200, back.text)
  })
})
