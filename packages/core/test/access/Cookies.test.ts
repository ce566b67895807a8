import { Effect } from "effect"
import { Cookies } from "effect/http"
import { assert, describe, it } from "vitest"
import { checkCrossSite, cookieMayPass, sessionCookieName, cookieOptions } from "../../src/access/Cookies.ts"

const request = (method: string, headers: Record<string, string>, https = false) => ({
  method,
  headers,
  host: "tendarr.lan:7878",
  https
})

describe("cookieMayPass", () => {
  const own = "http://tendarr.lan:7878"
  const table: ReadonlyArray<[string, Record<string, string>, boolean]> = [
    ["GET", { "sec-fetch-site": "cross-site" }, true],
    ["head", { origin: "http://evil.test" }, true],
    ["OPTIONS", {}, true],
    ["POST", { "sec-fetch-site": "same-origin" }, true],
    ["POST", { "sec-fetch-site": "none" }, true],
    ["POST", { "sec-fetch-site": "same-site" }, false],
    ["POST", { "sec-fetch-site": "cross-site" }, false],
    ["DELETE", { "sec-fetch-site": "cross-site", origin: own }, false],
    ["PATCH", { "sec-fetch-site": "same-origin", origin: "http://evil.test" }, true],
    ["POST", { origin: own }, true],
    ["PUT", { origin: "http://TENDARR.lan:7878" }, true],
    ["PUT", { origin: "https://tendarr.lan:7878" }, false],
    ["PUT", { origin: "http://tendarr.lan" }, false],
    ["POST", { origin: "http://evil.test" }, false],
    ["POST", { origin: "http://tendarr.lan:7878.evil.test" }, false],
    ["POST", { origin: "null" }, false],
    ["POST", { origin: "" }, false],
    ["POST", {}, false],
    ["TRACE", {}, false],
    ["get ", {}, false]
  ]
  it.each(table)("%s with %j: %s", (method, headers, expected) => {
    assert.strictEqual(cookieMayPass(request(method, headers)), expected)
  })

  it("compares with the scheme that the client used, and its default port", () => {
    const https = { method: "POST", headers: { origin: "https://tendarr.lan" }, host: "tendarr.lan:443", https: true }
    assert.isTrue(cookieMayPass(https))
    assert.isFalse(cookieMayPass({ ...https, https: false }))
    assert.isFalse(cookieMayPass({ ...https, host: null }))
  })

  it("refuses with 403", () => {
    const refused = Effect.runSync(Effect.flip(checkCrossSite(request("POST", {}))))
    assert.strictEqual(refused._tag, "CrossSiteRefused")
    assert.strictEqual(refused.status, 403)
    Effect.runSync(checkCrossSite(request("POST", { "sec-fetch-site": "same-origin" })))
  })
})

describe("The session cookie", () => {
  const header = (secureCookies: "auto" | "always" | "never", https: boolean) =>
    Cookies.serializeCookie(
      Cookies.makeCookieUnsafe(sessionCookieName, "token", cookieOptions({ secureCookies, https, maxAgeSeconds: 60.9 }))
    )

  it("is inaccessible to scripts and to forms of other sites", () => {
    assert.strictEqual(
      header("auto", true).toLowerCase(),
      "tendarr_session=token; max-age=60; path=/; httponly; secure; samesite=lax"
    )
  })

  it("is restricted to https according to the setting", () => {
    const secure = (setting: "auto" | "always" | "never", https: boolean) => /secure/i.test(header(setting, https))
    assert.deepStrictEqual(
      [secure("auto", false), secure("auto", true), secure("always", false), secure("never", true)],
      [false, true, true, false]
    )
  })
})
