/** Cleanuparr's API over the simulated stack: its documented figures, and the calls of its clients. */
import { assert, describe, it } from "vitest"
import { call, textAt } from "../http/Client.ts"
import { adminKey } from "../http/ServerProcess.ts"
import { dialectServed, nobody, until } from "./DialectServed.ts"

const isTime = (value: unknown) => assert.match(String(value), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

const sumOf = (counts: unknown) =>
  Object.values<unknown>(Object(counts)).reduce<number>((sum, count) => sum + Number(count), 0)

describe("Cleanuparr's API", () => {
  const { cleanuparr, native, server } = dialectServed(["--dialects", "cleanuparr", "--sandbox-items", "400"], {
    TENDARR_ADMIN_USERNAME: "ann",
    TENDARR_ADMIN_PASSWORD: "correct horse battery"
  })

  it("has the documented figures, which agree with each other and with the native ones", async () => {
    const answer = await cleanuparr("GET", "/api/stats?includeEvents=100&includeStrikes=100")
    assert.strictEqual(answer.status, 200, answer.text)
    const { events, generatedAt, health, jobs, strikes } = Object(answer.body)
    isTime(generatedAt)
    assert.isAbove(strikes.totalCount, 0)
    assert.strictEqual(sumOf(strikes.byType), strikes.totalCount)
    assert.deepStrictEqual(Object.keys(strikes.byType), ["DownloadingMetadata"])
    assert.strictEqual(sumOf(events.byType), events.totalCount)
    assert.strictEqual(sumOf(events.bySeverity), events.totalCount)
    assert.strictEqual(events.byType.DownloadingMetadataStrike, strikes.totalCount)
    assert.strictEqual(strikes.recentItems.length, strikes.totalCount)
    assert.strictEqual(events.recentItems.length, events.totalCount)
    const [event] = events.recentItems
    isTime(event.timestamp)
    assert.deepInclude(event, { eventType: "DownloadingMetadataStrike", severity: "Information" })
    assert.deepInclude(JSON.parse(event.data), { fault: "metadata", strikes: 1, of: 3 })
    const [strike] = strikes.recentItems
    isTime(strike.createdAt)
    assert.match(strike.downloadId, /^[0-9a-f]{40}$/)
    assert.include(event.message, strike.title)

    const own = await native("GET", "/downloads/stats")
    assert.strictEqual(own.at("strikes", "total"), strikes.totalCount)
    assert.deepInclude(jobs.byType.QueueCleaner, { totalRuns: 1, completed: 1, failed: 0 })
    isTime(jobs.byType.QueueCleaner.lastRunAt)
    isTime(jobs.byType.QueueCleaner.nextRunAt)
    assert.deepStrictEqual(jobs.byType.MalwareBlocker, {
      totalRuns: 0,
      completed: 0,
      failed: 0,
      lastRunAt: null,
      nextRunAt: null
    })
    const [client] = health.downloadClients
    assert.deepInclude(client, { name: "qBittorrent", type: "qBittorrent", isHealthy: true, errorMessage: null })
    assert.isNumber(client.responseTimeMs)
    assert.deepStrictEqual(
      health.arrInstances.map(({ name }: { readonly name: string }) => name),
      ["Radarr", "Sonarr", "Lidarr"]
    )
    assert.notProperty(health.arrInstances[0], "responseTimeMs")
  })

  it("lists recent items only when they are asked for, as many as are asked for", async () => {
    const plain = await cleanuparr("GET", "/api/stats")
    for (const part of ["events", "strikes"]) {
      assert.strictEqual(plain.at(part, "timeframeHours"), 24)
      assert.notProperty(plain.at(part), "recentItems")
    }
    const one = await cleanuparr("GET", "/api/stats?includeEvents=1")
    assert.lengthOf(one.listAt("events", "recentItems"), 1)
    assert.notProperty(one.at("strikes"), "recentItems")
    // Within a span in which nothing happened there are none, but the list is there.
    const none = await cleanuparr("GET", "/api/stats?includeStrikes=0&includeEvents=0&hours=1")
    assert.notProperty(none.at("strikes"), "recentItems")
  })

  it("takes hours and numbers beyond the bounds for the bounds, says so, and refuses what is no number", async () => {
    for (const [hours, counted] of [
      ["0", 1],
      ["-5", 1],
      ["721", 720],
      ["2147483647", 720],
      ["168", 168]
    ] as const) {
      const answer = await cleanuparr("GET", `/api/stats?hours=${hours}&includeEvents=101&includeStrikes=-1`)
      assert.strictEqual(answer.status, 200, answer.text)
      for (const part of ["events", "strikes", "jobs"]) assert.strictEqual(answer.at(part, "timeframeHours"), counted)
      assert.notProperty(answer.at("strikes"), "recentItems")
    }
    for (const name of ["hours", "includeEvents", "includeStrikes"]) {
      for (const value of ["banana", "", "1.5", "1e400", "NaN", "٣", "0x"]) {
        const answer = await cleanuparr("GET", `/api/stats?${name}=${encodeURIComponent(value)}`)
        assert.strictEqual(answer.status, 400, `${name}=${value} ${answer.text}`)
        assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/)
        assert.isArray(answer.at("errors", name))
      }
    }
    assert.strictEqual((await cleanuparr("GET", "/api/v2/stats?hours=9000")).at("timeframeHours"), 8760)
  })

  it("has the second version, and figures over time in a time zone", async () => {
    const one = await cleanuparr("GET", "/api/stats")
    for (const query of ["", "?includeDryRun=true", "?includeDryRun=False&hours=24"]) {
      const two = await cleanuparr("GET", `/api/v2/stats${query}`)
      assert.strictEqual(two.status, 200, two.text)
      assert.strictEqual(two.at("strikes", "total"), one.at("strikes", "totalCount"))
      assert.deepStrictEqual(two.at("events", "byType"), one.at("events", "byType"))
      assert.strictEqual(two.at("strikes", "recovered"), 0)
      assert.deepStrictEqual(two.at("cleaned"), { total: 0, byReason: {} })
      assert.strictEqual(two.at("timeframeHours"), query.includes("24") ? 24 : 168)
    }
    assert.strictEqual((await cleanuparr("GET", "/api/v2/stats?includeDryRun=maybe")).status, 400)

    const timeline = async (query: string) => {
      const answer = await cleanuparr("GET", `/api/v2/stats/timeline?${query}`)
      assert.strictEqual(answer.status, 200, answer.text)
      return Object(answer.body) as ReadonlyArray<{ readonly date: string; readonly count: number }>
    }
    const strikes = await timeline("metric=strikesIssued&hours=3&bucket=HOUR")
    assert.lengthOf(strikes, 4)
    assert.strictEqual(
      strikes.reduce((sum, { count }) => sum + count, 0),
      one.at("strikes", "totalCount")
    )
    assert.isTrue((await timeline("metric=malwareBlocked")).every(({ count }) => count === 0))
    assert.match((await timeline("bucket=day&timeZone=Asia/Kathmandu"))[0]?.date ?? "", /T18:15:00\.000Z$/)
    for (const query of ["bucket=year", "timeZone=Mars/Base", "hours=x"]) {
      assert.strictEqual((await cleanuparr("GET", `/api/v2/stats/timeline?${query}`)).status, 400, query)
    }
  })

  it("answers whoever asks whether it is there", async () => {
    for (const path of ["/health", "/Health", "/health/ready"]) {
      const answer = await cleanuparr("GET", path, nobody)
      assert.deepStrictEqual([answer.status, answer.text], [200, "healthy"], path)
    }
    const clients = await cleanuparr("GET", "/api/health")
    assert.deepInclude(Object.values<unknown>(Object(clients.body))[0], { clientName: "qBittorrent", isHealthy: true })
    const status = await cleanuparr("GET", "/api/Status")
    assert.deepStrictEqual(status.at("mediaManagers", "Radarr"), { instanceCount: 1 })
    assert.match(status.textAt("application", "upTime"), /^\d\d:\d\d:\d\d$/)
    assert.isAbove(Number(status.at("application", "memoryUsageMB")), 10)
  })

  it("lists jobs, and starts the one that there is", async () => {
    const jobs = Object((await cleanuparr("GET", "/api/Jobs")).body)
    assert.lengthOf(jobs, 6)
    assert.deepInclude(jobs[0], { name: "QueueCleaner", jobType: "QueueCleaner" })
    assert.strictEqual((await cleanuparr("GET", "/api/jobs/queuecleaner")).at("name"), "QueueCleaner")
    const runs = async () =>
      Number((await cleanuparr("GET", "/api/stats")).at("jobs", "byType", "QueueCleaner", "totalRuns"))
    const before = await runs()
    assert.strictEqual((await cleanuparr("POST", "/api/jobs/QueueCleaner/trigger")).status, 200)
    await until(
      () => cleanuparr("GET", "/api/stats"),
      (answer) => answer.at("jobs", "byType", "QueueCleaner", "totalRuns") === before + 1
    )
    for (const job of ["Seeker", "MalwareBlocker", "nothing"]) {
      const refused = await cleanuparr("POST", `/api/jobs/${job}/trigger`)
      assert.strictEqual(refused.status, 404)
      assert.include(refused.textAt("detail"), job)
    }
  })

  it("lists events and strikes in pages, filtered by its own names", async () => {
    const total = Number((await cleanuparr("GET", "/api/strikes")).at("totalCount"))
    assert.isAbove(total, 1)
    const first = await cleanuparr("GET", "/api/strikes?page=0&pageSize=1")
    assert.deepInclude(first.body, { page: 1, pageSize: 1, totalCount: total, totalPages: total })
    const [struck] = first.listAt("items")
    assert.deepInclude(struck, {
      totalStrikes: 1,
      strikesByType: { DownloadingMetadata: 1 },
      isRemoved: false,
      isReturning: false
    })
    const second = await cleanuparr("GET", "/api/strikes?page=2&pageSize=1")
    assert.notStrictEqual(textAt(second.listAt("items")[0], "downloadId"), textAt(struck, "downloadId"))
    assert.strictEqual((await cleanuparr("GET", "/api/strikes?type=downloadingMETADATA")).at("totalCount"), total)
    assert.strictEqual((await cleanuparr("GET", "/api/strikes?type=Stalled")).at("totalCount"), 0)
    assert.strictEqual((await cleanuparr("GET", "/api/strikes?type=nonsense")).at("totalCount"), total)
    assert.strictEqual((await cleanuparr("GET", "/api/strikes?search=%00")).status, 200)
    for (const search of ["%", "' OR 1=1 --"]) {
      const answer = await cleanuparr("GET", `/api/strikes?search=${encodeURIComponent(search)}`)
      assert.strictEqual(answer.at("totalCount"), 0, answer.text)
    }
    const recent = Object((await cleanuparr("GET", "/api/strikes/recent?count=1")).body)
    assert.lengthOf(recent, 1)
    assert.deepInclude(recent[0], { type: "DownloadingMetadata", isDryRun: false })

    const events = async (query: string) => Number((await cleanuparr("GET", `/api/events?${query}`)).at("totalCount"))
    const all = await events("")
    assert.isAbove(all, 0)
    assert.strictEqual(await events("eventType=DownloadingMetadataStrike"), total)
    assert.strictEqual(await events("eventType=StalledStrike"), 0)
    assert.strictEqual(await events("eventType=nonsense&severity=nonsense"), all)
    assert.strictEqual(await events("severity=error"), 0)
    assert.strictEqual(await events("fromDate=2000-01-01&toDate=2000-01-02"), 0)
    assert.strictEqual((await cleanuparr("GET", "/api/events?page=-1")).status, 400)
    assert.strictEqual((await cleanuparr("GET", "/api/events?fromDate=yesterday")).status, 400)
    assert.strictEqual((await cleanuparr("GET", "/api/events?pageSize=100000")).at("pageSize"), 500)

    // Whoever takes strikes away is named, and they no longer count.
    const id = textAt(struck, "downloadItemId")
    assert.strictEqual((await cleanuparr("DELETE", `/api/strikes/${id}`)).status, 204)
    assert.strictEqual((await native("GET", `/downloads/${id}`)).at("strikes"), 0)
    assert.strictEqual(await events("eventType=StrikeReset"), 1)
    assert.strictEqual((await cleanuparr("DELETE", "/api/strikes/999999")).status, 404)
  })

  it("switches cleaning on and off, and takes other settings only as they are", async () => {
    const path = "/api/configuration/queue_cleaner"
    const cleaning = async () => (await native("GET", "/settings/downloads")).at("value", "cleaning")
    const before = Object((await cleanuparr("GET", path)).body)
    assert.strictEqual(before.enabled, true)
    const off = await cleanuparr("PUT", path, { json: { ...before, enabled: false } })
    assert.deepStrictEqual([off.status, off.at("enabled")], [200, false], off.text)
    assert.strictEqual(await cleaning(), false)
    for (const [json, field] of [
      [{ ...before, cronExpression: "0 * * * *" }, "cronExpression"],
      [{ ...before, ignoredDownloads: [] }, "ignoredDownloads"],
      [{ enabled: true, failedImport: { maxStrikes: 3 } }, "failedImport"],
      [{ enabled: true, ["__proto__x"]: 1 }, "__proto__x"],
      [{ enabled: "true" }, "enabled"],
      [{ enabled: null }, "enabled"],
      [{}, "enabled"]
    ] as const) {
      const refused = await cleanuparr("PUT", path, { json })
      assert.strictEqual(refused.status, 400, refused.text)
      assert.isArray(refused.at("errors", field), refused.text)
      assert.strictEqual(await cleaning(), false)
    }
    assert.strictEqual((await cleanuparr("PUT", path, { json: { enabled: true } })).at("enabled"), true)
    assert.strictEqual(await cleaning(), true)
    const log = await native("GET", "/activity?actors=dialect:&types=settings.changed")
    assert.match(log.textAt("items", 0, "actor"), /^dialect:cleanuparr\/key:/)
    assert.deepInclude((await cleanuparr("GET", "/api/configuration/general")).body, { dryRun: false })
  })

  it("signs in with an account of Tendarr, and names our own way where Cleanuparr would be set up", async () => {
    const login = (username: string, password: string) =>
      cleanuparr("POST", "/api/auth/login", { ...nobody, json: { username, password } })
    const answer = await login("ann", "correct horse battery")
    assert.strictEqual(answer.status, 200, answer.text)
    assert.strictEqual(answer.at("requiresTwoFactor"), false)
    const token = answer.textAt("tokens", "accessToken")
    assert.strictEqual(answer.textAt("accessToken"), token)
    assert.isAbove(Number(answer.at("tokens", "expiresIn")), 60)
    assert.isNull(answer.headers.get("set-cookie"))
    const stats = await cleanuparr("GET", "/api/stats", { ...nobody, headers: { authorization: `Bearer ${token}` } })
    assert.strictEqual(stats.status, 200)
    for (const [username, password] of [
      ["ann", "wrong"],
      ["nobody", "correct horse battery"]
    ] as const) {
      assert.strictEqual((await login(username, password)).status, 401)
    }
    assert.strictEqual((await cleanuparr("POST", "/api/auth/login", { ...nobody, json: {} })).status, 400)
    for (const [method, path] of [
      ["GET", "/api/auth/status"],
      ["POST", "/api/auth/setup/account"],
      ["POST", "/api/auth/setup/2fa/generate"]
    ] as const) {
      const refused = await cleanuparr(method, path, nobody)
      assert.strictEqual(refused.status, 404)
      assert.include(refused.textAt("detail"), "tendarr dialects key cleanuparr")
    }
  })

  it("takes its key where Cleanuparr takes it, and no other", async () => {
    const key = (await native("GET", "/dialects/cleanuparr/key")).textAt("key")
    const url = server().url
    for (const sent of [{ key }, { headers: { authorization: `Bearer ${key}` } }, { key: adminKey }]) {
      assert.strictEqual((await call(url, "GET", "/cleanuparr/API/Stats", sent)).status, 200)
    }
    assert.strictEqual((await call(url, "GET", `/cleanuparr/api/stats?apikey=${key}&hours=1`)).status, 200)
    for (const sent of [nobody, { key: `${key}x` }, { headers: { authorization: `Basic ${btoa(`a:${key}`)}` } }]) {
      const refused = await call(url, "GET", "/cleanuparr/api/stats", sent)
      assert.strictEqual(refused.status, 401)
      assert.strictEqual(refused.at("status"), 401)
      assert.isNull(refused.headers.get("www-authenticate"))
    }
    assert.strictEqual((await call(url, "GET", "/api/v1/stats", { key })).status, 401)
    assert.notInclude(server().output(), key)
  })

  it("needs the scope of an endpoint, however its path is written", async () => {
    const reader = (await native("POST", "/api-keys", { name: "reader", scope: "read" })).textAt("key")
    const operator = (await native("POST", "/api-keys", { name: "operator", scope: "operate" })).textAt("key")
    const settings = [
      "/api/configuration/queue_cleaner",
      "/API/Configuration/Queue_Cleaner/",
      "/api//configuration/queue_cleaner"
    ]
    for (const key of [reader, operator]) {
      for (const path of settings) {
        const refused = await cleanuparr("PUT", path, { key, json: { enabled: false } })
        assert.include([403, 404], refused.status, path)
      }
    }
    assert.strictEqual((await native("GET", "/settings/downloads")).at("value", "cleaning"), true)
    for (const [method, path] of [
      ["POST", "/api/jobs/QueueCleaner/trigger"],
      ["POST", "/Api/Jobs/QueueCleaner/Trigger"],
      ["DELETE", "/api/strikes/1"]
    ] as const) {
      assert.strictEqual((await cleanuparr(method, path, { key: reader })).status, 403, path)
    }
    assert.strictEqual((await cleanuparr("GET", "/api/stats", { key: reader })).status, 200)
    assert.strictEqual((await cleanuparr("POST", "/api/jobs/QueueCleaner/trigger", { key: operator })).status, 200)
    for (const path of ["/api/stats", "/api/events", "/api/strikes", "/api/jobs", "/api/health", ...settings]) {
      assert.strictEqual((await cleanuparr("GET", path, nobody)).status, 401, path)
    }
  })
})
