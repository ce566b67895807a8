/** Points in time: read from people and requests as ISO-8601, never with a zone that must be guessed, and written as UTC. */
import { Clock, DateTime, Effect, Schema } from "effect"
import { invalidField, type InvalidRequest } from "./Problem.ts"

/** One day in milliseconds. */
export const dayMillis = 86_400_000

/**
 * A date that is in the future by no more than this counts as now: the clocks of two machines are never quite equal.
 */
export const clockSlackMillis = 10 * 60_000

/**
 * Epoch milliseconds of `2026-01-31` (midnight UTC) or of a date with a time and a zone (`2026-01-31T12:00:00Z`,
 * `…T12:00:00.250+02:00`), or `null` if the text is neither, or names a day that does not exist in the calendar.
 */
export const parseInstant = (text: string): number | null => {
  const match = pattern.exec(text.trim())
  if (match === null) return null
  const [, date = "", time, seconds = ":00", fraction = "", zone] = match
  const midnight = Date.parse(`${date}T00:00:00.000Z`)
  // Date.parse reads "2026-02-30" as 2 March.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== date) return null
  if (time === undefined) return midnight
  const millis = Date.parse(`${date}T${time}${seconds}${fraction.slice(0, 4)}${zone?.toUpperCase()}`)
  return Number.isNaN(millis) ? null : millis
}

/** A time that `IsoTime` has accepted, as UTC with milliseconds. */
export const isoOf = (text: string): string => isoOfMillis(parseInstant(text) ?? Number.NaN)

/**
 * Epoch milliseconds as UTC with milliseconds. Not by `DateTime`, which takes over half as long again: a sync writes several
 * times per item.
 */
export const isoOfMillis = (millis: number): string => new Date(millis).toISOString()

/** The moment, as it is stored and answered: UTC with milliseconds. */
export const nowIso: Effect.Effect<string> = Effect.map(DateTime.now, DateTime.formatIso)

/** Epoch milliseconds of the date in a fact, or `null` if it cannot be parsed. */
export const factMillis = (value: string): number | null => {
  const millis = Date.parse(value)
  return Number.isNaN(millis) ? null : millis
}

/** A date (1), then optionally hours and minutes (2), seconds (3), their fraction (4) and a zone (5). */
const pattern = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2})(:\d{2})?(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2}))?$/

const unreadable = "must be an ISO-8601 date, or a time with its zone: 2026-01-31T12:00:00Z"

/** A time in a request. `isoOf` converts it to the form that is stored and returned. */
export const IsoTime = Schema.String.check(
  Schema.makeFilter((text: string) => (parseInstant(text) === null ? unreadable : undefined)),
  Schema.isMaxLength(40)
)

/** A time in a query, as UTC with milliseconds. `name` is the name of the parameter. */
export const instantOf = (name: string, text: string): Effect.Effect<string, InvalidRequest> => {
  const millis = parseInstant(text)
  return millis === null ? Effect.fail(invalidField(["query", name], unreadable)) : Effect.succeed(isoOfMillis(millis))
}

/** A time that must be in the future, as UTC with milliseconds. `field` is its name in the request's body. */
export const comingInstant = (field: string, text: string): Effect.Effect<string, InvalidRequest> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const millis = parseInstant(text)
    if (millis === null) return Effect.fail(invalidField(["payload", field], unreadable))
    return millis > now
      ? Effect.succeed(isoOfMillis(millis))
      : Effect.fail(invalidField(["payload", field], "is in the past"))
  })

/**
 * Milliseconds of a monotonic clock, from an arbitrary origin: for waits, which must not change when the clock is set.
 */
export const passedMillis: Effect.Effect<number> = Effect.map(Clock.monotonicTimeNanos, (nanos) =>
  Number(nanos / 1_000_000n)
)
