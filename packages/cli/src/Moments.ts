/** Times as people give them on a command line: a moment, or a span counted from now. */
import { Clock, Effect, Option } from "effect"
import { type CommandFailure, misused } from "./Failure.ts"
import { parseSpan } from "./output/Format.ts"

/** `2h` is two hours ago. */
export const pastMoment = (text: string, flag: string): Effect.Effect<string, CommandFailure> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const span = parseSpan(text)
    const millis = span === null ? Date.parse(text) : now - span
    return Number.isNaN(millis)
      ? Effect.fail(misused(`${flag}: "${text}" is no time; give one such as 2h, 3d or 2026-01-31T18:00:00Z`))
      : Effect.succeed(new Date(millis).toISOString())
  })

/** The keys of a query for the flags that were given. */
export const pastMoments = Effect.fnUntraced(function* (flags: Readonly<Record<string, Option.Option<string>>>) {
  const query: Record<string, string> = {}
  for (const [key, flag] of Object.entries(flags)) {
    if (Option.isSome(flag)) query[key] = yield* pastMoment(flag.value, `--${key}`)
  }
  return query
})
