import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect } from "effect"
import { readEnvironment } from "../../../src/server/Telemetry/Environment.ts"

type Environment = Readonly<Record<string, string>>

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" }

const read = (env: Environment) =>
  Effect.provideService(readEnvironment, ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))

/** The URL to which a signal is sent. */
const readSome = (env: Environment) =>
  Effect.map(read(env), (found) => found ?? assert.fail("nothing is sent anywhere"))

const refusal = (env: Environment) => Effect.map(Effect.flip(read(env)), ({ message }) => message)

describe("The environment of the export", () => {
  it.effect("enables no export until it names a collector", () =>
    Effect.gen(function* () {
      const silent: ReadonlyArray<Environment> = [
        {},
        { OTEL_EXPORTER_OTLP_ENDPOINT: "", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
        { OTEL_SERVICE_NAME: "tendarr", OTEL_TRACES_EXPORTER: "otlp" },
        { ...endpoint, OTEL_SDK_DISABLED: "TRUE", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
        { ...endpoint, OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none" }
      ]
      for (const env of silent) assert.isNull(yield* read(env), JSON.stringify(env))
    })
  )

  it.effect("needs only an endpoint, under which each signal has its path", () =>
    Effect.gen(function* () {
      const found = yield* readSome({ OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector/otlp/" })
      assert.strictEqual(found.serviceName, "tendarr")
      assert.match(found.serviceVersion, /^\d+\.\d+\.\d+/)
      assert.deepStrictEqual(
        [found.traces, found.metrics, found.logs].map((signal) => signal?.url.href),
        ["https://collector/otlp/v1/traces", "https://collector/otlp/v1/metrics", "https://collector/otlp/v1/logs"]
      )
      assert.deepInclude(found.traces, {
        protocol: "http/protobuf",
        headers: {},
        compression: "none",
        timeoutMillis: 10_000,
        intervalMillis: 5000,
        maxBatchSize: 512
      })
      assert.strictEqual(found.metrics?.temporality, "cumulative")
    })
  )

  it.effect("can configure one signal differently from the others", () =>
    Effect.gen(function* () {
      const found = yield* readSome({
        ...endpoint,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://traces:4318/in",
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "HTTP/JSON",
        OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%20key%3D, x-team = attic ",
        OTEL_EXPORTER_OTLP_LOGS_HEADERS: "x-key=other",
        OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
        OTEL_METRICS_EXPORTER: "none",
        OTEL_BSP_SCHEDULE_DELAY: "200"
      })
      assert.deepInclude(found.traces, { protocol: "http/json", compression: "gzip", intervalMillis: 200 })
      assert.strictEqual(found.traces?.url.href, "http://traces:4318/in")
      assert.deepStrictEqual(found.traces?.headers, { "x-key": "a key=", "x-team": "attic" })
      assert.deepStrictEqual(found.logs?.headers, { "x-key": "other" })
      assert.strictEqual(found.logs?.protocol, "http/protobuf")
      assert.isNull(found.metrics)
    })
  )

  it.effect("names the service, which overrides the resource attributes", () =>
    Effect.gen(function* () {
      const attributes = "service.name=attic,service.version=7,host.name=nas%2C+one"
      const called = yield* readSome({ ...endpoint, OTEL_RESOURCE_ATTRIBUTES: attributes })
      assert.deepInclude(called, {
        serviceName: "attic",
        serviceVersion: "7",
        attributes: { "host.name": "nas,+one" }
      })
      const named = yield* readSome({ ...endpoint, OTEL_RESOURCE_ATTRIBUTES: attributes, OTEL_SERVICE_NAME: "cellar" })
      assert.strictEqual(named.serviceName, "cellar")
    })
  )

  it.effect("is refused with the name of the variable that cannot be used", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [string, string, RegExp]> = [
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", /must be a URL such as http:\/\/collector:4318/],
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "no url", /not "no url"/],
        ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "ftp://collector", /must be a URL/],
        ["OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", /http\/protobuf or http\/json/],
        ["OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "grpc", /does not support/],
        ["OTEL_EXPORTER_OTLP_PROTOCOL", "kafka", /must be http\/protobuf or http\/json, not "kafka"/],
        ["OTEL_TRACES_EXPORTER", "zipkin", /must be otlp or none/],
        ["OTEL_SDK_DISABLED", "yes", /must be true or false/],
        ["OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", /must be none or gzip/],
        ["OTEL_EXPORTER_OTLP_TIMEOUT", "10s", /whole number/],
        ["OTEL_METRIC_EXPORT_INTERVAL", "0", /from 1 to/],
        ["OTEL_RESOURCE_ATTRIBUTES", "attic", /pairs/],
        ["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "lowmemory", /cumulative or delta/]
      ]
      for (const [name, value, words] of cases) {
        const message = yield* refusal({ ...endpoint, [name]: value })
        assert.isTrue(message.startsWith(`${name} `), message)
        assert.match(message, words)
      }
    })
  )

  it.effect("is refused without showing values that may be secret", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [string, string]> = [
        ["OTEL_EXPORTER_OTLP_HEADERS", "hunter2"],
        ["OTEL_EXPORTER_OTLP_HEADERS", "x-key=hunter2%zz"],
        ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-key=hunter2%0Aother:%201"],
        ["OTEL_EXPORTER_OTLP_HEADERS", "x key=hunter2"],
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://attic:hunter2@collector:4318"]
      ]
      for (const [name, value] of cases) {
        const message = yield* refusal({ ...endpoint, [name]: value })
        assert.isTrue(message.startsWith(`${name} `), message)
        assert.notInclude(message, "hunter2")
      }
    })
  )
})
