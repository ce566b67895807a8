/**
 * Shared by the readings of a single item. An empty response means that the item is gone, so it must come from the
 * application itself, and must not omit records that could not be read.
 */
import { Effect } from "effect"
import { OddRecords } from "../OddRecords.ts"
import { type UpstreamError, UpstreamMalformed } from "../UpstreamErrors.ts"

/**
 * The result of `look`, or `null` only if the application itself reports that the item is gone: after a 404, its probe
 * must succeed at the same address, and a second look must find nothing either. A proxy whose application is down also
 * responds with 404.
 */
export const orGone = Effect.fnUntraced(function* <A extends object>(
  look: Effect.Effect<A, UpstreamError>,
  probe: Effect.Effect<unknown, UpstreamError>
): Effect.fn.Return<A | null, UpstreamError> {
  const lookOrNull = look.pipe(
    Effect.map((found): A | null => found),
    Effect.catchTag("UpstreamRefused", (error) => (error.status === 404 ? Effect.succeed(null) : Effect.fail(error)))
  )
  const first = yield* lookOrNull
  if (first !== null) return first
  yield* probe
  return yield* lookOrNull
})

/**
 * Fails if `read` has omitted a record that it could not identify. A list can do without one of its records, but for a
 * single item it may be that very record, so that the item would seem to be gone. If everything that was requested is
 * present (`isWhole`), the record is an unrelated one of the same list, and has the same effect as in a full reading.
 */
export const identified = Effect.fnUntraced(function* <A>(
  integration: string,
  call: string,
  odd: OddRecords,
  read: (odd: OddRecords) => Effect.Effect<A, UpstreamError>,
  isWhole: (value: A) => boolean = () => false
): Effect.fn.Return<A, UpstreamError> {
  const own = new OddRecords()
  const value = yield* read(own)
  for (const { detail, record } of own.told) odd.note(record, detail)
  if (own.unidentified === 0 || isWhole(value)) return value
  const { detail = "", record = "a record" } = own.told[0] ?? {}
  return yield* new UpstreamMalformed({ integration, call, detail: `${record}: ${detail}` })
})
