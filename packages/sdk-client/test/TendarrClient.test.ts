import { createServer, type RequestListener } from "node:http"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { createTendarrClient, type TendarrClient, TendarrError } from "../src/TendarrClient.ts"
import { type SandboxServer, startSandboxServer } from "./SandboxServer.ts"

const rejection = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  return assert.fail("was not rejected")
}

describe("The client against a server over the simulated stack", () => {
  let server: SandboxServer
  let tendarr: TendarrClient

  beforeAll(async () => {
    server = await startSandboxServer(60)
    tendarr = createTendarrClient({ baseUrl: `${server.url()}/`, apiKey: server.apiKey })
  }, 60_000)

  afterAll(() => server.stop())

  it("runs the main job and reads its plan", async () => {
    const { data: run } = await tendarr.jobs.start({ path: { name: "capacity" }, query: { wait: 60 }, body: {} })
    assert.strictEqual(run.status, "completed")
    const { data: page } = await tendarr.library.items({ query: { limit: 2, sort: "size", order: "desc" } })
    assert.lengthOf(page.items, 2)
    assert.isAtLeast(page.items[0]!.sizeBytes, page.items[1]!.sizeBytes)
    assert.isString(page.nextCursor)
    const { data: removals } = await tendarr.removals.list({ query: { open: true, order: "rank" } })
    assert.isNotEmpty(removals.items)
    assert.strictEqual(removals.items[0]!.state, "proposed")
    const { data: why } = await tendarr.library.explanation({ path: { id: removals.items[0]!.itemId } })
    assert.strictEqual(why.item.title, removals.items[0]!.title)
    assert.isNotEmpty(why.decision?.facts)
  })

  it("rejects with the problem if a resource does not exist", async () => {
    const error = await rejection(tendarr.library.item({ path: { id: "999999" } }))
    assert.instanceOf(error, TendarrError)
    assert.strictEqual(error.status, 404)
    assert.strictEqual(error.code, "item-not-found")
    assert.strictEqual(error.problem?.["itemId"], "999999")
    assert.strictEqual(error.method, "GET")
  })

  it("names the invalid field of a request", async () => {
    const error = await rejection(tendarr.library.items({ query: { limit: 5000 } }))
    assert.instanceOf(error, TendarrError)
    assert.strictEqual(error.status, 400)
    assert.deepEqual(error.errors[0]?.path, ["query", "limit"])
  })

  it("rejects a wrong key, and never puts a key into a URL", async () => {
    const error = await rejection(createTendarrClient({ baseUrl: server.url(), apiKey: "wrong" }).system.status())
    assert.instanceOf(error, TendarrError)
    assert.strictEqual(error.status, 401)
    assert.notInclude(error.url, "wrong")
  })

  it("yields events of the log, and then live ones", async () => {
    const change = (snoozeHours: number) =>
      tendarr.settings.patch({ path: { group: "removals" }, body: { snoozeHours } })
    await change(12)
    const { stream } = await tendarr.events.stream({ query: { after: "0", categories: ["settings"] } })
    const received: Array<string> = []
    for await (const event of stream) {
      if (!("message" in event)) continue
      received.push(event.type)
      // The first event came from the log; later ones are live.
      if (received.length === 1) await change(13)
      else break
    }
    assert.deepEqual(received, ["settings.changed", "settings.changed"])
  })
})

describe("The client against a server that fails", () => {
  const answering = async (answer: RequestListener, check: (client: TendarrClient) => Promise<void>) => {
    const server = createServer(answer)
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    try {
      await check(createTendarrClient({ baseUrl: `http://127.0.0.1:${port}`, apiKey: "key", retries: 1 }))
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }

  it("retries a read after a 503", async () => {
    let asked = 0
    await answering(
      (_request, response) => {
        asked++
        response.statusCode = asked === 1 ? 503 : 200
        response.setHeader("content-type", "application/json")
        response.end(asked === 1 ? "{}" : '{"status":"ok","version":"1"}')
      },
      async (client) => {
        const { data } = await client.health.live()
        assert.strictEqual(data.status, "ok")
        assert.strictEqual(asked, 2)
      }
    )
  })

  it("sends a request that changes something once, and reports the response of a proxy", async () => {
    let asked = 0
    await answering(
      (_request, response) => {
        asked++
        response.statusCode = 502
        response.end("<h1>Bad gateway</h1>")
      },
      async (client) => {
        const error = await rejection(client.removals.approve({ path: { id: "1" } }))
        assert.instanceOf(error, TendarrError)
        assert.strictEqual(error.status, 502)
        assert.strictEqual(error.code, "unknown")
        assert.strictEqual(asked, 1)
      }
    )
  })

  it("does not send the key to another address", async () => {
    let elsewhere = 0
    await answering(
      (request, response) => {
        if (request.url === "/elsewhere") elsewhere++
        response.statusCode = 302
        response.setHeader("location", "/elsewhere")
        response.end()
      },
      async (client) => {
        const error = await rejection(client.system.status())
        assert.instanceOf(error, TendarrError)
        assert.strictEqual(error.code, "redirected")
        assert.strictEqual(elsewhere, 0)
      }
    )
  })
})
