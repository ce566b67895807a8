/**
 * What the readings of one item have in common. An answer with nothing in it says that the item is gone, so that it must
 * come from the application itself, and must not leave out what could not be read.
 */
import { Effect } from "effect"
import { OddRecords } from "../OddRecords.ts"
import { type UpstreamError, UpstreamMalformed } from "../UpstreamErrors.ts"

/**
 * What `look` finds, or `null` only when the application itself says that it is gone: after a 404 its probe must succeed
 * under the same address, and a second look must find nothing either. A proxy whose application is down also says 404.
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
 * Fails where `read` has left out a record that it could not identify. A list can do without one of its records; of one
 * item it may be the very one, which would seem to be gone. Where all that was asked for is there (`isWhole`), the record was
 * one of a list beside it, and costs no more than in a whole reading.
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
