/**
 * JSON responses: small ones in one piece, lists as a stream that yields to the event loop, both with the faults of
 * lists.
 */
import { setImmediate } from "node:timers/promises"
import type { Call } from "./SandboxApp.ts"

/** A list in its envelope: `before` and `after` are the JSON around the rows. */
export interface Listing<A> {
  readonly before: string
  readonly after: string
  readonly rows: ReadonlyArray<A>
  readonly render: (row: A) => unknown
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
}

const jsonType = "application/json; charset=utf-8"
/** Number of rows that are serialised at once: some milliseconds of work. */
const rowsPerChunk = 50

export const json = (call: Call, value: unknown, status = 200, contentType: string = jsonType): Response =>
  new Response(JSON.stringify(distort(call, value)), { status, headers: { "content-type": contentType } })

export const listing = <A>(call: Call, list: Listing<A>): Response => {
  const headers = { "content-type": list.contentType ?? jsonType, ...list.headers }
  if (call.distortion === "object") {
    const only = list.rows[0]
    const { before, after } = { before: list.before.replace(/\[$/, ""), after: list.after.replace(/^\]/, "") }
    return new Response(`${before}${only === undefined ? "{}" : JSON.stringify(list.render(only))}${after}`, {
      headers
    })
  }
  if (list.rows.length <= rowsPerChunk) {
    return new Response(`${list.before}${rendered(call, list, 0, rowsPerChunk)}${list.after}`, { headers })
  }
  return new Response(stream(call, list, Infinity), { headers })
}

/** A list that is never paged, with the applicable faults. `before` ends with `[` and `after` starts with `]`. */
export const wholeList = <A>(call: Call, list: Listing<A>): Response => {
  if (call.fault.take("vanish") !== undefined) return listing(call, { ...list, rows: [] })
  const half = call.fault.take("halfPages")
  const middle = Math.floor(list.rows.length / 2)
  if (half?.how === "short") return listing(call, { ...list, rows: list.rows.slice(0, middle) })
  if (half?.how === "fail") {
    const headers = { "content-type": list.contentType ?? jsonType, ...list.headers }
    return new Response(stream(call, list, middle), { headers })
  }
  return listing(call, list)
}

export interface Page<A> {
  readonly rows: ReadonlyArray<A>
  readonly total: number
}

/** Rows `start` to `start + size` of a paged list; `undefined` if this page must fail. */
export const page = <A>(call: Call, all: ReadonlyArray<A>, start: number, size: number): Page<A> | undefined => {
  if (call.fault.take("vanish") !== undefined) return { rows: [], total: 0 }
  const rows = all.slice(start, start + size)
  const half = start > 0 ? call.fault.take("halfPages") : undefined
  if (half?.how === "fail") return undefined
  return { rows: half?.how === "short" ? rows.slice(0, Math.floor(rows.length / 2)) : rows, total: all.length }
}

/** A number from the query, or `fallback` if there is none. */
export const queryInt = (query: URLSearchParams, name: string, fallback: number): number => {
  const value = Number.parseInt(query.get(name) ?? "", 10)
  return Number.isNaN(value) ? fallback : value
}

/** The values of a parameter that is repeated or separated by commas. */
export const queryInts = (query: URLSearchParams, name: string): ReadonlyArray<number> =>
  query
    .getAll(name)
    .flatMap((value) => value.split(","))
    .map(Number)
    .filter((value) => Number.isInteger(value))

/** The list in chunks; after `limit` rows the connection breaks. */
const stream = <A>(call: Call, list: Listing<A>, limit: number): ReadableStream<Uint8Array> => {
  const encoder = new TextEncoder()
  const end = Math.min(limit, list.rows.length)
  let at = 0
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await setImmediate()
        if (at >= end && end < list.rows.length) return controller.error(new Error("The sandbox cuts this answer"))
        const text = rendered(call, list, at, Math.min(rowsPerChunk, end - at))
        const opening = at === 0 ? list.before : text === "" ? "" : ","
        at = Math.min(end, at + rowsPerChunk)
        const last = at >= list.rows.length
        if (opening + text !== "" || last)
          controller.enqueue(encoder.encode(`${opening}${text}${last ? list.after : ""}`))
        if (last) controller.close()
      }
    },
    { highWaterMark: 1 }
  )
}

const rendered = <A>(call: Call, list: Listing<A>, from: number, count: number): string =>
  list.rows
    .slice(from, from + count)
    .map((row, index) => {
      const record = list.render(row)
      const isOdd = call.distortion === "record" && from + index === Math.floor(list.rows.length / 2)
      return JSON.stringify(isOdd ? oddRecord(record) : distort(call, record))
    })
    .join(",")

const distort = (call: Call, value: unknown): unknown => {
  if (call.distortion === "strings") return numbersAsStrings(value)
  if (call.distortion === "object" && Array.isArray(value)) return value[0] ?? {}
  return value
}

/** A record that can be identified, but of which little else can be read. */
const oddRecord = (value: unknown): unknown =>
  typeof value !== "object" || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(
        Object.entries(value).map(([key, inner]) => {
          if (key === "status") return [key, "somethingNew"]
          return [key, Array.isArray(inner) ? "odd" : typeof inner === "boolean" ? "perhaps" : inner]
        })
      )

const numbersAsStrings = (value: unknown): unknown => {
  if (typeof value === "number") return String(value)
  if (Array.isArray(value)) return value.map(numbersAsStrings)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, numbersAsStrings(inner)]))
}
