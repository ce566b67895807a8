/** Applications that require a sign-in: one session for all calls, which is opened again once after it has ended. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { TestClock } from "effect/testing"
import { CurrentFinalCheck } from "../../../src/integrations/FinalCheck.ts"
import { type UpstreamSession, urgently } from "../../../src/integrations/Upstream.ts"
import { UpstreamUnauthorized } from "../../../src/integrations/UpstreamErrors.ts"
import { json, type Received, serve } from "../support/LoopbackServer.ts"
import { Answer, expectTag, failureOf, open } from "../support/TestClient.ts"

/** A cookie for a form, as in qBittorrent; the response to a wrong password is a text with status 200. */
const byCookie: UpstreamSession = {
  open: (upstream) =>
    Effect.flatMap(upstream.ask("POST", "login", { form: { username: "ann", password: "secret" } }), ({ cookies }) =>
      cookies["SID"] === undefined
        ? Effect.fail(
            new UpstreamUnauthorized({ integration: "Test", call: "login", detail: "wrong password", status: 200 })
          )
        : Effect.succeed({ cookie: `SID=${cookies["SID"]}` })
    ),
  hasEnded: ({ status }) => status === 403
}

/** An application whose sessions end on command. */
const makeApplication = Effect.gen(function* () {
  const state = { valid: "", sessions: 0, letsIn: true }
  const server = yield* serve((request, response) => {
    if (request.url === "/login") {
      if (!state.letsIn) return json(response, "Fails.")
      state.sessions += 1
      state.valid = `session-number-${state.sessions}`
      return json(response, "Ok.", 200, { "set-cookie": `SID=${state.valid}; HttpOnly; SameSite=Strict; path=/` })
    }
    if (request.headers.cookie !== `SID=${state.valid}`) return json(response, "Forbidden", 403)
    json(response, { id: 1 })
  })
  return { server, state, end: () => void (state.valid = "") }
})

const urls = (received: ReadonlyArray<Received>) => received.map(({ method, url }) => `${method} ${url}`)

