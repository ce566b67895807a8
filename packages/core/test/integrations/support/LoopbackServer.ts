/** A real HTTP server on loopback whose responses a test sets, and which records every request. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { Effect, type Scope } from "effect"

export interface Received {
  readonly method: string
  /** Path with query. */
  readonly url: string
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

export interface LoopbackServer {
  readonly url: string
  readonly port: number
  readonly received: Array<Received>
  /** Requests whose connection was closed before the response. */
  readonly broken: Array<string>
}

export type Answering = (request: Received, response: ServerResponse, count: number) => void

export const serve = (answer: Answering): Effect.Effect<LoopbackServer, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<LoopbackServer & { readonly server: Server }>((resume) => {
      const received: Array<Received> = []
      const broken: Array<string> = []
      const server = createServer((request, response) => {
        const parts: Array<Buffer> = []
        request.on("data", (part: Buffer) => parts.push(part))
        request.on("end", () => {
          const one: Received = {
            method: request.method ?? "",
            url: request.url ?? "",
            headers: request.headers,
            body: Buffer.concat(parts).toString("utf8")
          }
          received.push(one)
          response.on("close", () => {
            if (!response.writableFinished) broken.push(one.url)
          })
          answer(one, response, received.length)
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, port, received, broken, server }))
      })
    }),
    ({ server }) =>
      Effect.callback<void>((resume) => {
        server.closeAllConnections()
        server.close(() => resume(Effect.void))
      })
  )

export const json = (response: ServerResponse, value: unknown, status = 200, headers: Record<string, string> = {}) => {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers })
  response.end(JSON.stringify(value))
}

export const page = (response: ServerResponse, status = 200) => {
  response.writeHead(status, { "content-type": "text/html" })
  response.end("<!DOCTYPE html><html><body>hello</body></html>")
}

export const redirect = (response: ServerResponse, location: string, status = 302) => {
  response.writeHead(status, { location })
  response.end()
}
