/** What removal and restore share among the Servarr applications. */
import { Effect, Schema } from "effect"
import type { CameBack } from "../../Kind.ts"
import type { Upstream } from "../../Upstream.ts"
import { type UpstreamError, UpstreamMalformed } from "../../UpstreamErrors.ts"

/** Files of a large item take their time to go, longer when the recycle bin stands on another disk. */
export const deleteMillis = 120_000

/** Anything else never reaches a path. */
export const isNumericId = (externalId: string): boolean => /^[1-9]\d{0,14}$/.test(externalId)

/** The number in an external id. */
export const numericId = (
  externalId: string,
  integration: string,
  call: string
): Effect.Effect<number, UpstreamMalformed> =>
  isNumericId(externalId)
    ? Effect.succeed(Number(externalId))
    : Effect.fail(
        new UpstreamMalformed({ integration, call, detail: `"${externalId}" is not an id of this application` })
      )

/** Reads back what `presence` kept. */
export const decodeRestore = <A>(
  schema: Schema.Codec<A, unknown>,
  restore: unknown,
  integration: string,
  call: string
): Effect.Effect<A, UpstreamMalformed> =>
  Schema.decodeUnknownEffect(schema)(restore).pipe(
    Effect.mapError(
      (error) =>
        new UpstreamMalformed({
          integration,
          call,
          detail: `what was kept of the item is not usable: ${error.message}`
        })
    )
  )

/** The body that adds an item again: what is not known is left out, and the application takes its default. */
export const bodyOf = (kept: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== null && value !== undefined))

/**
 * Starts the search for what is back as `externalId`. A refusal takes nothing of it back, and is told; without any answer it
 * fails, and is asked for again.
 */
export const searchFor = (
  upstream: Upstream,
  api: string,
  externalId: string,
  command: { readonly name: string } & Readonly<Record<string, unknown>>
): Effect.Effect<CameBack, UpstreamError> =>
  upstream.send("POST", `${api}/command`, { json: command }).pipe(
    Effect.as<CameBack>({ externalId }),
    Effect.catchIf(
      (error) => error._tag !== "UpstreamUnreachable",
      (error) => Effect.succeed<CameBack>({ externalId, notSearched: error.message })
    )
  )
