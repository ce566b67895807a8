/** A simulated Stagearr: the simulated Sonarr behind a proxy on loopback that gives it another name. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"

export const startStagearr = async (sonarr: string) => {
  const server = createServer((request, response) => {
    const forward = async () => {
      const body = request.method === "GET" ? null : await text(request)
      const key = request.headers["x-api-key"]
      const answer = await fetch(new URL(request.url ?? "/", sonarr), {
        method: request.method ?? "GET",
        headers: {
          "content-type": request.headers["content-type"] ?? "application/json",
          ...(typeof key === "string" ? { "x-api-key": key } : {})
        },
        body
      })
      const content = await answer.text()
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" })
      response.end(content.replaceAll('"appName":"Sonarr"', '"appName":"Stagearr"'))
    }
    forward().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise<void>((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      })
  }
}
