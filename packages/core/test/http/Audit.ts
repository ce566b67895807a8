/**
 * Every operation of the document that changes something is carried out once, and must log an event with its actor.
 * An operation that is added to the API needs a step here, or a reason why it leaves none.
 */
import { assert, describe, it } from "vitest"
import { OpenApiDocument } from "../../src/api/OpenApiDocument.ts"
import { operationsOf } from "../../src/api/Reference/OperationView.ts"
import { prunerrDatabase } from "../moving/PrunerrDatabase.ts"
import { account } from "./Access.ts"
import { type Answer, assertProblem, at, call, clientOf, download, textAt } from "./Client.ts"
import { adminKey, type RunningServer } from "./ServerProcess.ts"

/** Operations that store nothing. */
const leaveNoTrace: Readonly<Record<string, string>> = {
  "acts.cancel": "responds with 404: no built-in part has acts; covered by the tests of acts and of the sample room",
  "acts.retry": "as above",
  "acts.undo": "as above",
  "downloads.forgive": "responds with 404: the sandbox has no download client; covered by the tests of downloads",
  "orphans.restore": "responds with 404: no disk of a client can be seen; covered by the tests of orphaned files",
  "orphans.keep": "as above",
  "namelists.refresh": "reads a source; a change of its entries is logged by the tests of lists of names",
  "namelists.accept": "nothing is held here; covered by the tests of lists of names",
  "setup.redeem": "responds with 409 if there is an account; covered by the set-up tests",
  "backups.verify": "reads a backup",
  "integrations.test": "asks an application, and stores nothing",
  "integrations.check": "asks an application; a change of its identity is logged",
  "library.syncCollections": "asks applications, and stores what they report, as every sync does",
  "capacity.merge":
    "refused for disks of different sizes, as those of the sandbox are; covered by the tests of disk groups",
  "integrations.previewReplacement": "computes",
  "integrations.replace":
    "refused: the sandbox has one media server of a library; covered by the tests of replacements",
  "integrations.undoReplacement": "responds with 404; covered by the tests of replacements",
  "rules.preview": "computes",
  "rules.evaluate": "computes",
  "rules.share": "reads the rules",
  "scoring.evaluate": "computes",
  "jobs.nextRuns": "computes",
  "jobs.patchSettings": "responds with 404: no built-in job has settings; covered by the tests of jobs",
  "jobs.resetSettings": "as above"
}

const changing = operationsOf(OpenApiDocument.value())
  .filter(({ method }) => method !== "get")
  .map(({ id }) => id)

const keyActor = "key:env:TENDARR_API_KEY"
const secret = "0123456789abcdef0123456789abcdef"

