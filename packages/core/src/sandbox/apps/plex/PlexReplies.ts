/** Plex's envelope: containers as JSON or XML, pages requested in headers or query, and its plain error pages. */
import { json, listing, page } from "../Reply.ts"
import type { Call } from "../SandboxApp.ts"
import { plexXml } from "./PlexXml.ts"

export const plexAuthorized = (call: Call, secret: string): boolean =>
  (call.request.headers.get("x-plex-token") ?? call.query.get("X-Plex-Token")) === secret

export const plexPage = (status: number, title: string): Response =>
  new Response(`<html><head><title>${title}</title></head><body><h1>${status} ${title}</h1></body></html>`, {
    status,
    headers: { "content-type": "text/html" }
  })

export const plexNotFound = (): Response => plexPage(404, "Not Found")

export const container = (call: Call, value: Readonly<Record<string, unknown>>): Response =>
  wantsJson(call)
    ? json(call, { MediaContainer: value }, 200, jsonType)
    : new Response(plexXml("MediaContainer", value), { headers: { "content-type": "text/xml;charset=utf-8" } })

/**
 * A page of `rows` under `key`. An empty page has no such key at all; the total is included if a page was requested.
 */
export const containerPage = <A>(
  call: Call,
  head: Readonly<Record<string, unknown>>,
  key: "Metadata" | "Directory",
  all: ReadonlyArray<A>,
  render: (row: A) => unknown
): Response => {
  const start = paging(call, "X-Plex-Container-Start") ?? 0
  const size = paging(call, "X-Plex-Container-Size")
  const found = page(call, all, start, size ?? all.length)
  if (found === undefined) return plexPage(500, "Internal Server Error")
  const paged = size === undefined ? {} : { totalSize: found.total, offset: start }
  const info = { size: found.rows.length, ...paged, ...head }
  const headers = { "x-plex-container-start": String(start), "x-plex-container-total-size": String(found.total) }
  if (!wantsJson(call)) return container(call, { ...info, [key]: found.rows.map(render) })
  if (found.rows.length === 0) return json(call, { MediaContainer: info }, 200, jsonType)
  return listing(call, {
    before: `{"MediaContainer":${JSON.stringify(info).slice(0, -1)},"${key}":[`,
    after: "]}}",
    rows: found.rows,
    render,
    contentType: jsonType,
    headers
  })
}

const jsonType = "application/json"

const wantsJson = (call: Call): boolean => (call.request.headers.get("accept") ?? "").includes("application/json")

const paging = (call: Call, name: string): number | undefined => {
  const value = Number.parseInt(call.request.headers.get(name) ?? call.query.get(name) ?? "", 10)
  return Number.isNaN(value) ? undefined : value
}
