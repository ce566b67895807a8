/**
 * Where traces, metrics and logs are sent, according to the variables of OpenTelemetry. Without an endpoint nothing is
 * sent. An invalid value ends the start with the name of its variable; values that may be secret are not repeated.
 */
import { Config, Effect, Option, Schema } from "effect"
import { version } from "../../system/Version.ts"

export interface TelemetryExport {
  readonly serviceName: string
  readonly serviceVersion: string
  /** Further attributes of the resource. */
  readonly attributes: Readonly<Record<string, string>>
  /** `null` = not sent. */
  readonly traces: SignalExport | null
  readonly metrics: (SignalExport & { readonly temporality: Temporality }) | null
  readonly logs: SignalExport | null
}

export interface SignalExport {
  /** With the path of the signal, without credentials. */
  readonly url: URL
  readonly protocol: Protocol
  /** Secrets. */
  readonly headers: Readonly<Record<string, string>>
  readonly compression: Compression
  /** For one request to the collector. */
  readonly timeoutMillis: number
  /** Between two exports. */
  readonly intervalMillis: number
  readonly maxBatchSize: number
}

const protocols = ["http/protobuf", "http/json"] as const
type Protocol = (typeof protocols)[number]
const compressions = ["none", "gzip"] as const
type Compression = (typeof compressions)[number]
const temporalities = ["cumulative", "delta"] as const
type Temporality = (typeof temporalities)[number]

export class TelemetryMisconfigured extends Schema.TaggedError<TelemetryMisconfigured>()("TelemetryMisconfigured", {
  variable: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `${this.variable} ${this.detail}`
  }
}

type Signal = "TRACES" | "METRICS" | "LOGS"

/** `null` = nothing is sent anywhere. */
export const readEnvironment: Effect.Effect<TelemetryExport | null, TelemetryMisconfigured> = Effect.gen(function* () {
  const disabled = yield* oneOf(yield* variable("OTEL_SDK_DISABLED"), ["true", "false"], "false")
  if (disabled === "true") return null
  const traces = yield* signal("TRACES", {
    interval: ["OTEL_BSP_SCHEDULE_DELAY", 5000],
    batch: "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"
  })
  const metrics = yield* signal("METRICS", { interval: ["OTEL_METRIC_EXPORT_INTERVAL", 60_000], batch: null })
  const logs = yield* signal("LOGS", {
    interval: ["OTEL_BLRP_SCHEDULE_DELAY", 1000],
    batch: "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE"
  })
  if (traces === null && metrics === null && logs === null) return null
  const temporality = yield* oneOf(
    yield* variable("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"),
    temporalities,
    "cumulative"
  )
  const attributes = yield* pairs(yield* variable("OTEL_RESOURCE_ATTRIBUTES"))
  const { "service.name": name, "service.version": release, ...others } = attributes
  return {
    serviceName: (yield* variable("OTEL_SERVICE_NAME")).value ?? name ?? "tendarr",
    serviceVersion: release ?? version,
    attributes: others,
    traces,
    metrics: metrics === null ? null : { ...metrics, temporality },
    logs
  }
})

const signal = Effect.fnUntraced(function* (
  name: Signal,
  of: { readonly interval: readonly [name: string, normal: number]; readonly batch: string | null }
) {
  const exporter = yield* oneOf(yield* variable(`OTEL_${name}_EXPORTER`), ["otlp", "none"], "otlp")
  const url = yield* endpoint(name)
  if (exporter === "none" || url === null) return null
  const [interval, normalInterval] = of.interval
  return {
    url,
    protocol: yield* protocol(name),
    headers: yield* headers(name),
    compression: yield* oneOf(yield* ofSignal(name, "COMPRESSION"), compressions, "none"),
    timeoutMillis: yield* wholeNumber(yield* ofSignal(name, "TIMEOUT"), 10_000, 300_000),
    intervalMillis: yield* wholeNumber(yield* variable(interval), normalInterval, 86_400_000),
    maxBatchSize: of.batch === null ? 1 : yield* wholeNumber(yield* variable(of.batch), 512, 10_000)
  } satisfies SignalExport
})

interface Variable {
  readonly name: string
  /** Trimmed; undefined if it is not set or empty. */
  readonly value: string | undefined
}

