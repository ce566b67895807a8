/** Mounts on a running server: a made-up API next to the native one, under a prefix and on its own port, and base paths. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { createTendarrClient } from "../../../sdk-client/src/TendarrClient.ts"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { account } from "../http/Access.ts"
import { assertProblem, call, clientOf } from "../http/Client.ts"
import { adminKey, type RunningServer, type ServerCommand, startServer } from "../http/ServerProcess.ts"

const environment = {
  TENDARR_API_KEY: adminKey,
  TENDARR_ADMIN_USERNAME: account.username,
  TENDARR_ADMIN_PASSWORD: account.password
}

const token = { headers: { "X-Dialect-Token": adminKey } }

export const mountSuite = (runtime: string, command: ServerCommand) => {
  const served = (name: string, flags: ReadonlyArray<string>, tests: (server: () => RunningServer) => void) =>
    describe(`${name}, on ${runtime}`, () => {
      let server: RunningServer | undefined
      beforeAll(async () => {
        server = await startServer(command, flags, environment)
        await server.printed("Why one of them:")
      })
      afterAll(async () => {
        if (server === undefined) return
        const { code, millis } = await server.stop()
        assert.strictEqual(code, 0, server.output())
        assert.isBelow(millis, 3000)
      })
      tests(() => server ?? assert.fail("The server did not start"))
    })

  const control = (server: RunningServer) => (method: string, path: string) =>
    call(`${server.url}/`, method, `switch${path}`)

  served("mounts", ["--sandbox", "--sandbox-items", "60"], (server) => {
    const switchMount = (name: string, what: string) => control(server())("POST", `/${name}/${what}`)
    const dialect = (method: string, path: string, sent: Parameters<typeof call>[3] = token) =>
      call(server().url, method, `/dialect${path}`, sent)

    it("are loaded when they are first switched on, and not before", async () => {
      const before = await control(server())("GET", "")
      assert.deepStrictEqual([before.at("loaded"), before.at("manyLoaded")], [false, false])
      assertProblem(await dialect("GET", "/v2/films"), 404, "not-found")
      const on = await switchMount("dialect", "on")
      assert.strictEqual(on.textAt("url"), `${server().url}/dialect`)
      const after = await control(server())("GET", "")
      assert.deepStrictEqual([after.at("loaded"), after.at("manyLoaded")], [true, false])
      assert.deepStrictEqual(
        after.listAt("running").map((mount) => Reflect.get(Object(mount), "name")),
        ["control", "dialect"]
      )
    })

    it("respond in their own format to every fault", async () => {
      const bodies = [
        [await dialect("GET", "/v2/nowhere"), 404, "GET /dialect/v2/nowhere"],
        [await dialect("DELETE", "/v2/films"), 405, "/dialect/v2/films takes GET, HEAD, POST, OPTIONS"],
        [await dialect("GET", "/v2/films", {}), 401, "Sign in, or send a valid API key"],
        [await dialect("GET", "/v2/films/99999"), 404, "There is no such item"],
        [await dialect("GET", "/v2/films?page=-1"), 400, "query.page: must be an integer from 0 to 4000"],
        [await dialect("POST", "/v2/films", { ...token, json: { text: "x".repeat(2000) } }), 413, null],
        [await dialect("GET", "/v2/broken"), 500, "Tendarr failed; its log says why"]
      ] as const
      for (const [answer, status, error] of bodies) {
        assert.strictEqual(answer.status, status, answer.text)
        assert.match(answer.headers.get("content-type") ?? "", /^application\/json/)
        assert.deepStrictEqual(Object.keys(Object(answer.body)), ["error", "status"])
        assert.strictEqual(answer.at("status"), status)
        if (error !== null) assert.strictEqual(answer.at("error"), error)
      }
      assert.strictEqual(bodies[1][0].headers.get("allow"), "GET, HEAD, POST, OPTIONS")
      const badly = await dialect("GET", "/v2/films?page=two")
      assert.match(badly.textAt("error"), /^query\.page: /)
      const misspelt = await dialect("POST", "/v2/films", { ...token, json: {} })
      assert.deepStrictEqual([misspelt.status, misspelt.textAt("error")], [400, "payload.text: is missing"])
      assert.strictEqual((await dialect("OPTIONS", "/v2/films", {})).headers.get("allow"), "GET, HEAD, POST, OPTIONS")
      const unread = await dialect("POST", "/v2/films", {
        headers: { ...token.headers, "content-encoding": "gzip" },
        raw: "x"
      })
      assert.deepStrictEqual([unread.status, unread.at("status")], [415, 415])
    })

    it("can offer numbered pages with a total", async () => {
      const first = await dialect("GET", "/v2/films?page=0&page_size=7")
      assert.strictEqual(first.status, 200, first.text)
      const total = Number(first.at("total"))
      assert.isAbove(total, 14)
      const ids = new Set<unknown>()
      for (let page = 0; page * 7 < total; page++) {
        const answer = await dialect("GET", `/v2/films?page=${page}&page_size=7`)
        assert.deepInclude(answer.body, { page, page_size: 7, total })
        for (const film of answer.listAt("films")) ids.add(Reflect.get(Object(film), "id"))
      }
      assert.strictEqual(ids.size, total)
      const [id] = ids
      assert.strictEqual((await dialect("GET", `/v2/films/${String(id)}`)).at("id"), id)
    })

    it("can accept keys only in their own header, with the scopes and checks of every other client", async () => {
      for (const headers of [
        { "x-api-key": adminKey },
        { authorization: `Bearer ${adminKey}` },
        { "X-Dialect-Token": "not-a-key" }
      ]) {
        assert.strictEqual((await dialect("GET", "/v2/films", { headers })).status, 401)
      }
      assert.strictEqual((await dialect("GET", `/v2/films?apikey=${adminKey}`, {})).status, 401)
      const native = clientOf(server().url, adminKey)
      const made = await native("POST", "/api-keys", { name: "Reader", scope: "read" })
      const reader = { headers: { "X-Dialect-Token": made.textAt("key") } }
      assert.strictEqual((await dialect("GET", "/v2/films", reader)).status, 200)
      const refused = await dialect("POST", "/v2/films", { ...reader, json: { text: "x" } })
      assert.deepStrictEqual(refused.body, { error: "This needs a wider scope", status: 403 })
      const noted = await dialect("POST", "/v2/films", { ...token, json: { text: "x" } })
      assert.strictEqual(noted.at("by"), "env:TENDARR_API_KEY")
      const signedIn = await native("POST", "/sessions", account)
      const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? ""
      assert.strictEqual((await dialect("GET", "/v2/films", { headers: { cookie } })).status, 200)
      const forged = await dialect("POST", "/v2/films", {
        headers: { cookie, origin: "http://elsewhere.test" },
        json: { text: "x" }
      })
      assert.strictEqual(forged.status, 403, forged.text)
      const own = await dialect("POST", "/v2/films", {
        headers: { cookie, origin: new URL(server().url).origin },
        json: { text: "x" }
      })
      assert.strictEqual(own.at("by"), account.username)
      const stranger = await call(server().url, "GET", "/slow/never")
      assertProblem(stranger, 404, "not-found")
    })

    it("have the security headers of the native API unless they set their own", async () => {
      for (const answer of [
        await dialect("GET", "/v2/films"),
        await dialect("GET", "/v2/hello", {}),
        await dialect("GET", "/v2/nowhere", {})
      ]) {
        const header = (name: string) => answer.headers.get(name)
        assert.strictEqual(header("x-content-type-options"), "nosniff")
        assert.strictEqual(header("referrer-policy"), "no-referrer")
        assert.strictEqual(header("cross-origin-resource-policy"), "same-origin")
        assert.strictEqual(header("cache-control"), "no-store")
        assert.strictEqual(header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'")
        assert.strictEqual(header("x-frame-options"), "SAMEORIGIN")
        assert.strictEqual(header("x-served-by"), "dialect")
        assert.isNull(header("www-authenticate"))
        assert.isNull(header("strict-transport-security"))
      }
      assert.isNull((await call(server().url, "GET", "/api/v1/health")).headers.get("x-served-by"))
      const native = clientOf(server().url, adminKey)
      await native("PATCH", "/settings/access", { allowedOrigins: ["https://panel.test"] })
      const page = { headers: { ...token.headers, origin: "https://panel.test" } }
      assert.isNull((await dialect("GET", "/v2/films", page)).headers.get("access-control-allow-origin"))
      const asked = await native("GET", "/stats", undefined, page)
      assert.strictEqual(asked.headers.get("access-control-allow-origin"), "https://panel.test")
      await native("DELETE", "/settings/access")
    })

    it("have their own OpenAPI document, which contains their path", async () => {
      const document = await dialect("GET", "/v2/openapi.json", {})
      assert.deepStrictEqual(document.at("servers"), [{ url: "/dialect" }])
      assert.deepStrictEqual(Object.keys(Object(document.at("paths"))), [
        "/v2/films",
        "/v2/films/{id}",
        "/v2/hello",
        "/v2/broken"
      ])
    })

    it("are matched by whole segments of the path, and cannot use a path that is taken", async () => {
      assertProblem(await call(server().url, "GET", "/dialects/v2/hello"), 404, "not-found")
      assert.deepStrictEqual((await dialect("GET", "/v2/hello", {})).body, { at: "/dialect" })
      for (const [name, why] of [
        ["dialect", /dialect already serves \/dialect/],
        ["shadow", /native already serves \/api/],
        ["odd", /"odd\/" is not a valid prefix/],
        ["unloadable", /its module is damaged/]
      ] as const) {
        const refused = await switchMount(name, "on")
        assert.strictEqual(refused.status, 409)
        assert.match(refused.textAt("refused"), why)
      }
      assert.strictEqual((await call(server().url, "GET", "/api/v1/health")).status, 200)
    })

    it("are not loaded while they are off, however many endpoints they have", async () => {
      const loaded = async () => (await control(server())("GET", "")).at("manyLoaded")
      const last = () => call(server().url, "GET", "/many/things299/7", { key: adminKey })
      assert.strictEqual(await loaded(), false)
      assertProblem(await last(), 404, "not-found")
      await switchMount("many", "on")
      assert.strictEqual(await loaded(), true)
      assert.deepStrictEqual((await last()).body, { id: "7" })
      await switchMount("many", "off")
      assertProblem(await last(), 404, "not-found")
    })

    it("can be at the root of their own port", async () => {
      const on = await control(server())("POST", "/dialect/on?port=0")
      const url = on.textAt("url")
      assert.notStrictEqual(new URL(url).port, new URL(server().url).port)
      assert.deepStrictEqual((await call(url, "GET", "/v2/hello")).body, { at: "" })
      assert.strictEqual((await call(url, "GET", "/v2/films", token)).status, 200)
      const native = await call(url, "GET", "/api/v1/health", token)
      assert.deepStrictEqual(native.body, { error: "GET /api/v1/health", status: 404 })
      await switchMount("dialect", "off")
      const gone = await call(url, "GET", "/v2/hello").catch((error: unknown) => error)
      assert.instanceOf(gone, Error)
    })

    it("report which mount cannot listen because its port is taken", async () => {
      const other = createServer().listen(0, "127.0.0.1")
      await new Promise((resolve) => other.once("listening", resolve))
      const { port } = other.address() as AddressInfo
      try {
        const refused = await control(server())("POST", `/dialect/on?port=${port}`)
        assert.strictEqual(refused.status, 409)
        assert.match(
          refused.textAt("refused"),
          new RegExp(`^Cannot listen on 127\\.0\\.0\\.1:${port} for the mount dialect: `)
        )
      } finally {
        other.close()
      }
    })

    it("are switched off while requests are under way, and on again", async () => {
      await switchMount("slow", "on")
      const key = { headers: { "x-api-key": adminKey } }
      assertProblem(await call(server().url, "GET", "/slow/never"), 401, "unauthorized")
      const waiting = call(server().url, "GET", "/slow/never", key)
      const stream = await fetch(`${server().url}/slow/stream`, key)
      await switchMount("slow", "off")
      assert.strictEqual((await waiting).status, 503)
      assert.strictEqual(await stream.text(), ": here\n\n")
      assertProblem(await call(server().url, "GET", "/slow/never", key), 404, "not-found")
      await switchMount("slow", "on")
      const again = await fetch(`${server().url}/slow/stream`, key)
      assert.strictEqual(again.status, 200)
      await again.body?.cancel()
    })
  })

  for (const path of ["/media/tendarr", "/media/tendarr/"]) {
    served(`a base path given as ${path}`, ["--base-path", path, "--sandbox", "--sandbox-items", "30"], (server) => {
      const at = (method: string, rest: string, sent: Parameters<typeof call>[3] = {}) =>
        call(new URL(server().url).origin, method, `/media/tendarr${rest}`, sent)

      it("is part of every address that the server prints or returns", async () => {
        assert.match(server().url, /^http:\/\/127\.0\.0\.1:\d+\/media\/tendarr$/)
        assert.include(server().output(), `API reference: ${server().url}/docs`)
        assert.include(await server().printed("  curl "), `${server().url}/api/v1/`)
        for (const root of ["", "/"]) {
          const redirect = await at("GET", root)
          assert.deepStrictEqual([redirect.status, redirect.headers.get("location")], [302, "/media/tendarr/docs"])
        }
        assert.deepStrictEqual((await at("GET", "/openapi.json")).at("servers"), [{ url: "/media/tendarr" }])
        const page = await at("GET", "/docs")
        assert.include(page.text, 'href="/media/tendarr/openapi.json"')
        assert.include(page.text, "export TENDARR_URL=http://127.0.0.1:8787/media/tendarr")
        assert.strictEqual((await at("GET", "/api/v1/health?x=1")).status, 200)
        assert.strictEqual((await at("GET", "/sandbox/state", { key: adminKey })).status, 200)
        const items = await at("GET", "/api/v1/items?kind=movie&limit=1", { key: adminKey })
        assert.strictEqual(
          items.textAt("items", 0, "posterUrl"),
          `/media/tendarr/api/v1/items/${items.textAt("items", 0, "id")}/poster`
        )
      })

      it("is the only place at which the server responds", async () => {
        const { origin } = new URL(server().url)
        for (const elsewhere of ["/", "/api/v1/health", "/media", "/media/tendarrs/api/v1/health", "/docs"]) {
          const answer = await call(origin, "GET", elsewhere)
          assertProblem(answer, 404, "not-found")
          assert.strictEqual(answer.headers.get("x-frame-options"), "DENY")
        }
        const wrong = await at("DELETE", "/api/v1/rules", { key: adminKey })
        assert.strictEqual(wrong.at("detail"), "/media/tendarr/api/v1/rules takes GET, HEAD, POST, OPTIONS")
        const huge = await at("POST", "/api/v1/rules", { key: adminKey, raw: "x".repeat(2_000_000) })
        assertProblem(huge, 413, "body-too-large")
      })

      it("limits the session cookie to its path, away from other services on the host", async () => {
        const json = account
        const plain = await at("POST", "/api/v1/sessions", { json })
        const [session = ""] = plain.headers.getSetCookie()
        assert.match(session, /^tendarr_session=[^;]+;/)
        for (const cookie of plain.headers.getSetCookie()) assert.match(cookie, /; Path=\/media\/tendarr(;|$)/)
        await at("PATCH", "/api/v1/settings/access", { key: adminKey, json: { trustedProxies: ["127.0.0.1"] } })
        const https = {
          "x-forwarded-for": "203.0.113.7",
          "x-forwarded-proto": "https",
          "x-forwarded-host": "home.test"
        }
        const signedIn = await at("POST", "/api/v1/sessions", { headers: https, json })
        const [secure = ""] = signedIn.headers.getSetCookie()
        assert.match(secure, /^__Secure-tendarr_session=[^;]+;/)
        assert.match(secure, /; Path=\/media\/tendarr(;|$)/)
        assert.match(secure, /; Secure/)
        const principal = (cookie: string) => at("GET", "/api/v1/principal", { headers: { ...https, cookie } })
        const [value = ""] = secure.split(";")
        assert.strictEqual((await principal(`theme=dark; ${value}`)).at("name"), account.username)
        // A cookie for the whole host belongs to another installation there.
        const other = value.replace("__Secure-", "__Host-")
        assertProblem(await principal(other), 401, "unauthorized")
        assert.strictEqual((await principal(`${other}x; ${value}`)).status, 200)
        await at("DELETE", "/api/v1/settings/access", { key: adminKey })
      })

      it("is accepted by the client package with or without a trailing slash", async () => {
        for (const baseUrl of [server().url, `${server().url}/`]) {
          const client = createTendarrClient({ baseUrl, apiKey: adminKey })
          assert.strictEqual((await client.health.live()).data.status, "ok")
          const leave = new AbortController()
          for await (const _ of client.follow({ signal: leave.signal, after: "0" })) break
          leave.abort()
        }
      })
    })
  }

  it(`refuses an invalid base path, on ${runtime}`, async () => {
    const failed = String(await startServer(command, ["--base-path", "/../a"]).catch(String))
    assert.include(
      failed,
      `--base-path must be a path such as /tendarr, with letters, digits and . _ ~ - between slashes, not "/../a"`
    )
    assert.include(failed, "ended with 2")
  })
}
