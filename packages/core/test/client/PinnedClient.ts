/**
 * Checks the guarantees of the upstream client about its connections, as a program for any runtime: `<runtime> PinnedClient.ts`
 * prints a line for each guarantee and exits with 1 if one is broken. It uses no name server: the addresses of names are given.
 */
import assert from "node:assert/strict"
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http"
import { createServer as createSecureServer } from "node:https"
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Socket } from "node:net"
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import { Effect, Exit, Layer, Schema, Scope, Stream } from "effect"
import { KyUpstreamClient, type KyUpstreamClientOptions } from "../../src/integrations/KyUpstreamClient.ts"
import { HostResolver } from "../../src/integrations/KyUpstreamClient/AddressGuard.ts"
import { type Upstream, UpstreamClient } from "../../src/integrations/Upstream.ts"
import { certificate, expiredCertificate, privateKey } from "./Certificate.ts"

const Answer = Schema.Struct({ server: Schema.String })

interface Listening {
  readonly port: number
  /** Connections that were opened, in their order. */
  readonly sockets: ReadonlyArray<Socket>
  readonly requests: ReadonlyArray<IncomingMessage>
}

const closing: Array<() => void> = []

const listen = async (
  address: string,
  answer: string | RequestListener,
  options: { readonly port?: number; readonly secure?: boolean; readonly certificate?: string } = {}
): Promise<Listening> => {
  const sockets: Array<Socket> = []
  const requests: Array<IncomingMessage> = []
  const listener: RequestListener = (request, response) => {
    requests.push(request)
    if (typeof answer !== "string") return answer(request, response)
    response.setHeader("content-type", "application/json")
    response.end(JSON.stringify({ server: answer }))
  }
  const server: Server =
    options.secure === true
      ? createSecureServer({ cert: options.certificate ?? certificate, key: privateKey }, listener)
      : createServer(listener)
  server.on(options.secure === true ? "secureConnection" : "connection", (socket: Socket) => sockets.push(socket))
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(options.port ?? 0, address, resolve)
  })
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, sockets, requests }
}

/** A client for which each lookup of a name returns the next result, and finally always the last one. */
const open = async (
  baseUrl: string,
  answers: ReadonlyArray<ReadonlyArray<string>>,
  changes: Partial<KyUpstreamClientOptions> = {}
): Promise<Upstream> => {
  let asked = 0
  const resolver = Layer.succeed(HostResolver, () => {
    const answer = answers[Math.min(asked++, answers.length - 1)]
    return answer === undefined ? Effect.fail("there is no such name") : Effect.succeed(answer)
  })
  const scope = await Effect.runPromise(Scope.make())
  closing.push(() => void Effect.runPromise(Scope.close(scope, Exit.void)))
  const layer = KyUpstreamClient.layerWith({ retries: 0, timeoutMillis: 5000, ...changes }).pipe(
    Layer.provide(resolver)
  )
  const services = await Effect.runPromise(Layer.buildWithScope(layer, scope))
  return Effect.runPromise(
    Effect.provideContext(
      UpstreamClient.use((client) => Effect.sync(() => client.open({ integration: "Test", baseUrl }))),
      services
    )
  )
}

const get = (upstream: Upstream, path = "x") =>
  Effect.runPromise(Effect.map(upstream.get(path, Answer), ({ server }) => server))
const refusal = (upstream: Upstream) =>
  Effect.runPromise(Effect.map(Effect.flip(upstream.get("x", Answer)), (error) => `${error._tag}: ${error.message}`))

