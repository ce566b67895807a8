import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { HostResolver } from "../../../src/integrations/KyUpstreamClient/AddressGuard.ts"
import { KyUpstreamClient } from "../../../src/integrations/KyUpstreamClient.ts"
import { UpstreamClient } from "../../../src/integrations/Upstream.ts"
import { json, redirect, serve } from "../support/LoopbackServer.ts"
import { Answer, expectTag, failureOf, open, quick } from "../support/TestClient.ts"

describe("The address guard", () => {
  const resolving = (addresses: Record<string, ReadonlyArray<string>>) =>
    Layer.succeed(HostResolver, (host) =>
      addresses[host] === undefined ? Effect.fail(`${host} cannot be resolved`) : Effect.succeed(addresses[host])
    )
  const openWith = (baseUrl: string, addresses: Record<string, ReadonlyArray<string>>) =>
    UpstreamClient.use((client) => Effect.sync(() => client.open({ integration: "Test", baseUrl }))).pipe(
      Effect.provide(KyUpstreamClient.layerWith({ ...quick, retries: 0 }).pipe(Layer.provide(resolving(addresses))))
    )

  const forbidden: ReadonlyArray<[name: string, url: string, addresses: Record<string, ReadonlyArray<string>>]> = [
    ["a link-local address", "http://169.254.10.1/", {}],
    ["the metadata address", "http://169.254.169.254/latest", {}],
    ["the metadata address as one number", "http://2852039166/", {}],
    ["the metadata address within IPv6", "http://[::ffff:169.254.169.254]/", {}],
    ["the metadata address through NAT64", "http://[64:ff9b::a9fe:a9fe]/", {}],
    ["the metadata address over IPv6", "http://[fd00:ec2::254]/", {}],
    ["another cloud's metadata address", "http://100.100.100.200/", {}],
    ["a metadata name", "http://metadata.google.internal/", { "metadata.google.internal": ["10.0.0.1"] }],
    ["a link-local IPv6 address", "http://[fe80::1]/", {}],
    ["the unspecified address", "http://0.0.0.0/", {}],
    ["the unspecified IPv6 address", "http://[::]/", {}],
    ["a multicast address", "http://224.0.0.251/", {}],
    ["a multicast IPv6 address", "http://[ff02::1]/", {}],
    ["a name that leads to a link-local address", "http://nas.example/", { "nas.example": ["169.254.1.1"] }],
    ["a name of which one address is out of bounds", "http://nas.example/", { "nas.example": ["10.0.0.5", "fe80::1"] }]
  ]
  for (const [name, url, addresses] of forbidden) {
    it.live(`refuses ${name}`, () =>
      Effect.gen(function* () {
        const upstream = yield* openWith(url, addresses)
        const error = expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamUnreachable")
        assert.include(error.detail, "never called")
        assert.strictEqual(yield* upstream.calls, 0)
      })
    )
  }

  it.live("allows loopback and private networks", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => json(response, { id: 1 }))
      const upstream = yield* openWith(`http://localhost:${server.port}`, { localhost: ["127.0.0.1", "192.168.1.2"] })
      assert.deepStrictEqual(yield* upstream.get("x", Answer), { id: 1 })
    })
  )

  it.live("checks each redirect", () =>
    Effect.gen(function* () {
      let looks = 0
      const server = yield* serve((request, response, count) =>
        count === 1 ? redirect(response, `${request.url}/again`) : json(response, { id: 1 })
      )
      const rebinding = Layer.succeed(HostResolver, () =>
        Effect.sync(() => {
          looks += 1
          return looks === 1 ? ["127.0.0.1"] : ["169.254.169.254"]
        })
      )
      const upstream = yield* UpstreamClient.use((client) =>
        Effect.sync(() => client.open({ integration: "Test", baseUrl: `http://localhost:${server.port}` }))
      ).pipe(Effect.provide(KyUpstreamClient.layerWith({ ...quick, retries: 0 }).pipe(Layer.provide(rebinding))))
      expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamUnreachable")
      assert.strictEqual(server.received.length, 1)
    })
  )

  it.live("refuses an address without retries, and does not open the circuit", () =>
    Effect.gen(function* () {
      const upstream = yield* open("http://169.254.169.254/", { circuitFailures: 1, circuitMillis: 60_000 })
      for (let turn = 0; turn < 3; turn += 1) {
        const error = expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamUnreachable")
        assert.include(error.detail, "never called")
      }
    })
  )
})
