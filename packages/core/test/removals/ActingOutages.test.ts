/** Acting rules over the simulated stack while its applications fail, lie, or report late: nothing is lost by that. */
import { afterAll, afterEach, assert, beforeAll, beforeEach, describe, it } from "vitest"
import { at, call, clientOf, textAt } from "../http/Client.ts"
import { startInMemory } from "../http/ServerInMemory.ts"
import { adminKey, type RunningServer } from "../http/ServerProcess.ts"

describe("A rule that removes", () => {
  let running: RunningServer | undefined
  const server = () => running ?? assert.fail("The server did not start")
  const api: ReturnType<typeof clientOf> = (...request) => clientOf(server().url, adminKey)(...request)
  const sandbox = (method: string, path: string, json?: unknown) =>
    call(server().url, method, `/sandbox/${path}`, { key: adminKey, ...(json === undefined ? {} : { json }) })
  const faults = async (...given: ReadonlyArray<unknown>) => {
    assert.strictEqual((await sandbox("PUT", "faults", { faults: given })).status, 200)
  }
  const runJob = async (job: string) => {
    const run = await api("POST", `/jobs/${job}/runs?wait=60`, {})
    assert.strictEqual(run.status, 202, run.text)
    return run
  }
  const runRule = async (id: string, options: object = {}) => {
    const run = await api("POST", `/rules/${id}/run?wait=60`, options)
    assert.strictEqual(run.status, 202, run.text)
    return run
  }
  /** Movies that the application itself still has. */
  const inRadarr = async () => Number((await sandbox("GET", "state")).at("movies"))

  const rules: Array<string> = []
  /** A rule that removes the first movie that nothing is queued for. Nobody has watched it. */
  const ruleAboutOne = async (action: object = {}) => {
    const movie = (await api("GET", "/items?kind=movie&limit=200&sort=title"))
      .listAt("items")
      .find((item) => at(item, "removalId") === null && at(item, "playCount") === 0)
    const about = (field: string, value: unknown) => ({ kind: "condition", field, operator: "equals", value })
    const rule = await api("POST", "/rules", {
      name: `Rule ${rules.length}`,
      effect: "act",
      condition: {
        kind: "group",
        logic: "AND",
        children: [about("title", textAt(movie, "title")), about("neverWatched", true)]
      },
      action: { type: "remove", graceDays: 0, ...action }
    })
    assert.strictEqual(rule.status, 201, rule.text)
    const id = rule.textAt("id")
    rules.push(id)
    const removal = async () => (await api("GET", `/removals?ruleId=${id}&limit=1`)).listAt("items")[0]
    return { id, movie, removal, itemId: textAt(movie, "id") }
  }

  beforeAll(async () => {
    running = await startInMemory(["--sandbox", "--sandbox-items", "60"], { TENDARR_API_KEY: adminKey })
    await running.printed("Why one of them:")
    for (const group of (await api("GET", "/disk-groups")).listAt("items")) {
      await api("PATCH", `/disk-groups/${textAt(group, "id")}`, { mode: "auto" })
    }
    await api("PATCH", "/settings/removals", { delaySeconds: 0, spacingSeconds: 0 })
    await api("PATCH", "/settings/rules", { maxActingShare: 1 })
  })
  afterAll(async () => {
    if (running !== undefined) assert.strictEqual((await running.stop()).code, 0)
  })
  beforeEach(async () => {
    await faults()
    // Applications that failed often are not called again at once, unless a person asks.
    for (const integration of (await api("GET", "/integrations")).listAt("items")) {
      await api("POST", `/integrations/${textAt(integration, "id")}/check`)
    }
    assert.strictEqual((await runJob("library-sync")).at("status"), "completed")
  })

  afterEach(async () => {
    // Of several rules that match a movie, only the oldest would act.
    for (const id of rules.splice(0)) await api("DELETE", `/rules/${id}`)
  })

  it("queues nothing while the media server and the play history do not answer, and its run says so", async () => {
    const rule = await ruleAboutOne()
    await faults({ kind: "down", app: "plex" }, { kind: "down", app: "tautulli" })
    const run = await runRule(rule.id, { sync: true })
    assert.strictEqual(run.at("status"), "completed-with-errors")
    assert.deepStrictEqual(
      [run.at("result", "queued", "items"), run.at("result", "unknown", "items")],
      [0, 1],
      run.text
    )
    assert.isUndefined(await rule.removal())
  })

  it("leaves what is queued as it is, with its due time, while its facts cannot be read", async () => {
    const rule = await ruleAboutOne({ graceDays: 30 })
    await runRule(rule.id)
    const queued = await rule.removal()
    assert.strictEqual(at(queued, "state"), "scheduled")
    await faults({ kind: "down", app: "plex" }, { kind: "down", app: "tautulli" })
    const run = await runRule(rule.id, { sync: true })
    assert.strictEqual(run.at("result", "left", "items"), 0, run.text)
    assert.deepStrictEqual(await rule.removal(), queued)
  })

  it.each([
    ["break off", { kind: "halfPages", how: "fail" }],
    ["end early", { kind: "halfPages", how: "short" }],
    ["are empty", { kind: "vanish" }],
    ["are a web page", { kind: "wrongTypes", how: "html" }]
  ])("takes nothing for gone when the lists of all applications %s", async (_, fault) => {
    const titles = async () => (await api("GET", "/items?limit=200")).listAt("items").map((item) => at(item, "title"))
    const before = await titles()
    await faults(fault)
    const run = await runJob("library-sync")
    assert.strictEqual(run.at("status"), "completed-with-errors")
    const managers = run.listAt("result", "integrations").slice(0, 3)
    for (const manager of managers) assert.include(["failed", "held"], at(manager, "outcome"), JSON.stringify(manager))
    assert.deepStrictEqual(await titles(), before)
  })

  it.each([
    ["does not answer", { kind: "down", app: "radarr", how: "status" }],
    ["refuses the key", { kind: "unauthorized", app: "radarr" }],
    ["answers with a web page", { kind: "wrongTypes", how: "html", app: "radarr" }]
  ])("removes nothing while Radarr %s, and takes no such answer for a movie that is gone", async (_, fault) => {
    const rule = await ruleAboutOne()
    await runRule(rule.id)
    const before = await inRadarr()
    await faults(fault)
    await runJob("removals")
    const removal = await rule.removal()
    assert.deepInclude(removal, { state: "scheduled", freedBytes: null, endedAt: null })
    await faults()
    assert.strictEqual(await inRadarr(), before)
    assert.isNull((await api("GET", `/items/${rule.itemId}`)).at("goneAt"))
  })

  it("waits while the media server cannot say whether somebody is watching, and spares what was watched meanwhile", async () => {
    const rule = await ruleAboutOne()
    await runRule(rule.id)
    await faults({ kind: "down", app: "plex" })
    await runJob("removals")
    assert.deepInclude(await rule.removal(), { state: "scheduled" })
    await faults()
    const played = await sandbox("POST", "watch", { movieId: Number(textAt(rule.movie, "externalId")) })
    assert.strictEqual(played.status, 201, played.text)
    await runJob("removals")
    const spared = await rule.removal()
    assert.notStrictEqual(at(spared, "state"), "removed")
    assert.isNull(at(spared, "freedBytes"))
  })

  it("believes no success that removed nothing, frees no bytes by it, and resets no request after it", async () => {
    const rule = await ruleAboutOne({ resetRequest: true })
    await runRule(rule.id)
    const before = await inRadarr()
    await faults({ kind: "lies", how: "kept", app: "radarr" })
    await runJob("removals")
    const removal = await rule.removal()
    assert.notStrictEqual(at(removal, "state"), "removed")
    assert.deepInclude(removal, { freedBytes: null, requestReset: null })
    assert.strictEqual(await inRadarr(), before)
    const changes = (await sandbox("GET", "journal")).text
    assert.notInclude(changes, `"app":"seerr"`)
    // The next attempt is made later by itself, or sooner by a person.
    await faults()
    await api("POST", `/removals/${textAt(removal, "id")}/retry`)
    await runJob("removals")
    assert.deepInclude(await rule.removal(), { state: "removed" })
  })

  it("removes once, with the size from before, and queues what it removed neither in the next run nor after a late list", async () => {
    const rule = await ruleAboutOne()
    await runRule(rule.id)
    const before = await inRadarr()
    await runJob("removals")
    const removed = await rule.removal()
    assert.deepInclude(removed, { state: "removed", restorable: true, sizeBytes: at(rule.movie, "sizeBytes") })
    assert.strictEqual(await inRadarr(), before - 1)
    for (const options of [{}, { sync: true }]) {
      const again = await runRule(rule.id, options)
      assert.deepStrictEqual([again.at("result", "matched", "items"), again.at("result", "queued", "items")], [0, 0])
    }
    assert.isNotNull((await api("GET", `/items/${rule.itemId}`)).at("goneAt"))
    assert.deepStrictEqual(await rule.removal(), removed)
  })
})
