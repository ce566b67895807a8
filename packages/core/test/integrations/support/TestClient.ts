/** A client with short delays for tests against a loopback server, and helpers for its failures. */
import { assert } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { KyUpstreamClient, type KyUpstreamClientOptions } from "../../../src/integrations/KyUpstreamClient.ts"
import { type Upstream, UpstreamClient, type UpstreamOptions } from "../../../src/integrations/Upstream.ts"
import type { UpstreamError } from "../../../src/integrations/UpstreamErrors.ts"

export const Answer = Schema.Struct({ id: Schema.Int })

export const quick: Partial<KyUpstreamClientOptions> = { retryBaseMillis: 1, timeoutMillis: 2_000 }

export const open = (
  baseUrl: string,
  changes: Partial<KyUpstreamClientOptions> = {},
  upstream: Partial<UpstreamOptions> = {}
): Effect.Effect<Upstream> =>
  UpstreamClient.use((client) => Effect.sync(() => client.open({ integration: "Test", baseUrl, ...upstream }))).pipe(
    Effect.provide(KyUpstreamClient.layerWith({ ...quick, ...changes }))
  )

export const failureOf = <A>(effect: Effect.Effect<A, UpstreamError>): Effect.Effect<UpstreamError> =>
  Effect.flip(effect).pipe(Effect.orDie)

export const expectTag = <Tag extends UpstreamError["_tag"]>(
  error: UpstreamError,
  tag: Tag
): Extract<UpstreamError, { _tag: Tag }> => {
  assert.strictEqual(error._tag, tag, error.message)
  return error as Extract<UpstreamError, { _tag: Tag }>
}

/** Waits for an event on the other side of a socket. */
export const until = (condition: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => (condition() ? Effect.void : Effect.andThen(Effect.sleep(5), until(condition)))).pipe(
    Effect.timeout(2_000),
    Effect.orDie
  )
