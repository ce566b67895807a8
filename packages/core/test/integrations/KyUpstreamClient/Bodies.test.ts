/** Bodies in every format that applications accept, and raw responses. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { json, serve } from "../support/LoopbackServer.ts"
import { expectTag, failureOf, open, until } from "../support/TestClient.ts"

describe("A request body", () => {
  it.live("may be a form, bytes, multipart, or JSON, each with its own content type", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => json(response, {}))
      const upstream = yield* open(server.url)
      yield* upstream.send("POST", "form", { form: { hashes: "a|b", deleteFiles: true, tag: ["x y", "ü&"] } })
      yield* upstream.send("PUT", "bytes", { bytes: { content: new Uint8Array([104, 105]), contentType: "image/png" } })
      yield* upstream.send("PATCH", "json", { json: { a: 1 } })
      yield* upstream.send("POST", "parts", {
        multipart: [
          { name: "category", value: "films" },
          {
            name: "file",
            fileName: "one.torrent",
            contentType: "application/x-bittorrent",
            content: new Uint8Array([65, 66])
          }
        ]
      })
      const [form, bytes, patch, parts] = server.received
      assert.match(form?.headers["content-type"] ?? "", /^application\/x-www-form-urlencoded/)
      assert.deepStrictEqual(
        [...new URLSearchParams(form?.body)],
        [
          ["hashes", "a|b"],
          ["deleteFiles", "true"],
          ["tag", "x y"],
          ["tag", "ü&"]
        ]
      )
      assert.deepStrictEqual([bytes?.headers["content-type"], bytes?.body], ["image/png", "hi"])
      assert.deepStrictEqual(
        [patch?.method, patch?.headers["content-type"], patch?.body],
        ["PATCH", "application/json", '{"a":1}']
      )
      const boundary = /^multipart\/form-data; *boundary=(.+)$/.exec(parts?.headers["content-type"] ?? "")?.[1]
      assert.isDefined(boundary)
      const sent = (parts?.body ?? "").split(`--${boundary}`).slice(1, -1)
      assert.lengthOf(sent, 2)
      assert.match(sent[0] ?? "", /name="category"\r\n\r\nfilms\r\n$/)
      assert.match(
        sent[1] ?? "",
        /name="file"; filename="one.torrent"\r\ncontent-type: application\/x-bittorrent\r\n\r\nAB/i
      )
    })
  )

  it.live("is sent once with any method, after the final check", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => json(response, {}, 503))
      const upstream = yield* open(server.url)
      for (const method of ["POST", "PUT", "PATCH", "DELETE"] as const) yield* failureOf(upstream.ask(method, "x"))
      assert.lengthOf(server.received, 4)
    })
  )
})

describe("A raw response", () => {
  it.live("has its status, headers, cookies and bytes", () =>
    Effect.gen(function* () {
      const bytes = new Uint8Array([0, 255, 1, 254])
      const server = yield* serve((_, response) => {
        response.writeHead(201, {
          "content-type": "image/jpeg",
          "X-Version": "5.1",
          "set-cookie": ["SID=abc=; HttpOnly; path=/", "other=1"]
        })
        response.end(bytes)
      })
      const upstream = yield* open(server.url)
      const answer = yield* upstream.ask("GET", "poster")
      assert.deepStrictEqual([answer.status, answer.headers["x-version"]], [201, "5.1"])
      assert.deepStrictEqual({ ...answer.cookies }, { SID: "abc=", other: "1" })
      assert.notProperty(answer.headers, "set-cookie")
      assert.deepStrictEqual([...answer.body], [...bytes])
    })
  )

  it.live("of a read is requested again after transient failures, within the size limit", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response, count) => {
        if (count < 3) json(response, {}, 503)
        else response.end("x".repeat(2_000))
      })
      const upstream = yield* open(server.url, { maxBodyBytes: 1_000 })
      expectTag(yield* failureOf(upstream.ask("GET", "x")), "UpstreamMalformed")
      assert.lengthOf(server.received, 3)
    })
  )
})

describe("A streamed response", () => {
  it.live("emits the chunks as they arrive", () =>
    Effect.gen(function* () {
      const rest: Array<() => void> = []
      const server = yield* serve((_, response) => {
        response.write("first")
        rest.push(() => response.end("second"))
      })
      const upstream = yield* open(server.url)
      const seen: Array<string> = []
      const reading = yield* upstream.stream("x").pipe(
        Stream.runForEach((piece) => Effect.sync(() => void seen.push(Buffer.from(piece).toString()))),
        Effect.forkChild
      )
      yield* until(() => seen.length === 1)
      rest.forEach((end) => end())
      yield* Fiber.join(reading)
      assert.deepStrictEqual(seen, ["first", "second"])
    })
  )

  it.live("is limited by the time per chunk, not in total", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => void response.write("first"))
      const upstream = yield* open(server.url, { timeoutMillis: 50, retries: 2 })
      const error = yield* failureOf(Stream.runDrain(upstream.stream("x")))
      expectTag(error, "UpstreamUnreachable")
      assert.lengthOf(server.received, 1, "what was handed on is not asked for again")
    })
  )

  it.live("is requested again as long as no chunk was emitted, and closed when it is no longer read", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response, count) => {
        if (count === 1) return json(response, {}, 503)
        response.write("x".repeat(100_000))
      })
      const upstream = yield* open(server.url)
      const some = yield* Stream.runCollect(Stream.take(upstream.stream("x"), 1))
      assert.lengthOf(some, 1)
      yield* until(() => server.broken.length === 1)
    })
  )
})
