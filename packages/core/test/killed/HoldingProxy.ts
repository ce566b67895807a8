/** A proxy before an application that holds a request or its response when a test requires that. */
import { createServer, request as send, type IncomingMessage, type ServerResponse } from "node:http"
import { once } from "node:events"
import type { AddressInfo } from "node:net"

export interface Passing {
  readonly method: string
  readonly path: string
  /** Earlier requests to the application, oldest first. */
  readonly before: ReadonlyArray<{ readonly method: string; readonly path: string }>
}

export interface Hold {
  /** Resolves when the request, or its response, has arrived. */
  readonly reached: Promise<void>
  /** Lets it pass on: to the application even when the client has gone, as one that is slow would still do it. */
  readonly release: () => Promise<void>
}

export interface HoldingProxy {
  readonly url: string
  /** Holds the first exchange that matches: the request before it is forwarded, or the response before it is returned. */
  readonly hold: (what: "request" | "answer", matches: (passing: Passing) => boolean) => Hold
  readonly close: () => Promise<void>
}

interface Waiting {
  readonly what: "request" | "answer"
  readonly matches: (passing: Passing) => boolean
  readonly reach: () => void
  readonly released: Promise<void>
  readonly passed: () => void
}

export const holdingProxy = async (target: string): Promise<HoldingProxy> => {
  const before: Array<{ method: string; path: string }> = []
  let waiting: ReadonlyArray<Waiting> = []

  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const method = incoming.method ?? "GET"
    const url = new URL(incoming.url ?? "/", target)
    const held = waiting.find((one) => one.matches({ method, path: url.pathname, before: [...before] }))
    waiting = waiting.filter((one) => one !== held)
    const body: Array<Buffer> = []
    for await (const chunk of incoming) body.push(chunk)
    if (held?.what === "request") {
      held.reach()
      await held.released
    }
    before.push({ method, path: url.pathname })
    const forwarded = send(url, { method, headers: incoming.headers })
    forwarded.end(Buffer.concat(body))
    const [answer] = (await once(forwarded, "response")) as [IncomingMessage]
    const chunks: Array<Buffer> = []
    for await (const chunk of answer) chunks.push(chunk)
    held?.passed()
    if (held?.what === "answer") {
      held.reach()
      await held.released
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    outgoing.end(Buffer.concat(chunks))
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => incoming.socket.destroy())
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    hold: (what, matches) => {
      const reached = signal()
      const released = signal()
      const passed = signal()
      waiting = [
        ...waiting,
        { what, matches, reach: reached.resolve, released: released.promise, passed: passed.resolve }
      ]
      return {
        reached: reached.promise,
        release: () => {
          released.resolve()
          return passed.promise
        }
      }
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, "close")
    }
  }
}

interface Signal {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

const signal = (): Signal => {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve: () => resolve() }
}
