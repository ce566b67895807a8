import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { HttpClient } from "effect/http"
import { collectorClient } from "../../../src/server/Telemetry/CollectorClient.ts"
import { json, serve } from "../../integrations/support/LoopbackServer.ts"
import { until } from "../../integrations/support/TestClient.ts"

describe("The client of a collector", () => {
  it.live("sends at most four requests concurrently, and drops further ones at once", () =>
    Effect.gen(function* () {
      const collector = yield* serve(() => undefined)
      yield* Effect.gen(function* () {
        const client = yield* HttpClient.HttpClient
        const send = client.post(collector.url)
        const waiting = yield* Effect.forEach([1, 2, 3, 4], () => Effect.forkChild(Effect.exit(send)))
        yield* until(() => collector.received.length === 4)
        assert.strictEqual((yield* send).status, 200)
        assert.lengthOf(collector.received, 4)
        yield* Effect.forEach(waiting, Fiber.interrupt)
        yield* until(() => collector.broken.length === 4)
      }).pipe(Effect.provide(collectorClient("Traces", { url: new URL(collector.url), timeoutMillis: 60_000 })))
    })
  )

  it.live("does not send its headers to the target of a redirect", () =>
    Effect.gen(function* () {
      const other = yield* serve((_, response) => json(response, {}))
      const collector = yield* serve((_, response) => response.writeHead(307, { location: other.url }).end())
      yield* Effect.gen(function* () {
        const client = yield* HttpClient.HttpClient
        assert.strictEqual((yield* client.post(collector.url, { headers: { "x-key": "secret" } })).status, 307)
        assert.isEmpty(other.received)
      }).pipe(Effect.provide(collectorClient("Traces", { url: new URL(collector.url), timeoutMillis: 60_000 })))
    })
  )
})
