import { once } from "node:events"
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { Kinds } from "@tendarr/core/integrations/Kinds"
import type { IntegrationKind } from "@tendarr/sdk-client"
import { Effect } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { addressIn, discover, isPrivate, placesFor, type Where } from "../../src/init/Discovery.ts"
import { type Stack, startStack } from "../support/Stack.ts"

const nowhere = { named: [], thisMachine: false, containers: false }

/** The kinds as the API returns them, with the port at which each one listens here. */
const kindsAt = async (ports: Readonly<Record<string, number>>) => {
  const all = await Effect.runPromise(Kinds.use((kinds) => kinds.descriptions).pipe(Effect.provide(Kinds.layer)))
  return all.flatMap((kind): ReadonlyArray<IntegrationKind> => {
    const { discovery } = kind
    const defaultPort = ports[kind.id]
    if (discovery === undefined || defaultPort === undefined) return []
    return [JSON.parse(JSON.stringify({ ...kind, discovery: { ...discovery, defaultPort } })) as IntegrationKind]
  })
}

const look = async (where: Where) => {
  const asked: Array<string> = []
  const found = await Effect.runPromise(discover(where, (text) => Effect.sync(() => void asked.push(text))))
  return { asked, found: found.map(({ kinds, url }) => [kinds.map(({ id }) => id).join("|"), url]) }
}

const portOf = (url: string) => Number(new URL(url).port)

describe("looking for applications", () => {
  let stack: Stack
  const servers: Array<Server> = []
  beforeAll(async () => {
    stack = await startStack({ items: 20, urlBases: { sonarr: "/sonarr" } })
  })
  afterAll(async () => {
    servers.forEach((server) => server.close())
    await stack.stop()
  })

  const served = async (listener: RequestListener) => {
    const server = createServer(listener).listen(0, "127.0.0.1")
    servers.push(server)
    await once(server, "listening")
    return (server.address() as AddressInfo).port
  }

  it("finds applications at their ports on this machine, in the order of the kinds, with the kind of each", async () => {
    const ports = Object.fromEntries(["plex", "radarr", "tautulli"].map((kind) => [kind, portOf(stack.app(kind).url)]))
    const kinds = await kindsAt({ ...ports, lidarr: 9 })
    const { found } = await look({ ...nowhere, kinds, thisMachine: true })
    assert.deepEqual(found, [
      ["radarr", `http://localhost:${ports["radarr"]}`],
      ["plex", `http://localhost:${ports["plex"]}`],
      ["tautulli", `http://localhost:${ports["tautulli"]}`]
    ])
  })

  it("finds an application with several names once, under the name that the user gave", async () => {
    const port = portOf(stack.app("radarr").url)
    const kinds = await kindsAt({ radarr: port })
    const { asked, found } = await look({ kinds, named: ["127.0.0.1"], thisMachine: true, containers: true })
    assert.deepEqual(found, [["radarr", `http://127.0.0.1:${port}`]])
    assert.deepEqual(asked.toSorted(), [
      `looking at 127.0.0.1:${port}`,
      `looking at localhost:${port}`,
      `looking at radarr:${port}`
    ])
  })

  it("probes a given address, and keeps its path", async () => {
    const kinds = await kindsAt({ radarr: 1, sonarr: 1, plex: 1 })
    const { url } = stack.app("sonarr")
    const { found } = await look({ ...nowhere, kinds, named: [url] })
    assert.deepEqual(found, [["sonarr", url]])
  })

  it("learns the base path from the redirect of an application, and follows none to another host", async () => {
    const page = "<title>Login - Radarr</title>"
    const port = await served((request, response) =>
      request.url === "/films/login"
        ? response.writeHead(200).end(page)
        : response.writeHead(307, { location: "/films/login" }).end()
    )
    const asked: Array<string | undefined> = []
    const other = await served((request, response) => {
      asked.push(request.url)
      response.writeHead(200).end(page)
    })
    const away = await served((_, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${other}/login` }).end()
    )
    const kinds = await kindsAt({ radarr: 1 })
    const named = [`127.0.0.1:${port}`, `127.0.0.1:${away}`]
    assert.deepEqual((await look({ ...nowhere, kinds, named })).found, [["radarr", `http://127.0.0.1:${port}/films`]])
    assert.deepEqual(asked, [])
  })

  it("does not mistake other servers for applications, and is not blocked by ones that hang", async () => {
    const page = await served((_, response) => response.writeHead(200).end("<title>Router</title>"))
    const hanging = await served(() => undefined)
    const kinds = await kindsAt({ radarr: 1, plex: 1, ombi: 1 })
    const { found } = await look({ ...nowhere, kinds, named: [`127.0.0.1:${page}`, `127.0.0.1:${hanging}`] })
    assert.deepEqual(found, [])
  })

  it("guesses only within private networks", async () => {
    for (const address of ["127.0.0.1", "10.1.2.3", "172.17.0.2", "192.168.1.9", "100.100.1.1"]) {
      assert.isTrue(isPrivate(address, 4), address)
    }
    for (const address of ["8.8.8.8", "172.32.0.1", "169.254.169.254", "100.128.0.1"]) {
      assert.isFalse(isPrivate(address, 4), address)
    }
    assert.deepEqual([isPrivate("::1", 6), isPrivate("fd00::2", 6), isPrivate("2a00::1", 6)], [true, true, false])
    // The port is right and something listens: the address decides.
    const [kind] = await kindsAt({ radarr: portOf(stack.app("radarr").url) })
    const guess = (hostNames: Array<string>) =>
      look({ ...nowhere, containers: true, kinds: [{ ...kind!, discovery: { ...kind!.discovery!, hostNames } }] })
    assert.lengthOf((await guess(["localhost"])).found, 1)
    // It also listens on this address, which is not private.
    assert.lengthOf((await guess(["0.0.0.0"])).found, 0)
  })

  it("searches on the host of the server if Tendarr runs on another machine", () => {
    const server = (url: string) => placesFor({ _tag: "Server", url, apiKey: null }, [])
    assert.deepEqual(server("http://nas:8787"), { named: ["nas"], thisMachine: false, containers: true })
    assert.deepEqual(server("http://127.0.0.1:8787"), { named: [], thisMachine: true, containers: true })
    assert.deepEqual(placesFor({ _tag: "Folder", path: "x", apiKey: null }, ["nas"]), { ...nowhere, named: ["nas"] })
  })

  it("distinguishes a host from an address", () => {
    assert.isNull(addressIn("nas"))
    assert.isNull(addressIn("192.168.1.5"))
    assert.isNull(addressIn("[::1]"))
    assert.strictEqual(addressIn("nas:7878"), "http://nas:7878")
    assert.strictEqual(addressIn(" nas/radarr/ "), "http://nas/radarr")
    assert.strictEqual(addressIn("https://tv.example/sonarr"), "https://tv.example/sonarr")
  })
})
