/**
 * Adds messages of `Effect.log`, from services that a run calls, to the run's log. The logger is installed only in the
 * fibers of that run, so no other messages get there. Since services may log anything, the number of lines is limited,
 * and values that look like credentials are redacted.
 */
import { Cause, Logger, type LogLevel as EffectLogLevel, Predicate, References } from "effect"
import type { LogLevel } from "../Job.ts"

export type Note = (
  at: number,
  level: LogLevel,
  message: string,
  data: Readonly<Record<string, unknown>> | undefined
) => void

export const makeRunLogger = (note: Note, hasEnded: () => boolean): Logger.Logger<unknown, void> => {
  let lines = 0
  return Logger.make(({ cause, date, fiber, logLevel, message }) => {
    const level = levels[logLevel]
    // A fiber that outlives the run must not add to its log.
    if (level === undefined || hasEnded() || lines > maximumLines) return
    lines += 1
    if (lines > maximumLines) return note(date.getTime(), "warning", "Further messages are left out", undefined)
    const { job: _job, run: _run, subject: _subject, ...annotations } = fiber.getRef(References.CurrentLogAnnotations)
    const data = {
      ...Object.fromEntries(Object.entries(annotations).map(([key, value]) => [key, shorten(textOf(value))])),
      ...(cause.reasons.length === 0 ? {} : { cause: shorten(Cause.pretty(cause)) })
    }
    const words = (Array.isArray(message) ? message : [message]).map(textOf).join(" ")
    note(date.getTime(), level, shorten(words), Object.keys(data).length === 0 ? undefined : data)
  })
}

/** Per run; a service in a loop must not fill the disk. */
const maximumLines = 2_000
const maximumLength = 4_000

const levels: Readonly<Partial<Record<EffectLogLevel.LogLevel, LogLevel>>> = {
  Trace: "debug",
  Debug: "debug",
  Info: "info",
  Warn: "warning",
  Error: "error",
  Fatal: "error"
}

const textOf = (value: unknown): string => {
  if (Predicate.isString(value)) return value
  if (value instanceof Error) return value.message
  if (!Predicate.isReadonlyObject(value)) return String(value)
  try {
    return JSON.stringify(value)
  } catch {
    return String(value)
  }
}

const shorten = (text: string): string => {
  const clean = withoutCredentials(text)
  return clean.length > maximumLength ? `${clean.slice(0, maximumLength)}…` : clean
}

const credential =
  /((?:api[-_]?key|token|password|passwd|secret|authorization)["']?\s*[:=]\s*["']?(?:bearer\s+|basic\s+)?)[^\s"'&,;}]+/gi
const userOfAddress = /(\/\/)[^\s/@]+@/g

const withoutCredentials = (text: string): string =>
  text.replaceAll(credential, "$1[redacted]").replaceAll(userOfAddress, "$1[redacted]@")
