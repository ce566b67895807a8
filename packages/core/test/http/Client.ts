/** Requests to a running server, with parsed responses, and its event stream read frame by frame. */
import { assert } from "vitest"

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body; `null` if it is empty or not JSON. */
  readonly body: unknown
  /** The value in the body at a path; undefined if there is none. */
  readonly at: (...path: Path) => unknown
  readonly textAt: (...path: Path) => string
  readonly listAt: (...path: Path) => ReadonlyArray<unknown>
}

type Path = ReadonlyArray<string | number>

/** The value in a JSON value at a path. */
export const at = (value: unknown, ...path: Path): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value
  )

export const textAt = (value: unknown, ...path: Path): string => {
  const found = at(value, ...path)
  if (typeof found !== "string") throw new Error(`${path.join(".")} is no text in ${JSON.stringify(value)}`)
  return found
}

export const listAt = (value: unknown, ...path: Path): ReadonlyArray<unknown> => {
  const found = at(value, ...path)
  if (!Array.isArray(found)) throw new Error(`${path.join(".")} is no list in ${JSON.stringify(value)}`)
  return found
}

export interface Sent {
  readonly key?: string
  readonly headers?: Record<string, string>
  /** Sent as JSON; `raw` is sent unchanged. */
  readonly json?: unknown
  readonly raw?: string | Uint8Array | ReadableStream
  /** Omitted if `null`; `application/json` by default if there is a body. */
  readonly contentType?: string | null
}

/** Longer than any request may take; a request that hangs fails its test. */
const patience = 15_000

const here = new Map<string, (request: Request) => Promise<Response>>()

/** Lets a handler of this process serve the requests to an origin; returns a function that ends that. */
export const answerHere = (origin: string, handler: (request: Request) => Promise<Response>): (() => void) => {
  here.set(origin, handler)
  return () => void here.delete(origin)
}

/** Like `fetch`, also for servers in this process, which receive the headers that a client would add. */
const send = (url: URL, init: RequestInit): Promise<Response> => {
  const handler = here.get(url.origin)
  if (handler === undefined) return fetch(url, init)
  const request = new Request(url, init)
  request.headers.set("host", url.host)
  const { body } = init
  if (typeof body === "string") request.headers.set("content-length", String(Buffer.byteLength(body)))
  if (body instanceof Uint8Array) request.headers.set("content-length", String(body.length))
  return handler(request)
}

export const call = async (url: string, method: string, path: string, sent: Sent = {}): Promise<Answer> => {
  const body = sent.raw ?? (sent.json === undefined ? undefined : JSON.stringify(sent.json))
  const contentType = sent.contentType === undefined ? "application/json" : sent.contentType
  const response = await send(new URL(path, url), {
    method,
    redirect: "manual",
    signal: AbortSignal.timeout(patience),
    headers: {
      ...(sent.key === undefined ? {} : { "x-api-key": sent.key }),
      ...(body === undefined || contentType === null ? {} : { "content-type": contentType }),
      ...sent.headers
    },
    ...(body === undefined ? {} : { body: body as RequestInit["body"] & {} }),
    ...(body instanceof ReadableStream ? { duplex: "half" } : {})
  })
  const text = await response.text()
  const value = parsed(text)
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: value,
    at: (...path) => at(value, ...path),
    textAt: (...path) => textAt(value, ...path),
    listAt: (...path) => listAt(value, ...path)
  }
}

/** A response with a file. */
export const download = async (url: string, path: string, key: string) => {
  const response = await send(new URL(path, url), { headers: { "x-api-key": key } })
  assert.strictEqual(response.status, 200)
  return { response, bytes: new Uint8Array(await response.arrayBuffer()) }
}

/** The client of one server and key, under the native API. */
export const clientOf =
  (url: string, key?: string) =>
  (method: string, path: string, json?: unknown, sent: Sent = {}): Promise<Answer> =>
    call(url, method, `/api/v1${path}`, {
      ...(key === undefined ? {} : { key }),
      ...(json === undefined ? {} : { json }),
      ...sent
    })

export type Client = ReturnType<typeof clientOf>

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** A problem is `application/problem+json` with a status, a code and a title. */
export const assertProblem = (answer: Answer, status: number, code?: string): void => {
  assert.strictEqual(answer.status, status, answer.text)
  assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/)
  assert.strictEqual(answer.at("status"), status)
  assert.isNotEmpty(answer.textAt("title"))
  assert.match(answer.textAt("type"), /^urn:tendarr:problem:/)
  if (code === undefined) assert.match(answer.textAt("code"), /^[a-z]+(-[a-z]+)*$/)
  else assert.strictEqual(answer.textAt("code"), code)
}

/** The problem names the field. */
export const assertNames = (answer: Answer, path: Path): void => {
  assertProblem(answer, 400, "invalid-request")
  const wanted = path.join(".")
  const named = answer.listAt("errors").map((issue) => listAt(issue, "path").join("."))
  assert.isTrue(
    named.some((name) => name === wanted || name.startsWith(`${wanted}.`)),
    `${wanted} is not among ${answer.text}`
  )
}

export interface Frame {
  readonly id: string | null
  readonly event: string
  readonly data: unknown
}

export interface EventReader {
  readonly response: Response
  /** The next matching frame; other frames are skipped. */
  readonly next: (fits?: (frame: Frame) => boolean) => Promise<Frame>
  /** Resolves when the server has ended the stream. */
  readonly ended: () => Promise<void>
  readonly close: () => void
}

/** Opens the event stream, with a key or with the given headers. Pings are frames too. */
export const openEvents = async (
  url: string,
  key: string | null,
  query = "",
  headers: Record<string, string> = {}
): Promise<EventReader> => {
  const abort = new AbortController()
  const late = setTimeout(() => abort.abort(new Error("No event came in time")), patience)
  const response = await send(new URL(`${url}/api/v1/events${query}`), {
    signal: abort.signal,
    headers: { ...(key === null ? {} : { "x-api-key": key }), ...headers }
  })
  const frames = framesOf(response)
  return {
    response,
    next: async (fits = () => true) => {
      while (true) {
        const { done, value } = await frames.next()
        if (done === true) throw new Error("The stream ended")
        if (fits(value)) return value
      }
    },
    ended: async () => {
      while ((await frames.next()).done !== true);
    },
    close: () => {
      clearTimeout(late)
      abort.abort()
    }
  }
}

export const isEvent =
  (type: string) =>
  (frame: Frame): boolean =>
    frame.event === type

async function* framesOf(response: Response): AsyncGenerator<Frame, void> {
  let rest = ""
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    rest += decoder.decode(chunk, { stream: true })
    const parts = rest.split("\n\n")
    rest = parts.pop() ?? ""
    for (const part of parts) yield frameOf(part)
  }
}

const frameOf = (text: string): Frame => {
  const field = (name: string) =>
    text
      .split("\n")
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2)
  return { id: field("id") ?? null, event: field("event") ?? "message", data: JSON.parse(field("data") ?? "null") }
}
