/** Builds the test of an operator on a field's value. Everything that can be prepared in advance is prepared here. */
import { type DateTime, Result } from "effect"
import type { FactValue, ViewerPlays } from "../library/Facts.ts"
import { compose, fold } from "../problems/Fold.ts"
import { clockSlackMillis, dayMillis, factMillis } from "../problems/Instants.ts"
import type { Issue } from "../problems/Problem.ts"
import type { Field } from "./Field.ts"
import {
  dayOf,
  type Read,
  readBoolean,
  readCount,
  readDays,
  readEntryOf,
  readInstant,
  readList,
  readNumber,
  readPattern,
  readPeriod,
  readRange,
  readText,
  readViewer,
  type ViewerParams
} from "./Operands.ts"
import type { Operator, OperatorName } from "./Operators.ts"

export type OperandValue = string | number | boolean | ReadonlyArray<string | number>

/** Whether a value satisfies the operator; `null` = unknown for this value (a play without a date). */
export type Test = (value: FactValue, now: number) => boolean | null

export interface Matcher {
  readonly test: Test
  /** The operand as understood. */
  readonly value?: OperandValue
  readonly params?: ViewerParams
}

/** Paths of issues start at the condition: `["value", 1]`, `["params", "days"]`. Days without a time are of the zone. */
export const buildMatcher = (
  field: Field,
  operator: Operator,
  value: unknown,
  params: Readonly<Record<string, unknown>>,
  zone: DateTime.TimeZone
): Result.Result<Matcher, ReadonlyArray<Issue>> => {
  if (field.type === "viewer") return under("params", viewerMatcher(operator, params))
  if (operator.operand === "none") {
    return Result.succeed({ test: operator.name === "isEmpty" ? isEmpty : (given) => !isEmpty(given) })
  }
  return under("value", matcherOf[field.type](field, operator, value, zone))
}

const under = <A>(key: string, read: Read<A>): Read<A> =>
  Result.mapError(read, (issues) => issues.map((issue) => ({ ...issue, path: [key, ...issue.path] })))

/** A number of days represents "never" as infinitely long ago. */
const isEmpty = (value: FactValue): boolean =>
  value === null || value === "" || value === Number.POSITIVE_INFINITY || (Array.isArray(value) && value.length === 0)

type TextTest = (text: string) => boolean

/** The positive form of an operator on one text, and whether the operator is its negation. */
const textTest = (
  operator: Operator,
  value: unknown
): Read<{ readonly core: TextTest; readonly negative: boolean; readonly value: OperandValue }> => {
  switch (operator.name) {
    case "equals":
    case "notEquals":
      return withText(value, (wanted) => (text) => fold(text) === wanted, operator.name === "notEquals")
    case "contains":
    case "notContains":
      return withText(value, (wanted) => (text) => fold(text).includes(wanted), operator.name === "notContains")
    case "startsWith":
      return withText(value, (wanted) => (text) => fold(text).startsWith(wanted))
    case "endsWith":
      return withText(value, (wanted) => (text) => fold(text).endsWith(wanted))
    case "matches":
      return Result.map(readPattern(value), ({ expression, text }) => ({
        core: (given: string) => expression.test(compose(given)),
        negative: false,
        value: text
      }))
    default:
      return Result.map(readList(value, readText), (entries) => {
        const wanted = entries.map(fold)
        const set = new Set(wanted)
        const cores: Partial<Record<Operator["name"], TextTest>> = {
          containsAny: (text) => wanted.some((part) => fold(text).includes(part)),
          containsAll: (text) => wanted.every((part) => fold(text).includes(part))
        }
        return {
          core: cores[operator.name] ?? ((text) => set.has(fold(text))),
          negative: operator.name === "notIn",
          value: entries
        }
      })
  }
}

const withText = (value: unknown, core: (wanted: string) => TextTest, negative = false) =>
  Result.map(readText(value), (text) => ({ core: core(fold(text)), negative, value: text as OperandValue }))

const stringMatcher = (_field: Field, operator: Operator, value: unknown): Read<Matcher> =>
  Result.map(textTest(operator, value), ({ core, negative, value }) => ({
    value,
    test: (given) => (given === null ? negative : typeof given === "string" ? core(given) !== negative : null)
  }))

