/** The telemetry of a running server: its export to an OpenTelemetry collector, its log, and the headers of its responses. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { account } from "../http/Access.ts"
import { call, clientOf } from "../http/Client.ts"
import { adminKey, type RunningServer, type ServerCommand, startServer, withDirectory } from "../http/ServerProcess.ts"
import { type Collector, spanKinds, startCollector } from "./Collector.ts"

const environment = {
  TENDARR_API_KEY: adminKey,
  TENDARR_ADMIN_USERNAME: account.username,
  TENDARR_ADMIN_PASSWORD: account.password
}

const sandbox = ["--sandbox", "--sandbox-items", "60"]

const theirTrace = "0af7651916cd43dd8448eb211c80319c"
const theirSpan = "b7ad6b7169203331"

const collectorSecret = "secret-of-the-collector"

/** Exports to a collector as JSON, which a test can read, after short delays. */
const exporting = ({ url }: Pick<Collector, "url">) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  OTEL_EXPORTER_OTLP_HEADERS: `x-collector-key=${collectorSecret}`,
  OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=the%20attic",
  OTEL_BSP_SCHEDULE_DELAY: "50",
  OTEL_BLRP_SCHEDULE_DELAY: "50",
  OTEL_METRIC_EXPORT_INTERVAL: "100"
})

/** A server that stops has one second for its requests, and one for the rest of its export. */
const stopWithin = 4000

