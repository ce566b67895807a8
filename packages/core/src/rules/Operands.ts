/**
 * Decodes and checks operands: texts, numbers, lists, ranges, patterns, days, points in time and people. Numbers and
 * booleans may be given as text (`"90"`, `"true"`), as some applications store them.
 */
import { DateTime, Result } from "effect"
import { RE2JS, RE2JSException, RE2JSSyntaxException } from "re2js"
import { compose, fold } from "../problems/Fold.ts"
import type { Issue } from "../problems/Problem.ts"
import type { FieldType } from "../library/Facts/Definition.ts"
import { dayMillis, isoOfMillis, parseInstant } from "../problems/Instants.ts"
import { costliestPattern, patternCost } from "./PatternCost.ts"

export const longestText = 2_000
export const longestList = 1_000
export const longestPattern = 1_000

/** A checked operand, or its issues; paths start at the operand. */
export type Read<A> = Result.Result<A, ReadonlyArray<Issue>>

/** A non-empty text: an empty one would be contained in everything. */
export const readText = (value: unknown): Read<string> => {
  if (typeof value !== "string") return wrong(`a text is needed, not ${nameOf(value)}`)
  if (value === "") return wrong("the text is empty; isEmpty asks for what has no value")
  if (value.length > longestText) return wrong(`the text has more than ${longestText} characters`)
  return Result.succeed(compose(value))
}

export const readNumber = (value: unknown): Read<number> => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value
  return typeof number === "number" && Number.isFinite(number)
    ? Result.succeed(number)
    : wrong(`a number is needed, not ${nameOf(value)}`)
}

export const readBoolean = (value: unknown): Read<boolean> => {
  if (typeof value === "boolean") return Result.succeed(value)
  const text = typeof value === "string" ? fold(value.trim()) : ""
  return text === "true" || text === "false"
    ? Result.succeed(text === "true")
    : wrong(`true or false is needed, not ${nameOf(value)}`)
}

export const readDays = (value: unknown): Read<number> =>
  Result.flatMap(readNumber(value), (days) =>
    days >= 0 ? Result.succeed(days) : wrong("the number of days must not be negative")
  )

/** The zone of days where none is set. */
export const utc: DateTime.TimeZone = DateTime.zoneMakeOffset(0)

/** A number of entries of a list. */
export const readCount = (value: unknown): Read<number> =>
  Result.flatMap(readNumber(value), (count) =>
    Number.isInteger(count) && count >= 0 ? Result.succeed(count) : wrong("the number of entries must be whole, from 0")
  )

/** A point in time, as the given text and in epoch milliseconds; a day without a time begins at midnight in the zone. */
export const readInstant = (value: unknown, zone: DateTime.TimeZone): Read<Instant> => {
  const millis = typeof value === "string" ? parseInstant(value) : null
  if (millis === null) return wrong("a date is needed: 2026-01-31, or with a time and a zone 2026-01-31T12:00:00Z")
  const text = String(value).trim()
  return Result.succeed({ text, millis: isDay(text) ? startOfDay(text, zone) : millis })
}

/** The first millisecond of a day, and that of the next one. */
export const dayOf = ({ millis, text }: Instant, zone: DateTime.TimeZone): readonly [number, number] => {
  const day = isDay(text) ? text : DateTime.formatIsoDate(DateTime.setZone(DateTime.makeUnsafe(millis), zone))
  return [startOfDay(day, zone), startOfDay(nextDay(day), zone)]
}

const isDay = (text: string): boolean => text.length === 10

const nextDay = (day: string): string => isoOfMillis(Date.parse(`${day}T00:00:00Z`) + dayMillis).slice(0, 10)

/** Where the clocks skip midnight, the first moment after it. */
const startOfDay = (day: string, zone: DateTime.TimeZone): number =>
  DateTime.toEpochMillis(
    DateTime.makeZonedUnsafe(`${day}T00:00:00Z`, {
      timeZone: zone,
      adjustForTimeZone: true,
      disambiguation: "compatible"
    })
  )
export interface Instant {
  readonly text: string
  readonly millis: number
}

/** A list with at least one entry: `notIn []` would hold for everything. */
export const readList = <A>(value: unknown, readEntry: (entry: unknown) => Read<A>): Read<ReadonlyArray<A>> => {
  if (!Array.isArray(value)) return wrong(`a list is needed, not ${nameOf(value)}`)
  if (value.length === 0) return wrong("the list is empty")
  if (value.length > longestList) return wrong(`the list has more than ${longestList} entries`)
  const entries: Array<A> = []
  const issues: Array<Issue> = []
  for (const [index, entry] of value.entries()) {
    const read = readEntry(entry)
    if (Result.isSuccess(read)) entries.push(read.success)
    else issues.push(...read.failure.map((issue) => ({ ...issue, path: [index, ...issue.path] })))
  }
  return issues.length === 0 ? Result.succeed(entries) : Result.fail(issues)
}

