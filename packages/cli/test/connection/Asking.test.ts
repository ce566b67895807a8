import { EventEmitter, once } from "node:events"
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, Fiber, Redacted } from "effect"
import { afterAll, assert, describe, it } from "vitest"
import { asking } from "../../src/connection/Asking.ts"

describe("asking a server", () => {
  const servers: Array<Server> = []
  afterAll(() => servers.forEach((server) => server.close()))

  const served = async (listener: RequestListener) => {
    const server = createServer(listener).listen(0, "127.0.0.1")
    servers.push(server)
    await once(server, "listening")
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return asking({ where: url, url, apiKey: Redacted.make("a-key"), fetch: globalThis.fetch })
  }
  const failing = (status: number, type: string, body: string) =>
    served((_, response) => response.writeHead(status, { "content-type": type }).end(body))
  const failureOf = async ({ ask }: Awaited<ReturnType<typeof served>>) =>
    Effect.runPromise(Effect.flip(ask((client) => client.system.status())))

  it("sends the key, and returns the body", async () => {
    const seen: Array<IncomingMessage["headers"]> = []
    const { ask } = await served((request, response) => {
      seen.push(request.headers)
      response.writeHead(200, { "content-type": "application/json" }).end('{"version":"1"}')
    })
    assert.deepEqual<unknown>(await Effect.runPromise(ask((client) => client.system.status())), { version: "1" })
    assert.strictEqual(seen[0]?.["x-api-key"], "a-key")
  })

  it("ends the request when it is interrupted", async () => {
    const events = new EventEmitter()
    const { ask } = await served((_, response) => {
      response.on("close", () => events.emit("gone"))
      events.emit("arrived")
    })
    const arrived = once(events, "arrived")
    const gone = once(events, "gone")
    const fiber = Effect.runFork(ask((client) => client.system.status()))
    await arrived
    await Effect.runPromise(Fiber.interrupt(fiber))
    await gone
  })

  it("reports each invalid field of a request", async () => {
    const failure = await failureOf(
      await failing(
        400,
        "application/problem+json",
        JSON.stringify({
          type: "urn:tendarr:problem:invalid-request",
          code: "invalid-request",
          title: "The request is not valid",
          status: 400,
          detail: "payload.url: Expected an address; payload.name: Missing key",
          errors: []
        })
      )
    )
    assert.strictEqual(failure.exit, 1)
    assert.strictEqual(failure.code, "invalid-request")
    assert.include(failure.message, "payload.url: Expected an address; payload.name: Missing key")
  })

  it("sends a failed request once, and points to the server's log", async () => {
    let requests = 0
    const failure = await failureOf(
      await served((_, response) => {
        requests++
        response.writeHead(502).end()
      })
    )
    assert.deepEqual([failure.exit, failure.code, requests], [1, "internal-error", 1])
  })

  it("reports a web page as not being Tendarr, and broken JSON as no response", async () => {
    const page = await failureOf(await failing(200, "text/html", "<html>"))
    assert.strictEqual(page.exit, 3)
    assert.include(page.message, "text/html; there is no Tendarr")
    const broken = await failureOf(await failing(200, "application/json", '{"version":'))
    assert.deepEqual([broken.exit, broken.code], [1, "unknown-answer"])
  })
})