const variable = (name: string): Effect.Effect<Variable, TelemetryMisconfigured> =>
  Config.option(Config.String(name)).pipe(
    Effect.map((found) => ({ name, value: Option.getOrElse(found, () => "").trim() || undefined })),
    Effect.mapError(() => refused({ name }, "cannot be read"))
  )

/** The variable of one signal, or else the general one. */
const ofSignal = Effect.fnUntraced(function* (signal: Signal, name: string) {
  const own = yield* variable(`OTEL_EXPORTER_OTLP_${signal}_${name}`)
  return own.value === undefined ? yield* variable(`OTEL_EXPORTER_OTLP_${name}`) : own
})

/** The endpoint of one signal is the complete address; the path of the signal is appended to the general one. */
const endpoint = Effect.fnUntraced(function* (name: Signal) {
  const found = yield* ofSignal(name, "ENDPOINT")
  if (found.value === undefined) return null
  const url = URL.canParse(found.value) ? new URL(found.value) : null
  if (url === null || !(url.protocol === "http:" || url.protocol === "https:")) {
    return yield* refused(found, `must be a URL such as http://collector:4318, not ${JSON.stringify(found.value)}`)
  }
  if (url.username !== "" || url.password !== "") {
    return yield* refused(
      found,
      "must not contain a user or a password; use OTEL_EXPORTER_OTLP_HEADERS for credentials"
    )
  }
  if (found.name === "OTEL_EXPORTER_OTLP_ENDPOINT") {
    url.pathname = `${url.pathname.replace(/\/$/, "")}/v1/${name.toLowerCase()}`
  }
  return url
})

const protocol = Effect.fnUntraced(function* (name: Signal) {
  const found = yield* ofSignal(name, "PROTOCOL")
  if (found.value === "grpc") {
    return yield* refused(
      found,
      "is grpc, which Tendarr does not support; use http/protobuf or http/json, and the collector's port for HTTP (usually 4318)"
    )
  }
  return yield* oneOf(found, protocols, "http/protobuf")
})

const headers = Effect.fnUntraced(function* (name: Signal) {
  const found = yield* ofSignal(name, "HEADERS")
  const entries = Object.entries(yield* pairs(found))
  const isHeader = ([key, value]: readonly [string, string]) =>
    /^[\w!#$%&'*+.^`|~-]+$/.test(key) && /^[\x20-\x7e]*$/.test(value)
  if (!entries.every(isHeader)) {
    return yield* refused(found, "contains a name or a value that is not allowed in an HTTP header")
  }
  return Object.fromEntries(entries)
})

/** `a=b,c=d`, percent-encoded. Errors never contain the value: it may be a key. */
const pairs = (found: Variable): Effect.Effect<Readonly<Record<string, string>>, TelemetryMisconfigured> =>
  Effect.try({
    try: () =>
      Object.fromEntries(
        (found.value ?? "")
          .split(",")
          .filter((pair) => pair.trim() !== "")
          .map((pair) => {
            const at = pair.indexOf("=")
            if (at < 1) throw new TypeError("no pair")
            return [pair.slice(0, at), pair.slice(at + 1)].map((part) => decodeURIComponent(part.trim()))
          })
      ),
    catch: () =>
      refused(found, "must consist of pairs such as name=value,other=value, with special characters percent-encoded")
  })

const oneOf = <const A extends string>(
  found: Variable,
  values: ReadonlyArray<A>,
  normal: NoInfer<A>
): Effect.Effect<A, TelemetryMisconfigured> => {
  if (found.value === undefined) return Effect.succeed(normal)
  const value = values.find((one) => one === found.value?.toLowerCase())
  return value === undefined
    ? Effect.fail(refused(found, `must be ${values.join(" or ")}, not ${JSON.stringify(found.value)}`))
    : Effect.succeed(value)
}

const wholeNumber = (found: Variable, normal: number, most: number): Effect.Effect<number, TelemetryMisconfigured> => {
  if (found.value === undefined) return Effect.succeed(normal)
  const value = Number(found.value)
  return /^\d+$/.test(found.value) && value >= 1 && value <= most
    ? Effect.succeed(value)
    : Effect.fail(refused(found, `must be a whole number from 1 to ${most}, not ${JSON.stringify(found.value)}`))
}

const refused = ({ name }: Pick<Variable, "name">, detail: string): TelemetryMisconfigured =>
  new TelemetryMisconfigured({ variable: name, detail })