/** `[min, max]` of numbers. */
export const readRange = (value: unknown): Read<readonly [number, number]> =>
  readPair(value, readNumber, (bound) => bound)

/**
 * `[from, to]` of dates. A last day without a time is included completely: `to.millis` is then its last millisecond.
 */
export const readPeriod = (value: unknown, zone: DateTime.TimeZone): Read<readonly [Instant, Instant]> =>
  Result.map(
    readPair(
      value,
      (bound) => readInstant(bound, zone),
      (bound) => bound.millis
    ),
    ([from, to]) => [from, isDay(to.text) ? { ...to, millis: dayOf(to, zone)[1] - 1 } : to]
  )

/** A pattern in RE2 syntax, which always matches in linear time. */
export const readPattern = (value: unknown): Read<Pattern> => {
  if (typeof value !== "string" || value === "") return wrong("a regular expression is needed")
  if (value.length > longestPattern) {
    return wrong(`the regular expression has more than ${longestPattern} characters`)
  }
  const text = compose(value)
  if (patternCost(text) > costliestPattern) return wrong("the repetitions of the regular expression are too large")
  return Result.try({
    try: () => ({ text, expression: RE2JS.compile(text, RE2JS.CASE_INSENSITIVE) }),
    catch: (error) => [{ path: [], message: patternFault(text, error) }]
  })
}
export interface Pattern {
  readonly text: string
  readonly expression: RE2JS
}

export interface ViewerParams {
  readonly user: string
  readonly days?: number
  readonly count?: number
  readonly minutes?: number
}

/** A person by name, with the number that the operator needs, if any. */
export const readViewer = (
  params: Readonly<Record<string, unknown>>,
  figure: "days" | "count" | "minutes" | null
): Read<ViewerParams> => {
  const user = at("user", readText(params["user"] ?? params["username"]))
  if (figure === null) return Result.map(user, (name) => ({ user: name }))
  const number = at(figure, figuresOfViewers[figure](params[figure]))
  if (Result.isSuccess(user) && Result.isSuccess(number)) {
    return Result.succeed({ user: user.success, [figure]: number.success })
  }
  return Result.fail([
    ...(Result.isFailure(user) ? user.failure : []),
    ...(Result.isFailure(number) ? number.failure : [])
  ])
}

/** At least 0 would hold for everybody, and fewer than 0 for nobody. */
const readPositive =
  (what: string) =>
  (value: unknown): Read<number> =>
    Result.flatMap(readNumber(value), (number) =>
      number > 0 ? Result.succeed(number) : wrong(`the number of ${what} must be above 0`)
    )

/** One entry of a list for a field of this type. */
export const readEntryOf = (type: FieldType): ((entry: unknown) => Read<string | number>) =>
  type === "number" ? readNumber : readText

const wrong = (message: string): Result.Result<never, ReadonlyArray<Issue>> => Result.fail([{ path: [], message }])

const at = <A>(key: string, read: Read<A>): Read<A> =>
  Result.mapError(read, (issues) => issues.map((issue) => ({ ...issue, path: [key, ...issue.path] })))

const readPair = <A>(
  value: unknown,
  readBound: (entry: unknown) => Read<A>,
  order: (bound: A) => number
): Read<readonly [A, A]> => {
  if (!Array.isArray(value) || value.length !== 2) return wrong("[min, max] is needed")
  return Result.flatMap(readList(value, readBound), ([min, max]) =>
    min !== undefined && max !== undefined && order(min) <= order(max)
      ? Result.succeed([min, max] as const)
      : wrong("the first value must not be greater than the second")
  )
}

const figuresOfViewers = { days: readDays, count: readPositive("plays"), minutes: readPositive("minutes") } as const

const nameOf = (value: unknown): string => {
  if (value === undefined || value === null) return "nothing"
  if (Array.isArray(value)) return "a list"
  if (typeof value === "string") return value === "" ? "an empty text" : `the text "${value.slice(0, 40)}"`
  return typeof value === "object" ? "an object" : `${typeof value} ${String(value)}`
}

/** The engine names the offending part; if that part occurs only once, its position is known. */
const patternFault = (pattern: string, error: unknown): string => {
  if (error instanceof RE2JSSyntaxException) {
    const part = error.getPattern()
    const position = part === null ? -1 : pattern.indexOf(part)
    const placed = position >= 0 && pattern.indexOf(part!, position + 1) === -1
    const what = part === null || !pattern.includes(part) ? "" : `: ${part}`
    return `the regular expression is wrong${placed ? ` at character ${position + 1}` : ""}: ${error.getDescription()}${what}`
  }
  if (error instanceof RE2JSException) return `the regular expression cannot be used: ${error.message}`
  throw error
}
