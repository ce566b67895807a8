/**
 * A `fetch` over node:http that connects only to addresses that were checked: a name is not resolved again between the
 * check and the connection, so that a DNS response that changes in between (DNS rebinding) has no effect. The name is
 * still sent in the Host header, and certificates are verified against it.
 */
import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http"
import { Agent as HttpsAgent, request as httpsRequest } from "node:https"
import { isIP, type LookupFunction } from "node:net"
import type { Readable } from "node:stream"
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib"

export interface PinnedFetch {
  /** A fetch that connects only to these addresses. It follows no redirects. */
  readonly to: (addresses: ReadonlyArray<string>) => typeof globalThis.fetch
  /** Closes idle kept-alive connections. */
  readonly close: () => void
}

/** `ca`: certificates to trust instead of those of the system. */
export const makePinnedFetch = (options: { readonly ca?: string } = {}): PinnedFetch => {
  const kept = { http: new HttpAgent(keptAlive), https: new HttpsAgent({ ...keptAlive, ...options }) }
  // Non-idempotent requests use a fresh connection: a kept-alive one may just have been closed by the server, and the
  // request could not be retried safely.
  const fresh = { http: new HttpAgent(), https: new HttpsAgent(options) }
  return {
    to: (addresses) => async (input, init) => {
      const request = new Request(input, init)
      const safe = request.method === "GET" || request.method === "HEAD"
      const agents = safe ? kept : fresh
      const body = safe ? undefined : new Uint8Array(await request.arrayBuffer())
      const send = () => sendOnce(request, body, agents, lookupOf(addresses))
      try {
        return await send()
      } catch (error) {
        // The server closed a kept-alive connection while the request was on its way.
        if (safe && error instanceof ClosedMeanwhile && !request.signal.aborted) return await send()
        throw error instanceof ClosedMeanwhile ? error.cause : error
      }
    },
    close: () => {
      for (const agent of [kept.http, kept.https, fresh.http, fresh.https]) agent.destroy()
    }
  }
}

const keptAlive = { keepAlive: true, maxFreeSockets: 8, scheduling: "lifo" } as const

class ClosedMeanwhile extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause })
  }
}

/** Resolves every name to the checked addresses. */
const lookupOf = (addresses: ReadonlyArray<string>): LookupFunction => {
  const found = addresses.map((address) => ({ address, family: isIP(address) }))
  return (host, { all, family }, answer) => {
    const fitting = found.filter((entry) => (family !== 4 && family !== 6 ? true : entry.family === family))
    const [first] = fitting
    if (first === undefined) {
      return answer(Object.assign(new Error(`${host} has no address`), { code: "ENOTFOUND" }), "", 4)
    }
    if (all === true) answer(null, fitting)
    else answer(null, first.address, first.family)
  }
}

interface Agents {
  readonly http: HttpAgent
  readonly https: HttpsAgent
}

const sendOnce = (
  request: Request,
  body: Uint8Array | undefined,
  agents: Agents,
  lookup: LookupFunction
): Promise<Response> =>
  new Promise((resolve, reject) => {
    const { signal } = request
    if (signal.aborted) return reject(signal.reason)
    const url = new URL(request.url)
    const secure = url.protocol === "https:"
    const outgoing: ClientRequest = (secure ? httpsRequest : httpRequest)({
      agent: secure ? agents.https : agents.http,
      hostname: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
      path: `${url.pathname}${url.search}`,
      method: request.method,
      lookup,
      headers: {
        ...Object.fromEntries(request.headers),
        "accept-encoding": "gzip, deflate, br",
        host: url.host,
        ...(body === undefined ? {} : { "content-length": body.byteLength })
      }
    })
    let incoming: IncomingMessage | undefined
    const abort = () => {
      const reason = signal.reason instanceof Error ? signal.reason : new Error("aborted")
      outgoing.destroy(reason)
      incoming?.destroy(reason)
      reject(reason)
    }
    signal.addEventListener("abort", abort, { once: true })
    outgoing.on("close", () => {
      if (incoming === undefined) signal.removeEventListener("abort", abort)
    })
    outgoing.on("error", (error) =>
      reject(outgoing.reusedSocket && incoming === undefined ? new ClosedMeanwhile(error) : error)
    )
    outgoing.on("response", (response) => {
      incoming = response
      response.on("close", () => signal.removeEventListener("abort", abort))
      try {
        resolve(responseOf(response))
      } catch (error) {
        response.destroy()
        reject(error)
      }
    })
    outgoing.end(body)
  })

const responseOf = (incoming: IncomingMessage): Response => {
  const headers = new Headers()
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index] ?? "", incoming.rawHeaders[index + 1] ?? "")
  }
  const status = incoming.statusCode ?? 0
  const empty = status === 204 || status === 205 || status === 304
  if (empty) incoming.resume()
  return new Response(empty ? null : streamOf(incoming, decoded(incoming)), {
    status,
    statusText: incoming.statusMessage ?? "",
    headers
  })
}

/** The decoded body; an encoding that was not requested is left as it is. */
const decoded = (incoming: IncomingMessage): Readable => {
  const decoder = decoders[(incoming.headers["content-encoding"] ?? "").trim().toLowerCase()]?.()
  if (decoder === undefined) return incoming
  incoming.on("error", (error) => decoder.destroy(error))
  incoming.on("aborted", () => decoder.destroy(new Error("the connection was closed")))
  return incoming.pipe(decoder)
}

const decoders: Readonly<Record<string, () => ReturnType<typeof createGunzip>>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress
}

/** Reads on demand: data that nobody reads stays in the socket. */
const streamOf = (incoming: IncomingMessage, body: Readable): ReadableStream<Uint8Array> => {
  const pieces: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await pieces.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      cancel: () => {
        incoming.destroy()
        body.destroy()
      }
    },
    { highWaterMark: 0 }
  )
}
