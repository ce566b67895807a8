/** An OpenTelemetry collector on loopback, which parses JSON exports and keeps all of them. */
import { createServer, type IncomingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"
import { gunzipSync } from "node:zlib"
import { at, listAt, textAt } from "../http/Client.ts"

export interface Export {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** The body as text, in any format. */
  readonly body: string
}

export type Attributes = Readonly<Record<string, string | number | boolean>>

export interface ExportedSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly kind: number
  readonly attributes: Attributes
}

export interface ExportedPoint {
  readonly name: string
  readonly attributes: Attributes
  readonly value: unknown
}

export const spanKinds = { server: 2, client: 3 } as const

export interface Collector {
  readonly url: string
  readonly exports: ReadonlyArray<Export>
  readonly spans: () => ReadonlyArray<ExportedSpan>
  readonly points: () => ReadonlyArray<ExportedPoint>
  /** Attributes of the resource of the last export to the path. */
  readonly resource: (path: string) => Attributes
  readonly logs: () => ReadonlyArray<{ readonly text: string; readonly attributes: Attributes }>
  /** Resolves with the first matching record. */
  readonly until: <A>(find: () => A | undefined) => Promise<A>
  readonly close: () => Promise<void>
}

/** `answers` = false: accepts every request and never responds. */
export const startCollector = async ({ answers = true } = {}): Promise<Collector> => {
  const exports: Array<Export> = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    const parts: Array<Buffer> = []
    request.on("data", (part: Buffer) => parts.push(part))
    request.on("end", () => {
      const sent = Buffer.concat(parts)
      const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent
      exports.push({ path: request.url ?? "", headers: request.headers, body: body.toString("utf8") })
      for (const look of waiting) look()
      if (answers) response.writeHead(200, { "content-type": "application/json" }).end("{}")
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo

  const sentTo = (path: string): ReadonlyArray<unknown> =>
    exports.filter((one) => one.path === path).map(({ body }) => JSON.parse(body))
  const within = (values: ReadonlyArray<unknown>, ...path: ReadonlyArray<string>): ReadonlyArray<unknown> =>
    path.reduce<ReadonlyArray<unknown>>((found, key) => found.flatMap((value) => listAt(value, key)), values)

  return {
    url: `http://127.0.0.1:${port}`,
    exports,
    spans: () =>
      within(sentTo("/v1/traces"), "resourceSpans", "scopeSpans", "spans").map((span) => ({
        name: String(at(span, "name")),
        traceId: String(at(span, "traceId")),
        spanId: String(at(span, "spanId")),
        parentSpanId: at(span, "parentSpanId") === undefined ? undefined : String(at(span, "parentSpanId")),
        kind: Number(at(span, "kind")),
        attributes: attributesOf(span)
      })),
    points: () =>
      within(sentTo("/v1/metrics"), "resourceMetrics", "scopeMetrics", "metrics").flatMap((metric) =>
        ["sum", "gauge", "histogram"].flatMap((form) => {
          const points = at(metric, form, "dataPoints")
          return (Array.isArray(points) ? points : []).map((point) => ({
            name: String(at(metric, "name")),
            attributes: attributesOf(point),
            value: at(point, "asDouble") ?? at(point, "asInt") ?? at(point, "count")
          }))
        })
      ),
    resource: (path) => {
      const last = sentTo(path).at(-1)
      const [of] = ["resourceSpans", "resourceMetrics", "resourceLogs"].flatMap((key) => {
        const all = at(last, key)
        return Array.isArray(all) ? all : []
      })
      return attributesOf(at(of, "resource"))
    },
    logs: () =>
      within(sentTo("/v1/logs"), "resourceLogs", "scopeLogs", "logRecords").map((record) => ({
        text: String(at(record, "body", "stringValue")),
        attributes: attributesOf(record)
      })),
    until: (find) =>
      new Promise((resolve) => {
        const look = () => {
          const found = find()
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      })
  }
}

const attributesOf = (value: unknown): Attributes =>
  Object.fromEntries(
    listAt(value, "attributes").map((attribute) => [
      textAt(attribute, "key"),
      plain(Object.values(Object(at(attribute, "value")))[0])
    ])
  )

const plain = (value: unknown): string | number | boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : JSON.stringify(value)