const stringsMatcher = (_field: Field, operator: Operator, value: unknown): Read<Matcher> => {
  if (operator.operand === "count") {
    return Result.map(readCount(value), (count) => {
      const holds = comparison(operator, count)
      return {
        value: count,
        test: (given) => {
          const texts = textsOf(given)
          return texts === null ? null : holds(texts.length)
        }
      }
    })
  }
  const compares = listComparisons[operator.name]
  if (compares !== undefined) {
    return Result.map(readList(value, readText), (entries) => {
      const wanted = new Set(entries.map(fold))
      return {
        value: entries,
        test: (given) => {
          const texts = textsOf(given)
          return texts === null ? null : compares(new Set(texts.map(fold)), wanted)
        }
      }
    })
  }
  return Result.map(textTest(operator, value), ({ core, negative, value }) => ({
    value,
    test: (given) => {
      const texts = textsOf(given)
      return texts === null ? null : texts.some(core) !== negative
    }
  }))
}

const numberMatcher = (field: Field, operator: Operator, value: unknown): Read<Matcher> => {
  if (operator.name === "between") {
    return Result.map(readRange(value), ([min, max]) => ({
      value: [min, max],
      test: onNumber((given) => given >= min && given <= max, false)
    }))
  }
  if (operator.operand === "list") {
    const negative = operator.name === "notIn"
    return Result.map(readList(value, readEntryOf(field.type)), (entries) => {
      const set = new Set(entries)
      return { value: entries, test: onNumber((given) => set.has(given) !== negative, negative) }
    })
  }
  return Result.map(operator.operand === "days" ? readDays(value) : readNumber(value), (bound) => {
    const holds = comparison(operator, bound)
    // A play with a date in the future may have been recent.
    const isOpen = (given: number) => field.never && operator.name === "inLast" && given < 0
    return {
      value: bound,
      test: onNumber((given) => (isOpen(given) ? null : holds(given)), operator.name === "notEquals")
    }
  })
}

/** Comparisons of the entries of a list with others; texts are folded. */
export const listComparisons: Readonly<
  Partial<Record<OperatorName, (given: ReadonlySet<string>, wanted: ReadonlySet<string>) => boolean>>
> = {
  containsAny: (given, wanted) => [...wanted].some((entry) => given.has(entry)),
  containsAll: (given, wanted) => [...wanted].every((entry) => given.has(entry)),
  sameAs: (given, wanted) => given.size === wanted.size && [...wanted].every((entry) => given.has(entry))
}

export const comparison = ({ name }: Pick<Operator, "name">, bound: number): ((given: number) => boolean) => {
  switch (name) {
    case "notEquals":
    case "countNotEquals":
      return (given) => given !== bound
    case "greaterThan":
    case "countGreaterThan":
    case "overAgo":
      return (given) => given > bound
    case "greaterThanOrEqual":
      return (given) => given >= bound
    case "lessThan":
    case "countLessThan":
      return (given) => given < bound
    case "lessThanOrEqual":
      return (given) => given <= bound
    case "inLast":
      return (given) => given >= 0 && given <= bound
    default:
      return (given) => given === bound
  }
}

const booleanMatcher = (_field: Field, operator: Operator, value: unknown): Read<Matcher> =>
  Result.map(readBoolean(value), (wanted) => {
    const negative = operator.name === "notEquals"
    return {
      value: wanted,
      test: (given) => (given === null ? negative : typeof given === "boolean" ? (given === wanted) !== negative : null)
    }
  })

const dateMatcher = (field: Field, operator: Operator, value: unknown, zone: DateTime.TimeZone): Read<Matcher> => {
  switch (operator.name) {
    case "equals":
    case "notEquals": {
      const negative = operator.name === "notEquals"
      return Result.map(readInstant(value, zone), (instant) => {
        const [start, end] = dayOf(instant, zone)
        return { value: instant.text, test: onDate((given) => (given >= start && given < end) !== negative, negative) }
      })
    }
    case "between":
      return Result.map(readPeriod(value, zone), ([from, to]) => ({
        value: [from.text, to.text],
        test: onDate((given) => given >= from.millis && given <= to.millis, false)
      }))
    case "inLast":
      return Result.map(readDays(value), (days) => ({
        value: days,
        test: onDate((given, now) => (isImpossible(field, given, now) ? null : isWithin(days, given, now)), false)
      }))
    case "inNext":
      return Result.map(readDays(value), (days) => ({
        value: days,
        test: onDate(
          (given, now) => (isImpossible(field, given, now) ? null : given >= now && given <= now + days * dayMillis),
          false
        )
      }))
    case "overAgo":
      return Result.map(readDays(value), (days) => ({
        value: days,
        test: onDate((given, now) => given < now - days * dayMillis, field.never)
      }))
    default: {
      const before = operator.name === "before"
      return Result.map(readInstant(value, zone), ({ millis, text }) => ({
        value: text,
        test: onDate((given) => (before ? given < millis : given > millis), false)
      }))
    }
  }
}