export const telemetrySuite = (runtime: string, command: ServerCommand) => {
  const startedWith = (directory: string, env: Readonly<Record<string, string>> = {}) =>
    startServer(command, ["--data-dir", directory], { ...environment, ...env })
  const stopped = async (server: RunningServer) => {
    const { code, millis } = await server.stop()
    assert.strictEqual(code, 0, server.output())
    assert.isBelow(millis, stopWithin)
  }

  describe(`The collector of a server on ${runtime}`, () => {
    const secrets = [adminKey, account.password, collectorSecret, "key-of-a-new-application"]
    let collector: Collector
    let server: RunningServer

    beforeAll(async () => {
      collector = await startCollector()
      server = await startServer(command, sandbox, { ...environment, ...exporting(collector) })
      await server.printed("Why one of them:")
      const admin = clientOf(server.url, adminKey)
      await admin("PATCH", "/settings/telemetry", { requestLog: "all" })
      const made = await admin("POST", "/api-keys", { name: "Reader", scope: "read" })
      const session = await clientOf(server.url)("POST", "/sessions", account)
      secrets.push(made.textAt("key"), (session.headers.get("set-cookie") ?? "").split(/[=;]/)[1] ?? "none")
      const reader = clientOf(server.url, made.textAt("key"))
      for (const trustedProxies of [[], ["127.0.0.1"]]) {
        await admin("PATCH", "/settings/access", { trustedProxies })
        await admin("GET", "/principal", undefined, {
          headers: { traceparent: `00-${theirTrace}-${theirSpan}-01` },
          key: adminKey
        })
      }
      await admin("PATCH", "/settings/access", { trustedProxies: [] })
      for (const item of ["3", "4", "999999"]) await reader("GET", `/items/${item}`)
      await call(server.url, "GET", `/api/v1/items?limit=1&apikey=${made.textAt("key")}`)
      await call(server.url, "GET", `/api/v1/items?token=${account.password}`)
      await call(server.url, "GET", "/nowhere/999999")
      await call(server.url, "POST", "/switch/dialect/on")
      await call(server.url, "GET", "/dialect/v2/films/3", { headers: { "X-Dialect-Token": adminKey } })
      await call(server.url, "GET", "/dialect/v2/broken", { headers: { "X-Dialect-Token": adminKey } })
      const { id } = Object(
        (await admin("GET", "/integrations")).listAt("items").find((one) => Object(one).kind === "radarr")
      )
      await admin("POST", "/integrations/test", {
        integrationId: id,
        config: { apiKey: "key-of-a-new-application" }
      })
      const run = await admin("POST", "/jobs/library-sync/runs?wait=60", {})
      assert.strictEqual(run.at("status"), "completed", run.text)
      await stopped(server)
    }, 90_000)
    afterAll(() => collector.close())

    it("receives a span for each request, named by its route and not by its address", () => {
      const served = collector.spans().filter(({ kind }) => kind === spanKinds.server)
      const byRoute = (route: string) => served.filter((span) => span.attributes["http.route"] === route)
      const items = byRoute("/api/v1/items/{id}")
      assert.deepStrictEqual(
        items.map((span) => span.attributes["http.response.status_code"]),
        [200, 200, 404]
      )
      for (const span of items) {
        assert.strictEqual(span.name, "GET /api/v1/items/{id}")
        assert.include(span.attributes, { "http.request.method": "GET", "tendarr.mount": "native" })
        assert.isUndefined(span.parentSpanId)
      }
      assert.deepStrictEqual(
        byRoute("/dialect/v2/films/{id}").map((span) => span.attributes["tendarr.mount"]),
        ["dialect"]
      )
      assert.deepInclude(
        byRoute("/dialect/v2/broken").map((span) => span.attributes["http.response.status_code"]),
        500
      )
      assert.lengthOf(
        served.filter(({ name }) => name === "GET"),
        1,
        "a request without a route has a span without one"
      )
      assert.notInclude(JSON.stringify(served), "999999")
    })

    it("receives the operations of a request as children of its span", () => {
      const spans = collector.spans()
      const [request] = spans.filter(({ name }) => name === "GET /api/v1/items/{id}")
      const children = spans.filter((span) => span.parentSpanId === request?.spanId)
      assert.include(
        children.map(({ name }) => name),
        "Library.get"
      )
      for (const { traceId } of children) assert.strictEqual(traceId, request?.traceId)
    })

    it("receives a request in the trace of its proxy, if that is trusted", () => {
      const [ofStranger, ofProxy] = collector.spans().filter(({ name }) => name === "GET /api/v1/principal")
      assert.isUndefined(ofStranger?.parentSpanId)
      assert.notStrictEqual(ofStranger?.traceId, theirTrace)
      assert.include(ofProxy, { traceId: theirTrace, parentSpanId: theirSpan })
    })

    it("receives a span for each call to an application, which names the integration", () => {
      const calls = collector.spans().filter(({ name }) => name.startsWith("Upstream."))
      assert.isAbove(calls.length, 10)
      const good = calls.filter((span) => span.attributes["http.response.status_code"] === 200)
      assert.isNotEmpty(good)
      for (const { attributes, kind } of good) {
        assert.strictEqual(kind, spanKinds.client)
        assert.match(String(attributes["tendarr.integration.kind"]), /^[a-z]+$/)
        // A download client is signed in to.
        const method = attributes["url.path"] === "/api/v2/auth/login" ? "POST" : "GET"
        assert.strictEqual(attributes["http.request.method"], method)
        assert.match(String(attributes["url.path"]), /^\/[^?]*$/)
      }
      // An integration that is tested before it is stored has no id yet.
      const ids = new Set(good.map(({ attributes }) => attributes["tendarr.integration.id"] ?? "new"))
      assert.includeMembers([...ids], ["1", "2", "3", "4", "5", "6"])
      assert.isNotEmpty(calls.filter((span) => span.attributes["http.response.status_code"] === 401))
    })

    it("receives metrics of requests by mount, and of jobs", () => {
      const points = collector.points()
      const requests = points.filter(({ name }) => name === "http_server_request_duration_seconds")
      const labels = requests.map(({ attributes }) => attributes)
      assert.deepInclude(labels, { mount: "native", method: "GET", route: "/api/v1/items/{id}", status: "2xx" })
      assert.deepInclude(labels, { mount: "native", method: "GET", route: "/api/v1/items/{id}", status: "4xx" })
      assert.deepInclude(labels, { mount: "dialect", method: "GET", route: "/dialect/v2/films/{id}", status: "2xx" })
      assert.deepInclude(labels, { mount: "native", method: "GET", route: "unknown", status: "4xx" })
      assert.isNotEmpty(points.filter(({ name }) => name === "tendarr_job_runs_total"))
    })

    it("receives the metrics of the installation that `GET /metrics` contains", async () => {
      const points = collector.points()
      const valuesOf = (metric: string) => points.filter(({ name }) => name === metric).map(({ value }) => value)
      assert.strictEqual(valuesOf("tendarr_library_items").at(-1), 64)
      assert.strictEqual(valuesOf("tendarr_deletions_enabled").at(-1), 1)
      assert.isAbove(Number(valuesOf("process_resident_memory_bytes").at(-1)), 20_000_000)
    })

    it("receives the log, with the id of the request in each of its lines", () => {
      const broken = collector.logs().find(({ text }) => text.startsWith("GET /dialect/v2/broken failed"))
      const answered = collector.logs().find(({ text }) => text.startsWith("GET /dialect/v2/broken 500"))
      assert.isDefined(broken)
      assert.include(answered?.text, `request=${String(broken.attributes["request"])}`)
    })

    it("receives the name of the service, and the configured headers", () => {
      assert.deepStrictEqual([...new Set(collector.exports.map(({ path }) => path))].toSorted(), [
        "/v1/logs",
        "/v1/metrics",
        "/v1/traces"
      ])
      for (const { headers } of collector.exports) assert.strictEqual(headers["x-collector-key"], collectorSecret)
      for (const path of ["/v1/logs", "/v1/metrics", "/v1/traces"]) {
        const resource = collector.resource(path)
        assert.include(resource, { "service.name": "tendarr", "deployment.environment": "the attic" })
        assert.match(String(resource["service.version"]), /^\d+\.\d+\.\d+/)
      }
    })

    it("receives no secret that was used, and neither does the log", () => {
      const texts = [...collector.exports.map(({ body }) => body), server.output()]
      for (const secret of secrets) {
        assert.isAbove(secret.length, 8)
        for (const text of texts) {
          for (const form of [secret, encodeURIComponent(secret), secret.replaceAll(" ", "+")]) {
            assert.isFalse(text.includes(form), `"${secret}" is in ${text.slice(0, 80)}`)
          }
        }
      }
    })
  })

  describe(`The export of a server on ${runtime}`, () => {
    const withCollector = async (
      options: Parameters<typeof startCollector>[0],
      use: (collector: Collector, directory: string) => Promise<void>
    ) => {
      const collector = await startCollector(options)
      try {
        await withDirectory((directory) => use(collector, directory))
      } finally {
        await collector.close()
      }
    }

    it("is off if the variables disable it", () =>
      withCollector({}, async (collector, directory) => {
        const server = await startedWith(directory, { ...exporting(collector), OTEL_SDK_DISABLED: "true" })
        await clientOf(server.url, adminKey)("GET", "/status")
        await stopped(server)
        assert.isEmpty(collector.exports)
      }))

    it("sends only the enabled signals, as protobuf by default, and compressed", () =>
      withCollector({}, async (collector, directory) => {
        const { OTEL_EXPORTER_OTLP_PROTOCOL: _, ...rest } = exporting(collector)
        const server = await startedWith(directory, {
          ...rest,
          OTEL_METRICS_EXPORTER: "none",
          OTEL_LOGS_EXPORTER: "none",
          OTEL_SERVICE_NAME: "attic-tendarr",
          OTEL_EXPORTER_OTLP_COMPRESSION: "gzip"
        })
        await clientOf(server.url, adminKey)("GET", "/status")
        await stopped(server)
        assert.isNotEmpty(collector.exports)
        for (const { body, headers, path } of collector.exports) {
          assert.strictEqual(path, "/v1/traces")
          assert.strictEqual(headers["content-type"], "application/x-protobuf")
          assert.include(body, "attic-tendarr")
        }
        assert.isNotEmpty(collector.exports.filter(({ headers }) => headers["content-encoding"] === "gzip"))
        assert.include(collector.exports.map(({ body }) => body).join(""), "GET /api/v1/status")
      }))

    for (const [state, prepare] of [
      ["is down", { answers: true, away: true }],
      ["never responds", { answers: false, away: false }]
    ] as const) {
      it(`delays nothing if the collector ${state}, and logs that once`, () =>
        withCollector({ answers: prepare.answers }, async (collector, directory) => {
          if (prepare.away) await collector.close()
          const server = await startedWith(directory, { ...exporting(collector), OTEL_EXPORTER_OTLP_TIMEOUT: "300" })
          const client = clientOf(server.url, adminKey)
          await client("PATCH", "/settings/telemetry", { requestLog: "all" })
          const began = performance.now()
          for (let count = 0; count < 50; count += 1) {
            assert.strictEqual((await client("GET", "/items?limit=1")).status, 200)
          }
          assert.isBelow(performance.now() - began, 5000)
          await stopped(server)
          for (const what of ["Traces", "Metrics", "Logs"]) {
            const warnings = server.output().match(new RegExp(`WARN .*: ${what} do not reach the .*again$`, "gm")) ?? []
            assert.lengthOf(warnings, 1, server.output())
          }
          assert.notInclude(server.output(), collectorSecret)
        }))
    }

    it("prevents a start with a variable that cannot be used, and names it", () =>
      withDirectory(async (directory) => {
        const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4317", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }
        const refusal = String(await startedWith(directory, env).catch((error: unknown) => error))
        assert.match(refusal, /^tendarr: OTEL_EXPORTER_OTLP_PROTOCOL is grpc, .*http\/protobuf or http\/json/m)
        assert.match(refusal, /ended with 1 /)
        assert.isEmpty(readdirSync(directory))
      }))
  })

  describe(`Requests to a server on ${runtime}`, () => {
    const directory = mkdtempSync(join(tmpdir(), "tendarr-telemetry-"))
    let server: RunningServer
    beforeAll(async () => {
      server = await startedWith(directory)
    })
    afterAll(async () => {
      await stopped(server)
      rmSync(directory, { recursive: true, force: true })
    })
    const admin: ReturnType<typeof clientOf> = (...request) => clientOf(server.url, adminKey)(...request)
    const setting = async (group: string, value: object) => {
      const changed = await admin("PATCH", `/settings/${group}`, value)
      assert.strictEqual(changed.status, 200, changed.text)
    }
    const idOf = async (headers: Record<string, string>, path = "/principal") =>
      (await admin("GET", path, undefined, { key: adminKey, headers })).headers.get("x-request-id") ?? ""
    /** The log line of a request, as soon as it is printed. */
    const lineOf = async (id: string) => {
      for (;;) {
        const line = server
          .output()
          .split("\n")
          .slice(0, -1)
          .find((one) => one.includes(`request=${id}`))
        if (line !== undefined) return line
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const lines = () =>
      server
        .output()
        .split("\n")
        .filter((line) => line.includes(" request="))

    it("have an id in every response, which is that of a trusted proxy if it sends one", async () => {
      await setting("access", { trustedProxies: [] })
      const own = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
      assert.match(await idOf({ "X-Request-Id": "from-a-stranger" }), own)
      assert.match(await idOf({}, "/nowhere"), own)
      await setting("access", { trustedProxies: ["127.0.0.1"] })
      assert.strictEqual(await idOf({ "X-Request-Id": "from-the-proxy:1" }), "from-the-proxy:1")
      for (const bad of ["a b", "x".repeat(65), "a\tb", "{}"]) assert.match(await idOf({ "X-Request-Id": bad }), own)
      await setting("access", { trustedProxies: [] })
    })

    it("are logged while the settings enable that", async () => {
      assert.isEmpty(lines())
      await setting("telemetry", { requestLog: "errors" })
      await admin("GET", "/items?limit=1")
      const refused = await admin("GET", "/items/999")
      const refusal = await lineOf(refused.headers.get("x-request-id") ?? "")
      assert.match(refusal, /INFO .*GET \/api\/v1\/items\/999 404 ms=\d/)
      assert.lengthOf(lines(), 1)
      await setting("telemetry", { requestLog: "all" })
      await lineOf(await idOf({}))
      await setting("telemetry", { requestLog: "off" })
      const before = lines().length
      await admin("GET", "/items/999")
      await admin("GET", "/status")
      assert.lengthOf(lines(), before)
    })

    it("are logged with route, client, principal and size, without the values of their query", async () => {
      await setting("access", { trustedProxies: ["127.0.0.1"] })
      await setting("telemetry", { requestLog: "all" })
      const answer = await call(server.url, "GET", `/api/v1/items?limit=7&apikey=${adminKey}&hidden`, {
        headers: { "X-Forwarded-For": "203.0.113.9", "X-Request-Id": "with-a-key" }
      })
      const line = await lineOf("with-a-key")
      assert.include(line, " GET /api/v1/items?limit&apikey&… 200 ")
      for (const part of [
        `bytes=${Buffer.byteLength(answer.text)}`,
        "mount=native",
        "route=/api/v1/items",
        "client=203.0.113.9",
        'principal="key 1 env:TENDARR_API_KEY"'
      ])
        assert.include(line, ` ${part} `)
      assert.notInclude(server.output(), adminKey)
      const stranger = await call(server.url, "GET", "/api/v1/items", { headers: { "X-Request-Id": "without-a-key" } })
      assert.strictEqual(stranger.status, 401)
      assert.include(await lineOf("without-a-key"), " principal=none ")
      await setting("access", { trustedProxies: [] })
    })

    it("for events are logged when their stream ends, and counted while it is open", async () => {
      await setting("telemetry", { requestLog: "all", prometheus: true })
      const open = async () =>
        /^tendarr_open_event_streams\{mount="native"\} (\d+)$/m.exec((await admin("GET", "/metrics")).text)?.[1]
      const leave = new AbortController()
      const stream = await fetch(`${server.url}/api/v1/events`, {
        headers: { "x-api-key": adminKey },
        signal: leave.signal
      })
      const id = stream.headers.get("x-request-id") ?? ""
      assert.strictEqual(await open(), "1")
      assert.isFalse(server.output().includes(id))
      leave.abort()
      assert.match(await lineOf(id), /GET \/api\/v1\/events 200 .*client=127\.0\.0\.1 /)
      assert.strictEqual(await open(), "0")
    })

    it("are counted by mount, route and class of status, with one route for all unknown paths", async () => {
      for (const path of ["/nowhere/1", "/nowhere/2"]) await call(server.url, "GET", path)
      await call(server.url, "PURGE", "/api/v1/status")
      const { text } = await admin("GET", "/metrics")
      const counts = text.split("\n").filter((line) => line.startsWith("http_server_request_duration_seconds_count"))
      const unknown = counts.filter((line) => line.includes('route="unknown"') && line.includes('method="GET"'))
      assert.lengthOf(unknown, 1)
      assert.match(unknown[0] ?? "", /\{mount="native",method="GET",route="unknown",status="4xx"\} [23]$/)
      assert.isNotEmpty(counts.filter((line) => line.includes('method="OTHER",route="/api/v1/status",status="4xx"')))
      assert.match(text, /^process_resident_memory_bytes \d+$/m)
    })
  })
}