const promises: Readonly<Record<string, () => Promise<void>>> = {
  "connects to the address that was checked, and asks nobody again": async () => {
    const honest = await listen("127.0.0.1", "the one that was checked")
    const rebound = await listen("127.0.0.2", "the one it changed to", { port: honest.port })
    const upstream = await open(`http://rebind.test:${honest.port}`, [["127.0.0.1"], ["169.254.169.254"]])
    assert.equal(await get(upstream), "the one that was checked")
    assert.equal(honest.requests[0]?.headers.host, `rebind.test:${honest.port}`)
    // The system resolves this name in its own way.
    const known = await open(`http://localhost:${honest.port}`, [["127.0.0.2"]])
    assert.equal(await get(known), "the one it changed to")
    assert.equal(rebound.requests.length, 1)
  },
  "refuses a name that leads out of bounds the second time, though a connection is kept": async () => {
    const server = await listen("127.0.0.1", "here")
    const upstream = await open(`http://rebind.test:${server.port}`, [["127.0.0.1"], ["127.0.0.1", "fe80::1"]])
    assert.equal(await get(upstream), "here")
    assert.match(await refusal(upstream), /never called/)
    assert.equal(server.requests.length, 1)
  },
  "looks again at a redirect, and goes to what it saw then": async () => {
    const port = (
      await listen("127.0.0.1", (request, response) => {
        response.writeHead(302, { location: `${request.url}/further` })
        response.end()
      })
    ).port
    const further = await listen("127.0.0.2", "further", { port })
    assert.equal(await get(await open(`http://rebind.test:${port}`, [["127.0.0.1"], ["127.0.0.2"]])), "further")
    assert.equal(further.requests[0]?.url, "/x/further")
    const upstream = await open(`http://rebind.test:${port}`, [["127.0.0.1"], ["169.254.169.254"]])
    assert.match(await refusal(upstream), /cloud metadata address/)
  },
  "takes an address in every way in which people write it for what it is": async () => {
    const server = await listen("127.0.0.1", "here")
    for (const host of ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.0.1."]) {
      assert.equal(await get(await open(`http://${host}:${server.port}`, [])), "here", host)
    }
    for (const host of [
      "2852039166",
      "0xa9fea9fe",
      "0251.0376.0251.0376",
      "169.254.43518",
      "169.254.169.254.",
      "[::ffff:169.254.169.254]",
      "[0:0:0:0:0:ffff:a9fe:a9fe]",
      "[64:ff9b::169.254.169.254]",
      "[fe80::1]",
      "0",
      "[::]"
    ]) {
      assert.match(await refusal(await open(`http://${host}:${server.port}`, [])), /never called/, host)
    }
    assert.match(await refusal(await open(`http://metadata.google.internal.:${server.port}`, [["10.0.0.1"]])), /never/)
    assert.equal(await get(await open(`http://nas.test.:${server.port}`, [["127.0.0.1"]])), "here")
  },
  "speaks IPv6, by address and by name, and tries the next address when one does not answer": async () => {
    const server = await listen("::1", "over IPv6").catch((error: unknown) => {
      throw new Skipped(`this machine has no IPv6 (${String(error)})`)
    })
    assert.equal(await get(await open(`http://[::1]:${server.port}`, [])), "over IPv6")
    assert.equal(await get(await open(`http://nas.test:${server.port}`, [["::1"]])), "over IPv6")
    assert.equal(await get(await open(`http://nas.test:${server.port}`, [["127.0.0.9", "::1"]])), "over IPv6")
  },
  "keeps a connection for reads, and sends everything else over one of its own, once": async () => {
    const server = await listen("127.0.0.1", "here")
    const upstream = await open(`http://nas.test:${server.port}`, [["127.0.0.1"]])
    for (const _ of [1, 2, 3]) assert.equal(await get(upstream), "here")
    assert.equal(server.sockets.length, 1)
    await Effect.runPromise(upstream.send("POST", "y", { json: { a: "ü" } }))
    await Effect.runPromise(upstream.send("DELETE", "y"))
    assert.equal(server.sockets.length, 3)
    assert.deepEqual(
      server.requests.map(({ method }) => method),
      ["GET", "GET", "GET", "POST", "DELETE"]
    )
    assert.equal(server.requests[3]?.headers["content-length"], String(Buffer.byteLength('{"a":"ü"}')))
  },
  "reads again when a kept connection was closed meanwhile, and never sends anything else again": async () => {
    let closes = false
    const server = await listen("127.0.0.1", (request, response) => {
      if (closes) return request.socket.destroy()
      response.setHeader("content-type", "application/json")
      response.end('{"server":"here"}')
    })
    const upstream = await open(`http://nas.test:${server.port}`, [["127.0.0.1"]])
    await get(upstream)
    closes = true
    const before = server.requests.length
    await Effect.runPromise(Effect.flip(upstream.send("POST", "y", { json: {} })))
    assert.equal(server.requests.length, before + 1)
    for (const socket of server.sockets) socket.destroy()
    closes = false
    assert.equal(await get(upstream), "here")
  },
  "verifies a certificate against the name, not the address": async () => {
    const server = await listen("127.0.0.1", "safe", { secure: true })
    const trusting = { ca: certificate }
    assert.equal(await get(await open(`https://upstream.test:${server.port}`, [["127.0.0.1"]], trusting)), "safe")
    assert.match(
      await refusal(await open(`https://other.test:${server.port}`, [["127.0.0.1"]], trusting)),
      /UpstreamUntrusted: .*the certificate is for another name than other\.test\. Use the address/
    )
    assert.match(
      await refusal(await open(`https://upstream.test:${server.port}`, [["127.0.0.1"]])),
      /UpstreamUntrusted: .*the certificate of upstream\.test is self-signed.*http:\/\/ address.*NODE_EXTRA_CA_CERTS/
    )
    assert.equal(server.requests.length, 1)
  },
  "says in its own words why it does not trust the other side, and asks once": async () => {
    const expired = await listen("127.0.0.1", "old", { secure: true, certificate: expiredCertificate })
    const plain = await listen("127.0.0.1", "plain")
    const selfSigned = await listen("127.0.0.1", "self-signed", { secure: true })
    let connections = 0
    const counted = createTcpServer((socket) => {
      connections += 1
      const onward = connectTcp(selfSigned.port, "127.0.0.1")
      for (const end of [socket, onward]) end.on("error", () => end.destroy())
      socket.pipe(onward).pipe(socket)
    })
    await new Promise<void>((resolve) => counted.listen(0, "127.0.0.1", resolve))
    closing.push(() => void counted.close())
    const retrying = { retries: 3, retryBaseMillis: 1 }
    const trusting = { ...retrying, ca: expiredCertificate }
    assert.match(
      await refusal(await open(`https://upstream.test:${expired.port}`, [["127.0.0.1"]], trusting)),
      /UpstreamUntrusted: .*the certificate of upstream\.test has expired\. Renew it/
    )
    assert.match(
      await refusal(await open(`https://upstream.test:${plain.port}`, [["127.0.0.1"]], retrying)),
      /UpstreamUntrusted: .*does not speak https\. Use an address that begins with http:/
    )
    const upstream = await open(
      `https://upstream.test:${(counted.address() as AddressInfo).port}`,
      [["127.0.0.1"]],
      retrying
    )
    for (let call = 1; call <= 8; call += 1) {
      assert.match(await refusal(upstream), /is self-signed/, "the circuit stays closed")
      assert.equal(connections, call)
    }
  },
  "decodes what is compressed, and bounds what comes out of it": async () => {
    const text = JSON.stringify({ server: "x".repeat(100_000) })
    const encodings = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }
    for (const [encoding, encode] of Object.entries(encodings)) {
      const server = await listen("127.0.0.1", (_, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-encoding": encoding })
        response.end(encode(text))
      })
      const base = `http://127.0.0.1:${server.port}`
      assert.equal((await get(await open(base, []))).length, 100_000, encoding)
      assert.match(await refusal(await open(base, [], { maxBodyBytes: 50_000 })), /larger than 50000 bytes/, encoding)
    }
    const broken = await listen("127.0.0.1", (_, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" })
      response.end(gzipSync(text).subarray(0, 60))
    })
    assert.match(await refusal(await open(`http://127.0.0.1:${broken.port}`, [])), /Upstream/)
  },
  "lets go of a connection whose answer nobody waits for any more": async () => {
    let closed = 0
    const server = await listen("127.0.0.1", (request, response) => {
      request.socket.once("close", () => (closed += 1))
      if (request.url === "/silent") return
      response.writeHead(200, { "content-type": "application/json" })
      response.write('{"server":')
    })
    const base = `http://127.0.0.1:${server.port}`
    const upstream = await open(base, [], { timeoutMillis: 150 })
    for (const path of ["silent", "halfway"]) {
      const error = await Effect.runPromise(Effect.flip(upstream.get(path, Answer)))
      assert.match(error.message, /no answer within 150 ms/)
    }
    await until(() => closed === 2)
  },
  "sends forms, parts and bytes, takes cookies, and reads bytes piece by piece": async () => {
    const bodies: Array<string> = []
    const server = await listen("127.0.0.1", (request, response) => {
      const parts: Array<Buffer> = []
      request.on("data", (part: Buffer) => parts.push(part))
      request.on("end", () => {
        bodies.push(Buffer.concat(parts).toString("latin1"))
        response.writeHead(200, {
          "content-type": "application/octet-stream",
          "set-cookie": ["SID=one; HttpOnly", "other=two; path=/"]
        })
        response.end(new Uint8Array([0, 255, 10]))
      })
    })
    const upstream = await open(`http://127.0.0.1:${server.port}`, [])
    const content = new Uint8Array([0, 200, 13, 10])
    const file = { name: "file", fileName: "a.torrent", contentType: "application/x-bittorrent", content }
    const answer = await Effect.runPromise(
      Effect.andThen(
        upstream.ask("POST", "parts", { multipart: [{ name: "tag", value: "x" }, file] }),
        upstream.ask("POST", "form", { form: { hashes: "a|b", to: ["x y", "&"] } })
      )
    )
    await Effect.runPromise(upstream.send("PUT", "bytes", { bytes: { content, contentType: "image/png" } }))
    assert.deepEqual({ ...answer.cookies }, { SID: "one", other: "two" })
    assert.deepEqual([...answer.body], [0, 255, 10])
    assert.ok(
      bodies[0]?.includes(Buffer.from(content).toString("latin1")) && bodies[0].includes('filename="a.torrent"')
    )
    assert.equal(bodies[1], "hashes=a%7Cb&to=x+y&to=%26")
    assert.deepEqual(Buffer.from(bodies[2] ?? "", "latin1"), Buffer.from(content))
    const pieces = await Effect.runPromise(Stream.runCollect(upstream.stream("x")))
    assert.deepEqual(Array.from(Buffer.concat(pieces)), [0, 255, 10])
  },
  "reads a long answer whole": async () => {
    const row = JSON.stringify({ server: "y".repeat(1000) })
    const server = await listen("127.0.0.1", (_, response) => {
      response.writeHead(200, { "content-type": "application/json" })
      response.end(`[${Array.from({ length: 8000 }, () => row).join(",")}]`)
    })
    const upstream = await open(`http://127.0.0.1:${server.port}`, [])
    assert.equal((await Effect.runPromise(upstream.getArray("x", Answer))).length, 8000)
  },
  "reports why nothing responds": async () => {
    const server = await listen("127.0.0.1", "here")
    const taken = server.port
    closing.pop()?.()
    await until(async () => /ECONNREFUSED/.test(await refusal(await open(`http://127.0.0.1:${taken}`, []))))
    assert.match(await refusal(await open("http://nowhere.test", [])), /no such name/)
  }
}

/** The machine lacks a feature that the guarantee is about. */
class Skipped extends Error {}

const until = async (held: () => boolean | Promise<boolean>): Promise<void> => {
  for (let turn = 0; turn < 400; turn += 1) {
    if (await held()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.fail("It did not happen")
}

let broken = 0
for (const [promise, check] of Object.entries(promises)) {
  const failure: unknown = await check().then(
    () => null,
    (error: unknown) => error
  )
  for (const close of closing.splice(0)) close()
  if (failure !== null && !(failure instanceof Skipped)) broken += 1
  const outcome = failure === null ? "held" : failure instanceof Skipped ? "skipped" : "BROKEN"
  process.stdout.write(`${outcome}: ${promise}\n`)
  if (failure !== null) process.stdout.write(`${failure instanceof Error ? failure.stack : String(failure)}\n`)
}
process.exit(broken === 0 ? 0 : 1)