/** A play with a date in the future: when it was is not known. */
const isImpossible = ({ never }: Field, given: number, now: number): boolean => never && given > now + clockSlackMillis

const matcherOf = {
  string: stringMatcher,
  strings: stringsMatcher,
  number: numberMatcher,
  boolean: booleanMatcher,
  date: dateMatcher
} as const

const viewerMatcher = (operator: Operator, params: Readonly<Record<string, unknown>>): Read<Matcher> =>
  Result.map(readViewer(params, figureOf[operator.operand] ?? null), (viewer) => {
    const user = fold(viewer.user)
    const negative = negativeOfViewers.has(operator.name)
    const { count, days, minutes } = viewer
    return {
      params: viewer,
      test: (given, now) => {
        const plays = playsOf(given, user)
        if (plays === null) return null
        const holds = (some: ReadonlyArray<ViewerPlays>): boolean | null => {
          if (count !== undefined) return sumOf(some, (one) => one.plays) >= count !== negative
          if (minutes !== undefined) {
            // Minutes that are not known can only add to the others.
            if (sumOf(some, (one) => one.minutes ?? 0) >= minutes) return !negative
            return some.some((one) => one.minutes === undefined) ? null : negative
          }
          if (days === undefined) return some.length > 0 !== negative
          const dates = some.flatMap(datesOf)
          if (dates.some((date) => date !== null && isWithin(days, date, now))) return !negative
          // Played, but at an unknown time (a date in the future is wrong): it may have been recent.
          return dates.some((date) => date === null || date > now) ? null : negative
        }
        // If others have that name too, the rule may be about any of them.
        const certain = plays.filter((one) => !isAmbiguous(one, user))
        const truth = holds(plays)
        return certain.length === plays.length || holds(certain) === truth ? truth : null
      }
    }
  })

const figureOf: Partial<Record<Operator["operand"], "days" | "count" | "minutes">> = {
  "viewer-days": "days",
  "viewer-count": "count",
  "viewer-minutes": "minutes"
}

/** Operators that hold for somebody who has never played it. */
export const negativeOfViewers: ReadonlySet<OperatorName> = new Set<OperatorName>([
  "neverWatched",
  "notWatchedSince",
  "playedFewerThan",
  "playedMinutesBelow"
])

const sumOf = (plays: ReadonlyArray<ViewerPlays>, figure: (one: ViewerPlays) => number): number =>
  plays.reduce((sum, one) => sum + figure(one), 0)

/** At most that many days ago, and not in the future. */
const isWithin = (days: number, millis: number, now: number): boolean =>
  millis <= now + clockSlackMillis && millis >= now - days * dayMillis

const onNumber =
  (holds: (given: number) => boolean | null, onNone: boolean): Test =>
  (given) =>
    given === null ? onNone : typeof given === "number" ? holds(given) : null

const onDate =
  (holds: (given: number, now: number) => boolean | null, onNone: boolean): Test =>
  (given, now) => {
    if (given === null) return onNone
    const millis = typeof given === "string" ? factMillis(given) : null
    return millis === null ? null : holds(millis, now)
  }

export const textsOf = (given: FactValue): ReadonlyArray<string> | null =>
  given === null ? [] : isList(given) && given.every((entry) => typeof entry === "string") ? given : null

/** Whether other people have this name of a viewer too. */
const isAmbiguous = ({ ambiguous }: ViewerPlays, user: string): boolean =>
  ambiguous?.some((name) => fold(name) === user) === true

/** The plays by people of a name, or `null` if this is not a list of plays. */
const playsOf = (given: FactValue, user: string): ReadonlyArray<ViewerPlays> | null => {
  if (given === null) return []
  if (!isList(given)) return null
  const plays: Array<ViewerPlays> = []
  for (const entry of given) {
    if (typeof entry === "string") return null
    if (
      [entry.user, ...(entry.names ?? [])].some((name) => fold(name) === user) &&
      (entry.plays > 0 || entry.lastPlayedAt !== null)
    )
      plays.push(entry)
  }
  return plays
}

/** When a person last played it; `null` = one of their plays has no date. */
const datesOf = ({ lastPlayedAt, undated }: ViewerPlays): ReadonlyArray<number | null> => [
  lastPlayedAt === null ? null : factMillis(lastPlayedAt),
  ...(undated === true ? [null] : [])
]

const isList = (given: FactValue): given is ReadonlyArray<string> | ReadonlyArray<ViewerPlays> => Array.isArray(given)
