/** Values in the products' APIs: ids as numbers, optional bodies, lists in one text. */
import { Effect, Schema } from "effect"

/** Our ids are numbers as texts. */
export const numberOf = (id: string): number => Number(id)

/** An id in a path. */
export const IdInPath = Schema.String.check(Schema.isPattern(/^\d{1,15}$/, { message: "must be a number" })).annotate({
  description: "A number."
})

/** An id in a body: a number, or a number as a text. */
export const IdInBody = Schema.Union([Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)), IdInPath])

export const idText = (id: number | string): string => String(id)

/** A body that may be absent, empty or `null`. Only a schema of its own for `null` admits an empty body. */
export const optionalBody = <S extends Schema.Constraint>(body: S) => [Schema.Null, body] as const

/** `a, b` as a list without empty entries. */
export const namesIn = (text: string | undefined): ReadonlyArray<string> =>
  (text ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")

/**
 * The failures of a service as the mount formats them. An HttpApi would have to declare each of them for each endpoint,
 * although the body is the same for all.
 */
export const refusing = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, never, R> => Effect.orDie(effect)

/** The nearest number within bounds, for products that take what is beyond them for the bound. */
export const clamped = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value))
