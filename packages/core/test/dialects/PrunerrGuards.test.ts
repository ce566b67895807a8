/** What nobody may do through Prunerr's API: requests without rights, in forms that a browser or a proxy sends. */
import { assert, describe, it } from "vitest"
import { at, call, textAt } from "../http/Client.ts"
import { dialectServed, nobody } from "./DialectServed.ts"

describe("Prunerr's API", () => {
  const { native, prunerr, server } = dialectServed(["--dialects", "prunerr=3000"], {
    TENDARR_ADMIN_USERNAME: "ann",
    TENDARR_ADMIN_PASSWORD: "correct horse battery"
  })
  const keyOf = async (scope: string) =>
    (await native("POST", "/api-keys", { name: `${scope} ${Math.random()}`, scope })).textAt("key")
  const ownKey = async () => (await native("GET", "/dialects/prunerr/key")).textAt("key")

  it("needs the scope of an endpoint, however its path is written", async () => {
    const reader = await keyOf("read")
    const key = await ownKey()
    for (const path of [
      "/api/settings/api-key",
      "/api/settings/api-key/",
      "/api//settings/api-key",
      "/API/Settings/Api-Key",
      "/api/settings/api%2Dkey",
      "/api/settings/api%2dkey?x=1",
      "/api/%73ettings/api-key",
      "/api/settings/api-key;x",
      "/api/settings"
    ]) {
      for (const method of ["GET", "HEAD"]) {
        const answer = await call(server().url, method, `/prunerr${path}`, { key: reader })
        assert.include([403, 404], answer.status, `${method} ${path}`)
        assert.notInclude(answer.text, key)
      }
    }
    const operator = await keyOf("operate")
    for (const path of ["/api/RULES", "/api/rules/", "/api//rules"]) {
      const refused = await call(server().url, "POST", `/prunerr${path}`, { key: operator, json: {} })
      assert.strictEqual(refused.status, 403, path)
    }
    const before = await ownKey()
    const renewed = await call(server().url, "POST", "/prunerr/Api/settings/api-key/Regenerate", { key: operator })
    assert.strictEqual(renewed.status, 403)
    assert.strictEqual(await ownKey(), before)
  })

  it("refuses every change with a key that may only read", async () => {
    const reader = await keyOf("read")
    const document = (await call(server().url, "GET", "/prunerr/openapi.json")).at("paths")
    for (const [path, methods] of Object.entries(Object(document))) {
      for (const method of Object.keys(Object(methods))) {
        if (method === "get" || path === "/api/rules/preview") continue
        const answer = await call(server().url, method.toUpperCase(), `/prunerr${path.replace(/\{\w+\}/, "1")}`, {
          key: reader,
          json: {}
        })
        assert.strictEqual(answer.status, 403, `${method} ${path}`)
      }
    }
  })

  it("accepts a session for changes only from its own pages, and never from a form", async () => {
    const login = await native("POST", "/sessions", { username: "ann", password: "correct horse battery" }, { key: "" })
    const cookie = (login.headers.get("set-cookie") ?? "").split(";")[0] ?? ""
    assert.match(cookie, /^tendarr_session=/)
    const path = "/prunerr/api/settings/api-key/regenerate"
    const before = await ownKey()
    const own = textAt(
      (await native("GET", "/dialects")).listAt("items").find((dialect) => at(dialect, "name") === "prunerr"),
      "ownUrl"
    )
    for (const headers of [
      { origin: "http://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { referer: "http://evil.example/" }
    ]) {
      const answer = await call(server().url, "POST", path, { headers: { cookie, ...headers } })
      assert.strictEqual(answer.status, 403, JSON.stringify(headers))
      assert.deepInclude(answer.body, { success: false })
      // A page on the port of the native API is another origin than one on the port of the dialect.
      const crossed = await call(own, "POST", "/api/settings/api-key/regenerate", {
        headers: { cookie, origin: server().url }
      })
      assert.strictEqual(crossed.status, 403)
    }
    for (const contentType of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      const form = await call(server().url, "POST", "/prunerr/api/library/bulk/mark-deletion", {
        headers: { cookie, origin: server().url },
        raw: '{"ids":[1]}',
        contentType
      })
      assert.strictEqual(form.status, 415, contentType)
    }
    assert.strictEqual(await ownKey(), before)
    const fromOwn = await call(server().url, "GET", "/prunerr/api/stats", { headers: { cookie } })
    assert.strictEqual(fromOwn.status, 200)
  })

  it("grants no page of another origin anything", async () => {
    for (const method of ["OPTIONS", "GET"]) {
      for (const path of ["/prunerr/api/settings/api-key", "/prunerr/api/library/1/protect", "/prunerr/api/nothing"]) {
        const answer = await call(server().url, method, path, {
          headers: {
            origin: "http://evil.example",
            "access-control-request-method": "DELETE",
            "access-control-request-headers": "x-api-key"
          }
        })
        assert.isNull(answer.headers.get("access-control-allow-origin"), `${method} ${path}`)
        assert.isNull(answer.headers.get("access-control-allow-credentials"))
        assert.notInclude(answer.text, await ownKey())
      }
    }
  })

  it("does not take a body in another form for an absent one", async () => {
    const [item] = (await prunerr("GET", "/library?type=movie&limit=1")).listAt("data", "items")
    const path = `/library/${String(at(item, "id"))}/mark-deletion`
    for (const contentType of ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream", null]) {
      const answer = await prunerr("POST", path, { raw: '{"gracePeriodDays":300}', contentType })
      assert.include([400, 415], answer.status, String(contentType))
      assert.strictEqual(answer.at("success"), false)
    }
    for (const raw of ["{", "[]", "1", '"x"', "true", "{}{}"]) {
      const answer = await prunerr("POST", path, { raw })
      assert.strictEqual(answer.status, 400, `${raw} ${answer.text}`)
      assert.isString(answer.at("error"))
    }
    assert.strictEqual((await prunerr("GET", "/queue")).at("total"), 0)
    for (const raw of ["", "null", "{}"]) {
      const answer = await prunerr("POST", path, { raw })
      assert.strictEqual(answer.status, 200, `${raw} ${answer.text}`)
      assert.strictEqual(
        (await prunerr("DELETE", path.replace("library", "queue").replace("/mark-deletion", ""))).status,
        200
      )
    }
  })

  it("refuses ids and pages that are none, in its own form", async () => {
    for (const id of ["abc", "-1", "0", "01", "1e3", "1.0", "9".repeat(15), "9".repeat(30), "%00", "1%27", "٣"]) {
      for (const [method, path] of [
        ["GET", `/library/${id}`],
        ["POST", `/library/${id}/mark-deletion`],
        ["POST", `/library/${id}/protect`],
        ["DELETE", `/library/${id}/protect`],
        ["DELETE", `/queue/${id}`],
        ["GET", `/rules/${id}`],
        ["PUT", `/rules/${id}`],
        ["GET", `/collections/${id}`],
        ["GET", `/activity/item/${id}`]
      ] as const) {
        const answer = await prunerr(method, path, method === "PUT" ? { json: {} } : {})
        assert.include([400, 404], answer.status, `${method} ${path} ${answer.text}`)
        assert.strictEqual(answer.at("success"), false)
      }
    }
    for (const ids of [[], ["x"], [-1], [1.5], [null], [1e300], "1", { 0: 1 }]) {
      const answer = await prunerr("POST", "/library/bulk/mark-deletion", { json: { ids } })
      assert.strictEqual(answer.status, 400, JSON.stringify(ids))
    }
    for (const query of ["page=1e300", "page=NaN", "page=Infinity", "page=", "limit=1.5", "page=1&page=2", "limit=٣"]) {
      for (const path of ["/library", "/activity", "/history"]) {
        const answer = await prunerr("GET", `${path}?${query}`)
        assert.include([200, 400], answer.status, `${path}?${query} ${answer.text}`)
      }
    }
    assert.strictEqual((await prunerr("GET", "/library?page=abc", nobody)).status, 401)
  })

  it("searches for wildcards, quotes and other scripts as text", async () => {
    const total = Number((await prunerr("GET", "/library")).at("data", "total"))
    for (const search of [
      "%",
      "_",
      "\\",
      "'",
      '"',
      "*",
      "a' OR 1=1 --",
      "\u0000",
      "日本",
      "🎬",
      "(",
      "NEAR(",
      "a AND"
    ]) {
      for (const path of ["/library", "/activity", "/history"]) {
        const answer = await prunerr("GET", `${path}?search=${encodeURIComponent(search)}`)
        assert.strictEqual(answer.status, 200, `${path} ${search} ${answer.text}`)
        if (path === "/library" && search.length < 3) assert.isBelow(Number(answer.at("data", "total")), total, search)
      }
    }
  })

  it("shows its key nowhere but where it is asked for", async () => {
    const key = await ownKey()
    await prunerr("GET", `/stats?apikey=${key}`, nobody)
    await prunerr("GET", "/stats", { key: `${key}x` })
    const backup = (await native("POST", "/backups", {})).textAt("id")
    for (const path of [
      "/settings/export",
      "/settings",
      "/settings/dialects",
      "/event-log?limit=200",
      "/activity?limit=200",
      "/api-keys",
      "/dialects",
      `/backups/${backup}/file`
    ]) {
      const shown = await native("GET", path)
      assert.strictEqual(shown.status, 200, path)
      assert.notInclude(shown.text, key, path)
    }
    for (const path of ["/settings", "/activity?limit=100", "/health"]) {
      assert.notInclude((await prunerr("GET", path)).text, key, path)
    }
    assert.notInclude(server().output(), key)
    assert.notInclude((await call(server().url, "GET", "/prunerr/openapi.json")).text, key)
  })
})