export const auditTests = (server: () => RunningServer) => {
  const api: ReturnType<typeof clientOf> = (...request) => clientOf(server().url, adminKey)(...request)
  const logged = new Map<string, ReadonlyArray<unknown>>()

  const newest = async (): Promise<string> => textAt((await api("GET", "/event-log?limit=1")).listAt("items")[0], "id")

  /** Carries out an operation and stores the events that it logged. */
  const step = async (id: string, run: () => Promise<Answer>, actor = keyActor): Promise<Answer> => {
    const before = Number(await newest())
    const answer = await run()
    assert.isBelow(answer.status, 300, `${id}: ${answer.text}`)
    const events = (await api("GET", "/event-log?limit=200")).listAt("items")
    const left = events.filter((event) => Number(at(event, "id")) > before && at(event, "actor") === actor)
    assert.isNotEmpty(left, `${id} left nothing by ${actor}: ${JSON.stringify(events.slice(0, 3))}`)
    assert.notInclude(JSON.stringify(events), secret, id)
    logged.set(id, left)
    return answer
  }
  const last = (id: string) => logged.get(id)?.[0]

  const proposed = async (count: number): Promise<ReadonlyArray<string>> => {
    const found = (await api("GET", `/removals?state=proposed&order=rank&limit=${count}`)).listAt("items")
    assert.strictEqual(found.length, count)
    return found.map((removal) => textAt(removal, "id"))
  }
  const until = async (id: string, state: string): Promise<void> => {
    for (let turn = 0; turn < 300; turn += 1) {
      if ((await api("GET", `/removals/${id}`)).at("state") === state) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    assert.fail(`Removal ${id} did not become ${state}: ${(await api("GET", `/removals/${id}`)).text}`)
  }
  const faults = async (list: ReadonlyArray<unknown>): Promise<void> => {
    const answer = await call(server().url, "PUT", "/sandbox/faults", { key: adminKey, json: { faults: list } })
    assert.strictEqual(answer.status, 200, answer.text)
  }

  describe("The audit log", () => {
    it("contains changes of settings, rules, weights, disks and schedules, with old and new values", async () => {
      await step("settings.patch", () => api("PATCH", "/settings/general", { instanceName: "Attic" }))
      assert.strictEqual(at(last("settings.patch"), "payload", "before", "instanceName"), "Tendarr")
      assert.strictEqual(at(last("settings.patch"), "payload", "after", "instanceName"), "Attic")
      await step("settings.reset", () => api("DELETE", "/settings/general"))
      await step("dialects.renewKey", () => api("POST", "/dialects/prunerr/key"))

      const rule = (name: string) => ({
        name,
        effect: "prefer-keep",
        condition: { kind: "condition", field: "year", operator: "gte", value: 2020 }
      })
      const first = (await step("rules.create", () => api("POST", "/rules", rule("First")))).textAt("id")
      const second = (await api("POST", "/rules", rule("Second"))).textAt("id")
      await step("rules.reorder", () => api("PUT", "/rules/order", { ids: [second, first] }))
      assert.deepStrictEqual(at(last("rules.reorder"), "payload"), { before: [first, second], after: [second, first] })
      await step("rules.update", () => api("PATCH", `/rules/${first}`, { enabled: false }))
      assert.deepStrictEqual(at(last("rules.update"), "payload"), {
        before: { enabled: true },
        after: { enabled: false }
      })
      await step("rules.acknowledge", () => api("POST", `/rules/${first}/acknowledge`))
      await step("rules.remove", () => api("DELETE", `/rules/${first}`))
      const acting = { ...rule("Acting"), effect: "act", action: { type: "report" } }
      const third = (await api("POST", "/rules", acting)).textAt("id")
      const run = await step("rules.run", () => api("POST", `/rules/${third}/run?wait=60`, {}))
      assert.strictEqual(run.textAt("status"), "completed")
      const shared = await api("POST", "/rules/share", { ids: [third] })
      await api("DELETE", `/rules/${third}`)
      const document = shared.textAt("document")
      await step("rules.import", () => api("POST", "/rules/import", { document }))
      await api("DELETE", `/rules/${second}`)

      const list = { name: "Unwanted", kind: "block", enabled: false, source: { type: "entries", entries: ["*.exe"] } }
      const unwanted = (await step("namelists.create", () => api("POST", "/name-lists", list))).textAt("id")
      await step("namelists.update", () => api("PATCH", `/name-lists/${unwanted}`, { enabled: true }))
      await step("namelists.remove", () => api("DELETE", `/name-lists/${unwanted}`))

      await step("scoring.setWeights", () => api("PATCH", "/scoring/weights", { size: 3 }))
      const [disk, other] = (await api("GET", "/disk-groups")).listAt("items")
      const path = `/disk-groups/${textAt(disk, "id")}`
      await step("capacity.updateDiskGroup", () => api("PATCH", path, { mode: "approval" }))
      assert.deepStrictEqual(at(last("capacity.updateDiskGroup"), "payload"), {
        before: { mode: "dry-run" },
        after: { mode: "approval" }
      })
      await step("capacity.resume", () => api("POST", `${path}/resume`))
      await step("capacity.split", () => api("POST", `${path}/split`, { diskGroupId: textAt(other, "id") }))

      const schedule = { type: "interval", seconds: 3600 }
      await step("jobs.setSchedule", () => api("PUT", "/jobs/housekeeping/schedule", { schedule }))
      assert.deepStrictEqual(at(last("jobs.setSchedule"), "payload", "after", "schedule"), schedule)
      await step("jobs.resetSchedule", () => api("DELETE", "/jobs/housekeeping/schedule"))
    })

    it("contains changes of integrations, without their secrets", async () => {
      const draft = { kind: "radarr", name: "Spare", url: "http://127.0.0.1:9", config: { apiKey: secret } }
      const id = (await step("integrations.create", () => api("POST", "/integrations", draft))).textAt("id")
      const patch = { url: "http://127.0.0.1:10", config: { apiKey: [...secret].toReversed().join("") } }
      await step("integrations.update", () => api("PATCH", `/integrations/${id}`, patch))
      assert.deepStrictEqual(at(last("integrations.update"), "payload"), {
        before: { url: "http://127.0.0.1:9", config: { apiKey: "********" } },
        after: { url: "http://127.0.0.1:10", config: { apiKey: "********" } }
      })
      assert.notInclude(JSON.stringify([...logged.values()]), patch.config.apiKey)
      await step("integrations.remove", () => api("DELETE", `/integrations/${id}`))
    })

    it("contains held syncs and decisions about them", async () => {
      const radarr = (await api("GET", "/integrations")).listAt("items").find((each) => at(each, "kind") === "radarr")
      const held = async () => {
        await api("POST", "/jobs/library-sync/runs?wait=60", {})
        return `/integrations/${textAt(radarr, "id")}/held-sync`
      }
      // Any lost item exceeds the allowed share.
      await api("PATCH", "/settings/library", { maxDisappearance: 0, minDisappearance: 1 })
      const empty = [{ kind: "vanish", app: "radarr" }]
      await faults(empty)
      const path = await held()
      await step("integrations.discardSync", () => api("POST", `${path}/discard`))
      await held()
      await step("integrations.confirmSync", () => api("POST", `${path}/confirm`))
      await faults([])
      await api("DELETE", "/settings/library")
      await api("POST", "/jobs/library-sync/runs?wait=60", {})
    })

    it("contains every step of a removal", async () => {
      await api("PATCH", "/settings/removals", { delaySeconds: 3600, spacingSeconds: 0, maxAttempts: 1 })
      for (const group of (await api("GET", "/disk-groups")).listAt("items")) {
        await api("PATCH", `/disk-groups/${textAt(group, "id")}`, { mode: "approval" })
      }
      await step("jobs.start", () => api("POST", "/jobs/capacity/runs?wait=60", {}))
      const [one = "", two = "", three = ""] = await proposed(3)
      await step("removals.reject", () => api("POST", `/removals/${one}/reject`, {}))
      await step("removals.unsnooze", () => api("POST", `/removals/${one}/unsnooze`))
      await step("removals.approve", () => api("POST", `/removals/${one}/approve`))
      const at2030 = { at: "2030-01-01T00:00:00Z" }
      await step("removals.reschedule", () => api("POST", `/removals/${one}/reschedule`, at2030))
      await step("removals.cancel", () => api("POST", `/removals/${one}/cancel`))
      await step("removals.release", () => api("POST", `/removals/${one}/release`))
      await step("removals.bulk", () => api("POST", "/removals/bulk", { action: "approve", ids: [two] }))
      await api("POST", `/removals/${two}/cancel`)

      await api("PATCH", "/settings/removals", { delaySeconds: 0 })
      await faults([{ kind: "down", how: "status", method: "DELETE" }])
      await api("POST", `/removals/${three}/approve`)
      await until(three, "failed")
      await faults([])
      await step("removals.retry", () => api("POST", `/removals/${three}/retry`))
      await until(three, "removed")
      await step("removals.restore", () => api("POST", `/removals/${three}/restore`))

      const itemId = (await api("GET", `/removals/${one}`)).textAt("itemId")
      await step("removals.request", () => api("POST", "/removals", { itemId }))
      const [other] = (await api("GET", "/items?removal=none&kind=movie&limit=1")).listAt("items")
      await step("removals.requestMany", () => api("POST", "/removals/requests", { itemIds: [textAt(other, "id")] }))
      const { items } = Object((await api("GET", "/items?limit=1&sort=size")).body)
      const protect = { itemId: textAt(items[0], "id") }
      const protection = (await step("library.protect", () => api("POST", "/protections", protect))).textAt("id")
      await step("library.unprotect", () => api("DELETE", `/protections/${protection}`))

      const [first, second] = (await api("GET", "/viewers")).listAt("items").map((one) => textAt(one, "id"))
      const join = () => api("POST", `/viewers/${first!}/join`, { viewerIds: [second] })
      const joined = await step("viewers.join", join)
      const account = textAt(joined.listAt("identities").at(-1), "id")
      await step("viewers.split", () => api("POST", `/viewers/${first!}/split`, { identityIds: [account] }))
    })

    it("contains runs that were cancelled and retried", async () => {
      await faults([{ kind: "slow", delayMillis: 20_000 }])
      const id = (await api("POST", "/jobs/library-sync/runs", {})).textAt("id")
      await step("jobs.cancel", () => api("POST", `/job-runs/${id}/cancel`))
      await faults([])
      await step("jobs.retry", () => api("POST", `/job-runs/${id}/retry`))
    })

    it("contains backups, and the import of a configuration", async () => {
      const id = (await step("backups.create", () => api("POST", "/backups"))).textAt("id")
      const { bytes: raw } = await download(server().url, `/api/v1/backups/${id}/file`, adminKey)
      const upload = () => api("POST", "/backups/upload", undefined, { raw, contentType: "application/vnd.sqlite3" })
      await step("backups.upload", upload)
      await step("backups.restore", () => api("POST", `/backups/${id}/restore`))
      await step("backups.cancelRestore", () => api("DELETE", "/backups/restore"))
      await step("backups.remove", () => api("DELETE", `/backups/${id}`))
      const { body } = await api("GET", "/settings/export")
      await api("PATCH", "/settings/general", { instanceName: "Cellar" })
      await step("settings.import", () => api("POST", "/settings/import", body))
    })

    it("contains what was moved in from another product", async () => {
      const raw = prunerrDatabase({ plex_users: [{ plex_user_id: "1", username: "Ada" }] })
      const upload = () =>
        api("POST", "/moving-in/previews?product=prunerr", undefined, { raw, contentType: "application/octet-stream" })
      const path = `/moving-in/previews/${(await step("moving.preview", upload)).textAt("id")}`
      await step("moving.apply", () => api("POST", `${path}/apply`))
      await step("moving.remove", () => api("DELETE", path))
    })

    it("contains access, with the name of the account", async () => {
      const made = await step("access.createApiKey", () => api("POST", "/api-keys", { name: "Panel", scope: "read" }))
      const path = `/api-keys/${made.textAt("apiKey", "id")}`
      await step("access.renameApiKey", () => api("PATCH", path, { name: "Dashboard" }))
      await step("access.revokeApiKey", () => api("DELETE", path))

      const actor = `account:${account.username}`
      const signIn = () => clientOf(server().url)("POST", "/sessions", account)
      const { textAt: text } = await step("setup.login", signIn, actor)
      const headers = { authorization: `Bearer ${text("token")}` }
      const own: typeof api = (method, path, json) => clientOf(server().url)(method, path, json, { headers })
      const other = (await signIn()).textAt("session", "id")
      await step("access.revokeSession", () => own("DELETE", `/sessions/${other}`), actor)
      const password = { currentPassword: account.password, newPassword: "another long enough password" }
      await step("access.changePassword", () => own("PUT", "/account/password", password), actor)
      await step("access.updateAccount", () => own("PATCH", "/account", { username: "warden" }), actor)
      assert.deepStrictEqual(at(last("access.updateAccount"), "payload"), {
        before: account.username,
        after: "warden"
      })
      for (const word of [account.password, password.newPassword, made.textAt("key"), text("token")]) {
        assert.notInclude((await api("GET", "/event-log?limit=200")).text, word)
      }
      const refused = (await api("GET", "/event-log?type=session.refused&limit=200")).listAt("items").length
      assertProblem(await signIn(), 401, "invalid-credentials")
      const attempts = await api("GET", "/event-log?type=session.refused&limit=200")
      assert.strictEqual(attempts.listAt("items").length, refused + 1)
      assert.strictEqual(attempts.at("items", 0, "payload", "address"), "127.0.0.1")
    })

    it("omits no operation of the document", () => {
      assert.deepStrictEqual([...logged.keys(), ...Object.keys(leaveNoTrace)].toSorted(), changing.toSorted())
    })
  })
}
