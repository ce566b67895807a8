/** Times on a command line: a point in time, or a duration counted back from now. */
import { Clock, Effect, Option } from "effect"
import { type CommandFailure, misused } from "./Failure.ts"
import { parseSpan } from "./output/Format.ts"

/** `2h` means two hours ago. */
export const pastMoment = (text: string, flag: string): Effect.Effect<string, CommandFailure> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const span = parseSpan(text)
    const millis = span === null ? Date.parse(text) : now - span
    return Number.isNaN(millis)
      ? Effect.fail(misused(`${flag}: "${text}" is not a time; give one such as 2h, 3d or 2026-01-31T18:00:00Z`))
      : Effect.succeed(new Date(millis).toISOString())
  })

/** The query parameters for the given flags. */
export const pastMoments = Effect.fnUntraced(function* (flags: Readonly<Record<string, Option.Option<string>>>) {
  const query: Record<string, string> = {}
  for (const [key, flag] of Object.entries(flags)) {
    if (Option.isSome(flag)) query[key] = yield* pastMoment(flag.value, `--${key}`)
  }
  return query
})
