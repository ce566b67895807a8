import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Tracer } from "effect"
import { SendTraces } from "../../../src/integrations/Upstream.ts"
import { json, serve } from "../support/LoopbackServer.ts"
import { Answer, open } from "../support/TestClient.ts"

/** A tracer that keeps its spans. */
const collecting = () => {
  const spans: Array<Tracer.Span> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  return { spans, tracer }
}

const headersOfTraces = ["traceparent", "tracestate", "b3", "x-b3-traceid", "baggage"]

describe("Traces of calls", () => {
  it.live("are propagated to applications only if the program enables that", () =>
    Effect.gen(function* () {
      const { tracer } = collecting()
      const server = yield* serve((_, response) => json(response, { id: 1 }))
      const upstream = yield* open(server.url)
      const traced = upstream.get("api", Answer).pipe(Effect.withSpan("whole"), Effect.withTracer(tracer))
      yield* traced
      for (const name of headersOfTraces) assert.notProperty(server.received[0]?.headers, name)
      yield* Effect.provideService(traced, SendTraces, true)
      assert.match(String(server.received[1]?.headers["traceparent"]), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    })
  )

  it.live("contain path and status, also of refused calls, but not the query", () =>
    Effect.gen(function* () {
      const { spans, tracer } = collecting()
      const server = yield* serve((_, response, count) => json(response, { id: 1 }, count === 1 ? 200 : 403))
      const upstream = yield* open(server.url, { retries: 0 }, { query: { apikey: "s3cret" } })
      const call = Effect.exit(upstream.get("api/s3cret/x", Answer, { query: { page: 2 } }))
      yield* Effect.withTracer(Effect.andThen(call, call), tracer)
      const attributesOf = spans
        .filter(({ name }) => name === "Upstream.GET")
        .map(({ attributes }) => Object.fromEntries(attributes))
      assert.deepStrictEqual(
        attributesOf.map((attributes) => attributes["http.response.status_code"]),
        [200, 403]
      )
      for (const attributes of attributesOf) {
        assert.include(attributes, { "http.request.method": "GET", "tendarr.integration": "Test" })
        assert.match(String(attributes["url.path"]), /^\/api\/[^/]+\/x$/)
        assert.notInclude(JSON.stringify(attributes), "s3cret")
      }
      assert.isTrue(spans.every(({ status }) => status._tag === "Ended"))
      assert.isTrue(Option.isNone(spans[0]?.parent ?? Option.none()))
    })
  )
})
