/** Shared by removal and restore in the Servarr applications. */
import { Effect, Schema } from "effect"
import type { CameBack } from "../../Kind.ts"
import type { Upstream } from "../../Upstream.ts"
import { type UpstreamError, UpstreamMalformed } from "../../UpstreamErrors.ts"

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

/** Decodes the restore data that `presence` returned. */
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
          detail: `the stored data of the item is not usable: ${error.message}`
        })
    )
  )

/** The body that adds an item again: unknown fields are omitted, so that the application uses its defaults. */
export const bodyOf = (kept: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== null && value !== undefined))

/**
 * Starts a search for the restored item `externalId`. If the search is refused, the item stays restored and the reason
 * is returned; without any response it fails, and is called again.
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
