/** A `Listener` on node:http, which Node and Bun both have: bodies are streamed, and connections are cut on request. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { once } from "node:events"
import { Effect, Layer } from "effect"
import { Listener } from "./Listener.ts"

export type { Listener } from "./Listener.ts"

type Handler = (request: Request) => Promise<Response>

export const LoopbackListener: Layer.Layer<Listener> = Layer.succeed(Listener, {
  listen: (port, handler) =>
    Effect.map(
      Effect.acquireRelease(
        Effect.promise(() => open(port, handler)),
        (server) => Effect.promise(() => close(server))
      ),
      (server) => {
        const address = server.address()
        return { port: typeof address === "object" && address !== null ? address.port : port }
      }
    )
})

const open = async (port: number, handler: Handler): Promise<Server> => {
  const server = createServer((incoming, outgoing) => {
    // A response that fails cuts the connection: nothing else can be sent to the client.
    answer(incoming, outgoing, handler).catch(() => incoming.socket.destroy())
  })
  server.listen(port, "127.0.0.1")
  await once(server, "listening")
  return server
}

const close = async (server: Server): Promise<void> => {
  server.close()
  server.closeAllConnections()
  await once(server, "close")
}

const answer = async (incoming: IncomingMessage, outgoing: ServerResponse, handler: Handler): Promise<void> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of incoming) chunks.push(chunk)
  const method = incoming.method ?? "GET"
  const response = await handler(
    new Request(`http://${incoming.headers.host}${incoming.url}`, {
      method,
      headers: Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]),
      body: chunks.length === 0 || method === "GET" ? null : Buffer.concat(chunks)
    })
  )
  if (response.type === "error") {
    incoming.socket.destroy()
    return
  }
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body !== null) {
    const gone = new AbortController()
    outgoing.once("close", () => gone.abort())
    for await (const chunk of response.body) {
      if (!outgoing.write(chunk)) await once(outgoing, "drain", { signal: gone.signal })
    }
  }
  outgoing.end()
}