describe("A session", () => {
  it.live("is opened once for all calls, including concurrent ones", () =>
    Effect.gen(function* () {
      const { server, state } = yield* makeApplication
      const upstream = yield* open(server.url, {}, { session: byCookie })
      yield* Effect.all([upstream.get("a", Answer), upstream.get("b", Answer), upstream.send("POST", "c")], {
        concurrency: "unbounded"
      })
      yield* upstream.get("d", Answer)
      assert.strictEqual(state.sessions, 1)
      assert.strictEqual(yield* upstream.calls, 5)
    })
  )

  it.live(
    "that has expired is opened again once, and the call is sent once more, even one that changes something",
    () =>
      Effect.gen(function* () {
        const { end, server, state } = yield* makeApplication
        const upstream = yield* open(server.url, {}, { session: byCookie })
        yield* upstream.get("a", Answer)
        end()
        yield* upstream.send("POST", "delete", { form: { hashes: "a" } })
        assert.deepStrictEqual(urls(server.received), [
          "POST /login",
          "GET /a",
          "POST /delete",
          "POST /login",
          "POST /delete"
        ])
        end()
        yield* Effect.all([upstream.get("b", Answer), upstream.get("c", Answer), upstream.get("d", Answer)], {
          concurrency: "unbounded"
        })
        assert.strictEqual(state.sessions, 3, "who comes second takes the session that the first has opened")
      })
  )

  it.live("that always expires fails with the application's message, and is not opened endlessly", () =>
    Effect.gen(function* () {
      const { server, state } = yield* makeApplication
      const upstream = yield* open(
        server.url,
        {},
        { session: { ...byCookie, hasEnded: ({ status }) => status === 404 } }
      )
      yield* upstream.get("a", Answer)
      state.valid = ""
      expectTag(yield* failureOf(upstream.get("a", Answer)), "UpstreamUnauthorized")
      const never = yield* open(
        server.url,
        {},
        { session: { open: () => Effect.succeed({ cookie: "SID=never-right" }), hasEnded: () => true } }
      )
      const before = server.received.length
      expectTag(yield* failureOf(never.get("a", Answer)), "UpstreamUnauthorized")
      assert.strictEqual(server.received.length - before, 2)
    })
  )

  it.effect("that was refused is not requested again for a minute, unless a person waits", () =>
    Effect.gen(function* () {
      let asked = 0
      const refused = new UpstreamUnauthorized({ integration: "Test", call: "login", detail: "wrong", status: 401 })
      const upstream = yield* open(
        "http://127.0.0.1:9",
        {},
        {
          session: {
            open: () =>
              Effect.andThen(
                Effect.sync(() => void (asked += 1)),
                Effect.fail(refused)
              ),
            hasEnded: () => false
          }
        }
      )
      const ask = Effect.map(failureOf(upstream.get("a", Answer)), (error) => expectTag(error, "UpstreamUnauthorized"))
      for (let time = 0; time < 5; time++) yield* ask
      assert.strictEqual(asked, 1)
      yield* urgently(ask)
      assert.strictEqual(asked, 2)
      yield* TestClock.adjust("61 seconds")
      yield* ask
      assert.strictEqual(asked, 3)
    })
  )

  it.live("may be provided by the refusal itself", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) =>
        request.headers["x-session-id"] === "number-1"
          ? json(response, { id: 1 })
          : json(response, "no session", 409, { "X-Session-Id": "number-1" })
      )
      const upstream = yield* open(
        server.url,
        {},
        {
          session: {
            open: () => Effect.succeed({}),
            hasEnded: ({ status }) => status === 409,
            headersIn: ({ headers }) => {
              const id = headers["x-session-id"]
              return id === undefined ? null : { "x-session-id": id }
            }
          }
        }
      )
      yield* upstream.send("POST", "rpc", { json: {} }, Answer)
      yield* upstream.send("POST", "rpc", { json: {} }, Answer)
      assert.lengthOf(server.received, 3)
    })
  )

  it.live("appears in no error", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) => {
        if (request.url === "/login") return json(response, "Ok.", 200, { "set-cookie": "SID=cookie-s3cret" })
        json(response, { message: `you sent ${request.headers.cookie}, that is cookie-s3cret` }, 400)
      })
      const upstream = yield* open(server.url, {}, { session: byCookie })
      const error = yield* failureOf(upstream.get("a", Answer))
      assert.notInclude(JSON.stringify(error) + error.message, "s3cret")
    })
  )

  it.live("is opened before the final check, which is repeated when the request is sent again", () =>
    Effect.gen(function* () {
      const { end, server } = yield* makeApplication
      const upstream = yield* open(server.url, {}, { session: byCookie })
      const looks: Array<string> = []
      const removed = upstream.send("POST", "delete", { destroys: true }).pipe(
        Effect.provideService(CurrentFinalCheck, {
          whyNot: (destroys) =>
            Effect.sync(() => {
              looks.push(`${destroys} after ${urls(server.received).join()}`)
              return null
            })
        })
      )
      yield* removed
      end()
      yield* removed
      assert.deepStrictEqual(looks, [
        "true after POST /login",
        "true after POST /login,POST /delete",
        "true after POST /login,POST /delete,POST /delete,POST /login"
      ])
    })
  )

  it.live("is never sent to another host", () =>
    Effect.gen(function* () {
      const elsewhere = yield* serve((_, response) => json(response, { id: 1 }))
      const server = yield* serve((request, response) => {
        if (request.url === "/login") return json(response, "Ok.", 200, { "set-cookie": "SID=cookie-s3cret" })
        response.writeHead(302, { location: `${elsewhere.url}/x` })
        response.end()
      })
      const upstream = yield* open(server.url, {}, { session: byCookie })
      yield* failureOf(upstream.get("a", Schema.Unknown))
      assert.lengthOf(elsewhere.received, 0)
    })
  )
})
